"""What may be wrong with a truth that no reading brings near its pair, as a question with readings to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from depth_demo.formats.encodings import ENCODINGS
from depth_demo.formats.evidence import MIN_POINTS, SAME_SCALE, Evidence, Opinion, Steps
from depth_demo.formats.readings import Choice, Reading, Turn
from depth_demo.geometry import DepthKind

LEAD = 0.15  # share of the points by which another reading must be better
MAX_CHOICES = 3
MAX_LABELS = 64
LIKE_A_PICTURE = 0.9  # correlation with the grey values of the view
USUAL_SCALES = (
    0.3048**-1,
    0.0254**-1,
    *(2.0**power for power in range(3, 17)),
    *(n * 10.0**p for n in (1, 2, 5) for p in range(5)),
)
SAME_NUMBER = 0.015  # by which a measured scale may differ from a usual one
MOVES = (4, 8, 16, 32)  # steps of the coarse match
AT_EDGES = 60  # points where a moved truth differs, at least


@dataclass(frozen=True, slots=True)
class Question:
    """A doubt about how a truth file was read.

    Attributes:
        text: What is doubted and why, in sentences.
        choices: Readings to choose from, the likeliest first; empty where none fits.
    """

    text: str
    choices: tuple[Choice, ...] = ()


def misread(better: Sequence[Opinion], own: Opinion) -> Question | None:
    """Ask about readings that fit better; None where there are none."""
    if not better:
        return None
    text = f"The truth was read as {own.words}. Another reading fits better: {better[0].words}."
    return Question(text, tuple(other.reading.choice() for other in better[:MAX_CHOICES]))


def turned(left: Evidence, right: Evidence, own: Opinion) -> Question | None:
    """Ask about a truth that fits turned over, or as the right view's; None if none does."""
    as_it_stands, enough = f"{100 * own.share:.0f} %", own.share + LEAD
    kinds = (own.reading, *(Reading(ENCODINGS["raw"], kind) for kind in DepthKind if kind.unit))
    turns: tuple[Turn, ...] = ("upside down", "mirrored", "turned by 180 degrees")
    for turn in turns:
        over = left.turned(turn)
        best = _clear(over, kinds, enough)
        if best:
            return Question(
                f"The truth is {turn}: turned back, the pair agrees on {best.numbers}, as it stands on {as_it_stands}. "
                "Save it the right way round."
            )
    best = _clear(right, (*kinds, Reading(replace(ENCODINGS["middlebury"], scale=-1.0), DepthKind.DISPARITY)), enough)
    return _of_the_right_view(f"{best.numbers}, the left one on {as_it_stands}") if best else None


def _clear(evidence: Evidence, readings: Sequence[Reading], enough: float) -> Opinion | None:
    opinions = (evidence.opinion(reading) for reading in readings)
    return next((opinion for opinion in opinions if opinion and opinion.is_clear and opinion.share >= enough), None)


def _of_the_right_view(agreed: str) -> Question:
    return Question(
        f"This looks like the truth of the right view: that view agrees on {agreed}. "
        "Choose the file of the left view (disp0, disp1 or disp2)."
    )


def displaced(left: Evidence, own: Opinion) -> Question | None:
    """Ask about a truth that fits better at another place: that of the right view, or moved by some pixels.

    Only the points tell where the truth here and the truth there differ, as near the edges of objects.
    """
    step, shown = left.points.step_px, left.points.disparity
    as_right = _fits_there(left, own.reading, 0, -np.rint(shown).astype(np.intp))
    if as_right:
        return _of_the_right_view(as_right)
    moves = [round(sign * move * step) for move in MOVES for sign in (1, -1)]
    for words, rows, columns in [(("to the left", "to the right"), 0, move) for move in moves] + [
        (("up", "down"), move, 0) for move in moves
    ]:
        told = _fits_there(left, own.reading, rows, columns)
        if told:
            return Question(
                f"The truth fits better if it is moved by about {abs(rows + columns)} px {words[rows + columns < 0]}: "
                f"the pair then agrees on {told}. Is it of another frame?"
            )
    return None


def _fits_there(left: Evidence, reading: Reading, down: int, right: Steps) -> str:
    """Return in words how much better the truth fits there than here; "" if it does not."""
    here, there = left.disparity(reading), left.disparity(reading, down, right)
    if here is None or there is None:
        return ""
    shown, near = left.points.disparity, np.maximum(left.points.step_px, 0.04 * np.abs(left.points.disparity))
    with np.errstate(invalid="ignore"):
        differ = np.abs(here - there) > 3 * near
        fit_here, fit_there = (np.count_nonzero(differ & (np.abs(one - shown) <= near)) for one in (here, there))
    if fit_there < AT_EDGES or fit_there < 2 * fit_here:
        return ""
    count = np.count_nonzero(differ)
    return f"{100 * fit_there / count:.0f} % of {count:,} points near edges, as it stands on {100 * fit_here / count:.0f} %"


