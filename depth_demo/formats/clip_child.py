"""The process that `clips` starts: FORM FILE RESULT LIMITS. Prints what it took as JSON; ends with 2 after a reason.

It runs by itself (`python -I`), so it imports nothing of this package. What decodes is told where it may look: files of three
containers, no address, and no codec beyond those of cameras, phones and screen recorders.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

MEMORY_BYTES, SECONDS, WRITTEN_BYTES, FILES = 4 * 2**30, 60, 64 * 2**20, 64
# Without the second a playlist of addresses would be a video too.
OPTIONS = "protocol_whitelist;file|format_whitelist;mov,matroska,avi|threads;2"
CODECS = {"h264", "avc1", "hevc", "hvc1", "hev1", "vp80", "vp90", "vp09", "fmp4", "mp4v", "mjpg", "jpeg"}
SPACING_S = 1 / 30  # of the frames to choose from: closer ones are passed over
USUAL_FPS = 25  # of a file that tells no times
QUICK_MS, QUICK_SHOWN_MS = 10, 100  # of GIF: browsers show so short a picture for longer
MAX_SEEN = 2400  # frames: 240 in each second
GIF_WHITE = (255, 255, 255, 255)
SEARCHED = 1_000_000  # bytes at both ends, for what a file holds

Moment = tuple[float | None, Callable[[tuple[int, int]], Any]]


@dataclass
class Source:
    """A video that was opened.

    Attributes:
        size: Width and height [px], upright.
        length_s: By the header [s]; 0 where it is not told.
        moments: Yields the time of each frame [s], None where it is not told, and what decodes it to a width and height: RGB,
            or None where it is damaged.
    """

    size: tuple[int, int]
    length_s: float
    moments: Iterator[Moment]


def limit() -> None:
    """Bound memory, time and files, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN_BYTES, WRITTEN_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def refuse(reason: str) -> NoReturn:
    """End with a reason, which goes on after "The clip"."""
    print(reason)
    sys.exit(2)


def open_video(path: str, limits: dict[str, Any]) -> Source:
    """Open a video through FFmpeg, and judge it by its header."""
    import cv2

    capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
    if not capture.isOpened():
        refuse(why_not(path))
    size = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    check_size(size, limits)
    check_codec(int(capture.get(cv2.CAP_PROP_FOURCC)))
    count, fps = capture.get(cv2.CAP_PROP_FRAME_COUNT), capture.get(cv2.CAP_PROP_FPS)
    length_s = count / fps if 0 < count < 1e9 and 0 < fps < 1e6 else 0.0

    def picture(size: tuple[int, int]) -> Any:  # noqa: ANN401
        taken, pixels = capture.retrieve()
        return shrunk(pixels, size)[..., ::-1] if taken and pixels.ndim == 3 else None

    def moments() -> Iterator[Moment]:
        before = -1.0
        while capture.grab():
            told = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            is_later = before < told < 1e9
            before = told if is_later else before
            yield (told if is_later else None), picture

    return Source(size, length_s, moments())


def why_not(path: str) -> str:
    """Return why a file that looks like a video cannot be opened, by words that it holds."""
    with Path(path).open("rb") as file:
        ends = file.read(SEARCHED)
        file.seek(-min(SEARCHED, file.seek(0, os.SEEK_END)), os.SEEK_END)
        ends += file.read()
    if any(sound in ends and sight not in ends for sound, sight in ((b"soun", b"vide"), (b"auds", b"vids"), (b"A_", b"V_"))):
        return "holds sound and no video"
    if b"av01" in ends or b"V_AV1" in ends:
        return "is coded as AV1, which cannot be decoded here: save it as H.264"
    return "is damaged, cut off, or holds no video that can be decoded here"


def check_size(size: tuple[int, int], limits: dict[str, Any]) -> None:
    """Refuse frames that are too large, too small or too narrow."""
    width, height = size
    if width * height > limits["pixels"]:
        refuse(f"has frames of {width}x{height}, and up to 4K (4096x2304) are accepted: save it smaller")
    small = min(shrunk_size(size, limits["side"])) if min(size) > 0 else 0
    if min(width, height) < limits["least_side"] or small < limits["least_side"]:
        least = limits["least_side"]
        refuse(f"has frames of {width}x{height}, which is too narrow: at {limits['side']} px, both sides need {least} px")


