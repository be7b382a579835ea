"""Ground truth that cannot be read: every way in which a file can be wrong."""

from __future__ import annotations

import math
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from depth_demo.formats.truth import load_ground_truth
from tests.fuzz.decoders import png
from tests.support.handmade_files import NAN, archive, dpt, encoded, noise, npy, npy_with_header, npz, pfm, refusal, truth_of


def colour_palette() -> Image.Image:
    image = Image.fromarray(noise(2, 3))
    image.putpalette([channel for level in range(256) for channel in (level, 0, 255 - level)])
    return image


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


@pytest.mark.parametrize(("ending", "channels"), [(".png", 4), (".tiff", 4)])
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


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_npz_compressed_as_numpy_never_does_is_refused(tmp_path: Path, compression: int) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(archive("a.npy", npy(np.ones((2, 2))), compression))
    assert "compressed in a way that NumPy does not write" in refusal(load_ground_truth, path)


def archived(content: bytes) -> bytes:
    return archive("a.npy", content)


def header(shape: str, dtype: str = "<f8") -> str:
    return f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "The file is empty (0 bytes).", id="empty"),
        pytest.param(
            b"disparity: 12.5\n",
            "must be PNG or PGM (8 or 16 bits), TIFF, text, PFM, NPY, NPZ, COLMAP's .bin, HDF5, OpenEXR or DPT",
            id="text",
        ),
        pytest.param(
            npy(np.full((4, 5), np.nan)), "holds no value at all: there is nothing but 0, NaN and infinity", id="nan-only"
        ),
        pytest.param(npy(np.zeros((4, 5))), "holds no value at all", id="all-zero-npy"),
        pytest.param(dpt([[1, 2]])[:-1], "The DPT file is cut short: 2x1 pixels need 8 bytes", id="cut-dpt"),
        pytest.param(dpt([[1, 2]])[:8], "The map is 2x0", id="dpt-header-only"),
        pytest.param(pfm(np.full((2, 2), math.inf)), "holds no value at all", id="all-infinite"),
        pytest.param(encoded(np.zeros((4, 5), np.uint8), format="PNG"), "holds no value at all", id="all-zero-png"),
        pytest.param(encoded(noise(4, 5, 3), format="PNG"), "is a colour picture", id="colour-png"),
        pytest.param(encoded(colour_palette(), format="PNG"), "is a colour picture", id="colour-palette"),
        pytest.param(encoded(noise(40, 50, 3), format="JPEG"), "is a colour picture", id="colour-jpeg"),
        pytest.param(encoded(noise(64, 64), format="PNG")[:2000], "The ground truth is damaged", id="cut-png"),
        pytest.param(pfm([[1, 2, 3]]).replace(b"Pf\n3", b"PF\n1", 1), "is in colour ('PF')", id="colour-pfm"),
        pytest.param(b"PF\n2 2\n-1\n" + bytes(16), "cut short: 2x2 pixels need 48 bytes", id="cut-colour-pfm"),
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
    ("wrap", "text", "said"),
    [
        pytest.param(bytes, header("(1000000, 1000000)"), "up to 50 megapixels are accepted", id="terabytes"),
        pytest.param(
            archived, header("(6000, 6000)"), "cut short: 6000x6000 values of float64 need 288000000 bytes", id="megabytes"
        ),
        pytest.param(bytes, header("(2.0, 5)"), "NPY header cannot be read", id="float-shape"),
        pytest.param(archived, header("(2, 2)", "rubbish"), "NPY header cannot be read", id="unknown-type"),
        pytest.param(bytes, "{'descr': '<f8'}", "NPY header cannot be read", id="missing-keys"),
        pytest.param(archived, "(" * 5000, "NPY header cannot be read", id="brackets"),
        pytest.param(bytes, "{'descr': " + "[" * 3000 + "]" * 3000, "NPY header cannot be read", id="nested"),
        pytest.param(archived, "__import__('os').abort()", "NPY header cannot be read", id="code"),
        pytest.param(bytes, "\x00\xff", "NPY header cannot be read", id="binary"),
    ],
)
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
        pytest.param(npz(depths=np.ones((4, 30, 40))), "'depths' has shape (4, 30, 40): save the map of one", id="frames"),
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


@pytest.mark.parametrize(("bands", "kind"), [(2, np.uint8), (2, np.uint16), (2, np.int32), (3, np.uint16), (2, np.float32)])
def test_a_tiff_of_several_bands_is_told_so(tmp_path: Path, bands: int, kind: type[np.generic]) -> None:
    path = tmp_path / "map.tif"
    stored = np.ones((8, 8, bands)).astype(kind)
    tifffile.imwrite(path, stored, photometric="minisblack", planarconfig="contig", metadata=None)
    with pytest.raises(ValueError, match=f"The TIFF has {bands} bands of numbers; a map has one. Save the band"):
        load_ground_truth(path)


@pytest.mark.parametrize("scale", [0.0, NAN, math.inf, -math.inf])
def test_the_scale_is_a_number_other_than_zero(tmp_path: Path, scale: float) -> None:
    with pytest.raises(ValueError, match=f"^The scale of the ground truth must be a number other than 0, not {scale:g}\\.$"):
        truth_of(tmp_path, npy(np.ones((2, 2))), scale=scale)


@pytest.mark.parametrize("scale", [1e-320, 1e-44, 1e50])
def test_a_scale_that_leaves_no_number_is_refused(tmp_path: Path, scale: float) -> None:
    with pytest.raises(ValueError, match="holds no value at all"):
        truth_of(tmp_path, npy(np.ones((2, 2))), scale=scale)


def test_no_truth_chosen_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match=r"^No ground truth yet: choose a file first \(PNG or PGM"):
        load_ground_truth(None)


def test_a_tiff_whose_places_are_fractions_is_damaged(tmp_path: Path) -> None:
    """Of a broken file, the places of the numbers may be stored as numbers with a fraction."""
    path = tmp_path / "map.tif"
    tifffile.imwrite(path, np.ones((8, 8)), metadata=None)
    as_long, as_float = (struct.pack("<HHI", 273, kind, 1) for kind in (4, 11))  # the places of the strips
    assert path.read_bytes().count(as_long) == 1
    path.write_bytes(path.read_bytes().replace(as_long, as_float))
    with pytest.raises(ValueError, match="tells no whole numbers for where its pixels lie"):
        load_ground_truth(path)
