"""What a click on tab Photo costs besides the network: `python -m benchmarks.photo_click [rounds]`.

The photo has 1920x1080 pixels and the network sees 924x518, as ViT-S does; its output is given, so that only the rest is
measured: each stage in turn within one process, then the whole click over HTTP, then in Chromium. Last, a photo of 12
megapixels runs through the network, with random weights, until its picture is encoded.
"""

from __future__ import annotations

import gzip
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import cv2
import gradio as gr
import numpy as np
import plotly.graph_objects as go
import torch
from gradio_client import Client, handle_file
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from torch import Tensor, nn

from benchmarks.paired import Run, Timing, describe_machine, interleave, lead, print_table
from benchmarks.servers import APP, CHROMIUM, SOFTWARE_GL, served
from depth_demo.examples import Example, list_examples
from depth_demo.formats import writers as exports
from depth_demo.formats.photos import load_photo
from depth_demo.formats.truth import load_ground_truth
from depth_demo.geometry import RgbImage
from depth_demo.monocular.depth_anything import VARIANTS, load_network
from depth_demo.monocular.engines.export import trace
from depth_demo.monocular.engines.openvino import OpenVinoEstimator
from depth_demo.monocular.estimator import Estimator, TorchEstimator
from depth_demo.monocular.hub import Progress
from depth_demo.monocular.input_size import AS_PUBLISHED, AS_TRAINED, network_size
from depth_demo.monocular.models import DEFAULT, TINY
from depth_demo.monocular.preprocessing import to_pixels
from depth_demo.monocular.timing import Pace
from depth_demo.render.maps import COLOR_MAPS, render_map, render_photo
from depth_demo.render.shape import surface_depth
from depth_demo.render.surface import render_surface
from depth_demo.serving.malloc import keep_memory_together
from depth_demo.ui.asked_model import AskedModel
from depth_demo.ui.models import ModelShelf
from depth_demo.ui.outputs import PictureSlider, Surface
from depth_demo.ui.page import build_demo, launch
from depth_demo.ui.shared import Shared
from depth_demo.ui.tabs.photo_runs import PhotoResult, estimate_photo
from tests.support.official import random_state_dict

WIDTH, HEIGHT = 1920, 1080
SEEN = (924, 518)
LARGE = 4032, 3024  # px, as phones write photos
FOCAL_PX = 1400.0
GOAL_MS, GOAL_HTTP_MS = 80, 200
# Milliseconds from the click until the photo under the map is another one than before, and decoded.
UNTIL_SHOWN = """async () => {
  const photo = () => document.querySelector('#estimate-result img')?.src ?? '';
  const before = photo(), started = performance.now();
  [...document.querySelectorAll('button')].find(button => button.textContent.trim() == 'Estimate depth').click();
  while (photo() == before) await new Promise(requestAnimationFrame);
  await Promise.all([...document.querySelectorAll('#estimate-result img')].map(image => image.decode()));
  return performance.now() - started;
}"""


class Given(nn.Module):
    """A network of zero work: whatever it sees, it answers with the same map."""

    def __init__(self, values: NDArray[np.float32]) -> None:
        super().__init__()
        self.values = torch.from_numpy(values)[None]

    def forward(self, image: Tensor) -> Tensor:  # noqa: ARG002
        return self.values


def given_estimator(example: Example) -> TorchEstimator:
    """The example's truth for a map, at the size in which the network would give it."""
    truth = load_ground_truth(example.disparity).depth_map.values
    small = cv2.resize(np.nan_to_num(truth), SEEN, interpolation=cv2.INTER_AREA)
    return TorchEstimator(DEFAULT, Given(small / small.max()), "cpu")


class GivenShelf(ModelShelf):
    """Has one estimator for every name."""

    def __init__(self, given: Estimator) -> None:
        super().__init__()
        self.given = given

    def get(self, name: str, progress: Progress | None = None) -> Estimator:  # noqa: ARG002
        return self.given


def serve(port: int) -> None:
    """The app, with an estimator of zero work for every model."""
    launch(build_demo(Shared(shelf=GivenShelf(given_estimator(list_examples()[0])))), ["--port", str(port)])


