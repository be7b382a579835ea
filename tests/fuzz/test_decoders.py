"""Properties of the readers of files: whatever comes in, an answer or a sentence; what was saved comes back."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from depth_demo.formats.cameras import parse_calibration
from depth_demo.formats.truth import load_ground_truth
from depth_demo.geometry import Calibration
from tests.fuzz.decoders import DECODERS, answer, check_sentence, npy, npy_with_header, npz, pfm, png

pytestmark = pytest.mark.filterwarnings("ignore")  # decoders warn of what they pass over
decoders = pytest.mark.parametrize("name", DECODERS)

BEGINNINGS = [
    b"",
    b"Pf\n",
    b"\x93NUMPY\x01\x00",
    b"PK\x03\x04",
    b"\x89PNG\r\n\x1a\n",
    b"P5 2 2 ",
    b"P3 ",
    b"II*\x00",
    b"{",
    b"P2: ",
]
ODD_NUMBERS = st.one_of(
    st.integers(-3, 70).map(str),
    st.sampled_from(
        ["0", "-0", "1e999", "nan", "inf", "-inf", "0x10", "1_0", "", "9" * 40, "1.5", "\u0663", "1e-400", "--1", "+"]
    ),
    st.floats().map(repr),
)


@decoders
@given(beginning=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=400))
def test_any_bytes(upload: Path, name: str, beginning: bytes, rest: bytes) -> None:
    answer(DECODERS[name], beginning + rest, upload)


SEEDS = {name: decoder.seeds() for name, decoder in DECODERS.items()}


@decoders
@given(data=st.data())
def test_valid_files_with_changes(upload: Path, name: str, data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(SEEDS[name])))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(len(content) - 1, 0)))
        content[place : place + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    changed = bytes(content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content)
    answer(DECODERS[name], DECODERS[name].repair(changed) if data.draw(st.booleans()) else changed, upload)


@given(
    parts=st.tuples(st.sampled_from(["Pf", "PF", "Pff", "P5", "P2", "P6"]), ODD_NUMBERS, ODD_NUMBERS, ODD_NUMBERS),
    gap=st.sampled_from(["\n", " ", "\r\n", "\t \n", "\n# a comment\n", ""]),
    rest=st.binary(max_size=64),
)
def test_float_and_gray_map_headers(upload: Path, parts: tuple[str, ...], gap: str, rest: bytes) -> None:
    answer(DECODERS["pfm"], gap.join([*parts, ""]).encode() + rest, upload)


TYPES = st.one_of(
    arrays.scalar_dtypes().map(lambda dtype: repr(dtype.str)),
    arrays.array_dtypes().map(lambda dtype: repr(dtype.descr)),
    st.sampled_from(
        ["'|O'", "'O'", "object", "'<f16'", "'<V99999999999'", "[('a', '|O')]", "('<f8', (2,))", "'f4,f4'", "None"]
    ),
    st.sampled_from(
        ["[('<script>', '<f4')]", "'9999999999f8'", "'<M8[ns]'", "[]", "''", "{'names': ['a'], 'formats': ['f4']}"]
    ),
)
SIDES = st.one_of(
    st.integers(-2, 9).map(str),
    st.sampled_from(["10**9", str(2**63), str(2**64), f"0x{'f' * 5000}", "True", "2.0", "'2'", "3L"]),
)


@given(
    descr=TYPES,
    shape=st.lists(SIDES, max_size=4).map(lambda sides: f"({', '.join(sides)},)" if sides else "()"),
    order=st.sampled_from(["False", "True", "1", "None", "'C'"]),
    more=st.sampled_from(["", "'extra': 1", "__import__('os').abort()", "'shape': (1, 1)"]),
    version=st.sampled_from([1, 2, 3, 9]),
    data=st.binary(max_size=80),
)
@pytest.mark.parametrize("name", ["npy", "npz"])
def test_array_headers(
    upload: Path, name: str, descr: str, shape: str, order: str, more: str, version: int, data: bytes
) -> None:
    header = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, {more}}}"
    content = npy_with_header(header, data, version)
    answer(DECODERS[name], DECODERS[name].repair(content), upload)


NAMES = st.one_of(
    st.sampled_from(
        ["../../depth.npy", "/abs.npy", "C:\\a.npy", "<img src=x onerror=alert(1)>.npy", "a\nb.npy", "x" * 65000, "."]
    ),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20),
)


@given(
    members=st.lists(st.tuples(NAMES, st.sampled_from([npy(), npy()[:90], b"", b"text", npz()])), max_size=4), patch=st.data()
)
def test_archives(upload: Path, members: list[tuple[str, bytes]], patch: st.DataObject) -> None:
    """With a byte changed in the directory, which holds flags, methods, sizes and places."""
    content = bytearray(npz(*members))
    place = content.rfind(b"PK\x01\x02") + patch.draw(st.integers(0, 45))
    content[place] = patch.draw(st.integers(0, 255))
    answer(DECODERS["npz"], bytes(content), upload)


@given(name=NAMES)
def test_the_name_of_a_member_is_only_told(upload: Path, name: str) -> None:
    before = sorted(upload.parent.iterdir())
    upload.write_bytes(npz((name, npy())))
    truth = load_ground_truth(upload)
    assert truth.depth_map.shape == (3, 4)
    check_sentence(truth.description, upload)
    assert not set("<>&/`").intersection(truth.description.split("' (")[0])
    assert sorted({*before, upload}) == sorted(upload.parent.iterdir())


KEYS = st.sampled_from(["cam0", "baseline", "doffs", "P2", "P3", "P_rect_02", "P_rect_03", "<b>", "", "P0", "\x00"])
LINES = st.tuples(KEYS, st.sampled_from([":", "=", "", "::", " = "]), st.lists(ODD_NUMBERS, max_size=13).map(" ".join))


@given(lines=st.lists(LINES, max_size=6), end=st.sampled_from(["\n", "\r\n", "\r", "\x0b", "\u2028"]))
def test_calibration_lines(upload: Path, lines: list[tuple[str, str, str]], end: str) -> None:
    answer(DECODERS["calibration_text"], end.join(map("".join, lines)).encode(), upload)


FIELDS = st.sampled_from(["focal_length_px", "focal_px", "fx", "baseline_m", "baseline", "baseline_mm", "doffs_px", "doffs"])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.just(10**400), st.text(max_size=20)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(fields=st.lists(st.tuples(FIELDS, VALUES), max_size=6))
def test_calibration_objects(upload: Path, fields: list[tuple[str, object]]) -> None:
    text = ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in fields)  # names may come twice
    answer(DECODERS["calibration_json"], f"{{{text}}}".encode(), upload)


@given(
    focal=st.floats(0.001, 1e6),
    baseline=st.floats(1e-6, 1e4),
    doffs=st.floats(-1e4, 1e4),
    style=st.sampled_from(["text", "JSON"]),
)
def test_calibration_comes_back(focal: float, baseline: float, doffs: float, style: str) -> None:
    """Where the unit is plain: of metres in Middlebury's millimetres the smallest and the largest are asked about."""
    if style == "JSON":
        text = json.dumps({"focal_length_px": focal, "baseline_m": baseline, "doffs_px": doffs})
    else:
        text = f"cam0=[{focal!r} 0 1; 0 {focal!r} 1; 0 0 1]\ndoffs={doffs!r}\nbaseline={baseline * 1000!r}\n"
    camera = parse_calibration(text, unit="mm")
    expected = Calibration(focal, baseline, doffs)
    assert camera.focal_length_px == pytest.approx(expected.focal_length_px, abs=1e-6)
    assert camera.baseline_m == pytest.approx(expected.baseline_m, abs=1e-9)
    assert camera.doffs_px == pytest.approx(expected.doffs_px, abs=1e-6)


