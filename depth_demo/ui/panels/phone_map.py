"""The phone's own depth map, for the tab "Photo": offered where the photo has one, in place of the network's estimate."""

from __future__ import annotations

import html
from dataclasses import dataclass

import cv2
import gradio as gr

from depth_demo.comparison.results import Estimate
from depth_demo.formats.phone_depth import PhoneDepth, load_phone_depth
from depth_demo.geometry import DepthMap, RgbImage, size_text
from depth_demo.ui.run import SILENT

MAX_STRETCH = 1.02  # of the map's shape over the photo's


@dataclass(frozen=True, slots=True)
class PhoneMapPanel:
    """A line and a checkbox, both unseen until the photo has a map of its own."""

    line: gr.HTML
    wanted: gr.Checkbox

    def watch(self, image: gr.Image) -> None:
        """Look into each new photo."""
        image.change(offer, image, [self.line, self.wanted], **SILENT)


def phone_map_panel() -> PhoneMapPanel:
    """Lay out the line and the checkbox."""
    line = gr.HTML(visible=False, elem_classes="preflight", container=True, padding=True)
    return PhoneMapPanel(line, gr.Checkbox(label="The phone's own map", info="Instead of an estimate.", visible=False))


def offer(path: str | None) -> tuple[gr.HTML, gr.Checkbox]:
    """Return the line on a photo's own map and the checkbox: unseen where there is no map."""
    try:
        found = load_phone_depth(path) if path else None
    except ValueError as error:
        return _line(str(error)), gr.Checkbox(value=False, visible=False)
    if found is None:
        return gr.HTML(visible=False), gr.Checkbox(value=False, visible=False)
    return _line(found.description), gr.Checkbox(value=False, visible=True)


def _line(text: str) -> gr.HTML:
    return gr.HTML(f"<p>{html.escape(text)}</p>", visible=True)


def phone_estimate(path: str, image: RgbImage) -> tuple[Estimate, PhoneDepth]:
    """Return the phone's own map at the size of its photo, and as it lies in the file.

    Args:
        path: The photo's file.
        image: (H, W, 3) uint8 RGB, upright.

    Raises:
        ValueError: If the photo has no map, or one of another shape.
    """
    found = load_phone_depth(path)
    if found is None:
        raise ValueError("The photo holds no depth map of its own: clear *The phone's own map*.")
    height, width = found.depth_map.shape
    stretch = (image.shape[1] / width) / (image.shape[0] / height)
    if not 1 / MAX_STRETCH <= stretch <= MAX_STRETCH:
        raise ValueError(f"The phone's own map is {width}x{height}, another shape than the photo's {size_text(image)} pixels.")
    values = cv2.resize(found.depth_map.values, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR)
    return Estimate(image, DepthMap(values, found.depth_map.kind), 0.0), found
