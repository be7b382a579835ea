"""Both methods as one map, and what the truth says about it."""

from __future__ import annotations

from dataclasses import dataclass

from depth_demo.comparison.fusion import Fusion
from depth_demo.evaluation.metrics import FairScores, evaluate, evaluate_counted
from depth_demo.evaluation.region_errors import RegionErrors, measure_regions
from depth_demo.evaluation.regions import find_regions
from depth_demo.geometry import DepthMap, Mask, StereoPair


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """Both methods as one map, made without the truth, and what the truth says about it.

    Attributes:
        fusion: The map, and what it is made of.
        fair: Over the pixels that both methods have, as for each of them; None without truth.
        regions: Errors by class of pixels, the whole picture first; none without truth.
        non_occluded: As in `Scores`; None without a mask.
    """

    fusion: Fusion
    fair: FairScores | None
    regions: tuple[RegionErrors, ...]
    non_occluded: FairScores | None = None


def score_fusion(fusion: Fusion, pair: StereoPair, truth: DepthMap, common: Mask, unsearched: Mask) -> Fused:
    """Score a fused map against the truth.

    Args:
        fusion: The map.
        pair: The views that it was made from.
        truth: (H, W) disparity [px], NaN where unknown.
        common: (H, W) bool, where both methods have a value.
        unsearched: (H, W) bool, where the search range leaves the right view.
    """
    fused, counted, camera = fusion.fused, pair.counted, pair.calibration
    fair = evaluate(fused, truth, calibration=camera, mask=common)
    regions = measure_regions(fused, truth, find_regions(pair.left, truth, unsearched, pair.labels))
    inside = None if counted is None else evaluate_counted(fused, truth, counted, camera, common)
    return Fused(fusion, fair, regions, inside)
