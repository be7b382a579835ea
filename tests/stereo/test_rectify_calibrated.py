"""With K, D, R and T a pair is rectified exactly: rows agree, and depth comes out in metres, whatever the form of the file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depth_demo.formats.cameras.rig import Lens
from depth_demo.formats.cameras.rigs import StereoRig, parse_rig
from depth_demo.geometry import DepthKind, DepthMap, RgbImage, disparity_to_depth
from depth_demo.stereo.matching import compute_disparity
from depth_demo.stereo.rectification.calibrated import turn_rig
from depth_demo.stereo.rectification.turns import camera_matrix
from depth_demo.stereo.rectify import Rectified, rectify
from tests.support.made_views import SHAPE, Viewer, see
from tests.support.rig_files import D1, D2, K1, K2, OF_ANOTHER_SIZE, PLACE, RIG_FORMS, SHIFT, TURN, json_text

LEFT_VIEWER = Viewer(k=K1, distortion=D1)
RIGHT_VIEWER = Viewer((float(PLACE[0]), float(PLACE[1]), float(PLACE[2])), TURN, K2, D2)
LEFT, LEFT_DEPTH = see(LEFT_VIEWER)
RIGHT, _ = see(RIGHT_VIEWER)


def with_rig(rig: StereoRig) -> Rectified:
    return rectify(LEFT, RIGHT, rig)


@pytest.fixture(scope="module")
def rectified() -> Rectified:
    return with_rig(parse_rig(json_text()))


def test_rows_agree(rectified: Rectified) -> None:
    rows = rectified.quality.rows
    assert rows is not None
    assert rows.agrees
    assert rows.median_px < 0.1
    assert rows.bow_px < 0.2


def test_depth_is_exact_in_metres(rectified: Rectified) -> None:
    camera = rectified.calibration
    assert camera is not None
    assert rectified.pair.calibration == camera
    depth = disparity_to_depth(rectified.keep(compute_disparity(rectified.pair)), camera).values
    truth = rectified.carry(DepthMap(LEFT_DEPTH, DepthKind.METRIC_DEPTH)).values
    ratio = depth / truth
    there = ratio[~np.isnan(ratio)]
    assert there.size > 0.55 * ratio.size
    assert np.median(there) == pytest.approx(1, abs=0.003)
    assert np.percentile(np.abs(there - 1), 90) < 0.02


@pytest.mark.parametrize("form", sorted(RIG_FORMS.keys() - OF_ANOTHER_SIZE))
def test_every_form_gives_the_same_rectification(form: str, rectified: Rectified) -> None:
    found = with_rig(RIG_FORMS[form]())
    assert found.calibration is not None
    assert rectified.calibration is not None
    assert found.focal_length_px == pytest.approx(rectified.focal_length_px, rel=1e-6)
    assert found.baseline_m == pytest.approx(rectified.baseline_m, rel=1e-6)
    assert np.mean(np.abs(found.pair.left.astype(int) - rectified.pair.left)) < 0.01
    assert np.mean(np.abs(found.pair.right.astype(int) - rectified.pair.right)) < 0.01


def test_black_is_marked(rectified: Rectified) -> None:
    found = rectify(LEFT, RIGHT, parse_rig(json_text()), alpha=1)
    assert not found.valid.all()
    assert found.pair.left[~found.valid].mean() < 20
    assert found.quality.kept == pytest.approx(min(found.valid.mean(), found.right_valid.mean()), abs=0.02)
    assert rectified.constant_error_px == 0


def test_pictures_of_half_the_size_are_rectified_with_a_scaled_rig(rectified: Rectified) -> None:
    left, right = (view[::2, ::2].copy() for view in (LEFT, RIGHT))
    found = rectify(left, right, parse_rig(json_text()))
    assert "is scaled by 0.5 to 320x240" in found.description
    assert found.focal_length_px == pytest.approx(rectified.focal_length_px / 2, rel=0.01)
    assert found.baseline_m == rectified.baseline_m


def test_a_rig_with_one_camera_above_the_other_is_turned() -> None:
    """The same room, with cameras whose rows are the other one's columns: a rig that is turned back by three quarters."""
    rig = parse_rig(json_text()).for_size(SHAPE)
    lying = turn_rig(turn_rig(turn_rig(rig)))
    left, right = (np.ascontiguousarray(np.rot90(view, -1)) for view in (LEFT, RIGHT))
    found = rectify(left, right, lying)
    upright = with_rig(rig)
    assert found.is_turned
    assert "One camera stood above the other" in found.description
    assert found.focal_length_px == pytest.approx(upright.focal_length_px, rel=1e-6)
    assert np.mean(np.abs(found.pair.left.astype(int) - upright.pair.left)) < 0.5
    truth = found.carry(DepthMap(np.ascontiguousarray(np.rot90(LEFT_DEPTH, -1)), DepthKind.METRIC_DEPTH))
    same = upright.carry(DepthMap(LEFT_DEPTH, DepthKind.METRIC_DEPTH))
    both = truth.valid & same.valid
    assert both.mean() > 0.9
    np.testing.assert_allclose(np.median(truth.values[both] / same.values[both]), 1, rtol=1e-3)


