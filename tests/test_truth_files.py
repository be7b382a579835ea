"""Ground truth read from real files: every form it comes in, and every way in which a file can be wrong."""

from __future__ import annotations

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from depth_demo.files import GroundTruthFile, TruthKind, load_ground_truth, load_photo
from depth_demo.geometry import DepthKind
from tests.fuzz.decoders import png
from tests.handmade_files import DEPTH, DISPARITY, NAN, Values, encoded, noise, refusal

STORED = [[0, 50, 211], [4, 1, 100]]
QUARTERS = [[NAN, 12.5, 52.75], [1, 0.25, 25]]  # STORED / 4


def pfm(values: Values, order: str = "<", scale: str = "1", line: bytes = b"\n") -> bytes:
    """A grey portable float map: rows from the bottom up, a negative scale for little endian."""
    rows = np.asarray(values, np.float32)
    sign = "-" if order == "<" else ""
    lines = (b"Pf", f"{rows.shape[1]} {rows.shape[0]}".encode(), (sign + scale).encode(), b"")
    return line.join(lines) + rows[::-1].astype(f"{order}f4").tobytes()


def npy(array: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npy_with_header(header: str, data: bytes = b"") -> bytes:
    padded = header.ljust(-(-(len(header) + 11) // 64) * 64 - 11).encode("latin1") + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded + data


def npz(**members: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **members)  # type: ignore[arg-type]
    return stream.getvalue()


def archive(name: str, content: bytes, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as members:
        members.writestr(name, content)
    return stream.getvalue()


def truth_of(folder: Path, content: bytes, name: str = "truth.bin", **options: Any) -> GroundTruthFile:
    path = folder / name
    path.write_bytes(content)
    return load_ground_truth(path, **options)


def assert_holds(truth: GroundTruthFile, values: Values, kind: DepthKind = DISPARITY) -> None:
    np.testing.assert_allclose(truth.depth_map.values, np.asarray(values, np.float64), rtol=1e-6)
    assert truth.depth_map.kind is kind


@pytest.mark.parametrize("form", ["PNG", "PPM", "BMP", "TIFF"])
def test_8_bit_truth_with_its_scale(tmp_path: Path, form: str) -> None:
    truth = truth_of(tmp_path, encoded(np.array(STORED, np.uint8), format=form), scale=4)
    assert_holds(truth, QUARTERS)
    assert "8-bit" in truth.description
    assert "disparity = value / 4 px, with 0, NaN and infinity unknown" in truth.description
    assert "83.3 % of the pixels have truth, from 0.25 to 52.75 px." in truth.description  # 5 of 6


def test_8_bit_truth_without_a_scale_is_in_whole_pixels(tmp_path: Path) -> None:
    truth = truth_of(tmp_path, encoded(np.array(STORED, np.uint8), format="PNG"))
    assert_holds(truth, [[NAN, 50, 211], [4, 1, 100]])
    assert "disparity = value px, with 0, NaN and infinity unknown" in truth.description


@pytest.mark.parametrize("form", ["PNG", "PPM", "TIFF"])
def test_16_bit_truth_is_kittis(tmp_path: Path, form: str) -> None:
    content = encoded(np.array([[0, 256, 384], [1, 65535, 25600]], np.uint16), format=form)
    truth = truth_of(tmp_path, content)
    assert_holds(truth, [[NAN, 1, 1.5], [1 / 256, 65535 / 256, 100]])
    assert "16-bit" in truth.description
    assert "value / 256 px" in truth.description
    assert_holds(truth_of(tmp_path, content, scale=100), [[NAN, 2.56, 3.84], [0.01, 655.35, 256]])


@pytest.mark.parametrize(
    ("content", "scale"),
    [
        pytest.param(b"P5\n3 2\n63\n\x00\x05\x3f\x01\x02\x20", 1, id="8-bit-raw"),
        pytest.param(b"P2\n# a comment\n3 2\n63\n0 5 63\n1 2 32\n", 1, id="8-bit-plain"),
        pytest.param(b"P5\n3 2\n1023\n" + struct.pack(">6H", 0, 5, 63, 1, 2, 32), 1, id="16-bit-raw"),
        pytest.param(b"P2 3 2 1023 0 5 63 1 2 32", 1, id="16-bit-plain"),
    ],
)
def test_a_pgm_keeps_its_numbers_whatever_maximum_it_declares(tmp_path: Path, content: bytes, scale: float) -> None:
    assert_holds(truth_of(tmp_path, content, "a.pgm", scale=scale), [[NAN, 5, 63], [1, 2, 32]])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"P2 2 1 9 4 300", "a number from 0 to 9 for every pixel", id="above-the-maximum"),
        pytest.param(b"P2 2 1 9 4", "a number from 0 to 9 for every pixel", id="one-short"),
        pytest.param(b"P2 2 1 9 4 -1", "a number from 0 to 9 for every pixel", id="negative"),
        pytest.param(b"P1 2 1 1 7", "a number from 0 to 1 for every pixel", id="no-bit"),
        pytest.param(b"P5 2 2 255 abc", "is cut short, 3 of 4 bytes are there", id="cut-raw"),
        pytest.param(b"P5 2 2 0 abcd", "its largest value is 0, not 1 to 65535", id="no-values"),
        pytest.param(b"P5 2 2 65536 abcd", "its largest value is 65536, not 1 to 65535", id="too-many-bits"),
        pytest.param(b"P5 99999 99999 255 abcd", "up to 50 megapixels are accepted", id="gigapixels"),
        pytest.param(b"P2 2 2 255 " + b" " * 10_000_000, "in text of more than 10 MB", id="long-text"),
    ],
)
def test_pgm_refusals(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.pgm"
    path.write_bytes(content)
    assert said in refusal(load_ground_truth, path)


@pytest.mark.parametrize(
    "content", [b"P1\n# bits\n40 40\n" + b"01" * 800, b"P4 40 40\n" + b"\x55" * 200], ids=["plain", "raw"]
)
def test_a_bitmap_is_black_where_it_has_ones(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.pbm"
    path.write_bytes(content)
    pixels = load_photo(path).pixels
    assert pixels.shape == (40, 40, 3)
    assert (pixels[:, 0::2] == 255).all()
    assert (pixels[:, 1::2] == 0).all()


def test_a_pixmap_of_any_maximum_is_stretched_to_8_bits(tmp_path: Path) -> None:
    stored = np.arange(40 * 40 * 3).reshape(40, 40, 3) % 64
    path = tmp_path / "a.ppm"
    path.write_bytes(b"P6 40 40 63\n" + stored.astype(np.uint8).tobytes())
    np.testing.assert_array_equal(load_photo(path).pixels, np.rint(stored * 255 / 63).astype(np.uint8))


def test_every_number_of_a_pgm_survives(tmp_path: Path) -> None:
    for maximum in (1, 2, 100, 254, 256, 4095, 65534):
        stored = np.arange(maximum + 1)
        raw = stored.astype(np.uint8 if maximum < 256 else ">u2").tobytes()
        truth = truth_of(tmp_path, f"P5 {maximum + 1} 1 {maximum}\n".encode() + raw, scale=1)
        np.testing.assert_array_equal(truth.depth_map.values[0, 1:], stored[1:])


@pytest.mark.parametrize("order", ["<", ">"])
def test_pfm_of_either_byte_order_is_read_from_the_bottom_up(tmp_path: Path, order: str) -> None:
    content = pfm([[1, 2, 3], [4, 5, math.inf]], order)
    first = struct.unpack_from(f"{order}f", content, len(content) - 24)
    assert first == (4.0,)  # the lower row comes first in the file
    truth = truth_of(tmp_path, content, "disp0.pfm")
    assert_holds(truth, [[1, 2, 3], [4, 5, NAN]])
    assert truth.description.startswith("PFM, ")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(pfm([[1, 2], [3, 4]], scale="0.003922"), id="middlebury-scale"),
        pytest.param(pfm([[1, 2], [3, 4]], line=b"\r\n"), id="windows-lines"),
        pytest.param(b"Pf \n2 2 \n-1.0\n" + struct.pack("<4f", 3, 4, 1, 2), id="sceneflow-blanks"),
        pytest.param(b"Pf 2 2 1e+00 " + struct.pack(">4f", 3, 4, 1, 2), id="one-line"),
        pytest.param(pfm([[1, 2], [3, 4]]) + b"more", id="more-bytes"),
    ],
)
def test_pfm_as_programs_write_it(tmp_path: Path, content: bytes) -> None:
    assert_holds(truth_of(tmp_path, content), [[1, 2], [3, 4]])


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", ">f8", "i2", "u1", "i8", "u4"])
def test_npy_of_any_real_type(tmp_path: Path, dtype: str, order: str) -> None:
    array = np.asarray([[0, 7, 2], [3, 4, 100]], dtype)
    content = npy(np.asfortranarray(array) if order == "F" else array)
    assert (b"'fortran_order': True" in content) == (order == "F")
    truth = truth_of(tmp_path, content)
    assert_holds(truth, [[NAN, 7, 2], [3, 4, 100]])
    assert truth.description.startswith(f"NPY ({np.dtype(dtype)}), ")


def test_npy_of_16_bits_is_kittis(tmp_path: Path) -> None:
    assert_holds(truth_of(tmp_path, npy(np.array([[0, 256], [640, 1]], np.uint16))), [[NAN, 1], [2.5, 1 / 256]])


def test_unknown_is_unknown_in_every_writing(tmp_path: Path) -> None:
    stored = np.array([[NAN, math.inf, -math.inf, 0, -2.5, 1e300, 3]])
    assert_holds(truth_of(tmp_path, npy(stored)), [[NAN] * 4 + [-2.5, NAN, 3]])
    assert_holds(truth_of(tmp_path, npy(stored), kind="depth"), [[NAN] * 6 + [3]], DEPTH)


@pytest.mark.parametrize(
    ("stored", "scale", "expected", "unknown"),
    [
        ([[-1, 7.5, 3]], None, [[NAN, 7.5, 3]], "0, NaN, infinity and -1"),
        ([[-9999, 300, 0]], 3, [[NAN, 100, NAN]], "0, NaN, infinity and -9999"),
        ([[-1, -2, 3]], None, [[-1, -2, 3]], "0, NaN and infinity"),  # cameras that look inwards
        ([[-1.5, 3, 4]], None, [[-1.5, 3, 4]], "0, NaN and infinity"),
        ([[-8, -8, NAN]], None, [[-8, -8, NAN]], "0, NaN and infinity"),
    ],
)
def test_one_negative_number_among_positive_ones_marks_what_is_unknown(
    tmp_path: Path, stored: Values, scale: float | None, expected: Values, unknown: str
) -> None:
    truth = truth_of(tmp_path, npy(np.array(stored)), scale=scale)
    assert_holds(truth, expected)
    assert f"with {unknown} unknown" in truth.description


@pytest.mark.parametrize("ending", [".png", ".tiff"])
@pytest.mark.parametrize("channels", [3, 4])
def test_channels_of_16_bits_are_refused_as_half_of_each_would_be_lost(tmp_path: Path, ending: str, channels: int) -> None:
    content = cv2.imencode(ending, np.full((2, 3, channels), 641, np.uint16))[1].tobytes()
    with pytest.raises(ValueError, match=r"several channels of more than 8 bits.*: save it with one channel\."):
        truth_of(tmp_path, content)


def test_colour_planes_and_jpeg_2000_of_16_bits_are_refused_too(tmp_path: Path) -> None:
    planes = np.full((3, 40, 50), 641, np.uint16)
    tifffile.imwrite(tmp_path / "planes.tiff", planes, planarconfig="separate", photometric="rgb")
    for content in ((tmp_path / "planes.tiff").read_bytes(), cv2.imencode(".jp2", np.moveaxis(planes, 0, 2))[1].tobytes()):
        with pytest.raises(ValueError, match="several channels of more than 8 bits"):
            truth_of(tmp_path, content)


def test_grey_of_16_bits_with_transparency_is_refused_too(tmp_path: Path) -> None:
    rows = b"".join(b"\0" + np.array([[value, 65535] for value in row], ">u2").tobytes() for row in [[256, 641], [1, 0]])
    with pytest.raises(ValueError, match="several channels of more than 8 bits"):
        truth_of(tmp_path, png(2, 2, (b"IDAT", zlib.compress(rows)), depth=16, colour=4))


def test_of_an_npz_the_largest_map_is_taken(tmp_path: Path) -> None:
    disparity = np.arange(1.0, 21).reshape(4, 5)
    content = npz(note=np.array("hello"), shape=np.array([4, 5]), K=np.eye(3), volume=np.ones((9, 9, 9)), disparity=disparity)
    truth = truth_of(tmp_path, content)
    assert_holds(truth, disparity)
    assert "NPZ member 'disparity' (float64)" in truth.description


def test_of_maps_of_one_size_the_first_is_taken(tmp_path: Path) -> None:
    assert "NPZ member 'b'" in truth_of(tmp_path, npz(b=np.ones((2, 3)), a=np.ones((3, 2)))).description


def test_other_files_in_an_npz_are_passed_over(tmp_path: Path) -> None:
    stream = io.BytesIO(npz(disparity=np.full((2, 2), 7.0)))
    with zipfile.ZipFile(stream, "a") as members:
        members.writestr("README.txt", "not an array")
        members.writestr("folder/", "")
    assert_holds(truth_of(tmp_path, stream.getvalue()), [[7, 7], [7, 7]])


def test_npz_without_compression(tmp_path: Path) -> None:
    assert_holds(truth_of(tmp_path, archive("a.npy", npy(np.ones((2, 2))), zipfile.ZIP_STORED)), [[1, 1], [1, 1]])


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_npz_compressed_as_numpy_never_does_is_refused(tmp_path: Path, compression: int) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(archive("a.npy", npy(np.ones((2, 2))), compression))
    assert "compressed in a way that NumPy does not write" in refusal(load_ground_truth, path)


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("disp0.npy", "recognised", DISPARITY),
        ("truth.npy", "recognised", DISPARITY),
        ("gt_depth.npy", "recognised", DEPTH),
        ("depth_anything_disparity.npy", "recognised", DISPARITY),
        ("466_Depth_left.npy", "recognised", DEPTH),
        ("gt_depth.npy", "disparity", DISPARITY),
        ("disp0.npy", "depth", DEPTH),
    ],
)
def test_the_name_or_the_choice_says_what_a_file_holds(
    tmp_path: Path, name: str, kind: TruthKind, expected: DepthKind
) -> None:
    folder = tmp_path / "depth"  # the name of the folder says nothing
    folder.mkdir()
    truth = truth_of(folder, npy(np.full((2, 2), 3.0)), name, kind=kind)
    assert_holds(truth, [[3, 3], [3, 3]], expected)
    assert f"read as {expected.value} = value {expected.unit}" in truth.description


