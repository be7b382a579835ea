"""What the page's own components hand over: close pictures, one file for equal ones, exact arrays of a surface."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from depth_demo.geometry import RgbImage
from depth_demo.render.frame import frame_of
from depth_demo.render.maps import NO_VALUE, render_map
from depth_demo.render.surface import render_surface
from depth_demo.ui.outputs import Pictures, PictureSlider, Surface, _as_file, picture
from tests.conftest import disparity_map


@pytest.fixture
def with_holes() -> RgbImage:
    """A slanted plane, the hardest colours beside every other column of a grey block."""
    values = np.tile(np.linspace(1, 60, 1000, dtype=np.float32), (600, 1))
    values[200:400, 300:600:20] = np.nan
    return render_map(disparity_map(values))


def read(path: str) -> RgbImage:
    return np.asarray(Image.open(path).convert("RGB"))


def test_a_picture_is_served_nearly_as_it_is(with_holes: RgbImage) -> None:
    served = picture("Map").postprocess(with_holes)
    pixels = read(served.path)
    assert pixels.shape == with_holes.shape
    assert cv2.PSNR(pixels, with_holes) > 40
    hole = pixels[300, 320].astype(int)  # one pixel wide: halved colours would fray it
    assert np.abs(hole - NO_VALUE).max() < 30


def test_red_stays_red_and_equal_pictures_are_one_file() -> None:
    red = np.full((40, 60, 3), (200, 10, 30), np.uint8)
    served = PictureSlider().postprocess((red, red.copy()))
    left, right = (part.path for part in served.root)
    assert left == right
    assert np.abs(read(left).astype(int) - (200, 10, 30)).max() <= 3
    (tile,) = Pictures().postprocess([red]).root
    assert tile.image.path == left
    assert Path(left).suffix == ".jpg"


def test_nothing_is_shown_of_nothing() -> None:
    assert picture("Map").postprocess(None) is None
    assert PictureSlider().postprocess(None) is None
    assert Surface().postprocess(None) is None


def test_a_surface_is_made_when_asked_for_and_travels_without_escapes() -> None:
    depth = np.tile(np.linspace(1, 2, 200, dtype=np.float32), (150, 1))
    figure = render_surface(depth, "m", np.full((150, 200, 3), 255, np.uint8), 100.0)
    sent = Surface().postprocess(lambda: figure)
    assert sent is not None
    assert len(json.dumps(sent.plot)) <= 1_100_000
    mesh = json.loads(sent.plot)["data"][0]
    assert mesh["i"]["dtype"] == "u2"
    np.testing.assert_array_equal(np.frombuffer(base64.b64decode(mesh["y"]["bdata"]), np.float32), depth.ravel())


def test_a_surface_that_lies_wholly_beyond_the_limit_is_empty() -> None:
    """As when the truth, which sets the limit, was read in the wrong unit."""
    depth = np.full((50, 60), 5, np.float32)
    figure = render_surface(depth, "m", np.zeros((50, 60, 3), np.uint8), 50.0, frame=frame_of(depth, 50.0, 1.0))
    sent = Surface().postprocess(lambda: figure)
    assert sent is not None
    assert json.loads(sent.plot)["data"][0]["i"] == []


def test_an_equal_picture_does_not_disturb_those_who_fetch_the_first(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (40, 50, 3), dtype=np.uint8)
    first = Path(_as_file(pixels, str(tmp_path)))
    with first.open("rb") as fetched:
        assert Path(_as_file(pixels, str(tmp_path))) == first
        assert os.fstat(fetched.fileno()).st_ino != first.stat().st_ino  # it was not written over
        assert fetched.read() == first.read_bytes()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["image.jpg"]
