"""Panel of the tab "Compare": a click on any map shows all that is known about that pixel."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from depth_demo.comparison.probe import probe
from depth_demo.render.maps import map_pixel
from depth_demo.render.probe_cells import crosshair, render_cells, render_verdict
from depth_demo.render.probe_plots import render_costs, render_scan_line
from depth_demo.stereo.reference.semi_global import P1, P2
from depth_demo.stereo.why.diagnosis import RULES
from depth_demo.stereo.why.pixel_costs import PATCH, WINDOW
from depth_demo.ui.results import CompareResult

MAPS_CLASS = "probed"
NOTE = """**Probe.** Click any of the pictures; after a comparison the middle of the worst box is shown, or of the
picture where there is no box. In metres a positive error is too far, in pixels too near."""
COSTS_NOTE = f"""How unlike the left window and a window of the right view are, at every disparity, both {WINDOW}x{WINDOW} px;
a matcher looks for the lowest. The last curve is our own semi-global aggregation of census costs (P1 {P1:g}, P2 {P2:g})
over {PATCH} px around the pixel: OpenCV, which starts from other costs, does not expose its own."""


def on_click(result: CompareResult | None, event: gr.SelectData) -> tuple[object, ...]:
    """Probe the map's pixel under a click on its picture; the bar below is no map."""
    pixel = map_pixel(result.comparison.reference.shape, *event.index) if result else None
    return show(result, *pixel) if result and pixel else tuple(gr.skip() for _ in range(4))


def on_result(result: CompareResult | None) -> tuple[object, ...]:
    """Probe a new comparison where it is worst, or clear the panel when it failed."""
    return show(result, *first_pixel(result)) if result else ("", None, "", None)


def first_pixel(result: CompareResult) -> tuple[int, int]:
    """The middle of the worst box, of stereo if it has any; without boxes, of the picture."""
    height, width = result.comparison.reference.shape
    boxes = result.comparison.failures
    if not boxes:
        return width // 2, height // 2
    worst = next((box for box in boxes if box.method == "stereo"), boxes[0])
    return (worst.left + worst.right) // 2, (worst.top + worst.bottom) // 2


def show(result: CompareResult, x: int, y: int) -> tuple[object, ...]:
    """Crosshair and values, scan line, verdict and windows, costs."""
    comparison = result.comparison
    found = probe(comparison, x, y)
    mark = crosshair(f".{MAPS_CLASS} .image-frame", comparison.reference.shape, x, y)
    verdict = render_verdict(found, comparison.match.pair)
    return mark + render_cells(found), render_scan_line(found), verdict, render_costs(found)


def build_probe_panel(maps: Sequence[gr.Image], result: gr.State) -> None:
    """Lay out the panel where it is called, and wire it to clicks on the maps and to new results.

    Args:
        maps: The pictures of the comparison, each with its bar; they are given the class that the crosshair looks for.
        result: Holds a `CompareResult`.
    """
    gr.Markdown(NOTE)
    values = gr.HTML(label="Values of the pixel")
    scan_line = gr.Plot(label="Scan line through the pixel", show_label=False, min_width=300)
    gr.Markdown("**Does matching work here, and if not, why?**")
    verdict = gr.HTML(label="Verdict")
    with gr.Accordion("Costs along the disparities", open=True):
        gr.Markdown(COSTS_NOTE)
        costs = gr.Plot(label="Costs of the pixel", show_label=False, min_width=300)
    with gr.Accordion("The rules of the verdict", open=False):
        gr.Markdown(RULES)
    outputs = [values, scan_line, verdict, costs]
    for picture in maps:
        picture.elem_classes = [*picture.elem_classes, MAPS_CLASS]
        picture.select(
            on_click, result, outputs,
            queue=False, trigger_mode="always_last", show_progress="hidden", api_visibility="private",
        )  # fmt: skip
    result.change(on_result, result, outputs, show_progress="hidden", api_visibility="private")
