"""Terms of the field are explained where they first stand."""

from __future__ import annotations

import re

import pytest

from depth_demo.wording.scores import FAIR_ROWS
from depth_demo.wording.terms import MEANINGS, explained


def marked(text: str) -> list[str]:
    return re.findall(r'<abbr class="term" tabindex="0" title="[^"]+">([^<]+)</abbr>', explained(text))


def test_the_first_mention_of_each_term_is_marked_and_the_rest_of_the_text_stays() -> None:
    text = "**SSIM** is 0.8, EPE 0.5 px, and SSIM is higher elsewhere."
    assert marked(text) == ["SSIM", "EPE"]
    assert re.sub("<[^>]*>", "", explained(text)) == text


@pytest.mark.parametrize(
    "text", ["`EPE` is a key", "[SSIM](https://example.org/SSIM)", '<img alt="SSIM">', "the epe", "bad-30", "HH8"]
)
def test_code_links_tags_and_other_words_are_left_alone(text: str) -> None:
    assert explained(text) == text


def test_plain_words_are_found_at_the_beginning_of_a_sentence_and_the_longest_term_wins() -> None:
    assert marked("Disparity in pixels.") == ["Disparity"]
    assert marked("SGBM_3WAY is quick, and SGBM is not.") == ["SGBM_3WAY", "SGBM"]


def test_every_meaning_is_a_sentence_and_every_score_has_one() -> None:
    assert all(meaning[0].isupper() and meaning.endswith(".") for meaning in MEANINGS.values())
    scores = {re.sub(r"^fair: |,.*| \[.*", "", row.name) for row in FAIR_ROWS} - {"coverage"}
    assert scores <= MEANINGS.keys()
