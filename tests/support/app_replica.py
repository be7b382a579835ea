"""The app as one of several replicas, with handlers that tell which one answers, whom it sees, and what it remembers."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from depth_demo.serving.process import quick_start

with quick_start():
    import gradio as gr

    from depth_demo.serving.waiting_room import address_of
    from depth_demo.ui.page import build_demo, launch
    from depth_demo.ui.run import MATCHER_QUEUE, in_turn

PAUSE_S = 0.1
NAME = os.environ["DEPTH_DEMO_REPLICA"]


def counted(count: int) -> tuple[str, int]:
    """Return which replica answers, how often this session asked it, and the count for the next time."""
    return f"{NAME} {count + 1}", count + 1


def size_of(file: str) -> str:
    return f"{NAME} {Path(file).stat().st_size}"


def seen(request: gr.Request) -> str:
    """Return the address that the visitor has here."""
    return address_of(request)


def endless() -> Iterator[str]:
    """Tell that it has begun, and hold up what is matched after it."""
    yield NAME
    threading.Event().wait()


def paused(text: str) -> str:
    """Return the text after a while in which the processor is free."""
    time.sleep(PAUSE_S)
    return f"{NAME} {text}"


demo = build_demo()
with demo:
    answer, text, file, count = gr.Textbox(visible=False), gr.Textbox(visible=False), gr.File(visible=False), gr.State(0)
    button = gr.Button(visible=False)
    button.click(counted, count, [answer, count], api_name="counted")
    button.click(size_of, file, answer, api_name="size_of")
    button.click(seen, None, answer, api_name="seen")
    button.click(endless, None, answer, api_name="endless", **in_turn(MATCHER_QUEUE))
    button.click(paused, text, answer, api_name="paused", concurrency_id="pause", concurrency_limit=1)

launch(demo, sys.argv[1:])
