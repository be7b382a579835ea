"""Why OpenCV leaves a pixel without a disparity: which check removed it."""

from __future__ import annotations

import dataclasses

from depth_demo.geometry import StereoPair
from depth_demo.stereo.matched import MatchedViews, Rejection
from depth_demo.stereo.matching import keep_consistent, match_views
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.stereo.traps import find_traps

LEFT_RIGHT = Rejection("left-right check", "matching from right to left gives another answer")
TEXTURE = Rejection("texture", "the area around it has no texture that both views show, so every disparity is as likely")
REPETITION = Rejection("repetition", "the right view shows the same pattern several times within the search range")
ANY_FILTER = Rejection("OpenCV's filters", "uniqueness, left-right check or speckle filter; a crop does not tell which")
CROP = 48  # px on each side, besides the window
# OpenCV's filters in the order of their last word; each is switched off to see whether it was the one.
SWITCHED_OFF: tuple[tuple[Rejection, dict[str, int]], ...] = (
    (Rejection("speckle filter", "it belonged to an island that is too small"), {"speckle_window_size": 0}),
    (
        Rejection("left-right check of OpenCV", "another pixel claims the same point of the right view"),
        {"disp12_max_diff": 1024},
    ),
    (Rejection("uniqueness", "the second-best match was nearly as good"), {"uniqueness_ratio": 0}),
)


def why_missing(found: MatchedViews[SgbmSettings], x: int, y: int) -> Rejection:
    """Find the check that left pixel (x, y) without a disparity.

    What OpenCV's own filters remove is found by matching a crop again with one filter after the other switched off.

    Args:
        found: The match; the pixel was searched and is a hole.
        x: Column.
        y: Row.
    """
    pair, settings = found.pair, found.settings
    if found.raw.valid[y, x]:
        agreeing = keep_consistent(found.raw.values, found.left_right_diff, settings.left_right_max_diff)
        traps = find_traps(pair, agreeing, settings)
        if traps.blank[y, x]:
            return TEXTURE
        return REPETITION if traps.repeated[y, x] else LEFT_RIGHT
    reach = CROP + settings.block_size // 2
    last = max(settings.min_disparity + settings.num_disparities, 0)
    left, right = max(x - reach - last, 0), x + reach + 1 + max(-settings.min_disparity, 0)
    top = max(y - reach, 0)
    window = slice(top, y + reach + 1), slice(left, right)
    crop = StereoPair(pair.left[window], pair.right[window])
    relaxed = dataclasses.replace(settings, left_right_max_diff=-1)
    for rejection, off in SWITCHED_OFF:
        relaxed = dataclasses.replace(relaxed, **off)  # type: ignore[arg-type]
        if match_views(crop, relaxed).raw.valid[y - top, x - left]:
            return rejection
    return ANY_FILTER
