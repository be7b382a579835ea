"""What this app writes into its own files, read back: without the JSON, under any name, and whatever is wrong with it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from depth_demo.formats.truth import load_ground_truth
from depth_demo.formats.writers import kind_name, save_map
from depth_demo.geometry import DepthKind, DepthMap
from tests.conftest import disparity_map
from tests.formats.test_writers import random_map


@pytest.mark.parametrize("kind", [DepthKind.DISPARITY, DepthKind.METRIC_DEPTH])
@pytest.mark.parametrize(("low", "high"), [(5, 60), (0.05, 0.12), (1e-4, 300), (1000, 1000.01)])
def test_a_16_bit_png_is_read_back_without_its_json_or_name(
    tmp_path: Path, random: np.random.Generator, kind: DepthKind, low: float, high: float
) -> None:
    original = random_map(random, low, high, kind)
    _, png, sidecar, *_ = save_map(tmp_path, "x", original, "a matcher")
    step = json.loads(sidecar.read_text())["scale"]
    sidecar.unlink()
    truth = load_ground_truth(png.rename(tmp_path / "renamed_depth_or_disparity.png"))
    assert truth.question is None
    assert truth.depth_map.kind is kind
    np.testing.assert_array_equal(truth.depth_map.valid, original.valid)
    close = 0.501 * step + np.spacing(np.float32(high))
    expected = np.maximum(original.values, step)  # 0 is taken
    np.testing.assert_allclose(truth.depth_map.values, expected, rtol=0, atol=close)


def test_negative_and_zero_disparities_come_back_as_measured(tmp_path: Path) -> None:
    original = disparity_map([[-1, 0, 1, math.nan]])
    *_, tiff = paths = save_map(tmp_path, "x", original, "an alignment")
    for path in (paths[1], tiff):
        read = load_ground_truth(path).depth_map.values
        np.testing.assert_allclose(read, original.values, atol=2e-5)


def test_the_description_gives_the_formula(tmp_path: Path, random: np.random.Generator) -> None:
    near = save_map(tmp_path, "near", random_map(random, 0.4, 0.96, DepthKind.METRIC_DEPTH), "")[1]
    assert "read as depth = value / 10000 m, with 0, NaN and infinity unknown" in load_ground_truth(near).description
    bent = save_map(tmp_path, "bent", disparity_map([[-1, 65533]]), "")[1]
    assert "read as disparity = value - 2 px" in load_ground_truth(bent).description


def test_a_reading_that_the_user_names_comes_before_the_files_own(tmp_path: Path) -> None:
    png = save_map(tmp_path, "x", disparity_map([[8, 16]]), "")[1]
    assert load_ground_truth(png, encoding="oak").depth_map.values.tolist() == [[256, 512]]
    with pytest.raises(ValueError, match="does not hold depth"):
        load_ground_truth(png, kind="depth")


@pytest.mark.parametrize("kind", [DepthKind.RELATIVE_INVERSE_DEPTH, DepthKind.RELATIVE_DEPTH])
def test_a_relative_map_is_no_truth_in_any_format(tmp_path: Path, random: np.random.Generator, kind: DepthKind) -> None:
    for path in save_map(tmp_path, f"a_{kind_name(kind)}", random_map(random, 1, 2, kind), ""):
        if path.suffix != ".json":
            with pytest.raises(ValueError, match=f"holds {kind.value}, which has no px or m. It cannot be ground truth"):
                load_ground_truth(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "9" * 3000,
        '{"kind": "disparity"}',
        '{"kind": "depth", "scale": 0, "offset": 0, "no_measurement": 0}',
        '{"kind": "depth", "scale": NaN, "offset": 0, "no_measurement": 0}',
        '{"kind": "depth", "scale": 1e999, "offset": 0, "no_measurement": 0}',
        '{"kind": "depth", "scale": true, "offset": 0, "no_measurement": 0}',
        '{"kind": ["depth"], "scale": 1, "offset": 0, "no_measurement": 0}',
        '{"kind": "depth", "scale": 1, "offset": 0, "no_measurement": 7}',
        "{" * 5000,
    ],
)
def test_a_meaning_that_cannot_be_understood_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    info = PngInfo()
    info.add_text("DepthDemo", text)
    Image.fromarray(np.ones((2, 2), np.uint16)).save(tmp_path / "x.png", pnginfo=info)
    with pytest.raises(ValueError, match="The file says by its text DepthDemo what it holds, but that cannot be understood"):
        load_ground_truth(tmp_path / "x.png")


def test_a_photos_own_name_does_not_decide_what_its_map_is(tmp_path: Path) -> None:
    metres = DepthMap(np.full((2, 2), 3, np.float32), DepthKind.METRIC_DEPTH)
    for path in save_map(tmp_path, "relative_depth_disp_confidence_depth_m", metres, ""):
        if path.suffix != ".json":
            assert load_ground_truth(path).depth_map.kind is DepthKind.METRIC_DEPTH
