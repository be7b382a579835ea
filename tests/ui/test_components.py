"""What two runs of one visitor share."""

from __future__ import annotations

import gradio as gr

from depth_demo.ui.components import make_late


def test_a_surface_is_made_once_and_what_makes_it_given_up_before() -> None:
    def make() -> None: ...

    assert make_late(make) == (None, make)  # in the order of the outputs: the state first
    assert make_late(None) == (gr.skip(), gr.skip())  # another run took it: what that shows stays
