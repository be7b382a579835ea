"""What a rectification is worth: the row gap before and after, the share of pixels kept, the depth error to expect."""

from __future__ import annotations

import math
from dataclasses import dataclass

from depth_demo.stereo.rectification.rows import RowQuality

# Both are measured on the bundled pairs, whose right views were moved down by 0 to 1 px, where matching is within 3 px.
SUBPIXEL_PX = 0.25  # standard deviation of a disparity where rows agree: 0.21 and 0.28
ROW_TO_DISPARITY = 0.5  # what a px of row gap adds to it: 0.35 and 0.60
DISTANCES_M = (2, 5, 10, 20, 50)


@dataclass(frozen=True, slots=True)
class Quality:
    """The rectification in numbers.

    Attributes:
        rows: The row gap after rectification; None where too few points matched to tell.
        before: The row gap of the views as they were given; None where it was not measured.
        kept: The smallest of four shares, 0 to 1: of each view's pixels that the rectified picture shows, and of each
            rectified picture that is not black.
    """

    rows: RowQuality | None
    before: RowQuality | None
    kept: float

    @property
    def disparity_error_px(self) -> float:
        """Standard error of a right match [px]: the noise of fractions and what the row gap adds."""
        gap = self.rows.smooth_median_px if self.rows else 0.0
        return math.hypot(SUBPIXEL_PX, ROW_TO_DISPARITY * gap)

    def depth_error_m(self, distance_m: float, focal_length_px: float, baseline_m: float) -> float:
        """Return the error of depth to expect at a distance [m]: Z^2 / (f B) times the error of the disparity."""
        return distance_m**2 / (focal_length_px * baseline_m) * self.disparity_error_px
