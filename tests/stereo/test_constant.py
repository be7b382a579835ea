"""The constant that all disparities share is fitted to a truth, to far points or to a distance; then depth is in metres."""

from __future__ import annotations

import numpy as np
import pytest

from depth_demo.geometry import Calibration, DepthKind, DepthMap, disparity_to_depth
from depth_demo.stereo.rectification.constant import constant_at_infinity, constant_from_distance, constant_from_truth
from tests.conftest import disparity_map

FOCAL, BASELINE, SHIFT = 700.0, 0.12, 3.7


def truth() -> DepthMap:
    return disparity_map(np.linspace(2, 60, 40 * 50).reshape(40, 50))


def shifted() -> DepthMap:
    values = truth().values + np.float32(SHIFT)
    values[::3] = np.random.default_rng(0).uniform(0, 60, values[::3].shape)  # a third of it is wrong
    values[0] = np.nan
    return disparity_map(values)


def test_a_truth_gives_the_constant_although_a_third_is_wrong() -> None:
    found = constant_from_truth(shifted(), truth())
    assert found.doffs_px == pytest.approx(-SHIFT, abs=0.05)
    assert found.pixels == 39 * 50
    assert found.text.startswith("-3.70 px are added to every disparity, fitted to the truth of 1950 pixels; the differences")


def test_far_points_have_no_disparity() -> None:
    far = disparity_map(np.full((4, 5), SHIFT))
    found = constant_at_infinity(far, [(0, 0), (4, 3)])
    assert found.doffs_px == pytest.approx(-SHIFT)
    assert "2 points at infinity" in found.text


def test_one_measured_distance_gives_metres() -> None:
    """A point at 2 m has 42 px; measured are 45.7."""
    measured = disparity_map(np.full((4, 5), FOCAL * BASELINE / 2 + SHIFT))
    found = constant_from_distance(measured, (3, 2), 2.0, FOCAL, BASELINE)
    assert found.doffs_px == pytest.approx(-SHIFT, abs=1e-4)
    assert found.text == "-3.70 px are added to every disparity, fitted to the distance of 2 m at column 3, row 2."
    depth = disparity_to_depth(measured, Calibration(FOCAL, BASELINE, found.doffs_px))
    np.testing.assert_allclose(depth.values, 2, rtol=1e-5)


HOLES = disparity_map(np.full((4, 5), np.nan))


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (lambda: constant_from_truth(HOLES, HOLES), "Only 0 pixels have disparity and truth; the constant needs 100"),
        (lambda: constant_from_truth(HOLES, truth()), "The truth has 50x40 pixels"),
        (
            lambda: constant_from_truth(HOLES, DepthMap(np.ones((4, 5), np.float32), DepthKind.METRIC_DEPTH)),
            "This needs disparity",
        ),
        (lambda: constant_at_infinity(HOLES, [(0, 0)]), "There is no disparity at any of the far points"),
        (lambda: constant_at_infinity(HOLES, [(5, 0)]), "Column 5, row 0 is outside the picture of 5x4 pixels"),
        (lambda: constant_from_distance(HOLES, (1, 1), 2, 700, 0.1), "There is no disparity at column 1, row 1"),
        (lambda: constant_from_distance(HOLES, (1, 1), 0, 700, 0.1), "The distance must be a number of metres larger than 0"),
        (lambda: constant_from_distance(HOLES, (1, 1), float("nan"), 700, 0.1), "larger than 0, not nan"),
    ],
)
def test_refusals(action: object, sentence: str) -> None:
    assert callable(action)
    with pytest.raises(ValueError, match=sentence):
        action()
