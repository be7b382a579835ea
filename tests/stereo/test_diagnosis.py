"""The verdict on pixels whose cause of failure is known, and every rule by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from depth_demo.comparison.probe import judge
from depth_demo.stereo.matching import unmatchable_band
from depth_demo.stereo.reference.costs import Costs
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.stereo.why.diagnosis import Cause, diagnose
from depth_demo.stereo.why.pixel_costs import PixelCosts, pixel_costs
from tests.conftest import disparity_map
from tests.support import patches
from tests.support.patches import Patch

CASES = 100


def verdict(patch: Patch, *, with_truth: bool = True) -> Cause:
    truth = patch.truth if with_truth else disparity_map(np.full(patch.truth.shape, np.nan))
    searched = range(patch.settings.num_disparities)
    costs = pixel_costs(patch.pair, patch.x, patch.y, searched)
    in_band = bool(unmatchable_band(truth.shape, patch.settings)[patch.y, patch.x])
    return judge(patch.pair, costs, patch.settings, patch.x, patch.y, patch.answer, truth, in_band=in_band).cause


@pytest.mark.parametrize(
    ("draw", "cause"),
    [
        (patches.plain, "right"),
        (patches.flat, "flat"),
        (patches.repetitive, "repetitive"),
        (patches.outside, "outside the range"),
        (patches.occluded, "occluded"),
        (patches.removed, "removed by the filter"),
    ],
)
def test_a_known_cause_is_found(draw: Callable[[np.random.Generator], Patch], cause: Cause) -> None:
    found = Counter(verdict(patch) for patch in patches.cases(draw, CASES, fails=cause != "right"))
    assert found[cause] >= 0.95 * CASES, found


@pytest.mark.parametrize(
    ("draw", "cause"),
    [(patches.flat, "flat"), (patches.repetitive, "repetitive"), (patches.removed, "removed by the filter")],
)
def test_some_causes_need_no_truth(draw: Callable[[np.random.Generator], Patch], cause: Cause) -> None:
    found = Counter(verdict(patch, with_truth=False) for patch in patches.cases(draw, 50))
    assert found[cause] >= 0.95 * 50, found


def costs_of(curve: list[float], back: list[float] | None = None) -> PixelCosts:
    """With the given 1 - ZNCC at 0, 1, 2 ... px; the pixel owns its best match unless told otherwise."""
    values: Costs = np.array(curve, np.float32)
    return PixelCosts(range(len(curve)), {"ZNCC": values}, values if back is None else np.array(back, np.float32))


CLEAR = [1.0] * 4 + [0.1] + [1.0] * 11  # one minimum, at 4 px
SETTINGS = SgbmSettings(num_disparities=16)
NONE = np.nan


@pytest.mark.parametrize(
    ("curve", "answer", "truth", "cause"),
    [
        (CLEAR, 4.0, 7.0, "right"),  # 3 px away counts as right
        (CLEAR, 4.0, 7.1, "misled"),
        (CLEAR, 4.0, 15.5, "outside the range"),  # 0 to 15 px were searched
        (CLEAR, NONE, 15.0, "misled"),
        (CLEAR, NONE, 5.0, "removed by the filter"),
        (CLEAR, NONE, NONE, "removed by the filter"),
        (CLEAR, 4.0, NONE, "no truth"),
        ([1.0] * 4 + [0.31] + [1.0] * 11, NONE, NONE, "no truth"),  # no window is alike
        ([0.1] * 9 + [1.0] * 7, 4.0, 12.0, "flat"),  # 9 px, all as good
        ([0.1] * 8 + [1.0] * 8, 4.0, 12.0, "misled"),  # 8 px are a minimum
        ([1.0, 0.1, 1.0, 1.0, 0.19] + [1.0] * 11, 1.0, 9.0, "repetitive"),
        ([1.0, 0.1, 1.0, 1.0, 0.21] + [1.0] * 11, 1.0, 9.0, "misled"),
        ([1.0, 0.1, 1.0, 0.1] + [1.0] * 12, 1.0, 9.0, "misled"),  # 2 px apart: one minimum
        ([1.0, 0.1, 1.0, 1.0, 0.1] + [1.0] * 11, 1.0, 4.0, "right"),  # repetitive, and yet right
    ],
)
def test_each_rule_at_its_threshold(curve: list[float], answer: float, truth: float, cause: Cause) -> None:
    found = diagnose(costs_of(curve), SETTINGS, answer, truth, hidden=False, in_band=False, textureless=False)
    assert found.cause == cause


def test_the_first_rule_wins() -> None:
    costs = costs_of(CLEAR)
    flags = {"hidden": True, "in_band": True, "textureless": True}
    assert diagnose(costs, SETTINGS, 4, 5, **flags).cause == "right"
    assert diagnose(costs, SETTINGS, NONE, 40, **flags).cause == "outside the range"
    assert diagnose(costs, SETTINGS, NONE, 5, **flags).cause == "occluded"
    assert diagnose(costs, SETTINGS, NONE, 5, **(flags | {"hidden": False})).cause == "unsearched band"
    assert diagnose(costs, SETTINGS, NONE, 5, hidden=False, in_band=False, textureless=True).cause == "flat"


def test_without_truth_a_match_that_a_nearer_point_owns_is_an_occlusion() -> None:
    flags = {"hidden": False, "in_band": False, "textureless": False}
    owned = costs_of([1.0] * 4 + [0.25] + [1.0] * 11, [1.0] * 9 + [0.1] + [1.0] * 6)
    found = diagnose(owned, SETTINGS, NONE, NONE, **flags)
    assert found.cause == "occluded"
    assert "4 px, fits a nearer point of the left view better, at 9 px" in found.why
    farther = costs_of([1.0] * 4 + [0.25] + [1.0] * 11, [1.0, 0.1] + [1.0] * 14)
    assert diagnose(farther, SETTINGS, NONE, NONE, **flags).cause == "removed by the filter"


def test_what_was_not_searched_is_no_minimum() -> None:
    curve = [*CLEAR, 1.0, 0.0, 1.0]  # shown, for its truth lies there
    found = diagnose(costs_of(curve), SETTINGS, NONE, 5, hidden=False, in_band=False, textureless=False)
    assert found.cause == "removed by the filter"
