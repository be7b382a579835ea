"""What a view of a rectified pair does not show is no measurement, and is judged nowhere."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from depth_demo.comparison.families import match_families, reduced
from depth_demo.geometry import DepthKind, DepthMap, StereoPair
from depth_demo.pipeline import compare_results, estimate, match
from depth_demo.stereo.matched import UNSEEN
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.stereo.unseen import keep_in_view, keep_judged, keep_seen
from tests.conftest import PAIRS, disparity_map

SEEN = np.array([[True, True, True, True]])


def test_a_disparity_needs_both_views_and_a_match_inside_the_picture() -> None:
    given = disparity_map([[1, 1, 1, 2]])
    left, right = np.array([[True, True, False, True]]), np.array([[False, True, True, True]])
    np.testing.assert_array_equal(keep_seen(given, (left, SEEN)).values, [[np.nan, 1, np.nan, 2]])
    np.testing.assert_array_equal(keep_seen(given, (SEEN, right)).values, [[np.nan, np.nan, 1, 2]])


def test_truth_whose_match_lies_outside_the_picture_is_judged_as_ever() -> None:
    given = disparity_map([[1, 1, 1, 5]])
    right = np.array([[False, True, True, True]])
    np.testing.assert_array_equal(keep_judged(given, (SEEN, right)).values, [[1, np.nan, 1, 5]])
    np.testing.assert_array_equal(keep_judged(given, (~SEEN, SEEN)).values, [[np.nan] * 4])


def test_other_maps_need_the_left_view_alone() -> None:
    depth = DepthMap(np.array([[1, 2, 3, 4]], np.float32), DepthKind.METRIC_DEPTH)
    kept = keep_in_view(depth, np.array([[True, False, True, True]]))
    np.testing.assert_array_equal(kept.values, [[1, np.nan, 3, 4]])
    assert kept.kind is DepthKind.METRIC_DEPTH
    with pytest.raises(ValueError, match="This needs disparity"):
        keep_seen(depth, (SEEN, SEEN))


@pytest.fixture(scope="module")
def half_black() -> StereoPair:
    """The upper half of the left view, and the 100 rightmost columns of the right one, are said to show nothing."""
    pair = PAIRS[0].load()
    left, right = (np.ones(pair.left.shape[:2], np.bool_) for _ in range(2))
    left[:180] = False
    right[:, -100:] = False
    return dataclasses.replace(pair, seen=(left, right))


def test_maps_are_empty_there_and_no_hole_of_it_is_filled(half_black: StereoPair) -> None:
    found = match(half_black, SgbmSettings(num_disparities=64))
    assert not found.disparity.valid[:180].any()
    assert not found.filled.valid[:180].any()
    assert found.filled.valid[180:].all()
    rows, columns = np.nonzero(found.disparity.valid)
    assert np.rint(columns - found.disparity.values[rows, columns]).max() < 480 - 100
    assert found.why_missing(300, 20) is UNSEEN
    assert found.why_missing(470, 300) is UNSEEN


def test_scores_leave_it_out(half_black: StereoPair) -> None:
    whole = dataclasses.replace(half_black, seen=None)
    estimated = estimate(half_black.left, lambda image: DepthMap(image.mean(axis=2), DepthKind.RELATIVE_INVERSE_DEPTH))
    settings = SgbmSettings(num_disparities=64)
    scores, usual = (compare_results(estimated, match(pair, settings)) for pair in (half_black, whole))
    assert not scores.estimate.depth_map.valid[:180].any()
    assert not scores.reference.valid[:180].any()
    assert scores.stereo is not None
    assert usual.stereo is not None
    assert scores.stereo.fair.coverage == pytest.approx(usual.stereo.fair.coverage, abs=10)  # black is no hole


def test_masks_have_the_size_of_the_views() -> None:
    pair = PAIRS[0].load()
    with pytest.raises(ValueError, match="each of its 480x360 pixels, not of 4x1"):
        dataclasses.replace(pair, seen=(SEEN, SEEN))


def test_a_reduced_pair_shows_what_all_pixels_of_the_whole_one_show(half_black: StereoPair) -> None:
    seen = reduced(half_black, 0.5).seen
    assert seen is not None
    assert [mask.shape for mask in seen] == [(180, 240)] * 2
    assert not seen[0][:90].any()
    assert seen[0][90:].all()
    assert not seen[1][:, 190:].any()
    assert seen[1][:, :190].all()
    assert reduced(dataclasses.replace(half_black, seen=None), 0.5).seen is None


def test_the_three_families_leave_it_out_too(half_black: StereoPair) -> None:
    found = match_families(half_black, 0, 64)
    for family in found.matches:
        assert not family.disparity.valid[:180].any()
        assert family.disparity.valid[180:].any()
        assert family.evaluation is not None
        assert family.evaluation.coverage > 60  # black is no hole
