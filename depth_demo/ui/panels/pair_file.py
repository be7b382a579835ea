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
from depth_demo.serving.blocks import KEPT_S
from depth_demo.ui.inputs import in_sentences
from depth_demo.ui.run import SILENT

PICTURES = [".heic", ".heif", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".avif", ".bmp"]
ANSWERS = ("Squeezed: stretch the halves", "Not squeezed: keep their shape")
LABEL = "One file with both views (MPO, JPS, spatial HEIC, side by side)"


@dataclass(frozen=True, slots=True)
class PairFilePanel:
    """A button for a file, a line on it, and the answers to its question; `watch` brings them to life.

    Attributes:
        file: The button.
        line: How the file was split, and what it leaves open.
        answers: Whether the halves are squeezed, yes and no; unseen where that is not asked.
        asked: Holds the path of the file that is asked about.
        is_pair: Whether the field of the left view was given a file with both views; never seen.
        fill: Fills both views from the file in `asked`; the page's script presses it.
    """

    file: gr.UploadButton
    line: gr.HTML
    answers: tuple[gr.Button, gr.Button]
    asked: gr.State
    is_pair: gr.Checkbox
    fill: gr.Button

    def watch(
        self,
        views: Sequence[gr.Image],
        calibration: Sequence[gr.Number],
        cards: gr.Dataset,
        truth: Sequence[gr.File] = (),
    ) -> None:
        """Fill the views from a file that holds both: from the button, or put into the field of the left view.

        What belonged to an earlier pair goes: its camera and its truth. An example takes the line away.
        """
        left, right = views
        told: list[Component] = [self.line, *self.answers]
        outputs: list[Component] = [*told, self.asked, left, right, *calibration, *truth]
        fill = partial(filled, left.GRADIO_CACHE, len(truth))
        one: dict[str, Any] = {"concurrency_id": "preflight", "concurrency_limit": 1}  # it decodes pictures as well
        self.file.upload(in_sentences(fill), self.file, outputs, **one, **SILENT)
        # In two steps: when one answer named the numbers too, those typed meanwhile were lost (seen with Gradio 6.31).
        look = left.upload(look_into, left, [*told, self.asked, self.is_pair], **one, **SILENT)
        press = f"yes => yes && document.getElementById('{self.fill.elem_id}').click()"
        look.success(None, self.is_pair, None, js=press, **SILENT)
        self.fill.click(in_sentences(fill), self.asked, outputs, **one, **SILENT)
        for button, squeezed in zip(self.answers, (True, False), strict=True):
            answer = in_sentences(partial(answered, left.GRADIO_CACHE, squeezed))
            button.click(answer, self.asked, [*told, left, right], **one, **SILENT)
        gr.on([right.upload, right.clear, left.clear, cards.click], nothing_said, None, told, **SILENT)


def pair_file_panel(name: str) -> PairFilePanel:
    """Lay out the button, the line, which is empty until a file with both views is there, and the answers.

    Args:
        name: Of the tab's run, for the id of an element.
    """
    file = gr.UploadButton(LABEL, file_types=[".mpo", ".jps", ".pns", *PICTURES], size="sm")
    line = gr.HTML(visible=False, elem_classes="preflight", container=True, padding=True)
    with gr.Row():
        squeezed = gr.Button(ANSWERS[0], size="sm", visible=False)
        kept = gr.Button(ANSWERS[1], size="sm", visible=False)
    fill = gr.Button(elem_id=f"{name}-fill-pair", elem_classes="trigger")
    return PairFilePanel(
        file, line, (squeezed, kept), gr.State(time_to_live=KEPT_S), gr.Checkbox(visible=False, label="Holds both views"), fill
    )


def filled(cache: str, truths: int, path: str) -> tuple[object, ...]:
    """Return what is told of a file, its path, its views as files, focal length, baseline and doffs, and no truths.

    Raises:
        ValueError: If the file holds no pair.
    """
    pair = load_pair(path)
    camera = (pair.focal_length_px, pair.baseline_m) if pair.focal_length_px and pair.baseline_m else (0, 0)
    views = write_views(pair, Path(path).stem, cache)
    return *told_of(pair, is_open=pair.question is not None), path, *views, *camera, 0, *[None] * truths


def look_into(path: str | None) -> tuple[gr.HTML, gr.Button, gr.Button, str | None, bool]:
    """Return an empty line without answers, the path of a file that holds both views, and whether it does."""
    is_pair = False
    if path:
        with suppress(ValueError):  # if the file cannot be read, the checks of the pair say so
            is_pair = load_pair(path) is not None
    return *nothing_said(), path if is_pair else None, is_pair


def answered(cache: str, squeezed: bool, path: str | None) -> tuple[object, ...]:  # noqa: FBT001
    """Return what is told of the file after an answer to its question, and its views as files.

    Raises:
        ValueError: If the file is not there any more.
    """
    if path is None:
        return (*(gr.skip() for _ in range(5)),)
    pair = load_pair(path, squeezed=squeezed)
    return *told_of(pair, is_open=True, answer=squeezed), *write_views(pair, Path(path).stem, cache)


def told_of(pair: PairFile, *, is_open: bool, answer: bool | None = None) -> tuple[gr.HTML, gr.Button, gr.Button]:
    """Return the line on a file, and both answers: seen where its question is open or was, the one that was given marked."""
    question = f"<p><strong>{html.escape(pair.question)}</strong></p>" if pair.question else ""
    line = gr.HTML(f"<p>{html.escape(describe(pair))}</p>{question}", visible=True)
    yes, no = (gr.Button(visible=is_open, variant="primary" if answer is one else "secondary") for one in (True, False))
    return line, yes, no


def nothing_said() -> tuple[gr.HTML, gr.Button, gr.Button]:
    """Return an empty line and no answers."""
    return gr.HTML(visible=False), gr.Button(visible=False), gr.Button(visible=False)


def describe(pair: PairFile) -> str:
    """Say how a file was split, and what is missing for metres."""
    if pair.focal_length_px and pair.baseline_m:
        return f"{pair.description} Both lengths were filled in."
    if pair.baseline_m:
        return f"{pair.description} For metres, fill in the focal length [px] and this distance as the baseline."
    return pair.description


def write_views(pair: PairFile, name: str, cache: str) -> list[str]:
    """Write both views as PNG files where Gradio serves files from, named after the file that they came in."""
    Path(cache).mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=cache))
    views = {"left": pair.left, "right": pair.right}
    return [_write(view, folder / f"{safe_name(name)}_{side}.png") for side, view in views.items()]


def _write(view: RgbImage, path: Path) -> str:
    cv2.imwrite(str(path), cv2.cvtColor(view, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_PNG_COMPRESSION, 1))
    return str(path)
