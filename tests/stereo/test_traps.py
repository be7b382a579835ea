"""What OpenCV gets wrong without a word: blank areas, repetition, and fractions that are pulled to whole pixels."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.geometry import Mask, StereoPair
from depth_demo.stereo.fractions import STEPS, correct_fractions, corrections
from depth_demo.stereo.matching import match_views
from depth_demo.stereo.settings import MODES, Mode, SgbmSettings
from depth_demo.stereo.traps import find_traps
from depth_demo.stereo.why.rejection import why_missing
from tests.support.real_pairs import real_pair

HEIGHT, WIDTH, SHIFT = 120, 360, 20
SEMI_GLOBAL: tuple[Mode, ...] = tuple(mode for mode in MODES if mode != "BM")
each_mode = pytest.mark.parametrize("mode", MODES)
Grey = NDArray[np.float64]


def settings_for(mode: Mode, min_disparity: int = 0, num_disparities: int = 64) -> SgbmSettings:
    return SgbmSettings(mode, min_disparity, num_disparities, block_size=9 if mode == "BM" else 3)


def texture(random: np.random.Generator, height: int = HEIGHT, width: int = WIDTH + SHIFT) -> Grey:
    blurred = cv2.GaussianBlur(random.normal(0, 1, (height, width)), (0, 0), 1.2)
    return np.asarray(128 + 40 * blurred / blurred.std())


def photographed(canvas: Grey, noise: float, random: np.random.Generator) -> StereoPair:
    """Both views of a plane at disparity `SHIFT`, each with noise of its own."""

    def view(part: Grey) -> NDArray[np.uint8]:
        grey = np.clip(np.rint(part + random.normal(0, noise, part.shape)), 0, 255).astype(np.uint8)
        return np.repeat(grey[..., np.newaxis], 3, axis=2)

    return StereoPair(view(canvas[:, :WIDTH]), view(canvas[:, SHIFT : SHIFT + WIDTH]))


def stripes(period: int, wave: str) -> Grey:
    x = np.arange(WIDTH + SHIFT)
    row = np.sin(2 * np.pi * x / period) if wave == "sine" else np.where(x % period < period // 2, 1.0, -1.0)
    return np.asarray(np.tile(128 + 60 * row, (HEIGHT, 1)))


def hidden_by_traps(found: StereoPair, settings: SgbmSettings) -> Mask:
    traps = find_traps(found, match_views(found, settings).raw.values, settings)
    return traps.blank | traps.repeated


@each_mode
@pytest.mark.parametrize("noise", [0, 1])
def test_two_blank_views_measure_nothing(mode: Mode, noise: int, random: np.random.Generator) -> None:
    pair = photographed(np.full((HEIGHT, WIDTH + SHIFT), 128.0), noise, random)
    for min_disparity in (-64, -16, -8, -1, 0, 5):
        assert match_views(pair, settings_for(mode, min_disparity)).coverage <= 1


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


@pytest.mark.parametrize("name", ["kitti2012_000002_10", "middlebury2001_tsukuba", "middlebury2003q_teddy"])
def test_hardly_anything_right_is_lost_on_published_pairs(name: str) -> None:
    pair, settings = real_pair(name), SgbmSettings()
    assert pair.ground_truth is not None
    found = match_views(pair, settings)
    assert found.left_right_diff is not None
    before = found.left_right_diff <= settings.left_right_max_diff
    lost = before & ~found.disparity.valid & pair.ground_truth.valid
    assert lost.sum() / pair.ground_truth.valid.sum() <= 0.005


def moved(canvas: NDArray[np.float64], shift_px: float) -> NDArray[np.float64]:
    waves = np.fft.rfftfreq(canvas.shape[1])[np.newaxis, :, np.newaxis]
    return np.fft.irfft(np.fft.rfft(canvas, axis=1) * np.exp(2j * np.pi * waves * shift_px), canvas.shape[1], axis=1)


@pytest.mark.parametrize("mode", SEMI_GLOBAL)
def test_exact_shifts_are_at_most_half_as_far_off_as_opencv_has_them(mode: Mode, random: np.random.Generator) -> None:
    canvas = np.dstack([texture(random, 100) for _ in range(3)])
    off: dict[str, list[float]] = {"raw": [], "disparity": []}
    for eighths in range(8):
        shift = SHIFT + eighths / 8
        left, right = (np.clip(np.rint(moved(canvas, by)), 0, 255).astype(np.uint8)[:, :WIDTH] for by in (0, shift))
        found = match_views(StereoPair(left, right), settings_for(mode))
        for name, errors in off.items():
            error = getattr(found, name).values[:, 80:] - shift
            errors.append(abs(float(np.nanmean(error[np.abs(error) < 1]))))
    assert max(off["raw"]) > 0.15
    assert max(off["disparity"]) <= max(off["raw"]) / 2


@pytest.mark.parametrize("name", ["kitti2012_000002_10", "middlebury2003q_teddy", "middlebury2014q_Piano"])
def test_corrected_fractions_are_nearer_to_published_truth(name: str) -> None:
    pair = real_pair(name)
    assert pair.ground_truth is not None
    found = match_views(pair, SgbmSettings())
    judged = found.disparity.valid & pair.ground_truth.valid
    before, after = (np.abs(m.values - pair.ground_truth.values)[judged].mean() for m in (found.raw, found.disparity))
    assert after < before


@pytest.mark.parametrize("penalty", [0, 36, 162, 1700, 7000])
@pytest.mark.parametrize("block_size", [1, 3, 11])
def test_whole_and_half_pixels_stay_and_order_is_kept(penalty: int, block_size: int) -> None:
    settings = SgbmSettings("HH", block_size=block_size, p1=penalty, p2=8000)
    fractions = np.arange(STEPS) / STEPS
    corrected = fractions + corrections(settings)
    assert corrected[[0, STEPS // 2]].tolist() == [0, 0.5]
    assert (np.diff(corrected) >= -1e-6).all()
    assert corrected.min() >= 0
    assert corrected.max() <= 1


def test_holes_stay_and_negative_disparities_are_moved_alike() -> None:
    settings = SgbmSettings("HH")
    values = np.array([[np.nan, 20.25, -7.75, 0, -1.5]], np.float32)
    corrected = correct_fractions(values, settings)
    move = corrections(settings)[4]
    np.testing.assert_allclose(corrected, [[np.nan, 20.25 + move, -7.75 + move, 0, -1.5]])
    np.testing.assert_array_equal(correct_fractions(values, replace(settings, mode="BM", block_size=9)), values)
