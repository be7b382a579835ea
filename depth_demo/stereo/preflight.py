"""Is a pair usable? Checks before matching, on a small copy, in well under a second."""

from __future__ import annotations

import cv2
import numpy as np

from depth_demo.geometry import RgbImage, StereoPair
from depth_demo.stereo.matching import SgbmSettings, compute_disparity

WORKING_WIDTH = 400
MIN_SHARE = 0.15  # of the pixels that must match before an order of the views is believed
MIN_RATIO = 2.0


def matched_share(left: RgbImage, right: RgbImage) -> float:
    """Share of the pixels, right of the unmatchable band, that match consistently in both directions."""
    height, width = left.shape[:2]
    factor = min(1.0, WORKING_WIDTH / width)
    size = (round(width * factor), max(round(height * factor), 1))
    small = [np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8) for image in (left, right)]
    disparities = max(size[0] // 4 // 16 * 16, 16)
    settings = SgbmSettings("SGBM_3WAY", num_disparities=disparities, uniqueness_ratio=15, min_disparity=1)
    disparity = compute_disparity(StereoPair(small[0], small[1]), settings)
    return float(disparity.valid[:, disparities + 1 :].mean())


def check_not_swapped(pair: StereoPair) -> None:
    """Raises ValueError if the right view looks like the left one and the left like the right.

    Decided by matching both ways round: swapped views match at least `MIN_RATIO` times as many pixels once exchanged.
    Cameras that look inwards have negative disparities by right, so pairs matched that way are not checked.
    """
    exchanged = matched_share(pair.right, pair.left)
    given = matched_share(pair.left, pair.right)
    if exchanged > MIN_SHARE and exchanged > MIN_RATIO * given:
        raise ValueError(
            f"Left and right look swapped: exchanged, {exchanged:.0%} of the pixels match, as given {given:.0%}. "
            f"Exchange the two images; if the cameras look inwards, set a negative min_disparity instead."
        )
