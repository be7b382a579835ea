"""Structural similarity (Wang et al., TIP 2004) with a square window, as scikit-image defines it, by OpenCV's box filter."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SSIM_WINDOW = 7  # px
UNBIASED = SSIM_WINDOW**2 / (SSIM_WINDOW**2 - 1)  # sample variance from the mean of squares


def structural_similarity(
    image: NDArray[np.generic], reference: NDArray[np.generic], data_range: float
) -> tuple[float, NDArray[np.float64]]:
    """Mean and map of SSIM; scikit-image's `structural_similarity(..., full=True)` gives the same, and takes longer.

    Args:
        image, reference: (H, W) of any number type without NaN, both at least as large as a window.
        data_range: Of the reference; larger than 0.

    Returns:
        The mean over the windows that lie inside, and (H, W) float64 of all: beyond the edge the picture is mirrored.
    """
    x, y = image.astype(np.float64), reference.astype(np.float64)
    c1, c2 = stabilisers(data_range)
    mean_x, mean_y, product, squares = box_mean(x), box_mean(y), box_mean(x * y), box_mean(x * x + y * y)
    means, mean_squares = mean_x * mean_y, mean_x * mean_x + mean_y * mean_y
    similarity = (2 * means + c1) * (2 * UNBIASED * (product - means) + c2)
    similarity /= (mean_squares + c1) * (UNBIASED * (squares - mean_squares) + c2)
    border = SSIM_WINDOW // 2
    return float(similarity[border:-border, border:-border].mean()), similarity


def stabilisers(data_range: float) -> tuple[float, float]:
    """C1 and C2 of the paper, which keep the quotients from 0 / 0."""
    return (0.01 * data_range) ** 2, (0.03 * data_range) ** 2


def box_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(H, W): the mean over the window around every pixel."""
    return np.asarray(cv2.blur(values, (SSIM_WINDOW, SSIM_WINDOW), borderType=cv2.BORDER_REFLECT))
