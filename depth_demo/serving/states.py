"""What Gradio keeps of each session, without what only its closed routes would read."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio.state_holder import SessionState, StateHolder

MAX_SESSION_NAME = 64  # Gradio's have some ten characters


class Values(SessionState):
    """A session's values, without its own description of every component.

    Gradio describes each of the page's 200 components anew for each session, on the event loop (30 ms, and half a megabyte),
    and keeps all that a visitor sent and was shown in it, for links to a page's state. There are no such links here; only
    a component that is updated gets a description, without its value.
    """

    def __init__(self, blocks: gr.Blocks) -> None:
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks=()))  # type: ignore[arg-type]

    def _update_config(self, key: int) -> None:
        """Nothing."""

    def _update_value_in_config(self, key: int, value: Any) -> None:  # noqa: ANN401
        """Nothing."""


class States(StateHolder):
    """Of all sessions but those of long names; `seen` is told each new name, as there may be no event that does."""

    def __init__(self, seen: Callable[[str], None]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._seen = seen

    def __getitem__(self, session_id: str) -> SessionState:
        if len(session_id) > MAX_SESSION_NAME:
            return Values(self.blocks)
        if session_id not in self.session_data:
            self.session_data[session_id] = Values(self.blocks)
            self._seen(session_id)
        return super().__getitem__(session_id)
