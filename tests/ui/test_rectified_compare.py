"""Compare on a rectified pair: truth, mask, constant, and the phone's own map follow the views."""

from __future__ import annotations

import re
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from depth_demo.comparison.probe import probe
from depth_demo.comparison.uncertainty import measure_uncertainty
from depth_demo.comparison.upright import as_matched
from depth_demo.formats.writers import save_picture
from depth_demo.geometry import Calibration, DepthKind, DepthMap, RgbImage
from depth_demo.monocular.input_size import AS_PUBLISHED
from depth_demo.monocular.models import TINY
from depth_demo.monocular.phone import PHONE
from depth_demo.stereo.matched import UNSEARCHED
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.asked_model import AskedModel
from depth_demo.ui.panels.phone_map import offer
from depth_demo.ui.rectifying import RectifiedPair, rectify_files, write_files
from depth_demo.ui.results import CompareResult
from depth_demo.ui.rigs import rig_of
from depth_demo.ui.saving import save_with_report
from depth_demo.ui.shared import Shared
from depth_demo.ui.tabs.compare_asked import Asked
from depth_demo.ui.tabs.compare_runs import compare_at_once
from tests.support import rig_files
from tests.support.handmade_files import encoded
from tests.support.handmade_portraits import gdepth, with_xmp
from tests.support.made_views import (
    BASELINE,
    FOCAL,
    LEFT,
    LEFT_DEPTH,
    SHAPE,
    Viewer,
    right_viewer,
    see,
    true_disparity,
    turned,
)

SETTINGS = SgbmSettings(num_disparities=96)
ROLLED = see(right_viewer(0.8, 0.3, 0.5))[0]
CAMERA = Calibration(FOCAL, BASELINE)


def rectified(
    folder: Path, left: RgbImage | Path, right: RgbImage, focal: float | None = FOCAL, file: str | None = None
) -> RectifiedPair:
    first = left if isinstance(left, Path) else save_picture(folder, "a", left)
    given = str(first), str(save_picture(folder, "b", right))
    found, said = rectify_files(*given, rig_of(file, None), focal)
    return RectifiedPair(given, write_files(given[0], found, str(folder / "cache")), found, said, (0, 0, 0), ((0, 0, 0), None))


def compared(
    made: RectifiedPair,
    truth: np.ndarray | None,
    kind: str,
    camera: Calibration | None = None,
    mask: str | None = None,
    model: str = TINY.name,
    settings: SgbmSettings = SETTINGS,
) -> CompareResult:
    path = None
    if truth is not None:
        path = str(Path(made.given[0]).parent / "truth.npy")
        np.save(path, truth)
    chosen = AskedModel(model, 0, AS_PUBLISHED)
    asked = Asked((*made.files, path), mask, camera, chosen, settings, kind, 0, rectified=made)
    return compare_at_once(Shared(), asked, gr.Progress())


def median_error(result: CompareResult) -> float:
    comparison = result.comparison
    return float(np.nanmedian(np.abs(comparison.matched.disparity.values - comparison.reference.values)))


@pytest.mark.parametrize("factor", [1.0, 1.15])
def test_the_constant_is_fitted_to_a_true_disparity_and_printed(tmp_path: Path, factor: float) -> None:
    made = rectified(tmp_path, LEFT, ROLLED, factor * FOCAL)
    assert made.found.keeps_left
    result = compared(made, true_disparity(), "disparity")
    fitted = re.search(r"([+-]\d+\.\d\d) px are added to every disparity, fitted to the truth of \d+ pixels", result.summary())
    assert fitted is not None
    assert "Fitting to the truth is a best case" in result.summary()
    assert median_error(result) < 0.2
    truth = result.comparison.reference.values
    difference = true_disparity() - truth
    np.testing.assert_allclose(difference[~np.isnan(truth)], float(fitted[1]), atol=0.006)
    assert result.comparison.matched.depth is None  # no baseline


def test_the_constant_becomes_the_cameras_doffs_where_the_truth_is_depth(tmp_path: Path) -> None:
    made = rectified(tmp_path, LEFT, ROLLED, 1.15 * FOCAL)
    result = compared(made, LEFT_DEPTH, "depth", CAMERA)
    camera = result.comparison.views.calibration
    assert camera is not None
    assert f"{camera.doffs_px:+.2f} px are added" in result.summary()
    depth = result.comparison.matched.depth
    assert depth is not None
    assert np.nanmedian(np.abs(depth.values / LEFT_DEPTH - 1)) < 0.01


def test_without_truth_and_constant_there_are_no_metres(tmp_path: Path) -> None:
    made = rectified(tmp_path, LEFT, ROLLED)
    result = compared(made, None, "recognised", CAMERA)
    assert result.comparison.matched.depth is None
    assert "No depth in metres" in result.summary()
    known = compared(made, None, "recognised", Calibration(FOCAL, BASELINE, 0.1))
    assert known.comparison.matched.depth is not None


