"""The panel of the three families: whose truth it takes, and what it says."""

from __future__ import annotations

import gradio as gr
import numpy as np
import pytest

from depth_demo.comparison.families import Families, match_families
from depth_demo.examples import list_examples
from depth_demo.geometry import StereoPair
from depth_demo.ui.panels.families import caption, maps, on_families, summary
from tests.conftest import PAIRS

EXAMPLE, OTHER = PAIRS
STREET = list_examples()[0]


@pytest.fixture(scope="module")
def matched() -> tuple[StereoPair, Families]:
    pair = EXAMPLE.load()
    return pair, match_families(pair, 0, 64)


def test_a_family_in_words(matched: tuple[StereoPair, Families]) -> None:
    local = matched[1].matches[0]
    assert local.evaluation is not None
    assert local.evaluation.errors is not None
    text = caption(local)
    assert text.startswith(
        "**Local: SAD in a window.** For every pixel by itself, the sum of absolute differences over 9x9 px"
    )
    assert f"{local.seconds:.2f} s; {local.coverage:.1f} % of the pixels matched." in text
    assert f"**Bad-3 {local.evaluation.errors.bad_3:.1f} %** and **EPE {local.evaluation.errors.epe_px:.2f} px**" in text


def test_the_size_and_the_range_stand_on_the_screen(matched: tuple[StereoPair, Families]) -> None:
    pair, result = matched
    assert summary(result, pair).startswith("On 480x360 pixels, 0 to 63 px.")
    assert "the example's truth" in summary(result, pair)


def test_an_uploaded_pair_has_maps_and_no_scores() -> None:
    outputs = on_families(str(EXAMPLE.left), str(EXAMPLE.right), 0, 64, "SSD", 5, "Turbo")
    *pictures, truth, local, rows, sgbm, about, result = outputs
    assert len({np.shape(picture) for picture in pictures}) == 1  # type: ignore[call-overload]
    assert isinstance(truth, dict)
    assert truth["visible"] is False
    assert "squared differences over 5x5 px" in str(local)
    assert not any("Bad-3" in str(words) for words in (local, rows, sgbm))
    assert "on the bundled examples only" in str(about)
    assert isinstance(result, Families)
    again = maps(result, "Gray")
    assert not np.array_equal(np.asarray(again[0]), np.asarray(pictures[0]))


def test_a_bundled_example_is_scored_at_the_reduced_size() -> None:
    outputs = on_families(str(STREET.left), str(STREET.right), 0, STREET.num_disparities, "ZNCC", 9, "Inferno")
    *_, truth, local, rows, sgbm, about, result = outputs
    assert isinstance(truth, dict)
    assert truth["visible"] is True
    assert str(about).startswith("Reduced from 1920x1200 to 741x463 pixels (39 %), 0 to 63 px.")
    assert all("**EPE " in str(words) for words in (local, rows, sgbm))
    assert isinstance(result, Families)


def test_without_images_there_is_a_sentence() -> None:
    with pytest.raises(gr.Error, match="No image yet"):
        on_families(None, None, 0, 64, "SAD", 9, "Inferno")
