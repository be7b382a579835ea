"""What the choice of an alignment does to a monocular map's scores: one row per mode, all over the same pixels.

SSIM needs means, variances and a covariance of windows, which an affine map changes by a formula: they are gathered once
for all modes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depth_demo.evaluation.alignment import (
    ALIGNMENT_MODES,
    Alignment,
    AlignmentMode,
    apply_alignment,
    fit_alignment,
    inverse_depth,
)
from depth_demo.evaluation.errors import DepthErrors, DisparityErrors, depth_errors, disparity_errors
from depth_demo.evaluation.metrics import masked_ssim, whole_windows
from depth_demo.evaluation.ssim import UNBIASED, box_mean, stabilisers
from depth_demo.geometry import Calibration, DepthKind, DepthMap, Mask


@dataclass(frozen=True, slots=True)
class AlignedScores:
    """A monocular map under one mode.

    Attributes:
        mode, fit: How it was brought to pixels.
        ssim: Fair protocol's, over the windows inside the mask; NaN when there is none or the fit is inverted.
        errors: In pixels over the mask; None when the fit is inverted.
        errors_all: Over all pixels with truth, a hole counting as wrong; None when the fit is inverted.
        depth: In metres over the mask; None as well without a calibration.
    """

    mode: AlignmentMode
    fit: Alignment
    ssim: float = float("nan")
    errors: DisparityErrors | None = None
    errors_all: DisparityErrors | None = None
    depth: DepthErrors | None = None


def score_alignments(
    predicted: DepthMap,
    truth: DepthMap,
    mask: Mask,
    reference: DepthMap,
    fit_mask: Mask,
    calibration: Calibration | None = None,
) -> tuple[AlignedScores, ...]:
    """Fit in every mode, and score against the truth.

    Without a calibration, metres cannot be read as pixels, so "none" is left out for metric depth.

    Args:
        predicted: (H, W) monocular map of any kind.
        truth: (H, W) disparity [px].
        mask: (H, W) bool, where both methods and the truth have values; not empty.
        reference: (H, W) disparity [px] to fit to: the truth, or stereo.
        fit_mask: (H, W) bool, where to fit.
        calibration: The camera, for errors in metres.

    Raises:
        ValueError: As `fit_alignment`.
    """
    windows = None if predicted.kind is DepthKind.RELATIVE_DEPTH else AffineSsim(inverse_depth(predicted), truth.values, mask)

    def score(mode: AlignmentMode) -> AlignedScores:
        fit = fit_alignment(predicted, reference, mode, fit_mask, calibration)
        if fit.inverted:
            return AlignedScores(mode, fit)
        aligned = apply_alignment(predicted, fit)
        errors = disparity_errors(aligned.values[mask], truth.values[mask])
        errors_all = disparity_errors(aligned.values[truth.valid], truth.values[truth.valid])
        depth = depth_errors(aligned, truth, mask, calibration) if calibration else None
        ssim = windows.mean(fit.scale, fit.shift) if windows else _mean_ssim(aligned, truth, mask)
        return AlignedScores(mode, fit, ssim, errors, errors_all, depth)

    needs_camera = ("none",) if predicted.kind is DepthKind.METRIC_DEPTH and calibration is None else ()
    return tuple(score(mode) for mode in ALIGNMENT_MODES if mode not in needs_camera)


def _mean_ssim(aligned: DepthMap, truth: DepthMap, mask: Mask) -> float:
    """Return the mean over the windows inside the mask; NaN without one. A map that was fitted in depth has no formula."""
    similarity = masked_ssim(aligned, truth, mask)[whole_windows(mask)]
    return float(similarity.mean(dtype=np.float64)) if similarity.size else float("nan")


class AffineSsim:
    """Mean SSIM of scale x image + shift against a truth, for any scale and shift (Wang et al. 2004, uniform window).

    The same numbers as scikit-image's `structural_similarity` with the truth's range as `data_range`.
    """

    def __init__(self, image: NDArray[np.float32], truth: NDArray[np.float32], mask: Mask) -> None:
        """Gather the statistics of all windows inside `mask`; arrays are (H, W)."""
        centres = whole_windows(mask)
        self.data_range = float(np.nanmax(truth) - np.nanmin(truth))
        self.origins = [float(a[mask].mean(dtype=np.float64)) for a in (image, truth)]  # squares stay small
        x, y = (
            np.where(mask, a.astype(np.float64) - origin, 0) for a, origin in zip((image, truth), self.origins, strict=True)
        )
        self.mean_x, self.mean_y, xx, yy, xy = (box_mean(a)[centres] for a in (x, y, x * x, y * y, x * y))
        self.var_x, self.var_y = UNBIASED * (xx - self.mean_x**2), UNBIASED * (yy - self.mean_y**2)
        self.covariance = UNBIASED * (xy - self.mean_x * self.mean_y)

    def mean(self, scale: float, shift: float) -> float:
        """Return the mean SSIM of scale x map + shift; NaN without a window or with a constant truth."""
        if not self.mean_x.size or self.data_range == 0:
            return float("nan")
        c1, c2 = stabilisers(self.data_range)
        x, y = scale * (self.mean_x + self.origins[0]) + shift, self.mean_y + self.origins[1]
        brightness = (2 * x * y + c1) / (x**2 + y**2 + c1)
        structure = (2 * scale * self.covariance + c2) / (scale**2 * self.var_x + self.var_y + c2)
        return float(np.mean(brightness * structure))
