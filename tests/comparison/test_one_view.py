"""One view with truth: the map is fitted and scored in the unit that the truth allows, and nothing of stereo is there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.comparison.probe import probe_view
from depth_demo.comparison.results import Comparison
from depth_demo.evaluation.regions import find_regions_of_one_view
from depth_demo.formats.photos import load_photo
from depth_demo.formats.truth import SeenView, load_ground_truth
from depth_demo.geometry import Calibration, DepthKind, DepthMap, RgbImage, SingleView, StereoPair, disparity_to_depth
from depth_demo.pipeline import Estimator, align, compare
from depth_demo.render.probe_cells import render_cells, spoken
from depth_demo.render.probe_plots import render_scan_line
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.wording.findings import findings, list_findings
from depth_demo.wording.scores import headers_of, metres_in_words, score_table, shown_columns
from tests.conftest import PAIRS, SHARED_DATA

MONO = SHARED_DATA / "mono"
CAMERA = Calibration(480, 0.1)


@pytest.fixture(scope="module")
def pair() -> StereoPair:
    return PAIRS[0].load()


@pytest.fixture(scope="module")
def disparity(pair: StereoPair) -> DepthMap:
    assert pair.ground_truth is not None
    return pair.ground_truth


@pytest.fixture(scope="module")
def metres(disparity: DepthMap) -> DepthMap:
    return disparity_to_depth(disparity, CAMERA)


def sees(values: NDArray[np.float32], kind: DepthKind = DepthKind.RELATIVE_INVERSE_DEPTH) -> Estimator:
    depth_map = DepthMap(values, kind)
    return lambda image: depth_map


def table(comparison: Comparison) -> dict[str, str]:
    return {row[0]: row[1] for row in score_table(comparison)}


def test_inverse_depth_is_fitted_to_one_over_the_depth_of_the_truth(pair: StereoPair, metres: DepthMap) -> None:
    result = compare(SingleView(pair.left, metres), sees(np.float32(5) / metres.values - 2))
    fit = result.monocular.fair.alignment
    assert fit is not None
    assert (fit.scale, fit.shift) == pytest.approx((0.2, 0.4), rel=1e-3)
    assert result.reference is metres
    assert result.aligned is not None
    assert result.aligned.kind is DepthKind.METRIC_DEPTH
    np.testing.assert_allclose(result.aligned.values, metres.values, rtol=1e-3)
    assert result.monocular.fair.ssim == pytest.approx(1, abs=1e-4)
    assert result.monocular.failures == ()
    assert result.monocular.regions[0].wrong == 0


def test_depth_without_a_camera_gives_metres_and_no_pixels(pair: StereoPair, metres: DepthMap) -> None:
    result = compare(SingleView(pair.left, metres), sees(metres.values ** np.float32(-1.5)))
    rows = table(result)
    assert {"fair: SSIM", "AbsRel", "RMSE [m]", "delta1 [%]", "SILog"} <= set(rows)
    assert not [name for name in rows if "px" in name or "bad" in name or "D1" in name]
    assert float(rows["AbsRel"]) > 0
    assert {row.unit for row in result.monocular.regions} == {"m"}
    assert "px" not in findings(result)
    assert all(row.errors is row.errors_all is None and row.depth for row in align(result, "stereo") if not row.fit.inverted)


def test_its_share_of_wrong_pixels_is_what_delta1_lacks(pair: StereoPair, metres: DepthMap) -> None:
    result = compare(SingleView(pair.left, metres), sees(np.roll(1 / metres.values, 30, axis=1)))
    depth = result.monocular.fair.depth
    assert depth is not None
    assert 0 < result.monocular.regions[0].wrong == pytest.approx(100 - depth.delta_1, abs=0.01)


def test_a_truth_in_pixels_gives_pixels_and_with_a_camera_metres_too(pair: StereoPair, disparity: DepthMap) -> None:
    estimator = sees(disparity.values ** np.float32(1.3))
    bare = compare(SingleView(pair.left, disparity), estimator)
    assert {"EPE [px]", "bad-3 [%]"} <= set(table(bare))
    assert "AbsRel" not in table(bare)
    assert "AbsRel" in table(compare(SingleView(pair.left, disparity, CAMERA), estimator))


@pytest.mark.parametrize("camera", [None, CAMERA])
def test_a_metric_model_is_also_scored_as_it_came(pair: StereoPair, metres: DepthMap, camera: Calibration | None) -> None:
    twice_as_far = sees(2 * metres.values, DepthKind.METRIC_DEPTH)
    result = compare(SingleView(pair.left, metres, camera), twice_as_far)
    rows = table(result)
    assert float(rows["AbsRel"]) == pytest.approx(0, abs=1e-3)  # the fit undoes it
    assert float(rows["without a fit: AbsRel"]) > 0.1
    assert float(rows["without a fit: delta1 [%]"]) < float(rows["delta1 [%]"])


def test_relative_depth_is_fitted_in_metres(pair: StereoPair, metres: DepthMap) -> None:
    result = compare(SingleView(pair.left, metres), sees(3 * metres.values + 1, DepthKind.RELATIVE_DEPTH))
    fit = result.monocular.fair.alignment
    assert fit is not None
    assert (fit.scale, fit.shift) == pytest.approx((1 / 3, -1 / 3), rel=1e-3)


def test_nothing_speaks_of_stereo(pair: StereoPair, metres: DepthMap) -> None:
    result = compare(SingleView(pair.left, metres), sees(np.roll(1 / metres.values, 30, axis=1)))
    assert headers_of(result) == ("Score", "Monocular", "What it says")
    said = [*(shown_columns(result, row)[-1] for row in score_table(result)), findings(result)]
    said += [f"{row.name} {row.definition}" for row in result.monocular.regions]
    assert not [words for words in said if any(word in words.lower() for word in ("stereo", "both", "matched"))]
    assert (result.match, result.stereo, result.fused) == (None, None, None)
    assert set(result.as_written) == {"monocular"}
    assert {box.fails for box in result.failures} == {"monocular"}
    with pytest.raises(ValueError, match="needs both views"):
        _ = result.matched


def test_the_report_protocol_scores_one_view_too(pair: StereoPair, metres: DepthMap, disparity: DepthMap) -> None:
    estimator = sees(disparity.values ** np.float32(1.3))
    in_metres = table(compare(SingleView(pair.left, metres), estimator))
    assert "report: SSIM of depth" in in_metres
    assert "report: SSIM of disparity" not in in_metres
    in_pixels = compare(SingleView(pair.left, disparity), estimator)
    beside_stereo = compare(pair, estimator, SgbmSettings(num_disparities=64))
    assert table(in_pixels)["report: SSIM of disparity"] == table(beside_stereo)["report: SSIM of disparity"]


def test_a_metric_map_without_a_camera_has_no_report_score_against_pixels(
    pair: StereoPair, metres: DepthMap, disparity: DepthMap
) -> None:
    result = compare(SingleView(pair.left, disparity), sees(metres.values, DepthKind.METRIC_DEPTH))
    assert not [name for name in table(result) if name.startswith("report")]


@pytest.mark.parametrize("camera", [None, CAMERA])
def test_a_pixel_of_one_view_is_probed_in_the_unit_of_its_truth(
    pair: StereoPair, metres: DepthMap, camera: Calibration | None
) -> None:
    result = compare(SingleView(pair.left, metres, camera), sees(metres.values ** np.float32(-1.3)))
    assert result.aligned is not None
    found = probe_view(result, 240, 179)
    assert found.truth.depth_m == pytest.approx(metres.values[179, 240], rel=1e-5)
    assert np.isnan(found.truth.disparity_px) == (camera is None)
    assert found.row_kind is result.reference.kind
    assert found.monocular.error_m == pytest.approx(found.monocular.depth_m - found.truth.depth_m, abs=1e-5)
    assert found.raw == pytest.approx(metres.values[179, 240] ** -1.3, rel=1e-5)
    said = f"{spoken(found)} {render_cells(found)}"
    assert f"{found.truth.depth_m:.2f} m" in said
    assert "tereo" not in said
    line = render_scan_line(found)
    assert {trace.name for trace in line.data} == {"truth", "monocular"}
    assert line.layout.yaxis.title.text == ("depth [m]" if camera is None else "disparity [px]")
    with pytest.raises(ValueError, match=r"within 0\.\.479, 0\.\.359, not 480, 0"):
        probe_view(result, 480, 0)


def test_regions_at_a_pixel_of_one_view_are_those_of_the_whole_picture(pair: StereoPair, metres: DepthMap) -> None:
    result = compare(SingleView(pair.left, metres), sees(np.float32(1) / metres.values))
    regions = [region for region in find_regions_of_one_view(pair.left, metres) if region.role != "whole"]
    assert {region.name for region in regions} >= {"depth edges", "far points"}
    for y, x in np.random.default_rng(4).integers(0, metres.shape, (40, 2)).tolist():
        expected = tuple(region.name for region in regions if region.mask[y, x])
        assert probe_view(result, x, y).regions == expected


def test_an_inverted_map_gets_no_scores(pair: StereoPair, metres: DepthMap) -> None:
    result = compare(SingleView(pair.left, metres), sees(metres.values))
    assert result.aligned is None
    assert table(result)["AbsRel"] == "inverted"
    assert "EPE [px]" not in table(result)
    assert [finding.code for finding in list_findings(result)] == ["inverted"]


def test_a_wall_has_no_scores_in_metres(pair: StereoPair) -> None:
    wall = DepthMap(np.full(pair.left.shape[:2], 3, np.float32), DepthKind.METRIC_DEPTH)
    view = SingleView(pair.left, wall)
    tilted = np.linspace(1, 2, wall.values.size, dtype=np.float32).reshape(wall.shape)
    result = compare(view, sees(tilted, DepthKind.METRIC_DEPTH))
    assert result.monocular.unfitted is None
    assert not [name for name in table(result) if "without a fit" in name]
    kept = replace(result, monocular=replace(result.monocular, fair=replace(result.monocular.fair, alignment=None)))
    assert "no scores in metres" in metres_in_words(kept)


def test_a_mask_counts_here_too(pair: StereoPair, metres: DepthMap) -> None:
    view = SingleView(pair.left, metres, counted=metres.values > 5)
    inside = compare(view, sees(np.roll(1 / metres.values, 30, axis=1))).monocular.non_occluded
    assert inside is not None
    assert inside.errors is None
    assert inside.coverage == 100


def brightness(image: RgbImage) -> DepthMap:
    return DepthMap(image.mean(axis=2, dtype=np.float32), DepthKind.RELATIVE_INVERSE_DEPTH)


@pytest.mark.parametrize(
    ("photo", "truth", "farthest"),
    [
        ("nyu_fastdepth/rgb.png", "nyu_fastdepth/depth.npy", 5.875),
        ("sintel_market_2_0001/image.png", "sintel_market_2_0001/depth.dpt", 101.5),
    ],
)
def test_published_photos_with_depth_alone(photo: str, truth: str, farthest: float) -> None:
    if not (MONO / photo).is_file():
        pytest.skip(f"{photo} is not at {MONO}")
    pixels = load_photo(MONO / photo).pixels
    size = pixels.shape[0], pixels.shape[1]
    depth_map = load_ground_truth(MONO / truth, view=SeenView(size)).depth_map
    assert depth_map.kind is DepthKind.METRIC_DEPTH
    assert np.nanmax(depth_map.values) == pytest.approx(farthest, rel=1e-3)
    result = compare(SingleView(pixels, depth_map), sees(np.nan_to_num(np.float32(1) / depth_map.values)))
    assert float(table(result)["AbsRel"]) < 0.01
    assert compare(SingleView(pixels, depth_map), brightness).monocular.fair.coverage == 100


def test_a_truth_of_another_size_is_brought_to_the_view(tmp_path: Path) -> None:
    np.save(tmp_path / "depth.npy", np.array([[1, 2]], np.float32))
    read = load_ground_truth(tmp_path / "depth.npy", view=SeenView((2, 4)))
    np.testing.assert_array_equal(read.depth_map.values, [[1, 1, 2, 2]] * 2)