def moved_rig(shift: np.ndarray[tuple[int], np.dtype[np.float64]]) -> StereoRig:
    return parse_rig(json_text().replace(str(SHIFT.tolist()), str(shift.tolist())))


def test_cameras_in_the_wrong_order_or_one_before_the_other_are_refused() -> None:
    with pytest.raises(ValueError, match="the second camera stands left of the first: exchange the views"):
        with_rig(moved_rig(-SHIFT))
    with pytest.raises(ValueError, match="the second camera stands before or behind the first"):
        with_rig(moved_rig(np.array([0.05, 0, 0.3])))


def other_right(factor: float, more_rows: int = 0) -> tuple[RgbImage, Lens]:
    """The right view by a camera with other pixels, and perhaps more rows."""
    shape = (round(SHAPE[0] * factor) + more_rows, round(SHAPE[1] * factor))
    k = K2.copy()
    k[:2] *= factor
    k[:2, 2] += ((factor - 1) / 2, (factor - 1) / 2 + more_rows / 2)
    place = (float(PLACE[0]), float(PLACE[1]), float(PLACE[2]))
    return see(Viewer(place, TURN, k, D2, shape))[0], Lens(k, np.array(D2))


@pytest.mark.parametrize(("factor", "more_rows"), [(0.5, 0), (0.75, 40), (1.5, 0), (1.25, -60)])
def test_cameras_of_different_size_are_rectified_to_one(factor: float, more_rows: int, rectified: Rectified) -> None:
    """The right camera has a size of its own, and K for it: rows agree, and depth is that of the pair of one size."""
    right, lens = other_right(factor, more_rows)
    size = (right.shape[0], right.shape[1])
    rig = replace(parse_rig(json_text()), right=lens, right_size=size)
    found = rectify(LEFT, right, rig)
    assert f"The right view has {size[1]}x{size[0]} pixels and was brought to the left one's 640x480 on the way." in (
        found.description
    )
    assert found.pair.right.shape == LEFT.shape
    rows = found.quality.rows
    assert rows is not None
    assert rows.median_px < 0.15
    assert found.baseline_m == rectified.baseline_m
    camera = found.calibration
    assert camera is not None
    depth = disparity_to_depth(found.keep(compute_disparity(found.pair)), camera).values
    truth = found.carry(DepthMap(LEFT_DEPTH, DepthKind.METRIC_DEPTH)).values
    ratio = depth / truth
    there = ratio[~np.isnan(ratio)]
    assert there.size > 0.4 * ratio.size
    assert np.median(there) == pytest.approx(1, abs=0.004)
    new = camera_matrix(found.focal_length_px, found.right_point)
    turn = np.linalg.inv(new) @ found.homographies.right @ lens.k  # the homography takes pixels of the view as it was given
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)


def test_each_photo_may_be_a_resized_one_of_its_camera(rectified: Rectified) -> None:
    """The rig holds for 640x480 and 320x240; given are 320x240 and 640x480."""
    right, lens = other_right(0.5)
    rig = replace(parse_rig(json_text()), right=lens, right_size=(right.shape[0], right.shape[1]))
    found = rectify(LEFT[::2, ::2].copy(), RIGHT, rig)
    assert "Its left camera holds for 640x480 pixels and is scaled by 0.5 to 320x240." in found.description
    assert "Its right camera holds for 320x240 pixels and is scaled by 2 to 640x480." in found.description
    assert found.pair.right.shape == (240, 320, 3)
    assert found.quality.rows is not None
    assert found.quality.rows.median_px < 0.3
    assert found.baseline_m == rectified.baseline_m


def test_a_photo_of_another_shape_than_its_camera_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"holds for right pictures of 640x480 pixels, but these have 640x400, which is another"
    ):
        rectify(LEFT, RIGHT[:400], parse_rig(json_text()))


def test_a_vertical_rig_of_two_sizes_is_turned() -> None:
    right, lens = other_right(0.5)
    rig = replace(parse_rig(json_text()), right=lens, right_size=(right.shape[0], right.shape[1]))
    lying = turn_rig(turn_rig(turn_rig(rig)))
    found = rectify(np.rot90(LEFT, -1).copy(), np.rot90(right, -1).copy(), lying)
    upright = rectify(LEFT, right, rig)
    assert found.is_turned
    assert np.mean(np.abs(found.pair.right.astype(int) - upright.pair.right)) < 0.5


def test_a_rig_that_leaves_less_than_a_third_is_refused() -> None:
    """Views that are turned apart by 50 degrees have little in common."""
    apart = json_text().replace(str(TURN.tolist()), "[0, 1.0, 0]")
    with pytest.raises(ValueError, match=r"After the calibration with an alpha of 1, only \d+% of a view would be left"):
        rectify(LEFT, RIGHT, parse_rig(apart), alpha=1)
