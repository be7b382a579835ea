"""The *report* protocol on one method: the scores of the written comparison, for disparity and for depth."""

from __future__ import annotations

from dataclasses import dataclass

from depth_demo.evaluation.metrics import ReportScores, as_disparity, evaluate
from depth_demo.geometry import Calibration, DepthKind, DepthMap, disparity_to_depth


@dataclass(frozen=True, slots=True)
class WrittenScores:
    """One method as the written comparison scored it.

    Attributes:
        disparity: The map in pixels against the truth in pixels; None where one of the two has no pixels.
        depth: The map in metres against the truth in metres; None without a calibration or without depth.
    """

    disparity: ReportScores | None
    depth: ReportScores | None


def score_as_written(raw: DepthMap, truth: DepthMap, calibration: Calibration | None, hole_value: float) -> WrittenScores:
    """Score one method as the written comparison did.

    Args:
        raw: (H, W) map as the model or the matcher gave it, NaN in holes.
        truth: (H, W) disparity [px], or depth [m] of one view without a camera; NaN where unknown.
        calibration: The camera, for depth.
        hole_value: What the matcher writes into a hole [px]; holes are 0 m in depth.
    """
    if truth.kind is DepthKind.METRIC_DEPTH:
        return WrittenScores(None, evaluate(raw, truth, "report"))
    if raw.kind is DepthKind.METRIC_DEPTH and calibration is None:
        return WrittenScores(None, None)
    disparity = evaluate(_in_pixels(raw, calibration), truth, "report", hole_value=hole_value)
    depth_truth = disparity_to_depth(truth, calibration) if calibration else None
    if calibration is None or depth_truth is None or depth_truth.is_empty:
        return WrittenScores(disparity, None)
    return WrittenScores(disparity, evaluate(_in_metres(raw, calibration), depth_truth, "report"))


def _in_metres(depth_map: DepthMap, calibration: Calibration) -> DepthMap:
    return disparity_to_depth(depth_map, calibration) if depth_map.kind is DepthKind.DISPARITY else depth_map


def _in_pixels(depth_map: DepthMap, calibration: Calibration | None) -> DepthMap:
    return as_disparity(depth_map, calibration) if depth_map.kind is DepthKind.METRIC_DEPTH else depth_map
