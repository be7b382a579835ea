"""Panel of the tab "Compare": a click on any map shows all that is known about that pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import gradio as gr

from depth_demo.comparison.probe import Probe, ViewProbe, probe, probe_view
from depth_demo.comparison.results import Comparison
from depth_demo.comparison.upright import as_matched
from depth_demo.render.maps import map_pixel
from depth_demo.render.probe_cells import crosshair, map_values, render_cells, render_verdict
from depth_demo.render.probe_plots import render_costs, render_scan_line
from depth_demo.serving.blocks import KEPT_S
from depth_demo.stereo.reference.semi_global import P1, P2
from depth_demo.stereo.why.diagnosis import RULES
from depth_demo.stereo.why.pixel_costs import PATCH, WINDOW
from depth_demo.ui.results import CompareResult
from depth_demo.ui.run import SILENT, Values
from depth_demo.wording.terms import explained

MAPS_CLASS, PROBE_ID = "probed", "compare-probe"
NOTE = """**Probe.** Click a picture to inspect that pixel, or give its column and row. At first the centre of the worst box is
shown. Positive errors mean: too far (in metres), too near (in pixels of disparity)."""
VERDICT = "<h3>Does matching work here, and if not, why?</h3>"
COSTS_NOTE = f"""How unlike the left window and a window of the right view are, at every disparity, both {WINDOW}x{WINDOW} px;
a matcher looks for the lowest. The last curve is our own semi-global aggregation of census costs (P1 {P1:g}, P2 {P2:g})
over {PATCH} px around the pixel: OpenCV, which starts from other costs, does not expose its own."""


def first_pixel(result: CompareResult) -> tuple[int, int]:
    """Return the middle of the worst box, of stereo if it has any; without boxes, of the picture."""
    height, width = result.comparison.reference.shape
    boxes = result.comparison.failures
    if not boxes:
        return width // 2, height // 2
    worst = next((box for box in boxes if box.method == "stereo"), boxes[0])
    return (worst.left + worst.right) // 2, (worst.top + worst.bottom) // 2


class ProbePanel:
    """The panel, laid out where it is made, and wired to clicks on the maps.

    Attributes:
        outputs: All that a probe sets.
        of_stereo: What is seen beside a pair alone.
    """

    def __init__(self, maps: Sequence[gr.Image], result: gr.State) -> None:
        """Lay out the panel.

        Args:
            maps: The pictures of the comparison, each with its bar; they get the class that the crosshair looks for.
            result: Holds a `CompareResult`.
        """
        self.maps = maps
        with gr.Row():
            with gr.Column(min_width=300):
                self.values = gr.HTML(label="Values of the pixel", min_height=60)
            with gr.Column(scale=0, min_width=190), gr.Row():
                self.x = gr.Number(None, label="x [px]", precision=0, min_width=80)
                self.y = gr.Number(None, label="y [px]", precision=0, min_width=80)
        gr.Markdown(explained(NOTE))
        self.verdict = gr.HTML(label="Verdict")
        self.scan_line = gr.Plot(label="Scan line through the pixel", show_label=False, min_width=300)
        self.pixel, self.costs_shown = gr.State(time_to_live=KEPT_S), gr.State(value=False)
        with gr.Column() as self.of_stereo:
            with gr.Accordion("Costs along the disparities", open=False) as unfolded:
                gr.Markdown(COSTS_NOTE)
                self.costs = gr.Plot(label="Costs of the pixel", show_label=False, min_width=300)
            with gr.Accordion("The rules of the verdict", open=False):
                gr.Markdown(RULES)
        self.outputs = [self.values, self.scan_line, self.verdict, self.costs, self.pixel, self.x, self.y]
        again = gr.Button(elem_id=PROBE_ID, elem_classes="trigger")  # the page's script presses it for Enter on a map
        light = SILENT | {"queue": False, "trigger_mode": "always_last"}
        probed = [again.click(self.on_place, [result, self.x, self.y, self.costs_shown], self.outputs, **light)]
        for number, picture in enumerate(maps):
            picture.elem_classes = [*picture.elem_classes, MAPS_CLASS, f"{MAPS_CLASS}-{number}"]
            probed.append(picture.select(self.on_click, [result, self.costs_shown], self.outputs, **light))
        typed = [self.x.input, self.y.input]  # without the fields, which would be set while a number is typed
        gr.on(typed, self.on_place, [result, self.x, self.y, self.costs_shown], self.outputs[:-2], **light)
        for event in probed:
            event.then(js="depthDemo.sayPixel", **SILENT)
        unfolded.expand(self.on_expand, [result, self.pixel], [self.costs, self.costs_shown], **SILENT)
        unfolded.collapse(lambda: False, None, self.costs_shown, **SILENT)

    def on_click(self, result: CompareResult | None, costs_shown: bool, event: gr.SelectData) -> Values:  # noqa: FBT001
        """Probe the map's pixel under a click on its picture; the bar below is no map."""
        pixel = map_pixel(result.comparison.reference.shape, *event.index) if result else None
        if result is None or pixel is None:
            return {self.pixel: gr.skip()}
        return self.show(result, *pixel, with_costs=costs_shown)

    def on_place(self, result: CompareResult | None, x: int | None, y: int | None, costs_shown: bool) -> Values:  # noqa: FBT001
        """Probe the pixel whose column and row are given; say which there are if there is none."""
        if result is None or x is None or y is None:
            return {self.pixel: gr.skip()}
        height, width = result.comparison.reference.shape
        if not (0 <= x < width and 0 <= y < height):
            return {
                self.values: f"<p>The picture has columns 0 to {width - 1} and rows 0 to {height - 1}, no x {x}, y {y}.</p>"
            }
        shown = self.show(result, x, y, with_costs=costs_shown)
        return {output: value for output, value in shown.items() if output not in {self.x, self.y}}

    def first(self, result: CompareResult) -> Values:
        """Probe a new comparison where it is worst."""
        return self.show(result, *first_pixel(result), with_costs=False)

    def show(self, result: CompareResult, x: int, y: int, *, with_costs: bool) -> Values:
        """Draw crosshair, values and scan line; of a pair, verdict and windows, and costs where they are looked at."""
        comparison = result.comparison
        matched, *place = as_matched(comparison, x, y)
        found = probe(matched, *place) if comparison.match else probe_view(comparison, x, y)
        marks = (
            crosshair(f".{MAPS_CLASS}-{number} .image-frame", comparison.reference.shape, x, y, said, bar=number > 0)
            for number, said in enumerate(map_values(found)[: len(self.maps)])
        )
        return {
            self.values: render_cells(replace(found, x=x, y=y)) + "".join(marks),
            self.scan_line: render_scan_line(found),
            self.verdict: self._verdict(found, matched),
            self.costs: render_costs(found) if with_costs and isinstance(found, Probe) else None,
            self.pixel: (x, y),
            self.x: x,
            self.y: y,
        }

    def _verdict(self, found: ViewProbe, comparison: Comparison) -> str | None:
        if not isinstance(found, Probe):
            return None
        return VERDICT + explained(render_verdict(found, comparison.matched.pair))

    def on_expand(self, result: CompareResult | None, pixel: tuple[int, int] | None) -> tuple[object, object]:
        """Draw the costs of the pixel that is looked at."""
        seen = result and pixel and result.comparison.match
        costs = render_costs(probe(*as_matched(result.comparison, *pixel))) if result and pixel and seen else None
        return costs, True
