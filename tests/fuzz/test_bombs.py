"""Small files that stand for gigabytes or minutes, names that are attacks, and numbers at the edge of what there is."""

from __future__ import annotations

import io
import pickle
import resource
import struct
import subprocess
import sys
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image, features

from depth_demo.calibration_files import load_calibration
from depth_demo.files import TruthKind, load_ground_truth, load_photo
from depth_demo.geometry import StereoPair
from depth_demo.uploads import existing_file
from tests.fuzz.decoders import (
    DECODERS,
    MAX_ALLOCATION,
    answer,
    check_sentence,
    npy,
    npy_with_header,
    npz,
    picture,
    png,
)

HANG_S = 20  # what takes minutes without its bound; on any machine
SIDE = 7050  # 49.7 megapixels
IDAT = b"IDAT"
only_linux = pytest.mark.skipif(
    not Path("/proc/self/status").is_file(), reason="peak memory is told under /proc on Linux only"
)

# Reads each file given with the reader given; how much memory that took at its peak [bytes], beyond what there was before.
MEASURE = """
import re, sys
from pathlib import Path
from depth_demo import files

def peak():
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

before = peak()
for reader, path in zip(sys.argv[1::2], sys.argv[2::2]):
    getattr(files, reader)(path)
    print(peak() - before, flush=True)
"""


def refusal(read: Callable[[Path], object], path: Path) -> str:
    start = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError) as caught:
            read(path)
    assert time.monotonic() - start < HANG_S
    check_sentence(str(caught.value), path)
    return str(caught.value)


def written(folder: Path, content: bytes, name: str = "upload.bin") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def rows(bits_per_pixel: int, side: int = SIDE, value: bytes = b"\1") -> tuple[bytes, bytes]:
    """The compressed pixels of a square PNG."""
    packer = zlib.compressobj(1)
    row = b"\0" + value * -(-side * bits_per_pixel // 8)
    return IDAT, b"".join(packer.compress(row) for _ in range(side)) + packer.flush()


# ---- pictures --------------------------------------------------------------------------------------------------------


@only_linux
def test_pictures_just_under_the_limit_stay_under_a_gigabyte(tmp_path: Path) -> None:
    """Of the kinds that took the most: alpha, 16 bits, numbers of 64 bits, a canvas with a small frame."""
    cases = [
        (load_photo, png(SIDE, SIDE, rows(32), depth=8, colour=6)),
        (load_ground_truth, png(SIDE, SIDE, rows(16), depth=16)),
        (load_ground_truth, npz(("a.npy", npy(np.ones((SIDE, SIDE)))))),
        *([(load_photo, canvas_webp(SIDE))] if features.check("webp") else []),
    ]
    command = [sys.executable, "-c", MEASURE]
    for number, (read, content) in enumerate(cases):
        assert len(content) < 3_000_000
        command += [read.__name__, str(written(tmp_path, content, f"{number}.bin"))]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=len(cases) * HANG_S)
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


@pytest.mark.parametrize("read", [load_photo, load_ground_truth])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(png(40, 40, *[(b"tEXt", b"a\0b")] * 400_000, rows(1, 40)), "too many parts", id="texts"),
        pytest.param(png(40, 40, *[(IDAT, b"")] * 400_000, rows(1, 40)), "too many parts", id="empty-data"),
        pytest.param(png(40, 40, (b"iCCP", b"a\0\0" + rows(8)[1]), rows(1, 40)), "too large", id="profile"),
        pytest.param(png(40, 40, *[(b"zTXt", b"a\0\0" + rows(8)[1])] * 3, rows(1, 40)), "too large", id="packed-texts"),
        pytest.param(png(2**31 - 1, 2**31 - 1), "more than the 50 megapixels", id="2-gigapixels-squared"),
    ],
)
def test_png_bombs(tmp_path: Path, read: Callable[[Path], object], content: bytes, said: str) -> None:
    assert said in refusal(read, written(tmp_path, content))


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
        assert time.monotonic() - start < HANG_S


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
    assert time.monotonic() - start < HANG_S


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
    ("focal", "expected"),
    [
        pytest.param((SHORT, (28,)), 28, id="as-it-should-be"),
        pytest.param((SHORT, (0,)), None, id="zero"),
        pytest.param((LONG, (2**32 - 1,)), None, id="4-million-metres"),
        pytest.param((RATIONAL, (0, 0)), None, id="0/0"),
        pytest.param((RATIONAL, (1, 0)), None, id="1/0"),
        pytest.param((DOUBLE, (float("nan"),)), None, id="nan"),
        pytest.param((DOUBLE, (float("inf"),)), None, id="infinity"),
        pytest.param((DOUBLE, (1e308,)), None, id="1e308"),
        pytest.param((DOUBLE, (-1e308,)), None, id="-1e308"),
        pytest.param((DOUBLE, (5e-324,)), None, id="smallest"),
        pytest.param((ASCII, (b"28mm",)), None, id="text"),
    ],
)
@pytest.mark.parametrize("orientation", [1, 99, 0, 65535])
def test_any_focal_length_in_exif(
    tmp_path: Path, focal: tuple[tuple[int, str], Any], expected: float | None, orientation: int
) -> None:
    photo = load_photo(written(tmp_path, exif_jpeg(focal, orientation)))
    assert photo.pixels.shape == (36, 40, 3)
    if expected is None:
        assert photo.focal_length_px is None
    else:
        assert photo.focal_length_px == pytest.approx(expected * np.hypot(40, 36) / np.hypot(36, 24))