SIZES = arrays.array_shapes(min_dims=2, max_dims=2, max_side=6)
MAPS = st.one_of(
    arrays.arrays(np.float32, SIZES, elements=st.floats(width=32)),
    arrays.arrays(np.float64, SIZES, elements=st.floats()),
    arrays.arrays(st.sampled_from([np.uint8, np.int16, np.uint32, np.int64]), SIZES),
)


def assert_comes_back(upload: Path, content: bytes, stored: NDArray[Any], scale: float = 1) -> None:
    upload.write_bytes(content)
    with np.errstate(all="ignore"):
        expected = stored.astype(np.float32) / np.float32(scale)
        expected = np.where(np.isfinite(expected) & (expected != 0), expected, np.float32(np.nan))
    below = np.unique(expected[expected < 0])
    if len(below) == 1 and float(below[0]).is_integer() and (expected > 0).any():  # as -1 often is: no number but a mark
        expected[expected < 0] = np.nan
    if np.isnan(expected).all():
        with pytest.raises(ValueError, match="holds no value at all"):
            load_ground_truth(upload)
    else:
        np.testing.assert_array_equal(load_ground_truth(upload).depth_map.values, expected)


@given(stored=MAPS, fortran=st.booleans(), order=st.sampled_from("<>"))
def test_arrays_come_back(upload: Path, stored: NDArray[Any], fortran: bool, order: Literal["<", ">"]) -> None:  # noqa: FBT001
    array = np.asarray(stored.astype(stored.dtype.newbyteorder(order)), order="F" if fortran else "C")
    assert_comes_back(upload, npy(array), stored)
    assert_comes_back(upload, npz(("a.npy", npy(array))), stored)


@given(stored=MAPS, order=st.sampled_from("<>"))
def test_float_maps_come_back(upload: Path, stored: NDArray[Any], order: str) -> None:
    with np.errstate(all="ignore"):
        assert_comes_back(upload, pfm(stored, order), stored)


@given(stored=arrays.arrays(np.uint16, SIZES), plain=st.booleans(), maximum=st.integers(256, 65535))
def test_16_bit_maps_come_back(upload: Path, stored: NDArray[np.uint16], plain: bool, maximum: int) -> None:  # noqa: FBT001
    stored = np.minimum(stored, maximum).astype(np.uint16)
    head = f"P{2 if plain else 5} {stored.shape[1]} {stored.shape[0]} {maximum}\n".encode()
    body = " ".join(map(str, stored.ravel())).encode() if plain else stored.astype(">u2").tobytes()
    assert_comes_back(upload, head + body, stored, scale=256)
    assert_comes_back(upload, picture_of(stored), stored, scale=256)


def picture_of(stored: NDArray[np.uint16]) -> bytes:
    """KITTI's form."""
    rows = b"".join(b"\0" + row.tobytes() for row in stored.astype(">u2"))
    return png(stored.shape[1], stored.shape[0], (b"IDAT", zlib.compress(rows)), depth=16)
