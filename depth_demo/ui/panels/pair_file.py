"""One file with both views, for the tabs with two views: it fills both fields, and a line says how it was split."""

from __future__ import annotations

import html
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import gradio as gr
from gradio.components import Component

from depth_demo.formats.pairs import PairFile, load_pair
from depth_demo.formats.writers import safe_name
from depth_demo.geometry import RgbImage
from depth_demo.ui.inputs import in_sentences
from depth_demo.ui.run import SILENT

PICTURES = [".heic", ".heif", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".avif", ".bmp"]
LABEL = "One file with both views (MPO, JPS, spatial HEIC, side by side)"


@dataclass(frozen=True, slots=True)
class PairFilePanel:
    """A button for a file, and a line on it; `watch` brings them to life."""

    file: gr.UploadButton
    line: gr.HTML

    def watch(self, views: Sequence[gr.Image], calibration: Sequence[gr.Number], truth: Sequence[gr.File] = ()) -> None:
        """Fill the views from a file that holds both: from the button, or put into the field of the left view.

        What belonged to an earlier pair goes: its camera and its truth.
        """
        left, right = views
        outputs: list[Component] = [self.line, left, right, *calibration, *truth]
        fill = partial(filled, left.GRADIO_CACHE, len(truth))
        one: dict[str, Any] = {"concurrency_id": "preflight", "concurrency_limit": 1}  # it decodes pictures as well
        self.file.upload(in_sentences(fill), self.file, outputs, **one, **SILENT)
        left.upload(partial(filled_if_pair, left.GRADIO_CACHE, len(truth)), left, outputs, **one, **SILENT)
        gr.on([right.upload, right.clear, left.clear], hidden, None, self.line, **SILENT)


def pair_file_panel() -> PairFilePanel:
    """Lay out the button and the line, which is empty until a file with both views is there."""
    file = gr.UploadButton(LABEL, file_types=[".mpo", ".jps", ".pns", *PICTURES], size="sm")
    return PairFilePanel(file, gr.HTML(visible=False, elem_classes="preflight", container=True, padding=True))


def filled(cache: str, truths: int, path: str) -> tuple[object, ...]:
    """Return the line on a file, its left and right view as files, focal length, baseline and doffs, and no truths.

    Raises:
        ValueError: If the file holds no pair.
    """
    pair = load_pair(path)
    camera = (pair.focal_length_px, pair.baseline_m) if pair.focal_length_px and pair.baseline_m else (0, 0)
    return shown(describe(pair)), *write_views(pair, Path(path).stem, cache), *camera, 0, *[None] * truths


def filled_if_pair(cache: str, truths: int, path: str | None) -> tuple[object, ...]:
    """Return what `filled` does; nothing but an empty line for a single view, as most files are."""
    if path:
        with suppress(ValueError):  # if the file cannot be read, the checks of the pair say so
            return filled(cache, truths, path)
    return hidden(), *(gr.skip() for _ in range(5 + truths))


def describe(pair: PairFile) -> str:
    """Say how a file was split, and what is missing for metres."""
    if pair.focal_length_px and pair.baseline_m:
        return f"{pair.description} Both lengths were filled in."
    if pair.baseline_m:
        return f"{pair.description} For metres, fill in the focal length [px] and this distance as the baseline."
    return pair.description


def shown(text: str) -> gr.HTML:
    return gr.HTML(f"<p>{html.escape(text)}</p>", visible=True)


def hidden() -> gr.HTML:
    return gr.HTML(visible=False)


def write_views(pair: PairFile, name: str, cache: str) -> list[str]:
    """Write both views as PNG files where Gradio serves files from, named after the file that they came in."""
    Path(cache).mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=cache))
    views = {"left": pair.left, "right": pair.right}
    return [_write(view, folder / f"{safe_name(name)}_{side}.png") for side, view in views.items()]


def _write(view: RgbImage, path: Path) -> str:
    cv2.imwrite(str(path), cv2.cvtColor(view, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_PNG_COMPRESSION, 1))
    return str(path)
