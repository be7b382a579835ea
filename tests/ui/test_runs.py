"""What two runs of one visitor share."""

from __future__ import annotations

import gradio as gr
import pytest
from gradio_client import Client

from depth_demo.ui.runs import make_late


def test_a_surface_is_made_once_and_what_makes_it_given_up_before() -> None:
    def make() -> None: ...

    assert make_late(make) == (None, make)  # in the order of the outputs: the state first
    assert make_late(None) == (gr.skip(), gr.skip())  # another run took it: what that shows stays


@pytest.mark.parametrize("title", ["Estimate depth", "Match", "Compare"])
def test_what_an_earlier_run_left_goes_before_the_next_one_starts(app_url: str, title: str) -> None:
    """A page waits for the answer to the first event of a click before it sees to the next."""
    config = Client(app_url, verbose=False).config
    button = next(c["id"] for c in config["components"] if c["type"] == "button" and c["props"]["value"] == title)
    clicked = [event for event in config["dependencies"] if (button, "click") in map(tuple, event["targets"])]
    assert "delete late.dataset.made" in clicked[0]["js"]
    assert [event["backend_fn"] for event in clicked] == [False, True]
