"""The page: five tabs, and how it is served."""

from __future__ import annotations

import argparse
import html
import inspect
import os
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read by gradio while it is imported
# It would tabulate its last 10,000 events again after each one.
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000")

from depth_demo.monocular.engines import zerogpu  # noqa: I001 (on ZeroGPU before anything that may touch CUDA)
import gradio as gr

from depth_demo.examples import Example, list_examples
from depth_demo.serving import mcp_tools, process
from depth_demo.serving.blocks import GRACE_S, ServedBlocks
from depth_demo.serving.clients import Proxies
from depth_demo.serving.gradio_internals import plotly_module
from depth_demo.serving.named_folders import NamedFolders
from depth_demo.serving.malloc import give_memory_back, keep_memory_together
from depth_demo.serving.request_log import write_to_terminal
from depth_demo.stereo import memory
from depth_demo.stereo.compiled.library import load_library
from depth_demo.ui.calibration import told_of
from depth_demo.ui.endpoints import will_download
from depth_demo.ui.inputs import ModelInputs, settle_model
from depth_demo.ui.models import prepare
from depth_demo.ui.routes import routes
from depth_demo.ui.address import Shareable, restore
from depth_demo.ui.run import HEAVY, SILENT, Values
from depth_demo.ui.shared import Shared
from depth_demo.ui.tabs.compare import CompareTab
from depth_demo.ui.tabs.data_set import DataSetTab
from depth_demo.ui.tabs.photo import PhotoTab
from depth_demo.ui.tabs.stereo import StereoTab
from depth_demo.ui.tabs.video import VideoTab
from depth_demo.wording.terms import explained

TITLE = "Can one camera replace two?"
INTRODUCTION = f"""# {TITLE}
Depth from **one** photo with Depth Anything, from **two** with OpenCV's semi-global matching, and both against ground truth.
"""
FOOTER = """A relative map from one photo has no metres: it is known up to scale and shift. Disparity becomes depth by
Z = f B / (d + doffs). Uploads and result files are deleted from the server half a minute after you close
this page. Depth and disparity maps are cached in memory for up to an hour, so that the same photo or pair again is quick.
Nothing leaves the server, and its log holds sizes and times only."""
MAX_UPLOAD_MB = 200
MAX_SESSIONS = 2000  # of which Gradio keeps 15 kB each; `sessions.MAX_EACH` bounds those of one address
ASSETS = Path(__file__).parent / "assets"
SCRIPTS = ("page.js", "uploads.js", "accessible.js", "surfaces.js")
# Soft's colours of small texts, one or two steps darker or brighter: WCAG asks for a contrast of 4.5.
CONTRAST = {
    "block_label_text_color": "*primary_700",
    "block_title_text_color": "*primary_700",
    "body_text_color_subdued": "*neutral_600",
    "button_primary_background_fill": "*primary_600",
    "button_primary_background_fill_hover": "*primary_700",
    "button_primary_background_fill_hover_dark": "*primary_700",
    "checkbox_label_background_fill_selected": "*primary_600",
    "link_text_color_dark": "*primary_300",
}
FONTS = ["system-ui", "sans-serif"]  # those of the device: nothing to download


