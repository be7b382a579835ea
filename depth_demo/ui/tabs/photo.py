"""Tab "Photo": depth from one image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import gradio as gr
from gradio.components import Component

from depth_demo.examples import Example
from depth_demo.monocular.input_size import AS_PUBLISHED, AS_TRAINED
from depth_demo.monocular.phone import PHONE
from depth_demo.render.maps import COLOR_MAPS
from depth_demo.serving.blocks import KEPT_S
from depth_demo.ui.address import Shareable
from depth_demo.ui.asked_model import AskedModel
from depth_demo.ui.endpoints import documented, later_fields, model_field, plots_field
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
from depth_demo.ui.stopping import stop_button
from depth_demo.ui.tabs.photo_runs import PhotoResult, Preview, estimate_photo, slider_of
from depth_demo.wording.files import files_say
from depth_demo.wording.terms import explained


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
                    0, label="Focal length [px]",
                    info="For the 3D view, and for models that need it for metres. 0 reads it from the photo's EXIF data, or "
                    "assumes a typical phone camera.",
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
            input_size: Short side that the network sees [px]: for Depth Anything V1 and V2 a multiple of 14, 168 to 1036. Of
                other models, the refusal of a size names those that they take. 0 uses the resolution.
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
