"""Results of a pair whose cameras stood one above the other: matched along columns that lie as rows, and shown upright.

Whatever looks along rows, such as a matcher or the probe, works on the lying pair; the rest sees the maps as the photos lie.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from depth_demo.comparison.fused import Fused
from depth_demo.comparison.results import Comparison, Estimate, Match, Scores
from depth_demo.comparison.written import WrittenScores
from depth_demo.evaluation.failures import FailureBox, Method
from depth_demo.evaluation.metrics import FairScores, ReportScores
from depth_demo.geometry import DepthMap, Mask, StereoPair
from depth_demo.stereo.matched import Rejection

if TYPE_CHECKING:
    from collections.abc import Mapping

Element = TypeVar("Element", bound=np.generic)


@overload
def turned_back(values: NDArray[Element]) -> NDArray[Element]: ...
@overload
def turned_back(values: None) -> None: ...
def turned_back(values: NDArray[Element] | None) -> NDArray[Element] | None:
    """Turn (H, W) or (H, W, 3) values a quarter clockwise, as the photos lie."""
    return None if values is None else np.ascontiguousarray(np.rot90(values, -1))


def upright_map(depth_map: DepthMap) -> DepthMap:
    """Return a map of the lying left view as the photo lies."""
    return replace(depth_map, values=turned_back(depth_map.values), spread=turned_back(depth_map.spread))


def upright_pair(pair: StereoPair) -> StereoPair:
    """Return a lying pair, whose labels nobody knows, as the photos lie: the left view is the upper one.

    Disparity then runs along columns; Z = f B / (d + doffs) holds as before.
    """
    camera, height = pair.calibration, pair.left.shape[0]
    if camera and camera.principal_point_px:
        column, row = camera.principal_point_px
        camera = replace(camera, principal_point_px=(height - 1 - row, column))
    return replace(
        pair,
        left=turned_back(pair.left),
        right=turned_back(pair.right),
        calibration=camera,
        ground_truth=pair.ground_truth and upright_map(pair.ground_truth),
        counted=turned_back(pair.counted),
        seen=pair.seen and (turned_back(pair.seen[0]), turned_back(pair.seen[1])),
    )


def upright_estimate(estimate: Estimate) -> Estimate:
    """Return an estimate of the lying left view as the photo lies."""
    return replace(estimate, image=turned_back(estimate.image), depth_map=upright_map(estimate.depth_map))


@dataclass(frozen=True, eq=False, kw_only=True)  # no slots, as its base
class UprightMatch(Match):
    """A match as the photos lie.

    Attributes:
        lying: The same match as it was made, along rows.
    """

    lying: Match

    @classmethod
    def of(cls, lying: Match) -> UprightMatch:
        """Turn a match back."""
        return cls(
            pair=upright_pair(lying.pair),
            settings=lying.settings,
            raw=upright_map(lying.raw),
            disparity=upright_map(lying.disparity),
            left_right_diff=turned_back(lying.left_right_diff),
            remark=lying.remark,
            matcher=lying.matcher,
            seconds=lying.seconds,
            warning=lying.warning,
            cached=lying.cached,
            lying=lying,
        )

    @cached_property
    def filled(self) -> DepthMap:
        """`disparity` with its holes filled from the background, along the columns in which it was matched."""
        return upright_map(self.lying.filled)

    @cached_property
    def unsearched(self) -> Mask:
        """(H, W) bool: what the matcher cannot search, such as rows at which the search range leaves the lower view."""
        return turned_back(self.lying.unsearched)

    def why_missing(self, x: int, y: int) -> Rejection | None:
        """Return why pixel (x, y) has no disparity; None where there is one."""
        return self.lying.why_missing(*_lying_place(self.disparity.shape, x, y))


@dataclass(frozen=True, eq=False)  # no slots, as its base
class UprightComparison(Comparison):
    """A comparison as the photos lie.

    Attributes:
        lying: The same comparison as it was made, with its match along rows.
    """

    lying: Comparison

    @classmethod
    def of(cls, lying: Comparison) -> UprightComparison:
        """Turn a comparison of two views back."""
        match = UprightMatch.of(lying.matched)
        return cls(
            views=match.pair,
            estimate=upright_estimate(lying.estimate),
            match=match,
            judge=lying.judge,
            reference=upright_map(lying.reference),
            aligned=lying.aligned and upright_map(lying.aligned),
            monocular=_upright_scores(lying.monocular, lying.reference.shape[0]),
            stereo=lying.stereo and _upright_scores(lying.stereo, lying.reference.shape[0]),
            lying=lying,
        )

    @cached_property
    def fused(self) -> Fused | None:
        """Both as one map; None when the monocular map cannot be anchored to stereo."""
        fused = self.lying.fused
        if fused is None:
            return None
        fusion = replace(
            fused.fusion,
            confident=turned_back(fused.fusion.confident),
            anchored=upright_map(fused.fusion.anchored),
            stereo_share=turned_back(fused.fusion.stereo_share),
            fused=upright_map(fused.fusion.fused),
        )
        fair, inside = fused.fair, fused.non_occluded
        return replace(fused, fusion=fusion, fair=fair and _upright_fair(fair), non_occluded=inside and _upright_fair(inside))

    @cached_property
    def as_written(self) -> Mapping[Method, WrittenScores]:
        """Each method under the *report* protocol; empty unless the truth judges."""
        return {
            method: WrittenScores(
                written.disparity and _upright_report(written.disparity), written.depth and _upright_report(written.depth)
            )
            for method, written in self.lying.as_written.items()
        }


def as_matched(comparison: Comparison, x: int, y: int) -> tuple[Comparison, int, int]:
    """Return a comparison as its pair was matched, along rows, and where pixel (x, y) lies in it."""
    if not isinstance(comparison, UprightComparison):
        return comparison, x, y
    return comparison.lying, *_lying_place(comparison.reference.shape, x, y)


def _lying_place(shape: tuple[int, int], x: int, y: int) -> tuple[int, int]:
    return y, shape[1] - 1 - x


def _upright_scores(scores: Scores, height: int) -> Scores:
    inside = scores.non_occluded
    return replace(
        scores,
        fair=_upright_fair(scores.fair),
        failures=tuple(_upright_box(box, height) for box in scores.failures),
        non_occluded=inside and _upright_fair(inside),
    )


def _upright_fair(fair: FairScores) -> FairScores:
    return replace(fair, ssim_map=turned_back(fair.ssim_map))


def _upright_report(scores: ReportScores) -> ReportScores:
    return replace(scores, ssim_map=turned_back(scores.ssim_map))


def _upright_box(box: FailureBox, height: int) -> FailureBox:
    return replace(box, left=height - box.bottom, right=height - box.top, top=box.left, bottom=box.right)
