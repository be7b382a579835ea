"""What Gradio keeps of sessions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import gradio as gr
from gradio.blocks import BlocksConfig

from depth_demo.serving.states import MAX_SESSION_NAME, States


def test_every_session_is_told_of_and_none_has_a_long_name() -> None:
    number, config, told = gr.State(5), BlocksConfig(cast(gr.Blocks, SimpleNamespace(renderables=[]))), list[str]()
    config.blocks = {number._id: number}
    states = States(told.append)
    states.set_blocks(cast(gr.Blocks, SimpleNamespace(default_config=config, state_session_capacity=10)))
    states["ann"][number._id] = 6
    assert states["ann"][number._id] == 6
    for name in ("bob", "x" * (MAX_SESSION_NAME + 1)):
        assert states[name][number._id] == 5
    assert told == list(states.session_data) == ["ann", "bob"]
