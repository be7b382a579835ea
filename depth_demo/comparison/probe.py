"""One pixel of a comparison: every value it has, the scan line through it, and why matching failed there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depth_demo.comparison.results import Comparison
from depth_demo.evaluation.regions import occluded, textureless
from depth_demo.evaluation.regions_at import regions_at, regions_of_one_view_at
from depth_demo.geometry import Calibration, DepthKind, DepthMap, RgbImage, StereoPair, disparity_to_depth
from depth_demo.stereo.matched import MatcherSettings, Rejection
from depth_demo.stereo.reference.costs import Costs
from depth_demo.stereo.why.diagnosis import Verdict, diagnose
from depth_demo.stereo.why.pixel_costs import WINDOW, PixelCosts, aggregated_costs, pixel_costs

SHOWN_BEYOND_PX = 8  # of a truth that was not searched


@dataclass(frozen=True, slots=True)
class Reading:
    """One method, or the truth, at the pixel. NaN stands for "none".

    Attributes:
        disparity_px: Disparity [px]; NaN where there are no pixels, as for depth of one view without a camera.
        depth_m: Depth [m]; NaN without a calibration.
        error_px, error_m: Less the truth [px, m]; positive is too near in px and too far in m.
        ssim: Similarity of the window around it.
    """

    disparity_px: float
    depth_m: float
    error_px: float = math.nan
    error_m: float = math.nan
    ssim: float = math.nan


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ViewProbe:
    """Everything about one pixel of one view with truth.

    Attributes:
        x, y: Column and row of the left view.
        color: Its RGB values.
        raw: What the monocular model said, in the unit of `raw_kind`.
        truth, monocular: In pixels and metres; without a truth file all about the truth is NaN.
        regions: Classes that the pixel is of.
        truth_row, monocular_row: (W,) along the row, in the unit of `row_kind`; NaN where there is none.
        row_kind: Disparity [px], or depth [m] where there are no pixels.
    """

    x: int
    y: int
    color: tuple[int, int, int]
    raw: float
    raw_kind: DepthKind
    truth: Reading
    monocular: Reading
    regions: tuple[str, ...]
    truth_row: NDArray[np.float32]
    monocular_row: NDArray[np.float32]
    row_kind: DepthKind = DepthKind.DISPARITY


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Probe(ViewProbe):
    """Everything about one pixel of a pair.

    Attributes:
        stereo: In pixels and metres.
        missing: Why stereo has no answer; None when it has one.
        costs: Along the disparities.
        aggregated: (D,) census costs, aggregated semi-globally by us.
        verdict: Why matching failed, or that it did not.
        stereo_row: (W,) disparities along the row [px], NaN where there is none.
    """

    stereo: Reading
    missing: Rejection | None
    costs: PixelCosts
    aggregated: Costs
    verdict: Verdict
    stereo_row: NDArray[np.float32]


def probe_view(comparison: Comparison, x: int, y: int) -> ViewProbe:
    """Look at pixel (x, y) of a left view that was compared alone, with its truth.

    Raises:
        ValueError: If the pixel is not in the picture.
    """
    view, aligned, reference = comparison.views, comparison.aligned, comparison.reference
    _check_inside(reference, x, y)
    true = float(reference.values[y, x])
    answer = float(aligned.values[y, x]) if aligned else math.nan
    ssim = float(comparison.monocular.fair.ssim_map[y, x])
    if reference.kind is DepthKind.METRIC_DEPTH:
        truth, monocular = Reading(math.nan, true), Reading(math.nan, answer, error_m=answer - true, ssim=ssim)
    else:
        truth = _reading(true, math.nan, view.calibration)
        monocular = _reading(answer, true, view.calibration, ssim)
    return ViewProbe(
        x=x,
        y=y,
        color=_color(view.left, x, y),
        raw=float(comparison.estimate.depth_map.values[y, x]),
        raw_kind=comparison.estimate.depth_map.kind,
        truth=truth,
        monocular=monocular,
        regions=regions_of_one_view_at(view.left, reference, view.labels, x, y),
        truth_row=reference.values[y],
        monocular_row=aligned.values[y] if aligned else np.full(reference.shape[1], np.nan, np.float32),
        row_kind=reference.kind,
    )


def _check_inside(depth_map: DepthMap, x: int, y: int) -> None:
    height, width = depth_map.shape
    if not (0 <= x < width and 0 <= y < height):
        raise ValueError(f"The pixel must be within 0..{width - 1}, 0..{height - 1}, not {x}, {y}.")


def _color(image: RgbImage, x: int, y: int) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in image[y, x])
    return red, green, blue


def probe(comparison: Comparison, x: int, y: int) -> Probe:
    """Look at pixel (x, y) of the left view of a pair.

    Raises:
        ValueError: If the pixel is not in the picture, or there is one view alone.
    """
    match, aligned = comparison.matched, comparison.aligned
    truth = comparison.truth or DepthMap(np.full(comparison.reference.shape, np.nan, np.float32), DepthKind.DISPARITY)
    _check_inside(truth, x, y)
    width = truth.shape[1]
    pair, settings = match.pair, match.settings
    true = float(truth.values[y, x])
    answer = float(match.disparity.values[y, x])
    stereo_ssim = comparison.stereo.fair.ssim_map[y, x] if comparison.stereo else math.nan
    disparities = _shown_disparities(settings, true, width)
    costs = pixel_costs(pair, x, y, disparities)
    band = match.unsearched
    nowhere = np.full(width, np.nan, np.float32)
    return Probe(
        x=x,
        y=y,
        color=_color(pair.left, x, y),
        raw=float(comparison.estimate.depth_map.values[y, x]),
        raw_kind=comparison.estimate.depth_map.kind,
        truth=_reading(true, math.nan, pair.calibration),
        monocular=_reading(
            float(aligned.values[y, x]) if aligned else math.nan,
            true,
            pair.calibration,
            comparison.monocular.fair.ssim_map[y, x],
        ),
        stereo=_reading(answer, true, pair.calibration, stereo_ssim),
        missing=match.why_missing(x, y),
        regions=regions_at(pair.left, truth, band, pair.labels, x, y),
        costs=costs,
        aggregated=aggregated_costs(pair, x, y, disparities),
        verdict=judge(pair, costs, settings, x, y, answer, truth, in_band=bool(band[y, x])),
        truth_row=truth.values[y],
        monocular_row=aligned.values[y] if aligned else nowhere,
        stereo_row=match.disparity.values[y],
    )


def judge(
    pair: StereoPair,
    costs: PixelCosts,
    settings: MatcherSettings,
    x: int,
    y: int,
    answer: float,
    truth: DepthMap,
    *,
    in_band: bool,
) -> Verdict:
    """Call `diagnose` with what the pictures and the truth say about the pixel.

    Args:
        pair: The two views.
        costs: Of the pixel, over all searched disparities.
        settings: How the pair was matched.
        x: Column.
        y: Row.
        answer: What stereo says [px]; NaN where it has no answer.
        truth: (H, W) disparity [px], NaN where unknown.
        in_band: The matcher could not search at this pixel.
    """
    rows, columns = slice(max(y - WINDOW, 0), y + WINDOW + 1), slice(max(x - WINDOW, 0), x + WINDOW + 1)
    around = np.ascontiguousarray(pair.left[rows, columns])
    return diagnose(
        costs,
        settings,
        answer,
        float(truth.values[y, x]),
        hidden=bool(occluded(DepthMap(truth.values[y : y + 1], truth.kind))[0, x]),
        in_band=in_band,
        textureless=bool(textureless(around, WINDOW)[y - rows.start, x - columns.start]),
    )


def _shown_disparities(settings: MatcherSettings, truth: float, width: int) -> range:
    """Return the searched disparities, extended as far as a truth outside them."""
    first, stop = settings.min_disparity, settings.min_disparity + settings.num_disparities
    if not math.isnan(truth):
        first = max(min(first, math.floor(truth) - SHOWN_BEYOND_PX if truth < first else first), 1 - width)
        stop = min(max(stop, math.ceil(truth) + SHOWN_BEYOND_PX if truth >= stop else stop), width)
    return range(first, stop)


def _reading(disparity: float, truth: float, camera: Calibration | None, ssim: float = math.nan) -> Reading:
    depth, true_depth = _metres(disparity, camera), _metres(truth, camera)
    return Reading(disparity, depth, disparity - truth, depth - true_depth, float(ssim))


def _metres(disparity: float, camera: Calibration | None) -> float:
    if camera is None:
        return math.nan
    one = DepthMap(np.array([[disparity]], np.float32), DepthKind.DISPARITY)
    return float(disparity_to_depth(one, camera).values[0, 0])