@pytest.mark.parametrize(("member", "expected"), [("depth_map", DEPTH), ("disparity", DISPARITY)])
def test_the_member_of_an_npz_says_what_it_holds(tmp_path: Path, member: str, expected: DepthKind) -> None:
    assert_holds(truth_of(tmp_path, npz(**{member: np.ones((2, 2))})), [[1, 1], [1, 1]], expected)


def test_a_grey_map_in_any_kind_of_picture(tmp_path: Path) -> None:
    grey = Image.fromarray(np.array(STORED, np.uint8))
    palette = grey.copy()
    palette.putpalette([level for level in range(256) for _ in range(3)])
    for image in (grey.convert("RGB"), grey.convert("RGBA"), grey.convert("LA"), palette):
        assert_holds(truth_of(tmp_path, encoded(image, format="PNG"), scale=4), QUARTERS)
    assert_holds(truth_of(tmp_path, encoded(palette, format="PNG", transparency=b"\x00\x80"), scale=4), QUARTERS)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        pytest.param(np.array([[1.5, 0]], np.float32), [[1.5, NAN]], id="float"),
        pytest.param(np.array([[100_000, 0]], np.int32), [[100_000, NAN]], id="32-bit"),
    ],
)
def test_tiff_of_32_bits_keeps_its_numbers(tmp_path: Path, array: NDArray[Any], expected: Values) -> None:
    assert_holds(truth_of(tmp_path, encoded(array, format="TIFF")), expected)


