"""Small pictures that stand for gigabytes or minutes, shapes and EXIF at the edge of what there is."""

from __future__ import annotations

import io
import resource
import struct
import subprocess
import sys
import time
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, features

from depth_demo.formats.photos import load_photo
from depth_demo.formats.truth import load_ground_truth
from depth_demo.geometry import StereoPair
from tests.fuzz.decoders import (
    DECODERS,
    GENEROUS_HANG_S,
    MAX_ALLOCATION,
    answer,
    npy,
    npz,
    picture,
    png,
    refusal,
    written,
)

SIDE = 7050  # 49.7 megapixels
IDAT = b"IDAT"
only_linux = pytest.mark.skipif(
    not Path("/proc/self/status").is_file(), reason="peak memory is told under /proc on Linux only"
)

# Reads each file given with the reader given; how much memory that took at its peak [bytes], beyond what there was before.
MEASURE = """
import re, sys
from pathlib import Path
from depth_demo.formats.photos import load_photo
from depth_demo.formats.truth import load_ground_truth

readers = {read.__name__: read for read in (load_photo, load_ground_truth)}

def peak():
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

before = peak()
for reader, path in zip(sys.argv[1::2], sys.argv[2::2]):
    readers[reader](path)
    print(peak() - before, flush=True)
"""


def rows(bits_per_pixel: int, side: int = SIDE, value: bytes = b"\1") -> tuple[bytes, bytes]:
    """The compressed pixels of a square PNG."""
    packer = zlib.compressobj(1)
    row = b"\0" + value * -(-side * bits_per_pixel // 8)
    return IDAT, b"".join(packer.compress(row) for _ in range(side)) + packer.flush()


@only_linux
def test_pictures_just_under_the_limit_stay_under_a_gigabyte(tmp_path: Path) -> None:
    """Of the kinds that took the most: alpha, 16 bits, colours, numbers of 64 bits, a canvas with a small frame."""
    cases = [
        (load_photo, png(SIDE, SIDE, rows(32), depth=8, colour=6)),
        (load_ground_truth, png(SIDE, SIDE, rows(16), depth=16)),
        (load_ground_truth, png(SIDE, SIDE, rows(24, value=b"\2"), depth=8, colour=2)),
        (load_ground_truth, npz(("a.npy", npy(np.full((SIDE, SIDE), 2.0))))),
        *([(load_photo, canvas_webp(SIDE))] if features.check("webp") else []),
    ]
    command = [sys.executable, "-c", MEASURE]
    for number, (read, content) in enumerate(cases):
        assert len(content) < 3_000_000
        command += [read.__name__, str(written(tmp_path, content, f"{number}.bin"))]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=len(cases) * GENEROUS_HANG_S)
    peaks = [int(line) for line in run.stdout.split()]
    assert len(peaks) == len(cases)
    assert max(peaks) < MAX_ALLOCATION


def canvas_webp(side: int) -> bytes:
    """A frame of 40x40 pixels somewhere on a large canvas."""
    frame = picture("WEBP", "RGBA", (40, 40), lossless=True)[12:]
    size = struct.pack("<I", side - 1)[:3] * 2
    small = struct.pack("<I", 39)[:3] * 2
    canvas = b"VP8X" + struct.pack("<I", 10) + b"\x12\0\0\0" + size + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    body = b"WEBP" + canvas + b"ANMF" + struct.pack("<I", 16 + len(frame)) + bytes(6) + small + bytes(4) + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


TEXT, NO_DATA = (b"tEXt", b"a\0b"), (IDAT, b"")


