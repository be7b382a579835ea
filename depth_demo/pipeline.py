"""The whole computation, from arrays to results: estimate, match, compare. No page, no plots, no torch."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from depth_demo.comparison.fusion import MIN_CONFIDENT, Fusion, confident_stereo, fuse
from depth_demo.evaluation.alignment import apply_alignment
from depth_demo.evaluation.alignment_scores import AlignedScores, score_alignments
from depth_demo.evaluation.failures import FailureBox, Loss, Method, find_failures, structure_loss
from depth_demo.evaluation.metrics import Evaluation, as_disparity, evaluate
from depth_demo.evaluation.regions import RegionErrors, find_regions, measure_regions
from depth_demo.geometry import Calibration, DepthKind, DepthMap, RgbImage, StereoPair, disparity_to_depth
from depth_demo.stereo.matching import fill_holes, match_views, unmatchable_band
from depth_demo.stereo.preflight import check_not_swapped, check_two_views, clearly_in_order, row_warning
from depth_demo.stereo.settings import SgbmSettings

Estimator = Callable[[RgbImage], DepthMap]
Losses = tuple[Loss | None, Loss | None]
Reports = tuple[Evaluation | None, Evaluation | None]
Located = tuple[tuple[FailureBox, ...], tuple[RegionErrors, ...]]
FEW_MATCHED, FEW_MATCHED_BM = 60.0, 25.0  # % of the pixels; usual pairs have more, and it is worth a quarter second to ask why
Judged = Literal["monocular", "stereo", "fused"]


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


@dataclass(frozen=True, eq=False)  # no slots: the maps that not every visitor looks at are made when first asked for
class Match:
    """Depth from two images.

    Attributes:
        pair: The views.
        settings: How they were matched; the mode is the one that ran, never "auto".
        raw: As OpenCV gives it [px], before the checks that OpenCV does not do.
        disparity: What passed all checks [px], NaN in the holes.
        coverage: Share of the pixels that matched [%].
        band_share: Share of the pixels for which the search range leaves the right view [%].
        seconds: What matching took.
        left_right_diff: (H, W) how far both directions of matching disagree [px], NaN where one has no answer; None when
            the pair was matched in one direction.
        at_once: How many directions were matched side by side; 1 of 2 where memory allowed no more.
        warning: That the pair is not rectified, where so little matched that it was looked into; else "".
    """

    pair: StereoPair
    settings: SgbmSettings
    raw: DepthMap
    disparity: DepthMap
    coverage: float
    band_share: float
    seconds: float
    left_right_diff: NDArray[np.float32] | None
    at_once: int
    warning: str = ""

    @cached_property
    def filled(self) -> DepthMap:
        """`disparity` with its holes filled from the background."""
        return fill_holes(self.disparity)

    @cached_property
    def depth(self) -> DepthMap | None:
        """`disparity` in metres; None without a calibration."""
        return self._in_metres(self.disparity)

    @cached_property
    def filled_depth(self) -> DepthMap | None:
        """`filled` in metres; None without a calibration."""
        return self._in_metres(self.filled)

    def _in_metres(self, disparity: DepthMap) -> DepthMap | None:
        return disparity_to_depth(disparity, self.pair.calibration) if self.pair.calibration else None


@dataclass(frozen=True, slots=True)
class Scores:
    """One method under both protocols, and where it fails.

    Attributes:
        fair: Over the pixels that both methods have; its SSIM map covers all that this one has.
        failures: The boxes that lose most structure, holes included; none for an inverted map.
        regions: Errors by class of pixels, the whole picture first; none for an inverted map.
        report_disparity, report_depth: As in the written comparison; None without truth, the second also without a
            calibration.
    """

    fair: Evaluation
    failures: tuple[FailureBox, ...]
    regions: tuple[RegionErrors, ...]
    report_disparity: Evaluation | None
    report_depth: Evaluation | None


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """Both methods as one map, made without the truth, and what the truth says about it.

    Attributes:
        fusion: The map, and what it is made of.
        fair: Over the pixels that both methods have, as for each of them; None without truth.
        regions: Errors by class of pixels, the whole picture first; none without truth.
    """

    fusion: Fusion
    fair: Evaluation | None
    regions: tuple[RegionErrors, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Both methods against the truth; without one, the monocular map against confident stereo.

    Attributes:
        estimate, match: The two results.
        reference: Disparity of the left view that judges [px]: the truth, or stereo where it is confident.
        aligned: The monocular map as disparity [px], by the fit of `monocular.fair`; None when the map is inverted.
        monocular, stereo: The scores. *fair* uses the pixels where both methods and the reference have values. Stereo
            cannot be judged by itself: None without truth.
        fused: Both as one map; None when the monocular map cannot be anchored to stereo.
    """

    estimate: Estimate
    match: Match
    reference: DepthMap
    aligned: DepthMap | None
    monocular: Scores
    stereo: Scores | None
    fused: Fused | None = None

    @property
    def truth(self) -> DepthMap | None:
        """The reference, if it is the truth."""
        return self.reference if self.stereo else None

    @property
    def failures(self) -> tuple[FailureBox, ...]:
        """The boxes of both methods, the monocular map's first."""
        return (*self.monocular.failures, *(self.stereo.failures if self.stereo else ()))

    @property
    def judged(self) -> tuple[tuple[Judged, Scores | Fused], ...]:
        """What has errors by region, by name."""
        methods: tuple[tuple[Judged, Scores | Fused | None], ...] = (
            ("monocular", self.monocular), ("stereo", self.stereo), ("fused", self.fused)
        )  # fmt: skip
        return tuple((name, scores) for name, scores in methods if scores and scores.regions)


