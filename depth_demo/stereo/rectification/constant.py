"""The constant that all disparities share where nobody knows the focal length: fitted as `doffs`, never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap

MIN_PIXELS = 100
_NEAR_PX = 3.0  # within which pixels agree with a first guess


@dataclass(frozen=True, slots=True)
class Constant:
    """What to add to every disparity, and how it is known.

    Attributes:
        doffs_px: As in `Calibration`: Z = f B / (d + doffs).
        source: What it was fitted to, in words.
        pixels: How many values it was fitted to.
        spread_px: Median of the absolute differences that are left [px]; NaN for a single value.
    """

    doffs_px: float
    source: str
    pixels: int
    spread_px: float

    @property
    def text(self) -> str:
        """One sentence for people."""
        left = "" if np.isnan(self.spread_px) else f"; the differences that are left have a median of {self.spread_px:.1f} px"
        return f"{self.doffs_px:+.2f} px are added to every disparity, fitted to {self.source}{left}."


def constant_from_truth(disparity: DepthMap, truth: DepthMap) -> Constant:
    """Fit the constant to true disparities, robustly: most pixels may not be wrong by the same number.

    Raises:
        ValueError: If a map is not disparity, sizes differ, or fewer than `MIN_PIXELS` pixels have both.
    """
    for given in (disparity, truth):
        given.require(DepthKind.DISPARITY)
    if disparity.shape != truth.shape:
        raise ValueError(f"The truth has {truth.shape[1]}x{truth.shape[0]} pixels, the disparity another size.")
    both = disparity.valid & truth.valid
    if np.count_nonzero(both) < MIN_PIXELS:
        raise ValueError(f"Only {np.count_nonzero(both)} pixels have disparity and truth; the constant needs {MIN_PIXELS}.")
    return _agreed((truth.values - disparity.values)[both], f"the truth of {np.count_nonzero(both)} pixels")


def constant_at_infinity(disparity: DepthMap, points: Sequence[tuple[int, int]]) -> Constant:
    """Fit the constant to points that are very far, such as the sky line, where true disparity is 0.

    Args:
        disparity: Of the rectified pair [px].
        points: Column and row of each.

    Raises:
        ValueError: If the map is not disparity, or has a value at none of the points.
    """
    disparity.require(DepthKind.DISPARITY)
    there = np.array([_value(disparity, point) for point in points], np.float32)
    there = there[~np.isnan(there)]
    if not there.size:
        raise ValueError("There is no disparity at any of the far points: choose points that were matched.")
    count = "a point" if there.size == 1 else f"{there.size} points"
    return _agreed(-there, f"{count} at infinity")


def constant_from_distance(
    disparity: DepthMap, point: tuple[int, int], distance_m: float, focal_length_px: float, baseline_m: float
) -> Constant:
    """Fit the constant to one measured distance: doffs = f B / Z - d.

    Raises:
        ValueError: If the map is not disparity, has no value there, or the distance is not larger than 0.
    """
    disparity.require(DepthKind.DISPARITY)
    if not 0 < distance_m < np.inf:
        raise ValueError(f"The distance must be a number of metres larger than 0, not {distance_m:g}.")
    value = _value(disparity, point)
    if np.isnan(value):
        raise ValueError(f"There is no disparity at column {point[0]}, row {point[1]}: choose a point that was matched.")
    doffs = focal_length_px * baseline_m / distance_m - value
    return Constant(float(doffs), f"the distance of {distance_m:g} m at column {point[0]}, row {point[1]}", 1, float("nan"))


def _value(disparity: DepthMap, point: tuple[int, int]) -> float:
    column, row = point
    height, width = disparity.shape
    if not (0 <= column < width and 0 <= row < height):
        raise ValueError(f"Column {column}, row {row} is outside the picture of {width}x{height} pixels.")
    return float(disparity.values[row, column])


def _agreed(differences: NDArray[np.float32], source: str) -> Constant:
    guess = float(np.median(differences))
    near = differences[np.abs(differences - guess) <= _NEAR_PX]
    constant = float(np.median(near)) if near.size else guess
    return Constant(constant, source, differences.size, float(np.median(np.abs(differences - constant))))
