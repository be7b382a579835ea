"""How well a reading of a truth file fits the sure points of one view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.coded import Numbers
from depth_demo.formats.readings import Reading, Turn, planar
from depth_demo.formats.witness import Match, Witness
from depth_demo.geometry import DepthKind, StereoPair

Steps = int | NDArray[np.intp]
CLEAR = 0.8  # share of the sure points that a right reading agrees with; those of twelve real pairs reach 0.89
SAME_SCALE = 0.04  # by which a right reading's disparities are too large or too small at most
MIN_POINTS = 12
WELL_MEASURED = 8  # steps of the coarse match, from which on a disparity tells a factor
CANNOT_TELL = 0.5  # steps at the median disparity; a smaller deviation is no factor
FIT_ROUNDS = 6


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
        known: (H, W): where they are likely to be measurements.
        pair: The views, with the camera where it is known.
        match: Of one of the views.
        points: Its sure points where the file has numbers.
    """

    stored: Numbers
    known: NDArray[np.bool_]
    pair: StereoPair
    match: Match
    points: Witness

    @staticmethod
    def of(stored: Numbers, known: NDArray[np.bool_], pair: StereoPair, match: Match) -> Evidence:
        """Return the evidence of one view on a file."""
        return Evidence(stored, known, pair, match, match.points(known))

    def turned(self, turn: Turn) -> Evidence:
        """Return the evidence on the file turned over."""
        rows, columns = (
            slice(None, None, -1 if turn != "mirrored" else 1),
            slice(None, None, -1 if turn != "upside down" else 1),
        )
        return Evidence.of(self.stored[rows, columns], self.known[rows, columns], self.pair, self.match)

    def sample(self) -> Numbers:
        """Return the stored numbers at the points: (1, N), or (1, N, C)."""
        return self.stored[self._places(0, 0)[:2]][np.newaxis]

    def opinion(self, reading: Reading) -> Opinion | None:
        """Return how well a reading fits; None where nothing can be said, as for depth without a camera."""
        disparity = self.disparity(reading)
        if disparity is None:
            return None
        share, count = self.points.agreement(disparity)
        off = np.abs(disparity - self.points.disparity)
        misfit = float(np.nanmedian(off)) if count else np.inf
        return Opinion(reading, share, count, misfit, self._factor(disparity, self._doffs_px(reading)))

    def scaled(self, opinion: Opinion) -> Opinion | None:
        """Return the opinion on a reading whose disparities, or depths, are corrected by its factor."""
        disparity, doffs = self.disparity(opinion.reading), np.float32(self._doffs_px(opinion.reading))
        if disparity is None or not np.isfinite(opinion.factor) or opinion.factor == 0:
            return None
        with np.errstate(over="ignore"):
            corrected = (disparity + doffs) / np.float32(opinion.factor) - doffs
        share, count = self.points.agreement(corrected)
        return Opinion(opinion.reading, share, count, 0.0, 1.0)

    def fitted(self, reading: Reading) -> tuple[Opinion, float, float] | None:
        """Return the opinion on disparities once a factor and a shift are taken away, then factor and shift [px].

        A line through the quartiles is fitted again to the points that agree, a few times.
        """
        disparity = self.disparity(reading)
        known = np.isfinite(disparity) if disparity is not None else None
        if disparity is None or known is None or np.count_nonzero(known) < MIN_POINTS:
            return None
        truth, shown = disparity[known].astype(np.float64), self.points.disparity[known].astype(np.float64)
        spread = np.subtract(*np.quantile(shown, (0.75, 0.25)))
        factor = float(np.subtract(*np.quantile(truth, (0.75, 0.25))) / spread) if spread else 1.0
        shift = float(np.median(truth) - factor * np.median(shown))
        for _ in range(FIT_ROUNDS):
            near = np.abs(truth - shift - factor * shown) <= abs(factor) * np.maximum(
                self.points.step_px, 0.04 * np.abs(shown)
            )
            if np.count_nonzero(near) < MIN_POINTS or np.ptp(shown[near]) == 0:
                return None
            factor, shift = (float(number) for number in np.polyfit(shown[near], truth[near], 1))
        if factor == 0:
            return None
        share, count = self.points.agreement((disparity.astype(np.float64) - shift) / factor)
        return Opinion(reading, share, count, 0.0, 1.0), factor, shift

    def disparity(self, reading: Reading, down: Steps = 0, right: Steps = 0) -> NDArray[np.float32] | None:
        """Return the disparities [px] that a reading gives at places beside the points; None where nothing can be said.

        Args:
            reading: The reading.
            down, right: From each point to its place [px of the views], whole numbers.
        """
        rows, columns, inside = self._places(down, right)
        try:
            values = reading.decode(self.stored[rows, columns][np.newaxis])[0]
        except ValueError:  # a colour picture, for an encoding of one number per pixel
            return None
        values[~(inside & self.known[rows, columns])] = np.nan
        return self._as_disparity(values, reading)

    def _places(self, down: Steps, right: Steps) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
        """Return rows and columns in the file, and which of them are inside it."""
        (height, width), (rows, columns) = self.pair.left.shape[:2], self.stored.shape[:2]
        row, column = self.points.rows + down, self.points.columns + right
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        row, column = np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)
        return (2 * row + 1) * rows // (2 * height), (2 * column + 1) * columns // (2 * width), inside

    def _doffs_px(self, reading: Reading) -> float:
        camera = self.pair.calibration
        return camera.doffs_px if camera and reading.kind is DepthKind.METRIC_DEPTH else 0.0

    def _factor(self, disparity: NDArray[np.float32], doffs: float) -> float:
        shown = self.points.disparity + np.float32(doffs)
        measured = (np.abs(shown) >= WELL_MEASURED * self.points.step_px) & np.isfinite(disparity)
        if np.count_nonzero(measured) < MIN_POINTS:
            return 1.0
        factor = float(np.median((disparity[measured] + np.float32(doffs)) / shown[measured]))
        off_px = abs(factor - 1) * float(np.median(np.abs(shown[measured])))
        return factor if off_px > CANNOT_TELL * self.points.step_px else 1.0

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
