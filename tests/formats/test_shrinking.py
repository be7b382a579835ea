"""Pictures are halved without a shift and never too far, and what is found in small pictures is found in large ones."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from depth_demo.formats.likeness import compare_pictures
from depth_demo.formats.shrinking import halved
from depth_demo.geometry import RgbImage
from tests.conftest import PAIRS
from tests.support.handmade_files import noise

LARGE = 4  # times as wide and high


def test_a_pixel_is_the_mean_of_four() -> None:
    picture = noise(40, 60, 3)
    means = picture.reshape(20, 2, 30, 2, 3).mean(axis=(1, 3))
    half = halved(picture, 30, 20)
    assert half.dtype == np.uint8
    assert np.abs(half - means).max() <= 0.5


@pytest.mark.parametrize(
    ("shape", "least", "expected"),
    [
        ((3024, 4032), (1600, 1200), (1512, 2016)),
        ((3025, 4033), (1600, 1200), (1512, 2016)),
        ((3024, 4032), (213, 320), (378, 504)),
        ((400, 4000), (1600, 160), (200, 2000)),
        ((100, 100), (51, 50), (100, 100)),
        ((100, 100), (900, 900), (100, 100)),
    ],
)
def test_halving_ends_above_the_least_size(shape: tuple[int, int], least: tuple[int, int], expected: tuple[int, int]) -> None:
    assert halved(np.zeros((*shape, 3), np.uint8), *least).shape == (*expected, 3)


def test_a_large_pair_is_as_much_alike_as_a_small_one() -> None:
    pair = PAIRS[0].load()
    small = compare_pictures(pair.left, pair.right)
    large = compare_pictures(enlarged(pair.left), enlarged(pair.right))
    assert small.is_pair
    assert large.is_pair
    assert large.share == pytest.approx(small.share, abs=0.1)
    assert np.median(large.shift) == pytest.approx(np.median(small.shift), abs=1)


def test_the_halves_of_one_large_photo_are_no_pair() -> None:
    photo = enlarged(PAIRS[0].load().left)
    middle = photo.shape[1] // 2
    assert not compare_pictures(photo[:, :middle], photo[:, middle:]).is_pair


def enlarged(picture: RgbImage) -> RgbImage:
    return np.asarray(cv2.resize(picture, None, fx=LARGE, fy=LARGE, interpolation=cv2.INTER_CUBIC), np.uint8)
