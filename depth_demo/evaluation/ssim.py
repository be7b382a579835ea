"""Structural similarity (Wang et al., TIP 2004) with a square window, as scikit-image defines it, by OpenCV's box filter."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
SSIM_WINDOW = 7  # px
BAND_PIXELS = 2**16  # worked on at once, but for very long rows: ten arrays of that size stay in the processor's cache
UNBIASED = SSIM_WINDOW**2 / (SSIM_WINDOW**2 - 1)  # sample variance from the mean of squares


def structural_similarity(
    image: NDArray[np.generic], reference: NDArray[np.generic], data_range: float
) -> tuple[float, Numbers]:
    """Return the mean and the map of SSIM, as scikit-image's slower `structural_similarity(..., full=True)` does.

    Args:
        image, reference: (H, W) of any number type without NaN, both at least as large as a window.
        data_range: Of the reference; larger than 0.

    Returns:
        The mean over the windows that lie inside, and (H, W) float64 of all: beyond the edge the picture is mirrored.
    """
    border, (height, width) = SSIM_WINDOW // 2, image.shape
    mirrored = [np.pad(values, ((border, border), (0, 0)), "symmetric") for values in (image, reference)]
    similarity = np.empty((height, width))
    rows = max(BAND_PIXELS // width, 2 * SSIM_WINDOW)
    for top in range(0, height, rows):
        x, y = (values[top : top + rows + 2 * border].astype(np.float64) for values in mirrored)
        similarity[top : top + rows] = _band(x, y, *stabilisers(data_range))
    return float(similarity[border:-border, border:-border].mean()), similarity


def _band(x: Numbers, y: Numbers, c1: float, c2: float) -> Numbers:
    """Return the SSIM of all rows that have a whole window above and below them."""
    whole = slice(SSIM_WINDOW // 2, -(SSIM_WINDOW // 2))
    mean_x, mean_y, product, squares = (box_mean(values)[whole] for values in (x, y, x * y, x * x + y * y))
    means, mean_squares = mean_x * mean_y, mean_x * mean_x + mean_y * mean_y
    similarity = (2 * means + c1) * (2 * UNBIASED * (product - means) + c2)
    similarity /= (mean_squares + c1) * (UNBIASED * (squares - mean_squares) + c2)
    return similarity


def stabilisers(data_range: float) -> tuple[float, float]:
    """Return C1 and C2 of the paper, which keep the quotients from 0 / 0."""
    return (0.01 * data_range) ** 2, (0.03 * data_range) ** 2


def box_mean(values: Numbers) -> Numbers:
    """Return (H, W): the mean over the window around every pixel."""
    return np.asarray(cv2.blur(values, (SSIM_WINDOW, SSIM_WINDOW), borderType=cv2.BORDER_REFLECT))
