"""What may be wrong with a truth that no reading brings near its pair, as a question with readings to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.edges import better_place
from depth_demo.formats.encodings import ENCODINGS
from depth_demo.formats.evidence import MIN_POINTS, SAME_SCALE, Evidence, Opinion, Steps
from depth_demo.formats.readings import Choice, Reading, Turn, other_readings
from depth_demo.geometry import Calibration, DepthKind

LEAD = 0.15  # share of the points by which another reading must be better
MAX_CHOICES = 3
MAX_LABELS = 64
LIKE_A_PICTURE = 0.9  # correlation with the grey values of the view
USUAL_SCALES = (
    0.3048**-1,
    0.0254**-1,
    *(2.0**power for power in range(3, 17)),
    *(n * 10.0**p for n in (1, 2, 5) for p in range(-3, 5)),
)
SAME_NUMBER = 0.015  # by which a measured scale may differ from a usual one
MOVES = (8, 12, 20, 32)  # steps of the coarse match, which is wrong by a few at edges
GAIN = 0.05  # share of all points by which a moved truth must be better
OFF = 0.3  # share of the points above which a reading is not shifted, but badly matched
NEARLY = 1.9  # steps of the coarse match
WIDE_ENOUGH = 200  # px; at the edges of smaller views the match is often wrong
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
    kinds = (own.reading, *other_readings(left.stored, left.pair.left.shape[1], larger=False))
    turns: tuple[Turn, ...] = ("upside down", "mirrored", "turned by 180 degrees")
    for turn in turns:
        over = left.turned(turn)
        best = _clear(over, kinds, enough, own.count / 2)
        if best:
            return Question(
                f"The truth is {turn}: turned back, the pair agrees on {best.numbers}, as it stands on {as_it_stands}. "
                "Save it the right way round."
            )
    best = _clear(right, kinds, enough, own.count / 2)
    return _of_the_right_view(f"{best.numbers}, the left one on {as_it_stands}") if best else None


def _clear(evidence: Evidence, readings: Sequence[Reading], enough: float, count: float) -> Opinion | None:
    opinions = (evidence.opinion(reading) for reading in readings)
    return next(
        (
            opinion
            for opinion in opinions
            if opinion and opinion.is_clear and opinion.share >= enough and opinion.count >= count
        ),
        None,
    )


def _of_the_right_view(agreed: str) -> Question:
    return Question(
        f"This looks like the truth of the right view: that view agrees on {agreed}. "
        "Choose the file of the left view (disp0, disp1 or disp2)."
    )


def displaced(left: Evidence, own: Opinion) -> Question | None:
    """Ask about a truth that fits better at another place: that of the right view, or moved by some pixels.

    Only the points tell where the truth here and the truth there differ, as near the edges of objects.
    """
    here, shown = left.disparity(own.reading), left.points.disparity
    if here is None or left.pair.left.shape[1] < WIDE_ENOUGH:
        return None
    as_right = _fit_there(left, own.reading, here, 0, -np.rint(shown).astype(np.intp))
    if as_right:
        return _of_the_right_view(as_right.numbers)
    steps = [round(sign * move * left.points.step_px) for move in MOVES for sign in (1, -1)]
    moves = [(0, step) for step in steps] + [(step, 0) for step in steps]
    fits = [(fit, down, right) for down, right in moves if (fit := _fit_there(left, own.reading, here, down, right))]
    fits = [fit for fit in fits if fit[0].gain > GAIN * own.count]
    if not fits:
        return _moved_a_little(left, own)
    best, down, right = max(fits, key=lambda fit: fit[0].gain)
    return Question(
        f"The truth fits better if it is moved by about {_way(down, right)}: "
        f"the pair then agrees on {best.numbers}. Is it of another frame?"
    )


def _moved_a_little(left: Evidence, own: Opinion) -> Question | None:
    """Ask about a truth whose edges lie a few pixels beside those of the pictures."""
    move = better_place(left, own.reading)
    if move is None:
        return None
    return Question(
        f"The truth fits better if it is moved by about {_way(move.down, move.right)}: of {move.better + move.worse:,} points "
        f"near edges, {move.better:,} then look more alike in both views, and {move.worse:,} less. "
        "Was it cropped or resized in another way than the views, or is it of another frame?"
    )


def _way(down: int, right: int) -> str:
    where = ("down" if down < 0 else "up") if down else ("to the right" if right < 0 else "to the left")
    return f"{abs(down + right)} px {where}"


@dataclass(frozen=True, slots=True)
class _Fit:
    """How much better a truth fits at another place.

    Attributes:
        count: How many points tell both places apart.
        here, there: How many of them agree.
        gain: How many more agree there than here, of all points that have a value in both places.
    """

    count: int
    here: int
    there: int
    gain: int

    @property
    def numbers(self) -> str:
        there, here = (round(100 * agreed / self.count) for agreed in (self.there, self.here))
        return f"{there} % of {self.count:,} points near edges, as it stands on {here} %"


def _fit_there(left: Evidence, reading: Reading, here: NDArray[np.float32], down: int, right: Steps) -> _Fit | None:
    """Return how a truth fits at another place; None where it does not fit clearly better."""
    there = left.disparity(reading, down, right)
    if there is None:
        return None
    shown, near = left.points.disparity, np.maximum(left.points.step_px, 0.04 * np.abs(left.points.disparity))
    with np.errstate(invalid="ignore"):
        differ, both = np.abs(here - there) > 3 * near, np.isfinite(here - there)
        near_here, near_there = (both & (np.abs(one - shown) <= near) for one in (here, there))
    count, agree_here, agree_there, all_here, all_there = (
        int(np.count_nonzero(those)) for those in (differ, differ & near_here, differ & near_there, near_here, near_there)
    )
    is_better = agree_there >= max(AT_EDGES, 2 * agree_here, count / 2) and all_there > all_here
    return _Fit(count, agree_here, agree_there, all_there - all_here) if is_better else None


def out_of_scale(evidence: Evidence, own: Opinion) -> Question | None:
    """Ask about a truth that fits once it is multiplied by one number, as disparity or as depth, or also shifted."""
    usual = own.reading
    kinds = sorted((DepthKind.DISPARITY, DepthKind.METRIC_DEPTH), key=lambda kind: kind is not usual.kind)
    readings = [replace(usual, kind=kind, along_ray=kind is usual.kind and usual.along_ray) for kind in kinds]
    for opinion in map(evidence.opinion, readings):
        scaled = opinion and evidence.scaled(opinion)
        if opinion and scaled and scaled.is_clear and opinion.factor > 0 and abs(opinion.factor - 1) > SAME_SCALE:
            return _about_scale(opinion, scaled)
    if _fits_without_doffs(evidence, usual):
        return Question(
            "The depth fits if doffs of the calibration is left out. Compute it anew as f B / (disparity + doffs)."
        )
    for reading in readings:
        if reading.kind is DepthKind.DISPARITY and (fitted := evidence.fitted(reading)) and _is_worth(fitted[0], own):
            return _about_shift(evidence, *fitted)
    return None


def is_within_accuracy(evidence: Evidence, own: Opinion) -> bool:
    """Return whether a truth differs from the match by so small a factor and shift that the match may be wrong."""
    fitted = evidence.fitted(own.reading)
    return fitted is not None and fitted[0].is_clear and own.misfit_px <= NEARLY * evidence.points.step_px


def _is_worth(fitted: Opinion, own: Opinion) -> bool:
    return fitted.is_clear and own.share < OFF


def _fits_without_doffs(evidence: Evidence, usual: Reading) -> bool:
    camera = evidence.pair.calibration
    if camera is None or not camera.doffs_px:
        return False
    without = replace(evidence, pair=replace(evidence.pair, calibration=replace(camera, doffs_px=0.0)))
    fits = without.opinion(replace(usual, kind=DepthKind.METRIC_DEPTH))
    return fits is not None and fits.is_clear


def _about_shift(evidence: Evidence, fitted: Opinion, factor: float, shift: float) -> Question | None:
    step, camera = evidence.points.step_px, evidence.pair.calibration
    is_scaled = abs(factor - 1) > SAME_SCALE
    if is_scaled and camera and camera.doffs_px and abs(shift / factor - camera.doffs_px) <= step:
        return Question(
            f"The truth is inverse depth: it is proportional to disparity + doffs on {fitted.numbers}. Save it as depth."
        )
    if is_scaled:
        return Question(
            f"The truth agrees on {fitted.numbers}, but only once it is scaled and shifted: it is about {factor:.3g} times "
            f"the disparity, and {shift:+.3g}. It seems to be normalised, and has neither px nor m."
        )
    if abs(shift) <= 1.5 * step:
        return None
    doffs = camera.doffs_px if camera else 0.0
    forgotten = f" That is doffs of the calibration, {doffs:g} px." if doffs and abs(abs(shift) - abs(doffs)) <= step else ""
    return Question(
        f"All disparities are about {abs(shift):.3g} px too {'large' if shift > 0 else 'small'}: without that the pair agrees "
        f"on {fitted.numbers}.{forgotten} Save the truth in pixels of these views."
    )


def without_camera(evidence: Evidence, usual: Reading) -> Question | None:
    """Ask about numbers that grow where they should shrink, although no camera tells metres."""
    if evidence.pair.calibration:
        return None
    stand_in = replace(evidence, pair=replace(evidence.pair, calibration=Calibration(1.0, 1.0)))
    is_depth = usual.kind is DepthKind.METRIC_DEPTH
    other = replace(usual, kind=DepthKind.DISPARITY if is_depth else DepthKind.METRIC_DEPTH, along_ray=False)
    opinion = stand_in.opinion(other)
    scaled = opinion and stand_in.scaled(opinion)
    if opinion is None or scaled is None or not scaled.is_clear or opinion.factor <= 0:
        return None
    grows = "is read as depth, but it grows" if is_depth else "is read as disparity, but it shrinks"
    asked = "Is it disparity or inverse depth?" if is_depth else "Is it depth? Then give the stored value per m."
    return Question(f"The truth {grows} where the pair's disparity grows, on {scaled.numbers}. {asked}", (other.choice(),))


def _about_scale(opinion: Opinion, scaled: Opinion) -> Question:
    reading, encoding = opinion.reading, opinion.reading.encoding
    is_depth = reading.kind is DepthKind.METRIC_DEPTH
    times = 1 / opinion.factor if is_depth else opinion.factor
    asked = "Are the stored value per m and the calibration right?" if is_depth else "Is the stored value per px right?"
    text = f"The truth is about {times:.3g} times the {reading.kind.value} that the pair shows on {scaled.numbers}. {asked}"
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
