"""The menu that says how a truth is read: by what it holds, or by the name of its encoding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from depth_demo.geometry import DepthKind
from depth_demo.ui.tabs.compare_asked import read_truth


@pytest.fixture
def truth(tmp_path: Path) -> str:
    path = tmp_path / "truth.npy"
    np.save(path, np.array([[0, 513]], np.uint16))
    return str(path)


@pytest.mark.parametrize(
    ("reading", "scale", "kind", "value"),
    [
        ("recognised", 0, DepthKind.DISPARITY, 513 / 256),
        ("depth", 100, DepthKind.METRIC_DEPTH, 5.13),
        ("cityscapes", 0, DepthKind.DISPARITY, 2),
        ("middlebury", 4, DepthKind.DISPARITY, 128.25),
    ],
)
def test_a_truth_is_read_as_the_menu_says(truth: str, reading: str, scale: float, kind: DepthKind, value: float) -> None:
    depth_map = read_truth(truth, reading, scale).depth_map
    assert depth_map.kind is kind
    assert depth_map.values[0, 1] == pytest.approx(value)


def test_what_is_not_in_the_menu_is_refused(truth: str) -> None:
    with pytest.raises(ValueError, match="must be recognised or disparity or depth or ray distance, not 'metres'"):
        read_truth(truth, "metres", 0)
