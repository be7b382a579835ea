"""What the panel shows for files and fields, and what its button writes."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from PIL import Image

from depth_demo.examples import list_examples
from depth_demo.stereo.preflight import inspect_pair
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.inputs import stereo_values
from depth_demo.ui.matcher_form import MatcherInputs, range_fields
from depth_demo.ui.panels.preflight import CheckedPair, on_apply, on_fields, on_views
from tests.conftest import PAIRS

LEFT, RIGHT = str(PAIRS[0].left), str(PAIRS[0].right)
FIELDS = dataclasses.astuple(SgbmSettings())
EXAMPLES = list_examples()
TOUCHED, UNTOUCHED = True, False  # whether a person has set the search range
SHORT = dataclasses.astuple(SgbmSettings(num_disparities=16))


def views_shown(*given: Any) -> tuple[Any, ...]:
    return on_views(EXAMPLES, inspect_pair, *given)


@pytest.fixture(scope="module")
def checked() -> CheckedPair:
    *_, state = views_shown(LEFT, RIGHT, None, TOUCHED, *FIELDS)[:4]
    assert isinstance(state, CheckedPair)
    return state


def html_of(update: object) -> str:
    assert isinstance(update, gr.HTML)
    assert update.visible
    return str(update.value)


def test_five_lines_and_a_range(checked: CheckedPair) -> None:
    lines, button, swap = on_fields(checked, *FIELDS)
    assert html_of(lines).count('<li class="good">') == 4
    assert html_of(lines).count("<li ") == 5
    assert '<li class="costly"><span class="mark" role="img" aria-label="could be better">!</span>' in html_of(lines)
    assert "0 to 127 px, which loses 27 % of the picture at its edges; 5 to 36 px loses about 8 %." in html_of(lines)
    assert "Rows agree within 0.0 px" in html_of(lines)
    assert "<svg" in html_of(lines)
    assert isinstance(button, gr.Button)
    assert button.value == "Use 5 to 36 px: min_disparity 5, num_disparities 32"  # the truth is 9 to 33 px
    assert isinstance(swap, gr.Button)
    assert swap.variant == "secondary"
    assert on_apply(checked, *FIELDS)[:2] == (5, 32)
    _, applied, _ = on_fields(checked, FIELDS[0], 5, 32, *FIELDS[3:])
    assert isinstance(applied, gr.Button)
    assert not applied.visible  # the fields have that range already


def test_other_fields_change_what_depends_on_them(checked: CheckedPair) -> None:
    assert "px, but the settings look for 0 to 15 px." in html_of(on_fields(checked, *SHORT)[0])
    cleared = html_of(on_fields(checked, FIELDS[0], None, *FIELDS[2:])[0])
    assert "min_disparity must be a whole number from -1024 to 1024, not None." in cleared


def test_one_view_shows_nothing(checked: CheckedPair) -> None:
    *shown, state, _, _ = views_shown(LEFT, None, checked, TOUCHED, *FIELDS)
    assert [part.visible for part in shown[:2] if isinstance(part, gr.HTML | gr.Button)] == [False] * 2
    assert state is None
    assert on_apply(None, *FIELDS) == (gr.skip(),) * 5


def test_the_same_files_are_not_checked_again(checked: CheckedPair) -> None:
    assert views_shown(LEFT, RIGHT, checked, TOUCHED, *FIELDS) == (gr.skip(),) * 6


def test_swapped_views_can_be_swapped() -> None:
    lines, apply, swap, *_ = views_shown(RIGHT, LEFT, None, UNTOUCHED, *FIELDS)
    assert "The views look swapped" in html_of(lines)
    assert isinstance(apply, gr.Button)
    assert isinstance(swap, gr.Button)
    assert swap.variant == "primary"
    assert str(apply.value).startswith("Use -")  # for cameras that look inwards after all


def test_files_that_make_no_pair_get_their_sentence(tmp_path: Path) -> None:
    Image.open(RIGHT).crop((0, 0, 480, 200)).save(tmp_path / "lower.png")
    (tmp_path / "text.png").write_text("This is <b>not</b> a picture.")
    lines, button, _, state, *_ = views_shown(LEFT, str(tmp_path / "lower.png"), None, UNTOUCHED, *FIELDS)
    assert "left is 480x360 and right is 480x200 pixels" in html_of(lines)
    assert isinstance(button, gr.Button)
    assert (button.visible, state) == (False, None)
    assert "not SVG or PDF" in html_of(views_shown(LEFT, str(tmp_path / "text.png"), None, UNTOUCHED, *FIELDS)[0])


def test_the_range_is_chosen_for_who_never_touched_it_and_that_is_said() -> None:
    shown: tuple[Any, ...] = views_shown(LEFT, RIGHT, None, UNTOUCHED, *FIELDS)
    lines, button, _, state, *search = shown
    assert search == [5, 32]
    assert "The search range was set to 5 to 36 px for this pair" in html_of(lines)
    assert not button.visible
    changed: tuple[Any, ...] = on_fields(state, *FIELDS)  # by a person
    lines, button, _ = changed
    assert "was set to" not in html_of(lines)
    assert (button.value, button.visible) == ("Back to 5 to 36 px", True)


def test_a_range_that_was_touched_and_that_of_an_example_stay() -> None:
    assert views_shown(LEFT, RIGHT, None, TOUCHED, *FIELDS)[4:] == (gr.skip(),) * 2
    example = EXAMPLES[0]
    shown: tuple[Any, ...] = views_shown(str(example.left), str(example.right), None, UNTOUCHED, *FIELDS)
    lines, _, _, state, *search = shown
    assert search == [gr.skip()] * 2
    assert state.chosen is None
    assert "was set to" not in html_of(lines)


def test_an_example_brings_its_own_range() -> None:
    """Its calib.txt has the number of disparities; a minimum that was taken over for another pair goes back to 0."""
    views, camera = [gr.Image(), gr.Image()], [gr.Number() for _ in range(3)]
    matcher = MatcherInputs([gr.Number() for _ in FIELDS], [])
    contents = stereo_values(PAIRS[0], views, camera, matcher)
    assert [contents[field] for field in range_fields(matcher)] == [0, 64]
