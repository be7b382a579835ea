"""The page: three tabs, and how it is served."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read by gradio while it is imported

import gradio as gr

from depth_demo.examples import list_examples
from depth_demo.ui.compare_tab import build_compare_tab
from depth_demo.ui.components import KEPT_S, settle_model
from depth_demo.ui.models import prepare
from depth_demo.ui.mono_tab import build_mono_tab
from depth_demo.ui.stereo_tab import build_stereo_tab

TITLE = "Can one camera replace two?"
INTRODUCTION = f"""# {TITLE}
Depth from **one** photo with Depth Anything, from **two** with OpenCV's semi-global matching, and both against ground truth.
"""
FOOTER = """A relative map from one photo has no metres: it is known up to scale and shift. Disparity becomes depth by
Z = f B / (d + doffs). Uploads and results are deleted from the server after about an hour."""
MAX_UPLOAD = "200mb"
MAX_WAITING = 32
MAX_SESSIONS = 24  # whose results are kept; a comparison of 1920x1200 pixels holds 170 MB
FONTS = ["system-ui", "sans-serif"]  # those of the device: nothing to download
CSS = """
.gradio-container { max-width: 1500px; margin: auto; }
footer { opacity: 0.7; }
.table { max-width: calc(100vw - 64px); overflow-x: auto; }
.examples > .gallery { display: grid; gap: 16px; grid-template-columns: 1fr 1fr; }
.examples button { text-align: left; background: var(--block-background-fill); }
.examples button:focus-visible { outline: 2px solid var(--color-accent); outline-offset: -2px; }
.examples button > span { display: contents; }
.examples .prose { display: flex; height: 100%; padding: 0; font-size: var(--text-md); line-height: 1.45; }
.examples img { width: 36%; max-width: 192px; object-fit: cover; }
.examples .prose > span { align-self: center; padding: 10px 14px; }
.examples strong { display: block; margin-bottom: 2px; }
.crops .grid-wrap { max-height: none !important; max-width: none; }
.crops .grid-container { grid-auto-rows: auto; grid-template-rows: none; padding-top: 28px; }
.crops .thumbnail-lg { aspect-ratio: 728 / 238; }
@media (width >= 700px) { .probed { max-width: calc(50% - 8px); } }
@media (width < 700px) {
  .crops .grid-container { grid-template-columns: 1fr; }
  .examples > .gallery { gap: 10px; }
  .examples .prose { flex-direction: column; }
  .examples img { width: 100%; max-width: none; }
  .examples .prose > span { align-self: start; padding: 8px 10px; }
}
"""


def build_demo() -> gr.Blocks:
    """The page, ready to be launched; imports no torch and loads no model."""
    examples = list_examples()
    gr.set_static_paths([example.left.parent for example in examples])  # served as they are, and never deleted
    with gr.Blocks(title=TITLE, delete_cache=(KEPT_S // 6, KEPT_S), analytics_enabled=False) as demo:
        demo.queue(max_size=MAX_WAITING, default_concurrency_limit=4)  # first: it builds a server for what is laid out so far
        gr.Markdown(INTRODUCTION)
        with gr.Tabs():
            with gr.Tab("Photo"):
                photo = build_mono_tab(examples)
            with gr.Tab("Stereo"):
                build_stereo_tab(examples)
            with gr.Tab("Compare"):
                compare = build_compare_tab(examples)
        gr.Markdown(FOOTER)
        fields = [field for tab in (photo, compare) for field in (tab.settled, tab.model)]
        hidden = {"api_visibility": "private", "show_progress": "hidden"}
        served = demo.load(lambda: settle_model(settled=False) * 2, None, fields, queue=False, **hidden)
        served.then(prepare, queue=False, **hidden)
    return demo


def launch(demo: gr.Blocks, arguments: Sequence[str] | None = None) -> None:
    """Serve the page; `python app.py --help` lists the options."""
    parser = argparse.ArgumentParser(description=TITLE)
    parser.add_argument("--host", help="address to listen on (default: this machine only; 0.0.0.0 for the network)")
    parser.add_argument("--port", type=int, help="port (default: 7860, or the next free one)")
    parser.add_argument("--share", action="store_true", help="also make a public link that lasts for a week")
    options = parser.parse_args(arguments)
    demo.launch(
        server_name=options.host,
        server_port=options.port,
        share=options.share,
        max_file_size=MAX_UPLOAD,
        theme=gr.themes.Soft(font=FONTS, font_mono=FONTS),
        css=CSS,
        ssr_mode=False,
        state_session_capacity=MAX_SESSIONS,
        footer_links=["api", "settings"],
    )
