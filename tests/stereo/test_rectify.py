"""Views that were turned by known angles are turned back, from their own matches alone."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pytest

from depth_demo.examples import list_examples
from depth_demo.geometry import DepthKind, DepthMap
from depth_demo.stereo.features import match_features
from depth_demo.stereo.matching import compute_disparity
from depth_demo.stereo.rectification.row_fit import RowFit
from depth_demo.stereo.rectification.rows import measure_rows
from depth_demo.stereo.rectification.turns import camera_matrix, is_upright
from depth_demo.stereo.rectify import Rectified, rectify
from tests.support.made_views import (
    BASELINE,
    CENTRE,
    FOCAL,
    LEFT,
    LEFT_DEPTH,
    SHAPE,
    Viewer,
    right_viewer,
    see,
    true_disparity,
    turned,
)
from tests.support.real_pairs import REAL_SAMPLES

ANGLES = [(0.3, 0.1, 0.2), (2.0, 0.5, 1.0), (5.0, 3.0, -4.0)]


def rectified(viewer: Viewer, focal_length_px: float | None = FOCAL) -> Rectified:
    return rectify(LEFT, see(viewer)[0], focal_length_px=focal_length_px)


def fit_of(found: Rectified) -> RowFit:
    assert found.fit is not None
    return found.fit


def errors(found: Rectified) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Disparity minus truth, where the pair matches [px]."""
    difference = found.keep(compute_disparity(found.pair)).values - true_disparity()
    there: np.ndarray[tuple[int], np.dtype[np.float32]] = difference[~np.isnan(difference)]
    assert there.size > 0.6 * difference.size
    return there


@pytest.mark.parametrize(("roll", "pitch", "yaw"), ANGLES)
def test_the_angles_of_the_right_view_are_found_and_the_left_view_stays(roll: float, pitch: float, yaw: float) -> None:
    found = rectified(right_viewer(roll, pitch, yaw))
    fit = fit_of(found)
    angles = np.degrees((fit.roll, fit.pitch, fit.yaw))
    back = np.degrees(cv2.Rodrigues(turned(roll, pitch, yaw).T)[0].ravel()[[2, 0, 1]])
    np.testing.assert_allclose(angles, back, atol=0.03)
    assert found.pair.left is LEFT
    assert found.valid.all()
    assert found.quality.rows is not None
    assert found.quality.rows.agrees
    assert found.quality.rows.median_px < 0.1
    assert found.quality.before is not None
    assert found.quality.before.median_px > 0.5


@pytest.mark.parametrize(("roll", "pitch", "yaw"), ANGLES)
def test_disparity_is_that_of_the_pair_before_it_was_turned(roll: float, pitch: float, yaw: float) -> None:
    error = errors(rectified(right_viewer(roll, pitch, yaw)))
    assert abs(np.median(error)) < 0.4
    assert np.percentile(np.abs(error - np.median(error)), 90) < 0.5


def test_a_rectified_pair_stays_as_it_is() -> None:
    found = rectified(right_viewer())
    np.testing.assert_allclose(found.homographies.right, np.eye(3), atol=0.05)
    assert np.median(np.abs(errors(found))) < 0.2


def test_a_focal_length_that_nobody_knows_is_said_to_be_assumed() -> None:
    found = rectified(right_viewer(2, 0.5, 1), None)
    assert "assumed: a 28 mm lens" in found.description
    error = errors(found)
    assert np.percentile(np.abs(error - np.median(error)), 90) < 0.5
    assert found.doffs_px is None
    assert found.pair.calibration is None
    assert found.calibration is None


@pytest.mark.parametrize(
    ("factor", "sentence"),
    [
        (1.0, r"The matches agree with the focal length within 3 %, so depth is computed with 560\.0 px\."),
        (1.15, r"The matches contradict the focal length: they say 5[5-7]\d\.\d px; depth is computed with that\."),
        (None, r"The matches themselves say 5[5-7]\d px; depth is computed with that\."),
    ],
    ids=["right", "15 % too long", "assumed"],
)
def test_a_focal_length_makes_metres_unless_the_matches_contradict_it(factor: float | None, sentence: str) -> None:
    found = rectified(right_viewer(2, 0.5, 1), factor and factor * FOCAL)
    assert re.search(sentence, found.description)
    assert found.focal_length_px == pytest.approx(FOCAL, rel=0 if factor == 1 else 0.02)


