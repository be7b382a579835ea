"""Components that leave it to us how things are read, encoded and written: photos, pictures, surfaces, files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import cv2
import gradio as gr
import numpy as np
import plotly.graph_objects as go

from depth_demo.examples import Example, list_examples
from depth_demo.geometry import RgbImage
from depth_demo.serving.gradio_internals import NoStub, PlotData, hash_bytes, hash_file

# Colours at full resolution: the usual halving frays the holes of a map. 50 dB on smooth maps, a tenth of a PNG's time.
JPEG = (
    *(cv2.IMWRITE_JPEG_QUALITY, 95),
    *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
)


class PhotoInput(gr.Image, metaclass=NoStub):
    """An image field that hands over the uploaded file as it is, so that `files.load_photo` decodes and judges it."""

    is_template = True

    def preprocess(self, payload: Any) -> str | None:  # noqa: ANN401
        return None if payload is None else payload.path

    def example_payload(self) -> Any:  # noqa: ANN401
        return example_file(f"{str(self.label).lower().replace(' ', '_')}.png")

    def light_address(self, value: object) -> str | None:
        """Return where the page finds a JPEG of an example's view, a tenth of its PNG; the file itself stays what it is."""
        folder = Path(value["path"]).parent.name if isinstance(value, dict) and value.get("path") else ""
        return light_addresses().get(folder)


class TruthInput(gr.File, metaclass=NoStub):
    """A file field for ground truth."""

    is_template = True

    def example_payload(self) -> Any:  # noqa: ANN401
        return example_file("truth.png")


class CalibrationInput(gr.File, metaclass=NoStub):
    """A file field for a calibration."""

    is_template = True

    def example_payload(self) -> Any:  # noqa: ANN401
        return example_file("stereo.yaml")


class ArchiveInput(gr.File, metaclass=NoStub):
    """A file field for a data set as a ZIP."""

    is_template = True

    def example_payload(self) -> Any:  # noqa: ANN401
        return example_file("data_set.zip")


class ClipInput(gr.File, metaclass=NoStub):
    """A file field for a clip: hands over the file as it is. Gradio's field for videos may start programs on the server."""

    is_template = True

    def preprocess(self, payload: Any) -> str | None:  # noqa: ANN401
        return None if payload is None else payload.path

    def example_payload(self) -> Any:  # noqa: ANN401
        return example_file("clip.mp4")


def example_file(name: str) -> dict[str, object]:
    """Return how snippets of code name a file; those of Gradio name a web address, and the server fetches none."""
    return {"path": name, "url": name, "orig_name": name, "meta": {"_type": "gradio.FileData"}}


@cache
def light_addresses() -> dict[str, str]:
    """Return the address of every example's views, by the name of the folder in which Gradio keeps a copy of the file."""
    views = [(example, side) for example in list_examples() for side in ("left", "right")]
    return {hash_file(getattr(example, side)): light_address_of(example, side) for example, side in views}


def light_address_of(example: Example, side: str) -> str:
    """Return the address of a view's JPEG, below that of the app."""
    return f"/examples/{quote(example.name)}/{side}.jpg"


class Picture(gr.Image, metaclass=NoStub):
    """Shows (H, W, 3) uint8 RGB."""

    is_template = True

    def postprocess(self, value: RgbImage | None) -> Any:  # type: ignore[override]  # noqa: ANN401
        return super().postprocess(None if value is None else _as_file(value, self.GRADIO_CACHE))


class PictureSlider(gr.ImageSlider, metaclass=NoStub):
    """Shows two pictures of one size, one over the other."""

    is_template = True

    def postprocess(self, value: tuple[RgbImage, RgbImage] | None) -> Any:  # type: ignore[override]  # noqa: ANN401
        if value is None:
            return None
        with ThreadPoolExecutor() as pool:
            left, right = pool.map(lambda picture: _as_file(picture, self.GRADIO_CACHE), value)
        return super().postprocess((left, right))


class Pictures(gr.Gallery, metaclass=NoStub):
    """Shows a list of pictures."""

    is_template = True

    def postprocess(self, value: Sequence[RgbImage] | None) -> Any:  # type: ignore[override]  # noqa: ANN401
        return super().postprocess([_as_file(picture, self.GRADIO_CACHE) for picture in value or ()])


class Frames(gr.Gallery, metaclass=NoStub):
    """Keeps pictures with a line each, for the page's script."""

    is_template = True

    def postprocess(self, value: Sequence[tuple[RgbImage, str]] | None) -> Any:  # type: ignore[override]  # noqa: ANN401
        return super().postprocess([(_as_file(picture, self.GRADIO_CACHE), line) for picture, line in value or ()])


class Surface(gr.Plot, metaclass=NoStub):
    """Shows a figure of many numbers, from a function that makes it."""

    is_template = True

    def postprocess(self, value: Callable[[], go.Figure] | None) -> PlotData | None:
        # Plotly's own JSON is made safe for HTML: six letters for each slash, of which its arrays in base64 have many.
        if value is None:
            return None
        text = json.dumps(value().to_dict(), default=np.ndarray.tolist)  # Plotly leaves empty arrays as they are
        return PlotData(type="plotly", plot=text)


class Downloads(gr.File, metaclass=NoStub):
    """A list of files, from a function that writes them into the folder it is given: one that Gradio empties itself."""

    is_template = True

    def postprocess(self, value: Callable[[Path], Sequence[Path]] | None) -> Any:  # type: ignore[override]  # noqa: ANN401
        if value is None:
            return None
        Path(self.GRADIO_CACHE).mkdir(parents=True, exist_ok=True)
        folder = tempfile.mkdtemp(dir=self.GRADIO_CACHE)
        return super().postprocess([str(path) for path in value(Path(folder))])


def picture(label: str, *, min_width: int = 240, visible: bool = True) -> Picture:
    return Picture(
        label=label, buttons=["fullscreen"], alt_text=label, interactive=False, min_width=min_width, visible=visible
    )


def picture_slider(label: str, position: float = 50) -> PictureSlider:
    return PictureSlider(label=label, slider_position=position, max_height=640, buttons=["fullscreen"])


def _as_file(picture: RgbImage, cache: str) -> str:
    """Write a JPEG where Gradio serves files from. Equal pictures are one file, which a browser fetches once."""
    jpeg = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), JPEG)[1].tobytes()
    path = Path(cache, hash_bytes(jpeg), "image.jpg")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as new:
        new.write(jpeg)
    Path(new.name).replace(path)  # at once, as somebody may be fetching an equal picture just now
    return str(path)
