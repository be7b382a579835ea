"""Shrink large pictures quickly."""

from __future__ import annotations

import cv2
import numpy as np

from depth_demo.geometry import RgbImage


def halved(picture: RgbImage, width: int, height: int) -> RgbImage:
    """Halve a picture while it stays at least this large: each pixel becomes the mean of 2x2 pixels.

    OpenCV is ten times as fast with halves as with other area averages.

    Args:
        picture: (H, W, 3) uint8. Of an odd side the last pixel is left out.
        width, height: Least size of the result [px]; a picture less than twice as large stays as it is.
    """
    while picture.shape[1] >= 2 * width and picture.shape[0] >= 2 * height:
        rows, columns = picture.shape[0] // 2, picture.shape[1] // 2
        even = picture[: 2 * rows, : 2 * columns]
        picture = np.asarray(cv2.resize(even, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)
    return picture
