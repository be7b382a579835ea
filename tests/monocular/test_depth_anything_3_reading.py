"""From what Depth Anything 3 answers to a map: the sky, the metres, and photos of every shape."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, FocalLength, choose_focal_length
from depth_demo.monocular.answers import enlarge
from depth_demo.monocular.depth_anything_3 import load_network
from depth_demo.monocular.depth_anything_3.reading import read_metric, read_mono, scale_text
from depth_demo.monocular.depth_anything_3.variants import PREPROCESSING
from depth_demo.monocular.input_size import choose_input_size, network_size
from depth_demo.monocular.preprocessing import to_pixels
from tests.support.depth_anything_3 import TINY, random_state_dict

Values = NDArray[np.float32]


def answered(depth: NDArray[np.floating], sky: NDArray[np.floating] | float = 0.0) -> Values:
    return np.stack([depth, np.broadcast_to(sky, depth.shape)]).astype(np.float32)


@pytest.fixture
def slope() -> Values:
    """Depth from 1 to 5 without any sky, as a network saw it at 28x42 px."""
    return answered(np.linspace(1, 5, 28 * 42).reshape(28, 42))


def test_mono_gives_relative_depth_enlarged_like_every_other_map(slope: Values) -> None:
    depth_map = read_mono(slope, 100, 150)
    assert depth_map.kind is DepthKind.RELATIVE_DEPTH
    np.testing.assert_array_equal(depth_map.values, enlarge(slope[0], 100, 150))


def test_the_sky_is_no_measurement() -> None:
    depth, sky = np.full((28, 42), 4.0), np.zeros((28, 42))
    depth[:10], sky[:10] = 900.0, 1.0
    for depth_map in (read_mono(answered(depth, sky), 28, 42), read_metric(answered(depth, sky), 28, 42, 300.0)):
        assert not depth_map.valid[:10].any()
        np.testing.assert_allclose(depth_map.values[10:], 4, rtol=1e-6)


def test_a_pixel_is_sky_from_the_published_threshold_on() -> None:
    sky = np.full((14, 14), np.nextafter(np.float32(0.3), np.float32(0)))
    sky[0] = 0.3
    assert np.isnan(read_mono(answered(np.ones((14, 14)), sky), 14, 14).values[0]).all()
    assert read_mono(answered(np.ones((14, 14)), sky), 14, 14).valid[1:].all()


def test_what_stands_before_the_sky_keeps_its_depth_and_place() -> None:
    """A pole of one pixel: enlarged, it neither vanishes nor takes any of the sky's depth."""
    depth, sky = np.full((14, 15), 500.0), np.ones((14, 15))
    depth[:, 7], sky[:, 7] = 3.0, 0.0
    depth_map = read_mono(answered(depth, sky), 14, 141)
    np.testing.assert_allclose(depth_map.values[depth_map.valid], 3, rtol=1e-5)
    columns = np.flatnonzero(depth_map.valid.all(axis=0))
    assert (columns[0], columns[-1]) == (68, 72)  # the pole is at 70, and pixels of the network are 10 px apart
    assert depth_map.valid.any(axis=0).sum() == len(columns)


def test_nothing_but_sky_is_a_map_without_a_measurement() -> None:
    assert not read_mono(answered(np.ones((14, 14)), 1.0), 30, 30).valid.any()
    assert not read_metric(answered(np.ones((14, 14)), 1.0), 30, 30, 300.0).valid.any()


@pytest.mark.parametrize("broken", [np.inf, np.nan])
def test_what_is_no_finite_number_is_no_measurement(slope: Values, broken: float) -> None:
    slope[0, 5, 6] = broken
    depth_map = read_mono(slope, 28, 42)
    assert np.isnan(depth_map.values[5, 6])
    assert depth_map.valid.sum() == 28 * 42 - 1
    slope[1, 20, 20] = np.nan  # nobody knows whether this one is sky
    assert np.isnan(read_metric(slope, 28, 42, 300.0).values[20, 20])


def test_metres_are_the_published_formula_at_the_size_that_the_network_saw(slope: Values) -> None:
    """The network saw a quarter of the width and of the height, so its camera has a quarter of the focal length."""
    depth_map = read_metric(slope, 112, 168, 1200.0)
    assert depth_map.kind is DepthKind.METRIC_DEPTH
    np.testing.assert_allclose(depth_map.values, enlarge(slope[0], 112, 168) * (1200 / 4) / 300, rtol=1e-6)


