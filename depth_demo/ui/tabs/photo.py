"""Tab "Photo": depth from one image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import gradio as gr
import plotly.graph_objects as go

from depth_demo import pipeline
from depth_demo.examples import Example
from depth_demo.formats import writers as exports
from depth_demo.formats.photos import load_photo
from depth_demo.geometry import DepthKind, FocalLength, RgbImage, choose_focal_length, megapixels, size_text
from depth_demo.monocular.input_size import AS_PUBLISHED, AS_TRAINED, InputSize, network_size
from depth_demo.monocular.models import DEFAULT_MODEL, ModelSpec
from depth_demo.render.maps import COLOR_MAPS, render_map, render_photo
from depth_demo.render.shape import surface_depth
from depth_demo.render.surface import render_surface
from depth_demo.serving.blocks import KEPT_S
from depth_demo.serving.request_log import note
from depth_demo.ui.estimates import KeptEstimator, input_size_for
from depth_demo.ui.inputs import (
    ModelInputs,
    example_cards,
    in_sentences,
    model_inputs,
    photo_input,
    view_inputs,
)
from depth_demo.ui.models import SHELF
from depth_demo.ui.outputs import Downloads, Surface, picture_slider
from depth_demo.ui.run import MODEL_QUEUE, compute_on
from depth_demo.wording.durations import about

LONG_S = 10.0  # a longer wait is announced in a sentence


@dataclass(frozen=True, slots=True, eq=False)
class MonoResult:
    """Everything that the tab shows, so that another view needs no model."""

    estimate: pipeline.Estimate
    focal_length: FocalLength
    model: ModelSpec
    device: str
    chosen: InputSize

    def surface(self, detail: str) -> go.Figure:
        depth, unit = surface_depth(self.estimate.depth_map)
        return render_surface(depth, unit, self.estimate.image, self.focal_length.pixels, detail)

    def save(self, folder: Path) -> list[Path]:
        depth, unit = surface_depth(self.estimate.depth_map)
        return [
            *exports.save_map(folder, "map", self.estimate.depth_map, f"{self.model.title}, input size {self.chosen.pixels}"),
            exports.save_cloud(folder, depth, unit, self.estimate.image, self.focal_length.pixels),
        ]

    def summary(self) -> str:
        image, kind = self.estimate.image, self.estimate.depth_map.kind
        seen = self.chosen.seen(network_size(*self.estimate.depth_map.shape, self.chosen.pixels, self.model.preprocessing))
        metric = kind is DepthKind.METRIC_DEPTH
        nearer = f"{'larger' if kind.nearer_is_larger else 'smaller'} is nearer"
        meaning = f"in metres; {nearer}" if metric else f"{nearer}; no unit, known only up to scale and shift"
        shape = "in metres" if metric else "shape only, without metres: how far the background lies behind is a choice"
        return (
            f"**{kind.value.capitalize()}**, {meaning}. {self.model.title}: {self.estimate.took} on {self.device}. "
            f"The photo has {size_text(image)} pixels, {seen}. {self.model.warning}\n\n"
            f"The surface is {shape}, cut at depth edges. Focal length {self.focal_length.pixels:.0f} px, "
            f"{self.focal_length.source}."
        )


def slider_of(estimate: pipeline.Estimate, color_map: str) -> tuple[RgbImage, RgbImage]:
    picture = render_map(estimate.depth_map, color_map)
    return render_photo(estimate.image, under=picture), picture


@in_sentences
def on_estimate(
    image: str | None,
    model: str = DEFAULT_MODEL,
    input_size: int | None = AS_TRAINED,
    focal_length_px: float = 0,
    color_map: str = COLOR_MAPS[0],
    detail: str = "standard",
    resolution: str = AS_PUBLISHED,
    progress: gr.Progress = gr.Progress(),  # noqa: B008
) -> Iterator[tuple[object, ...]]:
    """Estimate depth from one photo with Depth Anything; a preview comes first when it takes long.

    Args:
        image: The photo: any common format, 32x32 to 50 megapixels.
        model: Name of the model, such as depth-anything-v2-small, or depth-demo-tiny, which is bundled.
        input_size: Short side that the network sees [px], a multiple of 14; 0: by the resolution.
        focal_length_px: For the 3D view; 0 takes it from the photo's EXIF data, or assumes a phone.
        color_map: Inferno, Turbo, Viridis or Gray.
        detail: Of the surface: coarse, standard or fine.
        resolution: fast, as published (with fewer pixels for photos wider than 2:1) or fine.
    """
    photo = load_photo(image)
    focal_length = choose_focal_length(focal_length_px, photo.focal_length_px, photo.pixels)
    note(megapixels=megapixels(photo.pixels), model=model)
    progress(0.0, "Loading the model")
    loaded = SHELF.get(model, progress)
    chosen = input_size_for(photo.pixels, loaded.spec, resolution, input_size)
    estimator = KeptEstimator(loaded, chosen.pixels)
    estimate = estimator.recall(photo.pixels)
    if estimate is None:
        yield from preview_of(estimator, photo.pixels, color_map, progress)
        estimate = estimator.compute(photo.pixels)
    result = MonoResult(estimate, focal_length, loaded.spec, loaded.device_name, chosen)
    yield slider_of(estimate, color_map), partial(result.surface, detail), result.save, result.summary(), result


def preview_of(
    estimator: KeptEstimator, image: RgbImage, color_map: str, progress: gr.Progress
) -> Iterator[tuple[object, ...]]:
    """A preview with what there is to say about the wait; where none pays, the progress says it."""
    preview = estimator.preview(image)
    if preview is None:
        progress(0.3, estimator.announce(image))
        return
    seconds, quicker = estimator.expected_s(image), estimator.expected_s(image, "fast")
    words = f"**Preview.** The full map takes {about(seconds)} on this machine."
    if seconds > max(LONG_S, 2 * quicker):
        words += f" Resolution *Fast* would take {about(quicker)}."
    yield slider_of(preview, color_map), None, None, words, None  # any more progress would cover it


def on_color_map(result: MonoResult | None, color_map: str) -> object:
    return slider_of(result.estimate, color_map) if result else gr.skip()


def on_detail(result: MonoResult | None, detail: str) -> object:
    return partial(result.surface, detail) if result else gr.skip()


def build_mono_tab(examples: Sequence[Example]) -> ModelInputs:
    """Lay out the tab and wire it, but for the choice of a model."""
    cards = example_cards(examples, two_views=False)
    with gr.Row():
        with gr.Column(scale=4, min_width=320, elem_id="estimate-inputs"):
            image = photo_input("Photo")
            run = gr.Button("Estimate depth", variant="primary")
            chosen = model_inputs()
            focal = gr.Number(
                0, label="Focal length [px], for the 3D view", info="0: from the photo's EXIF data, or a phone's."
            )
        with gr.Column(scale=6, min_width=320, elem_id="estimate-result"):
            slider = picture_slider("Photo | depth map")
            summary = gr.Markdown(label="Summary")
            color_map, detail = view_inputs()
            surface = Surface(label="Surface: drag to turn")
            downloads = Downloads(label="Downloads", file_count="multiple", interactive=False)
    result = gr.State(time_to_live=KEPT_S)
    outputs = [slider, surface, downloads, summary, result]
    inputs = [image, chosen.model, chosen.input_size, focal, color_map, detail, chosen.resolution]
    contents = [{image: str(example.left)} for example in examples]
    compute_on(
        run, cards, contents, on_estimate, inputs, outputs, api_name="estimate", queue=MODEL_QUEUE, told=[slider, summary],
        chosen=chosen,
    )  # fmt: skip
    color_map.change(on_color_map, [result, color_map], slider, api_visibility="private")
    detail.change(on_detail, [result, detail], surface, api_visibility="private")
    return chosen
