"""What an address fills in, and what of it is left out with a sentence."""

from __future__ import annotations

import inspect
from typing import Any

import gradio as gr
import pytest

from depth_demo.ui.address import MAX_LENGTH, Shareable, restore
from depth_demo.ui.matcher_form import form_names
from depth_demo.ui.shared import Shared
from depth_demo.ui.tabs.compare import CompareTab
from tests.support.layout import laid_out

MODE = gr.Dropdown(["auto", "HH"], value="auto")
RANGE = gr.Slider(16, 512, 128, step=16)
SHIFT = gr.Number(0.0)
HOLES = gr.Radio([("As they are", "kept"), ("Filled", "filled")], value="kept")
MODELS = gr.Dropdown(["tiny", "small"], value=["tiny"], multiselect=True)
VIEW = gr.Image()
STEREO = Shareable(
    "stereo",
    "match",
    {"mode": MODE, "num_disparities": RANGE, "shift": SHIFT, "holes": HOLES},
    {"466": {VIEW: "a.png", RANGE: 160}},
)
DATA_SET = Shareable("data set", "score", {"models": MODELS}, {})
PHOTO = Shareable("photo", "estimate", {"colours": HOLES}, {})


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", {}),
        ("?tab=stereo", {}),
        ("?tab=stereo&mode=HH&shift=-1.5&holes=filled", {MODE: "HH", SHIFT: -1.5, HOLES: "filled"}),
        ("?tab=stereo&example=466", {VIEW: "a.png", RANGE: 160}),
        ("?tab=stereo&example=466&num_disparities=64", {VIEW: "a.png", RANGE: 64}),
        ("?colours=filled", {HOLES: "filled"}),  # the first tab
        ("?tab=stereo&__theme=dark&logs=build", {}),  # what others add
        ("?tab=stereo&mode=HH&mode=auto", {MODE: "auto"}),
        ("?tab=data+set&models=tiny,small", {MODELS: ["tiny", "small"]}),
        ("?tab=data+set&models=", {}),
    ],
)
def test_what_is_filled_in(address: str, expected: dict[Any, object]) -> None:
    assert restore([PHOTO, STEREO, DATA_SET], address) == (expected, [])


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("?tab=stereo&mode=HHH", "Left out of the link: mode must be one of auto, HH, not HHH."),
        ("?tab=stereo&num_disparities=many", "Left out of the link: num_disparities must be a number, not many."),
        ("?tab=stereo&num_disparities=1024", "Left out of the link: num_disparities must be 16 to 512, not 1024."),
        ("?tab=stereo&num_disparities=nan", "Left out of the link: num_disparities must be 16 to 512, not nan."),
        ("?tab=data+set&models=tiny,large", "Left out of the link: models must be one of tiny, small, not large."),
        ("?tab=stereo&example=467", "The link asks for an example that is not here: 467."),
        ("?tab=kitchen", "The link names no tab of this page: these are photo, stereo, data set."),
        ("?" + "a" * MAX_LENGTH, f"The link is longer than {MAX_LENGTH} characters, so its settings are left out."),
    ],
)
def test_what_is_left_out_and_said(address: str, problem: str) -> None:
    assert restore([PHOTO, STEREO, DATA_SET], address) == ({}, [problem])


def test_the_rest_is_filled_in_all_the_same() -> None:
    values, problems = restore([PHOTO, STEREO], "?tab=stereo&mode=none&holes=filled")
    assert values == {HOLES: "filled"}
    assert len(problems) == 1


def test_every_name_is_that_of_the_endpoint() -> None:
    tab = laid_out(lambda: CompareTab([], Shared()))
    parameters = inspect.signature(tab.on_compare).parameters
    assert set(form_names()) < set(tab.shareable.fields) < set(parameters)
