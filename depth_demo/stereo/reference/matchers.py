"""The families of stereo matching in their plainest form: a window, a whole scan line, many paths.

All three are ours, in whole pixels, and written to be read; `depth_demo.stereo.matching` calls OpenCV's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap, StereoPair
from depth_demo.stereo.matching import left_right_consistent
from depth_demo.stereo.reference.costs import Cost, Costs, cost_slices, cost_volume

# Rows and columns from one pixel of a path to the next; diagonals come last.
DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1), (1, -1), (-1, 1))
P1, P2 = 8.0, 32.0  # for census costs, which are 0 to 62


def match_local(pair: StereoPair, cost: Cost, window: int, disparities: range, left_right_max_diff: float = 1.0) -> DepthMap:
    """Every pixel by itself: the disparity whose windows are most alike (winner takes all), the smallest of equals.

    Args:
        pair: The two views.
        cost: SAD, SSD, ZNCC or census, see `costs.cost_slices`.
        window: Side of the compared squares [px]; odd.
        disparities: Where to look [px].
        left_right_max_diff: The winners of the right view must agree to this [px]; a negative number leaves it out.

    Returns:
        Disparity of the left view [px]; NaN where every match is outside the right view or the views disagree.

    Raises:
        ValueError: If cost, window or disparities are impossible.
    """
    shape = pair.left.shape[:2]
    left, right = np.full(shape, np.nan, np.float32), np.full(shape, np.nan, np.float32)
    left_cost, right_cost = np.full(shape, np.inf, np.float32), np.full(shape, np.inf, np.float32)
    for disparity, costs in zip(disparities, cost_slices(pair, cost, disparities, window), strict=True):
        _keep_cheaper(left, left_cost, disparity, costs)
        _keep_cheaper(right, right_cost, disparity, _seen_from_right(costs, disparity))
    return _checked(left, right, left_right_max_diff)


def _keep_cheaper(answer: Costs, cheapest: Costs, disparity: int, costs: Costs) -> None:
    better = costs < cheapest
    np.copyto(cheapest, costs, where=better)
    answer[better] = disparity


def _seen_from_right(costs: Costs, disparity: int) -> Costs:
    """The same matches by their place x - d in the right view; infinite where they lie outside the left one."""
    return np.roll(costs, -disparity, axis=1)  # what is rolled over the edge is infinite already


def _checked(left: Costs, right: Costs, max_diff: float) -> DepthMap:
    if max_diff >= 0:
        left = np.where(left_right_consistent(left, right, max_diff), left, np.nan)
    return DepthMap(left, DepthKind.DISPARITY)


def match_scan_lines(
    pair: StereoPair,
    disparities: range,
    cost: Cost = "census",
    window: int = 1,
    p1: float = P1,
    p2: float = P2,
    left_right_max_diff: float = 1.0,
) -> DepthMap:
    """Every row as a whole: the disparities with the least sum of costs and of penalties for steps along the row.

    The minimum is exact (dynamic programming), but rows know nothing of each other.

    Args:
        pair: The two views.
        disparities: Where to look [px].
        cost: SAD, SSD, ZNCC or census, see `costs.cost_slices`.
        window: Side of the compared squares [px]; odd.
        p1: Penalty for a step of 1 px between neighbours, in the unit of the cost.
        p2: Penalty for a larger step.
        left_right_max_diff: The rows of the right view must agree to this [px]; a negative number leaves it out.

    Returns:
        Disparity of the left view [px]; NaN where the match is outside the right view or the views disagree.

    Raises:
        ValueError: If cost, window, disparities or penalties are impossible.
    """
    costs = cost_volume(pair, cost, disparities, window)
    left = _solve_rows(costs, disparities, p1, p2)
    if left_right_max_diff < 0:
        return _checked(left, left, left_right_max_diff)
    for index, disparity in enumerate(disparities):
        costs[index] = _seen_from_right(costs[index], disparity)
    return _checked(left, _solve_rows(costs, disparities, p1, p2), left_right_max_diff)


def _solve_rows(costs: Costs, disparities: range, p1: float, p2: float) -> Costs:
    best = cheapest_rows(_without_gaps(costs), p1, p2)
    inside = np.isfinite(np.take_along_axis(costs, best[np.newaxis], axis=0)[0])
    return np.where(inside, best + disparities[0], np.nan).astype(np.float32)


def cheapest_rows(costs: Costs, p1: float, p2: float) -> NDArray[np.intp]:
    """Per row the indices d(x) that minimise sum C(x, d) + sum V(d(x) - d(x-1)), V(0) = 0, V(1) = p1, V(2..) = p2.

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


