"""Tab "Photo": depth from one image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import uuid4

import gradio as gr
import plotly.graph_objects as go
from gradio.components import Component

from depth_demo import pipeline
from depth_demo.comparison.results import Estimate
from depth_demo.examples import Example
from depth_demo.formats.photos import Photo, load_photo
from depth_demo.geometry import FocalLength, RgbImage, choose_focal_length, megapixels
from depth_demo.monocular.input_size import AS_PUBLISHED, AS_TRAINED, network_size
from depth_demo.monocular.models import find_model
from depth_demo.monocular.phone import PHONE, PhoneMap
from depth_demo.render.files import photo_name, save_estimate
from depth_demo.render.maps import COLOR_MAPS, render_map, render_photo, render_spread
from depth_demo.render.shape import surface_depth
from depth_demo.render.surface import render_surface
from depth_demo.serving.blocks import KEPT_S
from depth_demo.serving.request_log import note
from depth_demo.ui.address import Shareable
from depth_demo.ui.asked_model import AskedModel, told
from depth_demo.ui.endpoints import documented, later_fields, model_field, plots_field
from depth_demo.ui.estimates import KeptEstimator, input_size_for
from depth_demo.ui.files import download_button
from depth_demo.ui.inputs import (
    ModelInputs,
    color_map_input,
    detail_input,
    example_cards,
    in_sentences,
    model_inputs,
    own,
    photo_input,
)
from depth_demo.ui.models import AUTO
from depth_demo.ui.outputs import Downloads, Surface, picture, picture_slider
from depth_demo.ui.panels.phone_map import phone_map_panel
from depth_demo.ui.run import MODEL_QUEUE, PRIVATE, Values, in_turn, lazy_tab, wire_run
from depth_demo.ui.shared import Shared
from depth_demo.ui.stopping import stop_button, stop_if_asked
from depth_demo.wording.durations import about
from depth_demo.wording.files import files_say
from depth_demo.wording.summaries import phone_map_summary, photo_summary
from depth_demo.wording.terms import explained

LONG_S = 10.0  # a longer wait is announced in a sentence


@dataclass(frozen=True, slots=True, eq=False)
class PhotoResult:
    """Everything that the tab shows, so that another view needs no model.

    Attributes:
        estimate: The photo and its map.
        focal_length: Behind the surface.
        source: One line that tells what made the map.
        summary: The map in words.
        name: The photo's, for files.
        token: Tells this result from others.
    """

    estimate: Estimate
    focal_length: FocalLength
    source: str
    summary: str
    name: str = "photo"
    token: str = field(default_factory=lambda: uuid4().hex)

    def slider(self, color_map: str) -> tuple[RgbImage, RgbImage]:
        """Draw the photo beside its map."""
        return slider_of(self.estimate, color_map)

    def spread(self) -> gr.Image:
        """Draw how far the answers of a model differ that drew several; nothing of one that did not."""
        spread = self.estimate.depth_map.spread
        return gr.Image(None if spread is None else render_spread(spread), visible=spread is not None)

    def surface(self, detail: str) -> go.Figure:
        """Draw the map as a surface in the photo's colours."""
        depth, unit = surface_depth(self.estimate.depth_map)
        return render_surface(depth, unit, self.estimate.image, self.focal_length.pixels, detail)

    def save(self, color_map: str, folder: Path) -> list[Path]:
        """Write the map, coloured, grey and as numbers, and its surface into a folder."""
        return save_estimate(folder, self.name, self.estimate, self.source, self.focal_length.pixels, color_map)


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """A small map that is there long before the full one.

    Attributes:
        estimate: From a smaller image.
        words: How long the full map will take.
    """

    estimate: Estimate
    words: str


def slider_of(estimate: Estimate, color_map: str) -> tuple[RgbImage, RgbImage]:
    """Draw a photo and its map at one size."""
    picture = render_map(estimate.depth_map, color_map)
    return render_photo(estimate.image, under=picture), picture


def estimate_photo(
    shared: Shared,
    image: str | None,
    asked: AskedModel,
    focal_length_px: float,
    progress: gr.Progress,
) -> Iterator[Preview | PhotoResult]:
    """Read a photo and estimate its depth; a preview comes first where the full map takes long."""
    if asked.name == PHONE:
        yield take_phone_map(image, focal_length_px)
        return
    photo = load_photo(image)
    model = shared.shelf.resolve(asked.name)
    sampling = told(asked.sampling(find_model(model)), progress, 0.3, 1.0)
    focal_length = choose_focal_length(focal_length_px, photo.focal_length_px, photo.pixels)
    note(megapixels=megapixels(photo.pixels), model=model)
    progress(0.0, "Loading the model")
    loaded = shared.shelf.get(model, progress)
    chosen = input_size_for(photo.pixels, loaded.spec, asked.resolution, asked.input_size)
    known = None if focal_length.assumed else focal_length.pixels
    estimator = shared.kept(loaded, chosen.pixels, known, sampling)
    estimate = estimator.recall(photo.pixels)
    if estimate is None:
        yield from preview_of(estimator, photo.pixels, progress)
        estimate = estimator.compute(photo.pixels)
        stop_if_asked()
    spec = loaded.spec
    if focal_length.assumed and estimate.depth_map.focal_length:
        focal_length = estimate.depth_map.focal_length
    seen = chosen.seen(network_size(*estimate.depth_map.shape, chosen.pixels, spec.preprocessing))
    summary = photo_summary(estimate, spec.title, spec.warning, loaded.device_name, seen, focal_length)
    source = f"{spec.title}, input size {chosen.pixels}"
    yield PhotoResult(estimate, focal_length, source, _noted(photo, summary), photo_name(image))


