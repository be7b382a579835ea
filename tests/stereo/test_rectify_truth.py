"""The truth of the left photo stays with it, or is warped with it: depth along the new axis, disparity of the new pair."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.formats.cameras.rigs import parse_rig
from depth_demo.geometry import DepthKind, DepthMap
from depth_demo.stereo.matching import compute_disparity
from depth_demo.stereo.rectification.calibrated import turn_rig
from depth_demo.stereo.rectification.truth import carried_truth, constant_of_truth
from depth_demo.stereo.rectification.turns import camera_matrix
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
from tests.support.rig_files import D1, D2, K1, K2, PLACE, SHIFT, TURN, json_text

RIG_LEFT, RIG_DEPTH = see(Viewer(k=K1, distortion=D1))
RIG_RIGHT, _ = see(Viewer((float(PLACE[0]), float(PLACE[1]), float(PLACE[2])), TURN, K2, D2))
DEPTH = DepthMap(LEFT_DEPTH, DepthKind.METRIC_DEPTH)
DISPARITY = DepthMap(true_disparity(), DepthKind.DISPARITY)


@pytest.fixture(scope="module")
def kept() -> Rectified:
    return rectify(LEFT, see(right_viewer(2, 0.5, 1))[0], focal_length_px=FOCAL)


@pytest.fixture(scope="module")
def both_turned() -> Rectified:
    found = rectify(LEFT, see(Viewer((BASELINE, 0.05, 0.05), turned(1, -1, 0.5)))[0], focal_length_px=FOCAL)
    assert not found.keeps_left
    return found


@pytest.fixture(scope="module")
def calibrated() -> Rectified:
    return rectify(RIG_LEFT, RIG_RIGHT, parse_rig(json_text()))


def rig_disparity() -> NDArray[np.float32]:
    return (K1[0, 0] * float(np.linalg.norm(SHIFT)) / RIG_DEPTH).astype(np.float32)


def lying_down(picture: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(np.rot90(picture, -1))


def seen_directly(found: Rectified, k: NDArray[np.float64]) -> NDArray[np.float32]:
    """Depth of the same room by the rectified left camera itself, whose turn was fitted with the focal length of the fit."""
    new = camera_matrix(found.fit.focal_length_px if found.fit else found.focal_length_px, found.left_point)
    return see(Viewer(turn=np.linalg.inv(new) @ found.homographies.left @ k, k=new))[1]


def wrong_share(carried: DepthMap, direct: NDArray[np.float32], tolerance: float) -> float:
    """Of the pixels with truth: only where surfaces meet may the nearest pixel show the other one."""
    assert carried.valid.mean() > 0.7
    return float(np.mean(np.abs(carried.values / direct - 1)[carried.valid] > tolerance))


@pytest.mark.parametrize("truth", [DEPTH, DISPARITY], ids=["depth", "disparity"])
def test_nothing_changes_where_the_left_photo_stays(truth: DepthMap, kept: Rectified) -> None:
    assert kept.keeps_left
    np.testing.assert_array_equal(carried_truth(kept, truth).values, truth.values)


def test_depth_is_that_along_the_new_axis(calibrated: Rectified) -> None:
    carried = carried_truth(calibrated, DepthMap(RIG_DEPTH, DepthKind.METRIC_DEPTH))
    assert wrong_share(carried, seen_directly(calibrated, K1), 1e-4) < 0.02
    np.testing.assert_array_equal(carried.valid, calibrated.valid)


def test_depth_is_that_along_the_new_axis_without_a_calibration(both_turned: Rectified) -> None:
    """The fitted focal length differs a little from the photo's; with it, the turn is exact."""
    assert both_turned.fit is not None
    fitted = camera_matrix(both_turned.fit.focal_length_px, CENTRE)
    photo_depth = see(Viewer(k=fitted))[1]
    carried = carried_truth(both_turned, DepthMap(photo_depth, DepthKind.METRIC_DEPTH))
    assert wrong_share(carried, seen_directly(both_turned, fitted), 1e-4) < 0.02


