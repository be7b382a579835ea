"""Arrays and archives that stand for more than they are, pickles, scales and kinds."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from depth_demo.formats.truth import TruthKind, load_ground_truth
from tests.fuzz.decoders import (
    DECODERS,
    answer,
    npy,
    npy_with_header,
    npz,
    refusal,
    written,
)


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
    """Half a gigabyte in a few megabytes."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(member, "w", force_zip64=True) as file,
    ):
        file.write(beginning)
        for _ in range(length // 2**24):
            file.write(bytes(2**24))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(
            lambda: packed_zeros("a.npy", npy_with_header(header("(9, 9)"))), "holds no value at all", id="more-data"
        ),
        pytest.param(lambda: packed_zeros("a.txt", b""), "holds no two-dimensional array", id="text-of-zeros"),
        pytest.param(lambda: packed_zeros("a.npy", HUGE_HEADER), "NPY header cannot be read", id="header"),
        pytest.param(lambda: promising("(10**9, 10**9)"), "NPY header cannot be read", id="arithmetic"),
        pytest.param(lambda: promising("(1000000000, 1000000000)"), "up to 50 megapixels", id="exabytes"),
        pytest.param(lambda: promising("(7000, 7000)"), "cut short", id="promises"),
        pytest.param(lambda: promising(f"(0x{'f' * 5000}, 2)"), "cannot be read", id="6000-digits"),
        pytest.param(lambda: npz(("a.npz", npz(("b.npz", npz())))), "holds no two-dimensional array", id="nested"),
        pytest.param(
            lambda: npz(*((f"{number}.npy", b"") for number in range(20_000))), "too many members", id="20,000-members"
        ),
    ],
)
def test_archives_that_stand_for_more(tmp_path: Path, make: Callable[[], bytes], said: str) -> None:
    """They are made when the test runs: every one of pytest's workers reads this list."""
    assert said in refusal(load_ground_truth, written(tmp_path, make()))


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


@pytest.mark.parametrize("kind", ["", "DEPTH", "<script>", "recognised\n", None])
def test_kinds_are_the_four_there_are(tmp_path: Path, kind: str | None) -> None:
    said = refusal(lambda path: load_ground_truth(path, cast(TruthKind, kind)), written(tmp_path, npy()))
    assert said.startswith("What the truth holds must be recognised or disparity or depth or ray distance, not '")
