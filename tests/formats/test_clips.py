"""Clips: what is taken of them, and one sentence for each that cannot be taken."""

from __future__ import annotations

import itertools
import json
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.formats import clip_child, clips
from depth_demo.formats.clips import CHILD, MAX_FRAMES, Clip, load_clip
from tests.fuzz.decoders import picture, refusal, written
from tests.support.handmade_clips import CODECS, gif, sound_only, sweep, turned, write_clip

LIMITS = {"seconds": 10.0, "frames": 32, "side": 512, "pixels": 1000, "least_side": 32, "least_frames": 2}


@pytest.mark.parametrize("ending", sorted(CODECS))
def test_a_short_clip_comes_whole_in_its_colours_and_with_its_times(tmp_path: Path, ending: str) -> None:
    frames = sweep()
    clip = load_clip(write_clip(tmp_path / f"clip{ending}", frames))
    assert clip.frames.shape == frames.shape
    assert clip.frames.dtype == np.uint8
    assert not clip.frames.flags.writeable
    assert np.abs(clip.frames.astype(int) - frames)[:, :, 8:24].mean() < 6  # away from the edge, which codecs soften
    np.testing.assert_allclose(clip.times_s, np.arange(12) / 10, atol=2e-3)
    assert clip.fps == pytest.approx(10, rel=1e-2)
    assert clip.description == "All 12 frames, from 1.2 s, at 64x48."


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "vp09"), ("a.webm", "VP90"), ("a.avi", "XVID"), ("a.mov", "MJPG")])
def test_other_usual_codecs_are_read_too(tmp_path: Path, name: str, codec: str) -> None:
    assert len(load_clip(write_clip(tmp_path / name, sweep(), codec=codec)).frames) == 12


def test_of_a_long_clip_32_frames_of_the_first_10_s_are_taken_evenly(tmp_path: Path) -> None:
    clip = load_clip(write_clip(tmp_path / "clip.avi", sweep(120)))
    assert clip.description == "32 of 100 frames, from the first 10 s of 12 s, at 64x48."
    assert len(clip.frames) == MAX_FRAMES
    assert clip.times_s[0] == 0
    assert clip.times_s[-1] == pytest.approx(9.9)
    assert set(np.diff(clip.times_s).round(3)) <= {0.3, 0.4}


def test_large_frames_are_shrunk_to_512_px_and_small_ones_stay(tmp_path: Path) -> None:
    clip = load_clip(write_clip(tmp_path / "clip.avi", sweep(3, 1280, 720)))
    assert clip.frames.shape == (3, 288, 512, 3)
    assert clip.description == "All 3 frames, from 0.3 s, at 512x288, shrunk from 1280x720."


def test_a_clip_filmed_on_its_side_is_turned_upright(tmp_path: Path) -> None:
    content = turned(write_clip(tmp_path / "clip.mp4", sweep()).read_bytes())
    clip = load_clip(written(tmp_path, content, "turned.mp4"))
    assert clip.frames.shape == (12, 64, 48, 3)
    top, bottom = clip.frames[0, 8, 24], clip.frames[0, -8, 24]
    assert top[0] > 150 > bottom[0]  # red was on the left
    assert bottom[2] > 150 > top[2]
    assert clip.description.endswith("at 48x64.")


def test_an_animated_gif_keeps_the_time_of_each_picture_and_shows_white_where_it_is_transparent(tmp_path: Path) -> None:
    frames = sweep(4)
    clip = load_clip(written(tmp_path, gif(frames, [100, 300, 50, 70]), "a.gif"))
    np.testing.assert_allclose(clip.times_s, [0, 0.1, 0.4, 0.45])
    np.testing.assert_allclose(clip.frames[:, 24, 8], frames[:, 24, 8], atol=8)
    half = np.full((48, 64), 255, np.uint8)
    half[:, :32] = 0
    seen = load_clip(written(tmp_path, gif([np.dstack((frame, half)) for frame in frames], disposal=2), "b.gif"))
    assert (seen.frames[:, :, :32] == 255).all()
    np.testing.assert_allclose(seen.frames[:, 24, 48], frames[:, 24, 48], atol=8)


def test_an_endless_gif_is_read_for_10_s_and_pictures_without_a_time_count_a_tenth_of_a_second(tmp_path: Path) -> None:
    clip = load_clip(written(tmp_path, gif(sweep(200), 0), "a.gif"))
    assert clip.description == "32 of 100 frames, from the first 10 s, at 64x48."


