"""Depth of clips, and flicker by construction: what stands still, what moves along, and what jumps by a known amount."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.comparison.clips import ClipDepth, estimate_frames, flicker, joined
from depth_demo.formats.clips import Clip
from depth_demo.geometry import DepthKind, DepthMap, RgbImage

HEIGHT, WIDTH, COUNT = 96, 128, 6
PIXELS_A_STEP = 3


def moving(count: int = COUNT, step: int = PIXELS_A_STEP) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A window that moves over a soft texture, and over a map with a range of 1 that belongs to it."""
    width = WIDTH + step * count
    noise = np.random.default_rng(0).integers(0, 256, (HEIGHT, width, 3), np.uint8)
    texture = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 0, 255, cv2.NORM_MINMAX)
    depth = np.tile(np.linspace(0, 1, width, dtype=np.float32), (HEIGHT, 1))
    places = [slice(step * number, step * number + WIDTH) for number in range(count)]
    return np.stack([texture[:, at] for at in places]), np.stack([depth[:, at] for at in places])


def clip_of(frames: NDArray[np.uint8]) -> Clip:
    return Clip(frames, np.arange(len(frames)) / 10, 10.0)


def brightness(image: RgbImage) -> DepthMap:
    return DepthMap(image.mean(axis=2, dtype=np.float32), DepthKind.RELATIVE_INVERSE_DEPTH)


def test_a_still_map_of_a_still_picture_does_not_flicker() -> None:
    frames, maps = moving(step=0)
    measured = flicker(frames, maps, 1.0)
    assert measured.steps == (0.0,) * (COUNT - 1)
    assert measured.judged > 95


def test_a_map_that_moves_with_its_picture_does_not_flicker_and_one_that_stays_behind_does() -> None:
    frames, maps = moving()
    slope = 100 * PIXELS_A_STEP / (WIDTH + PIXELS_A_STEP * COUNT - 1)  # percent of the range that a step moves
    assert flicker(frames, maps, 1.0).percent < 0.05 * slope
    still = np.repeat(maps[:1], COUNT, axis=0)
    assert flicker(frames, still, 1.0).percent == pytest.approx(slope, rel=0.05)


def test_a_constant_map_of_a_moving_picture_does_not_flicker() -> None:
    frames, maps = moving()
    assert flicker(frames, np.ones_like(maps), 1.0).percent == 0


@pytest.mark.parametrize("jump", [0.02, 0.3])
def test_offsets_in_turn_flicker_by_their_size_and_a_fit_of_each_step_removes_them(jump: float) -> None:
    frames, maps = moving(step=0)
    maps[1::2] += np.float32(jump)
    measured = flicker(frames, maps, 2.0)
    assert measured.percent == pytest.approx(100 * jump / 2, rel=1e-4)
    assert measured.fitted_percent < 1e-3


def test_a_scale_that_changes_flickers_and_a_fit_removes_it_in_spite_of_some_outliers() -> None:
    frames, maps = moving(step=0)
    maps[1::2] = 1.2 * maps[1::2] + 0.1
    maps[1, :10, :10] = 50
    measured = flicker(frames, maps, 1.0)
    assert measured.percent > 10
    assert measured.fitted_percent < 0.01


def test_the_largest_jump_is_told_by_its_frame() -> None:
    frames, maps = moving(step=0)
    maps[4:] += 0.5
    measured = flicker(frames, maps, 1.0)
    assert measured.worst == 3
    assert measured.steps[3] == pytest.approx(50)
    assert measured.percent == pytest.approx(10)


def test_holes_do_not_count_and_where_nothing_is_left_there_is_no_figure() -> None:
    frames, maps = moving(step=0)
    maps[:, :, :64] = np.nan
    maps[1::2] += 0.1
    measured = flicker(frames, maps, 1.0)
    assert measured.percent == pytest.approx(10, rel=1e-4)
    assert measured.judged < 51
    maps[2] = np.nan
    assert [math.isnan(step) for step in flicker(frames, maps, 1.0).steps] == [False, True, True, False, False]
    empty = flicker(frames, np.full_like(maps, np.nan), 1.0)
    assert math.isnan(empty.percent)
    with pytest.raises(ValueError, match="No step of this clip could be judged"):
        _ = empty.worst


def test_what_comes_into_the_picture_is_not_judged() -> None:
    frames, maps = moving(step=12)
    seen = flicker(frames, maps, 1.0)
    assert 70 < seen.judged < 100 * (1 - 8 / WIDTH)
    assert seen.percent < 0.5


def test_the_smallest_clip_is_measured() -> None:
    frames = np.zeros((2, 32, 32, 3), np.uint8)
    assert flicker(frames, np.ones((2, 32, 32), np.float32), 1.0).percent == 0


@pytest.mark.parametrize("span", [0.0, -1.0, math.nan, math.inf])
def test_a_range_that_is_none(span: float) -> None:
    frames, maps = moving(2)
    with pytest.raises(ValueError, match="range of a clip is larger than 0"):
        flicker(frames, maps, span)


def test_a_model_of_stills_sees_frame_by_frame_and_its_maps_stay_as_they_are() -> None:
    clip = clip_of(moving()[0])
    depth = joined(clip, list(estimate_frames(clip, brightness)))
    np.testing.assert_array_equal(depth.values, clip.frames.mean(axis=3, dtype=np.float32))
    assert depth.kind is DepthKind.RELATIVE_INVERSE_DEPTH
    assert not depth.has_one_scale
    assert not depth.values.flags.writeable
    assert [depth_map.shape for depth_map in depth.maps] == [(HEIGHT, WIDTH)] * COUNT


def test_whoever_asked_may_stop_between_two_frames() -> None:
    seen: list[RgbImage] = []

    def watched(image: RgbImage) -> DepthMap:
        seen.append(image)
        return brightness(image)

    frames = estimate_frames(clip_of(moving()[0]), watched)
    next(frames)
    next(frames)
    assert len(seen) == 2


def test_metres_have_one_scale_in_all_frames() -> None:
    clip = clip_of(moving()[0])
    maps = [DepthMap(np.ones(clip.frames.shape[1:3], np.float32), DepthKind.METRIC_DEPTH)] * COUNT
    assert joined(clip, maps).has_one_scale


def test_maps_that_do_not_belong_together() -> None:
    clip = clip_of(moving()[0])
    maps = [brightness(frame) for frame in clip.frames]
    with pytest.raises(ValueError, match="of one kind"):
        joined(clip, [*maps[:-1], DepthMap(maps[0].values + 1, DepthKind.METRIC_DEPTH)])
    with pytest.raises(ValueError, match="of the size of its frames"):
        joined(clip, [DepthMap(each.values[1:], each.kind) for each in maps])
    with pytest.raises(ValueError, match="needs maps of that shape"):
        joined(clip, maps[1:])
    with pytest.raises(ValueError, match="infinite somewhere"):
        ClipDepth(clip, np.full(clip.frames.shape[:3], np.inf, np.float32), DepthKind.METRIC_DEPTH, has_one_scale=True)
