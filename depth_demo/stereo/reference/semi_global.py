"""Semi-global costs (Hirschmuller, PAMI 2008): the sum of the cheapest ways to a pixel along eight straight paths.

They show what such costs look like on small pieces of a picture. OpenCV shows none of its own, which start from other costs
(Birchfield and Tomasi's, on gradients) in 16 bits.
"""

from __future__ import annotations

import numpy as np

from depth_demo.stereo.reference.costs import Costs

# Rows and columns from one pixel of a path to the next.
DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1), (1, -1), (-1, 1))
P1, P2 = 8.0, 32.0  # penalties for a step of 1 px and for a larger one, for census costs, which are 0 to 62


def aggregate_semi_globally(costs: Costs) -> Costs:
    """Sum the cheapest ways to each pixel and disparity along the eight `DIRECTIONS`, with the penalties `P1` and `P2`.

    Args:
        costs: (D, H, W) float32, infinite where there is no match.

    Returns:
        (D, H, W) float32, infinite where `costs` is.
    """
    filled = without_gaps(costs)
    total = np.zeros_like(filled)
    for direction in DIRECTIONS:
        total += aggregate_path(filled, direction, P1, P2)
    return np.where(np.isinf(costs), np.float32(np.inf), total)


def aggregate_path(costs: Costs, direction: tuple[int, int], p1: float, p2: float) -> Costs:
    """Compute Hirschmuller's L_r: the cost of the pixel plus the cheapest way to it from the border in one direction.

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
    """Return (D, N): the cheapest way on to each disparity, less the cheapest of all."""
    lowest = before.min(axis=0)
    onwards = np.minimum(before, lowest + np.float32(p2))
    np.minimum(onwards[1:], before[:-1] + np.float32(p1), out=onwards[1:])
    np.minimum(onwards[:-1], before[1:] + np.float32(p1), out=onwards[:-1])
    return onwards - lowest


def without_gaps(costs: Costs) -> Costs:
    """Let matches outside the right view cost as much as an average match, so that a path may cross them.

    Were they forbidden, a path along the left edge would have to leave the surface that it follows.
    """
    outside = np.isinf(costs)
    return np.where(outside, costs.mean(where=~outside), costs)
