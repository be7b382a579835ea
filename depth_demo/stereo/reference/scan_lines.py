"""Global stereo matching in its plainest form: every row takes the disparities with the least sum of costs and penalties."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthMap, StereoPair
from depth_demo.stereo.reference.costs import Costs, cost_volume, seen_from_right
from depth_demo.stereo.reference.local import both_agree
from depth_demo.stereo.reference.semi_global import P1, P2, aggregate_path, without_gaps


def match_scan_lines(pair: StereoPair, disparities: range) -> DepthMap:
    """Match every row as a whole, and drop what the right view does not confirm within 1 px.

    A row's energy is the sum of the census costs of its pixels, plus `P1` for every step of 1 px between neighbours and `P2`
    for every larger step. The minimum is exact (dynamic programming), but rows know nothing of each other.

    Args:
        pair: The two views.
        disparities: Where to look [px].

    Returns:
        Disparity of the left view [px]; NaN where the match is outside the right view or the views disagree.

    Raises:
        ValueError: If the disparities are impossible.
    """
    costs = cost_volume(pair, "census", disparities)
    left = best_rows(costs, disparities)
    for index, disparity in enumerate(disparities):
        costs[index] = seen_from_right(costs[index], disparity)
    return both_agree(left, best_rows(costs, disparities))


def best_rows(costs: Costs, disparities: range) -> Costs:
    """Return (H, W) disparities [px] of `cheapest_rows`; NaN where the costs (D, H, W) are infinite there."""
    best = cheapest_rows(without_gaps(costs), P1, P2)
    inside = np.isfinite(np.take_along_axis(costs, best[np.newaxis], axis=0)[0])
    return np.where(inside, best + disparities[0], np.nan).astype(np.float32)


def cheapest_rows(costs: Costs, p1: float, p2: float) -> NDArray[np.intp]:
    """Find per row the indices d(x) that minimise sum C(x, d) + sum V(d(x) - d(x-1)), V(0) = 0, V(1) = p1, V(2..) = p2.

    Args:
        costs: (D, H, W), finite.
        p1: Penalty for a step of 1; at most p2.
        p2: Penalty for a larger step.

    Returns:
        (H, W) indices into the first axis.
    """
    reached = aggregate_path(costs, (0, 1), p1, p2)
    levels = np.arange(len(costs))
    steps = np.abs(levels[:, np.newaxis] - levels)
    penalties = np.where(steps > 1, p2, steps * p1).astype(np.float32)  # (D, D)
    _, height, width = costs.shape
    best = np.empty((height, width), np.intp)
    best[:, -1] = reached[:, :, -1].argmin(axis=0)
    for x in range(width - 2, -1, -1):  # back along the way that led there
        best[:, x] = (reached[:, :, x] + penalties[:, best[:, x + 1]]).argmin(axis=0)
    return best
