"""Parts of the page that are laid out and never served."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import gradio as gr

T = TypeVar("T")


def laid_out(build: Callable[[], T]) -> T:
    """Return what `build` lays out. Gradio leaves the event loops open that it makes for a page, so one is running here."""

    async def lay_out() -> T:
        with gr.Blocks():
            return build()

    return asyncio.run(lay_out())