def build_demo(
    shared: Shared | None = None, grace_s: float = GRACE_S, examples: Sequence[Example] | None = None
) -> ServedBlocks:
    """Build the page, ready to be launched. Imports no torch and loads no model.

    Args:
        shared: The models and maps that all visitors share; None makes new ones.
        grace_s: How long what a visitor has on the server outlives the page [s].
        examples: What the tabs offer; None takes the bundled ones.
    """
    folder, shared = process.own_folder(), shared or Shared()
    examples = list_examples() if examples is None else examples
    with ServedBlocks(HEAVY, folder, grace_s, title=TITLE, analytics_enabled=False) as demo:
        demo.housekeeping += [shared.expire, shared.shelf.rest]
        demo.open_queue(4, partial(will_download, shared.shelf))  # first: it builds a server for what is laid out so far
        demo.lay_out_refusal()
        gr.Markdown(INTRODUCTION)
        with gr.Tabs(overflow_behavior="wrap", elem_id="tabs") as tabs:
            with gr.Tab("Photo"):
                heading("Depth from one photo")
                photo = PhotoTab(examples, shared)
            with gr.Tab("Stereo"):
                heading("Depth from two photos")
                stereo = StereoTab(examples, shared)
            with gr.Tab("Compare"):
                heading("One camera and two, compared")
                compare = CompareTab(examples, shared)
            with gr.Tab("Video"):
                heading("Depth of a video")
                video = VideoTab(shared)
            with gr.Tab("Data set"):
                heading("A whole data set, scored")
                data_set = DataSetTab(shared, demo, compare)
        tabs.change(js="() => (depthDemo.fitPlots(), depthDemo.tabOpened())", **SILENT)
        # What Compare had of another pair goes: beside these views it would be wrong.
        fields = [compare.left, compare.right, compare.truth, *compare.calibration]
        onward = "photo => depthDemo.carry('Compare', [photo, null, null, 0, 0, 0])"
        photo.onward.click(None, photo.image, fields, js=onward, **SILENT)
        onward = "(left, right, ...settings) => depthDemo.carry('Compare', [left, right, null, ...settings])"
        stereo.onward.click(None, stereo.pair, [*fields, *compare.matcher.all], js=onward, **SILENT)
        stereo.onward.click(told_of, stereo.camera.read, compare.camera.beside, queue=False, **SILENT)
        rectified = [stereo.rectifying.made, *stereo.pair[:2]]
        stereo.onward.click(compare.rectifying.carry, rectified, compare.rectifying.carried, queue=False, **SILENT)
        photo.onward.click(partial(told_of, None), None, compare.camera.beside, queue=False, **SILENT)
        copy = gr.Button("Copy link to this view", size="sm", elem_id="copy-link")
        copy.click(js="depthDemo.copyLink", **SILENT)
        gr.Markdown(explained(FOOTER))
        fields = [field for tab in (photo, compare, video) for field in (tab.chosen.settled, tab.chosen.model)]
        served = demo.load(lambda: settle_model(settled=False) * 3, None, fields, queue=False, **SILENT)
        demo.load(data_set.offer_folder, None, data_set.folder, queue=False, **SILENT)
        restoring(
            [tab.shareable for tab in (photo, stereo, compare, video, data_set)], [photo.chosen, compare.chosen, video.chosen]
        )
        served.then(None, js="depthDemo.restore", **SILENT)
        served.then(partial(get_ready, shared, examples), queue=False, **SILENT)
        demo.addresses = routes(demo, shared, examples)
    return demo


def restoring(tabs: Sequence[Shareable], chosen: Sequence[ModelInputs]) -> None:
    """Lay out what fills the fields from the page's address, and tells about the models in it."""
    fields = [field for tab in tabs for field in tab.all_fields]
    told = [component for each in chosen for component in each.shown]

    def fill_from(address: str) -> Values:
        values = on_address(tabs, address)
        return values | {field: value for each in chosen for field, value in each.told_after(values).items()}

    address = gr.Textbox(visible=False)
    back = gr.Button(elem_id="go-back", elem_classes="trigger")
    outputs = list(dict.fromkeys([*fields, *told]))
    filled = back.click(fill_from, address, outputs, js="() => [location.search]", **SILENT)
    filled.then(None, js="depthDemo.arrived", **SILENT)


def on_address(tabs: Sequence[Shareable], address: str) -> Values:
    """Fill the fields from the page's address, and say what of it is left out."""
    values, problems = restore(tabs, address or "")
    for problem in problems:
        gr.Warning(html.escape(problem, quote=False))
    return {tabs[0].all_fields[0]: gr.skip()} | values  # Gradio takes an empty dictionary for one value


def heading(text: str) -> None:
    """Head a tab for those who hear the page; whoever sees it has read the tab's name."""
    gr.HTML(f"<h2>{text}</h2>", elem_classes="unseen-text")


def get_ready(shared: Shared, examples: Sequence[Example]) -> None:
    """Do while a visitor looks at the page what a first click would wait for."""
    prepare()
    shared.matches.match_in_advance(examples)


