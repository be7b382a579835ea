"""Scale and shift that bring a monocular map to disparity: the protocol's robust fit, and simpler ones.

Inverse depth is affine in disparity, so it is fitted there, and nothing is inverted (Ranftl et al., PAMI 2022). Relative
depth is affine in depth, so it is fitted in depth, and becomes disparity afterwards (Ke et al., CVPR 2024).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import Calibration, DepthKind, DepthMap, Mask

AlignmentMode = Literal["none", "median", "scale", "scale + shift", "robust scale + shift"]
ALIGNMENT_MODES: tuple[AlignmentMode, ...] = get_args(AlignmentMode)
F = TypeVar("F", np.float32, np.float64)
MAX_SAMPLES = 200_000
HUBER_WIDTH = 1.345  # in standard deviations: 95 % efficiency on normal errors
ITERATIONS = 20
UNIT_CAMERA = Calibration(1, 1)  # Z = 1 / d: of disparity [px] depth [1/px], of depth [m] inverse depth [1/m]
MIN_COMMON = 100  # pixels with truth and a match; fewer say nothing about how a file was read


@dataclass(frozen=True, slots=True)
class Alignment:
    """value x scale + shift is disparity [px]; with a `camera` it is depth, which that camera turns into disparity.

    Attributes:
        scale, shift: The fit, in pixels of disparity or in units of depth.
        pixels: How many pixels it was fitted on, of which above `MAX_SAMPLES` only one in so many was used.
        residual_px: Median absolute error of the fit [px], on the same.
        camera: None for a fit in disparity. `UNIT_CAMERA` for a fit in depth without a calibration.
    """

    scale: float
    shift: float
    pixels: int
    residual_px: float
    camera: Calibration | None = None

    @property
    def inverted(self) -> bool:
        """Whether near and far are exchanged, or the map is constant: the scale is 0 or less, and no score can be given."""
        return self.scale <= 0

    @property
    def formula(self) -> str:
        """The fit as a formula, such as 'disparity = 2.5 \N{MULTIPLICATION SIGN} value + 3 px'."""
        if self.camera is None:
            return self.line("disparity", "px")
        return self.line("depth", "1/px" if self.camera == UNIT_CAMERA else "m")

    def line(self, what: str, unit: str) -> str:
        """Return the fit as the formula of a quantity, with the unit of the shift."""
        sign = "-" if self.shift < 0 else "+"
        return f"{what} = {self.scale:.4g} \N{MULTIPLICATION SIGN} value {sign} {abs(self.shift):.4g} {unit}"

    def __str__(self) -> str:
        if self.inverted:
            return f"inverted: scale {self.scale:.4g}, so near and far are exchanged, or a map is constant"
        return f"{self.formula}, on {self.on_pixels}, median error {self.residual_px:.2f} px"

    @property
    def on_pixels(self) -> str:
        """On how many pixels the fit rests, such as '1 in 3 of 500,000 pixels'."""
        thinned = "" if thinning(self.pixels) == 1 else f"1 in {thinning(self.pixels)} of "
        return f"{thinned}{self.pixels:,} pixels"


def thinning(pixels: int) -> int:
    """Return n if a fit uses one in n of so many pixels."""
    return max(-(-pixels // MAX_SAMPLES), 1)


def inverse_depth(depth_map: DepthMap) -> NDArray[np.float32]:
    """Return a map's values so that they are affine in disparity: metric depth becomes 1 / Z, inverse depth stays.

    Raises:
        ValueError: If the map is relative depth, which must not be inverted before it is fitted.
    """
    depth_map.require(DepthKind.RELATIVE_INVERSE_DEPTH, DepthKind.DISPARITY, DepthKind.METRIC_DEPTH)
    return np.float32(1) / depth_map.values if depth_map.kind is DepthKind.METRIC_DEPTH else depth_map.values


def fit_alignment(
    predicted: DepthMap,
    reference: DepthMap,
    mode: AlignmentMode,
    mask: Mask | None = None,
    calibration: Calibration | None = None,
) -> Alignment:
    """Bring a monocular map to pixels in one of the ways that papers do.

    - none: nothing is fitted. Metres become pixels by the calibration. The numbers of a relative map are read as pixels, or
      as depth, as they come. (Min-max scaling, as in the report protocol, would be a fit to the map itself.)
    - median: a scale, the ratio of the medians (Zhou et al., CVPR 2017).
    - scale: a scale, by least squares.
    - scale + shift: by least squares (Ranftl et al., PAMI 2022).
    - robust scale + shift: `fit_scale_shift`, the fair protocol's.

    Args:
        predicted, reference, mask: As for `fit_scale_shift`.
        mode: One of `ALIGNMENT_MODES`.
        calibration: The camera; needed by "none" for metric depth, and taken for the fit of relative depth.

    Raises:
        ValueError: As `fit_scale_shift`, or if the mode is unknown or the calibration missing.
    """
    if mode == "robust scale + shift":
        return fit_scale_shift(predicted, reference, mask, calibration)
    samples = _samples(predicted, reference, mask, calibration)
    values, target = samples.values, samples.target
    scale, shift = 1.0, 0.0
    if mode == "none" and predicted.kind is DepthKind.METRIC_DEPTH:
        if calibration is None:
            raise ValueError("Depth in metres becomes disparity only with a calibration: give focal length and baseline.")
        scale, shift = calibration.focal_length_px * calibration.baseline_m, -calibration.doffs_px
    elif mode == "median":
        middle = median(values)
        scale = median(target) / middle if middle else 0.0
    elif mode == "scale":
        square = _dot(values, values)
        scale = _dot(values, target) / square if square else 0.0
    elif mode == "scale + shift":
        scale, shift = _weighted_line(values, target, np.ones_like(values))
    elif mode != "none":
        raise ValueError(f"The alignment must be one of {', '.join(ALIGNMENT_MODES)}, not {mode!r}.")
    return _alignment(scale, shift, samples)


def fit_scale_shift(
    predicted: DepthMap, reference: DepthMap, mask: Mask | None = None, calibration: Calibration | None = None
) -> Alignment:
    """Fit scale and shift robustly: by Huber's loss, so that a few wrong regions do not tilt the fit.

    The loss is minimised by reweighted least squares.

    Args:
        predicted: (H, W) monocular map of any kind.
        reference: (H, W) disparity [px].
        mask: (H, W) bool, where to fit; None: where both maps have values. At most 200,000 pixels, evenly spread, are used.
        calibration: The camera in which relative depth is fitted; without one, depth is 1 / disparity.

    Raises:
        ValueError: If the reference is not disparity or fewer than two pixels are left.
    """
    samples = _samples(predicted, reference, mask, calibration)
    values, target = samples.values, samples.target
    scale, shift = _weighted_line(values, target, np.ones_like(values))
    for _ in range(ITERATIONS):
        error = np.abs(scale * values + shift - target)
        spread = 1.4826 * median(error)  # MAD -> standard deviation of normal errors
        if spread == 0:
            break
        weights = np.minimum(1.0, HUBER_WIDTH * spread / np.maximum(error, 1e-12))
        scale, shift = _weighted_line(values, target, weights)
    return _alignment(scale, shift, samples)


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    """Values and targets at no more than 200,000 common pixels, how many there are, and the camera of a fit in depth."""

    values: NDArray[np.float64]
    target: NDArray[np.float64]
    pixels: int
    camera: Calibration | None
    width: int


def _samples(predicted: DepthMap, reference: DepthMap, mask: Mask | None, calibration: Calibration | None) -> _Samples:
    reference.require(DepthKind.DISPARITY)
    camera = (calibration or UNIT_CAMERA) if predicted.kind is DepthKind.RELATIVE_DEPTH else None
    common = predicted.valid & reference.valid
    if mask is not None:
        common &= mask
    if camera is not None:
        common &= reference.values + np.float32(camera.doffs_px) > 0  # a point at infinity has no depth
    values = (predicted.values if camera else inverse_depth(predicted))[common].astype(np.float64)
    target = reference.values[common].astype(np.float64)
    if len(values) < 2:
        raise ValueError(f"Scale and shift need 2 pixels or more with a prediction and a truth; there are {len(values)}.")
    step = thinning(len(values))
    if camera is not None:
        target = camera.focal_length_px * camera.baseline_m / (target + camera.doffs_px)
    return _Samples(values[::step], target[::step], len(values), camera, predicted.shape[1])


def _alignment(scale: float, shift: float, samples: _Samples) -> Alignment:
    fitted, target, camera = scale * samples.values + shift, samples.target, samples.camera
    if camera is not None:
        fitted, target = (_seen_by(camera, depth, samples.width) for depth in (fitted, target))
    return Alignment(scale, shift, samples.pixels, median(np.abs(fitted - target)), camera)


def median(values: NDArray[F]) -> float:
    """Return the median of (N,) numbers without NaN; `np.median`, which looks for NaN, takes eight times as long."""
    middle = len(values) // 2
    parted = np.partition(values, middle)
    return float(parted[middle] if len(values) % 2 else (parted[:middle].max() + parted[middle]) / 2)


def scale_mismatch(truth: DepthMap, matched: DepthMap) -> float | None:
    """Return how many times too large the truth is if its file was read with a wrong scale; None if the scale seems right.

    Matches are right for most pixels, so truth / match has a sharp peak at 1. The scale is wrong if the median of these ratios
    is more than 20 % away from 1 and half of them lie within 20 % of that median.

    Args:
        truth: (H, W) disparity [px] or depth [m].
        matched: (H, W) the same from stereo.
    """
    truth.require(matched.kind)
    common = truth.valid & matched.valid & (matched.values > (1 if matched.kind is DepthKind.DISPARITY else 0))
    if np.count_nonzero(common) < MIN_COMMON:
        return None
    ratio = truth.values[common] / matched.values[common]
    median = float(np.median(ratio))
    agrees = np.mean(np.abs(ratio - median) <= 0.2 * abs(median)) >= 0.5
    return median if agrees and abs(median - 1) > 0.2 else None


def looks_like_depth(truth: DepthMap, matched: DepthMap) -> bool:
    """Tell whether a "disparity" truth falls where matched disparity rises, as metres do: a correlation below -0.5.

    Args:
        truth: (H, W) disparity [px], as it was read.
        matched: (H, W) disparity [px] from stereo.
    """
    common = truth.valid & matched.valid
    pixels = truth.values[common], matched.values[common]
    if np.count_nonzero(common) < MIN_COMMON or min(np.ptp(pixels[0]), np.ptp(pixels[1])) == 0:
        return False
    return bool(np.corrcoef(*pixels)[0, 1] < -0.5)


def _weighted_line(x: NDArray[np.float64], y: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[float, float]:
    """Fit y = scale x + shift by weighted least squares; a constant x gives scale 0."""
    total = weights.sum()
    mean_x, mean_y = _dot(weights, x) / total, _dot(weights, y) / total
    centred = x - mean_x
    weighted = weights * centred
    variance = _dot(weighted, centred) / total
    if variance <= 1e-12 * mean_x**2 or variance == 0:
        return 0.0, mean_y
    scale = _dot(weighted, y - mean_y) / total / variance
    return scale, mean_y - scale * mean_x


def _dot(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the inner product; that of BLAS keeps all cores spinning for so few numbers."""
    return float(np.einsum("i,i->", first, second))


def apply_alignment(predicted: DepthMap, alignment: Alignment) -> DepthMap:
    """Return the aligned map, as disparity [px]; NaN stays NaN.

    A depth that the fit puts behind the camera, or nearer than the picture is wide, becomes the picture's width of disparity.
    """
    scale, shift = np.float32(alignment.scale), np.float32(alignment.shift)
    if alignment.camera is None:
        return DepthMap(scale * inverse_depth(predicted) + shift, DepthKind.DISPARITY)
    predicted.require(DepthKind.RELATIVE_DEPTH)
    depth = scale * predicted.values + shift
    return DepthMap(_seen_by(alignment.camera, depth, predicted.shape[1]), DepthKind.DISPARITY)


def _seen_by(camera: Calibration, depth: NDArray[F], width: int) -> NDArray[F]:
    """Return disparity [px] from depth that may be negative, at most `width`."""
    area = camera.focal_length_px * camera.baseline_m
    nearest = area / max(width + camera.doffs_px, 1.0)
    return (area / np.maximum(depth, nearest) - camera.doffs_px).astype(depth.dtype)
