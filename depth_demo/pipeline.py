"""The whole computation, from arrays to results: estimate, match, compare. No page, no plots, no torch."""

from __future__ import annotations

import time
from collections.abc import Callable

from depth_demo.comparison.compare import align, compare_results
from depth_demo.comparison.results import Comparison, Estimate, Match
from depth_demo.geometry import DepthMap, RgbImage, StereoPair
from depth_demo.stereo.matching import match_views
from depth_demo.stereo.preflight import check_two_views, refuse_swapped, row_warning
from depth_demo.stereo.settings import SgbmSettings

__all__ = ["Comparison", "Estimate", "Estimator", "Match", "align", "compare", "compare_results", "estimate", "match"]

Estimator = Callable[[RgbImage], DepthMap]
FEW_MATCHED, FEW_MATCHED_BM = 60.0, 25.0  # % of the pixels; usual pairs have more, and it is worth a quarter second to ask why


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
    refuse_swapped(pair, disparity, settings)
    coverage = 100 * float(disparity.valid.mean())
    few = FEW_MATCHED_BM if settings.mode == "BM" else FEW_MATCHED
    return Match(
        pair=pair,
        settings=settings,
        raw=raw,
        disparity=disparity,
        coverage=coverage,
        seconds=seconds,
        left_right_diff=left_right_diff,
        at_once=at_once,
        warning=row_warning(pair) if coverage < few else "",
    )


def compare(pair: StereoPair, estimator: Estimator, settings: SgbmSettings | None = None) -> Comparison:
    """Match both views, estimate from the left one, and score both; raises ValueError as `match` and `compare_results`."""
    matched = match(pair, settings)
    return compare_results(estimate(pair.left, estimator), matched)
