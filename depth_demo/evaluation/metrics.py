"""Scores of a map against ground truth, under the two protocols that must never be mixed.

*report* is what the written comparison did; it hides an alignment (per-image min-max) and ignores holes.
*fair* puts both methods in disparity, fits the monocular map by scale and shift, and says what was left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.evaluation.alignment import Alignment, apply_alignment, fit_scale_shift
from depth_demo.evaluation.ssim import SSIM_WINDOW, structural_similarity
from depth_demo.geometry import Calibration, DepthKind, DepthMap, Mask, depth_to_disparity, disparity_to_depth

Protocol = Literal["fair", "report"]


@dataclass(frozen=True, slots=True)
class DisparityErrors:
    """Errors over one set of pixels.

    Attributes:
        pixels: How many.
        epe_px: End-point error, the mean of |d - d*| [px].
        bad_1, bad_2, bad_3: Share with |d - d*| above 1, 2, 3 px [%].
        d1: KITTI 2015's outliers, |d - d*| > 3 px and > 5 % of d* [%].
    """

    pixels: int
    epe_px: float
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
    """

    abs_rel: float
    rmse_m: float
    delta_1: float


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """One map against the truth under one protocol. NaN stands for "cannot be said", with the reason in the fields.

    Attributes:
        protocol: "fair" or "report".
        ssim: Mean structural similarity; 1 is identical. *fair*: over windows wholly inside the common mask.
        ssim_map: (H, W) float32. *fair*: NaN where a window touches a pixel without prediction or truth.
        ssim_all: *fair* only: the mean over all windows of truth, those that touch a hole counting 0; NaN where SSIM says
            nothing, as the truth is constant or has no whole window.
        coverage: Share of the truth pixels that have a prediction [%].
        windows: Number of windows behind `ssim`; few where the truth is sparse.
        alignment: *fair* only: the scale and shift that a monocular map was given; None for stereo.
        errors: *fair* only: over pixels with both a prediction and a truth.
        errors_all: *fair* only: over all truth pixels, holes counted as wrong; its epe_px is NaN when there are holes.
        depth: *fair* only, with a calibration: in metres.
    """

    protocol: Protocol
    ssim: float
    ssim_map: NDArray[np.float32]
    ssim_all: float
    coverage: float
    windows: int
    alignment: Alignment | None = None
    errors: DisparityErrors | None = None
    errors_all: DisparityErrors | None = None
    depth: DepthErrors | None = None

    @property
    def inverted(self) -> bool:
        return self.alignment is not None and self.alignment.inverted


def evaluate(
    predicted: DepthMap,
    reference: DepthMap,
    protocol: Protocol = "fair",
    *,
    calibration: Calibration | None = None,
    mask: Mask | None = None,
    hole_value: float = 0.0,
) -> Evaluation:
    """Score a map.

    Args:
        predicted: (H, W) map of any kind, NaN in holes.
        reference: (H, W) ground truth, disparity [px] or depth [m], NaN where unknown.
        protocol: "fair" or "report".
        calibration: Needed by *fair* where metres meet pixels, and for the errors in metres.
        mask: *fair* only: (H, W) bool, further pixels to leave out of everything but coverage and the `_all` scores.
        hole_value: *report* only: what the matcher writes into a hole [px].

    Raises:
        ValueError: If the sizes differ, a calibration is needed and missing, or the truth is empty.
    """
    if predicted.shape != reference.shape:
        raise ValueError(f"Map and truth must have the same (H, W), but they are {predicted.shape} and {reference.shape}.")
    if not reference.valid.any():
        raise ValueError("The ground truth holds no value at all.")
    if protocol == "report":
        return _report(predicted, reference, hole_value)
    if protocol == "fair":
        return _fair(predicted, as_disparity(reference, calibration), calibration, mask)
    raise ValueError(f"The protocol must be 'fair' or 'report', not {protocol!r}.")


def as_disparity(depth_map: DepthMap, calibration: Calibration | None) -> DepthMap:
    """Disparity [px] from disparity or metric depth; the latter needs the camera."""
    if depth_map.kind is DepthKind.DISPARITY:
        return depth_map
    if calibration is None:
        raise ValueError("Depth in metres becomes disparity only with a calibration: give focal length and baseline.")
    return depth_to_disparity(depth_map, calibration)


def _fair(predicted: DepthMap, truth: DepthMap, calibration: Calibration | None, mask: Mask | None) -> Evaluation:
    own = predicted.valid & truth.valid
    common = own if mask is None else own & mask
    coverage = 100 * float(own.sum() / truth.valid.sum())
    alignment = None
    if predicted.kind is not DepthKind.DISPARITY:
        alignment = fit_scale_shift(predicted, truth, common)
        if alignment.inverted:
            return Evaluation("fair", np.nan, np.full(truth.shape, np.nan, np.float32), np.nan, coverage, 0, alignment)
        predicted = apply_alignment(predicted, alignment)
    ssim_map = _ssim_over(predicted, truth, own)
    in_common = ssim_map[whole_windows(common)]
    return Evaluation(
        protocol="fair",
        ssim=_mean(in_common),
        ssim_map=ssim_map,
        ssim_all=_mean(np.nan_to_num(ssim_map)[whole_windows(truth.valid)]) if varies(truth) else np.nan,
        coverage=coverage,
        windows=int(np.count_nonzero(~np.isnan(in_common))),
        alignment=alignment,
        errors=disparity_errors(predicted.values[common], truth.values[common]),
        errors_all=disparity_errors(predicted.values[truth.valid], truth.values[truth.valid]),
        depth=depth_errors(predicted, truth, common, calibration) if calibration else None,
    )


