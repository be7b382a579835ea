"""Costs equal a direct, slow statement of their definitions, borders included."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.stereo.reference.costs import Cost, census_transform, cost_slices, cost_volume
from tests.stereo.slow_costs import Grey, gray_pair, one_minus_zncc, pixel, random_pair, sad, slow_costs, ssd


@pytest.mark.parametrize(
    ("cost", "unlike", "window", "disparities"),
    [
        ("SAD", sad, 3, range(-3, 2)),
        ("SSD", ssd, 5, range(5)),
        ("ZNCC", one_minus_zncc, 3, range(2, 6)),
        ("ZNCC", one_minus_zncc, 5, range(-3, 2)),
    ],
)
def test_costs_equal_their_definition(
    random: np.random.Generator, cost: Cost, unlike: Callable[..., float], window: int, disparities: range
) -> None:
    pair = random_pair(random)
    expected = slow_costs(pair, disparities, window, unlike)
    np.testing.assert_allclose(cost_volume(pair, cost, disparities, window), expected, rtol=1e-5, atol=1e-5)


def slow_census(grey: Grey, y: int, x: int) -> NDArray[np.bool_]:
    centre = pixel(grey, y, x)
    return np.array([pixel(grey, y + i, x + j) < centre for i in range(-3, 4) for j in range(-4, 5)])


def test_census_costs_are_hamming_distances(random: np.random.Generator) -> None:
    pair = random_pair(random)
    left, right = pair.left[..., 0], pair.right[..., 0]
    volume = cost_volume(pair, "census", range(3))
    for d, y, x in np.ndindex(volume.shape):
        expected = np.sum(slow_census(left, y, x) != slow_census(right, y, x - d)) if x >= d else np.inf
        assert volume[d, y, x] == expected


def test_census_costs_are_summed_over_the_window(random: np.random.Generator) -> None:
    pair = random_pair(random, 15, 21)
    pixels, windows = (cost_volume(pair, "census", range(3), window) for window in (1, 3))
    for y, x in ((1, 5), (7, 10), (13, 19)):
        assert windows[2, y, x] == pixels[2, y - 1 : y + 2, x - 1 : x + 2].sum()


def test_a_census_by_hand() -> None:
    """The right half is darker: of the 62 neighbours of a left pixel on the border, 4 columns of 7 are darker."""
    image = np.full((7, 9), 90, np.uint8)
    image[:, 5:] = 20
    code = census_transform(image)
    assert code[3, 4].bit_count() == 4 * 7
    assert code[3, 5] == 0  # nothing is darker than the dark half


def test_correlation_does_not_see_gain_and_offset_and_sums_of_differences_do(random: np.random.Generator) -> None:
    left = random.integers(40, 100, (20, 40), dtype=np.uint8)
    pair = gray_pair(left, (2 * np.roll(left, -4, axis=1) + 30).astype(np.uint8))
    zncc = cost_volume(pair, "ZNCC", range(8), 5)[:, 5:15, 12:30]
    np.testing.assert_allclose(zncc[4], 0, atol=1e-5)
    assert (zncc[[0, 1, 2, 3, 5, 6, 7]] > 0.1).all()
    assert cost_volume(pair, "SAD", range(8), 5)[4, 5:15, 12:30].min() > 25 * 60


def test_a_window_without_contrast_correlates_with_nothing() -> None:
    flat, edge = np.full((5, 8), 255, np.uint8), np.full((5, 8), 255, np.uint8)
    edge[2, 4] = 254
    costs = cost_volume(gray_pair(flat, edge), "ZNCC", range(1), 3)
    np.testing.assert_array_equal(costs, 1)
    assert cost_volume(gray_pair(edge, edge), "ZNCC", range(1), 3)[0, 2, 4] == pytest.approx(0, abs=1e-5)


def test_the_largest_window_is_as_exact_as_the_smallest(random: np.random.Generator) -> None:
    """Black and white make the largest sums; OpenCV's matchTemplate is the other implementation."""
    left, right = 255 * random.integers(0, 2, (2, 41, 41), dtype=np.uint8)
    volume = cost_volume(gray_pair(left, right), "ZNCC", range(4), 31)
    for d in range(4):
        window = np.ascontiguousarray(right[5:36, 20 - 15 - d : 20 + 16 - d])
        expected = 1 - cv2.matchTemplate(left[5:36, 5:36], window, cv2.TM_CCOEFF_NORMED)[0, 0]
        assert volume[d, 20, 20] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("cost", "disparities", "window", "message"),
    [
        ("NCC", range(4), 3, "cost must be one of SAD, SSD, ZNCC, census, not 'NCC'"),
        ("SAD", range(4), 4, "odd, from 1 to 31 px, not 4"),
        ("SAD", range(4), 33, "odd, from 1 to 31 px, not 33"),
        ("ZNCC", range(4), 1, "odd, from 3 to 31 px, not 1"),
        ("SAD", range(0), 3, "a range in steps of 1 within the width of 13 px"),
        ("SAD", range(10, 14), 3, "within the width of 13 px, not range"),
        ("SAD", range(-13, 0), 3, "within the width of 13 px, not range"),
        ("SAD", range(0, 8, 2), 3, "in steps of 1"),
    ],
)
def test_impossible_costs_are_refused(
    random: np.random.Generator, cost: Cost, disparities: range, window: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        cost_slices(random_pair(random), cost, disparities, window)
