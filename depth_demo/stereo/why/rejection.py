"""Why a pixel has no disparity: which of the matcher's checks removed it."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np

from depth_demo.geometry import DepthMap, StereoPair
from depth_demo.stereo.matching import match_views, unmatchable_band
from depth_demo.stereo.settings import SgbmSettings

Reason = Literal[
    "",
    "unsearched band",
    "left-right check",
    "no variation",
    "speckle filter",
    "left-right check of OpenCV",
    "uniqueness",
    "OpenCV's filters",
]
EXPLAINED: dict[Reason, str] = {
    "unsearched band": "the search range would leave the right view",
    "left-right check": "matching from right to left gives another answer",
    "no variation": "all colours around it are equal, so the first candidate was taken",
    "speckle filter": "it belonged to an island that is too small",
    "left-right check of OpenCV": "another pixel claims the same point of the right view",
    "uniqueness": "the second-best match was nearly as good",
    "OpenCV's filters": "uniqueness, left-right check or speckle filter; a crop does not tell which",
}
CROP = 48  # px on each side, besides the window
# OpenCV's filters in the order of their last word; each is switched off to see whether it was the one.
_SWITCHED_OFF: tuple[tuple[Reason, dict[str, int]], ...] = (
    ("speckle filter", {"speckle_window_size": 0}),
    ("left-right check of OpenCV", {"disp12_max_diff": 1024}),
    ("uniqueness", {"uniqueness_ratio": 0}),
)


def why_missing(pair: StereoPair, x: int, y: int, settings: SgbmSettings, raw: DepthMap, disparity: DepthMap) -> Reason:
    """The check that left pixel (x, y) without a disparity; "" when it has one.

    What OpenCV's own filters remove is found by matching a crop again with one filter after the other switched off.

    Args:
        pair: The two views.
        x: Column.
        y: Row.
        settings: How they were matched.
        raw: (H, W) disparity as OpenCV gave it [px].
        disparity: (H, W) what passed all checks [px].
    """
    if disparity.valid[y, x]:
        return ""
    if unmatchable_band(disparity.shape, settings)[y, x]:
        return "unsearched band"
    if raw.valid[y, x]:
        half = settings.block_size // 2 + 1
        around = pair.left[max(y - half, 0) : y + half + 1, max(x - half, 0) : x + half + 1]
        return "no variation" if not np.ptp(around, axis=(0, 1)).any() else "left-right check"
    reach = CROP + settings.block_size // 2
    last = max(settings.min_disparity + settings.num_disparities, 0)
    left, right = max(x - reach - last, 0), x + reach + 1 + max(-settings.min_disparity, 0)
    top = max(y - reach, 0)
    window = slice(top, y + reach + 1), slice(left, right)
    crop = StereoPair(pair.left[window], pair.right[window])
    relaxed = dataclasses.replace(settings, left_right_max_diff=-1)
    for reason, off in _SWITCHED_OFF:
        relaxed = dataclasses.replace(relaxed, **off)  # type: ignore[arg-type]
        if match_views(crop, relaxed)[0].valid[y - top, x - left]:
            return reason
    return "OpenCV's filters"
