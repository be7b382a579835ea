"""How far each pixel of a map can be believed, from 0 to 1, as far as results that are there can tell.

What a monocular map doubts takes another run of the network (`uncertainty`), so it has no confidence here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depth_demo.comparison.fusion import Fusion
from depth_demo.geometry import DepthMap

Confidence = NDArray[np.float32]


def stereo_confidence(disparity: DepthMap, left_right_diff: NDArray[np.float32] | None) -> Confidence | None:
    """Return 1 / (1 + difference of left and right [px]).

    Args:
        disparity: (H, W) of stereo [px], NaN in holes.
        left_right_diff: (H, W) of `left_right_difference` [px]; None where the pair was matched in one direction.

    Returns:
        (H, W) float32: 1 where both directions of matching agree exactly, 0.5 where they differ by 1 px, 0 in holes; None
        without a difference.
    """
    return None if left_right_diff is None else _believed(left_right_diff, disparity)


def fused_confidence(fusion: Fusion, disparity: DepthMap, left_right_diff: NDArray[np.float32] | None) -> Confidence:
    """Return the share of stereo times 1 / (1 + difference to what backs it [px]).

    That is the other direction of matching or the anchored monocular map, whichever is nearer.

    Args:
        fusion: The fused map.
        disparity: (H, W) of stereo [px], NaN in holes.
        left_right_diff: As in `stereo_confidence`.

    Returns:
        (H, W) float32: 1 where the map is stereo that another witness confirms exactly, 0 where it is filled from one source.
    """
    difference = np.abs(disparity.values - fusion.anchored.values)
    if left_right_diff is not None:
        difference = np.fmin(difference, left_right_diff)
    return fusion.stereo_share * _believed(difference, disparity)


def _believed(difference: NDArray[np.float32], disparity: DepthMap) -> Confidence:
    """Return 1 / (1 + difference), and 0 where the difference or the disparity is missing."""
    return np.where(disparity.valid, np.nan_to_num(1 / (1 + difference)), 0).astype(np.float32)
