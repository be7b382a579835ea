"""Where a matcher answers although the views do not say: areas without texture, and patterns that repeat.

OpenCV's own checks pass both without a word. The tests read the gradients along the rows, since only these tell
disparities apart. They look at one row in four and at blocks of columns, and so cost little beside the match.
"""

from __future__ import annotations

from dataclasses import dataclass

from depth_demo.geometry import Mask, StereoPair
from depth_demo.stereo.blocks import Grid
from depth_demo.stereo.matched import MatcherSettings
from depth_demo.stereo.repetition import repeated_pixels
from depth_demo.stereo.texture import blank_pixels


@dataclass(frozen=True, slots=True, eq=False)
class Traps:
    """What to distrust.

    Attributes:
        blank: (H, W) bool: matched, but there is no texture that both views show.
        repeated: (H, W) bool: matched, but the same pattern is seen at least twice more within the search range.
    """

    blank: Mask
    repeated: Mask


def find_traps(pair: StereoPair, disparity: Grid, settings: MatcherSettings) -> Traps:
    """Find the matched pixels at which other disparities are as likely.

    Args:
        pair: The two views.
        disparity: (H, W) disparity of the left view [px], NaN in holes.
        settings: The range that was searched.
    """
    return Traps(blank_pixels(pair, disparity, settings.min_disparity), repeated_pixels(pair, disparity, settings))
