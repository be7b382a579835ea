"""Scale and shift: exact on exact data, unmoved by outliers, honest about inverted and constant maps."""

from __future__ import annotations

import numpy as np
import pytest

from depth_demo.evaluation.alignment import (
    ALIGNMENT_MODES,
    Alignment,
    AlignmentMode,
    apply_alignment,
    fit_alignment,
    fit_scale_shift,
    looks_like_depth,
    median,
    scale_mismatch,
)
from depth_demo.geometry import Calibration, DepthKind, DepthMap
from tests.conftest import disparity_map


def relative(values: np.ndarray) -> DepthMap:
    return DepthMap(values, DepthKind.RELATIVE_INVERSE_DEPTH)


def test_an_affine_map_is_undone(random: np.random.Generator) -> None:
    truth = random.uniform(2, 90, (50, 60)).astype(np.float32)
    fit = fit_scale_shift(relative((truth - 7) / 3), disparity_map(truth))  # truth = 3 x value + 7
    assert (fit.scale, fit.shift) == pytest.approx((3, 7), rel=1e-5)
    assert fit.pixels == 3000
    assert fit.residual_px < 1e-4
    assert not fit.inverted
    np.testing.assert_allclose(apply_alignment(relative((truth - 7) / 3), fit).values, truth, rtol=1e-5)


def test_a_fifth_of_wild_pixels_does_not_move_the_fit(random: np.random.Generator) -> None:
    """Plain least squares would be 30 px off at the end of the range here."""
    truth = random.uniform(2, 90, (100, 100)).astype(np.float32)
    values = (truth - 7) / 3 + random.normal(0, 0.05, truth.shape)
    wild = random.random(truth.shape) < 0.2
    values[wild] = random.uniform(0, 28, wild.sum())
    fit = fit_scale_shift(relative(values), disparity_map(truth))
    assert fit.scale * (90 - 7) / 3 + fit.shift == pytest.approx(90, abs=1.0)
    plain_scale, plain_shift = np.polyfit(values.ravel(), truth.ravel(), 1)
    assert abs(plain_scale * (90 - 7) / 3 + plain_shift - 90) > 5


def test_metres_are_fitted_as_inverse_depth() -> None:
    depth = DepthMap(np.array([[1.0, 2.0, 4.0]], np.float32), DepthKind.METRIC_DEPTH)
    fit = fit_scale_shift(depth, disparity_map([[40, 20, 10]]))  # d = 40 / Z
    assert (fit.scale, fit.shift) == pytest.approx((40, 0), abs=1e-4)


def test_inverted_and_constant_maps_are_called_so() -> None:
    truth = disparity_map([[1, 2, 3, 4]])
    inverted = fit_scale_shift(relative(np.array([[4, 3, 2, 1]])), truth)
    assert inverted.scale == pytest.approx(-1)
    assert inverted.inverted
    assert "inverted" in str(inverted)
    assert fit_scale_shift(relative(np.full((1, 4), 0.3)), truth).inverted


def test_only_common_pixels_inside_the_mask_count() -> None:
    values = np.array([[0, 1, 2, 50, np.nan, 3]])
    truth = disparity_map([[1, 3, 5, 0, 9, np.nan]])
    mask = np.array([[True, True, True, False, True, True]])
    fit = fit_scale_shift(relative(values), truth, mask)
    assert fit.pixels == 3
    assert (fit.scale, fit.shift) == pytest.approx((2, 1))


def test_a_thinned_fit_says_so() -> None:
    assert str(Alignment(2, 1, 200_000, 0.25)).endswith(", on 200,000 pixels, median error 0.25 px")
    assert str(Alignment(2, 1, 200_001, 0.25)).endswith(", on 1 in 2 of 200,001 pixels, median error 0.25 px")


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"2 pixels or more .* there are 1"):
        fit_scale_shift(relative(np.array([[1, np.nan]])), disparity_map([[1, 2]]))
    with pytest.raises(ValueError, match="needs disparity"):
        fit_scale_shift(disparity_map([[1, 2]]), relative(np.array([[1.0, 2.0]])))


@pytest.mark.parametrize(("factor", "expected"), [(4.0, 4.0), (1 / 16, 1 / 16), (1.0, None), (1.1, None)])
def test_truth_read_with_a_wrong_scale_is_noticed(random: np.random.Generator, factor: float, expected: float | None) -> None:
    matched = random.uniform(5, 60, (60, 80)).astype(np.float32)
    matched[:, :20] = np.nan
    truth = matched * factor + random.normal(0, 0.05 * factor, matched.shape)
    truth[:20] = random.uniform(1, 90, (20, 80))  # a third of the matches are wrong
    ratio = scale_mismatch(disparity_map(truth), disparity_map(matched))
    assert ratio == (None if expected is None else pytest.approx(expected, rel=0.1))


