"""The results of the tab "Compare": what stands at once, and what is drawn when its tab is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import gradio as gr
import plotly.graph_objects as go
from gradio.components import Component

from depth_demo.comparison.results import Comparison
from depth_demo.evaluation.failures import Method
from depth_demo.formats.doctor import MAX_CHOICES
from depth_demo.formats.truth import Question
from depth_demo.geometry import RgbImage
from depth_demo.render.boxes import legend
from depth_demo.render.maps import render_ssim
from depth_demo.render.region_bars import render_region_bars
from depth_demo.serving.blocks import KEPT_S
from depth_demo.ui.files import download_button
from depth_demo.ui.inputs import color_map_input, detail_input, whole_table
from depth_demo.ui.outputs import Pictures, Surface, picture
from depth_demo.ui.panels.alignment import build_alignment_panel
from depth_demo.ui.panels.by_views import ByViews, seen_if
from depth_demo.ui.panels.fusion import build_fusion_panel
from depth_demo.ui.panels.probe import ProbePanel
from depth_demo.ui.results import BOX_HEADERS, METHODS, MOST_ERROR_PX, MOST_ERROR_SHARE, PAINTS, CompareResult
from depth_demo.ui.run import PRIVATE, SILENT, LazyTab, Values, lazy_tab
from depth_demo.ui.saving import save_with_report
from depth_demo.ui.shared import Shared
from depth_demo.ui.tabs.compare_steps import Step
from depth_demo.wording.files import files_say
from depth_demo.wording.regions import region_definitions
from depth_demo.wording.scores import HEADERS, WIDTHS, Cells, headers_of, quick_table, score_table, shown_columns, why_no_boxes
from depth_demo.wording.terms import explained

MAPS = ("Left view", "Truth", "Monocular", "Stereo", "SSIM, monocular", "SSIM, stereo")
EACH_BOX = "Each box: photo, reference, method"
BOXES_SAY = (
    "The boxes mark where each method's structure differs most from the truth (1 - SSIM; holes count as a full loss). "
    "M = monocular, S = stereo; 1 is the worst of up to five."
)
BOXES_OF_ONE_VIEW_SAY = (
    "The boxes mark where the structure of the map differs most from the truth (1 - SSIM; holes count as a full loss). "
    "M1 is the worst of up to five."
)
PAINTS_SAY = (
    f"SSIM: bright where the structure is that of the truth. Error: dark at 0 px, bright at {MOST_ERROR_PX:g} px or more, "
    f"or at {100 * MOST_ERROR_SHARE:g} % of the distance where there are no pixels. "
    "Grey: no value. Turning one surface turns the other."
)


class CompareView:
    """The components of a comparison's result.

    Attributes:
        outputs: All that a run may set.
        kept: What it may set too, and a run that fails leaves as it is: which help and which parts are seen.
        endpoint_outputs: What the endpoint answers with, in its documented order.
    """

    def __init__(self, shared: Shared) -> None:
        self.words = gr.Markdown(label="Strengths and weaknesses", min_height=90)
        self.result = gr.State(time_to_live=KEPT_S)
        with gr.Row():
            self.readings = [gr.Button(visible=False, size="sm") for _ in range(MAX_CHOICES)]
        with gr.Tabs(overflow_behavior="wrap") as tabs:
            with gr.Tab("Maps"):
                with gr.Row():
                    with gr.Column(scale=3, min_width=300):
                        self.boxes_help = ByViews(f"{BOXES_SAY}<br>{legend()}", BOXES_OF_ONE_VIEW_SAY)
                    with gr.Column(scale=1, min_width=150):
                        self.color_map = color_map_input()
                with gr.Row():
                    self.maps = [picture(title) for title in MAPS]
                self.probe = ProbePanel(self.maps, self.result)
            self.lazy = [
                self._scores_tab(),
                self._boxes_tab(),
                self._regions_tab(),
                self._surfaces_tab(),
                build_alignment_panel(self.result),
                build_fusion_panel(self.result, self.color_map, shared),
            ]
            with gr.Tab("Report"):
                self.files_help = ByViews(files_say("comparison"), files_say("one view"))
                label = "Write the report, and download it with all maps"
                self.downloads = download_button(
                    "compare", self.result, save_with_report, label, "comparison", [self.color_map]
                )
        tabs.change(js="depthDemo.fitPlots", **SILENT)
        self.color_map.change(
            self.on_color_map, [self.result, self.color_map], [*self.maps, *(lazy.drawn for lazy in self.lazy)], **PRIVATE
        )
        lazily = [component for lazy in self.lazy for component in lazy.blank]
        at_once = [self.words, self.result, *self.readings, *self.maps, self.downloads, *self.probe.outputs]
        self.outputs: list[Component] = list(dict.fromkeys([*at_once, *lazily]))
        self.kept = [*self.boxes_help.columns, *self.files_help.columns, self.probe.of_stereo]
        self.endpoint_outputs: list[Component] = [
            self.scores, *self.maps, self.boxes, *self.surfaces, self.summary, self.downloads, self.words, self.gallery,
            self.bars,
        ]  # fmt: skip

    def first(self, result: CompareResult, color_map: str) -> Values:
        """Return what stands at once; everything else is cleared until its tab is opened."""
        blank: Values = {component: value for lazy in self.lazy for component, value in lazy.blank.items()}
        pictures, comparison = self.six(result, color_map), result.comparison
        first: Values = {
            self.words: explained(result.words()),
            self.result: result,
            self.downloads: None,
            self.scores: score_frame(comparison, quick_table(comparison)),
            **dict(zip(self.maps, pictures, strict=True)),
            **dict(zip(self.readings, readings_to_choose(result.question), strict=True)),
            self.maps[1]: gr.Image(pictures[1], label=result.judge, alt_text=result.judge),
            self.maps[3]: gr.Image(pictures[3], visible=comparison.match is not None),
            self.maps[-1]: gr.Image(pictures[-1], visible=comparison.stereo is not None),
        }
        return blank | first | self._seen(two=comparison.match is not None)

    def _seen(self, *, two: bool) -> Values:
        """Return which help and which parts are seen, beside a result of two views or of one."""
        return self.boxes_help.shown(two=two) | self.files_help.shown(two=two) | seen_if([self.probe.of_stereo], seen=two)

    def under_way(self, step: Step, color_map: str) -> Values:
        """Return what stands after a step; from the first map on, nothing of an earlier run stands beside it."""
        drawn: Values = {self.words: step.words()}
        if step.match is None:
            return drawn
        if step.estimate is None:
            drawn |= (
                dict.fromkeys(self.outputs) | drawn | {self.maps[1]: gr.Image(None, label=step.judge, alt_text=step.judge)}
            )
        titles = dict(zip((MAPS[0], step.judge, *MAPS[2:]), self.maps, strict=True))
        for title, shown in step.maps(color_map).items():
            drawn[titles[title]] = gr.Image(shown, label=title, alt_text=title, visible=True)
        return drawn

    def six(self, result: CompareResult, color_map: str) -> list[RgbImage | None]:
        """Return the pictures for the six fields; without truth there is no SSIM of stereo, of one view no stereo at all."""
        drawn = result.maps(color_map)
        return [drawn.get(title) for title in (MAPS[0], result.judge, *MAPS[2:])]

    def on_color_map(self, result: CompareResult | None, color_map: str) -> Values:
        """Draw the maps in other colours; the tabs that hold maps are drawn again when they are opened."""
        if result is None:
            return {self.maps[0]: gr.skip()}
        return dict(zip(self.maps, self.six(result, color_map), strict=True)) | {lazy.drawn: None for lazy in self.lazy}

    def _scores_tab(self) -> LazyTab:
        def draw(result: CompareResult) -> Values:
            comparison = result.comparison
            comparison.complete()
            return {self.scores: score_frame(comparison, score_table(comparison)), self.summary: explained(result.summary())}

        with gr.Tab("Scores") as tab:
            self.scores = whole_table("Scores", HEADERS, WIDTHS)
            self.summary = gr.Markdown(label="Summary")
            return lazy_tab(tab, "compare", self.result, draw, [], [self.scores, self.summary])

    def _boxes_tab(self) -> LazyTab:
        def draw(result: CompareResult, color_map: str) -> Values:
            comparison = result.comparison
            label = EACH_BOX if comparison.failures else f"No box: {why_no_boxes(comparison)}"
            return {self.gallery: gr.Gallery(result.box_crops(color_map), label=label), self.boxes: result.box_table()}

        with gr.Tab("Boxes") as tab:
            self.gallery = Pictures(
                label=EACH_BOX, elem_classes="crops", columns=2, height="auto", object_fit="contain", interactive=False,
                buttons=["fullscreen"],
            )  # fmt: skip
            with gr.Accordion("The boxes as a table", open=False):
                widths = ["88px", "48px", "102px", "50px", "58px", "88px", "68px", "94px", "92px"]
                self.boxes = whole_table("Boxes, worst first", BOX_HEADERS, widths)
            return lazy_tab(tab, "compare", self.result, draw, [self.color_map], [self.gallery, self.boxes])

    def _regions_tab(self) -> LazyTab:
        def draw(result: CompareResult) -> Values:
            return {
                self.bars: render_region_bars(result.comparison),
                self.definitions: region_definitions(result.comparison),
            }

        with gr.Tab("Regions") as tab:
            self.bars = gr.Plot(label="Errors by region", min_width=300)
            self.definitions = gr.Markdown(label="Definitions of the regions")
            return lazy_tab(tab, "compare", self.result, draw, [], [self.bars, self.definitions])

    def _surfaces_tab(self) -> LazyTab:
        with gr.Tab("Surfaces") as tab:
            with gr.Row():
                self.paint = gr.Radio(list(PAINTS), value=PAINTS[0], label="Surfaces coloured by", min_width=220)
                self.detail = detail_input()
            gr.Markdown(explained(PAINTS_SAY))
            self.surfaces, self.similarities, self.rows = [], [], []
            with gr.Column(elem_id="compare-surfaces"):
                for method in METHODS:
                    with gr.Row() as row:
                        self.rows.append(row)
                        self.surfaces.append(Surface(label=f"Surface, {method}", min_width=300))
                        self.similarities.append(picture(f"SSIM map, {method}", min_width=300))
            for similarity in self.similarities:
                similarity.elem_classes = ["below-label"]
            outputs = [*self.surfaces, *self.similarities]
            lazy = lazy_tab(
                tab, "compare", self.result, self.draw_surfaces, [self.detail, self.paint], outputs, [self.rows[1]]
            )
        view = [self.result, self.detail, self.paint]
        gr.on([self.detail.change, self.paint.change], self.on_shape, view, self.surfaces, **PRIVATE)
        for surface in self.surfaces:
            surface.change(js="() => depthDemo.joinSurfaces('compare-surfaces', 2)", **SILENT)
        return lazy

    def draw_surfaces(self, result: CompareResult, detail: str, paint: str) -> Values:
        """Draw each method's surface and its SSIM map."""
        drawn: Values = dict(zip(self.surfaces, surfaces(result, detail, paint), strict=True))
        drawn[self.rows[1]] = gr.Row(visible=result.comparison.match is not None)
        return drawn | {p: self._similarity(result, m) for m, p in zip(METHODS, self.similarities, strict=True)}

    def _similarity(self, result: CompareResult, method: Method) -> RgbImage | None:
        scores = result.comparison.monocular if method == "monocular" else result.comparison.stereo
        return None if scores is None else render_ssim(scores.fair.ssim_map)

    def on_shape(self, result: CompareResult | None, detail: str, paint: str) -> object:
        """Draw the surfaces in another detail or other colours."""
        return surfaces(result, detail, paint) if result else (gr.skip(), gr.skip())


def surfaces(result: CompareResult, detail: str, paint: str = PAINTS[0]) -> list[Callable[[], go.Figure] | None]:
    """Return what draws the surface of each method; None for one that did not run."""
    return [partial(result.surface, method, detail, paint) if method in result.methods else None for method in METHODS]


def scores_shown(comparison: Comparison, rows: Sequence[Cells]) -> dict[str, list[object]]:
    """Return the table of scores with the columns that there are: headers, and a row for each score."""
    return {"headers": [*headers_of(comparison)], "data": [shown_columns(comparison, row) for row in rows]}


def score_frame(comparison: Comparison, rows: Sequence[Cells]) -> gr.Dataframe:
    """Return the same for the page, where the columns have widths."""
    return gr.Dataframe(scores_shown(comparison, rows), column_widths=[*shown_columns(comparison, WIDTHS)])


def readings_to_choose(question: Question | None) -> list[gr.Button]:
    """Return the buttons below a doubt about the truth, one for each reading that may be meant."""
    choices = question.choices if question else ()
    shown = [gr.Button(f"Read the truth as {choice.words}", visible=True) for choice in choices[:MAX_CHOICES]]
    return shown + [gr.Button(visible=False)] * (MAX_CHOICES - len(shown))