# ---- arrays ----------------------------------------------------------------------------------------------------------


class Touch:
    """Unpickling this creates the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., None], tuple[Path]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("wrap", [bytes, lambda content: npz(("a.npy", content))], ids=["npy", "npz"])
def test_pickles_stay_closed(tmp_path: Path, wrap: Callable[[bytes], bytes]) -> None:
    trap = tmp_path / "sprung"
    payload = pickle.dumps(Touch(trap))
    honest = npy(np.array([[Touch(trap)]], dtype=object))
    headers = [("|O", "(1, 1)"), ("<f8", "(1, 1)"), ("|O", "()"), ("|V8", "(2, 2)")]
    forged = [
        npy_with_header(f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}", payload)
        for descr, shape in headers
    ]
    for content in (honest, payload, *forged):
        answer(DECODERS["npz"], wrap(content), tmp_path / "upload.bin")
        assert not trap.exists()
    pickle.loads(payload)
    assert trap.exists()  # it was a real trap


def header(shape: str, descr: str = "<f8") -> str:
    return f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"


def promising(shape: str) -> bytes:
    """An archive of an array without data."""
    return npz(("a.npy", npy_with_header(header(shape))))


HUGE_HEADER = b"\x93NUMPY\x02\0" + struct.pack("<I", 2**32 - 1)


def packed_zeros(member: str, beginning: bytes, length: int = 2**29) -> bytes:
    """Half a gigabyte in half a megabyte."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(member, "w", force_zip64=True) as file:
        file.write(beginning)
        for _ in range(length // 2**24):
            file.write(bytes(2**24))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(packed_zeros("a.npy", npy_with_header(header("(9, 9)"))), "holds no value at all", id="more-data"),
        pytest.param(packed_zeros("a.txt", b""), "holds no two-dimensional array", id="text-of-zeros"),
        pytest.param(packed_zeros("a.npy", HUGE_HEADER), "NPY header cannot be read", id="header"),
        pytest.param(promising("(10**9, 10**9)"), "NPY header cannot be read", id="arithmetic"),
        pytest.param(promising("(1000000000, 1000000000)"), "up to 50 megapixels", id="exabytes"),
        pytest.param(promising("(7000, 7000)"), "cut short", id="promises"),
        pytest.param(promising(f"(0x{'f' * 5000}, 2)"), "cannot be read", id="6000-digits"),
        pytest.param(npz(("a.npz", npz(("b.npz", npz())))), "holds no two-dimensional array", id="nested"),
        pytest.param(npz(*((f"{number}.npy", b"") for number in range(20_000))), "too many members", id="20,000-members"),
    ],
)
def test_archives_that_stand_for_more(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in refusal(load_ground_truth, written(tmp_path, content))


@pytest.mark.parametrize(
    ("offset", "value"),
    [
        (8, b"\1\0"),
        (10, b"\x63\0"),
        (10, b"\x0e\0"),
        (24, b"\xff\xff\xff\xff"),
        (20, b"\xff\xff\xff\x7f"),
        (42, b"\xff\xff\xff\x7f"),
    ],
    ids=["encrypted", "method-99", "lzma-that-is-none", "4-gigabytes", "2-packed", "elsewhere"],
)
def test_directories_that_lie(tmp_path: Path, offset: int, value: bytes) -> None:
    content = bytearray(npz())
    place = content.rfind(b"PK\x01\x02") + offset
    content[place : place + len(value)] = value
    answer(DECODERS["npz"], bytes(content), tmp_path / "upload.bin")


@pytest.mark.parametrize("scale", [float("nan"), float("inf"), -float("inf"), 0.0, -1.0, 1e-40, 1e40, 1e-320, 1.8e308])
def test_scales(tmp_path: Path, scale: float) -> None:
    path = written(tmp_path, npy())
    assert refusal(lambda path: load_ground_truth(path, scale=scale), path).startswith("The ")


@pytest.mark.parametrize("kind", ["", "DEPTH", "<script>", "recognised\n", None])
def test_kinds_are_the_three_there_are(tmp_path: Path, kind: str | None) -> None:
    said = refusal(lambda path: load_ground_truth(path, cast(TruthKind, kind)), written(tmp_path, npy()))
    assert said.startswith("Ground truth is recognised or disparity or depth, not '")


# ---- calibration -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"P2: " + b"9" * 900_000 + b"\nP3: " + b"1" * 90_000, id="digits"),
        pytest.param(b"P2: " + b"1." * 450_000 + b"\nP3: 1", id="points"),
        pytest.param(b"cam0=" + b"1e" * 450_000 + b"\nbaseline=1", id="exponents"),
        pytest.param(b"cam0=" + b"+-" * 450_000 + b"\nbaseline=1", id="signs"),
        pytest.param(b"cam0=[" + b"1e" + b"9" * 900_000 + b" 0 0 0 0 0 0 0 1]\nbaseline=1", id="an-exponent"),
        pytest.param(b"P2:\n" * 250_000, id="P2-lines"),
        pytest.param(b"P2:" * 333_000 + b"\nP3: 1", id="P2-on-one-line"),
        pytest.param(b"P2: 1\nP3: " + b" " * 900_000, id="blanks"),
        pytest.param(b"\n" * 999_000, id="empty-lines"),
        pytest.param(b"{" * 999_000, id="braces"),
        pytest.param(b'{"fx":' + b"[" * 500_000 + b"]" * 400_000 + b"}", id="deep"),
        pytest.param(b'{"fx":' + b"[" * 900 + b"]" * 900 + b', "baseline": 1}', id="deep-but-valid"),
        pytest.param(b'{"fx":[' + b"1," * 400_000 + b'1], "baseline": 1}', id="long-list"),
        pytest.param(b'{"fx":' + b"9" * 900_000 + b', "baseline": 1}', id="integer"),
        pytest.param(b'{"fx":"' + b"<b>" * 300_000 + b'", "baseline": 1}', id="markup"),
        pytest.param(b"cam0=<img src=x onerror=alert(1)>\nbaseline=1\x1b[31m\x07", id="markup-and-bells"),
        pytest.param(bytes(999_000), id="zeros"),
        pytest.param(b"\xff\xfe" + "cam0=[1]".encode("utf-16-le"), id="utf-16"),
        pytest.param(b"0" * 2_000_000, id="2-megabytes"),
    ],
)
def test_calibrations_of_a_megabyte(tmp_path: Path, content: bytes) -> None:
    said = refusal(load_calibration, written(tmp_path, content))
    assert not set("<>\\").intersection(said)


