"""The app with a short memory, room for one result, and with handlers that break, and that wait until they are let go."""

from __future__ import annotations

import sys
import threading

from depth_demo.serving.process import quick_start

with quick_start():
    import gradio as gr

    from depth_demo.serving.results import ResultShelf
    from depth_demo.ui.page import build_demo, launch
    from depth_demo.ui.run import DATA_SET_QUEUE

GRACE_S = 0.5
gate = threading.Event()
served: list[str] = []


def broken(file: str | None) -> str:
    raise RuntimeError(f"{file} is private")


def waiting(text: str) -> str:
    gate.wait()
    served.append(text)
    return text


def others() -> str:
    """Return whether a run over a data set would have to give way."""
    return str(demo.others_run(DATA_SET_QUEUE))


def served_so_far() -> str:
    """Return what went through the gate, in its order."""
    return " ".join(served)


def described() -> str:
    """What the sessions hold of the page's components, and of what was put into them."""
    return str([state.config_values for state in demo.state_holder.session_data.values()])


def connected(request: gr.Request) -> str:
    """Return for how many connections the asking session is known."""
    return str(demo.sessions._sessions[str(request.session_hash)].connections)


demo = build_demo(grace_s=GRACE_S)
demo.shelf = ResultShelf(max_bytes=1)
with demo:
    text, file, answer, button = gr.Textbox(visible=False), gr.File(visible=False), gr.Textbox(visible=False), gr.Button()
    button.click(broken, file, answer, api_name="broken")
    button.click(waiting, text, answer, api_name="waiting", concurrency_id="model", concurrency_limit=1)
    button.click(gate.set, None, None, api_name="let_go")
    button.click(served_so_far, None, answer, api_name="served")
    button.click(others, None, answer, api_name="others")
    button.click(gate.clear, None, None, api_name="shut")
    button.click(described, None, answer, api_name="described")
    button.click(connected, None, answer, api_name="connected")

launch(demo, sys.argv[1:])
