"""What is said of a rectification holds its numbers, and no metres are shown before the constant is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depth_demo.geometry import StereoPair
from depth_demo.stereo.rectification.constant import Constant
from depth_demo.stereo.rectification.quality import Quality
from depth_demo.stereo.rectification.rows import RowQuality
from depth_demo.stereo.rectification.turns import UNCHANGED
from depth_demo.stereo.rectify import Rectified
from depth_demo.wording.rectification import MISFIT, depth_errors_in_words, quality_in_words, rectified_in_words

GOOD = RowQuality(500, 0.2, 1.1, 0.05, 0.1, 0.04, 0.02, -0.03, 0.1, 0.002)
ROLLED = RowQuality(480, 6.0, 13.6, 5.8, 12.9, 0.1, 13.4, 0.2, 0.1, 0.8)
VIEW = np.zeros((40, 60, 3), np.uint8)
EVERYWHERE = np.ones((40, 60), np.bool_)


def rectified(rows: RowQuality | None = GOOD, before: RowQuality | None = ROLLED) -> Rectified:
    return Rectified(
        StereoPair(VIEW, VIEW), EVERYWHERE, EVERYWHERE, Quality(rows, before, 0.957), "What was done.", 700, (29.5, 19.5),
        (29.5, 19.5), None, None, 3.7, UNCHANGED,
    )  # fmt: skip


def test_rows_before_and_after_and_the_roll() -> None:
    words = quality_in_words(Quality(GOOD, ROLLED, 0.957))
    assert "**Before**, the rows differ by 6.00 px (median of 480 matches; 95 % within 13.6 px)." in words
    assert "The right camera is rolled clockwise by 0.8 degrees." in words
    assert "**After**, the rows differ by 0.20 px (median of 500 matches; 95 % within 1.1 px): good enough to match." in words
    assert "At least 96 % of each view is kept." in words


def test_a_bow_is_called_lens_distortion() -> None:
    assert "The gap bows by 1.4 px over the picture: the lenses are distorted." in quality_in_words(
        Quality(replace(GOOD, bow_px=1.4), None, 1)
    )
    assert "distorted" not in quality_in_words(Quality(GOOD, ROLLED, 1))


def test_a_calibration_after_which_rows_differ_does_not_fit_the_photos() -> None:
    bowed = replace(ROLLED, bow_px=3)
    words = quality_in_words(Quality(bowed, None, 1), is_calibrated=True)
    assert MISFIT in words
    assert "Calibrate them" not in words
    assert MISFIT not in quality_in_words(Quality(bowed, None, 1))
    assert MISFIT not in quality_in_words(Quality(GOOD, None, 1), is_calibrated=True)


def test_a_pair_without_matches_and_one_that_is_still_off() -> None:
    assert "Too few points match to tell" in quality_in_words(Quality(None, None, 1))
    assert "**Now**, the rows differ by 6.00 px" in quality_in_words(Quality(ROLLED, None, 1))
    assert "matching will lose much" in quality_in_words(Quality(ROLLED, None, 1))


def test_no_metres_before_the_constant_is_fitted() -> None:
    words = rectified_in_words(rectified())
    assert words.startswith("What was done.")
    assert "leave it open by about 3.7 px. There is no depth in metres before it is fitted" in words
    assert "Expected error" not in words
    known = rectified().with_constant(Constant(-3.66, "the truth of 900 pixels", 900, 0.4), 0.12)
    assert known.pair.calibration is not None
    assert known.pair.calibration.doffs_px == -3.66
    words = rectified_in_words(known)
    assert "-3.66 px are added to every disparity, fitted to the truth of 900 pixels" in words
    assert "doffs = -3.66 px" in words
    assert "Free constant" not in words


@pytest.mark.parametrize(("metres", "words"), [(2, "1.2 cm at 2 m"), (10, "30 cm at 10 m"), (50, "7.4 m at 50 m")])
def test_the_error_of_depth_grows_with_the_square_of_the_distance(metres: int, words: str) -> None:
    """At f B = 84 px m and 0.25 px of disparity: Z^2 / 84 * 0.25."""
    known = rectified(replace(GOOD, smooth_median_px=0.0)).with_constant(Constant(0, "a truth", 900, 0.4), 0.12)
    assert known.quality.depth_error_m(metres, 700, 0.12) == pytest.approx(metres**2 / 84 * 0.25)
    assert words in depth_errors_in_words(known)


def test_a_row_gap_adds_to_the_error_of_depth() -> None:
    good, bad = (Quality(rows, None, 1).disparity_error_px for rows in (GOOD, ROLLED))
    assert 0.25 <= good < 0.3
    assert bad > 2
