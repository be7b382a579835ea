"""Tab "Photo": depth from one image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import gradio as gr
import plotly.graph_objects as go

from depth_demo import exports, pipeline
from depth_demo.examples import Example
from depth_demo.files import load_photo
from depth_demo.geometry import DepthKind, FocalLength, RgbImage, choose_focal_length, size_text, surface_depth
from depth_demo.monocular.catalog import DEFAULT_MODEL, Row
from depth_demo.monocular.resolution import AS_TRAINED, network_size
from depth_demo.render.maps import COLOR_MAPS, render_map, render_photo
from depth_demo.render.surface import render_surface
from depth_demo.ui.components import (
    KEPT_S,
    ModelInputs,
    compute_on,
    example_cards,
    in_sentences,
    model_inputs,
    note_on,
    photo_input,
    view_inputs,
)
from depth_demo.ui.media import Downloads, Surface, picture_slider
from depth_demo.ui.models import SHELF


@dataclass(frozen=True, slots=True, eq=False)
class MonoResult:
    """Everything that the tab shows, so that another view needs no model."""

    estimate: pipeline.Estimate
    focal_length: FocalLength
    model: Row
    device: str
    input_size: int

    def slider(self, color_map: str) -> tuple[RgbImage, RgbImage]:
        picture = render_map(self.estimate.depth_map, color_map)
        return render_photo(self.estimate.image, under=picture), picture

    def surface(self, detail: str) -> go.Figure:
        depth, unit = surface_depth(self.estimate.depth_map)
        return render_surface(depth, unit, self.estimate.image, self.focal_length.pixels, detail)

    def save(self, folder: Path) -> list[Path]:
        depth, unit = surface_depth(self.estimate.depth_map)
        return [
            *exports.save_map(folder, "map", self.estimate.depth_map, f"{self.model.title}, input size {self.input_size}"),
            exports.save_cloud(folder, depth, unit, self.estimate.image, self.focal_length.pixels),
        ]

    def summary(self) -> str:
        image, kind = self.estimate.image, self.estimate.depth_map.kind
        seen = network_size(image.shape[0], image.shape[1], self.input_size, self.model.longest)
        metric = kind is DepthKind.METRIC_DEPTH
        meaning = "in metres; smaller is nearer" if metric else "larger is nearer; no unit, known only up to scale and shift"
        shape = "in metres" if metric else "shape only, without metres: how far the background lies behind is a choice"
        capped = f" (long side capped at {max(seen.width, seen.height)} px)" if seen.capped else ""
        return (
            f"**{kind.value.capitalize()}**, {meaning}. {self.model.title}: {self.estimate.seconds:.2f} s on {self.device}. "
            f"The photo has {size_text(image)} pixels, the network saw {seen.width}x{seen.height}{capped}."
            f"{note_on(self.model)}\n\n"
            f"The surface is {shape}, cut at depth edges. Focal length {self.focal_length.pixels:.0f} px, "
            f"{self.focal_length.source}."
        )


@in_sentences
def on_estimate(
    image: str | None,
    model: str = DEFAULT_MODEL,
    input_size: int | None = AS_TRAINED,
    focal_length_px: float = 0,
    color_map: str = COLOR_MAPS[0],
    detail: str = "standard",
    progress: gr.Progress = gr.Progress(),  # noqa: B008
) -> tuple[object, ...]:
    """Estimate depth from one photo with Depth Anything.

    Args:
        image: The photo: any common format, 32x32 to 50 megapixels.
        model: Name of the model, such as depth-anything-v2-small, or depth-demo-tiny, which is bundled.
        input_size: Short side that the network sees [px], a multiple of 14; 0: as the model was trained.
        focal_length_px: For the 3D view; 0 takes it from the photo's EXIF data, or assumes a phone.
        color_map: Inferno, Turbo, Viridis or Gray.
        detail: coarse, standard or fine.
    """
    photo = load_photo(image)
    focal_length = choose_focal_length(focal_length_px, photo.focal_length_px, photo.pixels)
    progress(0.0, "Loading the model")
    estimator = SHELF.get(model, progress)
    progress(0.3, "Estimating depth")
    estimate = pipeline.estimate(photo.pixels, partial(estimator, input_size=input_size))
    row = estimator.checkpoint
    result = MonoResult(estimate, focal_length, row, estimator.device_name, input_size or row.input_size)
    progress(0.9, "Drawing")
    return result.slider(color_map), partial(result.surface, detail), result.save, result.summary(), result


def on_color_map(result: MonoResult | None, color_map: str) -> object:
    return result.slider(color_map) if result else gr.skip()


def on_detail(result: MonoResult | None, detail: str) -> object:
    return partial(result.surface, detail) if result else gr.skip()


def build_mono_tab(examples: Sequence[Example]) -> ModelInputs:
    """Lay out the tab and wire it, but for the choice of a model."""
    cards = example_cards(examples)
    with gr.Row():
        with gr.Column(scale=4, min_width=320):
            image = photo_input("Photo")
            run = gr.Button("Estimate depth", variant="primary")
            chosen = model_inputs()
            focal = gr.Number(
                0, label="Focal length [px], for the 3D view", info="0: from the photo's EXIF data, or a phone's."
            )
        with gr.Column(scale=6, min_width=320):
            slider = picture_slider("Photo | depth map", "estimate-result")
            summary = gr.Markdown(label="Summary")
            color_map, detail = view_inputs()
            surface = Surface(label="Surface: drag to turn, scroll to zoom")
            downloads = Downloads(label="Downloads", file_count="multiple", interactive=False)
    result = gr.State(time_to_live=KEPT_S)
    outputs = [slider, surface, downloads, summary, result]
    inputs = [image, chosen.model, chosen.input_size, focal, color_map, detail]
    contents = [{image: str(example.left)} for example in examples]
    compute_on(run, cards, contents, on_estimate, inputs, outputs, api_name="estimate", queue="model", chosen=chosen)
    color_map.change(on_color_map, [result, color_map], slider, api_visibility="private")
    detail.change(on_detail, [result, detail], surface, api_visibility="private")
    return chosen
