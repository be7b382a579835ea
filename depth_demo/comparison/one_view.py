"""Score an estimate of one view against its truth; there is no second view, and nothing of stereo.

Depth without a camera is scored as inverse depth, which is the disparity of a camera whose focal length and baseline are 1:
relative inverse depth is affine in it. No pixels follow from that, so there are scores in metres alone.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from depth_demo.comparison.results import Comparison, Estimate, Scores
from depth_demo.evaluation.alignment import UNIT_CAMERA, apply_alignment
from depth_demo.evaluation.alignment_scores import AlignedScores, score_alignments
from depth_demo.evaluation.errors import DepthErrors, depth_errors
from depth_demo.evaluation.failures import find_failures, structure_loss
from depth_demo.evaluation.metrics import FairScores, as_disparity, evaluate, evaluate_counted
from depth_demo.evaluation.region_errors import measure_regions
from depth_demo.evaluation.regions import find_regions_of_one_view
from depth_demo.geometry import Calibration, DepthKind, DepthMap, SingleView, disparity_to_depth


def score_one_view(estimated: Estimate, view: SingleView) -> Comparison:
    """Score the monocular map against the truth of its view.

    Args:
        estimated: Depth from the view.
        view: With its truth. Depth without a calibration gives scores in metres alone.

    Raises:
        ValueError: If fewer than two pixels have a prediction and a truth.
    """
    camera, in_metres = _camera(view), _in_metres(view)
    inverse = as_disparity(view.ground_truth, camera)
    depth_map = estimated.depth_map
    fair = evaluate(depth_map, inverse, calibration=camera)
    fitted = aligned_by(depth_map, fair)
    reference = view.ground_truth if in_metres else inverse
    if fitted is None:
        scores = Scores(fair, (), (), None if view.counted is None else fair)
        return Comparison(view, estimated, None, "truth", reference, None, scores, None)
    inside = None
    if view.counted is not None:
        inside = evaluate_counted(fitted, inverse, view.counted, camera, depth_map.valid)
    aligned = _cut_depth(fitted, inverse) if in_metres else fitted
    regions = find_regions_of_one_view(view.left, reference, view.labels)
    scores = Scores(
        fair,
        find_failures("monocular", structure_loss(fair, inverse), None, aligned, reference, regions, alone=True),
        measure_regions(aligned, reference, regions),
        inside,
        _unfitted(depth_map, inverse, camera),
    )
    if in_metres:
        scores = replace(scores, fair=_without_pixels(fair), non_occluded=inside and _without_pixels(inside))
    return Comparison(view, estimated, None, "truth", reference, aligned, scores, None)


def align_one_view(comparison: Comparison) -> tuple[AlignedScores, ...]:
    """Score the monocular map of one view under every alignment, fitted to the truth.

    Raises:
        ValueError: If the comparison is one of two views, or as `score_one_view`.
    """
    view = comparison.views
    if not isinstance(view, SingleView):
        raise ValueError("This needs one view with truth, but there are two views.")
    camera, depth_map = _camera(view), comparison.estimate.depth_map
    inverse = as_disparity(view.ground_truth, camera)
    common = depth_map.valid & inverse.valid
    rows = score_alignments(depth_map, inverse, common, inverse, common, camera)
    return tuple(replace(row, errors=None, errors_all=None) for row in rows) if _in_metres(view) else rows


def aligned_by(depth_map: DepthMap, scores: FairScores) -> DepthMap | None:
    """Return the map as disparity [px] by the fit behind its scores; None where that is inverted."""
    if scores.alignment is None:
        return depth_map
    return None if scores.inverted else apply_alignment(depth_map, scores.alignment)


def _in_metres(view: SingleView) -> bool:
    return view.calibration is None and view.ground_truth.kind is DepthKind.METRIC_DEPTH


def _camera(view: SingleView) -> Calibration | None:
    return UNIT_CAMERA if _in_metres(view) else view.calibration


def _cut_depth(inverse: DepthMap, truth: DepthMap) -> DepthMap:
    """Return depth [m] from inverse depth [1/m], at most that of the farthest truth, as `depth_errors` has it."""
    nearest = np.maximum(inverse.values, np.nanmin(truth.values))
    return disparity_to_depth(DepthMap(nearest, DepthKind.DISPARITY), UNIT_CAMERA)


def _without_pixels(scores: FairScores) -> FairScores:
    return replace(scores, errors=None, errors_all=None)


def _unfitted(depth_map: DepthMap, inverse: DepthMap, camera: Calibration | None) -> DepthErrors | None:
    """Measure a metric model's map as it came; None for another map, or without a camera."""
    if depth_map.kind is not DepthKind.METRIC_DEPTH or camera is None:
        return None
    return depth_errors(as_disparity(depth_map, camera), inverse, depth_map.valid & inverse.valid, camera)
