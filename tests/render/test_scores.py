"""What is said about a comparison as a whole: who is right where, and how much of the picture SSIM rests on."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from depth_demo.geometry import DepthKind, DepthMap, Mask
from depth_demo.pipeline import Comparison, compare
from depth_demo.render.findings import headline
from depth_demo.render.scores import ssim_in_words
from depth_demo.stereo.settings import SgbmSettings
from tests.conftest import PAIRS, stereo_of


def compared(sign: float = 1.0, known: Mask | None = None) -> Comparison:
    pair = PAIRS[0].load()
    assert pair.ground_truth is not None
    bent = DepthMap(sign * pair.ground_truth.values**1.3, DepthKind.RELATIVE_INVERSE_DEPTH)
    if known is not None:
        truth = np.where(known, pair.ground_truth.values, np.float32(np.nan))
        pair = dataclasses.replace(pair, ground_truth=DepthMap(truth, DepthKind.DISPARITY))
    return compare(pair, lambda image: bent, SgbmSettings("SGBM_3WAY", num_disparities=64))


def scattered(step: int, rows: int) -> Mask:
    """Every `step`-th pixel of the first rows."""
    known = np.zeros(PAIRS[0].load().left.shape[:2], np.bool_)
    known[:rows:step, ::step] = True
    return known


def test_the_question_is_answered_where_both_are_judged() -> None:
    comparison = compared()
    one, two = (100 - scores.regions[0].bad_3 for scores in (comparison.monocular, stereo_of(comparison)))
    assert f"is within 3 px on {one:.0f} % of the pixels; two are on {two:.0f} %." in headline(comparison)
    assert headline(compared(-1)) == ""


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
