"""Ground truth read from real files: every form it comes in."""

from __future__ import annotations

import io
import math
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from depth_demo.formats.truth import TruthKind
from depth_demo.geometry import DepthKind
from tests.support.handmade_files import (
    DEPTH,
    DISPARITY,
    NAN,
    Values,
    archive,
    assert_holds,
    dpt,
    encoded,
    npy,
    npz,
    pfm,
    truth_of,
)

STORED = [[0, 50, 211], [4, 1, 100]]
QUARTERS = [[NAN, 12.5, 52.75], [1, 0.25, 25]]  # STORED / 4


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


def test_a_dpt_holds_depth_whatever_it_is_called(tmp_path: Path) -> None:
    truth = truth_of(tmp_path, dpt([[1, 2.5], [3, math.inf]]), "frame_0001.bin")
    assert_holds(truth, [[1, 2.5], [3, NAN]], DEPTH)
    assert truth.description.startswith("Sintel DPT, read as depth = value m")


@pytest.mark.parametrize(
    ("dtype", "order"),
    [("f4", "C"), ("f8", "F"), ("f2", "C"), (">f8", "F"), ("i2", "C"), ("u1", "F"), ("i8", "C"), ("u4", "F")],
)
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


def test_of_an_npz_the_largest_map_is_taken(tmp_path: Path) -> None:
    disparity = np.arange(1.0, 21).reshape(4, 5)
    content = npz(note=np.array("hello"), shape=np.array([4, 5]), K=np.eye(3), volume=np.ones((9, 9, 9)), disparity=disparity)
    truth = truth_of(tmp_path, content)
    assert_holds(truth, disparity)
    assert "NPZ member 'disparity' (float64)" in truth.description


def test_of_maps_of_one_size_none_is_taken(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="several maps of one size, 'b' and 'a'"):
        truth_of(tmp_path, npz(b=np.ones((2, 3)), a=np.ones((3, 2))))


@pytest.mark.parametrize("other", ["error", "uncertainty", "std", "flow"])
def test_a_member_of_an_npz_that_is_no_map_by_its_name_is_passed_over(tmp_path: Path, other: str) -> None:
    assert "NPZ member 'result'" in truth_of(tmp_path, npz(**{other: np.ones((2, 3)), "result": np.ones((2, 3))})).description


def test_other_files_in_an_npz_are_passed_over(tmp_path: Path) -> None:
    stream = io.BytesIO(npz(disparity=np.full((2, 2), 7.0)))
    with zipfile.ZipFile(stream, "a") as members:
        members.writestr("README.txt", "not an array")
        members.writestr("folder/", "")
    assert_holds(truth_of(tmp_path, stream.getvalue()), [[7, 7], [7, 7]])


def test_npz_without_compression(tmp_path: Path) -> None:
    assert_holds(truth_of(tmp_path, archive("a.npy", npy(np.ones((2, 2))), zipfile.ZIP_STORED)), [[1, 1], [1, 1]])


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
