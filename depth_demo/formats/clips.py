"""Read a clip: at most 32 frames of its first 10 s, decoded in a process with bounds on memory, time and size.

A stranger's video reaches large decoders written in C. They run in a child process, and are told to open no address and only
the containers and codecs that cameras, phones and screen recorders write.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.untrusted import existing_file, harmless

MAX_BYTES = 200_000_000
MAX_FRAMES = 32
MAX_S = 10.0
MAX_SIDE = 512  # px, of a frame that is taken
MAX_SOURCE_PIXELS = 4096 * 2304  # of a frame in the file: 4K
MIN_SIDE = 32  # px, of a frame in the file and of one that is taken
MIN_FRAMES = 2
WITHIN_S = 120.0
CLIP_FORMATS_TEXT = "MP4, MOV, WebM, MKV, AVI or animated GIF"
ENDINGS = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".gif")
CHILD = Path(__file__).with_name("clip_child.py")
_SOUND_BRANDS = (b"M4A ", b"M4B ")
_STILL_BRANDS = (b"heic", b"heix", b"mif1", b"avif", b"avis", b"msf1")
_STILL = (b"\x89PNG", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*", b"\xff\x0a", b"P5", b"P6")
_SOUND = (b"ID3", b"fLaC", b"\xff\xfb", b"\xff\xf3", b"\xff\xf1", b"#!AMR")


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Frames of a video.

    Attributes:
        frames: (T, H, W, 3) uint8 RGB, upright, read-only; T is 2 or more.
        times_s: (T,) float64: when each is shown [s], from 0 for the first frame of the file.
        fps: Frames that the source shows in a second, as its times tell.
        description: What was taken, in sentences.
    """

    frames: NDArray[np.uint8]
    times_s: NDArray[np.float64]
    fps: float
    description: str = ""

    def __post_init__(self) -> None:
        frames, times = np.asarray(self.frames), np.asarray(self.times_s, np.float64)
        if frames.ndim != 4 or frames.shape[3] != 3 or frames.dtype != np.uint8 or len(frames) < MIN_FRAMES:
            raise ValueError(
                f"A clip has at least {MIN_FRAMES} frames of shape (T, H, W, 3) uint8 RGB, not {frames.shape} {frames.dtype}."
            )
        if times.shape != frames.shape[:1] or not (np.diff(times) > 0).all():
            raise ValueError(f"A clip has one time for each of its {len(frames)} frames, each later than the one before.")
        frames, times = frames.view(), times.copy()
        frames.flags.writeable = times.flags.writeable = False
        object.__setattr__(self, "frames", frames)
        object.__setattr__(self, "times_s", times)


def load_clip(path: str | Path | None) -> Clip:
    """Read a clip of `CLIP_FORMATS_TEXT`.

    At most `MAX_FRAMES` frames are taken, evenly spaced, from the first `MAX_S` seconds. They are shrunk to a longest side of
    `MAX_SIDE` px, and turned upright as the file says. Where no times are told, 25 frames a second are assumed and said.

    Raises:
        ValueError: If there is no file, or it is no clip that can be read within the bounds; one sentence.
    """
    if not path:
        raise ValueError("No clip yet: upload a video first.")
    path = existing_file(path)
    size = path.stat().st_size
    if size == 0:
        raise ValueError("This file is empty.")
    if size > MAX_BYTES:
        raise ValueError(f"The clip has {size / 1e6:.0f} MB, and up to {MAX_BYTES / 1e6:.0f} MB are accepted: cut it first.")
    with path.open("rb") as file:
        form = _form_of(file.read(16))
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "frames.npy")
        told = _decode(path, form, written)
        frames = np.load(written, allow_pickle=False)
    return Clip(frames, np.array(told["times_s"], np.float64), float(told["fps"]), _described(told, frames.shape))


def _form_of(head: bytes) -> str:
    """Return "gif", or "video" for what FFmpeg reads, by the first bytes of a file.

    Raises:
        ValueError: If the file is something else.
    """
    if head[:6] in {b"GIF87a", b"GIF89a"}:
        return "gif"
    brand = head[8:12] if head[4:8] == b"ftyp" else b""
    if brand in _STILL_BRANDS or head.startswith(_STILL) or _riff(head) == b"WEBP":
        raise ValueError("This is a picture, not a video: the tab Photo takes it.")
    if brand in _SOUND_BRANDS or head.startswith(_SOUND) or _riff(head) == b"WAVE":
        raise ValueError("This file holds sound and no video.")
    iso = head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}
    if iso or head.startswith(b"\x1aE\xdf\xa3") or _riff(head) == b"AVI ":
        return "video"
    raise ValueError(f"This file is no video that can be read here: it must be {CLIP_FORMATS_TEXT}.")


def _riff(head: bytes) -> bytes:
    return head[8:12] if head[:4] == b"RIFF" else b""


def _decode(path: Path, form: str, written: Path) -> dict[str, Any]:
    """Have the child write frames; return what it tells of them.

    Raises:
        ValueError: If it finds none within its bounds.
    """
    limits = {
        "seconds": MAX_S,
        "frames": MAX_FRAMES,
        "side": MAX_SIDE,
        "pixels": MAX_SOURCE_PIXELS,
        "least_side": MIN_SIDE,
        "least_frames": MIN_FRAMES,
    }
    command = [sys.executable, "-I", str(CHILD), form, str(path.resolve()), str(written), json.dumps(limits)]
    try:
        run = subprocess.run(command, capture_output=True, timeout=WITHIN_S, check=False, cwd=written.parent)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise ValueError("The clip takes too long to decode: save it smaller, or cut it to 10 s.") from error
    said = run.stdout.decode("utf-8", "replace").strip()
    if run.returncode == 2 and said:
        raise ValueError(f"The clip {harmless(said, 200)}.")
    if run.returncode == 0:
        told: dict[str, Any] = json.loads(said.splitlines()[-1])
        return told
    raise ValueError("The clip is damaged, or takes too much memory or time to decode: save it anew, and smaller.")


def _described(told: Mapping[str, Any], shape: tuple[int, ...]) -> str:
    """Say what was taken: "32 of 300 frames, from the first 10 s of 12 s, at 512x288.", and what a person should know."""
    count, height, width = shape[:3]
    seen, length, until = int(told["seen"]), told["length_s"], float(told["until_s"])
    if told["more"]:
        longer = f" of {_seconds(length)}" if length and length > MAX_S else ""
        span = f"from the first {MAX_S:g} s{longer}"
    else:
        span = f"from {_seconds(until)}"
    which = f"{count} of {seen} frames" if seen > count else f"All {count} frames"
    source_width, source_height = told["source"]
    shrunk = f", shrunk from {source_width}x{source_height}" if (source_width, source_height) != (width, height) else ""
    sentences = [f"{which}, {span}, at {width}x{height}{shrunk}."]
    if told["cut"]:
        sentences.append(f"The file ends early: it promises {_seconds(length)}, and can be read for {_seconds(until)}.")
    if told["guessed"]:
        sentences.append("The file tells no times, so 25 frames a second are assumed.")
    return " ".join(sentences)


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 and math.isclose(seconds, round(seconds), abs_tol=0.05) else f"{seconds:.1f} s"
