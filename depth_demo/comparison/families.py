"""The three families of stereo matching on one pair, made small enough to answer in a few seconds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from depth_demo.evaluation.metrics import FairScores, evaluate
from depth_demo.geometry import DepthKind, DepthMap, RgbImage, StereoPair
from depth_demo.stereo.matching import compute_disparity
from depth_demo.stereo.preflight import check_two_views, refuse_swapped
from depth_demo.stereo.reference.costs import Cost
from depth_demo.stereo.reference.local import match_local
from depth_demo.stereo.reference.scan_lines import match_scan_lines
from depth_demo.stereo.reference.semi_global import P1, P2
from depth_demo.stereo.settings import PATHS, Mode, SgbmSettings
from depth_demo.stereo.unseen import keep_judged, keep_seen

MAX_WIDTH = 741  # px; Middlebury's quarter size
MAX_COSTS = 50_000_000  # pixels x disparities; 200 MB for one cost of each
_MEASURES: dict[Cost, str] = {
    "SAD": "the sum of absolute differences",
    "SSD": "the sum of squared differences",
    "ZNCC": "1 minus the normalised cross-correlation",
    "census": "the census distance (which neighbours are darker?)",
}


@dataclass(frozen=True, slots=True, eq=False)
class FamilyMatch:
    """The answer of one family on the pair.

    Attributes:
        name: The family and its method.
        minimises: What the method minimises, as a sentence.
        disparity: Of the left view [px], NaN where the views disagree.
        seconds: What matching took.
        evaluation: Against the truth, protocol *fair*; None without truth.
    """

    name: str
    minimises: str
    disparity: DepthMap
    seconds: float
    evaluation: FairScores | None

    @property
    def coverage(self) -> float:
        """Share of the pixels that matched [%]."""
        return 100 * float(self.disparity.valid.mean())


@dataclass(frozen=True, slots=True, eq=False)
class Families:
    """Local, global and semi-global matching of one pair.

    Attributes:
        pair: The views, and the truth where it is known, as they were matched.
        factor: Their width as a share of the width that was given.
        disparities: Where all three looked [px].
        matches: One per family, in this order.
    """

    pair: StereoPair
    factor: float
    disparities: range
    matches: tuple[FamilyMatch, ...]


def match_families(
    pair: StereoPair, min_disparity: int, num_disparities: int, cost: Cost = "SAD", window: int = 9
) -> Families:
    """Match a pair three times: by windows, by scan lines, by OpenCV's SGBM with the app's defaults.

    Args:
        pair: Rectified views of any size; its truth must be disparity.
        min_disparity: Smallest disparity looked for [px at the given width].
        num_disparities: How many are looked for.
        cost: What the local matcher compares.
        window: Side of its window [px at the reduced width]; odd.

    Raises:
        ValueError: If the views are swapped, or range or window are impossible.
    """
    height, width = pair.left.shape[:2]
    SgbmSettings(min_disparity=min_disparity, num_disparities=num_disparities).check_size(height, width)
    fitting = (MAX_COSTS / (height * width * num_disparities)) ** (1 / 3)  # the range shrinks as well
    small = reduced(pair, min(1.0, MAX_WIDTH / width, fitting))
    factor = small.left.shape[1] / width
    first = math.floor(min_disparity * factor)
    count = math.ceil((min_disparity + num_disparities) * factor) - first
    settings = SgbmSettings(min_disparity=first, num_disparities=-(-count // 16) * 16)
    disparities = range(first, first + settings.num_disparities)
    check_two_views(small)
    sgbm = _timed(lambda: compute_disparity(small, settings))
    refuse_swapped(small, sgbm[0], settings)
    runs = _timed(lambda: match_local(small, cost, window, disparities)), _timed(lambda: match_scan_lines(small, disparities))
    texts = _texts(cost, window, settings.mode_for(*small.left.shape[:2]))
    matches = (_family(*text, *run, small) for text, run in zip(texts, (*runs, sgbm), strict=True))
    return Families(small, factor, disparities, tuple(matches))


def _texts(cost: Cost, window: int, mode: Mode) -> tuple[tuple[str, str], ...]:
    """Return `name` and `minimises` of the three families."""
    local = f"For every pixel by itself, {_MEASURES[cost]} over {window}x{window} px around it."
    rows = (
        f"For a whole row at once, the census costs of its pixels, plus {P1:g} for a step of 1 px and {P2:g} for a larger "
        "one (dynamic programming). Rows know nothing of each other: hence the streaks."
    )
    paths = (
        f"For every pixel, the sum of the cheapest ways to it along {PATHS[mode]} paths ({mode}), each a scan line in its own "
        "direction."
    )
    return (f"Local: {cost} in a window", local), ("Global: scan lines", rows), ("Semi-global: OpenCV's SGBM", paths)


def _family(name: str, minimises: str, disparity: DepthMap, seconds: float, pair: StereoPair) -> FamilyMatch:
    truth = pair.ground_truth
    if pair.seen:
        disparity, truth = keep_seen(disparity, pair.seen), truth and keep_judged(truth, pair.seen)
    return FamilyMatch(name, minimises, disparity, seconds, evaluate(disparity, truth) if truth else None)


def reduced(pair: StereoPair, factor: float) -> StereoPair:
    """Reduce a pair to `factor` times its size, with camera and truth. The truth is sampled, so that no edge is blurred.

    Raises:
        ValueError: If there is a truth that is not disparity.
    """
    height, width = pair.left.shape[:2]
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    if size == (width, height):
        return pair
    exact = size[0] / width
    truth = pair.ground_truth
    if truth is not None:
        truth.require(DepthKind.DISPARITY)
        sampled = cv2.resize(truth.values, size, interpolation=cv2.INTER_NEAREST_EXACT)
        truth = DepthMap(np.float32(exact) * sampled, DepthKind.DISPARITY)
    camera = pair.calibration.scaled(exact) if pair.calibration else None
    seen = None
    if pair.seen:  # a pixel of the small view shows something if all that went into it did
        levels = (_shrunk(255 * mask.astype(np.uint8), size) for mask in pair.seen)
        left, right = (shown == 255 for shown in levels)
        seen = left, right
    return StereoPair(_shrunk(pair.left, size), _shrunk(pair.right, size), camera, truth, pair.name, seen=seen)


def _shrunk(view: RgbImage, size: tuple[int, int]) -> RgbImage:
    return np.asarray(cv2.resize(view, size, interpolation=cv2.INTER_AREA), np.uint8)


def _timed(matcher: Callable[[], DepthMap]) -> tuple[DepthMap, float]:
    started = time.perf_counter()
    disparity = matcher()
    return disparity, time.perf_counter() - started