def out_of_scale(evidence: Evidence, usual: Reading) -> Question | None:
    """Ask about a truth that fits once it is multiplied by one number, as disparity or as depth, or also shifted."""
    kinds = sorted((DepthKind.DISPARITY, DepthKind.METRIC_DEPTH), key=lambda kind: kind is not usual.kind)
    readings = [replace(usual, kind=kind, along_ray=kind is usual.kind and usual.along_ray) for kind in kinds]
    for opinion in map(evidence.opinion, readings):
        scaled = opinion and evidence.scaled(opinion)
        if opinion and scaled and scaled.is_clear and opinion.factor > 0 and abs(opinion.factor - 1) > SAME_SCALE:
            return _about_scale(opinion, scaled)
    for reading in readings:
        if reading.kind is DepthKind.DISPARITY and (fitted := evidence.fitted(reading)) and fitted[0].is_clear:
            return _about_shift(evidence, *fitted)
    return None


def _about_shift(evidence: Evidence, fitted: Opinion, factor: float, shift: float) -> Question | None:
    step, camera = evidence.points.step_px, evidence.pair.calibration
    if abs(factor - 1) > SAME_SCALE:
        return Question(
            f"The truth agrees on {fitted.numbers}, but only once it is scaled and shifted: it is about {factor:.3g} times "
            f"the disparity, and {shift:+.3g}. It seems to be normalised, and has neither px nor m."
        )
    if abs(shift) <= step:
        return None
    doffs = camera.doffs_px if camera else 0.0
    forgotten = f" That is doffs of the calibration, {doffs:g} px." if doffs and abs(abs(shift) - abs(doffs)) <= step else ""
    return Question(
        f"All disparities are about {abs(shift):.3g} px too {'large' if shift > 0 else 'small'}: without that the pair agrees "
        f"on {fitted.numbers}.{forgotten} Save the truth in pixels of these views."
    )


def without_camera(evidence: Evidence, usual: Reading) -> Question | None:
    """Ask about depth that cannot be checked, as the camera is not known."""
    if usual.kind is DepthKind.DISPARITY:
        return None
    as_disparity = evidence.opinion(replace(usual, kind=DepthKind.DISPARITY, along_ray=False))
    scaled = as_disparity and evidence.scaled(as_disparity)
    if as_disparity and scaled and scaled.is_clear and as_disparity.factor > 0:
        return Question(
            f"This is read as depth, but it grows where the pair's disparity grows, on {scaled.numbers}. "
            "Is it disparity or inverse depth?",
            (as_disparity.reading.choice(),),
        )
    return None


def _about_scale(opinion: Opinion, scaled: Opinion) -> Question:
    reading, encoding = opinion.reading, opinion.reading.encoding
    times = 1 / opinion.factor if reading.kind is DepthKind.METRIC_DEPTH else opinion.factor
    text = (
        f"The truth is about {times:.3g} times the {reading.kind.value} that the pair shows on {scaled.numbers}. "
        "Is the stored value per px or m right?"
    )
    if encoding.convert or encoding.offset or encoding.scale is None:
        return Question(text)
    kept = replace(ENCODINGS["middlebury"], scale=_usual(encoding.scale * times))
    return Question(text, (replace(reading, encoding=kept).choice(),))


def _usual(scale: float) -> float:
    """Return the usual scale that a measured one is near to, else the measured one to four digits."""
    nearest = min(USUAL_SCALES, key=lambda usual: abs(usual / scale - 1))
    return float(f"{nearest:.6g}") if abs(nearest / scale - 1) <= SAME_NUMBER else float(f"{scale:.4g}")


def of_another_scene(evidence: Evidence, own: Opinion) -> Question:
    """Ask about a truth that no reading brings near the pair."""
    return Question(f"{_what_it_looks_like(evidence)} It was read as {own.words}.")


def _what_it_looks_like(evidence: Evidence) -> str:
    """Say what a truth may be that no reading brings near the pair."""
    numbers, points = evidence.sample()[0], evidence.points
    grey = cv2.cvtColor(evidence.pair.left, cv2.COLOR_RGB2GRAY)[points.rows, points.columns].astype(np.float64)
    first = (numbers if numbers.ndim == 1 else numbers[:, 1]).astype(np.float64)
    known = np.isfinite(first)
    if np.count_nonzero(known) > MIN_POINTS and np.ptp(first[known]) > 0:
        alike = np.corrcoef(first[known], grey[known])[0, 1]
        if alike > LIKE_A_PICTURE:
            return "The truth looks like the left view itself, not like its depth."
    distinct = np.unique(first[known]).size
    if distinct == 1:
        return "The truth is the same everywhere, which this scene is not."
    if evidence.stored.dtype.kind in "ui" and distinct <= MAX_LABELS:
        return f"The truth looks like a mask or a map of labels: it has {distinct} different numbers."
    return "The truth does not resemble what the pair shows. Is it of another scene, or in an encoding that is not known here?"