def test_the_uncertainty_of_the_constant_grows_with_that_of_the_focal_length() -> None:
    given, assumed = (rectified(right_viewer(0.3, 0.1, 2), focal) for focal in (FOCAL, None))
    assert 0.05 < given.constant_error_px < assumed.constant_error_px


def test_a_camera_that_is_lifted_and_set_back_needs_both_views_to_be_turned() -> None:
    found = rectified(Viewer((BASELINE, 0.05, 0.05), turned(1, -1, 0.5)))
    assert not found.homographies.keeps_left
    assert found.description.count("Both views were turned") == 1
    assert all(is_upright(turn, SHAPE) for turn in (found.homographies.left, found.homographies.right))
    again = match_features(found.pair)
    rows = measure_rows(again.left, again.row_gap, SHAPE)
    assert rows.agrees
    assert rows.median_px < 0.2
    assert not found.valid.all()
    assert found.pair.left[~found.valid].mean() < 20 < found.pair.left[found.valid].mean()


@pytest.mark.parametrize("seed", [0, 4, 10, 22])
@pytest.mark.parametrize("focal_length_px", [FOCAL, None])
def test_two_photos_by_hand_agree_in_their_rows(seed: int, focal_length_px: float | None) -> None:
    """Places up to a third before or behind and a quarter above or below, turned by up to four degrees."""
    random = np.random.default_rng(seed)
    x, y, z = random.uniform(0.1, 0.35) * np.array([1, random.uniform(-0.25, 0.25), random.uniform(-0.35, 0.35)])
    roll, pitch, yaw = random.uniform(-1, 1, 3) * (4, 3, 4)
    found = rectified(Viewer((float(x), float(y), float(z)), turned(roll, pitch, yaw)), focal_length_px)
    again = match_features(found.pair)
    rows = measure_rows(again.left, again.row_gap, SHAPE)
    assert len(again) > 600
    assert rows.agrees
    assert rows.median_px < 0.1