def write_photos(folder: Path) -> list[Path]:
    """The left views of the examples, cut to 1920x1080, as JPEG."""
    paths = [folder / f"{number}.jpg" for number, _ in enumerate(list_examples())]
    for path, example in zip(paths, list_examples(), strict=True):
        view = load_photo(example.left).pixels[60:][:HEIGHT, :WIDTH]
        cv2.imwrite(str(path), cv2.cvtColor(view, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 92])
    return paths


def measure_stages(photo: Path, folder: Path, rounds: int) -> None:
    example = list_examples()[0]
    pixels, estimator = load_photo(photo).pixels, given_estimator(example)
    depth_map = estimator(pixels)
    depth, unit = surface_depth(depth_map)
    picture = render_map(depth_map)
    under = render_photo(pixels, under=picture)
    figure = surface(depth, unit, pixels)
    slider, mesh = PictureSlider(render=False), Surface(render=False)
    stages: dict[str, Run] = {
        "decode the JPEG": lambda: load_photo(photo),
        "preprocess, resize back (no network)": lambda: estimator(pixels),
        "colour the map, with its bar": lambda: render_map(depth_map),
        "fit the photo beside it": lambda: render_photo(pixels, under=picture),
        "encode both as JPEG": lambda: slider.postprocess((under, picture)),
        "depth to draw": lambda: surface_depth(depth_map),
        "mesh in true colours": lambda: surface(depth, unit, pixels),
        "mesh as JSON": lambda: mesh.postprocess(lambda: figure),
    }
    later: dict[str, Run] = {
        "map as NPY, 16-bit PNG, JSON, PFM, TIFF": lambda: exports.save_map(folder, "map", depth_map, ""),
        "cloud as PLY": lambda: exports.save_cloud(folder, "points", depth, unit, pixels, FOCAL_PX),
    }
    timings = interleave(stages | later, rounds, warm_up=2)
    print(f"| stage, {WIDTH}x{HEIGHT} photo | median ms | best ms | processor ms |")
    print("|---|---|---|---|")
    for name in stages:
        print_row(name, [timings[name]])
    print_row(f"**together** (goal: {GOAL_MS})", [timings[name] for name in stages])
    for name in later:
        print_row(f"afterwards: {name}", [timings[name]])
    weigh_mesh(pixels)


def surface(depth: NDArray[np.float32], unit: str, pixels: RgbImage) -> go.Figure:
    return render_surface(depth, unit, pixels, FOCAL_PX)


def print_row(name: str, timings: list[Timing]) -> None:
    columns = (
        sum(statistics.median(timing.wall) for timing in timings),
        sum(min(timing.wall) for timing in timings),
        sum(statistics.median(timing.processor) for timing in timings),
    )
    print(f"| {name} | " + " | ".join(f"{1000 * seconds:.1f}" for seconds in columns) + " |")


def weigh_mesh(pixels: RgbImage) -> None:
    """A mesh of 200x300 vertices without a hole is the largest of that size."""
    columns = np.linspace(1, 2, 300, dtype=np.float32)
    figure = surface(np.tile(columns, (200, 1)), "m", cv2.resize(pixels, (300, 200)))
    plot = Surface(render=False).postprocess(lambda: figure)
    sent = json.dumps(plot and plot.plot).encode()  # a string within the answer
    packed = len(gzip.compress(sent, 5))
    print(f"\nA mesh of 200x300 is {len(sent) / 1e6:.2f} MB on the wire (goal: 2.2).", end=" ")
    print(f"Gzipped it would be {packed / 1e6:.2f}; Gradio does not compress results.\n")


def measure_http(photos: list[Path], rounds: int) -> None:
    print("| whole click, second and later | median ms | best ms |")
    print("|---|---|---|")
    for name, command, model in (
        ("no network", ("-m", "benchmarks.photo_click", "--serve"), DEFAULT.name),
        (TINY.title, APP, TINY.name),
    ):
        with served(command) as url:
            print_times(f"{name}: client, files included", over_http(url, photos, model, rounds))
            if model == DEFAULT.name:
                shown = f"{name}: Chromium, until the picture is shown (goal: {GOAL_MS + GOAL_HTTP_MS})"
                print_times(shown, in_chromium(url, photos, rounds))