def check_codec(code: int) -> None:
    """Refuse what is coded in another way than videos of cameras, phones and screen recorders."""
    name = code.to_bytes(8, "little", signed=True)[:4].decode("latin1").strip("\0 ").lower()
    if name.startswith("av") and name not in CODECS:
        refuse("is coded as AV1, which cannot be decoded here: save it as H.264")
    if name not in CODECS:
        refuse("is coded in a way that is not accepted here: save it as H.264, HEVC, VP8, VP9, MPEG-4 or Motion JPEG")


def open_gif(path: str, limits: dict[str, Any]) -> Source:
    """Open an animation through Pillow. How long it is shows only at its end."""
    import warnings

    import numpy as np
    from PIL import Image

    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # a bound of our own follows
    try:
        animation = Image.open(path, formats=["GIF"])
    except (OSError, SyntaxError, ValueError):
        refuse("is damaged: its GIF cannot be read")
    check_size(animation.size, limits)
    white = Image.new("RGBA", animation.size, GIF_WHITE)

    def picture(size: tuple[int, int]) -> Any:  # noqa: ANN401
        return shrunk(np.asarray(Image.alpha_composite(white, animation.convert("RGBA")).convert("RGB")), size)

    def moments() -> Iterator[Moment]:
        time_ms, frame = 0.0, 0
        while True:
            try:
                animation.seek(frame)
                animation.load()
            except (EOFError, OSError, SyntaxError, ValueError, IndexError):  # its end, or damage
                return
            yield time_ms / 1000, picture
            shown_ms = animation.info.get("duration", 0)
            time_ms += shown_ms if shown_ms > QUICK_MS else QUICK_SHOWN_MS
            frame += 1

    return Source(animation.size, 0.0, moments())


def shrunk_size(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return width and height with the longer one at most `side`."""
    factor = min(side / max(size), 1.0)
    return round(size[0] * factor), round(size[1] * factor)


def shrunk(pixels: Any, size: tuple[int, int]) -> Any:  # noqa: ANN401
    """Shrink a frame to width and height; one that lies where the others stand is refused."""
    import cv2

    height, width = pixels.shape[:2]
    if (width > height) != (size[0] > size[1]) and width != height and size[0] != size[1]:
        refuse("changes the shape of its frames on the way: save it anew")
    return pixels if (width, height) == size else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def take(source: Source, limits: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Choose frames, evenly by number, from those that are not closer than `SPACING_S`."""
    import numpy as np

    size = shrunk_size(source.size, limits["side"])
    kept: list[Any] = []
    times: list[float] = []
    seen, more, guessed, time_s, first_s = 0, False, False, 0.0, None
    for told, picture in source.moments:
        guessed = guessed or told is None
        now = time_s + 1 / USUAL_FPS if told is None and seen else told or 0.0
        first_s = now if first_s is None else first_s
        if now - first_s >= limits["seconds"] or seen >= MAX_SEEN:
            more = True
            break
        seen, time_s = seen + 1, now
        if times and now - first_s - times[-1] < SPACING_S - 1e-3:
            continue
        pixels = picture(size)
        if pixels is None:
            continue
        kept.append(pixels)
        times.append(now - first_s)
    if len(kept) < limits["least_frames"]:
        refuse(
            "holds no frame that can be decoded" if not kept else "holds a single frame: the tab Photo takes a picture of it"
        )
    chosen = np.unique(np.linspace(0, len(kept) - 1, limits["frames"]).round().astype(int))
    span_s = time_s - (first_s or 0.0)
    fps = (seen - 1) / span_s
    until_s = span_s + 1 / fps
    told_of = {
        "times_s": [times[number] for number in chosen],
        "fps": fps,
        "seen": seen,
        "more": more,
        "length_s": source.length_s,
        "until_s": until_s,
        "cut": not more and source.length_s > until_s + max(0.5, 0.1 * until_s),
        "guessed": guessed,
        "source": source.size,
    }
    return np.stack([kept[number] for number in chosen]), told_of


def main() -> None:
    """Read one file."""
    form, path, result, limits = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
    limit()
    os.environ |= {
        "OPENCV_FFMPEG_CAPTURE_OPTIONS": OPTIONS,
        "OPENCV_FFMPEG_LOGLEVEL": "-8",
        "OPENCV_LOG_LEVEL": "SILENT",
        "OPENBLAS_NUM_THREADS": "1",
    }
    import numpy as np

    frames, told = take((open_gif if form == "gif" else open_video)(path, limits), limits)
    np.save(result, frames)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
