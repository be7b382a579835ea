"""Scores of a map against ground truth, under the two protocols that must never be mixed.

*report* is what the written comparison did; it hides an alignment (per-image min-max) and ignores holes.
*fair* puts both methods in disparity, fits the monocular map by scale and shift, and says what was left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, overload

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.evaluation.alignment import Alignment, apply_alignment, fit_scale_shift
from depth_demo.evaluation.errors import DepthErrors, DisparityErrors, depth_errors, disparity_errors
from depth_demo.evaluation.ssim import SSIM_WINDOW, structural_similarity
from depth_demo.geometry import Calibration, DepthKind, DepthMap, Mask, depth_to_disparity

Protocol = Literal["fair", "report"]


@dataclass(frozen=True, slots=True, eq=False)
class FairScores:
    """One map under the *fair* protocol. NaN stands for "cannot be said".

    Attributes:
        ssim: Mean structural similarity over the windows wholly inside the common mask; 1 is identical.
        ssim_map: (H, W) float32; NaN where a window touches a pixel without prediction or truth.
        ssim_all: The mean over all windows of truth; a window that touches a hole counts 0. NaN where the truth is constant
            or has no whole window.
        coverage: Share of the truth pixels that have a prediction [%].
        windows: Number of windows behind `ssim`; few where the truth is sparse.
        alignment: The fit that a monocular map was given; None for stereo.
        errors: Over the common pixels with a truth; None for an inverted map, or without such a pixel.
        errors_all: Over all truth pixels, holes counted as wrong; its epe_px is NaN when there are holes.
        depth: In metres over the common pixels; None without a calibration, or where all their truth is equally far.
    """

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
        """Whether the fit exchanges near and far, so that there are no scores."""
        return self.alignment is not None and self.alignment.inverted


@dataclass(frozen=True, slots=True, eq=False)
class ReportScores:
    """One map under the *report* protocol.

    Attributes:
        ssim: Mean structural similarity over the whole picture, holes and unknown truth included; NaN where the truth is
            constant or smaller than a window.
        ssim_map: (H, W) float32.
        coverage: Share of the truth pixels that have a prediction [%].
    """

    ssim: float
    ssim_map: NDArray[np.float32]
    coverage: float


Evaluation = FairScores | ReportScores


@overload
def evaluate(
    predicted: DepthMap,
    reference: DepthMap,
    protocol: Literal["fair"] = "fair",
    *,
    calibration: Calibration | None = None,
    mask: Mask | None = None,
) -> FairScores: ...


@overload
def evaluate(
    predicted: DepthMap, reference: DepthMap, protocol: Literal["report"], *, hole_value: float = 0.0
) -> ReportScores: ...


def evaluate(
    predicted: DepthMap,
    reference: DepthMap,
    protocol: Protocol = "fair",
    *,
    calibration: Calibration | None = None,
    mask: Mask | None = None,
    hole_value: float = 0.0,
) -> Evaluation:
    """Score a map under one of the two protocols.

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
    if reference.is_empty:
        raise ValueError("The ground truth holds no value at all.")
    if protocol == "report":
        return _report(predicted, reference, hole_value)
    if protocol == "fair":
        return _fair(predicted, as_disparity(reference, calibration), calibration, mask)
    raise ValueError(f"The protocol must be 'fair' or 'report', not {protocol!r}.")


def evaluate_counted(
    predicted: DepthMap, reference: DepthMap, counted: Mask, calibration: Calibration | None, mask: Mask
) -> FairScores:
    """Score a map under *fair* as if there were truth only where a benchmark's mask counts.

    Args:
        predicted: (H, W) disparity [px], NaN in holes; a monocular map is aligned already.
        reference: (H, W) disparity [px], NaN where unknown.
        counted: (H, W) bool; at least one pixel of the reference is counted.
        calibration, mask: As for `evaluate`.
    """
    predicted.require(DepthKind.DISPARITY)
    inside = DepthMap(np.where(counted, reference.values, np.float32(np.nan)), reference.kind)
    return evaluate(predicted, inside, calibration=calibration, mask=mask)


