"""The whole computation, from arrays to results: estimate, match, compare. No page, no plots, no torch."""

from __future__ import annotations

import time
from collections.abc import Callable

from depth_demo.comparison.compare import align, compare_results
from depth_demo.comparison.one_view import score_one_view
from depth_demo.comparison.results import Comparison, Estimate, Match
from depth_demo.geometry import DepthMap, RgbImage, SingleView, StereoPair
from depth_demo.stereo.matched import MatcherSettings
from depth_demo.stereo.matcher import default_matcher, matcher_of
from depth_demo.stereo.preflight import check_two_views, refuse_swapped, row_warning
from depth_demo.stereo.unseen import keep_seen

__all__ = [
    "Comparison",
    "Estimate",
    "Estimator",
    "Match",
    "align",
    "check_pair",
    "compare",
    "compare_results",
    "estimate",
    "match",
    "score_one_view",
]

Estimator = Callable[[RgbImage], DepthMap]


def estimate(image: RgbImage, estimator: Estimator) -> Estimate:
    """Run a monocular estimator on (H, W, 3) uint8 RGB."""
    started = time.perf_counter()
    depth_map = estimator(image)
    return Estimate(image, depth_map, time.perf_counter() - started)


def check_pair(pair: StereoPair, settings: MatcherSettings) -> None:
    """Check what can be checked before matching.

    Raises:
        ValueError: If the views are the same, or of a size that cannot be matched with these settings.
    """
    settings.check_size(*pair.left.shape[:2])
    check_two_views(pair)


def match(pair: StereoPair, settings: MatcherSettings | None = None) -> Match:
    """Match a rectified pair, and check that its views are not swapped.

    Where the pair says that a view shows nothing, there is no disparity.

    Args:
        pair: The two views.
        settings: Of any of `depth_demo.stereo.matcher.MATCHERS`, which they choose; None takes the app's defaults.

    Raises:
        ValueError: If the views are the same or swapped, or these images cannot be matched with these settings.
    """
    settings = settings or default_matcher().settings_type()
    matcher = matcher_of(settings)
    check_pair(pair, settings)
    started = time.perf_counter()
    found = matcher.match(pair, settings)
    seconds = time.perf_counter() - started
    refuse_swapped(pair, found.disparity, settings)
    return Match(
        found.pair,
        found.settings,
        found.raw,
        keep_seen(found.disparity, pair.seen) if pair.seen else found.disparity,
        found.left_right_diff,
        found.remark,
        matcher=matcher,
        seconds=seconds,
        warning=row_warning(pair) if found.coverage < settings.usual_coverage else "",
    )


def compare(views: StereoPair | SingleView, estimator: Estimator, settings: MatcherSettings | None = None) -> Comparison:
    """Match both views, estimate from the left one, and score both; of one view with truth, estimate and score that.

    Raises:
        ValueError: As `match` and `compare_results`, or as `score_one_view`.
    """
    if isinstance(views, SingleView):
        return score_one_view(estimate(views.left, estimator), views)
    matched = match(views, settings)
    return compare_results(estimate(views.left, estimator), matched)
