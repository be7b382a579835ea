"""The panels below the comparison: what they show of a result, of an inverted map, and of none."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import Any

import gradio as gr
import numpy as np
import pytest

from depth_demo.comparison.uncertainty import measure_uncertainty
from depth_demo.geometry import DepthKind, DepthMap
from depth_demo.monocular.answers import Sampling
from depth_demo.monocular.input_size import InputSize
from depth_demo.monocular.models import TINY
from depth_demo.pipeline import compare
from depth_demo.render.risk_curves import uncertainty_in_words
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.models import ModelShelf
from depth_demo.ui.panels.alignment import build_alignment_panel
from depth_demo.ui.panels.fusion import build_fusion_panel, draw, measure
from depth_demo.ui.results import CompareResult
from depth_demo.ui.run import LazyTab
from depth_demo.ui.shared import Shared
from depth_demo.wording.scores import HEADERS, score_table
from tests.conftest import PAIRS
from tests.support.layout import laid_out


def compared(sign: float = 1.0) -> CompareResult:
    pair = PAIRS[0].load()
    assert pair.ground_truth is not None
    bent = DepthMap(sign * pair.ground_truth.values**1.3, DepthKind.RELATIVE_INVERSE_DEPTH)
    settings = SgbmSettings("SGBM_3WAY", num_disparities=64)
    return CompareResult(
        compare(pair, lambda image: bent, settings), TINY, "CPU", "made up", InputSize(TINY.preprocessing.short_side)
    )


@pytest.fixture(scope="module")
def result() -> CompareResult:
    return compared()


@pytest.fixture(scope="module")
def tabs() -> tuple[LazyTab, LazyTab]:
    """Alignment and Fused."""

    def build() -> tuple[LazyTab, LazyTab]:
        result, colors = gr.State(), gr.Dropdown(["Gray", "Turbo"])
        with gr.Tabs():
            return build_alignment_panel(result), build_fusion_panel(result, colors, Shared())

    return laid_out(build)


def drawn(tab: LazyTab, *values: object) -> list[Any]:
    """The values of the tab's outputs, in their order."""
    values_of = tab.draw(*values)
    return [values_of[output] for output in tab.outputs]


def test_alignments_to_truth_and_to_stereo(result: CompareResult, tabs: tuple[LazyTab, LazyTab]) -> None:
    alignment, _ = tabs
    table, flips = drawn(alignment, result, "truth")
    other_table, _ = drawn(alignment, result, "stereo")
    rows, other_rows = table.value["data"], other_table.value["data"]
    assert [row[0] for row in rows][-2:] == ["robust scale + shift", "stereo, as matched"]
    fit = result.comparison.monocular.fair.alignment
    assert fit is not None
    assert rows[4][7].startswith(fit.formula)
    assert rows[5] == other_rows[5]
    assert rows[4] != other_rows[4]
    assert "the monocular map is ahead" in flips


def test_the_fused_map_its_table_and_its_column(result: CompareResult, tabs: tuple[LazyTab, LazyTab]) -> None:
    _, fusion = tabs
    words, fused, anchored, share, table, *later = drawn(fusion, result, "Gray")
    assert fused.shape == anchored.shape == share.shape
    errors = {row[0]: float(row[1]) for row in table.value["data"]}
    assert errors["fused"] < min(errors["stereo, holes filled from the background"], errors["monocular, fitted to the truth"])
    assert "No truth was used." in words
    assert later == [None] * 4
    assert drawn(fusion, result, "Turbo")[1].shape == fused.shape
    column = {row[0]: row[HEADERS.index("Fused")] for row in score_table(result.comparison)}
    assert float(column["EPE, all truth [px]"]) == errors["fused"]
    assert column["coverage [%]"] == "100.0"
    assert column["report: SSIM of disparity"] == "-"