def take_phone_map(image: str | None, focal_length_px: float) -> PhotoResult:
    """Return the phone's own map in place of an estimate.

    Raises:
        ValueError: If there is no photo, or it holds no map that fits it.
    """
    photo = load_photo(image)
    focal_length = choose_focal_length(focal_length_px, photo.focal_length_px, photo.pixels)
    own = PhoneMap(str(image))
    estimate = pipeline.estimate(photo.pixels, own)
    note(megapixels=megapixels(photo.pixels), model=PHONE)
    summary = phone_map_summary(estimate, own.description, focal_length)
    return PhotoResult(estimate, focal_length, own.description, _noted(photo, summary), photo_name(image))


def _noted(photo: Photo, summary: str) -> str:
    return f"{photo.note}\n\n{summary}" if photo.note else summary


def preview_of(estimator: KeptEstimator, image: RgbImage, progress: gr.Progress) -> Iterator[Preview]:
    """Yield a preview; where none pays, the progress announces the wait."""
    preview = estimator.preview(image)
    if preview is None:
        progress(0.3, estimator.announce(image))
        return
    seconds, quicker = estimator.expected_s(image), estimator.expected_s(image, "fast")
    words = f"**Preview.** The full map takes {about(seconds)} on this machine."
    if seconds > max(LONG_S, 2 * quicker):
        words += f" Resolution *Fast* would take {about(quicker)}."
    yield Preview(preview, words)  # any more progress would cover it


