"""Sentences say what was measured, with the number, and nothing else."""

from __future__ import annotations

import re

from depth_demo.evaluation.region_errors import RegionErrors
from depth_demo.wording.findings import sentences, shown

NAN = float("nan")
WHOLE = RegionErrors("whole picture", "", "whole", 100_000, 0.6, -0.24, 30.0, 75.0)
ROAD = RegionErrors("road", "", "label", 40_000, 0.4, 0.0, 58.0, 43.0)
FENCE = RegionErrors("fence", "", "label", 999, 2.0, 0.0, 90.0, 80.0)  # worse, but less than 1 % of the picture
WALL = RegionErrors("building", "", "label", 50_000, 0.55, 0.0, 10.0, 93.0)
SPECK = RegionErrors("glass", "", "label", 199, 9.0, 9.0, 100.0, 10.0)


def row(like: RegionErrors, bad_3: float) -> RegionErrors:
    return RegionErrors(like.name, "", like.role, like.pixels, 1.0, 0.0, bad_3, 100.0)


def test_strength_and_weakness_are_the_best_and_the_worst_region_of_some_size() -> None:
    assert sentences([WHOLE, ROAD, FENCE, WALL, SPECK]) == [
        (
            "has an answer for 75.0 % of the pixels with truth, 0.60 px off on average and 0.2 px too far on average. "
            "30.0 % are wrong: no answer, or more than 3 px off."
        ),
        "Strongest on the building, which it measures to 0.6 px on average: 10 % wrong.",
        "It loses 58 % of the road: 57 % without an answer, 1 % more than 3 px off.",
    ]


def test_where_most_is_wrong_there_is_no_strength() -> None:
    found = sentences([row(WHOLE, 90), row(ROAD, 95), row(WALL, 60)])
    assert [text for text in found if "Strongest" in text] == []
    assert any("It loses 95 % of the road" in text for text in found)


def test_the_lead_over_the_other_method_is_said_with_both_numbers() -> None:
    other = [row(WHOLE, 30), row(ROAD, 20), row(FENCE, 95), row(WALL, 25)]
    own = sentences([WHOLE, ROAD, FENCE, WALL], other, "monocular")
    assert own[-1] == "It is furthest ahead on the building: 10 % wrong, monocular 25 %."
    assert sentences(other, [WHOLE, ROAD, FENCE, WALL], "stereo")[-1] == (
        "It is furthest ahead on the road: 20 % wrong, stereo 58 %."
    )


def test_where_the_other_cannot_answer_nobody_is_ahead() -> None:
    band = RegionErrors("unsearched band", "", "cause for stereo", 40_000, NAN, NAN, 100.0, 0.0)
    found = sentences([row(WHOLE, 30), row(band, 40), row(ROAD, 20)], [row(WHOLE, 35), band, row(ROAD, 25)], "stereo")
    assert found[-1] == "It is furthest ahead on the road: 20 % wrong, stereo 25 %."


def test_what_is_lost_in_one_way_is_said_once() -> None:
    far_off, missing = row(ROAD, 58), RegionErrors("road", "", "label", 40_000, 0.4, 0.0, 58.0, 42.0)
    assert sentences([WHOLE, far_off])[1] == "It loses 58 % of the road: all of these more than 3 px off."
    assert sentences([WHOLE, missing])[1] == "It loses 58 % of the road: all of these without an answer."


def test_no_sentence_without_a_measurement() -> None:
    alike = [row(WHOLE, 30), row(ROAD, 30), row(FENCE, 30)]
    assert len(sentences(alike, alike, "stereo")) == 1
    assert len(sentences([WHOLE, SPECK])) == 1
    empty = RegionErrors("whole picture", "", "whole", 500, NAN, NAN, 100.0, 0.0)
    assert sentences([empty]) == ["has an answer for 0.0 % of the pixels with truth."]


def test_every_sentence_carries_a_number() -> None:
    found = sentences([WHOLE, ROAD, FENCE, WALL], [row(WHOLE, 50), row(WALL, 80)], "stereo")
    assert len(found) == 4
    assert all(re.search(r"\d", sentence) for sentence in found)


def test_rows_under_200_pixels_are_hidden() -> None:
    assert shown([WHOLE, SPECK, FENCE]) == [WHOLE, FENCE]