def test_rounding_to_patches_counts_half_for_each_side(slope: Values) -> None:
    metres = read_metric(slope, 56, 126, 300.0).values  # half of the height, a third of the width
    np.testing.assert_allclose(metres, enlarge(slope[0], 56, 126) * (1 / 2 + 1 / 3) / 2, rtol=1e-6)


def test_twice_the_focal_length_is_twice_the_depth(slope: Values) -> None:
    once, twice = (read_metric(slope, 90, 130, focal).values for focal in (700.0, 1400.0))
    np.testing.assert_array_equal(twice, 2 * once)


def test_an_unknown_focal_length_is_that_of_a_phone_and_said(slope: Values) -> None:
    photo = np.zeros((90, 130, 3), np.uint8)
    assumed = choose_focal_length(None, None, photo)
    unknown, known = (read_metric(slope, 90, 130, focal).values for focal in (None, assumed.pixels))
    np.testing.assert_array_equal(unknown, known)
    assert scale_text(assumed) == (
        "Metres are in proportion to the focal length: 102 px (assumed: a 28 mm lens (35 mm equivalent), as in phones)."
    )
    assert scale_text(FocalLength(1866.4, "from the photo's EXIF data")) == (
        "Metres are in proportion to the focal length: 1866 px (from the photo's EXIF data)."
    )


def test_below_a_millimetre_there_is_no_depth() -> None:
    depth = np.full((14, 14), 0.0009)
    depth[3] = 0.0011
    values = read_metric(answered(depth), 14, 14, 300.0).values
    assert np.isnan(np.delete(values, 3, axis=0)).all()
    np.testing.assert_allclose(values[3], 0.0011, rtol=1e-6)


def test_more_than_a_number_can_hold_is_no_depth(slope: Values) -> None:
    slope[0, 2, 3] = 3e38
    assert np.isnan(read_metric(slope, 28, 42, 1e9).values[2, 3])


@pytest.mark.parametrize("focal", [0.0, -5.0, float("nan"), float("inf")])
def test_a_focal_length_that_cannot_be_is_refused(slope: Values, focal: float) -> None:
    with pytest.raises(ValueError, match=f"larger than 0, not {re.escape(f'{focal:g}')}"):
        read_metric(slope, 28, 42, focal)


@pytest.mark.parametrize("shape", [(28, 42), (1, 28, 42), (3, 28, 42)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=re.escape(f"depth and sky, (2, h, w), not {shape}")):
        read_mono(np.ones(shape, np.float32), 28, 42)


def published_side(side: int, longest: int) -> int:
    """In two steps: the longest side becomes 504 px, and then each side the nearest multiple of 14, the larger of two."""
    pixels = max(round(side * 504 / longest), 1)
    return min(range(504, 0, -14), key=lambda multiple: abs(multiple - pixels))


def test_photos_are_seen_at_the_published_size() -> None:
    for height, width in np.random.default_rng(0).integers(16, 5000, (2000, 2)).tolist():
        size = network_size(height, width, PREPROCESSING.short_side, PREPROCESSING)
        expected = tuple(published_side(side, max(height, width)) for side in (height, width))
        assert (size.height, size.width) == expected, (height, width)


@pytest.mark.parametrize(
    ("height", "width", "seen"),
    [
        (32, 32, (504, 504)),
        (1200, 1920, (322, 504)),  # 315 px are halfway between 308 and 322
        (1080, 1920, (280, 504)),
        (1920, 1080, (504, 280)),
        (375, 1242, (154, 504)),
        (30, 1500, (14, 504)),
        (3000, 60, (504, 14)),
        (1, 1, (504, 504)),
    ],
)
def test_photos_of_every_shape_are_seen_and_read(height: int, width: int, seen: tuple[int, int]) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    size = network_size(height, width, choose_input_size(height, width, "as published", PREPROCESSING).pixels, PREPROCESSING)
    assert (size.height, size.width) == seen
    pixels = to_pixels(photo, PREPROCESSING)
    assert pixels.shape == (1, 3, *seen)
    with torch.inference_mode():
        values = load_network(random_state_dict(TINY), TINY)(torch.from_numpy(pixels))[0].numpy()
    relative, metric = read_mono(values, height, width), read_metric(values, height, width, None)
    assert relative.shape == metric.shape == (height, width)
    assert (metric.valid <= relative.valid).all()