def test_metres_read_as_pixels_are_noticed(random: np.random.Generator) -> None:
    matched = random.uniform(5, 60, (60, 80)).astype(np.float32)
    assert looks_like_depth(disparity_map(100 / matched), disparity_map(matched))
    assert not looks_like_depth(disparity_map(4 * matched), disparity_map(matched))
    assert not looks_like_depth(disparity_map(np.full((60, 80), 3)), disparity_map(matched))
    assert not looks_like_depth(disparity_map([[np.nan]]), disparity_map([[5]]))


def test_maps_without_relation_have_no_scale(random: np.random.Generator) -> None:
    assert (
        scale_mismatch(disparity_map(random.uniform(1, 90, (50, 50))), disparity_map(random.uniform(1, 90, (50, 50)))) is None
    )
    assert scale_mismatch(disparity_map([[np.nan]]), disparity_map([[5]])) is None


@pytest.mark.parametrize(
    ("mode", "scale", "shift", "residual"),
    [
        ("none", 1, 0, 4),  # |1 - 2|, |2 - 6|, |4 - 9|
        ("median", 3, 0, 1),  # 6 / 2; |3 - 2|, |6 - 6|, |12 - 9|
        ("scale", 50 / 21, 0, 11 / 21),  # (2 + 12 + 36) / (1 + 4 + 16); errors 8 / 21, 26 / 21, 11 / 21
    ],
)
def test_simple_modes_by_hand(mode: AlignmentMode, scale: float, shift: float, residual: float) -> None:
    fit = fit_alignment(relative(np.array([[1, 2, 4]])), disparity_map([[2, 6, 9]]), mode)
    assert (fit.scale, fit.shift, fit.pixels) == pytest.approx((scale, shift, 3))
    assert fit.residual_px == pytest.approx(residual)


def test_scale_and_shift_are_numpys_least_squares(random: np.random.Generator) -> None:
    values, truth = random.uniform(0, 5, (20, 30)), random.uniform(2, 90, (20, 30)).astype(np.float32)
    fit = fit_alignment(relative(values), disparity_map(truth), "scale + shift")
    expected = np.polyfit(values.astype(np.float32).ravel().astype(float), truth.ravel().astype(float), 1)
    assert (fit.scale, fit.shift) == pytest.approx(expected, rel=1e-6)


def test_the_robust_mode_is_the_protocols(random: np.random.Generator) -> None:
    predicted, truth = relative(random.uniform(0, 5, (20, 30))), disparity_map(random.uniform(2, 90, (20, 30)))
    mask = random.random((20, 30)) < 0.5
    assert fit_alignment(predicted, truth, "robust scale + shift", mask) == fit_scale_shift(predicted, truth, mask)


def test_nothing_is_fitted_to_metres_but_the_camera_turns_them_into_pixels() -> None:
    metres = DepthMap(np.array([[1.0, 2.0]], np.float32), DepthKind.METRIC_DEPTH)
    truth = disparity_map([[47, 22]])  # 500 px x 0.1 m / Z - 3 px
    fit = fit_alignment(metres, truth, "none", calibration=Calibration(500, 0.1, 3))
    assert (fit.scale, fit.shift, fit.residual_px) == pytest.approx((50, -3, 0))
    with pytest.raises(ValueError, match="only with a calibration"):
        fit_alignment(metres, truth, "none")


def test_a_scale_cannot_be_had_from_zeros() -> None:
    modes: tuple[AlignmentMode, ...] = ("median", "scale")
    for mode in modes:
        assert fit_alignment(relative(np.zeros((1, 3))), disparity_map([[1, 2, 3]]), mode).inverted
    with pytest.raises(ValueError, match=r"must be one of none, median, .* not 'best'"):
        fit_alignment(relative(np.ones((1, 3))), disparity_map([[1, 2, 3]]), "best")  # type: ignore[arg-type]
    assert len(ALIGNMENT_MODES) == 5


@pytest.mark.parametrize("count", [1, 2, 7, 8])
def test_the_median_is_numpys(random: np.random.Generator, count: int) -> None:
    values = random.normal(size=count)
    assert median(values) == np.median(values)
    assert median(values.astype(np.float32)) == np.median(values.astype(np.float32))
