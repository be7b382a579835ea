"""Where a method fails: connected regions of low structural similarity, ranked, as boxes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

MAX_BOXES = 5
LOSS_THRESHOLD = 0.25  # of (1 - SSIM) / 2 after smoothing: where half of the structure is lost
MIN_AREA_SHARE = 0.001


@dataclass(frozen=True, slots=True)
class FailureBox:
    """A rectangle around one failing region.

    Attributes:
        left, top, right, bottom: Pixels; right and bottom are exclusive.
        loss_share: Share of the map's whole loss of structure that lies in the region [%].
    """

    left: int
    top: int
    right: int
    bottom: int
    loss_share: float


def find_failures(ssim_map: NDArray[np.float32]) -> tuple[FailureBox, ...]:
    """The at most five regions that lose most structure, worst first.

    The loss (1 - SSIM) / 2 is smoothed over 1/60 of the image's longer side, thresholded, and split into connected
    regions; those under 0.1 % of the image are dropped.

    Args:
        ssim_map: (H, W) float32, NaN where it says nothing; NaN counts as no loss.
    """
    loss = np.nan_to_num((1 - ssim_map) / 2, nan=0.0).astype(np.float32)
    total = float(loss.sum())
    if total == 0:
        return ()
    height, width = loss.shape
    side = max(max(height, width) // 60, 3)
    mask = (cv2.blur(loss, (side, side)) > LOSS_THRESHOLD).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    count, regions, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    region_loss = np.bincount(regions.ravel(), weights=loss.ravel(), minlength=count)
    boxes = [
        FailureBox(int(x), int(y), int(x + w), int(y + h), 100 * float(region_loss[index]) / total)
        for index, (x, y, w, h, area) in enumerate(statistics)
        if index > 0 and area >= MIN_AREA_SHARE * height * width
    ]
    return tuple(sorted(boxes, key=lambda box: -box.loss_share)[:MAX_BOXES])