def test_a_clip_that_ends_early_says_so(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 48, 64, 3), np.uint8)
    whole = write_clip(tmp_path / "whole.avi", noise).read_bytes()
    clip = load_clip(written(tmp_path, whole[: len(whole) // 2], "cut.avi"))
    assert 10 < len(clip.frames) < 25
    assert "The file ends early: it promises 4.0 s, and can be read for " in clip.description


REFUSED: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "empty": (lambda _: b"", "This file is empty"),
    "text": (lambda _: b"This is no video, but a text.", "no video that can be read here: it must be MP4, MOV, WebM"),
    "playlist": (lambda _: b"#EXTM3U\n#EXTINF:1,\nclip.mp4\n", "no video that can be read here"),
    "png": (lambda _: picture("PNG", "RGB"), "a picture, not a video: the tab Photo"),
    "jpeg": (lambda _: picture("JPEG", "RGB"), "a picture, not a video"),
    "webp": (lambda _: picture("WEBP", "RGB"), "a picture, not a video"),
    "heic": (lambda _: b"\0\0\0\x18ftypheic" + bytes(16), "a picture, not a video"),
    "still gif": (lambda _: picture("GIF", size=(64, 48)), "holds a single frame: the tab Photo"),
    "mp3": (lambda _: b"ID3\4" + bytes(60), "sound and no video"),
    "wav": (lambda _: b"RIFF\x24\0\0\0WAVEfmt " + bytes(60), "sound and no video"),
    "mp4 of sound": (lambda _: sound_only(), "The clip holds sound and no video"),
    "no frames": (lambda folder: write_clip(folder / "n.avi", sweep(0)).read_bytes(), "The clip "),
    "one frame": (lambda folder: write_clip(folder / "o.avi", sweep(1)).read_bytes(), "holds a single frame: the tab Photo"),
    "without its end": (
        lambda folder: write_clip(folder / "e.mp4", sweep()).read_bytes()[:600],
        "damaged, cut off, or holds no video that can be decoded here",
    ),
    "first bytes": (lambda _: b"\0\0\0\x18ftypisom", "damaged, cut off, or holds no video"),
    "matroska of zeros": (lambda _: b"\x1aE\xdf\xa3" + bytes(100), "damaged, cut off, or holds no video"),
    "8K": (
        lambda folder: write_clip(folder / "8.avi", sweep(1, 7680, 4320)).read_bytes(),
        "has frames of 7680x4320, and up to 4K (4096x2304) are accepted",
    ),
    "8K gif": (
        lambda _: gif(sweep(2))[:6] + struct.pack("<HH", 7680, 4320) + gif(sweep(2))[10:],
        "has frames of 7680x4320, and up to 4K",
    ),
    "tiny": (lambda _: gif(sweep(3, 20, 20)), "has frames of 20x20, which is too narrow"),
    "narrow": (lambda _: gif(sweep(3, 2000, 40)), "has frames of 2000x40, which is too narrow"),
    "codec of archives": (
        lambda folder: write_clip(folder / "f.mkv", sweep(), codec="FFV1").read_bytes(),
        "coded in a way that is not accepted here: save it as H.264, HEVC",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_clip_gets_one_sentence(tmp_path: Path, what: str) -> None:
    content, sentence = REFUSED[what]
    assert sentence in refusal(load_clip, written(tmp_path, content(tmp_path), "clip.bin"))


def test_no_file_and_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No clip yet"):
        load_clip(None)
    assert "is not there any more" in refusal(load_clip, tmp_path / "gone.mp4")


def test_a_file_of_too_many_bytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "large.mp4").open("wb") as file:
        file.truncate(clips.MAX_BYTES + 1)
    assert "has 200 MB, and up to 200 MB are accepted" in refusal(load_clip, tmp_path / "large.mp4")


def test_a_clip_that_takes_too_long_ends_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips, "WITHIN_S", 0.01)
    assert "takes too long to decode" in refusal(load_clip, write_clip(tmp_path / "a.avi", sweep()))


def test_what_decodes_follows_no_list_of_other_files(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", sweep())
    playlist = written(
        tmp_path, f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.2,\n{clip}\n#EXT-X-ENDLIST\n".encode(), "a.m3u8"
    )
    result = tmp_path / "frames.npy"
    limits = json.dumps(LIMITS | {"pixels": clips.MAX_SOURCE_PIXELS})
    for path, code in ((clip, 0), (playlist, 2)):
        command = [sys.executable, "-I", str(CHILD), "video", str(path), str(result), limits]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert run.returncode == code, run.stdout
    assert "is damaged, cut off, or holds no video" in run.stdout


def source(times: Iterator[float | None], shapes: Iterator[tuple[int, int]] | None = None) -> clip_child.Source:
    shapes = shapes or itertools.repeat((48, 64))

    def frame(shape: tuple[int, int]) -> Callable[[tuple[int, int]], NDArray[np.uint8]]:
        return lambda size: clip_child.shrunk(np.zeros((*shape, 3), np.uint8), size)

    return clip_child.Source((64, 48), 0.0, ((time, frame(shape)) for time, shape in zip(times, shapes, strict=False)))


def taken(of: clip_child.Source) -> dict[str, Any]:
    told: dict[str, Any] = clip_child.take(of, LIMITS)[1]
    return told


def test_a_video_that_never_ends_is_read_for_10_s() -> None:
    told = taken(source(itertools.count(0.0, 0.5)))
    assert told["more"]
    assert told["seen"] == 20


def test_a_video_whose_time_hardly_moves_ends_at_a_number_of_frames() -> None:
    told = taken(source(itertools.count(0.0, 1e-4)))
    assert told["more"]
    assert told["seen"] == clip_child.MAX_SEEN


def test_frames_without_times_count_25_a_second_and_this_is_said() -> None:
    told = taken(source(iter([None] * 50)))
    assert told["guessed"]
    assert told["fps"] == pytest.approx(25)
    assert told["until_s"] == pytest.approx(2)
    assert "25 frames a second are assumed" in clips._described(told, (32, 48, 64, 3))


def test_a_clip_that_changes_its_shape_on_the_way_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    shapes = iter([(48, 64)] * 3 + [(64, 48)] * 3)
    with pytest.raises(SystemExit, match="2"):
        taken(source(itertools.count(0.0, 0.1), shapes))
    assert "changes the shape of its frames" in capsys.readouterr().out


def test_frames_of_a_clip_have_times_that_grow() -> None:
    frames = sweep(3)
    with pytest.raises(ValueError, match="each later than the one before"):
        Clip(frames, np.array([0.0, 0.1, 0.1]), 10)
    with pytest.raises(ValueError, match="at least 2 frames"):
        Clip(frames[:1], np.array([0.0]), 10)
