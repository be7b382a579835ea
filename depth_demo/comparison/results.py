"""What comes of one pair: an estimate, a match, and the comparison of both."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from depth_demo.comparison.fused import Fused, score_fusion
from depth_demo.comparison.fusion import fuse
from depth_demo.comparison.written import WrittenScores, score_as_written
from depth_demo.evaluation.errors import DepthErrors
from depth_demo.evaluation.failures import FailureBox, Method
from depth_demo.evaluation.metrics import FairScores
from depth_demo.evaluation.region_errors import RegionErrors
from depth_demo.geometry import DepthMap, Mask, RgbImage, SingleView, StereoPair, disparity_to_depth, size_text
from depth_demo.stereo.matched import UNSEARCHED, UNSEEN, UNTOLD, MatchedViews, MatcherSettings, Rejection
from depth_demo.stereo.matcher import Matcher
from depth_demo.stereo.matching import fill_holes
from depth_demo.stereo.unseen import Seen, keep_in_view

NEEDS_BOTH = "This needs both views: add the right one."
Judge = Literal["truth", "confident stereo"]
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
        """How long the estimate took, for people."""
        return _took(self.seconds, cached=self.cached)


def _took(seconds: float, *, cached: bool) -> str:
    return f"from the cache, computed in {seconds:.2f} s" if cached else f"{seconds:.2f} s"


@dataclass(frozen=True, eq=False, kw_only=True)  # no slots: the maps that not every visitor looks at are made when asked for
class Match(MatchedViews[MatcherSettings]):
    """Depth from two images: what a matcher found, and what follows from it.

    Attributes:
        matcher: The matcher.
        seconds: What matching took.
        warning: That the pair is not rectified, where so little matched that it was looked into; else "".
        cached: Whether that was earlier, and the maps were kept.
    """

    matcher: Matcher[Any]
    seconds: float
    warning: str = ""
    cached: bool = False

    @property
    def took(self) -> str:
        """How long matching took, for people."""
        return _took(self.seconds, cached=self.cached)

    @cached_property
    def filled(self) -> DepthMap:
        """`disparity` with its holes filled from the background; what the left view does not show stays empty."""
        filled = fill_holes(self.disparity)
        return keep_in_view(filled, self.pair.seen[0]) if self.pair.seen else filled

    @cached_property
    def depth(self) -> DepthMap | None:
        """`disparity` in metres; None without a calibration."""
        return self._in_metres(self.disparity)

    @cached_property
    def filled_depth(self) -> DepthMap | None:
        """`filled` in metres; None without a calibration."""
        return self._in_metres(self.filled)

    @property
    def hole_value(self) -> float:
        """What the matcher writes into a hole [px]."""
        return self.matcher.hole_value(self.settings)

    @cached_property
    def unsearched(self) -> Mask:
        """(H, W) bool: what the matcher cannot search, such as columns at which the search range leaves the right view."""
        return self.matcher.unsearchable(self.disparity.shape, self.settings)

    def why_missing(self, x: int, y: int) -> Rejection | None:
        """Return why pixel (x, y) has no disparity; None where there is one."""
        if self.disparity.valid[y, x]:
            return None
        if self.pair.seen and self._is_black(self.pair.seen, x, y):
            return UNSEEN
        if self.unsearched[y, x]:
            return UNSEARCHED
        return self.matcher.why_missing(self, x, y) if self.matcher.why_missing else UNTOLD

    def _is_black(self, seen: Seen, x: int, y: int) -> bool:
        """Tell whether the left view shows nothing at pixel (x, y), or the right one where the matcher found its match."""
        found = self.raw.values[y, x]
        other = round(float(x - found)) if self.raw.valid[y, x] else -1
        return not seen[0][y, x] or (0 <= other < self.raw.shape[1] and not seen[1][y, other])

    @property
    def description(self) -> str:
        """What was searched, on how many pixels and how, in one line for people."""
        first, last = self.settings.min_disparity, self.settings.min_disparity + self.settings.num_disparities - 1
        return f"{self.settings.method} on {size_text(self.pair.left)} pixels, {first} to {last} px{self.remark}"

    @property
    def band_share(self) -> float:
        """Share of the pixels that cannot be searched [%]."""
        return 100 * float(self.unsearched.mean())

    def _in_metres(self, disparity: DepthMap) -> DepthMap | None:
        return disparity_to_depth(disparity, self.pair.calibration) if self.pair.calibration else None


@dataclass(frozen=True, slots=True)
class Scores:
    """One method under the *fair* protocol, and where it fails.

    Attributes:
        fair: Over the pixels that both methods have; its SSIM map covers all that this one has.
        failures: The boxes that lose most structure, holes included; none for an inverted map.
        regions: Errors by class of pixels, the whole picture first; none for an inverted map.
        non_occluded: The same map as in `fair`, as if there were truth only where the benchmark's mask counts; None without
            a mask. An inverted map has no scores here either.
        unfitted: The errors in metres of a metric model's map as it came, without a fit; only of one view with truth.
    """

    fair: FairScores
    failures: tuple[FailureBox, ...]
    regions: tuple[RegionErrors, ...]
    non_occluded: FairScores | None = None
    unfitted: DepthErrors | None = None


@dataclass(frozen=True, eq=False)  # no slots: what not every visitor looks at is computed when first asked for
class Comparison:
    """Both methods against the truth; without one, the monocular map against confident stereo.

    Of one view with truth there is no match, and the monocular map alone is judged.

    Attributes:
        views: What was compared.
        estimate: Depth from the left view.
        match: Depth from both views; None of one view.
        judge: What the methods are judged by.
        reference: What judges: the truth or stereo where it is confident, as disparity of the left view [px]; the truth as
            depth [m] of one view whose depth has no camera.
        aligned: The monocular map by the fit of `monocular.fair`, of the kind of `reference`; None when the map is inverted.
        monocular, stereo: The scores. *fair* uses the pixels where both methods and the reference have values. Stereo
            cannot be judged by itself: None unless the truth judges.
    """

    views: StereoPair | SingleView
    estimate: Estimate
    match: Match | None
    judge: Judge
    reference: DepthMap
    aligned: DepthMap | None
    monocular: Scores
    stereo: Scores | None

    @property
    def truth(self) -> DepthMap | None:
        """The reference, if it is the truth."""
        return self.reference if self.judge == "truth" else None

    @property
    def matched(self) -> Match:
        """The match.

        Raises:
            ValueError: If there is one view alone.
        """
        if self.match is None:
            raise ValueError(NEEDS_BOTH)
        return self.match

    @property
    def failures(self) -> tuple[FailureBox, ...]:
        """The boxes of both methods, the monocular map's first."""
        return (*self.monocular.failures, *(self.stereo.failures if self.stereo else ()))

    @property
    def judged(self) -> tuple[tuple[Judged, Scores | Fused], ...]:
        """The methods that have errors by region, with their names."""
        methods: tuple[tuple[Judged, Scores | Fused | None], ...] = (
            ("monocular", self.monocular), ("stereo", self.stereo), ("fused", self.fused)
        )  # fmt: skip
        return tuple((name, scores) for name, scores in methods if scores and scores.regions)

    def complete(self) -> None:
        """Compute, beside each other, what else is computed when first asked for."""
        with ThreadPoolExecutor(2) as threads:  # NumPy and SciPy leave the interpreter free
            for later in [threads.submit(getattr, self, name) for name in ("fused", "as_written")]:
                later.result()

    @cached_property
    def fused(self) -> Fused | None:
        """Both as one map; None when the monocular map cannot be anchored to stereo. It takes about a second for 2 MP."""
        if self.match is None:
            return None
        depth_map, match = self.estimate.depth_map, self.match
        fusion = fuse(depth_map, match.disparity, match.left_right_diff, match.pair.calibration)
        if fusion is None or self.truth is None:
            return Fused(fusion, None, ()) if fusion else None
        return score_fusion(fusion, match.pair, self.truth, match.disparity.valid & depth_map.valid, match.unsearched)

    @cached_property
    def as_written(self) -> Mapping[Method, WrittenScores]:
        """Each method under the *report* protocol; empty unless the truth judges. It takes about a second for 2 MP."""
        if self.truth is None:
            return {}
        maps: dict[Method, DepthMap] = {"monocular": self.estimate.depth_map}
        if self.match:
            maps["stereo"] = self.match.raw
        calibration, hole = self.views.calibration, self.match.hole_value if self.match else 0.0
        return {method: score_as_written(raw, self.truth, calibration, hole) for method, raw in maps.items()}