def estimate(image: RgbImage, estimator: Estimator) -> Estimate:
    """Run a monocular estimator on (H, W, 3) uint8 RGB."""
    started = time.perf_counter()
    depth_map = estimator(image)
    return Estimate(image, depth_map, time.perf_counter() - started)


def match(pair: StereoPair, settings: SgbmSettings | None = None) -> Match:
    """Match a rectified pair, and check that its views are not swapped.

    Raises:
        ValueError: If the views are the same or swapped, or these images cannot be matched with these settings.
    """
    height, width = pair.left.shape[:2]
    settings = (settings or SgbmSettings()).for_size(height, width)
    settings.check_size(height, width)
    check_two_views(pair)
    started = time.perf_counter()
    at_once = settings.directions_at_once(height, width)
    raw, disparity, left_right_diff = match_views(pair, settings, at_once)
    seconds = time.perf_counter() - started
    # Cameras that look inwards have negative disparities, as swapped views have.
    if settings.min_disparity >= 0 and not clearly_in_order(disparity, settings):
        check_not_swapped(pair)
    coverage = 100 * float(disparity.valid.mean())
    few = FEW_MATCHED_BM if settings.mode == "BM" else FEW_MATCHED
    return Match(
        pair=pair,
        settings=settings,
        raw=raw,
        disparity=disparity,
        coverage=coverage,
        band_share=100 * float(unmatchable_band(disparity.shape, settings).mean()),
        seconds=seconds,
        left_right_diff=left_right_diff,
        at_once=at_once,
        warning=row_warning(pair) if coverage < few else "",
    )


def compare(pair: StereoPair, estimator: Estimator, settings: SgbmSettings | None = None) -> Comparison:
    """Estimate, match, and score both against the pair's ground truth, or the estimate against confident stereo.

    Raises:
        ValueError: If the truth is depth and there is no calibration, there is neither truth nor confident stereo, or
            `match` refuses.
    """
    truth = pair.ground_truth and as_disparity(pair.ground_truth, pair.calibration)
    matched = match(pair, settings)
    reference = truth or _stand_in(matched)
    estimated = estimate(pair.left, estimator)
    common = matched.disparity.valid & estimated.depth_map.valid
    hole = float(matched.settings.min_disparity - 1)
    judge = partial(evaluate, reference=reference, calibration=pair.calibration, mask=common)
    band = unmatchable_band(reference.shape, matched.settings)
    with ThreadPoolExecutor(2) as threads:  # beside this one; NumPy leaves the interpreter free
        fusing = threads.submit(fuse, estimated.depth_map, matched.disparity, matched.left_right_diff)
        judging = [threads.submit(judge, depth_map) for depth_map in (estimated.depth_map, matched.disparity)]
        finding = threads.submit(find_regions, pair.left, reference, band, pair.labels)
        reports = [threads.submit(_report, raw, pair, truth, hole) for raw in (estimated.depth_map, matched.raw)]
        monocular, stereo = (judged.result() for judged in judging)
        fit, regions = monocular.alignment, finding.result()
        aligned = apply_alignment(estimated.depth_map, fit) if fit and not fit.inverted else None
        losses = structure_loss(monocular, reference), structure_loss(stereo, reference)

        def located(method: Method, loss: Losses, disparity: DepthMap | None) -> Located:
            if disparity is None:
                return (), ()
            failures = find_failures(method, *loss, disparity, reference, regions)
            return failures, measure_regions(disparity, reference, regions)

        locating = threads.submit(located, "monocular", losses, aligned)
        locating_stereo = truth and threads.submit(located, "stereo", losses[::-1], matched.disparity)
        fusion = fusing.result()
        fused = Fused(fusion, None, ()) if fusion else None
        if fusion and truth:
            fused = Fused(fusion, judge(fusion.fused), measure_regions(fusion.fused, truth, regions))
    return Comparison(
        estimate=estimated,
        match=matched,
        reference=reference,
        aligned=aligned,
        monocular=Scores(monocular, *locating.result(), *reports[0].result()),
        stereo=Scores(stereo, *locating_stereo.result(), *reports[1].result()) if locating_stereo else None,
        fused=fused,
    )


def _stand_in(matched: Match) -> DepthMap:
    """Stereo where it is confident, to judge by where there is no truth."""
    confident = confident_stereo(matched.disparity, matched.left_right_diff)
    if np.count_nonzero(confident) < MIN_CONFIDENT:
        raise ValueError(
            "There is neither ground truth nor confident stereo to set the monocular map against: choose a file that holds "
            "the left view's disparity or depth, or check that these are the two views of one scene."
        )
    return DepthMap(np.where(confident, matched.disparity.values, np.float32(np.nan)), DepthKind.DISPARITY)


def align(comparison: Comparison, fitted_to: Literal["truth", "stereo"]) -> tuple[AlignedScores, ...]:
    """The monocular map under every alignment, fitted to the truth or to confident stereo, which without truth is the same.

    Raises:
        ValueError: If fewer than two confident pixels are there to fit to.
    """
    match, monocular, reference = comparison.match, comparison.estimate.depth_map, comparison.reference
    common = match.disparity.valid & monocular.valid & reference.valid
    target, where = reference, common
    if fitted_to == "stereo":
        target, where = match.disparity, confident_stereo(match.disparity, match.left_right_diff)
    return score_alignments(monocular, reference, common, target, where, match.pair.calibration)


def _report(raw: DepthMap, pair: StereoPair, truth: DepthMap | None, hole_value: float) -> Reports:
    """Disparity and depth as in the written comparison; holes hold what OpenCV writes, and 0 m in metres."""
    if truth is None:
        return None, None
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