@pytest.mark.parametrize(
    ("read", "make", "said"),
    [
        pytest.param(load_photo, lambda: png(40, 40, *[TEXT] * 400_000, rows(1, 40)), "too many parts", id="texts"),
        pytest.param(
            load_ground_truth, lambda: png(40, 40, *[NO_DATA] * 400_000, rows(1, 40)), "too many parts", id="empty-data"
        ),
        pytest.param(
            load_photo, lambda: png(40, 40, (b"iCCP", b"a\0\0" + rows(8)[1]), rows(1, 40)), "too large", id="profile"
        ),
        pytest.param(
            load_ground_truth,
            lambda: png(40, 40, *[(b"zTXt", b"a\0\0" + rows(8)[1])] * 3, rows(1, 40)),
            "too large",
            id="packed-texts",
        ),
        pytest.param(load_photo, lambda: png(2**31 - 1, 2**31 - 1), "more than the 50 megapixels", id="2-gigapixels-squared"),
    ],
)
def test_png_bombs(tmp_path: Path, read: Callable[[Path], object], make: Callable[[], bytes], said: str) -> None:
    """They are made when the test runs: every one of pytest's workers reads this list."""
    assert said in refusal(read, written(tmp_path, make()))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xff\xd8" + b"\xff\xfe\0\2" * 2_000_000, id="jpeg-comments"),
        pytest.param(b"GIF89a\x28\0\x28\0\0\0\0\x21\xfe" + b"\1a" * 4_000_000, id="gif-comment"),
        pytest.param(b"GIF89a\x28\0\x28\0\0\0\0" + b"\x21\xfe\0" * 3_000_000, id="gif-extensions"),
        pytest.param(b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0\0\0\x08free" * 1_000_000, id="jpeg-2000-boxes"),
        pytest.param(picture("GIF", "L", (40, 40))[:-2] + b"\1a" * 4_000_000, id="gif-data"),
    ],
)
def test_parts_without_end(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = time.monotonic()
        answer(DECODERS["photo"], content, path)
        assert time.monotonic() - start < GENEROUS_HANG_S


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def scans_jpeg(side: int, count: int) -> bytes:
    """Progressive, and every scan says of all blocks, 32,767 at a time, that nothing changes."""
    blocks, bits = (-(-side // 8)) ** 2, ""
    while blocks > 0:
        bits += "0" + format(max(min(blocks, 32767) - 16384, 0), "014b")
        blocks -= 32767
    data = int(bits.ljust(-(-len(bits) // 8) * 8, "1"), 2).to_bytes(-(-len(bits) // 8), "big").replace(b"\xff", b"\xff\0")
    size = struct.pack(">BHHB", 8, side, side, 1) + b"\1\x11\0"
    tables = segment(0xDB, b"\0" + b"\1" * 64) + segment(0xC2, size) + segment(0xC4, b"\x10\1" + bytes(15) + b"\xe0")
    return b"\xff\xd8" + tables + (segment(0xDA, b"\1\1\0\1\x3f\0") + data) * count + b"\xff\xd9"


def test_a_jpeg_of_thousands_of_scans(tmp_path: Path) -> None:
    content = scans_jpeg(SIDE, 5000)  # 30 s without a bound
    assert (
        refusal(load_photo, written(tmp_path, content))
        == "The JPEG file consists of more than 100 scans; save the image anew."
    )


def test_a_film_behind_a_jpeg_is_not_taken_for_scans(tmp_path: Path) -> None:
    content = picture("JPEG", "RGB", (40, 40), progressive=True) + b"\xff\xda\0\2" * 1000
    assert load_photo(written(tmp_path, content)).pixels.shape == (40, 40, 3)


def test_an_animation_of_half_a_million_frames(tmp_path: Path) -> None:
    frame = b"\x2c" + struct.pack("<4HB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    content = picture("GIF", "L", (40, 40))[:-1] + frame * 500_000 + b"\x3b"
    assert refusal(load_photo, written(tmp_path, content)) == "The file is an animation; give a single image."


def test_a_tiff_of_very_many_pages(tmp_path: Path) -> None:
    page = bytearray(picture("TIFF", "L", (40, 40)))
    directory = struct.unpack_from("<I", page, 4)[0]
    link = directory + 2 + 12 * struct.unpack_from("<H", page, directory)[0]
    struct.pack_into("<I", page, link, len(page))
    for _ in range(100_000):
        page += struct.pack("<HHHIII", 1, 256, 3, 1, 40, len(page) + 18)
    assert refusal(load_photo, written(tmp_path, bytes(page))) == "The file is an animation; give a single image."


@only_linux
@pytest.mark.skipif(not features.check("jpg_2000"), reason="this build of Pillow has no JPEG 2000")
@pytest.mark.parametrize("length", [struct.pack(">I4s", 2**32 - 1, b"jp2h"), struct.pack(">I4sQ", 1, b"jp2h", 2**62)])
def test_a_jpeg_2000_box_that_promises_more_than_there_is(tmp_path: Path, length: bytes) -> None:
    content = b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0\0\0\x14ftypjp2 \0\0\0\0jp2 " + length
    before = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MAX_ALLOCATION, before[1]))
    try:
        refusal(load_photo, written(tmp_path, content))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize("form", ["P5", "P6", "P2", "P3"])
def test_a_pnm_with_an_odd_maximum_is_read_at_once(tmp_path: Path, form: str) -> None:
    """Pillow takes a microsecond and more for every value."""
    values = np.full(9_000_000 if form in {"P5", "P6"} else 4_500_000, 9, np.uint8)
    raster = values.tobytes() if form in {"P5", "P6"} else b"9 " * len(values)
    width = len(values) // 1500 // (3 if form in {"P3", "P6"} else 1)
    path = written(tmp_path, f"{form} {width} 1500 63\n".encode() + raster)
    start = time.monotonic()
    assert load_photo(path).pixels.shape == (1500, width, 3)
    assert load_ground_truth(path).depth_map.values.max() == 9
    assert time.monotonic() - start < GENEROUS_HANG_S


@pytest.mark.parametrize(("width", "height"), [(100_000, 1), (1, 100_000)])
def test_lines_of_pixels(tmp_path: Path, width: int, height: int) -> None:
    stream = io.BytesIO()
    Image.fromarray(np.ones((height, width), np.uint8)).save(stream, "PNG")
    pgm = f"P5 {width} {height} 255\n".encode() + b"\1" * 100_000
    for content in (stream.getvalue(), pgm):
        path = written(tmp_path, content)
        assert refusal(load_photo, path) == f"The image is {width}x{height} pixels; up to 100:1 in shape is accepted."
        truth = load_ground_truth(path).depth_map
        assert truth.shape == (height, width)
        view = np.zeros((40, 40, 3), np.uint8)
        with pytest.raises(
            ValueError, match=rf"must have the size of the left image, 40x40 pixels, but it is {width}x{height}\."
        ):
            StereoPair(view, view, ground_truth=truth)


SHORT, LONG, RATIONAL, DOUBLE, ASCII = (3, "H"), (4, "I"), (5, "II"), (12, "d"), (2, "4s")


def exif_jpeg(focal: tuple[tuple[int, str], Any], orientation: int = 1) -> bytes:
    """EXIF with one focal length (35 mm) of any TIFF type."""
    (kind, form), values = focal
    value = struct.pack(f">{form}", *values)
    head = b"MM\0*" + struct.pack(">IH", 8, 2) + struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    head += struct.pack(">HHII", 0x8769, 4, 1, 38) + struct.pack(">I", 0)
    inline = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack(">I", 38 + 18)
    head += struct.pack(">HHHI", 1, 0xA405, kind, len(value) if kind == 2 else 1) + inline + struct.pack(">I", 0) + value
    jpeg = picture("JPEG", "RGB", (40, 36))
    return jpeg[:2] + segment(0xE1, b"Exif\0\0" + head) + jpeg[2:]


@pytest.mark.filterwarnings("ignore")  # of broken EXIF
@pytest.mark.parametrize(
    ("focal", "orientation", "expected"),
    [
        pytest.param((SHORT, (28,)), 1, 28, id="as-it-should-be"),
        pytest.param((SHORT, (0,)), 99, None, id="zero"),
        pytest.param((LONG, (2**32 - 1,)), 0, None, id="4-million-metres"),
        pytest.param((RATIONAL, (0, 0)), 65535, None, id="0/0"),
        pytest.param((RATIONAL, (1, 0)), 1, None, id="1/0"),
        pytest.param((DOUBLE, (float("nan"),)), 99, None, id="nan"),
        pytest.param((DOUBLE, (float("inf"),)), 0, None, id="infinity"),
        pytest.param((DOUBLE, (1e308,)), 65535, None, id="1e308"),
        pytest.param((DOUBLE, (-1e308,)), 1, None, id="-1e308"),
        pytest.param((DOUBLE, (5e-324,)), 99, None, id="smallest"),
        pytest.param((ASCII, (b"28mm",)), 0, None, id="text"),
    ],
)
def test_any_focal_length_in_exif(
    tmp_path: Path, focal: tuple[tuple[int, str], Any], orientation: int, expected: float | None
) -> None:
    photo = load_photo(written(tmp_path, exif_jpeg(focal, orientation)))
    assert photo.pixels.shape == (36, 40, 3)
    if expected is None:
        assert photo.focal_length_px is None
    else:
        assert photo.focal_length_px == pytest.approx(expected * np.hypot(40, 36) / np.hypot(36, 24))
