"""Named encodings: each row against numbers worked out by hand from its documentation, and what does not fit one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.formats.encodings import ENCODINGS
from depth_demo.geometry import DepthKind
from tests.support.handmade_files import DISPARITY, NAN, Values, assert_holds, encoded, npy, truth_of

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
        DepthKind.METRIC_DEPTH,
        "(R + 256 G + 65536 B) / 16777.2 m",
    ),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_encoding_reads_what_its_documentation_says(tmp_path: Path, name: str) -> None:
    stored, options, values, kind, formula = ROWS[name]
    truth = truth_of(tmp_path, encoded(stored, format="PNG"), encoding=name, **options)
    assert_holds(truth, values, kind)
    assert f"read as {kind.value} = {formula}, with 0, " in truth.description


@pytest.mark.parametrize(
    ("stored", "options", "said"),
    [
        pytest.param(np.ones((2, 2)), {"encoding": "kiti"}, "must be raw or kitti or .*, not 'kiti'", id="unknown"),
        pytest.param(np.ones((2, 2)), {"encoding": ["raw"]}, r"must be raw or .*, not '\['raw'\]'", id="no-name"),
        pytest.param(np.ones((2, 2)), {"encoding": "kitti"}, "is stored as uint16, but the file holds float64", id="type"),
        pytest.param(np.ones((2, 2)), {"encoding": "middlebury"}, "middlebury needs a scale", id="no-scale"),
        pytest.param(np.ones((2, 2)), {"encoding": "raw", "scale": 4}, "has the scale 1; 4 cannot be used", id="scale"),
        pytest.param(np.ones((2, 2)), {"encoding": "cityscapes", "kind": "depth"}, "does not hold depth", id="kind"),
        pytest.param(np.ones((2, 2), np.uint8), {"encoding": "carla"}, "needs the three colours", id="no-colours"),
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
