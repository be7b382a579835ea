"""Maps of relative depth (Marigold's kind) are fitted in depth, and become disparity only afterwards."""

from __future__ import annotations

import numpy as np
import pytest

from depth_demo.comparison.fusion import fuse
from depth_demo.evaluation.alignment import UNIT_CAMERA, apply_alignment, fit_scale_shift, inverse_depth
from depth_demo.evaluation.alignment_scores import score_alignments
from depth_demo.evaluation.metrics import evaluate
from depth_demo.geometry import Calibration, DepthKind, DepthMap
from depth_demo.render.shape import shape_depth

CAMERA = Calibration(700, 0.5, doffs_px=12)


@pytest.fixture
def truth(random: np.random.Generator) -> DepthMap:
    """(60, 80) disparity, with a hole."""
    values = random.uniform(5, 60, (60, 80)).astype(np.float32)
    values[:5, :5] = np.nan
    return DepthMap(values, DepthKind.DISPARITY)


def relative(truth: DepthMap, camera: Calibration, scale: float, shift: float) -> DepthMap:
    """What an affine-invariant model would say of this truth: (Z - shift) / scale."""
    depth = camera.focal_length_px * camera.baseline_m / (truth.values + camera.doffs_px)
    return DepthMap((depth - shift) / scale, DepthKind.RELATIVE_DEPTH)


@pytest.mark.parametrize("camera", [CAMERA, None])
def test_an_affine_map_of_depth_scores_as_perfect(truth: DepthMap, camera: Calibration | None) -> None:
    predicted = relative(truth, camera or UNIT_CAMERA, 3.0, -0.2)
    scores = evaluate(predicted, truth, calibration=camera)
    assert scores.alignment is not None
    assert (scores.alignment.scale, scores.alignment.shift) == pytest.approx((3.0, -0.2), rel=1e-3)
    assert scores.ssim == pytest.approx(1, abs=1e-5)
    assert scores.errors is not None
    assert scores.errors.epe_px < 1e-3
    assert scores.alignment.residual_px < 1e-3


def test_inverting_before_the_fit_is_wrong_and_refused(truth: DepthMap) -> None:
    predicted = relative(truth, CAMERA, 3.0, 5.0)
    inverted = DepthMap(np.float32(1) / predicted.values, DepthKind.RELATIVE_INVERSE_DEPTH)
    wrong = evaluate(inverted, truth, calibration=CAMERA)
    assert wrong.errors is not None
    assert wrong.errors.epe_px > 0.5
    with pytest.raises(ValueError, match="the map holds relative depth"):
        inverse_depth(predicted)


def test_the_fit_names_its_unit(truth: DepthMap) -> None:
    predicted = relative(truth, CAMERA, 2.0, 1.0)
    assert fit_scale_shift(predicted, truth, calibration=CAMERA).formula == "depth = 2 \N{MULTIPLICATION SIGN} value + 1 m"
    assert fit_scale_shift(predicted, truth).formula.endswith("1/px")


def test_near_and_far_exchanged_is_inverted(truth: DepthMap) -> None:
    predicted = relative(truth, CAMERA, -2.0, 1.0)
    assert evaluate(predicted, truth, calibration=CAMERA).inverted


def test_depth_behind_the_camera_is_clamped_before_it_becomes_disparity(truth: DepthMap) -> None:
    values = relative(truth, CAMERA, 1.0, 0.0).values.copy()
    values[30, 40] = -5.0
    predicted = DepthMap(values, DepthKind.RELATIVE_DEPTH)
    aligned = apply_alignment(predicted, fit_scale_shift(predicted, truth, calibration=CAMERA))
    assert aligned.values[30, 40] == pytest.approx(truth.shape[1], rel=1e-4)  # no disparity is wider than the picture


def test_points_at_infinity_have_no_depth_to_fit_to(truth: DepthMap) -> None:
    values = truth.values.copy()
    predicted = relative(truth, CAMERA, 3.0, -0.2)
    values[10:20] = -CAMERA.doffs_px
    fit = fit_scale_shift(predicted, DepthMap(values, DepthKind.DISPARITY), calibration=CAMERA)
    assert (fit.scale, fit.shift) == pytest.approx((3.0, -0.2), rel=1e-3)


def test_every_alignment_is_fitted_in_depth(truth: DepthMap) -> None:
    predicted = relative(truth, CAMERA, 3.0, 0.0)
    mask = truth.valid
    rows = {row.mode: row for row in score_alignments(predicted, truth, mask, truth, mask, CAMERA)}
    for mode in ("median", "scale", "scale + shift", "robust scale + shift"):
        assert rows[mode].fit.scale == pytest.approx(3.0, rel=1e-3)
        assert rows[mode].ssim == pytest.approx(1, abs=1e-4)
    assert rows["none"].fit.scale == 1
    assert rows["none"].ssim < 0.9


def test_the_report_protocol_turns_it_round_for_disparity(truth: DepthMap) -> None:
    whole = DepthMap(np.nan_to_num(truth.values, nan=30), DepthKind.DISPARITY)
    predicted = relative(whole, UNIT_CAMERA, 1.0, 0.0)
    turned = DepthMap(-predicted.values, DepthKind.RELATIVE_INVERSE_DEPTH)
    assert evaluate(predicted, whole, "report").ssim == pytest.approx(evaluate(turned, whole, "report").ssim, abs=0.02)


def test_it_is_anchored_to_stereo_as_other_maps_are() -> None:
    rows, columns = np.mgrid[0:120, 0:160].astype(np.float32)
    disparity = DepthMap(20 + rows / 10 + columns / 40, DepthKind.DISPARITY)
    holes = disparity.values.copy()
    holes[40:60, 50:90] = np.nan
    fusion = fuse(relative(disparity, CAMERA, 3.0, -0.2), DepthMap(holes, DepthKind.DISPARITY), calibration=CAMERA)
    assert fusion is not None
    np.testing.assert_allclose(fusion.fused.values, disparity.values, atol=0.2)


def test_its_shape_is_drawn_the_right_way_round(truth: DepthMap) -> None:
    drawn = shape_depth(relative(truth, CAMERA, 3.0, -0.2))
    near, far = truth.values > 50, truth.values < 10
    assert drawn[near].max() < drawn[far].min()
    assert np.nanmin(drawn) > 0
    assert (DepthKind.RELATIVE_DEPTH.unit, DepthKind.RELATIVE_DEPTH.nearer_is_larger) == ("", False)