def colour_palette() -> Image.Image:
    image = Image.fromarray(np.array(STORED, np.uint8))
    image.putpalette([channel for level in range(256) for channel in (level, 0, 255 - level)])
    return image


class Touch:
    """Unpickling this creates the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., None], tuple[Path]]:
        return Path.touch, (self.path,)


def test_nothing_is_ever_unpickled(tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    array = np.array([[Touch(trap)]], dtype=object)
    for content in (npy(array), npz(disparity=array)):
        path = tmp_path / "a.bin"
        path.write_bytes(content)
        refusal(load_ground_truth, path)
        assert not trap.exists()
    np.load(io.BytesIO(npy(array)), allow_pickle=True)
    assert trap.exists()  # it was a real trap


def header(shape: str, dtype: str = "<f8") -> str:
    return f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "The file is empty (0 bytes).", id="empty"),
        pytest.param(b"disparity: 12.5\n", "must be PNG or PGM (8 or 16 bits), PFM, NPY or NPZ", id="text"),
        pytest.param(
            npy(np.full((4, 5), np.nan)), "holds no value at all: there is nothing but 0, NaN and infinity", id="nan-only"
        ),
        pytest.param(npy(np.zeros((4, 5))), "holds no value at all", id="all-zero-npy"),
        pytest.param(pfm(np.full((2, 2), math.inf)), "holds no value at all", id="all-infinite"),
        pytest.param(encoded(np.zeros((4, 5), np.uint8), format="PNG"), "holds no value at all", id="all-zero-png"),
        pytest.param(encoded(noise(4, 5, 3), format="PNG"), "is a colour picture", id="colour-png"),
        pytest.param(encoded(colour_palette(), format="PNG"), "is a colour picture", id="colour-palette"),
        pytest.param(encoded(noise(40, 50, 3), format="JPEG"), "is a colour picture", id="colour-jpeg"),
        pytest.param(encoded(noise(64, 64), format="PNG")[:2000], "The ground truth is damaged", id="cut-png"),
        pytest.param(pfm([[1, 2]]).replace(b"Pf", b"PF", 1), "is in colour ('PF')", id="colour-pfm"),
        pytest.param(pfm([[1, 2], [3, 4]])[:-1], "cut short: 2x2 pixels need 16 bytes", id="cut-pfm"),
        pytest.param(b"Pf\n-2 2\n-1\n" + bytes(16), "header cannot be read", id="negative-pfm"),
        pytest.param(b"Pf\n2 2\n", "header cannot be read", id="headless-pfm"),
        pytest.param(b"Pf\n0 2\n-1\n" + bytes(16), "The map is 0x2", id="pfm-without-pixels"),
        pytest.param(b"Pf\n999999 999999\n-1\n", "up to 50 megapixels are accepted", id="terabytes-of-pfm"),
        pytest.param(npy(np.ones((4, 5)))[:-1], "cut short: 159 of 160 bytes are there", id="cut-npy"),
        pytest.param(npy(np.ones((4, 5)))[:40], "NPY header cannot be read", id="npy-cut-in-the-header"),
        pytest.param(npy(np.ones((2, 3, 4))), "has shape (2, 3, 4) and type float64", id="three-dimensions"),
        pytest.param(npy(np.ones(5)), "has shape (5,) and type float64", id="one-dimension"),
        pytest.param(npy(np.ones((2, 2), complex)), "type complex128; a map is (H, W) of real numbers", id="complex"),
        pytest.param(npy(np.ones((2, 2), bool)), "type bool", id="booleans"),
        pytest.param(npy(np.ones((2, 2), "U3")), "type str96", id="strings"),
        pytest.param(npy(np.ones((2, 2), [("d", "f4")])), "a map is (H, W) of real numbers", id="records"),
        pytest.param(npy(np.array([[None]])), "type object", id="pickled-objects"),
        pytest.param(npy(np.ones((0, 5))), "The map is 5x0", id="no-rows"),
        pytest.param(npy_with_header(header("(-4, 5)"), bytes(64)), "The map is 5x-4", id="negative-npy"),
        pytest.param(b"\x93NUMPY\x09\x00" + bytes(100), "NPY header cannot be read", id="npy-of-the-future"),
    ],
)
def test_truth_refusals(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "truth.bin"
    path.write_bytes(content)
    assert said in refusal(load_ground_truth, path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(header("(1000000, 1000000)"), "up to 50 megapixels are accepted", id="terabytes"),
        pytest.param(header("(6000, 6000)"), "cut short: 6000x6000 values of float64 need 288000000 bytes", id="megabytes"),
        pytest.param(header("(2.0, 5)"), "NPY header cannot be read", id="float-shape"),
        pytest.param(header("(2, 2)", "rubbish"), "NPY header cannot be read", id="unknown-type"),
        pytest.param("{'descr': '<f8'}", "NPY header cannot be read", id="missing-keys"),
        pytest.param("(" * 5000, "NPY header cannot be read", id="brackets"),
        pytest.param("{'descr': " + "[" * 3000 + "]" * 3000, "NPY header cannot be read", id="nested"),
        pytest.param("__import__('os').abort()", "NPY header cannot be read", id="code"),
        pytest.param("\x00\xff", "NPY header cannot be read", id="binary"),
    ],
)
@pytest.mark.parametrize("wrap", [bytes, lambda content: archive("a.npy", content)], ids=["npy", "npz"])
def test_npy_headers_are_not_believed(tmp_path: Path, wrap: Callable[[bytes], bytes], text: str, said: str) -> None:
    path = tmp_path / "truth.bin"
    path.write_bytes(wrap(npy_with_header(text, bytes(64))))
    assert said in refusal(load_ground_truth, path)


WHOLE_NPZ = npz(disparity=noise(60, 60).astype(float))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(npz(), "holds no two-dimensional array of real numbers", id="empty"),
        pytest.param(archive("a.txt", b"hello"), "holds no two-dimensional array of real numbers", id="no-array"),
        pytest.param(npz(a=np.ones(5), b=np.array("x")), "holds no two-dimensional array", id="no-map"),
        pytest.param(npz(a=np.array([[{}]])), "holds no two-dimensional array", id="pickled-objects"),
        pytest.param(WHOLE_NPZ[: len(WHOLE_NPZ) // 2], "NPZ archive cannot be read", id="cut"),
        pytest.param(WHOLE_NPZ[:1000] + bytes(64) + WHOLE_NPZ[1064:], "NPZ archive cannot be read", id="overwritten"),
        pytest.param(b"PK\x03\x04" + bytes(100), "NPZ archive cannot be read", id="zeros"),
        pytest.param(archive("ä.npy", npy(np.ones((2, 2)))).replace(b"\xc3\xa4", b"\xff\xff"), "NPZ", id="broken-name"),
    ],
)
def test_npz_refusals(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "truth.npz"
    path.write_bytes(content)
    assert said in refusal(load_ground_truth, path)


@pytest.mark.parametrize("scale", [0.0, -4.0, NAN, math.inf])
def test_the_scale_is_larger_than_zero(tmp_path: Path, scale: float) -> None:
    with pytest.raises(ValueError, match=f"^The scale of the ground truth must be larger than 0, not {scale:g}\\.$"):
        truth_of(tmp_path, npy(np.ones((2, 2))), scale=scale)


@pytest.mark.parametrize("scale", [1e-50, 1e-44, 1e50])
def test_a_scale_that_leaves_no_number_is_refused(tmp_path: Path, scale: float) -> None:
    with pytest.raises(ValueError, match="holds no value at all"):
        truth_of(tmp_path, npy(np.ones((2, 2))), scale=scale)


def test_no_truth_chosen_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match=r"^No ground truth yet: choose a file first \(PNG or PGM"):
        load_ground_truth(None)
