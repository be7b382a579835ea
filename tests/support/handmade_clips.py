"""Small clips, written by the libraries that the app brings, and changed by hand where these write no such thing."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.support.handmade_pairs import box

QUARTER_TURN = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)  # clockwise
CODECS = {".mp4": "mp4v", ".mov": "mp4v", ".webm": "VP80", ".mkv": "VP80", ".avi": "MJPG"}


def sweep(count: int = 12, width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """(count, height, width, 3) RGB: red on the left and blue on the right, green growing from frame to frame."""
    frames = np.zeros((count, height, width, 3), np.uint8)
    frames[:, :, : width // 2, 0] = frames[:, :, width // 2 :, 2] = 200
    frames[..., 1] = np.linspace(0, 200, count).round()[:, np.newaxis, np.newaxis]
    return frames


def write_clip(path: Path, frames: NDArray[np.uint8], fps: float = 10, codec: str | None = None) -> Path:
    height, width = frames.shape[1:3]
    writer = cv2.VideoWriter(
        str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*(codec or CODECS[path.suffix])), fps, (width, height)
    )
    assert writer.isOpened()
    for frame in frames:
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def gif(frames: Iterable[NDArray[np.uint8]], duration_ms: int | list[int] = 100, **options: Any) -> bytes:
    """An animation that repeats for ever."""
    stream, (first, *others) = io.BytesIO(), [Image.fromarray(frame) for frame in frames]
    first.save(stream, "GIF", save_all=True, append_images=others, duration=duration_ms, loop=0, **options)
    return stream.getvalue()


def turned(content: bytes) -> bytes:
    """An MP4 whose header says that it was filmed with the camera on its side."""
    matrix = content.index(b"tkhd") + 44
    return content[:matrix] + QUARTER_TURN + content[matrix + len(QUARTER_TURN) :]


def sound_only() -> bytes:
    """The boxes of an MP4 with a track of sound and no sample."""
    handler = box(b"hdlr", bytes(8) + b"soun" + bytes(13))
    media = box(b"mdia", box(b"mdhd", bytes(12) + struct.pack(">II", 44100, 0) + bytes(4)) + handler)
    return box(b"ftyp", b"isom\0\0\2\0isom") + box(b"moov", box(b"mvhd", bytes(100)) + box(b"trak", media))
