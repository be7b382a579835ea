"""The panel of the three families: whose truth it takes, and what it says."""

from __future__ import annotations

import gradio as gr
import numpy as np
import pytest

from depth_demo.comparison.families import Families, match_families
from depth_demo.examples import list_examples
from depth_demo.geometry import StereoPair
from depth_demo.ui.panels.families import caption, maps, match_files, summary
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
    found, pair = match_files(str(EXAMPLE.left), str(EXAMPLE.right), 0, 64, "SSD", 5, gr.Progress())
    *pictures, truth = maps(found, "Turbo")
    assert len({np.shape(picture) for picture in pictures}) == 1  # type: ignore[call-overload]
    assert isinstance(truth, dict)
    assert truth["visible"] is False
    assert "squared differences over 5x5 px" in caption(found.matches[0])
    assert not any("Bad-3" in caption(match) for match in found.matches)
    assert "on the bundled examples only" in summary(found, pair)
    assert not np.array_equal(np.asarray(maps(found, "Gray")[0]), np.asarray(pictures[0]))


def test_a_bundled_example_is_scored_at_the_reduced_size() -> None:
    files = str(STREET.left), str(STREET.right)
    found, pair = match_files(*files, 0, STREET.num_disparities, "ZNCC", 9, gr.Progress())
    *_, truth = maps(found, "Inferno")
    assert isinstance(truth, dict)
    assert truth["visible"] is True
    assert summary(found, pair).startswith("Reduced from 1920x1200 to 741x463 pixels (39 %), 0 to 63 px.")
    assert all("**EPE " in caption(match) for match in found.matches)


def test_without_images_there_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="No image yet"):
        match_files(None, None, 0, 64, "SAD", 9, gr.Progress())