def _ssim_over(predicted: DepthMap, truth: DepthMap, valid: Mask) -> NDArray[np.float32]:
    """The SSIM map with the truth's own range as `data_range`, NaN where a window is not wholly valid."""
    if not varies(truth) or min(truth.shape) < SSIM_WINDOW:
        return np.full(truth.shape, np.nan, np.float32)
    data_range = float(np.nanmax(truth.values) - np.nanmin(truth.values))
    reference, image = (np.where(valid, depth_map.values, 0).astype(np.float64) for depth_map in (truth, predicted))
    _, ssim_map = structural_similarity(image, reference, data_range)
    return np.where(whole_windows(valid), ssim_map, np.nan).astype(np.float32)


def varies(truth: DepthMap) -> bool:
    """Whether a truth has a range, without which SSIM says nothing."""
    return bool(np.nanmax(truth.values) > np.nanmin(truth.values))


def whole_windows(valid: Mask) -> Mask:
    """Centres of SSIM windows that lie inside the image and touch valid pixels only."""
    window = np.ones((SSIM_WINDOW, SSIM_WINDOW), np.uint8)
    return cv2.erode(valid.astype(np.uint8), window, borderType=cv2.BORDER_CONSTANT, borderValue=0).astype(bool)


def _mean(values: NDArray[np.float32]) -> float:
    return float(values.mean(dtype=np.float64)) if values.size else float("nan")


def disparity_errors(predicted: NDArray[np.float32], truth: NDArray[np.float32]) -> DisparityErrors | None:
    """Over two lists of pixels [px]; a NaN prediction is worse than every threshold. None for empty lists."""
    if not truth.size:
        return None
    error = np.abs(predicted - truth).astype(np.float64)
    percent = {limit: 100 * float(np.mean(~(error <= limit))) for limit in (1, 2, 3)}
    outlier = ~(error <= 3) & ~(error <= 0.05 * np.abs(truth))
    return DisparityErrors(truth.size, float(error.mean()), percent[1], percent[2], percent[3], 100 * float(outlier.mean()))


def depth_errors(predicted: DepthMap, truth: DepthMap, common: Mask, calibration: Calibration) -> DepthErrors | None:
    """In metres; a predicted point farther than the farthest truth, or behind infinity, is put at the farthest truth."""
    pixels = common & disparity_to_depth(truth, calibration).valid
    if not pixels.any():
        return None
    true, shifted = (m.values[pixels].astype(np.float64) + calibration.doffs_px for m in (truth, predicted))
    shifted = np.maximum(shifted, true.min())
    depth, reference = (calibration.focal_length_px * calibration.baseline_m / inverse for inverse in (shifted, true))
    ratio = np.maximum(true / shifted, shifted / true)  # of disparities, as 5 px against 4 px are exactly 1.25
    return DepthErrors(
        abs_rel=float(np.mean(np.abs(depth - reference) / reference)),
        rmse_m=float(np.sqrt(np.mean((depth - reference) ** 2))),
        delta_1=100 * float(np.mean(ratio < 1.25)),
    )


def _report(predicted: DepthMap, truth: DepthMap, hole_value: float) -> Evaluation:
    """As in the written comparison, whose files had 0 where there was no truth.

    A relative map is min-max scaled to 0..255 against the truth in whole 8-bit units (and turned round where the
    truth is depth); a map with a unit is taken raw against the raw truth.
    """
    coverage = 100 * float((predicted.valid & truth.valid).sum() / truth.valid.sum())
    if predicted.kind is DepthKind.RELATIVE_INVERSE_DEPTH:
        image = _min_max_8bit(predicted.values)
        if truth.kind is DepthKind.METRIC_DEPTH:
            image = 255 - image
        reference = np.clip(np.rint(np.nan_to_num(truth.values)), 0, 255).astype(np.uint8)
        data_range = 255.0
    else:
        predicted.require(truth.kind)
        image = np.nan_to_num(predicted.values, nan=hole_value).astype(np.float64)
        reference = np.nan_to_num(truth.values).astype(np.float64)
        data_range = float(np.ptp(reference))
    if data_range == 0 or min(truth.shape) < SSIM_WINDOW:
        return Evaluation("report", np.nan, np.full(truth.shape, np.nan, np.float32), np.nan, coverage, 0)
    score, ssim_map = structural_similarity(image, reference, data_range)
    return Evaluation("report", score, ssim_map.astype(np.float32), np.nan, coverage, ssim_map.size)


def _min_max_8bit(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    scaled = (np.nan_to_num(values, nan=low) - low) / max(high - low, 1e-12) * 255
    return np.rint(scaled).astype(np.uint8)
