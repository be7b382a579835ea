"""One file that holds more than a photo, compared: the phone's own map, and both views of a pair."""

from __future__ import annotations

import json
from pathlib import Path

import gradio as gr
import numpy as np
import pytest

from depth_demo.formats.photos import load_photo
from depth_demo.geometry import DepthKind
from depth_demo.monocular.input_size import AS_PUBLISHED
from depth_demo.monocular.models import TINY
from depth_demo.monocular.phone import PHONE, PhoneMap
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.asked_model import AskedModel
from depth_demo.ui.panels.fusion import measure
from depth_demo.ui.results import CompareResult
from depth_demo.ui.saving import save_with_report
from depth_demo.ui.shared import Shared
from depth_demo.ui.tabs.compare_asked import ADD_SOMETHING, Asked
from depth_demo.ui.tabs.compare_runs import compare_at_once
from depth_demo.ui.tabs.photo_runs import estimate_photo
from tests.conftest import PAIRS
from tests.support.handmade_files import encoded, quadrants
from tests.support.handmade_pairs import mpo, views
from tests.support.handmade_portraits import gdepth, with_xmp

PAIR = next(pair for pair in PAIRS if pair.name == "planes")
LEFT, RIGHT = views()
SETTINGS = SgbmSettings(num_disparities=64)


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The left view of a pair, as a phone would keep it: with its disparity inside, far white."""
    truth = PAIR.load().ground_truth
    assert truth is not None
    low, high = np.nanmin(truth.values), np.nanmax(truth.values)
    grey = np.nan_to_num(255 * (high - truth.values) / (high - low)).astype(np.uint8)
    path = tmp_path_factory.mktemp("phone") / "portrait.jpg"
    path.write_bytes(with_xmp(encoded(LEFT, format="JPEG", quality=95), *gdepth(data=encoded(grey, format="PNG"))))
    return str(path)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("camera") / "camera.mpo"
    path.write_bytes(mpo([encoded(view, format="JPEG", quality=95) for view in (LEFT, RIGHT)]))
    return str(path)


def compared(left: str, right: str | None = None, truth: Path | None = PAIR.disparity, model: str = PHONE) -> CompareResult:
    files = left, right, str(truth) if truth else None
    chosen = AskedModel(model, 0, AS_PUBLISHED)
    return compare_at_once(Shared(), Asked(files, None, None, chosen, SETTINGS, "disparity", 0), gr.Progress())


def test_the_phones_own_map_is_scored_against_truth_with_a_right_view_and_without(portrait: str) -> None:
    for right in (None, str(PAIR.right)):
        result = compared(portrait, right)
        fair = result.comparison.monocular.fair
        assert fair.errors is not None
        assert fair.errors.epe_px < 0.5  # its 8 bits and its JPEG
        assert result.comparison.estimate.depth_map.kind is DepthKind.RELATIVE_INVERSE_DEPTH
        assert (result.comparison.stereo is None) == (right is None)
        assert "the phone's own map, in the place of an estimate; no network ran" in result.summary()
        assert "its scale is not promised" in result.summary()


def test_report_and_scores_name_the_phones_own_map(portrait: str, tmp_path: Path) -> None:
    saved = {path.name: path for path in save_with_report(compared(portrait, str(PAIR.right)), "Gray", tmp_path)}
    model = json.loads(saved["portrait_scores.json"].read_text("utf-8"))["model"]
    assert (model["name"], model["title"], model["gives"]) == (PHONE, "The phone's own map", "relative_inverse_depth")
    assert "from the photo's XMP data" in model["read_as"]
    assert model["input_width_px"] is model["device"] is model["licence"] is None
    page = saved["portrait_report.html"].read_text("utf-8").replace("&#39;", "'")
    assert "One image with the phone's own map against two" in page
    assert "Checkpoint" not in page
    assert "the network saw" not in page


def test_uncertainty_of_the_phones_own_map_is_left_out_and_that_is_said(portrait: str) -> None:
    stereo, monocular, curves, words = measure(compared(portrait, str(PAIR.right)), Shared(), gr.Progress())
    assert stereo is not None
    assert monocular is None
    assert curves is not None
    assert "its uncertainty is left out" in str(words)


def test_without_a_map_or_with_one_of_another_shape_the_phones_map_is_refused(portrait: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no depth map of its own: choose a model in its place"):
        compared(str(PAIR.left))
    with pytest.raises(ValueError, match="holds no depth map of its own"):
        list(estimate_photo(Shared(), str(PAIR.left), AskedModel(PHONE, 0, AS_PUBLISHED), 0, gr.Progress()))
    square = tmp_path / "square.jpg"
    square.write_bytes(with_xmp(encoded(quadrants(96, 96), format="JPEG"), *gdepth()))
    with pytest.raises(ValueError, match=r"own map is 52x40, another shape than the photo's 96x96 pixels"):
        PhoneMap(square)(load_photo(square).pixels)
    (step,) = estimate_photo(Shared(), portrait, AskedModel(PHONE, 0, AS_PUBLISHED), 0, gr.Progress())
    assert step.estimate.depth_map.shape == LEFT.shape[:2]


def test_one_file_with_both_views_is_compared_as_a_pair(both: str, tmp_path: Path) -> None:
    for truth in (PAIR.disparity, None):
        result = compared(both, truth=truth, model=TINY.name)
        assert result.comparison.matched.coverage > 80
        assert "**Views**: Both views are from one file. Two frames of a stereo camera" in result.summary()
    saved = {path.name: path for path in save_with_report(result, "Gray", tmp_path)}
    inputs = json.loads(saved["camera_scores.json"].read_text("utf-8"))["inputs"]
    assert (inputs["left"], inputs["right"]) == ("camera.mpo", None)
    assert inputs["views_read_as"].startswith("Both views are from one file.")
    assert "in the same file" in saved["camera_report.html"].read_text("utf-8")


def test_a_view_alone_needs_its_truth(both: str) -> None:
    with pytest.raises(ValueError, match=ADD_SOMETHING):
        compared(str(PAIR.left), truth=None, model=TINY.name)
    assert compared(str(PAIR.left), model=TINY.name).comparison.match is None


def test_a_pair_whose_second_view_is_damaged_is_one_view_with_truth_and_else_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.mpo"
    frames = [encoded(view, format="JPEG", quality=95) for view in (LEFT, RIGHT)]
    whole = mpo(frames)
    path.write_bytes(whole[: len(whole) - len(frames[1]) - 10])
    result = compared(str(path), model=TINY.name)
    assert result.comparison.match is None
    with pytest.raises(ValueError, match=r"^Left view: The second frame is damaged"):
        compared(str(path), truth=None, model=TINY.name)
