"""OpenCV pulls disparities to whole pixels; what the correction leaves of that."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.datasets.sample import Sample
from depth_demo.geometry import StereoPair
from depth_demo.stereo.fractions import SAME_SURFACE_PX, SIDE, STEPS, correct_fractions, corrections, even_out
from depth_demo.stereo.matching import match_views
from depth_demo.stereo.opencv import opencv_matcher
from depth_demo.stereo.settings import Mode, SgbmSettings
from tests.stereo.scenes import SEMI_GLOBAL, SHIFT, WIDTH, settings_for, texture
from tests.support.real_pairs import REAL_SAMPLES


def moved(canvas: NDArray[np.float64], shift_px: float) -> NDArray[np.float64]:
    waves = np.fft.rfftfreq(canvas.shape[1])[np.newaxis, :, np.newaxis]
    return np.fft.irfft(np.fft.rfft(canvas, axis=1) * np.exp(2j * np.pi * waves * shift_px), canvas.shape[1], axis=1)


PENALTIES = ((3, 162, 1728), (5, 36, 288), (3, 36, 288), (5, 200, 800), (3, 600, 2400))  # block size, p1, p2
HH4: list[tuple[Mode, tuple[int, int, int]]] = [("HH4", penalties) for penalties in PENALTIES[1:]]
EVERY_CASE: list[tuple[Mode, tuple[int, int, int]]] = [(mode, PENALTIES[0]) for mode in SEMI_GLOBAL] + HH4


@pytest.mark.parametrize(("mode", "penalties"), EVERY_CASE)
def test_exact_shifts_are_at_most_half_as_far_off_as_opencv_has_them(
    mode: Mode, penalties: tuple[int, int, int], random: np.random.Generator
) -> None:
    block_size, p1, p2 = penalties
    settings = replace(settings_for(mode), block_size=block_size, p1=p1, p2=p2)
    canvas = np.dstack([texture(random, 100, size=1.5) for _ in range(3)])
    off: dict[str, list[float]] = {"opencv": [], "disparity": []}
    for eighths in range(8):
        shift = SHIFT + eighths / 8
        left, right = (np.clip(np.rint(moved(canvas, by)), 0, 255).astype(np.uint8)[:, :WIDTH] for by in (0, shift))
        found = match_views(StereoPair(left, right), settings)
        fixed_point = opencv_matcher(settings).compute(left, right)
        theirs = np.where(fixed_point < 16 * settings.min_disparity, np.nan, fixed_point / 16)
        for name, values in (("opencv", theirs), ("disparity", found.disparity.values)):
            error = values[:, 80:] - shift
            off[name].append(abs(float(np.nanmean(error[np.abs(error) < 1]))))
    assert max(off["opencv"]) > 0.06
    assert max(off["disparity"]) <= max(off["opencv"]) / 2


IN_WHOLE_PIXELS = "middlebury2001_tsukuba"  # its truth; the pull to whole pixels is right by it


@pytest.mark.parametrize("sample", [s for s in REAL_SAMPLES.values() if s.name != IN_WHOLE_PIXELS], ids=lambda s: s.name)
def test_corrected_fractions_are_nearer_to_published_truth(sample: Sample) -> None:
    pair = sample.load()
    assert pair.ground_truth is not None
    found = match_views(pair, SgbmSettings())
    judged = found.disparity.valid & pair.ground_truth.valid
    before, after = (np.abs(m.values - pair.ground_truth.values)[judged] for m in (found.raw, found.disparity))
    assert after.mean() < 0.99 * before.mean()
    assert np.median(after) < np.median(before)


def test_a_truth_in_whole_pixels_prefers_the_pull(random: np.random.Generator) -> None:
    """The same answers, once by the exact truth and once by its whole numbers: only by the latter they get worse."""
    rows, columns = np.indices((200, 480), np.float32)
    truth = (30 + columns / 40 + rows / 97).astype(np.float32)
    canvas = np.dstack([texture(random, 200, 480, size=1.5) for _ in range(3)]).astype(np.float32)
    left = cv2.remap(canvas, columns - truth, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    pixels = [np.clip(np.rint(view), 0, 255).astype(np.uint8) for view in (left, canvas)]
    found = match_views(StereoPair(pixels[0], pixels[1]), settings_for("HH4"))
    judged = found.disparity.valid
    errors = {
        whole: [np.abs(m.values - known)[judged].mean() for m in (found.raw, found.disparity)]
        for whole, known in ((False, truth), (True, np.rint(truth)))
    }
    assert errors[False][1] < 0.7 * errors[False][0]
    assert errors[True][1] > errors[True][0]


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


def test_evening_out_keeps_planes_and_the_edges_between_them() -> None:
    rows, columns = np.indices((40, 60), np.float32)
    plane = (20 + columns / 16 + rows / 8).astype(np.float32)
    inner = slice(SIDE, -SIDE), slice(SIDE, -SIDE)
    np.testing.assert_allclose(even_out(plane)[inner], plane[inner], atol=1e-4)
    edge = np.where(columns < 30, np.float32(20), np.float32(30))
    np.testing.assert_allclose(even_out(edge), edge, atol=SAME_SURFACE_PX)
    assert (even_out(edge) == edge)[:, 27:33].all()


def test_evening_out_quiets_noise_and_leaves_holes_alone(random: np.random.Generator) -> None:
    noisy = (20 + random.uniform(-0.25, 0.25, (40, 60))).astype(np.float32)
    noisy[20, 30] = np.nan
    evened = even_out(noisy)
    assert np.isnan(evened).sum() == 1
    assert np.isnan(evened[20, 30])
    near = slice(20 - SIDE // 2, 21 + SIDE // 2), slice(30 - SIDE // 2, 31 + SIDE // 2)
    np.testing.assert_array_equal(evened[near], noisy[near])
    assert np.nanstd(evened[:, :20]) < np.nanstd(noisy[:, :20]) / 3
