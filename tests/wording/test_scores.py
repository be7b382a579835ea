"""What is said about a comparison as a whole: who is right where, and how much of the picture SSIM rests on."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.comparison.results import Comparison
from depth_demo.geometry import Calibration, DepthKind, DepthMap, Mask
from depth_demo.pipeline import align, compare
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.wording.alignments import what_flips
from depth_demo.wording.findings import doubt, headline
from depth_demo.wording.scores import ssim_in_words, why_no_boxes
from tests.conftest import PAIRS, stereo_of


def true_values() -> NDArray[np.float32]:
    """(H, W) disparity [px]."""
    truth = PAIRS[0].load().ground_truth
    assert truth is not None
    return truth.values


def compared(sign: float = 1.0, known: Mask | None = None) -> Comparison:
    pair = PAIRS[0].load()
    assert pair.ground_truth is not None
    bent = DepthMap(sign * pair.ground_truth.values**1.3, DepthKind.RELATIVE_INVERSE_DEPTH)
    if known is not None:
        truth = np.where(known, pair.ground_truth.values, np.float32(np.nan))
        pair = dataclasses.replace(pair, ground_truth=DepthMap(truth, DepthKind.DISPARITY))
    return compare(pair, lambda image: bent, SgbmSettings("SGBM_3WAY", num_disparities=64))


def scattered(step: int, rows: int) -> Mask:
    """Every `step`-th pixel of the last rows."""
    known = np.zeros(PAIRS[0].load().left.shape[:2], np.bool_)
    known[-rows::step, ::step] = True
    return known


def test_the_question_is_answered_where_both_are_judged() -> None:
    comparison = compared()
    one, two = (100 - scores.regions[0].wrong for scores in (comparison.monocular, stereo_of(comparison)))
    assert f"is within 3 px on {one:.0f} % of the pixels; two are on {two:.0f} %." in headline(comparison)
    assert "That cannot be said: the monocular map is inverted" in headline(compared(-1))


@pytest.mark.parametrize("sign", [1, -1])
def test_it_rests_on_the_windows_that_both_know_or_stereo_alone(sign: float) -> None:
    comparison = compared(sign)
    windows = stereo_of(comparison).fair.windows
    share = 100 * windows / comparison.reference.values.size
    assert ssim_in_words(comparison) == f"Fair SSIM is over {windows:,} windows, {share:.1f} % of the picture."


def test_a_map_with_many_holes_is_no_sparse_truth() -> None:
    comparison = compared()
    stereo = stereo_of(comparison)
    few = dataclasses.replace(
        comparison, stereo=dataclasses.replace(stereo, fair=dataclasses.replace(stereo.fair, windows=12))
    )
    assert ssim_in_words(few) == "Fair SSIM is over 12 windows, 0.0 % of the picture."


@pytest.mark.parametrize(
    ("step", "rows", "said"),
    [
        (3, 360, "The truth is too sparse for SSIM and boxes: no 7x7 window is wholly known."),
        (1, 20, "of the picture. The truth is too sparse to draw boxes from."),
    ],
)
def test_a_sparse_truth_is_named(step: int, rows: int, said: str) -> None:
    comparison = compared(known=scattered(step, rows))
    assert ssim_in_words(comparison).endswith(said)
    assert comparison.failures == ()
    assert why_no_boxes(comparison) == "the truth is too sparse"


def test_an_inverted_map_without_truth_has_no_boxes() -> None:
    comparison = dataclasses.replace(compared(-1), stereo=None)
    assert why_no_boxes(comparison) == "the monocular map is inverted or constant"


def test_the_headline_says_on_how_little_a_sparse_truth_lets_it_judge_structure() -> None:
    assert "Where both answer, structure" in headline(compared())
    assert "On the 3.3 % of the picture where it can be compared, structure" in headline(compared(known=scattered(1, 20)))


def test_a_constant_truth_has_no_structure() -> None:
    comparison = compared(known=scattered(1, 360) & (true_values() == 9))
    assert ssim_in_words(comparison) == "The truth has the same value everywhere, so SSIM is undefined."
    assert why_no_boxes(comparison) == "the truth has the same value everywhere"
    assert comparison.failures == ()
    assert np.isnan(stereo_of(comparison).fair.ssim_all)
    assert "one of them is constant" in headline(comparison)


def test_a_truth_without_whole_windows_says_nothing_of_structure() -> None:
    text = headline(compared(known=scattered(3, 360)))
    assert "is within 3 px on" in text
    assert "structure" not in text


def test_no_alignment_wins_where_near_and_far_are_exchanged() -> None:
    comparison = compared(-1)
    assert what_flips(align(comparison, "truth"), stereo_of(comparison).fair).startswith("No fit counts")


def doubt_about(truth: DepthMap, doffs_px: float = 0.0) -> str:
    pair = PAIRS[0].load()
    camera = Calibration(500, 0.1, doffs_px)
    estimator = lambda image: DepthMap(true_values(), DepthKind.RELATIVE_INVERSE_DEPTH)
    judged = dataclasses.replace(pair, ground_truth=truth, calibration=camera)
    return doubt(compare(judged, estimator, SgbmSettings("SGBM_3WAY", num_disparities=64)))


@pytest.mark.parametrize("doffs_px", [0, 30, -5])
@pytest.mark.parametrize(
    ("factor", "said"), [(1, ""), (1000, "The truth is about 1000 times the matched depth"), (1 / 256, "about 0.0039 times")]
)
def test_depth_in_another_unit_is_doubted(factor: float, said: str, doffs_px: float) -> None:
    depth = 500 * 0.1 / (true_values() + doffs_px)
    text = doubt_about(DepthMap((factor * depth).astype(np.float32), DepthKind.METRIC_DEPTH), doffs_px)
    assert said in text if said else text == ""


def test_disparity_read_as_depth_and_depth_read_as_disparity_are_doubted() -> None:
    disparity = true_values()
    assert "choose 'Truth holds: disparity'" in doubt_about(DepthMap(disparity, DepthKind.METRIC_DEPTH))
    assert "choose 'Truth holds: depth'" in doubt_about(DepthMap(np.float32(500) / disparity, DepthKind.DISPARITY))


def test_a_handful_of_truth_is_doubted() -> None:
    values = np.full_like(true_values(), np.nan)
    values[200, 200:203] = 12, 13, 14
    assert doubt_about(DepthMap(values, DepthKind.DISPARITY)) == (
        "**Only 3 pixels have truth, too few for scores that mean something.**"
    )