def test_an_inverted_map_is_not_fused(tabs: tuple[LazyTab, LazyTab]) -> None:
    inverted = compared(-1)
    assert inverted.comparison.fused is None
    words, *pictures, table = drawn(tabs[1], inverted, "Gray")[:5]
    assert pictures == [None] * 3
    assert table.value["data"] == []
    assert "No fused map" in words
    with pytest.raises(ValueError, match="could not be anchored"):
        measure_uncertainty(inverted.comparison, lambda image: inverted.comparison.estimate.depth_map)
    assert {row[HEADERS.index("Fused")] for row in score_table(inverted.comparison)} == {"-"}


def test_before_a_comparison_there_is_nothing_to_be_sure_of() -> None:
    with pytest.raises(ValueError, match="Compare a pair first"):
        measure(None, Shared(), gr.Progress())
    assert draw(None) is None


def test_uncertainty_is_the_change_under_mirroring(result: CompareResult) -> None:
    """An estimator that answers the mirrored image with 1 more in ten rows is unsure there, in pixels of the fit."""
    comparison = result.comparison
    assert comparison.fused is not None
    shown = []

    def estimator(image: np.ndarray) -> DepthMap:
        shown.append(image)
        values = comparison.estimate.depth_map.values[:, ::-1].copy()
        values[:10] += 1
        return DepthMap(values, DepthKind.RELATIVE_INVERSE_DEPTH)

    found = measure_uncertainty(comparison, estimator)
    np.testing.assert_array_equal(shown[0][:, ::-1], comparison.matched.pair.left)
    assert found.monocular is not None
    expected = np.zeros(found.monocular.shape)
    expected[:10] = comparison.fused.fusion.fit.scale
    np.testing.assert_allclose(found.monocular, expected, atol=0.01)
    assert found.stereo_curve is not None
    assert found.stereo_curve.oracle_area <= found.stereo_curve.area < found.stereo_curve.mean_error
    picture = draw(found.stereo)
    assert picture is not None
    assert picture.shape[1] == 900

    def upside_down(image: np.ndarray) -> DepthMap:
        return DepthMap(-estimator(image).values, DepthKind.RELATIVE_INVERSE_DEPTH)

    with pytest.raises(ValueError, match="near and far exchanged"):
        measure_uncertainty(comparison, upside_down)


def test_uncertainty_is_the_spread_of_the_answers_where_a_model_drew_several(result: CompareResult) -> None:
    """In pixels of the fit, and the model does not run again."""
    comparison = result.comparison
    assert comparison.fused is not None
    estimated = comparison.estimate.depth_map
    spread = np.zeros(estimated.shape, np.float32)
    spread[:10] = 0.5
    drawn_from_noise = replace(estimated, spread=spread)
    drew = replace(comparison, estimate=replace(comparison.estimate, depth_map=drawn_from_noise))

    def run_again(_: np.ndarray) -> DepthMap:
        raise AssertionError("the model ran again")

    found = measure_uncertainty(drew, run_again)
    assert found.monocular is not None
    expected = np.zeros(estimated.shape)
    expected[:10] = 0.5 * abs(comparison.fused.fusion.fit.scale)
    np.testing.assert_allclose(found.monocular, expected, atol=0.01)
    assert "by the spread of its answers" in uncertainty_in_words(found)


def test_the_mirrored_photo_is_drawn_in_as_many_steps_as_the_photo_was(result: CompareResult) -> None:
    drawn_in = []

    class Drawing(ModelShelf):
        spec, sha256, device_name = result.model, "", "CPU, float32"

        def get(self, *_: object) -> Any:
            return self

        def __call__(self, *asked: Any) -> DepthMap:
            drawn_in.append(asked[-1].steps)
            values = result.comparison.estimate.depth_map.values[:, ::-1]
            return DepthMap(values, result.comparison.estimate.depth_map.kind)

    measure(dataclasses.replace(result, sampling=Sampling(steps=7)), Shared(shelf=Drawing()), gr.Progress())
    assert drawn_in == [7]
