"""Three families on one pair: the size, the range and the truth that they see, and what they make of it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from depth_demo.comparison.families import MAX_COSTS, match_families, reduced
from depth_demo.geometry import Calibration, DepthKind, DepthMap, StereoPair
from tests.conftest import PAIRS, disparity_map


def test_a_reduced_pair_by_hand() -> None:
    left = np.zeros((2, 6, 3), np.uint8)
    left[:, 0], left[:, 1], left[:, 2] = 30, 60, 90  # their mean is 60
    truth = disparity_map([[np.nan, 9, np.nan, 3, 6, 3], [1, 9, 1, 1, 6, 1]])
    camera = Calibration(300, 0.5, 6)
    small = reduced(StereoPair(left, left, camera, truth, "a pair"), 1 / 3)
    np.testing.assert_array_equal(small.left[:, :, 0], [[60, 0]])
    assert small.ground_truth is not None
    np.testing.assert_allclose(small.ground_truth.values, [[3, 2]])  # the middle of three columns, a third as far
    assert small.calibration == Calibration(100, 0.5, 2)
    assert small.name == "a pair"


def test_a_small_pair_stays_as_it_is_and_truth_in_metres_is_refused() -> None:
    pair = PAIRS[0].load()
    assert reduced(pair, 1.0) is pair
    metres = DepthMap(np.ones(pair.left.shape[:2], np.float32), DepthKind.METRIC_DEPTH)
    with pytest.raises(ValueError, match="needs disparity, but the map holds depth"):
        reduced(StereoPair(pair.left, pair.right, ground_truth=metres), 0.5)


def test_all_three_find_exact_planes() -> None:
    pair = PAIRS[0].load()
    result = match_families(pair, 0, 64, "ZNCC", 7)
    assert result.factor == 1
    assert result.disparities == range(64)
    assert [match.name.partition(":")[0] for match in result.matches] == ["Local", "Global", "Semi-global"]
    assert "normalised cross-correlation over 7x7 px" in result.matches[0].minimises
    for match in result.matches:
        assert match.evaluation is not None
        assert match.evaluation.errors is not None
        assert match.evaluation.errors.bad_3 < 2
        assert match.evaluation.errors.epe_px < 0.5
        assert match.coverage == pytest.approx(100 * match.disparity.valid.mean())
        assert match.coverage > 70
        assert match.seconds > 0


def enlarged(pair: StereoPair, factor: int) -> StereoPair:
    assert pair.ground_truth is not None
    left, right = (np.asarray(cv2.resize(view, None, fx=factor, fy=factor), np.uint8) for view in (pair.left, pair.right))
    truth = np.kron(pair.ground_truth.values, np.ones((factor, factor), np.float32)) * factor
    return StereoPair(left, right, None, disparity_map(truth))


def test_a_large_pair_is_matched_at_741_px_with_its_range_and_truth() -> None:
    result = match_families(enlarged(PAIRS[0].load(), 2), -8, 128)  # 960x720
    assert result.pair.left.shape == (556, 741, 3)
    assert result.factor == pytest.approx(741 / 960)
    assert result.disparities == range(-7, 105)  # -8 and 120 times 0.77 are -6.2 and 92.6: 100 disparities, in steps of 16
    for match in result.matches:
        assert match.evaluation is not None
        assert match.evaluation.errors is not None
        assert match.evaluation.errors.epe_px < 0.8


def test_a_wide_range_reduces_the_size_further() -> None:
    image = np.zeros((480, 600, 3), np.uint8)
    result = match_families(StereoPair(image, image + np.uint8(1)), 0, 512)
    costs = result.pair.left[..., 0].size * len(result.disparities)
    assert 0.8 * MAX_COSTS < costs < 1.1 * MAX_COSTS  # the range is rounded up to a multiple of 16
    assert all(match.evaluation is None for match in result.matches)


def test_what_cannot_be_matched_is_refused() -> None:
    pair = PAIRS[0].load()
    with pytest.raises(ValueError, match="Left and right look swapped"):
        match_families(StereoPair(pair.right, pair.left), 0, 64)
    with pytest.raises(ValueError, match=r"wider than the image \(480 px\)"):
        match_families(pair, 0, 512)
    with pytest.raises(ValueError, match="window of SAD must be odd, from 1 to 31 px, not 8"):
        match_families(pair, 0, 64, "SAD", 8)
