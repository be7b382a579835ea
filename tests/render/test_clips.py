"""A clip as pictures and as a video: one range of colours, and both sides in step."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from depth_demo.comparison.clips import ClipDepth
from depth_demo.formats.clips import Clip, load_clip
from depth_demo.geometry import DepthKind
from depth_demo.render.clips import clip_range, frame_pictures, save_video, side_by_side
from depth_demo.render.maps import colors, lookup_table
from tests.support.handmade_clips import sweep

COUNT, HEIGHT, WIDTH = 4, 48, 65


@pytest.fixture
def depth() -> ClipDepth:
    """Frame n has the value 10 n everywhere, and a hole."""
    frames = sweep(COUNT, WIDTH, HEIGHT)
    values = np.repeat(np.arange(COUNT, dtype=np.float32) * 10, HEIGHT * WIDTH).reshape(COUNT, HEIGHT, WIDTH)
    values[:, :4, :4] = np.nan
    return ClipDepth(Clip(frames, np.array([0, 0.2, 0.4, 0.6]), 5.0), values, DepthKind.RELATIVE_INVERSE_DEPTH, True)  # noqa: FBT003


def test_all_frames_share_one_range(depth: ClipDepth) -> None:
    assert clip_range(depth) == (0.0, 30.0)
    beside = side_by_side(depth, "Viridis", (0.0, 30.0))
    for number, picture in enumerate(beside):
        expected = colors(np.full((1, 1), 10.0 * number, np.float32), (0.0, 30.0), lookup_table("Viridis"))[0, 0]
        np.testing.assert_array_equal(picture[HEIGHT // 2, -3], expected)


def test_a_frame_stands_unchanged_beside_its_map_and_both_sides_are_even(depth: ClipDepth) -> None:
    for frame, picture in zip(depth.clip.frames, side_by_side(depth, "Inferno", (0.0, 30.0)), strict=True):
        np.testing.assert_array_equal(picture[:HEIGHT, :WIDTH], frame)
        assert picture.shape[0] % 2 == picture.shape[1] % 2 == 0


def test_pictures_for_the_screen_come_in_turn_and_maps_alone_have_a_bar(depth: ClipDepth) -> None:
    pictures = frame_pictures(depth, "Inferno", (0.0, 30.0))
    assert len(pictures) == 2 * COUNT
    (frame,), (drawn,) = ({picture.shape for picture in pictures[first::2]} for first in (0, 1))
    assert frame[1] == drawn[1]
    assert frame[0] < drawn[0]
    assert pictures[0][200, 100, 0] > 150  # red, as the frame is on its left


def test_the_video_plays_at_the_speed_of_the_clip_and_this_app_reads_it(depth: ClipDepth, tmp_path: Path) -> None:
    path = save_video(tmp_path, "street_depth", depth, "Inferno", (0.0, 30.0))
    assert path.name == "street_depth.mp4"
    video = load_clip(path)
    assert len(video.frames) == COUNT
    assert video.fps == pytest.approx(5, rel=0.01)
    expected = side_by_side(depth, "Inferno", (0.0, 30.0))
    assert all(cv2.PSNR(*pair) > 22 for pair in zip(video.frames, expected, strict=True))
    assert path.read_bytes()[4:8] == b"ftyp"
    assert b"vp09" in path.read_bytes()
