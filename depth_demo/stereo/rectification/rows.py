"""How well the rows of a pair agree, and how their gap changes over the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MEDIAN_LIMIT_PX = 0.5  # of the row gap: above, matching loses more than a point or two
SMOOTH_LIMIT_PX = 1.2  # of the part that changes smoothly over the picture, for 95 % of the matches
BOW_LIMIT_PX = 0.5
_FEW = 60  # matches, for which straight trends are enough
_ROUNDS = 12
_TUKEY = 4.685
_TO_DEVIATION = 1.4826
_SMALLEST_PX = 0.02
_WEAK = 1e-4
_SMALL_DEGREES = 0.2  # two decimals below


@dataclass(frozen=True, slots=True)
class RowQuality:
    """How much lower the right view shows matched points than the left view.

    Attributes:
        matches: How many.
        median_px, p95_px: Median and 95th percentile of the absolute gaps, false matches included [px].
        smooth_median_px, smooth_p95_px: The same of the gap that a smooth surface through the matches has at their places. The
            noise of single matches does not count.
        constant_px: The gap in the middle of the picture; positive where the right view shows points lower.
        along_x_px, along_y_px: How much the gap grows from the middle to the right and to the lower edge [px].
        bow_px: How far the gap bends away from its straight trend, over 90 % of the matches [px].
        roll_degrees: How far the right view is turned about its optical axis; positive is clockwise.
    """

    matches: int
    median_px: float
    p95_px: float
    smooth_median_px: float
    smooth_p95_px: float
    constant_px: float
    along_x_px: float
    along_y_px: float
    bow_px: float
    roll_degrees: float

    @property
    def agrees(self) -> bool:
        """Whether matching loses little to the row gap."""
        return self.smooth_median_px <= MEDIAN_LIMIT_PX and self.smooth_p95_px <= SMOOTH_LIMIT_PX


def measure_rows(left: NDArray[np.float32] | NDArray[np.float64], row_gap: NDArray[np.floating], shape: tuple[int, int]) -> (
    RowQuality
):  # fmt: skip
    """Measure the row gap of matches, and fit a smooth surface through it.

    Args:
        left: (N, 2) column and row in the left view [px]; N is at least 10.
        row_gap: (N,) row on the right minus row on the left [px].
        shape: Height and width of the views [px].
    """
    height, width = shape
    half = np.array([width / 2, height / 2])
    terms = 3 if len(left) < _FEW else 6
    basis = _basis((left - half) / half)[:, :terms]
    factors = _fit(basis, row_gap.astype(np.float64))
    smooth = np.abs(basis @ factors)
    constant, along_x, along_y = factors[:3].tolist()
    middle, p95 = np.percentile(np.abs(row_gap), (50, 95))
    smooth_middle, smooth_p95 = np.percentile(smooth, (50, 95))
    bow = float(np.ptp(np.percentile(basis[:, 3:] @ factors[3:], (5, 95)))) if terms > 3 else 0.0
    return RowQuality(
        len(left), float(middle), float(p95), float(smooth_middle), float(smooth_p95), constant, along_x, along_y, bow,
        math.degrees(math.atan(along_x / half[0])),
    )  # fmt: skip


def _basis(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (N, 6): 1, x, y, x * x, x * y, y * y."""
    x, y = places.T
    return np.column_stack([np.ones(len(x)), x, y, x * x, x * y, y * y])


def _fit(basis: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit by Tukey's biweight, so that false matches do not count."""
    factors = np.zeros(basis.shape[1])
    factors[0] = np.median(values)
    weak = _WEAK * np.eye(basis.shape[1]) * len(values)
    weak[0, 0] = 0
    for number in range(_ROUNDS):
        left_over = values - basis @ factors
        deviation = max(_TO_DEVIATION * float(np.median(np.abs(left_over))), _SMALLEST_PX)
        cut = _TUKEY * deviation * (3 if number < _ROUNDS // 2 else 1)
        weight = np.maximum(1 - (left_over / cut) ** 2, 0) ** 2
        scaled = basis * weight[:, np.newaxis]
        factors = np.linalg.solve(scaled.T @ basis + weak * weight.mean(), scaled.T @ values)
    return factors


def trend_in_words(rows: RowQuality) -> str:
    """Say how the row gap changes over the picture, as sentences; "" where nothing of it matters."""
    said = []
    if abs(rows.along_x_px) > MEDIAN_LIMIT_PX:
        way = "clockwise" if rows.roll_degrees > 0 else "counterclockwise"
        size = abs(rows.roll_degrees)
        said.append(f"The right camera is rolled {way} by {size:.{1 if size > _SMALL_DEGREES else 2}f} degrees.")
    if abs(rows.along_y_px) > MEDIAN_LIMIT_PX:
        how = "larger" if rows.along_y_px > 0 else "smaller"
        said.append(
            f"From the middle to the lower edge the gap changes by {rows.along_y_px:+.1f} px, as if the right view were {how}."
        )
    if abs(rows.constant_px) > MEDIAN_LIMIT_PX:
        where = "lower" if rows.constant_px > 0 else "higher"
        said.append(f"In the middle of the picture, the right view shows points {abs(rows.constant_px):.1f} px {where}.")
    return " ".join(said)
