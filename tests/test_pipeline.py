"""From arrays to results, with estimators that are plain functions."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from depth_demo.comparison.fusion import confident_stereo
from depth_demo.geometry import DepthKind, DepthMap, RgbImage, StereoPair, disparity_to_depth
from depth_demo.pipeline import Estimator, align, compare, estimate, match
from depth_demo.stereo.matched import UNSEARCHED
from depth_demo.stereo.matcher import MATCHERS
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.wording.scores import metres_in_words, score_table
from tests.conftest import PAIRS, stereo_of

SETTINGS = SgbmSettings("SGBM_3WAY", num_disparities=64)


@pytest.fixture(scope="module")
def pair() -> StereoPair:
    return PAIRS[0].load()


def affine_of_truth(pair: StereoPair, scale: float, shift: float) -> Estimator:
    """A monocular estimator that sees perfectly, but in its own scale and shift."""
    assert pair.ground_truth is not None
    values = (pair.ground_truth.values - shift) / scale
    return lambda image: DepthMap(values, DepthKind.RELATIVE_INVERSE_DEPTH)


def test_estimate_hands_over_the_image_and_times_it() -> None:
    def brightness(image: RgbImage) -> DepthMap:
        return DepthMap(image.mean(axis=2), DepthKind.RELATIVE_INVERSE_DEPTH)

    image = np.full((20, 30, 3), 7, np.uint8)
    result = estimate(image, brightness)
    assert (result.depth_map.values == 7).all()
    assert result.seconds > 0


def test_match_gives_metres_that_triangulate(pair: StereoPair) -> None:
    result = match(pair, SETTINGS)
    assert result.depth is not None
    assert pair.calibration is not None
    fb = pair.calibration.focal_length_px * pair.calibration.baseline_m
    product = (result.depth.values * result.disparity.values)[result.disparity.valid]
    np.testing.assert_allclose(product, fb, rtol=1e-5)
    assert result.filled.valid.all()
    assert result.coverage == pytest.approx(100 * result.disparity.valid.mean())
    assert result.band_share == pytest.approx(100 * 64 / 480)


def test_match_names_the_mode_that_ran(pair: StereoPair) -> None:
    result = match(pair, SgbmSettings("auto", num_disparities=64))
    assert result.settings.method == "HH4"
    assert result.description == "HH4 on 480x360 pixels, 0 to 63 px"
    assert result.matcher is MATCHERS["opencv"]
    assert result.hole_value == -1


def test_match_without_calibration_has_no_metres(pair: StereoPair) -> None:
    result = match(StereoPair(pair.left, pair.right), SETTINGS)
    assert result.depth is None
    assert result.filled_depth is None


def test_match_refuses_swapped_views_but_not_a_negative_range(pair: StereoPair) -> None:
    swapped = StereoPair(pair.right, pair.left)
    with pytest.raises(ValueError, match="look swapped"):
        match(swapped, SETTINGS)
    inwards = match(swapped, SgbmSettings("SGBM_3WAY", -64, 64))
    assert np.nanmedian(inwards.disparity.values) < -8


def test_a_pixel_with_an_answer_and_one_in_the_left_band(pair: StereoPair) -> None:
    result = match(pair, SETTINGS)
    y, x = np.argwhere(result.disparity.valid)[0]
    assert result.why_missing(int(x), int(y)) is None
    assert result.why_missing(63, 20) == result.why_missing(0, 0) == UNSEARCHED
    assert result.why_missing(64, 0) != UNSEARCHED


def test_match_refuses_one_picture_twice(pair: StereoPair) -> None:
    with pytest.raises(ValueError, match="Both views are the same picture"):
        match(StereoPair(pair.left, pair.left.copy()), SETTINGS)


@pytest.mark.parametrize(("lower", "warning"), [(0, ""), (6, "6.0 px lower in the right view")])
@pytest.mark.parametrize("settings", [SETTINGS, SgbmSettings("BM", 0, 64, 9)], ids=lambda settings: settings.mode)
def test_match_says_that_rows_differ_where_little_matches(
    pair: StereoPair, lower: int, warning: str, settings: SgbmSettings
) -> None:
    result = match(StereoPair(pair.left, np.roll(pair.right, lower, axis=0)), settings)
    assert warning in result.warning
    assert bool(result.warning) == (result.coverage < settings.usual_coverage)


def test_compare_undoes_an_affine_map_and_scores_it_perfectly(pair: StereoPair) -> None:
    result = compare(pair, affine_of_truth(pair, 40, -3), SETTINGS)
    fit = result.monocular.fair.alignment
    assert fit is not None
    assert (fit.scale, fit.shift) == pytest.approx((40, -3), rel=1e-3)
    assert result.monocular.fair.ssim == pytest.approx(1, abs=1e-5)
    assert result.monocular.fair.coverage == 100
    assert result.aligned is not None
    np.testing.assert_allclose(result.aligned.values, result.reference.values, atol=1e-2)


def test_compare_judges_both_methods_on_the_same_pixels(pair: StereoPair) -> None:
    result = compare(pair, affine_of_truth(pair, 40, -3), SETTINGS)
    monocular, stereo = result.monocular.fair, stereo_of(result).fair
    assert monocular.errors is not None
    assert stereo.errors is not None
    assert monocular.errors.pixels == stereo.errors.pixels == result.matched.disparity.valid.sum()
    assert monocular.windows == stereo.windows > 0


def test_compare_measures_regions_and_finds_the_band_that_cannot_be_matched(pair: StereoPair) -> None:
    result = compare(pair, affine_of_truth(pair, 40, -3), SETTINGS)
    stereo = {row.name: row for row in stereo_of(result).regions}
    fair = stereo_of(result).fair
    assert fair.errors_all is not None
    assert stereo["whole picture"].wrong == pytest.approx(fair.errors_all.bad_3)
    assert stereo["whole picture"].coverage == pytest.approx(fair.coverage)
    assert (stereo["unsearched band"].pixels, stereo["unsearched band"].wrong) == (64 * pair.left.shape[0], 100)
    assert result.monocular.regions[0].wrong == 0
    assert result.monocular.failures == ()
    worst = stereo_of(result).failures[0]
    assert (worst.name, worst.left, worst.fails, worst.cause) == ("S1", 0, "only stereo", "unsearched band")


def test_compare_takes_truth_in_metres(pair: StereoPair) -> None:
    assert pair.ground_truth is not None
    assert pair.calibration is not None
    metres = disparity_to_depth(pair.ground_truth, pair.calibration)
    in_metres = StereoPair(pair.left, pair.right, pair.calibration, metres)
    result = compare(in_metres, affine_of_truth(pair, 40, -3), SETTINGS)
    expected = compare(pair, affine_of_truth(pair, 40, -3), SETTINGS)
    assert stereo_of(result).fair.ssim == pytest.approx(stereo_of(expected).fair.ssim, abs=1e-4)


def test_compare_takes_a_metric_model(pair: StereoPair) -> None:
    assert pair.ground_truth is not None
    assert pair.calibration is not None
    metres = disparity_to_depth(pair.ground_truth, pair.calibration)
    result = compare(pair, lambda image: metres, SETTINGS)
    assert result.monocular.fair.ssim == pytest.approx(1, abs=1e-4)
    in_metres = result.as_written["monocular"].depth
    assert in_metres is not None
    assert in_metres.ssim == pytest.approx(1, abs=1e-4)


def test_compare_says_inverted_instead_of_a_score(pair: StereoPair) -> None:
    result = compare(pair, affine_of_truth(pair, -40, 0), SETTINGS)
    assert result.aligned is None
    assert result.monocular.fair.inverted
    assert result.monocular.failures == ()
    assert result.monocular.regions == ()
    assert stereo_of(result).regions
    assert not stereo_of(result).fair.inverted


def test_without_truth_the_estimate_is_set_against_confident_stereo(pair: StereoPair) -> None:
    bare = StereoPair(pair.left, pair.right, pair.calibration)
    result = compare(bare, affine_of_truth(pair, 40, -3), SETTINGS)
    matched = result.matched
    confident = confident_stereo(matched.disparity, matched.left_right_diff)
    np.testing.assert_array_equal(result.reference.values, np.where(confident, matched.disparity.values, np.nan))
    assert (result.truth, result.stereo) == (None, None)
    fit, errors = result.monocular.fair.alignment, result.monocular.fair.errors
    assert fit is not None
    assert errors is not None
    assert (fit.scale, fit.shift) == pytest.approx((40, -3), rel=0.02)
    assert errors.pixels == np.count_nonzero(confident)
    assert errors.epe_px < 0.5
    assert result.fused is not None
    assert result.fused.fair is None
    assert [name for name, _ in result.judged] == ["monocular"]
    assert result.as_written == {}
    assert align(result, "truth") == align(result, "stereo")


def test_without_truth_and_confident_stereo_there_is_nothing_to_compare(pair: StereoPair) -> None:
    random = np.random.default_rng(0)
    noise = [random.integers(0, 255, pair.left.shape, np.uint8) for _ in range(2)]
    with pytest.raises(ValueError, match="neither ground truth nor confident stereo"):
        compare(StereoPair(noise[0], noise[1]), affine_of_truth(pair, 1, 0), SETTINGS)


def test_with_a_mask_both_methods_are_also_scored_where_it_counts(pair: StereoPair) -> None:
    assert pair.ground_truth is not None
    counted = pair.ground_truth.values > 9
    estimator = affine_of_truth(pair, 40, -3)
    masked, plain = (compare(dataclasses.replace(pair, counted=mask), estimator, SETTINGS) for mask in (counted, None))
    assert masked.fused is not None
    for scores in (masked.monocular, stereo_of(masked), masked.fused):
        inside = scores.non_occluded
        assert inside is not None
        assert inside.errors_all is not None
        assert inside.errors_all.pixels == np.count_nonzero(counted & pair.ground_truth.valid)
    assert stereo_of(masked).fair.errors == stereo_of(plain).fair.errors
    assert masked.monocular.fair.alignment == plain.monocular.fair.alignment  # one fit for both
    assert stereo_of(plain).non_occluded is None
    names = [row[0] for row in score_table(masked)]
    first = [name.startswith("non-occluded: ") for name in names]
    assert first == sorted(first, reverse=True)
    assert {"non-occluded: bad-0.5 [%]", "non-occluded: bad-3 with holes [%]", "fair: SSIM", "bad-3, all truth [%]"} <= set(
        names
    )


def test_a_mask_needs_truth_that_it_counts(pair: StereoPair) -> None:
    nothing = np.zeros(pair.left.shape[:2], bool)
    with pytest.raises(ValueError, match="counts no pixel that has ground truth"):
        dataclasses.replace(pair, counted=nothing)
    with pytest.raises(ValueError, match="choose the ground truth too"):
        StereoPair(pair.left, pair.right, counted=~nothing)
    with pytest.raises(ValueError, match="The mask must have the size of the left image"):
        dataclasses.replace(pair, counted=~nothing[1:])


def test_a_constant_truth_has_no_scores_in_metres(pair: StereoPair) -> None:
    assert pair.ground_truth is not None
    flat = DepthMap(np.full(pair.left.shape[:2], 9, np.float32), DepthKind.DISPARITY)
    result = compare(dataclasses.replace(pair, ground_truth=flat), affine_of_truth(pair, 40, -3), SETTINGS)
    assert stereo_of(result).fair.errors is not None
    assert stereo_of(result).fair.depth is None
    assert metres_in_words(result).startswith(
        "There are no scores in metres: where there is something to judge, the truth is equally"
    )
    cells = {row[0]: row[1:4] for row in score_table(result)}
    assert cells["AbsRel"] == cells["RMSE [m]"] == cells["SILog"] == ("inverted", "-", "-")  # no map can be fitted to it
