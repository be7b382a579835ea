"""The panels below the comparison: what they show of a result, of an inverted map, and of none."""

from __future__ import annotations

import gradio as gr
import numpy as np
import pytest

from depth_demo.comparison.uncertainty import measure_uncertainty
from depth_demo.geometry import DepthKind, DepthMap
from depth_demo.monocular.input_size import InputSize
from depth_demo.monocular.models import TINY
from depth_demo.pipeline import compare
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.panels.alignment import on_alignment
from depth_demo.ui.panels.fusion import draw, on_color_map, on_fusion, on_uncertainty
from depth_demo.ui.results import CompareResult
from depth_demo.wording.scores import HEADERS, score_table
from tests.conftest import PAIRS


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


def test_alignments_to_truth_and_to_stereo(result: CompareResult) -> None:
    rows, flips, _ = on_alignment(result, "truth")
    other_rows, *_ = on_alignment(result, "stereo")
    assert [row[0] for row in rows][-2:] == ["robust scale + shift", "stereo, as matched"]  # type: ignore[attr-defined]
    fit = result.comparison.monocular.fair.alignment
    assert fit is not None
    assert rows[4][7].startswith(f"x {fit.scale:.4g} {fit.shift:+.4g} px")  # type: ignore[index]
    assert rows[5] == other_rows[5]  # type: ignore[index]
    assert rows[4] != other_rows[4]  # type: ignore[index]
    assert "the monocular map is ahead" in str(flips)
    assert on_alignment(None, "truth")[:2] == (None, "")


def test_the_fused_map_its_table_and_its_column(result: CompareResult) -> None:
    fused, anchored, share, table, words, *later = on_fusion(result, "Gray")
    assert np.asarray(fused).shape == np.asarray(anchored).shape == np.asarray(share).shape
    errors = {row[0]: float(row[1]) for row in table.value["data"]}  # type: ignore[attr-defined]
    assert errors["fused"] < min(errors["stereo, holes filled from the background"], errors["monocular, fitted to the truth"])
    assert "No truth was used." in str(words)
    assert later == [None, None, None, ""]
    assert on_color_map(result, "Turbo")[0].shape == np.asarray(fused).shape  # type: ignore[index]
    column = {row[0]: row[HEADERS.index("Fused")] for row in score_table(result.comparison)}
    assert float(column["EPE, all truth [px]"]) == errors["fused"]
    assert column["coverage [%]"] == "100.0"
    assert column["report: SSIM of disparity"] == "-"


def test_an_inverted_map_is_not_fused() -> None:
    inverted = compared(-1)
    assert inverted.comparison.fused is None
    *pictures, table, words = on_fusion(inverted, "Gray")[:5]
    assert pictures == [None] * 3
    assert table.value["data"] == []  # type: ignore[attr-defined]
    assert "No fused map" in str(words)
    with pytest.raises(ValueError, match="could not be anchored"):
        measure_uncertainty(inverted.comparison, lambda image: inverted.comparison.estimate.depth_map)
    assert {row[HEADERS.index("Fused")] for row in score_table(inverted.comparison)} == {"-"}


def test_before_a_comparison_there_is_nothing() -> None:
    assert on_fusion(None, "Gray") == (*[None] * 4, "", *[None] * 3, "")
    with pytest.raises(gr.Error, match="Compare a pair first"):
        on_uncertainty(None)
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
    np.testing.assert_array_equal(shown[0][:, ::-1], comparison.match.pair.left)
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
