"""Which reading of a truth file does the pair itself agree with? And what is wrong with a truth that has none?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.coded import Numbers
from depth_demo.formats.readings import Choice, Reading, Turn, other_readings, planar
from depth_demo.formats.witness import Witness, witnesses
from depth_demo.geometry import Calibration, DepthKind, StereoPair

CLEAR = 0.8  # share of the sure points that a right reading agrees with; those of twelve real pairs reach 0.92
DOUBTFUL = 0.6
LEAD = 0.15  # by which another reading must be better
MIN_POINTS = 100
MAX_CHOICES = 3
MAX_LABELS = 64
LIKE_A_PICTURE = 0.9  # correlation with the grey values of the view
Sample = Callable[[Turn], Numbers]


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
class Opinion:
    """How well a reading fits the pair.

    Attributes:
        reading: The reading.
        turn: How the file has to be turned over first.
        share: Of the sure points that agree.
        count: How many sure points the truth has a value at.
        misfit_px: Median difference from the coarse match [px].
    """

    reading: Reading
    turn: Turn
    share: float
    count: int
    misfit_px: float

    @property
    def words(self) -> str:
        """The reading with its evidence."""
        return f"{self.reading.words}: the pair agrees on {100 * self.share:.0f} % of {self.count:,} points"


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
    left, right = witnesses(pair)
    stored = stored[::-1] if usual.encoding.top_row_first else stored
    sample = _sampler(stored, left, pair)
    own = _opinion(usual, sample, left, pair)
    better = _better(own, stored, sample, left, pair) if own or is_open else []
    if better and is_open:
        instead = f"; with {usual.words} on {100 * own.share:.0f} %" if own else ""
        return Diagnosis(better[0].reading, f"The pair agrees on {_evidence(better[0])}{instead}.", None)
    if own is None or own.count < MIN_POINTS:
        return Diagnosis(usual, "", None)
    question = None
    if own.share < CLEAR:
        question = _turned(own, sample, left, right, stored, pair) or _misread(own, better)
    if own.share < DOUBTFUL and question is None:
        question = Question(f"{_what_it_looks_like(stored, sample, left, pair)} Read as {own.words}.")
    return Diagnosis(usual, "" if question else f"The pair agrees on {_evidence(own)}.", question)


def _better(own: Opinion | None, stored: Numbers, sample: Sample, points: Witness, pair: StereoPair) -> list[Opinion]:
    """Return the readings that the pair clearly agrees with, and more than with `own`; the best comes first."""
    if own and own.share >= CLEAR and own.reading.kind is DepthKind.DISPARITY:
        return []
    others = (_opinion(reading, sample, points, pair) for reading in other_readings(stored, pair.left.shape[1]))
    clear = [other for other in others if other and other.share >= CLEAR and _beats(other, own)]
    return sorted(clear, key=lambda other: (-other.share, other.misfit_px))


def _misread(own: Opinion, better: list[Opinion]) -> Question | None:
    if not better:
        return None
    text = f"The truth was read as {own.words}. Another reading fits better: {better[0].words}."
    return Question(text, tuple(other.reading.choice() for other in better[:MAX_CHOICES]))


def _evidence(opinion: Opinion) -> str:
    return f"{100 * opinion.share:.0f} % of {opinion.count:,} points"


def _beats(other: Opinion, own: Opinion | None) -> bool:
    if other.count < MIN_POINTS or (own and other.reading == own.reading):
        return False
    if own is None:
        return True
    closer = other.share >= own.share and other.misfit_px < 0.6 * own.misfit_px
    return other.share >= own.share + LEAD or (other.reading.along_ray != own.reading.along_ray and closer)


def _sampler(stored: Numbers, points: Witness, pair: StereoPair) -> Sample:
    """Return a function that takes the stored numbers at the points: (1, N) or (1, N, C)."""
    height, width = pair.left.shape[:2]
    rows = points.rows * stored.shape[0] // height
    columns = points.columns * stored.shape[1] // width

    def sample(turn: Turn) -> Numbers:
        turned_rows = stored.shape[0] - 1 - rows if turn == "upside down" else rows
        turned_columns = stored.shape[1] - 1 - columns if turn == "mirrored" else columns
        return stored[turned_rows, turned_columns][np.newaxis]

    return sample


def _opinion(reading: Reading, sample: Sample, points: Witness, pair: StereoPair, turn: Turn = "") -> Opinion | None:
    """Return how well a reading fits; None where nothing can be said, as for depth without a camera."""
    try:
        values = reading.decode(sample(turn))[0]
    except ValueError:  # a colour picture, for an encoding of one number per pixel
        return None
    disparity = _as_disparity(values, reading, points, pair)
    if disparity is None:
        return None
    share, count = points.agreement(disparity)
    off = np.abs(disparity - points.disparity)
    return Opinion(reading, turn, share, count, float(np.nanmedian(off)) if count else np.inf)


def _as_disparity(
    values: NDArray[np.float32], reading: Reading, points: Witness, pair: StereoPair
) -> NDArray[np.float32] | None:
    if reading.kind is DepthKind.DISPARITY:
        return values
    camera: Calibration | None = pair.calibration
    if camera is None:
        return None
    if reading.along_ray:
        height, width = pair.left.shape[:2]
        values = planar(values, camera, points.rows, points.columns, (height, width))
    with np.errstate(divide="ignore", invalid="ignore"):
        found: NDArray[np.float32] = camera.focal_length_px * camera.baseline_m / values - np.float32(camera.doffs_px)
    return found


def _turned(own: Opinion, sample: Sample, left: Witness, right: Witness, stored: Numbers, pair: StereoPair) -> Question | None:
    """Ask about a truth that fits upside down, mirrored, with its sign turned, or as the right view's; None if none does."""
    as_it_stands = f"{100 * own.share:.0f} %"
    turns: tuple[Turn, ...] = ("upside down", "mirrored")
    for turn in turns:
        turned = _opinion(own.reading, sample, left, pair, turn)
        if turned and turned.share >= CLEAR and turned.share >= own.share + LEAD:
            words = (
                f"The truth is {turn}: turned over, the pair agrees on {_evidence(turned)}, as it stands on {as_it_stands}."
            )
            is_raw = own.reading.encoding.name == "raw" and turn == "upside down"
            choices = (Choice("AirSim's PFM: top row first", "recognised", None, "airsim"),) if is_raw else ()
            return Question(words if choices else f"{words} Save it the right way round.", choices)
    as_right = _opinion(own.reading, _sampler(stored, right, pair), right, pair)
    if as_right and as_right.share >= CLEAR and as_right.share >= own.share + LEAD:
        return Question(
            f"This looks like the truth of the right view: that view agrees on {_evidence(as_right)}, the left one on "
            f"{as_it_stands}. Choose the file of the left view (disp0, disp1 or disp2)."
        )
    return None


def _what_it_looks_like(stored: Numbers, sample: Sample, points: Witness, pair: StereoPair) -> str:
    """Say what a truth may be that no reading brings near the pair."""
    numbers = sample("")[0]
    grey = cv2.cvtColor(pair.left, cv2.COLOR_RGB2GRAY)[points.rows, points.columns].astype(np.float64)
    first = (numbers if numbers.ndim == 1 else numbers[:, 1]).astype(np.float64)
    known = np.isfinite(first)
    if np.count_nonzero(known) > MIN_POINTS and np.ptp(first[known]) > 0:
        alike = np.corrcoef(first[known], grey[known])[0, 1]
        if alike > LIKE_A_PICTURE:
            return "The truth looks like the left view itself, not like its depth."
    distinct = np.unique(first[known]).size
    if distinct == 1:
        return "The truth is the same everywhere, which this scene is not."
    if stored.dtype.kind in "ui" and distinct <= MAX_LABELS:
        return f"The truth looks like a mask or a map of labels: it has {distinct} different numbers."
    return "The truth does not resemble what the pair shows. Is it of another scene, or in an encoding that is not known here?"