def rig_pair(folder: Path) -> tuple[RectifiedPair, np.ndarray]:
    file = folder / "stereo.json"
    file.write_text(rig_files.json_text())
    left, depth = see(Viewer((0, 0, 0), np.eye(3), rig_files.K1, rig_files.D1))
    right = see(Viewer(tuple(rig_files.PLACE), rig_files.TURN, rig_files.K2, rig_files.D2))[0]
    return rectified(folder, left, right, None, str(file)), depth


def test_truth_and_mask_are_warped_as_the_left_view_was(tmp_path: Path) -> None:
    made, depth = rig_pair(tmp_path)
    mask = np.zeros(SHAPE, np.uint8)
    mask[:, 320:] = 255
    path = tmp_path / "mask.png"
    Image.fromarray(mask).save(path)
    result = compared(made, depth, "depth", made.found.calibration, str(path))
    assert not made.found.keeps_left
    assert median_error(result) < 0.3
    counted = result.comparison.matched.pair.counted
    assert counted is not None
    assert not (counted & ~made.found.valid).any()
    assert counted[:, -160:][made.found.valid[:, -160:]].all()
    assert not counted[:, :160].any()
    assert not result.comparison.reference.valid[~made.found.valid].any()
    assert not result.comparison.estimate.depth_map.valid[~made.found.valid].any()


def test_a_true_disparity_of_the_left_photo_becomes_that_of_the_rectified_pair(tmp_path: Path) -> None:
    """It goes through depth, by the calibration: the photo's own disparity is f B / Z with its own f."""
    made, depth = rig_pair(tmp_path)
    own = float(rig_files.K1[0, 0] * np.linalg.norm(rig_files.PLACE)) / depth
    result = compared(made, own.astype(np.float32), "disparity", made.found.calibration)
    assert median_error(result) < 0.3


def portrait(folder: Path, view: RgbImage, levels: np.ndarray) -> Path:
    grey = np.dstack([levels] * 3 + [np.full_like(levels, 255)])
    path = folder / "portrait.jpg"
    path.write_bytes(with_xmp(encoded(view, format="JPEG", quality=95), *gdepth(data=encoded(grey, format="PNG"))))
    return path


def test_the_phones_own_map_stays_with_its_photo(tmp_path: Path) -> None:
    levels = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (48, 1))
    made = rectified(tmp_path, portrait(tmp_path, LEFT, levels), ROLLED)
    assert made.files[0] == made.given[0]
    result = compared(made, true_disparity(), "disparity", model=PHONE)
    assert result.own_map.startswith("The phone's own depth map")


def test_the_phones_own_map_is_warped_as_the_left_view_was(tmp_path: Path) -> None:
    rig, depth = rig_pair(tmp_path)
    left = np.asarray(Image.open(rig.given[0]).convert("RGB"))
    levels = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (48, 1))
    photo = portrait(tmp_path, left, levels)
    made = rectified(tmp_path, photo, np.asarray(Image.open(rig.given[1]).convert("RGB")), None, str(tmp_path / "stereo.json"))
    assert made.files[0] != made.given[0]
    line, wanted = offer(made.files[0], made)
    assert line.visible
    assert wanted.visible
    result = compared(made, depth, "depth", made.found.calibration, model=PHONE)
    assert made.found.left_maps is not None
    values, columns = result.comparison.estimate.depth_map.values, made.found.left_maps[0]
    there = ~np.isnan(values)
    np.testing.assert_array_equal(there, made.found.valid)
    assert np.corrcoef(values[there], columns[there])[0, 1] < -0.99  # the map is nearest at the left edge of the photo


BELOW = see(Viewer((0, BASELINE, 0), turned(0.5)))[0]


@pytest.fixture(scope="module")
def vertical(tmp_path_factory: pytest.TempPathFactory) -> CompareResult:
    """A pair one above the other, compared with its depth."""
    made = rectified(tmp_path_factory.mktemp("vertical"), LEFT, BELOW)
    assert made.found.is_turned
    return compared(made, LEFT_DEPTH, "depth", CAMERA)


