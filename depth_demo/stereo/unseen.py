"""Pixels that a rectified pair does not show: the black beside a turned view stays out of maps and scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depth_demo.geometry import DepthKind, DepthMap, Mask

Seen = tuple[Mask, Mask]  # (H, W) each: where the left and the right view show something
_NAN = np.float32(np.nan)


def keep_seen(disparity: DepthMap, seen: Seen) -> DepthMap:
    """Return a disparity of the left view with NaN where either view shows nothing, or the match lies outside the picture.

    Raises:
        ValueError: If the map is not disparity.
    """
    inside, there = _at_the_match(disparity, seen[1])
    return replace(disparity, values=np.where(seen[0] & inside & there, disparity.values, _NAN))


def keep_judged(truth: DepthMap, seen: Seen) -> DepthMap:
    """Return a true disparity with NaN where the left view, or the right one at the match, is black.

    Truth whose match lies outside the picture stays: no rectification took it away.

    Raises:
        ValueError: If the map is not disparity.
    """
    inside, there = _at_the_match(truth, seen[1])
    return replace(truth, values=np.where(seen[0] & (there | ~inside), truth.values, _NAN))


def keep_in_view(left_map: DepthMap, view: Mask) -> DepthMap:
    """Return a map of the left view, of any kind, with NaN where the view shows nothing."""
    return replace(left_map, values=np.where(view, left_map.values, _NAN))


def _at_the_match(disparity: DepthMap, right: Mask) -> tuple[Mask, Mask]:
    """Return where the match lies inside the picture, and where the right view shows something there."""
    disparity.require(DepthKind.DISPARITY)
    height, width = disparity.shape
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    other = np.clip(np.rint(columns - np.nan_to_num(disparity.values, nan=0.0)), -1, width).astype(np.intp)
    return (other >= 0) & (other < width), right[rows, np.clip(other, 0, width - 1)]
