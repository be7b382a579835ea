"""What one pixel of the left view costs at every disparity: the curves that a matcher chooses from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from depth_demo.geometry import StereoPair
from depth_demo.stereo.reference.costs import CENSUS_WIDTH, COSTS, Cost, Costs, cost_volume
from depth_demo.stereo.reference.semi_global import aggregate_semi_globally

WINDOW = 9  # px; the side of the compared squares
PATCH = 24  # px on each side of the pixel, over which costs are aggregated
_MARGIN = WINDOW // 2 + CENSUS_WIDTH // 2 + 1  # what a window reaches beyond its centre, census included


@dataclass(frozen=True, slots=True, eq=False)
class PixelCosts:
    """Costs of one pixel.

    Attributes:
        disparities: Where they were taken [px].
        curves: Per cost (D,) float32 over windows of 9x9 px; infinite where the match lies outside the right view.
        back: (D,) float32: 1 - ZNCC of the best match of the right view, by ZNCC, against the left view; the pixel itself
            is one of its candidates.
    """

    disparities: range
    curves: Mapping[Cost, Costs]
    back: Costs

    def at(self, cost: Cost, disparity: float) -> float:
        """Return the cost at the nearest whole disparity; NaN outside the curve."""
        index = round(disparity) - self.disparities[0] if np.isfinite(disparity) else -1
        return float(self.curves[cost][index]) if 0 <= index < len(self.disparities) else float("nan")

    def best(self, cost: Cost) -> int:
        """Return the cheapest disparity [px], the smallest of equals."""
        return self.disparities[int(self.curves[cost].argmin())]


def pixel_costs(pair: StereoPair, x: int, y: int, disparities: range) -> PixelCosts:
    """Compute all costs of pixel (x, y) of the left view.

    Args:
        pair: The two views.
        x: Column.
        y: Row.
        disparities: Where to compare [px], in steps of 1.

    Raises:
        ValueError: If the disparities are no such range within the width.
    """
    reach = _reach(disparities) + len(disparities)  # there, and from there back
    crop, column, row = _crop(pair, x, y, reach + _MARGIN, _MARGIN)
    rows = {cost: cost_volume(crop, cost, disparities, WINDOW)[:, row] for cost in COSTS}
    curves = {cost: costs[:, column].copy() for cost, costs in rows.items()}
    unlike = rows["ZNCC"]
    matched = column - disparities[int(curves["ZNCC"].argmin())]
    columns = matched + np.arange(disparities[0], disparities.stop)
    inside = (columns >= 0) & (columns < unlike.shape[1]) & (0 <= matched < unlike.shape[1])
    back = np.where(inside, unlike[np.arange(len(disparities)), np.where(inside, columns, 0)], np.float32(np.inf))
    return PixelCosts(disparities, curves, back)


def aggregated_costs(pair: StereoPair, x: int, y: int, disparities: range) -> Costs:
    """Return (D,) float32: the census costs of the pixel, aggregated semi-globally along 8 paths within 24 px around it.

    OpenCV does not show its own costs. Its paths start at the border of the picture.
    """
    rows = PATCH + _MARGIN
    crop, column, row = _crop(pair, x, y, _reach(disparities) + rows, rows)
    costs = cost_volume(crop, "census", disparities)
    top, left = max(row - PATCH, 0), max(column - PATCH, 0)
    patch = costs[:, top : row + PATCH + 1, left : column + PATCH + 1]
    return aggregate_semi_globally(patch)[:, row - top, column - left]


def _reach(disparities: range) -> int:
    return max(abs(disparities[0]), abs(disparities[-1]))


def _crop(pair: StereoPair, x: int, y: int, columns: int, rows: int) -> tuple[StereoPair, int, int]:
    """Cut the same columns from both views, so that disparities stay; return the crop and the pixel's column and row in it."""
    left, top = max(x - columns, 0), max(y - rows, 0)
    window = slice(top, y + rows + 1), slice(left, x + columns + 1)
    return StereoPair(pair.left[window], pair.right[window]), x - left, y - top
