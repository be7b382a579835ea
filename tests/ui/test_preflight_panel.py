"""What the panel shows for files and fields, and what its button writes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import gradio as gr
import pytest
from PIL import Image

from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.inputs import stereo_values
from depth_demo.ui.matcher_form import MatcherInputs, range_fields
from depth_demo.ui.panels.preflight import CheckedPair, on_apply, on_fields, on_views
from tests.conftest import PAIRS

LEFT, RIGHT = str(PAIRS[0].left), str(PAIRS[0].right)
FIELDS = dataclasses.astuple(SgbmSettings())
SHORT = dataclasses.astuple(SgbmSettings(num_disparities=16))


@pytest.fixture(scope="module")
def checked() -> CheckedPair:
    *_, state = on_views(LEFT, RIGHT, None, *FIELDS)
    assert isinstance(state, CheckedPair)
    return state


def html_of(update: object) -> str:
    assert isinstance(update, gr.HTML)
    assert update.visible
    return str(update.value)


def test_five_lines_and_a_range(checked: CheckedPair) -> None:
    lines, button, swap = on_fields(checked, *FIELDS)
    assert html_of(lines).count('<li class="good">') == html_of(lines).count("<li ") == 5
    assert "Rows agree within 0.0 px" in html_of(lines)
    assert "<svg" in html_of(lines)
    assert isinstance(button, gr.Button)
    assert button.value == "Use 5 to 36 px: min_disparity 5, num_disparities 32"  # the truth is 9 to 33 px
    assert isinstance(swap, gr.Button)
    assert not swap.visible
    assert on_apply(checked, *FIELDS)[:2] == (5, 32)
    _, applied, _ = on_fields(checked, FIELDS[0], 5, 32, *FIELDS[3:])
    assert isinstance(applied, gr.Button)
    assert not applied.visible  # the fields have that range already


def test_other_fields_change_what_depends_on_them(checked: CheckedPair) -> None:
    assert "px, but the settings look for 0 to 15 px." in html_of(on_fields(checked, *SHORT)[0])
    cleared = html_of(on_fields(checked, FIELDS[0], None, *FIELDS[2:])[0])
    assert "min_disparity must be a whole number from -1024 to 1024, not None." in cleared


def test_one_view_shows_nothing(checked: CheckedPair) -> None:
    *shown, state = on_views(LEFT, None, checked, *FIELDS)
    assert [part.visible for part in shown if isinstance(part, gr.HTML | gr.Button)] == [False] * 3
    assert state is None
    assert on_apply(None, *FIELDS) == (gr.skip(),) * 5


def test_the_same_files_are_not_checked_again(checked: CheckedPair) -> None:
    assert on_views(LEFT, RIGHT, checked, *FIELDS) == (gr.skip(),) * 4


def test_swapped_views_can_be_swapped() -> None:
    lines, apply, swap, _ = on_views(RIGHT, LEFT, None, *FIELDS)
    assert "The views look swapped" in html_of(lines)
    assert isinstance(apply, gr.Button)
    assert isinstance(swap, gr.Button)
    assert (apply.visible, swap.visible) == (False, True)


def test_files_that_make_no_pair_get_their_sentence(tmp_path: Path) -> None:
    Image.open(RIGHT).crop((0, 0, 480, 200)).save(tmp_path / "lower.png")
    (tmp_path / "text.png").write_text("This is <b>not</b> a picture.")
    lines, button, _, state = on_views(LEFT, str(tmp_path / "lower.png"), None, *FIELDS)
    assert "left is 480x360 and right is 480x200 pixels" in html_of(lines)
    assert isinstance(button, gr.Button)
    assert (button.visible, state) == (False, None)
    assert "not SVG, PDF or text" in html_of(on_views(LEFT, str(tmp_path / "text.png"), None, *FIELDS)[0])


def test_an_example_brings_its_own_range() -> None:
    """Its calib.txt has the number of disparities; a minimum that was taken over for another pair goes back to 0."""
    views, camera = [gr.Image(), gr.Image()], [gr.Number() for _ in range(3)]
    matcher = MatcherInputs([gr.Number() for _ in FIELDS], [])
    contents = stereo_values(PAIRS[0], views, camera, matcher)
    assert [contents[field] for field in range_fields(matcher)] == [0, 64]