def as_disparity(depth_map: DepthMap, calibration: Calibration | None) -> DepthMap:
    """Return disparity [px] from disparity or from metric depth, which needs the camera."""
    if depth_map.kind is DepthKind.DISPARITY:
        return depth_map
    if calibration is None:
        raise ValueError("Depth in metres becomes disparity only with a calibration: give focal length and baseline.")
    return depth_to_disparity(depth_map, calibration)


def _fair(predicted: DepthMap, truth: DepthMap, calibration: Calibration | None, mask: Mask | None) -> FairScores:
    own = predicted.valid & truth.valid
    common = own if mask is None else own & mask
    coverage = 100 * float(own.sum() / truth.valid.sum())
    alignment = None
    if predicted.kind is not DepthKind.DISPARITY:
        alignment = fit_scale_shift(predicted, truth, common, calibration)
        if alignment.inverted:
            return FairScores(np.nan, np.full(truth.shape, np.nan, np.float32), np.nan, coverage, 0, alignment)
        predicted = apply_alignment(predicted, alignment)
    ssim_map = masked_ssim(predicted, truth, own)
    in_common = ssim_map[whole_windows(common)]
    return FairScores(
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


def masked_ssim(predicted: DepthMap, truth: DepthMap, valid: Mask) -> NDArray[np.float32]:
    """Return the SSIM map with the truth's own range as `data_range`; NaN where a window is not wholly valid."""
    if not varies(truth) or min(truth.shape) < SSIM_WINDOW:
        return np.full(truth.shape, np.nan, np.float32)
    data_range = float(np.nanmax(truth.values) - np.nanmin(truth.values))
    reference, image = (np.where(valid, depth_map.values, np.float32(0)) for depth_map in (truth, predicted))
    _, ssim_map = structural_similarity(image, reference, data_range)
    return np.where(whole_windows(valid), ssim_map, np.nan).astype(np.float32)


def varies(truth: DepthMap) -> bool:
    """Tell whether a truth has a range, without which SSIM says nothing."""
    return bool(np.nanmax(truth.values) > np.nanmin(truth.values))


def whole_windows(valid: Mask) -> Mask:
    """Return the centres of SSIM windows that lie inside the image and touch valid pixels only: (H, W) bool."""
    window = np.ones((SSIM_WINDOW, SSIM_WINDOW), np.uint8)
    return cv2.erode(valid.astype(np.uint8), window, borderType=cv2.BORDER_CONSTANT, borderValue=0).astype(bool)


def _mean(values: NDArray[np.float32]) -> float:
    return float(values.mean(dtype=np.float64)) if values.size else float("nan")


def _report(predicted: DepthMap, truth: DepthMap, hole_value: float) -> ReportScores:
    """Score as the written comparison did, by the very call of its text; its files had 0 where there was no truth.

    A map without a unit is min-max scaled to 0..255 against the truth in whole 8-bit units. It is turned round where nearer
    is larger in one of the two and smaller in the other. A map with a unit is taken raw against the raw truth.
    """
    from skimage.metrics import structural_similarity  # 0.2 s that nothing else waits for

    coverage = 100 * float((predicted.valid & truth.valid).sum() / truth.valid.sum())
    if predicted.kind.unit:
        predicted.require(truth.kind)
        image = np.nan_to_num(predicted.values, nan=hole_value).astype(np.float64)  # float32 leaves SSIM's range
        reference = np.nan_to_num(truth.values).astype(np.float64)
        data_range = float(np.ptp(reference))
    else:
        levels = _min_max_8bit(predicted.values)
        turned = predicted.kind.nearer_is_larger != truth.kind.nearer_is_larger
        image = (255 - levels if turned else levels).astype(np.float64)
        reference = np.clip(np.rint(np.nan_to_num(truth.values)), 0, 255)
        data_range = 255.0
    if data_range == 0 or min(truth.shape) < SSIM_WINDOW:
        return ReportScores(np.nan, np.full(truth.shape, np.nan, np.float32), coverage)
    score, ssim_map = structural_similarity(image, reference, full=True, data_range=data_range)
    return ReportScores(float(score), ssim_map.astype(np.float32), coverage)


def _min_max_8bit(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    scaled = (np.nan_to_num(values, nan=low) - low) / max(high - low, 1e-12) * 255
    return np.rint(scaled).astype(np.uint8)