class PhotoTab:
    """The tab's fields and results, laid out and wired."""

    def __init__(self, examples: Sequence[Example], shared: Shared) -> None:
        self.shared = shared
        cards = example_cards(examples, two_views=False)
        with gr.Row():
            with gr.Column(scale=4, min_width=320, elem_id="estimate-inputs"):
                image = photo_input("Photo")
                own(image)
                phone_map = phone_map_panel()
                phone_map.watch(image)
                run = gr.Button("Estimate depth", variant="primary")
                stop_button()
                self.onward = gr.Button("Take this photo to Compare, as the left view", size="sm")
                self.chosen: ModelInputs = model_inputs()
                focal = gr.Number(
                    0, label="Focal length [px], for the 3D view",
                    info="0 reads it from the photo's EXIF data, or assumes a typical phone camera.",
                )  # fmt: skip
            with gr.Column(scale=6, min_width=320, elem_id="estimate-result"):
                self._lay_out_results()
        model = self.chosen
        inputs = [image, model.model, model.input_size, focal, self.color_map, model.resolution]
        contents: dict[str, dict[Component, object]] = {
            example.name: {image: str(example.left), phone_map.wanted: False} for example in examples
        }
        fields = model.fields | {"color_map": self.color_map, "detail": self.detail}
        self.shareable = Shareable("photo", "estimate", fields, contents)
        self.shareable.watch()
        self.image = image
        outputs = [self.slider, self.summary, self.spread, self.result, self.downloads, *self.lazy.blank]
        wire_run(
            "estimate", MODEL_QUEUE, run, self.on_run, [*inputs, phone_map.wanted, *model.later], outputs,
            told=[self.slider, self.summary], cards=cards, contents=contents, chosen=self.chosen,
        )  # fmt: skip
        self.color_map.change(self.on_color_map, [self.result, self.color_map], self.slider, **PRIVATE)
        self.detail.change(self.on_detail, [self.result, self.detail], self.surface, **PRIVATE)
        endpoint_inputs = [image, model_field(), *inputs[2:5], self.detail, model.resolution, plots_field(), *later_fields()]
        endpoint_outputs = [self.slider, self.surface, self.downloads, self.summary]
        gr.Button(visible=False).click(
            self.on_estimate, endpoint_inputs, endpoint_outputs, api_name="estimate", **in_turn(MODEL_QUEUE)
        )

    def _lay_out_results(self) -> None:
        self.result = gr.State(time_to_live=KEPT_S)
        with gr.Tabs(overflow_behavior="wrap"):
            with gr.Tab("Map"):
                self.slider = picture_slider("Photo | depth map")
                self.spread = picture("How far the answers differ", visible=False)
                self.color_map = color_map_input()
                self.summary = gr.Markdown(label="Summary")  # last: its length is known late, and it moves nothing
            with gr.Tab("Surface") as surface_tab:
                self.surface = Surface(label="Surface")
                self.detail = detail_input()
                self.lazy = lazy_tab(surface_tab, "estimate", self.result, self.draw_surface, [self.detail], [self.surface])
            with gr.Tab("Files"):
                gr.Markdown(files_say("estimate"))
                label = "Download the map and the surface"
                self.downloads: Downloads = download_button(
                    "estimate", self.result, PhotoResult.save, label, "depth", [self.color_map]
                )

    @in_sentences
    def on_run(
        self,
        image: str | None,
        model: str,
        input_size: int | None,
        focal_length_px: float,
        color_map: str,
        resolution: str,
        phones_own: bool,  # noqa: FBT001
        steps: float | None = 0,
        members: float | None = 0,
        patient: bool = False,  # noqa: FBT001, FBT002
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[Values]:
        """Show a preview where it pays, then the map; the surface and the files are made when they are asked for."""
        asked = AskedModel(PHONE if phones_own else model, input_size, resolution, steps, members, patient)
        for step in estimate_photo(self.shared, image, asked, focal_length_px, progress):
            if isinstance(step, Preview):
                yield {self.slider: slider_of(step.estimate, color_map), self.summary: step.words, **self._nothing}
            else:
                shown = {self.slider: step.slider(color_map), self.summary: explained(step.summary)}
                yield self._nothing | shown | {self.spread: step.spread(), self.result: step}

    @property
    def _nothing(self) -> Values:
        return {self.result: None, self.downloads: None, self.spread: gr.Image(None, visible=False), **self.lazy.blank}

    def draw_surface(self, result: PhotoResult, detail: str) -> Values:
        """Draw the content of the tab "Surface"."""
        return {self.surface: partial(result.surface, detail)}

    def on_color_map(self, result: PhotoResult | None, color_map: str) -> object:
        """Draw the map in other colours."""
        return result.slider(color_map) if result else gr.skip()

    def on_detail(self, result: PhotoResult | None, detail: str) -> object:
        """Draw the surface with more or fewer vertices."""
        return partial(result.surface, detail) if result else gr.skip()

    @in_sentences
    @documented
    def on_estimate(
        self,
        image: str | None,
        model: str = AUTO,
        input_size: int | None = AS_TRAINED,
        focal_length_px: float = 0,
        color_map: str = COLOR_MAPS[0],
        detail: str = "standard",
        resolution: str = AS_PUBLISHED,
        plots: bool = False,  # noqa: FBT001, FBT002
        steps: float | None = 0,
        members: float | None = 0,
        patient: bool = False,  # noqa: FBT001, FBT002
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[tuple[object, ...]]:
        """Estimate depth from one photo with a neural network; a preview comes first when it takes long.

        The depth of most models is relative: known up to scale and shift, larger is nearer, no metres. Models with "metric"
        in their name estimate metres.

        Args:
            image: The photo: any common format, 32x32 pixels to 50 megapixels.
            model: Name of the model. auto takes depth-anything-v2-small, or depth-demo-tiny, which is bundled, where the
                weights cannot be had. The summary says which one ran. phone takes the depth map that a phone kept inside a
                portrait photo, in the place of an estimate; a photo without one is refused.
            input_size: Short side that the network sees [px], a multiple of 14 from 168 to 1036; 0 uses the resolution.
            focal_length_px: Focal length [px], for the surface, and for models that compute metres with it; 0 reads it from
                the photo's EXIF data, or takes the model's own or that of a typical phone camera.
            color_map: Colours of the picture of the map.
            detail: How many vertices the surface has.
            resolution: How finely the network looks: "fast", "as published" (with fewer pixels for photos wider than 2:1) or
                "fine". An input_size above 0 overrules it.
            plots: Whether to send the surface, some megabytes; false leaves it empty.
            steps: Of removing noise, for models that draw their answer (Marigold); 0 takes the model's own number.
            members: Answers that such a model draws and merges. From three on, the files tell how far they differ.
            patient: Whether to wait for a model that takes more than a minute on this machine; false refuses it.

        Returns:
            photo_and_map: Two pictures of one size: the photo, and the map in colours.
            surface: A Plotly figure as JSON: the map as a surface in the photo's colours. Empty unless plots is true.
            files: The map in colours (PNG, the first file), in grey (8-bit PNG), as numbers (NPY, PFM and TIFF, float32;
                16-bit PNG with a JSON that explains it), and its surface as points (PLY) and as triangles (GLB).
            summary: Which model ran, where and how long, what its numbers mean, and the focal length.
        """
        asked = AskedModel(model, input_size, resolution, steps, members, patient)
        for step in estimate_photo(self.shared, image, asked, focal_length_px, progress):
            if isinstance(step, Preview):
                yield slider_of(step.estimate, color_map), None, None, step.words
            else:
                surface = partial(step.surface, detail) if plots else None
                yield step.slider(color_map), surface, partial(step.save, color_map), step.summary
