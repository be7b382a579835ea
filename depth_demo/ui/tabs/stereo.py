"""Tab "Stereo": depth from two images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import gradio as gr
import plotly.graph_objects as go

from depth_demo import pipeline
from depth_demo.examples import Example
from depth_demo.formats import writers as exports
from depth_demo.formats.photos import load_views
from depth_demo.geometry import DepthMap, RgbImage, StereoPair, choose_focal_length, megapixels
from depth_demo.render.maps import COLOR_MAPS, render_map, render_photo
from depth_demo.render.shape import surface_depth
from depth_demo.render.surface import render_surface
from depth_demo.serving.blocks import KEPT_S
from depth_demo.serving.request_log import note
from depth_demo.stereo.matching import range_text
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.inputs import (
    calibration_from,
    calibration_inputs,
    example_cards,
    forget_earlier,
    in_sentences,
    matcher_inputs,
    photo_input,
    stereo_values,
    view_inputs,
    with_settings,
)
from depth_demo.ui.outputs import Downloads, Surface, picture_slider
from depth_demo.ui.panels.families import build_families_panel
from depth_demo.ui.panels.preflight import preflight_panel
from depth_demo.ui.run import MATCHER_QUEUE, compute_on

HOLES = ("as matched", "filled")
FEW = 15.0  # % of the pixels; unrelated images match 1 %, real pairs more than 60 %


@dataclass(frozen=True, slots=True, eq=False)
class StereoResult:
    """Everything that the tab shows, so that another view matches nothing again."""

    match: pipeline.Match

    def disparity(self, holes: str) -> DepthMap:
        return self.match.filled if holes == "filled" else self.match.disparity

    def depth(self, holes: str) -> DepthMap | None:
        return self.match.filled_depth if holes == "filled" else self.match.depth

    def sliders(self, color_map: str, holes: str) -> tuple[tuple[RgbImage, RgbImage] | None, ...]:
        """Left view against disparity, and against depth where there is a calibration."""
        pictures = [render_map(m, color_map) if m else None for m in (self.disparity(holes), self.depth(holes))]
        left = self.match.pair.left
        return tuple((render_photo(left, under=picture), picture) if picture is not None else None for picture in pictures)

    def focal_length_px(self) -> float:
        camera = self.match.pair.calibration
        return choose_focal_length(camera.focal_length_px if camera else 0, None, self.match.pair.left).pixels

    def surface(self, detail: str, holes: str) -> go.Figure:
        depth, unit = surface_depth(self.disparity(holes), self.match.pair.calibration)
        return render_surface(depth, unit, self.match.pair.left, self.focal_length_px(), detail)

    def save(self, folder: Path) -> list[Path]:
        match, source = self.match, range_text(self.match.settings, self.match.pair.left)
        maps = {"disparity": match.disparity, "disparity_filled": match.filled, "depth": match.depth}
        files = [path for stem, m in maps.items() if m for path in exports.save_map(folder, stem, m, source)]
        depth, unit = surface_depth(match.disparity, match.pair.calibration)
        return [*files, exports.save_cloud(folder, depth, unit, match.pair.left, self.focal_length_px())]

    def summary(self) -> str:
        match = self.match
        rejected = 100 - match.coverage - match.band_share
        few = "Hardly anything matches: are these two views of one rectified pair?" if match.coverage < FEW else ""
        doubt = f"**{match.warning or few}** " if match.warning or few else ""
        metres = (
            "Depth Z = f B / (d + doffs) in metres; the surface takes the principal point at the image centre."
            if match.depth
            else "No calibration, so no metres: the surface shows the shape only, with an assumed focal length."
        )
        return (
            f"{doubt}**Disparity** in pixels, larger is nearer: {range_text(match.settings, match.pair.left, match.at_once)}, "
            f"{match.seconds:.2f} s. "
            f"{match.coverage:.1f} % of the pixels matched; {match.band_share:.1f} % lie in the unsearched band, "
            "where the search range would leave the right view, and the checks rejected the other "
            f"{max(rejected, 0):.1f} %. {metres}"
        )


@in_sentences
@with_settings
def on_match(
    left: str | None,
    right: str | None,
    focal_length_px: float = 0,
    baseline_m: float = 0,
    doffs_px: float = 0,
    settings: SgbmSettings = SgbmSettings(),  # noqa: B008
    holes: str = HOLES[0],
    color_map: str = COLOR_MAPS[0],
    detail: str = "standard",
    progress: gr.Progress = gr.Progress(),  # noqa: B008
) -> tuple[object, ...]:
    """Match a rectified stereo pair with OpenCV's semi-global matching.

    Args:
        left: View of the camera on the left.
        right: View of the camera on the right, of the same size.
        focal_length_px: Focal length [px]; with the baseline it turns disparity into metres; 0 for none.
        baseline_m: Distance of the two cameras [m].
        doffs_px: Difference of the principal points' columns [px].
        holes: "as matched" leaves holes empty, "filled" fills them from the background.
        color_map: Inferno, Turbo, Viridis or Gray.
        detail: coarse, standard or fine.
    """
    progress(0.0, "Reading the images")
    camera = calibration_from(focal_length_px, baseline_m, doffs_px)
    pair = StereoPair(*load_views(left, right), camera)
    note(megapixels=megapixels(pair.left), model=settings.mode)
    progress(0.1, "Matching")
    result = StereoResult(pipeline.match(pair, settings))
    progress(0.9, "Drawing")
    surface = partial(result.surface, detail, holes)
    return *result.sliders(color_map, holes), surface, result.save, result.summary(), result


def on_view(result: StereoResult | None, holes: str, color_map: str) -> object:
    return result.sliders(color_map, holes) if result else (gr.skip(), gr.skip())


def on_shape(result: StereoResult | None, holes: str, detail: str) -> object:
    return partial(result.surface, detail, holes) if result else gr.skip()


def on_result(result: StereoResult | None) -> gr.ImageSlider:
    """Without a calibration there is no depth, and no place for it."""
    return gr.ImageSlider(visible=result is None or result.match.depth is not None)


def build_stereo_tab(examples: Sequence[Example]) -> None:
    """Lay out the tab and wire it."""
    cards = example_cards(examples)
    with gr.Row():
        with gr.Column(scale=4, min_width=320, elem_id="match-inputs"):
            with gr.Row():
                left, right = photo_input("Left view"), photo_input("Right view")
            run = gr.Button("Match", variant="primary")
            preflight = preflight_panel()
            calibration = calibration_inputs()
            matcher = matcher_inputs()
            preflight.watch([left, right], matcher)
            forget_earlier([left, right], calibration, examples)
        with gr.Column(scale=6, min_width=320, elem_id="match-result"):
            disparity = picture_slider("Left view | disparity")
            summary = gr.Markdown(label="Summary")
            holes = gr.Radio(list(HOLES), value=HOLES[0], label="Holes", info="Filled: from the farther neighbour in the row.")
            color_map, detail = view_inputs()
            depth = picture_slider("Left view | depth")
            surface = Surface(label="Surface: drag to turn")
            downloads = Downloads(label="Downloads", file_count="multiple", interactive=False)
    build_families_panel(left, right, matcher, color_map)
    result = gr.State(time_to_live=KEPT_S)
    outputs = [disparity, depth, surface, downloads, summary, result]
    inputs = [left, right, *calibration, *matcher, holes, color_map, detail]
    contents = [stereo_values(example, [left, right], calibration, matcher) for example in examples]
    compute_on(
        run, cards, contents, on_match, inputs, outputs, api_name="match", queue=MATCHER_QUEUE, told=[disparity]
    )  # fmt: skip
    result.change(on_result, result, depth, api_visibility="private", show_progress="hidden")
    gr.on([color_map.change, holes.change], on_view, [result, holes, color_map], [disparity, depth], api_visibility="private")
    gr.on([detail.change, holes.change], on_shape, [result, holes, detail], surface, api_visibility="private")