def aggregate_semi_globally(costs: Costs, p1: float = P1, p2: float = P2, paths: int = 8) -> Costs:
    """Sum of the cheapest ways to each pixel and disparity along 4 or 8 straight paths (Hirschmuller, PAMI 2008).

    This is our own, for small pieces of a picture, to show what such costs look like: OpenCV shows none of its own,
    which start from other costs (Birchfield and Tomasi's, on gradients) in 16 bits.

    Args:
        costs: (D, H, W) float32, infinite where there is no match.
        p1: Penalty for a step of 1 px between neighbours on a path, in the unit of the costs.
        p2: Penalty for a larger step; at least p1.
        paths: 4 (along rows and columns) or 8 (diagonals as well).

    Returns:
        (D, H, W) float32, infinite where `costs` is.

    Raises:
        ValueError: If `paths` is neither 4 nor 8, or not 0 <= p1 <= p2.
    """
    if paths not in {4, 8}:
        raise ValueError(f"There are 4 or 8 paths, not {paths}.")
    filled = _without_gaps(costs)
    total = np.zeros_like(filled)
    for direction in DIRECTIONS[:paths]:
        total += aggregate_path(filled, direction, p1, p2)
    return np.where(np.isinf(costs), np.float32(np.inf), total)


def aggregate_path(costs: Costs, direction: tuple[int, int], p1: float, p2: float) -> Costs:
    """Hirschmuller's L_r: the cost of the pixel plus the cheapest way to it from the border in one direction.

    Args:
        costs: (D, H, W), finite.
        direction: Rows and columns from one pixel of the path to the next.
        p1: Penalty for a step of 1.
        p2: Penalty for a larger step.

    Returns:
        (D, H, W) float32, less a constant per pixel that keeps it small.

    Raises:
        ValueError: If not 0 <= p1 <= p2.
    """
    if not 0 <= p1 <= p2:
        raise ValueError(f"The penalties must be 0 <= p1 <= p2, but p1 is {p1:g} and p2 is {p2:g}.")
    down, right = direction
    if down == 0:  # a path along rows goes down the columns of the transposed picture
        return aggregate_path(costs.transpose(0, 2, 1), (right, 0), p1, p2).transpose(0, 2, 1)
    path = np.array(costs[:, ::down], np.float32, order="C")
    width = path.shape[2]
    entered = slice(max(right, 0), width + min(right, 0))
    left = slice(max(-right, 0), width - max(right, 0))
    for row in range(1, path.shape[1]):
        path[:, row, entered] += _cheapest_step(path[:, row - 1, left], p1, p2)
    return path[:, ::down]


def _cheapest_step(before: Costs, p1: float, p2: float) -> Costs:
    """(D, N): the cheapest way on to each disparity, less the cheapest of all."""
    lowest = before.min(axis=0)
    onwards = np.minimum(before, lowest + np.float32(p2))
    np.minimum(onwards[1:], before[:-1] + np.float32(p1), out=onwards[1:])
    np.minimum(onwards[:-1], before[1:] + np.float32(p1), out=onwards[:-1])
    return onwards - lowest


def _without_gaps(costs: Costs) -> Costs:
    """Matches outside the right view cost as much as an average match, so that a path may cross them.

    Were they forbidden, a path along the left edge would have to leave the surface that it follows.
    """
    outside = np.isinf(costs)
    return np.where(outside, costs.mean(where=~outside), costs)