def launch(demo: ServedBlocks, arguments: Sequence[str] | None = None) -> None:
    """Serve the page; `python app.py --help` lists the options."""
    options = read_options(arguments)
    os.environ["FORWARDED_ALLOW_IPS"] = ""  # or uvicorn would decide who asks, before the guard does
    write_to_terminal()
    keep_memory_together()
    memory.RECLAIMERS.append(partial(give_memory_back, garbage=True))
    mcp_tools.serve_tools(demo.folder)
    demo.named_folders = NamedFolders.of_server(
        options.host,
        options.data_folder,
        share=options.share,
        behind_proxy=options.trusted_proxies.networks is not None,
        private=demo.folder,
    )
    process.end_on_signals(partial(demo.close, verbose=False))
    serve = partial(
        demo.launch,
        server_name=options.host,
        server_port=options.port,
        share=options.share,
        auth=options.auth,
        max_file_size=options.max_file_size * 1_000_000,
        theme=gr.themes.Soft(font=FONTS, font_mono=FONTS).set(
            block_info_text_color="*neutral_500",
            block_info_text_color_dark="*neutral_300",
            background_fill_primary="*neutral_50",  # Soft's own, which set() forgets
            **CONTRAST,
        ),
        css_paths=ASSETS / "page.css",
        head=head(),
        ssr_mode=False,
        mcp_server=mcp_tools.is_installed(),
        state_session_capacity=MAX_SESSIONS,
        footer_links=["api", "settings"],
        i18n=gr.I18n(en={"common.complete": "Finished."}),  # Gradio announces this key, and has no text for it
        app_kwargs={
            "lifespan": partial(
                demo.guarded, max_upload_bytes=options.max_file_size * 1_000_000, proxies=options.trusted_proxies
            ),
            "routes": demo.addresses,
        },
    )
    threading.Thread(target=load_library, daemon=True).start()  # compiles on a machine where that has not been done
    try:
        serve()
    except Exception as error:
        if not zerogpu.do_without(error):
            raise
        inspect.unwrap(ServedBlocks.launch)(demo, **serve.keywords)  # without the package's report


def head() -> str:
    """Return what the page's head holds: where Plotly is, which a run fetches ahead, and the scripts."""
    scripts = (f"<script>{(ASSETS / name).read_text('utf-8')}</script>" for name in SCRIPTS)
    return "".join((f'<meta name="plotly" content="{plotly_module()}">', *scripts))


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read and check the options of the command line."""
    parser = argparse.ArgumentParser(description=TITLE)
    parser.add_argument("--host", help="address to listen on (default: this machine only; 0.0.0.0 for the network)")
    parser.add_argument("--port", type=int, help="port (default: 7860, or the next free one)")
    parser.add_argument("--share", action="store_true", help="also make a public link that lasts for a week")
    parser.add_argument("--auth", type=name_and_password, metavar="USER:PASSWORD", help="let in only who knows this")
    parser.add_argument(
        "--max-file-size", type=megabytes, default=MAX_UPLOAD_MB, metavar="MB", help="largest upload (default: %(default)s)"
    )
    parser.add_argument(
        "--trusted-proxies",
        type=proxies,
        default=Proxies(),
        metavar="NETWORKS",
        help="whose X-Forwarded-For is believed, such as 10.0.0.3,2001:db8::/32 (default: every private address)",
    )
    parser.add_argument(
        "--data-folder", type=folder, metavar="PATH", help="let visitors score data sets in this folder of the server"
    )
    return parser.parse_args(arguments)


def folder(text: str) -> Path:
    """Read the path of a folder.

    Raises:
        argparse.ArgumentTypeError: If there is none.
    """
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"must be a folder that is there, not {text!r}")
    return path.resolve()


def name_and_password(text: str) -> tuple[str, str]:
    """Split `USER:PASSWORD`; the password may hold colons.

    Raises:
        argparse.ArgumentTypeError: If one of the two is missing.
    """
    user, _, password = text.partition(":")
    if not user or not password:
        raise argparse.ArgumentTypeError("must be USER:PASSWORD, such as class:depth-2026")
    return user, password


def proxies(text: str) -> Proxies:
    """Read the addresses of proxies.

    Raises:
        argparse.ArgumentTypeError: If one of them is none.
    """
    try:
        return Proxies.read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def megabytes(text: str) -> int:
    """Read a whole number of megabytes from 1 up.

    Raises:
        argparse.ArgumentTypeError: If it is something else.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of megabytes from 1 up, not {text!r}")
    return int(text)
