"""The whole computation, from arrays to results: estimate, match, compare. No page, no plots, no torch."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from depth_demo.evaluation.alignment import apply_alignment, fit_scale_shift
from depth_demo.evaluation.alignment_scores import AlignedScores, score_alignments
from depth_demo.evaluation.failures import FailureBox, Method, find_failures, structure_loss
from depth_demo.evaluation.metrics import Evaluation, as_disparity, evaluate
from depth_demo.evaluation.regions import RegionErrors, find_regions, measure_regions
from depth_demo.evaluation.risk_coverage import RiskCoverage, risk_coverage
from depth_demo.fusion import Fusion, confident_stereo, fuse
from depth_demo.geometry import Calibration, DepthKind, DepthMap, RgbImage, StereoPair, disparity_to_depth
from depth_demo.stereo.matching import SgbmSettings, fill_holes, match_views, unmatchable_band
from depth_demo.stereo.preflight import check_not_swapped

Estimator = Callable[[RgbImage], DepthMap]


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Depth from one image.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        depth_map: Relative inverse depth, or depth [m] from a metric model.
        seconds: What the estimator took.
        cached: Whether that was earlier, and the map was kept.
    """

    image: RgbImage
    depth_map: DepthMap
    seconds: float
    cached: bool = False

    @property
    def took(self) -> str:
        """For people."""
        return f"from the cache, computed in {self.seconds:.2f} s" if self.cached else f"{self.seconds:.2f} s"


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """Depth from two images.

    Attributes:
        pair: The views.
        settings: How they were matched.
        raw: As OpenCV gives it [px], before the checks that OpenCV does not do.
        disparity: What passed all checks [px], NaN in the holes.
        filled: Holes filled from the background.
        depth, filled_depth: The same in metres; None without a calibration.
        coverage: Share of the pixels that matched [%].
        band_share: Share of the pixels, at the left edge, that the search range cannot reach [%].
        seconds: What matching took.
        left_right_diff: (H, W) how far both directions of matching disagree [px], NaN where one has no answer; None when
            the pair was matched in one direction.
    """

    pair: StereoPair
    settings: SgbmSettings
    raw: DepthMap
    disparity: DepthMap
    filled: DepthMap
    depth: DepthMap | None
    filled_depth: DepthMap | None
    coverage: float
    band_share: float
    seconds: float
    left_right_diff: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """One method under both protocols, and where it fails.

    Attributes:
        fair: Over the pixels that both methods have; its SSIM map covers all that this one has.
        failures: The boxes that lose most structure, holes included; none for an inverted map.
        regions: Errors by class of pixels, the whole picture first; none for an inverted map.
        report_disparity, report_depth: As in the written comparison; the second is None without a calibration.
    """

    fair: Evaluation
    failures: tuple[FailureBox, ...]
    regions: tuple[RegionErrors, ...]
    report_disparity: Evaluation
    report_depth: Evaluation | None


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """Both methods as one map, made without the truth, and what the truth says about it.

    Attributes:
        fusion: The map, and what it is made of.
        fair: Over the pixels that both methods have, as for each of them.
        regions: Errors by class of pixels, the whole picture first.
    """

    fusion: Fusion
    fair: Evaluation
    regions: tuple[RegionErrors, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Both methods against the truth.

    Attributes:
        estimate, match: The two results.
        truth: Disparity of the left view [px].
        aligned: The monocular map as disparity [px], by the fit of `monocular.fair`; None when the map is inverted.
        monocular, stereo: The scores. *fair* uses the pixels where both methods and the truth have values.
        fused: Both as one map; None when the monocular map cannot be anchored to stereo.
    """

    estimate: Estimate
    match: Match
    truth: DepthMap
    aligned: DepthMap | None
    monocular: Scores
    stereo: Scores
    fused: Fused | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Uncertainty:
    """How sure each method is, and whether that says where it is wrong.

    Attributes:
        stereo: (H, W) difference of left and right [px]; None when the pair was matched in one direction.
        monocular: (H, W) difference to the estimate of the mirrored image, turned back and fitted [px].
        stereo_curve, monocular_curve: Over the truth pixels where the method has an answer.
    """

    stereo: NDArray[np.float32] | None
    monocular: NDArray[np.float32]
    stereo_curve: RiskCoverage | None
    monocular_curve: RiskCoverage | None


def estimate(image: RgbImage, estimator: Estimator) -> Estimate:
    """Run a monocular estimator on (H, W, 3) uint8 RGB."""
    started = time.perf_counter()
    depth_map = estimator(image)
    return Estimate(image, depth_map, time.perf_counter() - started)


def match(pair: StereoPair, settings: SgbmSettings | None = None) -> Match:
    """Match a rectified pair, after checking that its views are not swapped.

    Raises:
        ValueError: If the views are swapped or these images cannot be matched with these settings.
    """
    settings = settings or SgbmSettings()
    settings.check_size(*pair.left.shape[:2])
    if settings.min_disparity >= 0:  # cameras that look inwards have negative disparities, as swapped views have
        check_not_swapped(pair)
    started = time.perf_counter()
    raw, disparity, left_right_diff = match_views(pair, settings)
    seconds = time.perf_counter() - started
    filled = fill_holes(disparity)
    return Match(
        pair=pair,
        settings=settings,
        raw=raw,
        disparity=disparity,
        filled=filled,
        depth=disparity_to_depth(disparity, pair.calibration) if pair.calibration else None,
        filled_depth=disparity_to_depth(filled, pair.calibration) if pair.calibration else None,
        coverage=100 * float(disparity.valid.mean()),
        band_share=100 * float(unmatchable_band(disparity.shape, settings).mean()),
        seconds=seconds,
        left_right_diff=left_right_diff,
    )


def compare(pair: StereoPair, estimator: Estimator, settings: SgbmSettings | None = None) -> Comparison:
    """Estimate, match, and score both against the pair's ground truth.

    Raises:
        ValueError: If the pair has no ground truth, the truth is depth and there is no calibration, or `match` refuses.
    """
    if pair.ground_truth is None:
        raise ValueError("A comparison needs ground truth: choose a file that holds the left view's disparity or depth.")
    truth = as_disparity(pair.ground_truth, pair.calibration)
    matched = match(pair, settings)
    estimated = estimate(pair.left, estimator)
    common = matched.disparity.valid & estimated.depth_map.valid
    fair: dict[Method, Evaluation] = {
        "monocular": evaluate(estimated.depth_map, truth, "fair", calibration=pair.calibration, mask=common),
        "stereo": evaluate(matched.disparity, truth, "fair", calibration=pair.calibration, mask=common),
    }
    fit = fair["monocular"].alignment
    aligned = apply_alignment(estimated.depth_map, fit) if fit and not fit.inverted else None
    regions = find_regions(pair.left, truth, unmatchable_band(truth.shape, matched.settings), pair.labels)
    losses = {method: structure_loss(evaluation, truth) for method, evaluation in fair.items()}
    hole = float(matched.settings.min_disparity - 1)

    def scores(method: Method, other: Method, disparity: DepthMap | None, raw: DepthMap) -> Scores:
        found = disparity and find_failures(method, losses[method], losses[other], disparity, truth, regions)
        measured = disparity and measure_regions(disparity, truth, regions)
        return Scores(fair[method], found or (), measured or (), *_report(raw, pair, truth, hole))

    fusion = fuse(estimated.depth_map, matched.disparity, matched.left_right_diff)
    fused = None
    if fusion is not None:
        fair_fused = evaluate(fusion.fused, truth, "fair", calibration=pair.calibration, mask=common)
        fused = Fused(fusion, fair_fused, measure_regions(fusion.fused, truth, regions))
    return Comparison(
        estimate=estimated,
        match=matched,
        truth=truth,
        aligned=aligned,
        monocular=scores("monocular", "stereo", aligned, estimated.depth_map),
        stereo=scores("stereo", "monocular", matched.disparity, matched.raw),
        fused=fused,
    )


def align(comparison: Comparison, fitted_to: Literal["truth", "stereo"]) -> tuple[AlignedScores, ...]:
    """The monocular map under every alignment, fitted to the truth or, without it, to confident stereo.

    Raises:
        ValueError: If fewer than two confident pixels are there to fit to.
    """
    match, monocular, truth = comparison.match, comparison.estimate.depth_map, comparison.truth
    common = match.disparity.valid & monocular.valid & truth.valid
    reference, where = truth, common
    if fitted_to == "stereo":
        reference, where = match.disparity, confident_stereo(match.disparity, match.left_right_diff)
    return score_alignments(monocular, truth, common, reference, where, match.pair.calibration)


def measure_uncertainty(comparison: Comparison, estimator: Estimator) -> Uncertainty:
    """Run the estimator on the mirrored image and compare.

    Raises:
        ValueError: If the monocular map could not be anchored to pixels, or that of the mirrored image not to it.
    """
    if comparison.fused is None:
        raise ValueError("The monocular map could not be anchored to stereo, so its uncertainty has no pixels.")
    fusion, match = comparison.fused.fusion, comparison.match
    pixels = apply_alignment(comparison.estimate.depth_map, fusion.fit)
    mirrored = estimator(np.ascontiguousarray(match.pair.left[:, ::-1]))
    turned = DepthMap(mirrored.values[:, ::-1], mirrored.kind)
    fit = fit_scale_shift(turned, pixels)
    if fit.inverted:
        raise ValueError("The estimate of the mirrored image has near and far exchanged, so there is nothing to compare.")
    difference = np.abs(apply_alignment(turned, fit).values - pixels.values)
    return Uncertainty(
        stereo=match.left_right_diff,
        monocular=difference,
        stereo_curve=_curve(match.disparity, comparison.truth, match.left_right_diff),
        monocular_curve=_curve(fusion.anchored, comparison.truth, difference),
    )


def _curve(predicted: DepthMap, truth: DepthMap, uncertainty: NDArray[np.float32] | None) -> RiskCoverage | None:
    if uncertainty is None:
        return None
    known = predicted.valid & truth.valid & ~np.isnan(uncertainty)
    error = np.abs(predicted.values - truth.values)
    return risk_coverage(error[known], uncertainty[known]) if known.any() else None


def _report(raw: DepthMap, pair: StereoPair, truth: DepthMap, hole_value: float) -> tuple[Evaluation, Evaluation | None]:
    """Disparity and depth as in the written comparison; holes hold what OpenCV writes, and 0 m in metres."""
    calibration = pair.calibration
    disparity = evaluate(_in_pixels(raw, calibration), truth, "report", hole_value=hole_value)
    depth_truth = disparity_to_depth(truth, calibration) if calibration else None
    if calibration is None or depth_truth is None or not depth_truth.valid.any():
        return disparity, None
    return disparity, evaluate(_in_metres(raw, calibration), depth_truth, "report")


def _in_metres(depth_map: DepthMap, calibration: Calibration) -> DepthMap:
    return disparity_to_depth(depth_map, calibration) if depth_map.kind is DepthKind.DISPARITY else depth_map


def _in_pixels(depth_map: DepthMap, calibration: Calibration | None) -> DepthMap:
    return as_disparity(depth_map, calibration) if depth_map.kind is DepthKind.METRIC_DEPTH else depth_map
