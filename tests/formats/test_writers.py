"""Exports read back by independent readers: NumPy's and OpenCV's, and a small one for PLY written here."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from depth_demo.formats.levels import quantize
from depth_demo.formats.truth import load_ground_truth
from depth_demo.formats.writers import kind_name, safe_name, save_cloud, save_map, save_picture
from depth_demo.geometry import Calibration, DepthKind, DepthMap
from tests.conftest import disparity_map


@dataclass(frozen=True)
class Cloud:
    header: list[str]
    points: NDArray[np.float32]
    colours: NDArray[np.uint8]


def read_ply(path: Path) -> Cloud:
    """Binary PLY of three floats and three bytes per vertex, as the header must declare it."""
    head, separator, body = path.read_bytes().partition(b"end_header\n")
    assert separator
    header = head.decode("ascii").splitlines()
    assert header[:2] == ["ply", "format binary_little_endian 1.0"]
    properties = [line for line in header if line.startswith("property")]
    assert properties == [f"property float {axis}" for axis in "xyz"] + [
        f"property uchar {c}" for c in ("red", "green", "blue")
    ]
    (count,) = (int(line.removeprefix("element vertex ")) for line in header if line.startswith("element"))
    assert len(body) == 15 * count
    raw = np.frombuffer(body, np.uint8).reshape(count, 15)
    return Cloud(header, np.ascontiguousarray(raw[:, :12]).view("<f4"), raw[:, 12:])


def read_png(path: Path) -> NDArray[np.uint16]:
    stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert isinstance(stored, np.ndarray)
    assert stored.dtype == np.uint16
    return stored


def random_map(random: np.random.Generator, low: float, high: float, kind: DepthKind = DepthKind.DISPARITY) -> DepthMap:
    values = random.uniform(low, high, (30, 40)).astype(np.float32)
    values[random.random((30, 40)) < 0.2] = np.nan
    return DepthMap(values, kind)


def test_npy_returns_every_bit(tmp_path: Path, random: np.random.Generator) -> None:
    original = random_map(random, -5, 120)
    npy, *_ = save_map(tmp_path, "disparity", original, "a matcher")
    loaded = np.load(npy)
    assert loaded.dtype == np.float32
    np.testing.assert_array_equal(loaded, original.values)  # NaN equals NaN here
    assert np.isnan(loaded).any()


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (-3, 200), (0.001, 0.0011), (1e-30, 1e-29), (1000, 1000.01), (-3e38, 3e38), (1, 1e6)]
)
def test_png_and_json_return_the_values_to_half_a_step(
    tmp_path: Path, random: np.random.Generator, low: float, high: float
) -> None:
    original = random_map(random, low, high)
    _, png, sidecar, *_ = save_map(tmp_path, "disparity", original, "a matcher")
    meaning = json.loads(sidecar.read_text())
    stored = read_png(png)
    np.testing.assert_array_equal(stored == meaning["no_measurement"], ~original.valid)
    value = stored.astype(np.float64) * meaning["scale"] + meaning["offset"]
    error = np.abs(value - original.values)[original.valid]
    assert error.max() <= 0.5001 * meaning["scale"]


def test_all_levels_are_used(random: np.random.Generator) -> None:
    stored, scale, _ = quantize(random_map(random, 2, 9, DepthKind.RELATIVE_INVERSE_DEPTH))
    assert (stored[stored > 0].min(), stored.max()) == (1, 65535)
    assert scale == pytest.approx(7 / 65534, rel=0.01)  # 65,535 levels are 65,534 steps; the extremes are a bit inside 2..9


def test_pixels_and_metres_are_stored_as_kitti_does_and_read_back_unasked(tmp_path: Path, random: np.random.Generator) -> None:
    original = random_map(random, 5, 60)
    _, png, sidecar, *_ = save_map(tmp_path, "disparity", original, "a matcher")
    assert json.loads(sidecar.read_text())["scale"] == 1 / 256
    read = load_ground_truth(png).depth_map
    np.testing.assert_array_equal(read.valid, original.valid)
    np.testing.assert_allclose(read.values, original.values, atol=0.5001 / 256)


@pytest.mark.parametrize(
    ("low", "high", "per_unit"),
    [
        pytest.param(5, 60, 256, id="as-kitti"),
        pytest.param(3.8, 4.2, 256, id="1-in-256-is-just-below-a-thousandth"),
        pytest.param(3.6, 4.0, 10_000, id="and-just-above"),
        pytest.param(0.4, 0.96, 10_000, id="a-table-top"),
        pytest.param(0.05, 0.12, 100_000, id="under-a-microscope"),
        pytest.param(5, 300, 100, id="beyond-kittis-range"),
        pytest.param(300, 20_000, 1, id="a-landscape"),
        pytest.param(0.001, 150, 256, id="down-to-less-than-a-step"),
    ],
)
def test_the_scale_is_a_usual_one_whose_step_is_below_a_thousandth_of_the_median(
    low: float, high: float, per_unit: int
) -> None:
    depth_map = DepthMap(np.linspace(low, high, 4800, dtype=np.float32).reshape(48, 100), DepthKind.METRIC_DEPTH)
    stored, scale, offset = quantize(depth_map)
    assert (scale, offset) == (1 / per_unit, 0)
    assert scale < 1e-3 * np.median(depth_map.values)
    assert np.unique(stored).size > min(0.99 * (high - low) * per_unit, 4700)


@pytest.mark.parametrize("low_high", [(-1, 60), (1, 1e6)])
def test_where_no_usual_scale_holds_all_values_the_levels_are_spread(
    random: np.random.Generator, low_high: tuple[float, float]
) -> None:
    stored, _, _ = quantize(random_map(random, *low_high))
    assert (stored[stored > 0].min(), stored.max()) == (1, 65535)


def test_levels_by_hand() -> None:
    # From 10 to 10 + 65534 in steps of 1, 10 at level 1: the offset is 9.
    stored, scale, offset = quantize(disparity_map([[10, 11, math.nan, 10 + 65534]]))
    assert stored.tolist() == [[1, 2, 0, 65535]]
    assert (scale, offset) == (1, 9)


@pytest.mark.parametrize("value", [0.0, 7.25, -3.0])
def test_a_constant_map_comes_back_exactly(value: float) -> None:
    stored, scale, offset = quantize(disparity_map([[value, math.nan, value]]))
    assert (stored > 0).tolist() == [[True, False, True]]
    assert stored[0, 0] * scale + offset == value


def test_a_map_of_holes_is_zero_everywhere(tmp_path: Path) -> None:
    npy, png, sidecar, *_ = save_map(tmp_path, "map", disparity_map(np.full((3, 5), np.nan)), "nothing")
    assert np.isnan(np.load(npy)).all()
    assert read_png(png).tolist() == [[0] * 5] * 3
    assert math.isfinite(json.loads(sidecar.read_text())["scale"])


@pytest.mark.parametrize(
    ("kind", "unit", "nearer_is_larger"),
    [
        (DepthKind.RELATIVE_INVERSE_DEPTH, None, True),
        (DepthKind.DISPARITY, "px", True),
        (DepthKind.METRIC_DEPTH, "m", False),
    ],
)
def test_the_json_says_what_the_png_means(
    tmp_path: Path,
    random: np.random.Generator,
    kind: DepthKind,
    unit: str | None,
    nearer_is_larger: bool,  # noqa: FBT001
) -> None:
    paths = save_map(tmp_path, "scene", random_map(random, 1, 9, kind), 'SGBM, "défaut"')
    names = ["scene.npy", "scene_16bit.png", "scene_16bit.json", "scene.pfm", "scene.tif"]
    assert [path.name for path in paths] == names
    meaning = json.loads(paths[2].read_text("utf-8"))
    assert (meaning["file"], meaning["kind"], meaning["unit"]) == ("scene_16bit.png", kind.value, unit)
    assert (meaning["nearer_is_larger"], meaning["source"]) == (nearer_is_larger, 'SGBM, "défaut"')
    assert meaning["formula"] == "value = stored * scale + offset"


def test_a_cloud_by_hand(tmp_path: Path) -> None:
    # 3x2 pixels, f = 2: x = (column - 1) z / 2, y = (row - 0.5) z / 2; the hole has no point.
    depth = np.array([[4, np.nan, 8], [2, 6, 10]], np.float32)
    image = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    cloud = read_ply(save_cloud(tmp_path, "points", depth, "m", image, 2.0))
    assert cloud.points.tolist() == [[-2, -1, 4], [4, -2, 8], [-1, 0.5, 2], [0, 1.5, 6], [5, 2.5, 10]]
    assert cloud.colours.tolist() == [[0, 1, 2], [6, 7, 8], [9, 10, 11], [12, 13, 14], [15, 16, 17]]
    assert "comment unit: m; every pixel is a point; focal length 2.00 px, principal point at the image centre" in cloud.header


def test_a_cloud_around_the_real_principal_point(tmp_path: Path) -> None:
    camera = Calibration(2.0, 0.1, focal_length_y_px=4.0, principal_point_px=(2.0, 1.0))
    depth, image = np.array([[8, np.nan], [np.nan, np.nan]], np.float32), np.zeros((2, 2, 3), np.uint8)
    cloud = read_ply(save_cloud(tmp_path, "points", depth, "m", image, 2.0, camera))
    assert cloud.points.tolist() == [[-8, -2, 8]]  # (0 - 2) * 8 / 2, (0 - 1) * 8 / 4
    assert any("principal point at column 2.00, row 1.00" in line for line in cloud.header)


def test_a_cloud_without_a_unit_says_so(tmp_path: Path) -> None:
    cloud = read_ply(save_cloud(tmp_path, "points", np.ones((2, 2), np.float32), "", np.zeros((2, 2, 3), np.uint8), 1.0))
    assert any("unit: none, shape only" in line for line in cloud.header)


def test_a_cloud_of_nothing_is_still_a_file(tmp_path: Path) -> None:
    cloud = read_ply(
        save_cloud(tmp_path, "points", np.full((2, 2), np.nan, np.float32), "m", np.zeros((2, 2, 3), np.uint8), 1.0)
    )
    assert cloud.points.shape == (0, 3)


@pytest.mark.parametrize(
    ("height", "width", "step", "count"),
    [
        pytest.param(1000, 1000, 1, 1_000_000, id="a-million"),
        pytest.param(1001, 1000, 2, 501 * 500, id="a-row-more"),
        pytest.param(2001, 2000, 3, 667 * 667, id="four-million"),  # rows 0, 3, .. 1998 are 667
    ],
)
def test_more_than_a_million_pixels_are_thinned(tmp_path: Path, height: int, width: int, step: int, count: int) -> None:
    rows, columns = np.mgrid[:height, :width]
    image = np.stack((rows % 251, columns % 251, np.zeros_like(rows)), axis=-1).astype(np.uint8)
    cloud = read_ply(save_cloud(tmp_path, "points", np.full((height, width), 10, np.float32), "m", image, 10.0))
    assert cloud.points.shape == (count, 3)
    share = "every pixel" if step == 1 else f"one pixel in {step} of every row and column"
    assert any(f"; {share} is a point;" in line for line in cloud.header)
    # With z = f a point's x and y are its pixel's distance from the centre, and its colour names that pixel too.
    np.testing.assert_array_equal(cloud.points[:, 0] + (width - 1) / 2, columns[::step, ::step].ravel())
    np.testing.assert_array_equal(cloud.colours[:, 0], (rows % 251)[::step, ::step].ravel())
    np.testing.assert_array_equal(cloud.colours[:, 1], (columns % 251)[::step, ::step].ravel())


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("IMG 0012 (1)", "IMG_0012_1"),
        ("../../etc/passwd", "etc_passwd"),
        ("<img src=x onerror=alert(1)>", "img_src_x_onerror_alert_1"),
        ("C:\\photos\\a\nb\x00", "C_photos_a_b"),
        ("-rf", "rf"),
        ("\u202egnp.exe", "gnp_exe"),
        ("Z\u00fcrich-\u6771\u4eac", "Z\u00fcrich-\u6771\u4eac"),
        ("...", "photo"),
        ("", "photo"),
        ("x" * 500, "x" * 80),
        ("\u6771" * 100, "\u6771" * 26),
    ],
)
def test_a_name_becomes_safe_for_files(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_kind_is_named_with_its_unit() -> None:
    assert [kind_name(kind) for kind in DepthKind] == ["relative_inverse_depth", "relative_depth", "disparity_px", "depth_m"]


def test_a_picture_keeps_every_pixel(tmp_path: Path, random: np.random.Generator) -> None:
    picture = random.integers(0, 256, (30, 40, 3)).astype(np.uint8)
    path = save_picture(tmp_path, "scene_coloured", picture)
    assert path.name == "scene_coloured.png"
    np.testing.assert_array_equal(cv2.imread(str(path))[:, :, ::-1], picture)  # type: ignore[index]


def test_a_pfm_is_what_middlebury_expects(tmp_path: Path) -> None:
    *_, pfm, _ = save_map(tmp_path, "x", disparity_map([[1, 2], [3, math.nan]]), "")
    header, _, rows = pfm.read_bytes().partition(b"\n-1\n")
    assert header == b"Pf\n2 2"
    assert np.frombuffer(rows, "<f4").tolist() == [3, math.inf, 1, 2]  # the bottom row first


def test_a_tiff_names_its_holes_as_gdal_does(tmp_path: Path) -> None:
    *_, tiff = save_map(tmp_path, "x", disparity_map([[1, math.nan]]), "\u6771")
    with Image.open(tiff) as image:
        assert image.mode == "F"
        assert image.getexif()[42113] == "nan"
        np.testing.assert_array_equal(np.asarray(image), [[1, math.nan]])
    np.testing.assert_array_equal(cv2.imread(str(tiff), cv2.IMREAD_UNCHANGED), [[1, math.nan]])
