"""Which reading of a truth file does the pair itself agree with? And what is wrong with a truth that has none?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from depth_demo.formats.coded import Numbers
from depth_demo.formats.encodings import ENCODINGS
from depth_demo.formats.evidence import MIN_POINTS, Evidence, Opinion
from depth_demo.formats.readings import Choice, Reading, Turn, other_readings
from depth_demo.formats.witness import witnesses
from depth_demo.geometry import DepthKind, StereoPair

DOUBTFUL = 0.6  # share of the points below which a truth does not pass without a word
LEAD = 0.15  # by which another reading must be better
CLOSER = 0.6  # or how much nearer to the match, where both are clear
MAX_CHOICES = 3
MAX_LABELS = 64
LIKE_A_PICTURE = 0.9  # correlation with the grey values of the view


@dataclass(frozen=True, slots=True)
class Question:
    """A doubt about how a truth file was read.

    Attributes:
        text: What is doubted and why, in sentences.
        choices: Readings to choose from, the likeliest first; empty where none fits.
    """

    text: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the pair says of a truth file.

    Attributes:
        reading: The reading to be used.
        remark: Sentences on the evidence, for the description.
        question: None where the pair agrees, or cannot say.
    """

    reading: Reading
    remark: str
    question: Question | None


def diagnose(stored: Numbers, usual: Reading, pair: StereoPair, *, is_open: bool) -> Diagnosis:
    """Try every reading of a file against the pair.

    Args:
        stored: (H, W) or (H, W, C) numbers of the file; its size may differ from that of the views.
        usual: How the file is read without a pair, or as the user chose.
        pair: The views, with the camera where it is known.
        is_open: Whether the reading was left to the file, so that a better one may take its place.
    """
    stored = stored[::-1] if usual.encoding.top_row_first else stored
    left, right = (Evidence(stored, pair, points) for points in witnesses(pair))
    own = left.opinion(usual)
    better = _better(left, own) if own or is_open else []
    if better and is_open:
        instead = f"; with {usual.words} on {100 * own.share:.0f} %" if own else ""
        return Diagnosis(better[0].reading, f"The pair agrees on {better[0].numbers}{instead}.", None)
    if own is None or own.count < MIN_POINTS:
        return Diagnosis(usual, "", None)
    question = None if own.is_clear else _misread(better, own) or _turned(left, right, own) or _out_of_scale(left, usual)
    if own.share < DOUBTFUL and question is None:
        question = Question(f"{_what_it_looks_like(left)} Read as {own.words}.")
    return Diagnosis(usual, "" if question else f"The pair agrees on {own.numbers}.", question)


def _better(evidence: Evidence, own: Opinion | None) -> list[Opinion]:
    """Return the readings that the pair clearly agrees with, and more than with `own`; the best comes first."""
    if own and own.is_clear and own.reading.kind is DepthKind.DISPARITY:
        return []
    height, width = evidence.pair.left.shape[:2]
    readings = other_readings(evidence.stored, width, larger=evidence.stored.shape[:2] != (height, width))
    others = [opinion for reading in readings if (opinion := evidence.opinion(reading))]
    raw = Reading(ENCODINGS["airsim"], own.reading.kind) if own and own.reading.encoding.name == "raw" else None
    if raw and own and (turned := evidence.opinion(own.reading, "upside down")):
        others.append(replace(turned, reading=raw))
    clear = [other for other in others if other.is_clear and _beats(other, own)]
    return sorted(clear, key=lambda other: (-other.share, other.misfit_px))


def _beats(other: Opinion, own: Opinion | None) -> bool:
    if own is None:
        return True
    if other.reading == own.reading:
        return False
    if not own.is_clear:
        return other.share >= own.share
    closer = other.share >= own.share and other.misfit_px < CLOSER * own.misfit_px
    return other.share >= own.share + LEAD or (other.reading.along_ray != own.reading.along_ray and closer)


def _misread(better: Sequence[Opinion], own: Opinion) -> Question | None:
    """Ask about readings that fit better; None where there are none."""
    if not better:
        return None
    text = f"The truth was read as {own.words}. Another reading fits better: {better[0].words}."
    return Question(text, tuple(other.reading.choice() for other in better[:MAX_CHOICES]))


def _turned(left: Evidence, right: Evidence, own: Opinion) -> Question | None:
    """Ask about a truth that fits upside down, mirrored, or as the right view's; None if none does."""
    as_it_stands, enough = f"{100 * own.share:.0f} %", own.share + LEAD
    turns: tuple[Turn, ...] = ("upside down", "mirrored")
    for turn in turns:
        turned = left.opinion(own.reading, turn)
        if turned and turned.is_clear and turned.share >= enough:
            return Question(
                f"The truth is {turn}: turned over, the pair agrees on {turned.numbers}, as it stands on {as_it_stands}. "
                "Save it the right way round."
            )
    as_right = right.opinion(own.reading)
    if as_right and as_right.is_clear and as_right.share >= enough:
        return Question(
            f"This looks like the truth of the right view: that view agrees on {as_right.numbers}, the left one on "
            f"{as_it_stands}. Choose the file of the left view (disp0, disp1 or disp2)."
        )
    return None


def _out_of_scale(evidence: Evidence, usual: Reading) -> Question | None:
    """Ask about a truth that fits once it is multiplied by one number, as disparity or as depth; None where none does."""
    kinds = sorted((DepthKind.DISPARITY, DepthKind.METRIC_DEPTH), key=lambda kind: kind is not usual.kind)
    for opinion in (evidence.opinion(replace(usual, kind=kind)) for kind in kinds):
        scaled = opinion and evidence.scaled(opinion)
        if opinion and scaled and scaled.is_clear and opinion.factor > 0:
            return _about_scale(opinion, scaled)
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
    kept = replace(ENCODINGS["middlebury"], scale=float(f"{encoding.scale * times:.3g}"))
    return Question(text, (replace(reading, encoding=kept).choice(),))


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
