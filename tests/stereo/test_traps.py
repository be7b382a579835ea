"""What OpenCV gets wrong without a word: blank areas and repetition."""

from __future__ import annotations

import numpy as np
import pytest

from depth_demo.datasets.sample import Sample
from depth_demo.geometry import Mask, StereoPair
from depth_demo.stereo.matching import match_views
from depth_demo.stereo.settings import MODES, Mode, SgbmSettings
from depth_demo.stereo.traps import find_traps
from depth_demo.stereo.why.rejection import why_missing
from tests.stereo.scenes import (
    HEIGHT,
    SEMI_GLOBAL,
    SHIFT,
    WIDTH,
    fence,
    photographed,
    settings_for,
    stripes,
    texture,
)
from tests.support.real_pairs import each_real_sample

each_mode = pytest.mark.parametrize("mode", MODES)


def hidden_by_traps(found: StereoPair, settings: SgbmSettings) -> Mask:
    traps = find_traps(found, match_views(found, settings).raw.values, settings)
    return traps.blank | traps.repeated


@each_mode
@pytest.mark.parametrize("noise", [0, 1])
def test_two_blank_views_measure_nothing(mode: Mode, noise: int, random: np.random.Generator) -> None:
    pair = photographed(np.full((HEIGHT, WIDTH + SHIFT), 128.0), noise, random)
    measured = [match_views(pair, settings_for(mode, min_disparity)).coverage for min_disparity in (-64, -16, -8, -1, 0, 5)]
    assert np.mean(measured) <= 0.1
    assert max(measured) <= 0.3


def test_opencv_itself_measures_them() -> None:
    """When this fails, OpenCV was repaired, and the check may go."""
    blank = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    raw = match_views(StereoPair(blank, blank), settings_for("HH", -16)).raw
    assert raw.valid.mean() > 0.7
    assert np.nanmedian(raw.values) == -14.5


@pytest.mark.parametrize("mode", SEMI_GLOBAL)
@pytest.mark.parametrize("noise", [0, 1])
@pytest.mark.parametrize("rows", [70, 90])
def test_a_grey_sky_takes_no_disparity_from_the_texture_below(
    mode: Mode, noise: int, rows: int, random: np.random.Generator
) -> None:
    canvas = texture(random, 180)
    canvas[:rows] = 190
    valid = match_views(photographed(canvas, noise, random), settings_for(mode)).disparity.valid
    assert valid[:rows].mean() <= 0.02
    assert valid[rows:, 64:].mean() > 0.98


@each_mode
@pytest.mark.parametrize("period", [8, 16, 32])
def test_stripes_are_not_matched_with_their_repetitions(mode: Mode, period: int, random: np.random.Generator) -> None:
    for wave, noise in (("square", 3), ("sine", 3), ("square", 10)):
        pair = photographed(stripes(period, wave), noise, random)
        values = match_views(pair, settings_for(mode, num_disparities=128)).disparity.values[:, 128:]
        wrong = np.abs(values - SHIFT) > 1  # False in holes
        assert wrong.mean() <= 0.05


@each_mode
def test_texture_is_no_trap(mode: Mode, random: np.random.Generator) -> None:
    pair = photographed(texture(random), 2, random)
    assert not hidden_by_traps(pair, settings_for(mode)).any()


def test_a_small_blank_patch_keeps_what_surrounds_it(random: np.random.Generator) -> None:
    canvas = texture(random)
    canvas[50:70, 200:230] = 128
    pair = photographed(canvas, 0, random)
    found = match_views(pair, settings_for("HH"))
    inside = found.disparity.values[52:68, 202:228]
    assert np.nanmax(np.abs(inside - SHIFT)) < 1
    assert not np.isnan(inside).any()


def test_the_probe_names_the_trap(random: np.random.Generator) -> None:
    wall = photographed(np.full((HEIGHT, WIDTH + SHIFT), 128.0), 0, random)
    found = match_views(wall, settings_for("HH4", -16))
    assert found.raw.valid[60, 200]
    assert why_missing(found, 200, 60).check == "texture"
    found = match_views(photographed(stripes(16, "square"), 3, random), settings_for("SGBM_3WAY", num_disparities=128))
    y, x = np.argwhere(found.raw.valid & ~found.disparity.valid)[0]
    assert why_missing(found, int(x), int(y)).check == "repetition"


@pytest.mark.parametrize("shape", [(5, 30), (9, 41), (810, 66)])
def test_every_size_has_a_mask_of_its_own(shape: tuple[int, int]) -> None:
    view = np.full((*shape, 3), 90, np.uint8)
    traps = find_traps(StereoPair(view, view), np.zeros(shape, np.float32), SgbmSettings(num_disparities=16))
    assert traps.blank.shape == traps.repeated.shape == shape
    assert traps.blank.all()
    assert not traps.repeated.any()


@pytest.mark.parametrize("mode", SEMI_GLOBAL)
@pytest.mark.parametrize("period", [8, 10, 16])
def test_a_striped_patch_keeps_the_disparity_of_the_texture_beside_it(
    mode: Mode, period: int, random: np.random.Generator
) -> None:
    pair, patch = fence(period, SHIFT, 3, random)
    found = match_views(pair, settings_for(mode, num_disparities=128))
    before, after = (np.abs(m.values[patch] - SHIFT) for m in (found.raw, found.disparity))
    assert (after <= 1).sum() >= 0.8 * (before <= 1).sum()
    assert (after > 1).sum() <= 0.04 * (after <= 1).sum()


@pytest.mark.parametrize("mode", SEMI_GLOBAL)
@pytest.mark.parametrize("periods", [1, 2])
def test_a_fence_does_not_take_the_disparity_of_the_wall_behind_it(
    mode: Mode, periods: int, random: np.random.Generator
) -> None:
    pair, where = fence(8, SHIFT + 8 * periods, 1, random)
    found = match_views(pair, settings_for(mode, num_disparities=128))
    slipped = np.abs(found.disparity.values[where] - SHIFT) <= 1
    assert slipped.mean() <= 0.25


@pytest.mark.parametrize("mode", SEMI_GLOBAL)
def test_shades_of_a_smooth_wall_keep_its_matches(mode: Mode, random: np.random.Generator) -> None:
    canvas = texture(random, 180)
    canvas[:110] = 150 + (texture(random, 180, size=16)[:110] - 128) / 3
    pair = photographed(canvas, 1, random)
    blank = find_traps(pair, match_views(pair, settings_for(mode)).raw.values, settings_for(mode)).blank
    assert blank[:110, 64:].mean() <= 0.1


@each_real_sample
@pytest.mark.parametrize("num_disparities", [128, 160])
def test_hardly_anything_is_lost_on_published_pairs(sample: Sample, num_disparities: int) -> None:
    pair, settings = sample.load(), SgbmSettings(num_disparities=num_disparities)
    assert pair.ground_truth is not None
    found = match_views(pair, settings)
    assert found.left_right_diff is not None
    before = found.left_right_diff <= settings.left_right_max_diff
    lost = before & ~found.disparity.valid & pair.ground_truth.valid
    assert lost.sum() / pair.ground_truth.valid.sum() <= 0.0025
