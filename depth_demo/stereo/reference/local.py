"""Local stereo matching: every pixel by itself takes the disparity whose windows are most alike."""

from __future__ import annotations

import numpy as np

from depth_demo.geometry import DepthKind, DepthMap, StereoPair
from depth_demo.stereo.matching import left_right_consistent
from depth_demo.stereo.reference.costs import Cost, Costs, cost_slices, seen_from_right


def match_local(pair: StereoPair, cost: Cost, window: int, disparities: range) -> DepthMap:
    """Match every pixel by itself (winner takes all), and drop what the right view does not confirm within 1 px.

    Args:
        pair: The two views.
        cost: SAD, SSD, ZNCC or census, see `costs.cost_slices`.
        window: Side of the compared squares [px]; odd.
        disparities: Where to look [px].

    Returns:
        Disparity of the left view [px]; NaN where every match is outside the right view or the views disagree.

    Raises:
        ValueError: If cost, window or disparities are impossible.
    """
    return both_agree(*local_winners(pair, cost, window, disparities))


def local_winners(pair: StereoPair, cost: Cost, window: int, disparities: range) -> tuple[Costs, Costs]:
    """Return (H, W) disparities [px] of the left and of the right view: the cheapest, of equals the smallest.

    A pixel has NaN where every match lies outside the other view.
    """
    shape = pair.left.shape[:2]
    left, right = np.full(shape, np.nan, np.float32), np.full(shape, np.nan, np.float32)
    left_cost, right_cost = np.full(shape, np.inf, np.float32), np.full(shape, np.inf, np.float32)
    for disparity, costs in zip(disparities, cost_slices(pair, cost, disparities, window), strict=True):
        _keep_cheaper(left, left_cost, disparity, costs)
        _keep_cheaper(right, right_cost, disparity, seen_from_right(costs, disparity))
    return left, right


def _keep_cheaper(answer: Costs, cheapest: Costs, disparity: int, costs: Costs) -> None:
    better = costs < cheapest
    np.copyto(cheapest, costs, where=better)
    answer[better] = disparity


def both_agree(left: Costs, right: Costs) -> DepthMap:
    """Return the disparity of the left view, with NaN where that of the right view differs by more than 1 px."""
    return DepthMap(np.where(left_right_consistent(left, right, 1.0), left, np.float32(np.nan)), DepthKind.DISPARITY)