def test_a_darker_right_view_is_rectified_as_well() -> None:
    right = see(right_viewer(2, 0.5, 1))[0]
    found = rectify(LEFT, (right // 2).astype(np.uint8), focal_length_px=FOCAL)
    again = match_features(found.pair)
    assert np.median(np.abs(again.row_gap)) < 0.1


def test_a_photo_of_another_size_and_zoom_is_brought_to_the_left_ones() -> None:
    other = Viewer((BASELINE, 0, 0), turned(1, 0.5, 0.5), camera_matrix(750, (399.5, 269.5)), shape=(540, 800))
    found = rectified(other)
    assert "The right view has 800x540 pixels and was brought to the left one's 640x480." in found.description
    assert found.pair.right.shape == LEFT.shape
    assert fit_of(found).zoom == pytest.approx(750 * (480 / 540) / FOCAL, rel=0.002)
    error = errors(found)
    assert np.percentile(np.abs(error - np.median(error)), 90) < 0.6


def test_a_smaller_right_photo_is_enlarged() -> None:
    small = cv2.resize(see(right_viewer(2, 0.5, 1))[0], (320, 240), interpolation=cv2.INTER_AREA)
    found = rectify(LEFT, np.asarray(small, np.uint8), focal_length_px=FOCAL)
    error = errors(found)
    assert np.percentile(np.abs(error - np.median(error)), 90) < 0.8


def test_one_camera_above_the_other_is_turned_matched_and_turned_back() -> None:
    found = rectified(Viewer((0, BASELINE, 0), turned(1, 0.5, 0.5)))
    assert found.is_turned
    assert "One camera stood above the other" in found.description
    disparity = found.keep(compute_disparity(found.pair))
    assert disparity.shape == SHAPE[::-1]
    back = found.turn_back(disparity)
    assert back.shape == SHAPE
    difference = back.values - true_disparity()
    there = difference[~np.isnan(difference)]
    assert there.size > 0.5 * difference.size
    assert np.percentile(np.abs(there - np.median(there)), 90) < 0.5
    truth = found.carry(DepthMap(true_disparity(), DepthKind.DISPARITY))
    np.testing.assert_array_equal(found.turn_back(truth).values, true_disparity())


def test_a_map_that_is_not_turned_is_not_turned_back() -> None:
    found = rectified(right_viewer(1))
    given = DepthMap(true_disparity(), DepthKind.DISPARITY)
    assert found.turn_back(given) is given
    np.testing.assert_array_equal(found.carry(given).values, given.values)


def test_black_is_never_a_match() -> None:
    found = rectified(right_viewer(5, 3, -4))
    assert 0.1 < np.mean(~found.right_valid) < 0.3
    assert (found.pair.right[~found.right_valid].mean()) < 5
    constant = 40
    kept = found.keep(DepthMap(np.full(SHAPE, constant, np.float32), DepthKind.DISPARITY)).valid
    np.testing.assert_array_equal(kept[:, constant:], found.right_valid[:, :-constant])
    assert not kept[:, :constant].any()  # their matches lie left of the right view


def test_depth_of_the_left_view_is_carried_where_the_left_view_is_turned() -> None:
    """The turned camera sees the same room: its depth is that along its own axis."""
    found = rectified(Viewer((BASELINE, 0.05, 0.05), turned(1, -1, 0.5)))
    k = camera_matrix(found.focal_length_px, CENTRE)
    turn = np.linalg.inv(k) @ found.homographies.left @ k
    direct = see(Viewer(turn=turn, k=k))[1]
    carried = found.carry(DepthMap(LEFT_DEPTH, DepthKind.METRIC_DEPTH))
    ratio = carried.values[carried.valid] / direct[carried.valid]
    assert carried.valid.mean() > 0.7
    assert np.percentile(np.abs(ratio - 1), 95) < 0.03  # the focal length that fits is not quite the left view's
    with pytest.raises(ValueError, match="The left view is turned too, so disparities of the views as given do not hold"):
        found.carry(DepthMap(true_disparity(), DepthKind.DISPARITY))


@pytest.mark.parametrize("name", sorted(REAL_SAMPLES))
def test_real_pairs_that_are_turned_come_back_to_their_row_gap(name: str) -> None:
    pair = REAL_SAMPLES[name].load()
    height, width = pair.left.shape[:2]
    k = camera_matrix(0.9 * width, ((width - 1) / 2, (height - 1) / 2))
    turn = k @ turned(0.8, 0.3, 0.5) @ np.linalg.inv(k)
    right = np.asarray(cv2.warpPerspective(pair.right, turn, (width, height), flags=cv2.INTER_CUBIC), np.uint8)
    found = rectify(pair.left, right, focal_length_px=0.9 * width)
    own, after = (match_features(each) for each in (pair, found.pair))
    before, now = (float(np.median(np.abs(matches.row_gap))) for matches in (own, after))
    print(f"{name}: row gap {before:.2f} px, turned and rectified {now:.2f} px")
    assert now <= before + 0.3


def test_the_bundled_pair_regains_its_disparity() -> None:
    example = list_examples()[0]
    pair = example.load()
    height, width = pair.left.shape[:2]
    k = camera_matrix(example.calibration.focal_length_px, ((width - 1) / 2, (height - 1) / 2))
    turn = k @ turned(0.8, 0.3, 0.5) @ np.linalg.inv(k)
    right = np.asarray(cv2.warpPerspective(pair.right, turn, (width, height), flags=cv2.INTER_CUBIC), np.uint8)
    found = rectify(pair.left, right, focal_length_px=example.calibration.focal_length_px)
    np.testing.assert_allclose(found.homographies.right @ turn / (found.homographies.right @ turn)[2, 2], np.eye(3), atol=1)
    assert found.quality.rows is not None
    assert found.quality.rows.median_px < 0.4
    assert found.quality.rows.agrees