def test_a_pair_one_above_the_other_is_matched_lying_and_shown_as_the_photos_lie(
    vertical: CompareResult, tmp_path: Path
) -> None:
    comparison = vertical.comparison
    assert median_error(vertical) < 0.5
    assert "a quarter counterclockwise in their fields" in vertical.summary()
    depth = comparison.matched.depth
    assert depth is not None
    assert np.nanmedian(np.abs(depth.values / LEFT_DEPTH - 1)) < 0.01
    np.testing.assert_array_equal(comparison.views.left, LEFT)
    files = vertical.save_maps(tmp_path)
    shapes = {file.name: np.load(file).shape for file in files if file.suffix == ".npy"}
    assert len(shapes) > 3
    assert set(shapes.values()) == {SHAPE}
    height, width = SHAPE
    for box in comparison.failures:
        assert 0 <= box.left < box.right <= width
        assert 0 <= box.top < box.bottom <= height
    assert all(picture.shape[1] > picture.shape[0] for picture in vertical.maps("Turbo").values())


def test_the_network_sees_the_left_view_of_a_pair_one_above_the_other_upright(vertical: CompareResult, tmp_path: Path) -> None:
    seen = compared(rectified(tmp_path, LEFT, ROLLED), None, "recognised").comparison.estimate.depth_map.values
    shown = vertical.comparison.estimate.depth_map.values
    there = ~np.isnan(shown)
    np.testing.assert_array_equal(shown[there], seen[there])


def test_what_the_search_cannot_reach_lies_at_the_upper_edge_where_the_lower_camera_is_below(vertical: CompareResult) -> None:
    match = vertical.comparison.matched
    first = match.settings.min_disparity + match.settings.num_disparities
    assert match.unsearched[:first].all()
    assert not match.unsearched[first:].any()
    assert match.why_missing(300, first // 2) == UNSEARCHED
    assert match.filled.shape == SHAPE


def test_a_pixel_of_a_pair_one_above_the_other_is_probed_where_it_was_clicked(vertical: CompareResult) -> None:
    comparison = vertical.comparison
    rows, columns = np.nonzero(comparison.matched.disparity.valid & comparison.reference.valid)
    x, y = int(columns[1000]), int(rows[1000])
    matched, *place = as_matched(comparison, x, y)
    found = probe(matched, *place)
    assert found.color == tuple(LEFT[y, x])
    assert found.truth.disparity_px == comparison.reference.values[y, x]
    assert found.stereo.disparity_px == comparison.matched.disparity.values[y, x]
    assert as_matched(matched, x, y) == (matched, x, y)


def test_both_as_one_map_lies_as_the_photos_do(vertical: CompareResult) -> None:
    fused = vertical.comparison.fused
    assert fused is not None
    shown = fused.fusion.fused.values
    assert shown.shape == fused.fusion.stereo_share.shape == SHAPE
    assert np.nanmedian(np.abs(shown - vertical.comparison.reference.values)) < 0.5
    assert vertical.comparison.as_written["stereo"].disparity is not None


def test_the_report_of_a_pair_one_above_the_other_is_written_with_its_maps(vertical: CompareResult, tmp_path: Path) -> None:
    files = {file.name: file for file in save_with_report(vertical, "Inferno", tmp_path)}
    pages = [file.read_text(encoding="utf-8") for name, file in files.items() if name.endswith(".html")]
    assert len(pages) == 1
    assert "a quarter counterclockwise in their fields" in pages[0]
    with Image.open(files["a_rectified_left_stereo_coloured.png"]) as coloured:
        assert coloured.width > coloured.height


def test_the_mirrored_run_of_the_network_sees_a_pair_one_above_the_other_upright(vertical: CompareResult) -> None:
    seen: list[RgbImage] = []

    def estimator(image: RgbImage) -> DepthMap:
        seen.append(image)
        return DepthMap(np.float32(1) / LEFT_DEPTH[:, ::-1], DepthKind.RELATIVE_INVERSE_DEPTH)

    found = measure_uncertainty(vertical.comparison, estimator)
    np.testing.assert_array_equal(seen[0], LEFT[:, ::-1])
    assert found.stereo is not None
    assert found.stereo.shape == SHAPE


def test_infinity_below_the_search_range_has_the_pair_matched_again(tmp_path: Path) -> None:
    """The wall is at infinity of the truth where its disparities are all lowered by the same number."""
    made = rectified(tmp_path, LEFT, ROLLED)
    result = compared(made, true_disparity() + 40, "disparity", settings=SgbmSettings(min_disparity=16, num_disparities=64))
    assert "the pair was matched again over -48 to 79 px" in result.summary()
    assert result.comparison.matched.settings.min_disparity == -48
    assert median_error(result) < 0.3
    assert "are not matched" not in result.summary()


def test_a_range_that_the_views_are_too_small_for_is_not_searched_and_that_is_said(tmp_path: Path) -> None:
    made = rectified(tmp_path, LEFT, ROLLED)
    result = compared(made, true_disparity() + 2000, "disparity", settings=SgbmSettings(min_disparity=16, num_disparities=64))
    assert "the search range begins at 16 px: far points are not matched" in result.summary()
    assert result.comparison.matched.settings.min_disparity == 16
