"""From what MoGe-2 answers to metres: the camera that fits the points, holes, and photos of every shape."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.optimize import least_squares

from depth_demo.geometry import DepthKind, FocalLength
from depth_demo.monocular.moge import load_network
from depth_demo.monocular.moge.fitting import fit_camera, fit_shift
from depth_demo.monocular.moge.reading import read_moge
from depth_demo.monocular.moge.variants import PREPROCESSING
from depth_demo.monocular.preprocessing import to_pixels
from tests.support.moge import TINY, random_state_dict

Values = NDArray[np.float32]
Floats = NDArray[np.float64]


def scene(rows: int, columns: int) -> Floats:
    """Hills from 2 to 4, in a unit of their own."""
    down, across = np.meshgrid(np.linspace(0, 3, rows), np.linspace(0, 4, columns), indexing="ij")
    return 3 + np.sin(down) * np.cos(across)


def answered(z: Floats, focal: float, shift: float, scale: float, aspect: float) -> Values:
    """What a network says that sees `z` with a focal length, in half diagonals, and is wrong by a shift."""
    rows, columns = z.shape
    diagonal = float(np.hypot(aspect, 1))
    across = ((np.arange(columns) + 0.5) / columns * 2 - 1) * aspect / diagonal / focal * z
    down = ((np.arange(rows) + 0.5) / rows * 2 - 1)[:, None] / diagonal / focal * z
    wrong = z - shift
    return np.stack([across / wrong, down / wrong, np.log(wrong), np.full_like(z, 5), np.full_like(z, np.log(scale))]).astype(
        np.float32
    )


def test_camera_and_metres_are_found_from_the_points() -> None:
    """Of a photo of 240x320 px, whose half diagonal is 200 px."""
    z = scene(240, 320)
    depth_map, focal = read_moge(answered(z, 1.3, 0.7, 2.5, 4 / 3), 240, 320)
    assert depth_map.kind is DepthKind.METRIC_DEPTH
    assert focal.source == "estimated by MoGe-2"
    assert focal.pixels == pytest.approx(1.3 * 200, rel=1e-4)
    np.testing.assert_allclose(depth_map.values, 2.5 * z, rtol=1e-4)


def test_a_known_focal_length_leaves_the_shift_to_find() -> None:
    z = scene(240, 320)
    depth_map, focal = read_moge(answered(z, 1.3, 0.7, 2.5, 4 / 3), 240, 320, 1.3 * 200)
    assert focal == FocalLength(1.3 * 200, "as given")
    np.testing.assert_allclose(depth_map.values, 2.5 * z, rtol=1e-4)
    longer, _ = read_moge(answered(z, 1.3, 0.7, 2.5, 4 / 3), 240, 320, 1.5 * 200)
    assert (longer.values > depth_map.values + 0.1).all()  # the same points look smaller from farther away


@pytest.mark.parametrize("seed", range(12))
def test_the_fit_stops_where_the_published_one_stops(seed: int) -> None:
    """Which calls MINPACK and asks for three digits of the sum of squares only. SciPy 1.16 changed the scale of the steps."""
    draw = np.random.default_rng(seed)
    uv = draw.uniform(-0.7, 0.7, (500, 2)).astype(np.float32)
    z = draw.uniform(1, 4, 500)
    xy = (uv / draw.uniform(0.7, 2) * z[:, None] * (1 + 0.1 * draw.normal(size=(500, 2)))).astype(np.float32)
    seen_z = (z + draw.uniform(-0.5, 1)).astype(np.float32)

    def errors(shift: Floats, focal: float | None) -> Floats:
        seen = xy / (seen_z + shift)[:, None]
        return ((focal or (seen * uv).sum() / (seen**2).sum()) * seen - uv).ravel()

    camera = fit_camera(uv, xy, seen_z)
    free, fixed = (
        least_squares(errors, 0.0, ftol=1e-3, method="lm", x_scale=1.0, args=(focal,)).x[0] for focal in (None, 1.2)
    )
    assert camera.shift == pytest.approx(free, abs=1e-5)
    assert fit_shift(uv, xy, seen_z, 1.2) == pytest.approx(fixed, abs=1e-5)
    seen = xy / (seen_z + free)[:, None]
    assert camera.focal == pytest.approx((seen * uv).sum() / (seen**2).sum(), rel=1e-5)


def test_where_there_is_no_surface_there_is_no_depth() -> None:
    z = scene(96, 128)
    values = answered(z, 1.3, 0.7, 1.0, 4 / 3)
    values[3, :30] = -5
    values[2, :30] = 8  # what is said of the sky must not count for the camera either
    depth_map, focal = read_moge(values, 96, 128)
    assert not depth_map.valid[:30].any()
    np.testing.assert_allclose(depth_map.values[30:], z[30:], rtol=1e-4)
    assert focal.pixels == pytest.approx(1.3 * 80, rel=1e-4)


def test_nothing_but_sky_is_a_map_without_a_measurement() -> None:
    values = answered(scene(32, 32), 1.0, 0.0, 1.0, 1.0)
    values[3] = -5
    depth_map, focal = read_moge(values, 50, 50)
    assert not depth_map.valid.any()
    assert focal.pixels > 0


def test_below_a_millimetre_and_beyond_all_numbers_there_is_no_depth() -> None:
    z = scene(96, 96)
    small, _ = read_moge(answered(z, 1.0, 0.0, 3e-4, 1.0), 96, 96, 1.0 * 96 / 2**0.5)
    assert 0 < small.valid.sum() < small.valid.size
    assert (small.values[small.valid] > 1e-3).all()
    values = answered(z, 1.0, 0.0, 1.0, 1.0)
    values[2, 4, 5] = 95
    assert np.isnan(read_moge(values, 96, 96)[0].values[4, 5])


@pytest.mark.parametrize("factor", [-1, 0], ids=["left is right", "all on the axis"])
def test_points_that_no_camera_sees_are_refused(factor: int) -> None:
    values = answered(scene(96, 128), 1.3, 0.0, 1.0, 4 / 3)
    values[:2] *= factor
    with pytest.raises(ValueError, match="finds no camera that fits this photo: give its focal length"):
        read_moge(values, 96, 128)


@pytest.mark.parametrize("focal", [0.0, -5.0, float("nan")])
def test_a_focal_length_that_cannot_be_is_refused(focal: float) -> None:
    with pytest.raises(ValueError, match=f"larger than 0, not {re.escape(f'{focal:g}')}"):
        read_moge(answered(scene(32, 32), 1.0, 0.0, 1.0, 1.0), 32, 32, focal)


def test_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("5 channels, (5, h, w), not (2, 32, 32)")):
        read_moge(np.ones((2, 32, 32), np.float32), 32, 32)


@pytest.mark.parametrize(("height", "width"), [(32, 32), (120, 192), (600, 375), (30, 1500), (3000, 60), (1, 1)])
def test_photos_of_every_shape_are_read(height: int, width: int) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    with torch.inference_mode():
        values = load_network(random_state_dict(TINY), TINY)(torch.from_numpy(to_pixels(photo, PREPROCESSING, 168)))[0].numpy()
    depth_map, _ = read_moge(values, height, width, 500.0)
    again, _ = read_moge(values, height, width, 500.0)
    assert depth_map.shape == (height, width)
    np.testing.assert_array_equal(depth_map.values, again.values)
