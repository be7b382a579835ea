"""What many pairs say, in sentences."""

from __future__ import annotations

import pytest

from depth_demo.evaluation.summary import Lead, Spread
from depth_demo.wording.data_set import counts_in_words, end_in_words, lead_in_words, protocols_in_words, spread_cell


@pytest.mark.parametrize(
    ("sure", "verdict"),
    [
        ((60.0, 90.0), "stereo is ahead."),
        ((10.0, 40.0), "the monocular map is ahead."),
        ((40.0, 60.0), "that leaves open who is ahead."),
    ],
)
def test_a_lead_is_said_only_where_other_pairs_could_not_turn_it(sure: tuple[float, float], verdict: str) -> None:
    said = lead_in_words("EPE [px]", Lead(3, 4, *sure))
    assert said.startswith("In EPE [px] stereo is better in 3 of 4 pairs (95 % interval ")
    assert said.endswith(verdict)
    assert lead_in_words("D1 [%]", None) == "In D1 [%] no pair tells them apart."


def test_the_ways_of_computing_ssim_agree_or_decide() -> None:
    both = {"fair: SSIM": (0.4, 0.8), "report: SSIM of disparity": (0.7, 0.5)}
    assert protocols_in_words(both) == (
        "**How SSIM is computed decides who wins**: the monocular map has the higher median in report: SSIM of disparity "
        "(0.700 against 0.500), stereo in fair: SSIM (0.400 against 0.800)."
    )
    assert protocols_in_words({"fair: SSIM": (0.4, 0.8)}).startswith(
        "All ways of computing SSIM agree: stereo has the higher median in"
    )
    assert protocols_in_words({}) == ""


def test_a_cell_is_a_median_its_quartiles_and_its_interval() -> None:
    assert spread_cell(Spread(5, 1.234, 1, 2, 0.5, 3), "{:.2f}") == ("1.23", "1.00 to 2.00", "[0.50, 3.00]")
    assert spread_cell(None, "{:.2f}") == ("-", "", "")


def test_counts_name_what_is_missing() -> None:
    assert counts_in_words(1, 1, 0) == "1 pair."
    assert counts_in_words(5, 1200, 0) == "5 pairs of 1,200."
    assert counts_in_words(4, 5, 1).startswith("4 pairs. 1 could not be scored wholly; they are listed below")


def test_pairs_that_were_left_out_are_told_with_what_takes_them() -> None:
    assert end_in_words(20, 20, 0, 0) == "20 of 20 pairs done."
    assert end_in_words(20, 20, 0, 1) == "20 of 20 pairs done. The data set holds 1 more pair: a larger limit takes it."
    held = "200 of 200 pairs done. The data set holds 3 more pairs: "
    assert end_in_words(200, 200, 0, 3) == f"{held}a larger limit takes them."
    assert end_in_words(200, 200, 0, 3, most=300) == f"{held}a larger limit takes them."
    assert end_in_words(200, 200, 0, 3, most=200) == f"{held}this server takes up to 200 in a run."
