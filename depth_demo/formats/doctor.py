"""Which reading of a truth file does the pair itself agree with? And what is wrong with a truth that has none?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from depth_demo.formats.coded import Numbers
from depth_demo.formats.doubts import (
    LEAD,
    MAX_CHOICES,
    Question,
    displaced,
    is_within_accuracy,
    misread,
    of_another_scene,
    out_of_scale,
    turned,
    without_camera,
)
from depth_demo.formats.encodings import ENCODINGS
from depth_demo.formats.evidence import CLEAR, MIN_POINTS, Evidence, Opinion
from depth_demo.formats.outliers import measured
from depth_demo.formats.readings import Reading, other_readings
from depth_demo.formats.witness import witnesses
from depth_demo.geometry import DepthKind, StereoPair

__all__ = ["AGREES", "MAX_CHOICES", "Diagnosis", "Question", "diagnose"]

AGREES = "The pair agrees"
DOUBTFUL = 0.6  # share of the points below which a truth does not pass without a word
CLOSER = 0.6  # or how much nearer to the match, where both are clear


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


def diagnose(
    stored: Numbers, usual: Reading, pair: StereoPair, *, is_open: bool, no_data: tuple[float, ...] = ()
) -> Diagnosis:
    """Try every reading of a file against the pair.

    Args:
        stored: (H, W) or (H, W, C) numbers of the file; its size may differ from that of the views.
        usual: How the file is read without a pair, or as the user chose.
        pair: The views, with the camera where it is known.
        is_open: Whether the reading was left to the file, so that a better one may take its place.
        no_data: Numbers that the file itself says to mean "no data".
    """
    stored = stored[::-1] if usual.encoding.top_row_first else stored
    known = measured(stored, no_data)
    left, right = (Evidence.of(stored, known, pair, match) for match in witnesses(pair))
    own = left.opinion(usual)
    if own is None:
        return _without_opinion(left, usual, is_open=is_open)
    better = _better(left, own)
    if better and is_open:
        return _replaced(left, own, better[0])
    if own.count < MIN_POINTS or (own.share < CLEAR and not left.match.is_telling):
        remark = f"The pair shows too little to tell: {own.count:,} of its sure points have truth."
        return Diagnosis(usual, remark, misread(_nearly(left, own), own))
    question = None if own.is_clear else misread(better, own) or turned(left, right, own) or out_of_scale(left, own)
    question = question or displaced(left, own) or (None if own.is_clear else misread(_nearly(left, own), own))
    if own.share < DOUBTFUL and question is None and not is_within_accuracy(left, own):
        question = without_camera(left, usual) or of_another_scene(left, own)
    return Diagnosis(usual, "" if question else f"{AGREES} on {own.numbers}.", question)


def _replaced(left: Evidence, own: Opinion, best: Opinion) -> Diagnosis:
    remark = f"{AGREES} on {best.numbers}; with {own.reading.words} on {100 * own.share:.0f} %."
    return Diagnosis(best.reading, remark, None if best.reading.encoding.top_row_first else displaced(left, best))


def _without_opinion(left: Evidence, usual: Reading, *, is_open: bool) -> Diagnosis:
    """Return what can be said of a colour picture, or of depth without a camera."""
    best = next(iter(_better(left, None)), None) if is_open else None
    if best:
        return Diagnosis(best.reading, f"{AGREES} on {best.numbers}.", displaced(left, best))
    return Diagnosis(usual, "", without_camera(left, usual))


def _better(evidence: Evidence, own: Opinion | None) -> list[Opinion]:
    """Return the readings that the pair clearly agrees with, and more than with `own`; the best comes first."""
    if own and own.is_clear and own.reading.kind is DepthKind.DISPARITY:
        return []
    others = _others(evidence)
    raw = Reading(ENCODINGS["airsim"], own.reading.kind) if own and own.reading.encoding.name == "raw" else None
    if raw and own and (upright := evidence.turned("upside down").opinion(own.reading)):
        others.append(replace(upright, reading=raw))
    clear = [other for other in others if other.is_clear and _beats(other, own)]
    clear.sort(key=lambda other: (-other.share, other.misfit_px))
    return [other for other in clear if not (other.reading.along_ray and _as_well_without_rays(other, clear))]


def _others(evidence: Evidence) -> list[Opinion]:
    (height, width), stored = evidence.pair.left.shape[:2], evidence.stored
    readings = other_readings(stored, width, larger=stored.shape[:2] != (height, width))
    return [opinion for reading in readings if (opinion := evidence.opinion(reading))]


def _nearly(evidence: Evidence, own: Opinion) -> list[Opinion]:
    """Return the readings that fit so much better than `own` that they are worth a question; the best comes first."""
    likely = [
        other for other in _others(evidence) if other.count >= MIN_POINTS and other.share >= max(DOUBTFUL, own.share + LEAD)
    ]
    return sorted(likely, key=lambda other: (-other.share, other.misfit_px))


def _as_well_without_rays(ray: Opinion, others: list[Opinion]) -> bool:
    """Return whether the same numbers are as good along the optical axis, which is what most files hold."""
    plain = [other for other in others if other.reading == replace(ray.reading, along_ray=False)]
    return any(ray.share < other.share + LEAD and ray.misfit_px >= CLOSER * other.misfit_px for other in plain)


def _beats(other: Opinion, own: Opinion | None) -> bool:
    if own is None:
        return True
    if other.reading == own.reading or other.count < own.count / 2:
        return False
    if not own.is_clear:
        return other.share >= own.share
    closer = other.share >= own.share and other.misfit_px < CLOSER * own.misfit_px
    return other.share >= own.share + LEAD or (other.reading.along_ray != own.reading.along_ray and closer)
