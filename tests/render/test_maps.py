"""Pictures of maps: near is bright, holes are grey, the bar says what the colours are."""

from __future__ import annotations

import numpy as np
import pytest

from depth_demo.geometry import DepthKind, DepthMap
from depth_demo.render.maps import (
    COLOR_MAPS,
    MAX_SIDE,
    MIN_SIDE,
    NO_VALUE,
    lookup_table,
    nice_ticks,
    render_map,
    render_photo,
    render_ssim,
    render_two,
    value_range,
)
from tests.conftest import disparity_map


def ramp(kind: DepthKind = DepthKind.DISPARITY) -> DepthMap:
    return DepthMap(np.tile(np.linspace(1, 10, 1000, dtype=np.float32), (500, 1)), kind)


@pytest.mark.parametrize("color_map", COLOR_MAPS)
def test_the_ends_of_the_range_have_the_ends_of_the_colours(color_map: str) -> None:
    picture = render_map(ramp(), color_map, (1, 10))
    table = lookup_table(color_map)
    np.testing.assert_array_equal(picture[250, 0], table[0])
    np.testing.assert_array_equal(picture[250, 999], table[255])


def test_near_is_bright_whatever_the_kind() -> None:
    near_right = render_map(ramp(), "Gray")  # disparity grows to the right
    near_left = render_map(ramp(DepthKind.METRIC_DEPTH), "Gray")  # depth grows to the right
    assert near_right[250, 990].mean() > 200
    assert near_right[250, 10].mean() < 60
    assert near_left[250, 10].mean() > 200
    assert near_left[250, 990].mean() < 60


def test_holes_are_grey_and_the_map_keeps_its_place() -> None:
    values = np.full((500, 1000), 5, np.float32)
    values[100:200, 300:400] = np.nan
    picture = render_map(disparity_map(values))
    assert (picture[100:200, 300:400] == NO_VALUE).all()
    assert not (picture[:500, :300] == NO_VALUE).all(axis=2).any()
    assert picture.shape[0] > 500  # the bar is below


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((40, 60), (600, MIN_SIDE)),
        ((2000, 4000), (800, MAX_SIDE)),
        ((900, 1000), (900, 1000)),
        ((3025, 4033), (1200, MAX_SIDE)),
    ],
)
def test_pictures_are_readable_and_bounded(shape: tuple[int, int], size: tuple[int, int]) -> None:
    picture = render_map(disparity_map(np.ones(shape)))
    assert picture.shape[1] == size[1]
    assert size[0] + size[1] / 8 < picture.shape[0] <= size[0] + size[1] / 6  # a bar whose text is read at 320 px too
    photo = render_photo(np.zeros((*shape, 3), np.uint8), under=picture)
    assert photo.shape == picture.shape
    np.testing.assert_array_equal(photo[size[0] :], picture[size[0] :])  # the same bar


def test_a_large_photo_lies_exactly_over_its_map() -> None:
    photo, values = np.zeros((3024, 4032, 3), np.uint8), np.ones((3024, 4032), np.float32)
    photo[1512:, 2016:], values[1512:, 2016:] = 255, 10
    picture = render_map(disparity_map(values))
    shown = render_photo(photo, under=picture)
    dark = picture[0, 0]
    for row, column in ((598, 1000), (1000, 798), (601, 801), (1199, 1599)):  # beside both edges, which are at 600 and 800
        is_near = row > 600 and column > 800
        assert (shown[row, column] == 255 * is_near).all()
        assert (picture[row, column] != dark).any() == is_near


def test_a_map_of_two_meanings_has_a_legend_in_the_place_of_a_bar() -> None:
    share = np.zeros((900, 1000), np.float32)
    share[:, :500] = 1
    picture = render_two(share, "stereo", "the background")
    assert picture.shape == render_map(disparity_map(share)).shape  # so that both lie side by side
    assert (picture[450, 100].mean(), picture[450, 900].mean()) == (pytest.approx(255), pytest.approx(0))
    legend = picture[900:]
    first, second = legend[legend.shape[0] // 4], legend[legend.shape[0] * 3 // 4]
    assert (first[50] == 255).all()
    assert (second[50] == 0).all()


def test_outliers_do_not_take_the_colours() -> None:
    values = np.linspace(1, 10, 10_000).reshape(100, 100)
    values[0, 0] = 1e6
    assert value_range(disparity_map(values)) == pytest.approx((1.09, 9.91), abs=0.02)


def test_metres_end_at_five_times_the_median() -> None:
    values = np.full((100, 100), 4, np.float32)
    values[:20] = 400
    assert value_range(DepthMap(values, DepthKind.METRIC_DEPTH)) == (4, 20)


def test_constant_and_empty_maps_are_drawn() -> None:
    assert render_map(disparity_map(np.full((50, 50), 3))).shape[2] == 3
    empty = render_map(disparity_map(np.full((50, 50), np.nan)))
    assert (empty[:900] == NO_VALUE).all()


def test_ssim_is_bright_where_alike() -> None:
    ssim = np.ones((900, 900), np.float32)
    ssim[:, :300], ssim[:, 300:600] = 0, np.nan
    picture = render_ssim(ssim)
    assert (picture[450, 100], picture[450, 800]) == (pytest.approx(0), pytest.approx(255))
    assert tuple(picture[450, 450]) == NO_VALUE


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (9, 31, [10, 15, 20, 25, 30]), (-0.03, 0.04, [-0.02, 0, 0.02, 0.04])],
)
def test_ticks_are_round_numbers(low: float, high: float, ticks: list[float]) -> None:
    assert nice_ticks(low, high) == pytest.approx(ticks)


def test_an_unknown_colour_map_is_refused() -> None:
    with pytest.raises(ValueError, match="one of Inferno, Turbo, Viridis, Gray, not 'Jet'"):
        lookup_table("Jet")