def print_times(name: str, seconds: list[float]) -> None:
    print(f"| {name} | {1000 * statistics.median(seconds):.0f} | {1000 * min(seconds):.0f} |", flush=True)


def over_http(url: str, photos: list[Path], model: str, rounds: int) -> list[float]:
    """Seconds per call of the endpoint on an uploaded photo; the files it answers with are not fetched."""
    client, seconds = Client(url, verbose=False, download_files=False), []
    for number in range(1 + rounds):
        started = time.perf_counter()
        client.predict(handle_file(photos[number % len(photos)]), api_name="/estimate", model=model)
        seconds.append(time.perf_counter() - started)
    return seconds[1:]


def in_chromium(url: str, photos: list[Path], rounds: int) -> list[float]:
    """Seconds from the click until the picture is there, of every click but the first."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SOFTWARE_GL)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(120_000)
        page.goto(url)
        page.get_by_role("button", name="Estimate depth", exact=True).wait_for()
        seconds = [clicked(page, photos[number % len(photos)]) for number in range(1 + rounds)]
        browser.close()
    return seconds[1:]


def clicked(page: Page, photo: Path) -> float:
    remove = page.get_by_role("button", name="Remove Image")
    if remove.count():
        remove.click()
    page.locator("input[type=file]").first.set_input_files(photo)
    remove.wait_for()
    milliseconds: float = page.evaluate(UNTIL_SHOWN)
    page.locator("#estimate-result[data-run=done]").wait_for()
    page.wait_for_timeout(2000)  # what goes on behind the page
    return milliseconds / 1000


def measure_large(folder: Path, rounds: int) -> None:
    """From the call of the handler until both pictures are encoded, beside the network alone."""
    keep_memory_together()  # as the app does
    network = load_network(random_state_dict(VARIANTS["vits"]), "vits")
    engine = OpenVinoEstimator(DEFAULT, trace(network, DEFAULT), owner=network)
    photo = write_large(folder / "large.jpg")
    pixels = to_pixels(load_photo(photo).pixels, DEFAULT.preprocessing)
    runs: dict[str, Run] = {
        "the network alone": lambda: engine.run(pixels),
        "until the picture": lambda: first_picture(engine, photo),
    }
    timings = interleave(runs, rounds)
    print(f"\nA JPEG of {LARGE[0]}x{LARGE[1]} pixels, {photo.stat().st_size / 1e6:.1f} MB")
    print_table(timings, "until the picture")
    lead("12 megapixels", "the network alone", timings["the network alone"], "a click", timings["until the picture"])


def write_large(path: Path) -> Path:
    """An example's view, enlarged, with noise as a phone's small sensor has it, so that the decoder has as much to do."""
    view = cv2.resize(load_photo(list_examples()[0].left).pixels, LARGE, interpolation=cv2.INTER_CUBIC)
    grain = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 13, view.shape[:2]).astype(np.float32), (0, 0), 0.7)
    noisy = np.clip(view + grain[..., np.newaxis], 0, 255).astype(np.uint8)
    Image.fromarray(noisy).save(path, quality=93, subsampling="4:2:0")
    return path


def first_picture(engine: Estimator, photo: Path) -> None:
    """Run the steps of tab Photo, without a preview: the pace of the machine promises a short wait."""
    pace, seen = Pace(), network_size(LARGE[1], LARGE[0], DEFAULT.preprocessing.short_side, DEFAULT.preprocessing)
    pace.learn(DEFAULT, engine.device_name, seen, 0.1)
    shared = Shared(shelf=GivenShelf(engine), pace=pace)
    for step in estimate_photo(shared, str(photo), AskedModel(DEFAULT.name, AS_TRAINED, AS_PUBLISHED), 0, gr.Progress()):
        if isinstance(step, PhotoResult):
            PictureSlider(render=False).postprocess(step.slider(COLOR_MAPS[0]))


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    print(describe_machine(("gradio", "opencv-python-headless", "numpy", "plotly", "pillow")), end="\n\n")
    with tempfile.TemporaryDirectory() as name:
        photos = write_photos(Path(name))
        measure_stages(photos[0], Path(name), rounds)
        measure_http(photos, rounds)
        measure_large(Path(name), rounds)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]))
    else:
        main()
