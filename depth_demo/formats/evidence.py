"""How well a reading of a truth file fits the sure points of one view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.coded import Numbers
from depth_demo.formats.readings import Reading, Turn, planar
from depth_demo.formats.witness import Witness
from depth_demo.geometry import DepthKind, StereoPair

CLEAR = 0.8  # share of the sure points that a right reading agrees with; those of twelve real pairs reach 0.89
SAME_SCALE = 0.04  # by which a right reading's disparities are too large or too small at most
MIN_POINTS = 100
WELL_MEASURED = 8  # steps of the coarse match, from which on a disparity tells a factor


@dataclass(frozen=True, slots=True)
class Opinion:
    """How well a reading fits the pair.

    Attributes:
        reading: The reading.
        share: Of the sure points that agree.
        count: How many sure points the truth has a value at.
        misfit_px: Median difference from the coarse match [px].
        factor: How many times too large disparities are; 1 where too few points tell.
    """

    reading: Reading
    share: float
    count: int
    misfit_px: float
    factor: float

    @property
    def is_clear(self) -> bool:
        """Whether the pair agrees with the reading."""
        return self.count >= MIN_POINTS and self.share >= CLEAR and abs(self.factor - 1) <= SAME_SCALE

    @property
    def numbers(self) -> str:
        """The evidence in numbers."""
        return f"{100 * self.share:.0f} % of {self.count:,} points"

    @property
    def words(self) -> str:
        """The reading with its evidence."""
        return f"{self.reading.words}: the pair agrees on {self.numbers}"


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A truth file beside the sure points of a view.

    Attributes:
        stored: (H, W) or (H, W, C) numbers of the file, of any size.
        pair: The views, with the camera where it is known.
        points: Of one of the views.
    """

    stored: Numbers
    pair: StereoPair
    points: Witness

    def sample(self, turn: Turn = "") -> Numbers:
        """Return the stored numbers at the points, (1, N) or (1, N, C), of the file turned over."""
        (height, width), (rows, columns) = self.pair.left.shape[:2], self.stored.shape[:2]
        row, column = self.points.rows * rows // height, self.points.columns * columns // width
        row = rows - 1 - row if turn == "upside down" else row
        column = columns - 1 - column if turn == "mirrored" else column
        return self.stored[row, column][np.newaxis]

    def opinion(self, reading: Reading, turn: Turn = "") -> Opinion | None:
        """Return how well a reading fits; None where nothing can be said, as for depth without a camera."""
        try:
            values = reading.decode(self.sample(turn))[0]
        except ValueError:  # a colour picture, for an encoding of one number per pixel
            return None
        disparity = self._as_disparity(values, reading)
        if disparity is None:
            return None
        share, count = self.points.agreement(disparity)
        off = np.abs(disparity - self.points.disparity)
        return Opinion(reading, share, count, float(np.nanmedian(off)) if count else np.inf, self._factor(disparity))

    def scaled(self, opinion: Opinion) -> Opinion | None:
        """Return the opinion on a reading whose disparities are divided by its factor."""
        try:
            disparity = self._as_disparity(opinion.reading.decode(self.sample())[0], opinion.reading)
        except ValueError:
            return None
        if disparity is None or not np.isfinite(opinion.factor) or opinion.factor == 0:
            return None
        share, count = self.points.agreement(disparity / np.float32(opinion.factor))
        return Opinion(opinion.reading, share, count, 0.0, 1.0)

    def _factor(self, disparity: NDArray[np.float32]) -> float:
        measured = np.abs(self.points.disparity) >= WELL_MEASURED * self.points.step_px
        ratios = (disparity[measured] / self.points.disparity[measured])[np.isfinite(disparity[measured])]
        return float(np.median(ratios)) if ratios.size >= MIN_POINTS else 1.0

    def _as_disparity(self, values: NDArray[np.float32], reading: Reading) -> NDArray[np.float32] | None:
        (height, width), camera = self.pair.left.shape[:2], self.pair.calibration
        if reading.kind is DepthKind.DISPARITY:
            return values if reading.encoding.views_px else values * np.float32(width / self.stored.shape[1])
        if camera is None:
            return None
        if reading.along_ray:
            values = planar(values, camera, self.points.rows, self.points.columns, (height, width))
        with np.errstate(divide="ignore", invalid="ignore"):
            found: NDArray[np.float32] = camera.focal_length_px * camera.baseline_m / values - np.float32(camera.doffs_px)
        return found
