"""Named encodings: each row against numbers worked out by hand from its documentation, and what does not fit one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.formats.encodings import ENCODINGS
from depth_demo.geometry import DepthKind
from tests.support.handmade_files import DEPTH, DISPARITY, NAN, Values, assert_holds, encoded, npy, truth_of

ROWS: dict[str, tuple[NDArray[Any], dict[str, Any], Values, DepthKind, str]] = {  # stored, options, values, kind, formula
    "raw": (np.array([[0, 641]], np.uint16), {}, [[NAN, 641]], DISPARITY, "value px"),
    "kitti": (np.array([[0, 640]], np.uint16), {}, [[NAN, 2.5]], DISPARITY, "value / 256 px"),
    "middlebury": (np.array([[0, 50]], np.uint8), {"scale": 4}, [[NAN, 12.5]], DISPARITY, "value / 4 px"),
    "cityscapes": (np.array([[0, 1, 641]], np.uint16), {}, [[NAN, 0, 2.5]], DISPARITY, "(value - 1) / 256 px"),
    # Half a kilometre is half of 2^24 - 1: 8388608 = 0 + 256 x 0 + 65536 x 128, so 500.00003 m; white is the far limit.
    "carla": (
        np.array([[[0, 0, 128], [255, 255, 255]]], np.uint8),
        {},
        [[500.00003, NAN]],
        DEPTH,
        "(R + 256 G + 65536 B) / 16777.2 m",
    ),
    # 4 x 1 + 64 / 64 + 128 / 16384
    "sintel": (
        np.array([[[1, 64, 128], [0, 0, 0]]], np.uint8),
        {},
        [[5.0078125, NAN]],
        DISPARITY,
        "(65536 R + 256 G + B) / 16384 px",
    ),
    "synthia": (np.array([[[250, 1, 7], [65535, 0, 0]]], np.uint16), {}, [[2.5, NAN]], DEPTH, "R / 100 m"),
    # 2.5 as float32 is 0x40200000, whose lowest byte is blue.
    "tartanair": (np.array([[[0x20, 0, 0, 0x40]]], np.uint8), {}, [[2.5]], DEPTH, "float32 of BGRA m"),
    "vkitti": (np.array([[250, 65535]], np.uint16), {}, [[2.5, NAN]], DEPTH, "value / 100 m"),
    "millimetres": (np.array([[2500, 65535]], np.uint16), {}, [[2.5, NAN]], DEPTH, "value / 1000 m"),
    "quarter_millimetres": (np.array([[10000, 0]], np.uint16), {}, [[2.5, NAN]], DEPTH, "value / 4000 m"),
    "tum": (np.array([[12500, 0]], np.uint16), {}, [[2.5, NAN]], DEPTH, "value / 5000 m"),
    "tenth_millimetres": (np.array([[25000, 0]], np.uint16), {}, [[2.5, NAN]], DEPTH, "value / 10000 m"),
    # 2500 turned left by three bits is 20000, and 10000 turned left is 80000 - 65536 + 1 = 14465.
    "sunrgbd": (np.array([[20000, 14465]], np.uint16), {}, [[2.5, 10]], DEPTH, "turned value / 1000 m"),
    # 741 = 0x02E5 with its bytes swapped is 0xE502, and 351.3 / (1092.5 - 741) = 0.99943. 2047 = 0x07FF measures nothing.
    "nyu_raw": (
        np.array([[0xE502, 0xFF07, 0]], np.uint16),
        {},
        [[0.99943, NAN, NAN]],
        DEPTH,
        "351.3 / (1092.5 - swapped value) m",
    ),
    # 2.5 as float16 is 0x4100.
    "midair_disparity": (np.array([[0x4100, 0]], np.uint16), {}, [[2.5, NAN]], DISPARITY, "float16 of the bits px"),
    "instereo2k": (np.array([[250, 0]], np.uint16), {}, [[2.5, NAN]], DISPARITY, "value / 100 px"),
    "nerf_supervised": (np.array([[160, 0]], np.uint16), {}, [[2.5, NAN]], DISPARITY, "value / 64 px"),
    "oak": (np.array([[20, 0]], np.uint16), {}, [[2.5, NAN]], DISPARITY, "value / 8 px"),
    # The holes of a search from 5 px are 4 px; those of one from 0 px are -16 / 16, which 16 unsigned bits hold as 65520.
    "opencv": (np.array([[40, 65520, 65520, 0]], np.uint16), {}, [[2.5, NAN, NAN, 0]], DISPARITY, "value / 16 px"),
    "spring": (np.array([[3, 0]], np.uint8), {}, [[3, 0]], DISPARITY, "value px"),
    "airsim": (np.array([[3], [4]], np.uint8), {}, [[4], [3]], DISPARITY, "value px"),
}


def picture(stored: NDArray[Any]) -> bytes:
    """Return a PNG; Pillow writes no colours of 16 bits."""
    if stored.ndim == 3 and stored.dtype == np.uint16:
        return cv2.imencode(".png", stored[..., ::-1])[1].tobytes()
    return encoded(stored, format="PNG")


@pytest.mark.parametrize("name", [name for name, row in ENCODINGS.items() if not row.along_ray])  # a camera is needed
def test_every_encoding_reads_what_its_documentation_says(tmp_path: Path, name: str) -> None:
    stored, options, values, kind, formula = ROWS[name]
    truth = truth_of(tmp_path, picture(stored), encoding=name, **options)
    assert_holds(truth, values, kind)
    assert f"read as {kind.value} = {formula}, with " in truth.description


def test_holes_that_were_cut_to_0_are_unknown(tmp_path: Path) -> None:
    """Programs without negative numbers write 0 for the holes of a search from 0 px."""
    truth = truth_of(tmp_path, npy(np.array([[0, 0, 85, 100]], np.uint16)), encoding="opencv")
    assert_holds(truth, [[NAN, NAN, 5.3125, 6.25]])
    assert "with NaN, infinity and the holes of OpenCV's search unknown" in truth.description


def test_the_holes_of_opencvs_matcher_are_its_lowest_number_whatever_it_is(tmp_path: Path) -> None:
    stored = np.array([[80, 64, 64, 100]], np.int16)  # of a search from 5 px
    assert_holds(truth_of(tmp_path, npy(stored), encoding="opencv"), [[5, NAN, NAN, 6.25]])


@pytest.mark.parametrize(
    ("stored", "options", "said"),
    [
        pytest.param(np.ones((2, 2)), {"encoding": "kiti"}, "must be raw or kitti or .*, not 'kiti'", id="unknown"),
        pytest.param(np.ones((2, 2)), {"encoding": ["raw"]}, r"must be raw or .*, not '\['raw'\]'", id="no-name"),
        pytest.param(np.ones((2, 2)), {"encoding": "kitti"}, "is stored as uint16, but the file holds float64", id="type"),
        pytest.param(np.ones((2, 2)), {"encoding": "middlebury"}, "middlebury needs a scale", id="no-scale"),
        pytest.param(np.ones((2, 2)), {"encoding": "raw", "scale": 4}, "has the scale 1; 4 cannot be used", id="scale"),
        pytest.param(np.ones((2, 2)), {"encoding": "cityscapes", "kind": "depth"}, "does not hold depth", id="kind"),
        pytest.param(
            np.ones((2, 2), np.uint8),
            {"encoding": "carla"},
            "needs the 3 channels of a colour picture; the file has 1",
            id="no-colours",
        ),
    ],
)
def test_what_does_not_fit_an_encoding_is_refused(
    tmp_path: Path, stored: NDArray[Any], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        truth_of(tmp_path, npy(stored), **options)


def test_the_name_of_a_file_still_says_what_an_encoding_leaves_open(tmp_path: Path) -> None:
    stored = npy(np.array([[256]], np.uint16))
    assert_holds(truth_of(tmp_path, stored, "depth.npy", encoding="kitti"), [[1]], DepthKind.METRIC_DEPTH)
    assert_holds(truth_of(tmp_path, stored, "depth.npy", encoding="kitti", kind="disparity"), [[1]])


def test_the_documentation_has_a_row_for_every_encoding() -> None:
    documented = (Path(__file__).parents[2] / "docs/formats.md").read_text()
    for row in ENCODINGS.values():
        assert f"| `{row.name}` | {row.title} |" in documented
