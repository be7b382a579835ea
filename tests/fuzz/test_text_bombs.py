"""Calibrations of a megabyte, numbers that are none, and names that are attacks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest

from depth_demo.formats.cameras import load_calibration
from depth_demo.formats.photos import load_photo
from depth_demo.formats.truth import load_ground_truth
from depth_demo.formats.untrusted import existing_file
from tests.fuzz.decoders import (
    DECODERS,
    answer,
    refusal,
    written,
)


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
        pytest.param(b"a: " + b"{b: " * 200_000 + b"}" * 199_000, id="deep-braces"),
        pytest.param(b"a: " + b"[" * 500_000 + b"]" * 490_000, id="deep-brackets"),
        pytest.param(b"".join(b" " * i + b"a:\n" for i in range(1400)), id="deep-blocks"),
        pytest.param(b"- " * 490_000, id="dashes"),
        pytest.param(b"P2: 1\nP3: " + b"9" * 900_000 + b"x", id="digits-and-a-letter"),
        pytest.param(b"<a>" * 330_000, id="deep-elements"),
        pytest.param(b"<a>" + b"<b/>" * 240_000 + b"</a>", id="elements"),
        pytest.param(bytes(999_000), id="zeros"),
        pytest.param(b"\xff\xfe" + "cam0=[1]".encode("utf-16-le"), id="utf-16"),
        pytest.param(b"0" * 2_000_000, id="2-megabytes"),
    ],
)
def test_calibrations_of_a_megabyte(tmp_path: Path, content: bytes) -> None:
    said = refusal(load_calibration, written(tmp_path, content))
    assert not set("<>\\").intersection(said)


NUMBERS = ["nan", "NaN", "inf", "-inf", "Infinity", "-Infinity", "1e999", "-1e999", "1e-999", "9" * 400]


@pytest.mark.parametrize(("number", "place"), list(zip(NUMBERS, cycle(range(5)), strict=False)))
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


@pytest.mark.parametrize(
    ("name", "read"), list(zip(NAMES, cycle([load_photo, load_ground_truth, load_calibration]), strict=False))
)
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
