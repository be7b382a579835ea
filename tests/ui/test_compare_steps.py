"""A comparison shows each of its steps as it ends, with maps of this run alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pytest

from depth_demo.geometry import DepthKind, DepthMap, RgbImage, StereoPair
from depth_demo.pipeline import estimate, match
from depth_demo.stereo.preflight import inspect_pair
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.shared import Shared
from depth_demo.ui.tabs.compare import CompareTab
from depth_demo.ui.tabs.compare_steps import UNDER_WAY, Step, checked
from depth_demo.ui.tabs.compare_view import MAPS, CompareView
from tests.conftest import PAIRS
from tests.support.layout import laid_out


@pytest.fixture(scope="module")
def pair() -> StereoPair:
    return PAIRS[0].load()


@pytest.fixture(scope="module")
def steps(pair: StereoPair) -> list[Step]:
    """The three steps that come before the result."""

    def estimator(image: RgbImage) -> DepthMap:
        return DepthMap(image.mean(axis=2, dtype=np.float32), DepthKind.RELATIVE_INVERSE_DEPTH)

    first = Step(pair, 0.1, "Matching both views", checked(inspect_pair(pair)))
    second = first.after("Stereo: matched.", 0.35, "Estimating depth", match(pair, SgbmSettings(num_disparities=64)))
    return [first, second, second.after("Monocular: estimated.", 0.6, "Scoring <all>", estimate(pair.left, estimator))]


@pytest.fixture(scope="module")
def view() -> CompareView:
    return laid_out(lambda: CompareTab([], Shared())).view


def test_order_and_rows_come_first_then_stereo_then_the_monocular_map(steps: list[Step]) -> None:
    assert [list(step.maps("Inferno")) for step in steps] == [[], ["Left view", "Truth", "Stereo"], ["Monocular"]]
    assert [step.share for step in steps] == [0.1, 0.35, 0.6]
    assert "The views are in order" in steps[0].words()
    assert "Rows agree within 0.0 px" in steps[0].words()
    assert steps[2].words().count("<li>") == len(steps[0].done) + 2
    assert "Scoring &lt;all&gt;</strong> &ndash; 60%" in steps[2].words()


def test_from_the_first_map_on_nothing_of_an_earlier_run_stands_beside_it(steps: list[Step], view: CompareView) -> None:
    first, second, third = (cast(Mapping[Any, Any], view.under_way(step, "Inferno")) for step in steps)
    assert set(first) == {view.words}  # the earlier result stays, and the page fades it
    assert UNDER_WAY not in str(first[view.words])
    assert set(second) == set(view.outputs)
    shown = {MAPS[view.maps.index(field)] for field, value in second.items() if field in view.maps and filled(value)}
    assert shown == {"Left view", "Truth", "Stereo"}
    assert [second[field] for field in view.outputs if field not in {view.words, *view.maps}].count(None) == len(
        view.outputs
    ) - len(view.maps) - 1
    assert UNDER_WAY in str(second[view.words])
    assert set(third) == {view.words, view.maps[2]}


def filled(value: Any) -> bool:
    return value is not None and value.value is not None


def test_without_truth_confident_stereo_will_judge_and_depth_without_a_camera_is_refused(
    pair: StereoPair, steps: list[Step], view: CompareView
) -> None:
    matched = steps[1]
    bare = dataclasses.replace(matched, pair=StereoPair(pair.left, pair.right))
    assert list(bare.maps("Gray")) == ["Left view", "Stereo"]
    assert cast(Any, view.under_way(bare, "Gray")[view.maps[1]]).label == "Confident stereo"
    depth = DepthMap(np.ones(matched.pair.left.shape[:2], np.float32), DepthKind.METRIC_DEPTH)
    blind = dataclasses.replace(matched, pair=StereoPair(pair.left, pair.right, None, depth))
    with pytest.raises(ValueError, match="give focal length and baseline"):
        blind.maps("Gray")
