"""Stopping a run: the button raises a flag, and the run ends where it next tells its progress."""

from __future__ import annotations

import threading
from typing import Any, cast

import gradio as gr

from depth_demo.serving.blocks import SESSION

_wanted: set[str] = set()  # visitors who want their run to end
_lock = threading.Lock()


class StoppedError(ValueError):
    """The visitor stopped the run."""

    def __init__(self) -> None:
        super().__init__("The run was stopped.")


def ask_to_stop() -> None:
    """Have the visitor's run end."""
    with _lock:
        _wanted.add(SESSION.get())


def stop_button() -> gr.Button:
    """Lay out a button that the page shows while a run goes on."""
    button = gr.Button("Stop", size="sm", elem_classes="stop")
    button.click(ask_to_stop, None, None, queue=False, show_progress="hidden", api_visibility="private")
    return button


def stop_if_asked() -> None:
    """End the run, after a step that tells no progress, if the visitor has asked for that.

    Raises:
        StoppedError: If so.
    """
    visitor = SESSION.get()
    with _lock:
        wanted = visitor in _wanted
        _wanted.discard(visitor)
    if wanted:
        raise StoppedError


def stoppable(progress: gr.Progress) -> gr.Progress:
    """Return what tells progress and, if the visitor has asked to stop since now, raises `StoppedError` instead."""
    visitor = SESSION.get()
    with _lock:
        _wanted.discard(visitor)

    def tell(*values: Any, **named: Any) -> object:  # noqa: ANN401 (as gr.Progress takes)
        stop_if_asked()
        return progress(*values, **named)

    return cast("gr.Progress", tell)
