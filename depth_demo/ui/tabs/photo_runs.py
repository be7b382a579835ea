"""Depth from one photo, step by step: a preview, then the map of a model, or the phone's own map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import gradio as gr
import plotly.graph_objects as go

from depth_demo import pipeline
from depth_demo.comparison.results import Estimate
from depth_demo.formats.photos import Photo, load_photo
from depth_demo.geometry import FocalLength, RgbImage, choose_focal_length, megapixels
from depth_demo.monocular.input_size import network_size
from depth_demo.monocular.models import find_model
from depth_demo.monocular.phone import PHONE, PhoneMap
from depth_demo.render.files import photo_name, save_estimate
from depth_demo.render.maps import render_map, render_photo, render_spread
from depth_demo.render.shape import surface_depth
from depth_demo.render.surface import render_surface
from depth_demo.serving.request_log import note
from depth_demo.ui.asked_model import AskedModel, told
from depth_demo.ui.estimates import KeptEstimator, input_size_for
from depth_demo.ui.shared import Shared
from depth_demo.ui.stopping import stop_if_asked
from depth_demo.wording.durations import about
from depth_demo.wording.summaries import phone_map_summary, photo_summary

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
    sampling = told(asked.sampling(find_model(model), photo.pixels), progress, 0.3, 1.0)
    focal_length = choose_focal_length(focal_length_px, photo.focal_length_px, photo.pixels)
    note(megapixels=megapixels(photo.pixels), model=model)
    progress(0.0, "Loading the model")
    loaded = shared.shelf.get(model, progress)
    chosen = input_size_for(photo.pixels, loaded.spec, asked.resolution, asked.input_size)
    known = None if focal_length.assumed else focal_length
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
