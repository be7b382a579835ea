"""Errors over a set of pixels, in pixels of disparity and in metres of depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import Calibration, DepthMap, Mask, disparity_to_depth

BAD_PX = 3.0  # threshold of bad-3, of KITTI's D1, and of what the app calls wrong
BAD_FACTOR = 1.25  # threshold of delta1, and of what the app calls wrong where there are no pixels of disparity


@dataclass(frozen=True, slots=True)
class DisparityErrors:
    """Errors over one set of pixels.

    Attributes:
        pixels: How many.
        epe_px: End-point error, the mean of |d - d*| [px].
        bad_half, bad_1, bad_2, bad_3: Share with |d - d*| above 0.5, 1, 2, 3 px [%].
        d1: KITTI 2015's outliers, |d - d*| > 3 px and > 5 % of d* [%].
    """

    pixels: int
    epe_px: float
    bad_half: float
    bad_1: float
    bad_2: float
    bad_3: float
    d1: float


@dataclass(frozen=True, slots=True)
class DepthErrors:
    """Errors in metres (Eigen et al. 2014).

    Attributes:
        abs_rel: Mean of |Z - Z*| / Z*.
        rmse_m: Root of the mean of (Z - Z*)^2 [m].
        delta_1: Share with max(Z / Z*, Z* / Z) < 1.25 [%].
        silog: Scale-invariant logarithmic error, 100 times the standard deviation of ln Z - ln Z* (KITTI's depth benchmark).
    """

    abs_rel: float
    rmse_m: float
    delta_1: float
    silog: float


def disparity_errors(predicted: NDArray[np.float32], truth: NDArray[np.float32]) -> DisparityErrors | None:
    """Measure two lists of disparities [px]; a NaN prediction is worse than every threshold. None for empty lists."""
    if not truth.size:
        return None
    error = np.abs(predicted - truth).astype(np.float64)
    half, one, two, three = (100 * float(np.mean(~(error <= limit))) for limit in (0.5, 1, 2, BAD_PX))
    outlier = ~(error <= BAD_PX) & ~(error <= 0.05 * np.abs(truth))
    return DisparityErrors(truth.size, float(error.mean()), half, one, two, three, 100 * float(outlier.mean()))


def depth_errors(predicted: DepthMap, truth: DepthMap, common: Mask, calibration: Calibration) -> DepthErrors | None:
    """Measure the errors in metres; None where no truth has a depth, or all of them have the same.

    A predicted point that is farther than the farthest truth, or behind infinity, is put at the farthest truth. Where all
    truth is equally far, that would forgive every point that is too far.

    Args:
        predicted, truth: (H, W) disparity [px].
        common: (H, W) bool, where to measure; both maps have values there.
        calibration: The camera.
    """
    pixels = common & disparity_to_depth(truth, calibration).valid
    if not pixels.any():
        return None
    true, shifted = (m.values[pixels].astype(np.float64) + calibration.doffs_px for m in (truth, predicted))
    if true.min() == true.max():
        return None
    shifted = np.maximum(shifted, true.min())
    ratio = true / shifted  # of disparities, as 5 px against 4 px are exactly 1.25
    near = np.maximum(ratio, shifted / true) < BAD_FACTOR
    silog = np.std(np.log(ratio, out=ratio))
    depth, reference = (
        np.divide(calibration.focal_length_px * calibration.baseline_m, inverse, out=inverse) for inverse in (shifted, true)
    )
    error = np.subtract(depth, reference, out=depth)
    return DepthErrors(
        abs_rel=float(np.mean(np.abs(error) / reference)),
        rmse_m=float(np.sqrt(np.mean(error**2))),
        delta_1=100 * float(np.mean(near)),
        silog=100 * float(silog),
    )