def test_disparity_becomes_that_of_the_new_pair(calibrated: Rectified) -> None:
    """The photo's own disparity is f B / Z with its own f; the rectified one with the new f and the new Z."""
    carried = carried_truth(calibrated, DepthMap(rig_disparity(), DepthKind.DISPARITY))
    direct = calibrated.focal_length_px * float(np.linalg.norm(SHIFT)) / seen_directly(calibrated, K1)
    assert wrong_share(carried, direct.astype(np.float32), 1e-4) < 0.02
    matched = calibrated.keep(compute_disparity(calibrated.pair))
    both = matched.valid & carried.valid
    assert np.median(np.abs(matched.values - carried.values)[both]) < 0.2


def test_a_pair_one_above_the_other_has_its_truth_turned_first(calibrated: Rectified) -> None:
    lying = turn_rig(turn_rig(turn_rig(parse_rig(json_text()).for_size(SHAPE))))
    found = rectify(lying_down(RIG_LEFT), lying_down(RIG_RIGHT), lying)
    assert found.is_turned
    for kind, values in ((DepthKind.METRIC_DEPTH, RIG_DEPTH), (DepthKind.DISPARITY, rig_disparity())):
        one, other = (
            carried_truth(found, DepthMap(lying_down(values), kind)),
            carried_truth(calibrated, DepthMap(values, kind)),
        )
        both = one.valid & other.valid
        assert both.mean() > 0.9
        np.testing.assert_allclose(np.median(one.values[both] / other.values[both]), 1, rtol=1e-5)


def test_what_is_not_measured_stays_so(calibrated: Rectified) -> None:
    holed = RIG_DEPTH.copy()
    holed[100:140, 200:260] = np.nan
    whole = carried_truth(calibrated, DepthMap(RIG_DEPTH, DepthKind.METRIC_DEPTH))
    lost = whole.valid & ~carried_truth(calibrated, DepthMap(holed, DepthKind.METRIC_DEPTH)).valid
    assert np.count_nonzero(lost) == pytest.approx(40 * 60, rel=0.1)


def test_disparity_becomes_that_of_the_new_pair_without_a_calibration_too(both_turned: Rectified) -> None:
    """Focal length and baseline are those of the photos, whatever they are: only depth along the axis changes."""
    assert both_turned.fit is not None
    assert both_turned.calibration is None
    fitted = camera_matrix(both_turned.fit.focal_length_px, CENTRE)
    disparity = FOCAL * BASELINE / see(Viewer(k=fitted))[1]
    carried = carried_truth(both_turned, DepthMap(disparity.astype(np.float32), DepthKind.DISPARITY))
    direct = FOCAL * BASELINE / seen_directly(both_turned, fitted)
    assert np.nanmedian(np.abs(direct / disparity - 1)) > 1e-3  # the turn is seen in it
    assert wrong_share(carried, direct.astype(np.float32), 1e-4) < 0.02


def test_a_truth_of_another_size_or_kind_is_refused(kept: Rectified) -> None:
    with pytest.raises(ValueError, match="must have the size of the left photo, 640x480 pixels, but it has 320x240"):
        carried_truth(kept, DepthMap(LEFT_DEPTH[::2, ::2], DepthKind.METRIC_DEPTH))
    with pytest.raises(ValueError, match="This needs disparity or depth"):
        carried_truth(kept, DepthMap(LEFT_DEPTH, DepthKind.RELATIVE_INVERSE_DEPTH))


@pytest.mark.parametrize(("truth", "baseline"), [(DISPARITY, None), (DEPTH, BASELINE)], ids=["disparity", "depth"])
def test_the_truth_gives_the_constant(truth: DepthMap, baseline: float | None) -> None:
    """A focal length that is 15 % too long leaves a constant, which the truth takes away."""
    found = rectify(LEFT, see(right_viewer(2, 0.5, 1))[0], focal_length_px=FOCAL)
    disparity = found.keep(compute_disparity(found.pair))
    shifted = DepthMap(disparity.values + np.float32(3.7), DepthKind.DISPARITY)
    first, second = (
        constant_of_truth(found, given, carried_truth(found, truth), baseline).doffs_px for given in (disparity, shifted)
    )
    assert abs(first) < 1
    assert second == pytest.approx(first - 3.7, abs=0.02)


def test_depth_alone_gives_no_constant(kept: Rectified) -> None:
    with pytest.raises(ValueError, match="gives the constant only with the distance between the cameras"):
        constant_of_truth(kept, compute_disparity(kept.pair), DEPTH)
