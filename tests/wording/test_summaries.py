"""What is said of an estimate."""

from __future__ import annotations

import numpy as np

from depth_demo.comparison.results import Estimate
from depth_demo.geometry import DepthKind, DepthMap, FocalLength
from depth_demo.wording.summaries import photo_summary

LENS = FocalLength(50, "as given")


def summary_of(values: list[list[float]]) -> str:
    image = np.zeros((2, 2, 3), np.uint8)
    depth_map = DepthMap(np.asarray(values, np.float32), DepthKind.RELATIVE_DEPTH)
    return photo_summary(Estimate(image, depth_map, 1.0), "A model", "", "CPU", "the network saw 14x14", LENS)


def test_a_map_without_any_answer_is_said_to_be_empty() -> None:
    """As of a photo of nothing but sky."""
    nan = float("nan")
    empty = "**No pixel of this photo has an answer, so there is nothing to show.**"
    assert summary_of([[nan, nan], [nan, nan]]).startswith(empty)
    assert empty not in summary_of([[nan, nan], [nan, 1]])