NUMBERS = ["nan", "NaN", "inf", "-inf", "Infinity", "-Infinity", "1e999", "-1e999", "1e-999", "9" * 400]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("place", range(5))
def test_no_field_takes_what_is_no_number(tmp_path: Path, number: str, place: int) -> None:
    """In the focal length, the baseline, doffs and KITTI's other columns; 1e-999 is 0, which doffs may be."""
    fields = ["700", "0.5", "1", "600", "-300"]
    fields[place] = number
    focal, baseline, doffs, centre, shift = fields
    for name, text in {
        "JSON": f'{{"fx": {focal}, "baseline_m": {baseline}, "doffs": {doffs}}}',
        "Middlebury": f"cam0=[{focal} 0 1; 0 {focal} 1; 0 0 1]\nbaseline={baseline}\ndoffs={doffs}",
        "KITTI": f"P2: {focal} 0 {centre} 0 0 1 1 0 0 0 1 0\nP3: {focal} 0 610 {shift} 0 1 1 0 0 0 1 0",
    }.items():
        path = written(tmp_path, text.encode())
        said = answer(DECODERS["calibration_text"], text.encode(), path)
        if not said:
            camera = load_calibration(path)
            assert np.isfinite([camera.focal_length_px, camera.baseline_m, camera.doffs_px]).all(), name
            assert camera.focal_length_px > 0
            assert camera.baseline_m > 0


# ---- names -----------------------------------------------------------------------------------------------------------

NAMES = [
    "a\nb.png",
    "a\r\x0b\x0c\x85\u2028b.png",
    "\x1b[31mred\x07.png",
    "\u202egnp.exe",
    'it\'s "so".png',
    "<img src=x onerror=alert(1)>.png",
    "[a](javascript:alert(1)).png",
    "{0.__class__}%s%n.png",
    "~" * 255,
    "\udcff\udc80.png",
    "..",
]


@pytest.mark.parametrize("read", [load_photo, load_ground_truth, load_calibration])
@pytest.mark.parametrize("name", NAMES)
def test_names_are_told_without_harm(tmp_path: Path, read: Callable[[Path], object], name: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    said = refusal(read, folder / name)
    assert "is not there any more" in said
    assert not set("<>&`").intersection(said)
    if name != "..":
        try:
            path = written(folder, b"no picture", name)
        except OSError:  # a file system may refuse such names; then nobody can hand them in
            return
        refusal(read, path)


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "../" * 2000, ""])
def test_names_that_cannot_be(name: str) -> None:
    for read in (load_photo, load_ground_truth, load_calibration):
        with pytest.raises(ValueError, match="is not there any more"):
            read(name)


def test_what_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone", Path("/dev/null")):
        for read in (load_photo, load_ground_truth, load_calibration, existing_file):
            assert "is not there any more" in refusal(read, path)
