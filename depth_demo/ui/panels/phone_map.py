"""The phone's own depth map: offered below a photo that has one, in the place of a network's estimate."""

from __future__ import annotations

import html
from dataclasses import dataclass

import gradio as gr

from depth_demo.formats.phone_depth import load_phone_depth
from depth_demo.monocular.phone import PHONE_TITLE
from depth_demo.ui.rectifying import RectifiedPair
from depth_demo.ui.run import SILENT


@dataclass(frozen=True, slots=True)
class PhoneMapPanel:
    """A line and a checkbox, both unseen until the photo has a map of its own."""

    line: gr.HTML
    wanted: gr.Checkbox

    def watch(self, image: gr.Image, made: gr.State | None = None) -> None:
        """Look into each new photo; `made` tells which photo a rectified view was made of."""
        inputs = [image, made] if made else [image]
        image.change(offer, inputs, [self.line, self.wanted], **SILENT)


def phone_map_panel() -> PhoneMapPanel:
    """Lay out the line and the checkbox."""
    line = gr.HTML(visible=False, elem_classes="preflight", container=True, padding=True)
    return PhoneMapPanel(line, gr.Checkbox(label=PHONE_TITLE, info="Instead of an estimate.", visible=False))


def offer(path: str | None, made: RectifiedPair | None = None) -> tuple[gr.HTML, gr.Checkbox]:
    """Return the line on a photo's own map and the checkbox: unseen where there is no map."""
    if made and made.files[0] == path:
        path = made.given[0]
    try:
        found = load_phone_depth(path) if path else None
    except ValueError as error:
        return _line(str(error)), gr.Checkbox(value=False, visible=False)
    if found is None:
        return gr.HTML(visible=False), gr.Checkbox(value=False, visible=False)
    return _line(found.description), gr.Checkbox(value=False, visible=True)


def _line(text: str) -> gr.HTML:
    return gr.HTML(f"<p>{html.escape(text)}</p>", visible=True)
