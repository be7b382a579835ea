"""What a person feels of an estimate: `python -m benchmarks.feel [rounds]`, about a minute, with random weights.

How early the preview comes and what it costs, how fast the same question is answered again, and how good the predicted
seconds are: from the calibration alone, and from the runs before.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import cv2
import gradio as gr
import numpy as np
import torch

from benchmarks.paired import describe_machine, interleave, print_table
from depth_demo.examples import list_examples
from depth_demo.formats.photos import load_photo
from depth_demo.geometry import RgbImage
from depth_demo.monocular.depth_anything.variants import VARIANTS
from depth_demo.monocular.estimator import Estimator
from depth_demo.monocular.hub import WEIGHTS_VARIABLE
from depth_demo.monocular.input_size import network_size
from depth_demo.monocular.models import DEFAULT
from depth_demo.monocular.timing import Pace
from depth_demo.ui.estimates import KeptEstimator
from depth_demo.ui.map_cache import MapCache
from depth_demo.ui.shared import Shared
from depth_demo.ui.tabs.photo import PhotoTab
from depth_demo.ui.tabs.photo_runs import slider_of
from tests.support.official import random_state_dict

ROUNDS = 3
SHAPES = [  # photo (H, W) and short side of the network's input [px]
    ((768, 768), 308), ((768, 768), 518), ((768, 768), 770), ((768, 768), 1036),
    ((1080, 1920), 308), ((1080, 1920), 518), ((375, 1242), 392), ((375, 1242), 518),
]  # fmt: skip


def changed_photos(folder: Path) -> Iterator[Path]:
    """The first example again and again, never twice the same."""
    image = load_photo(list_examples()[0].left).pixels.copy()
    for number in range(256):
        image[0, 0] = number
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), image)
        yield path


def clicks(shared: Shared, folder: Path, rounds: int) -> None:
    """The page's own handler, from the photo's file to the values of all components; Gradio's encoding is not part of it."""
    rows: list[tuple[float, float, float]] = []
    with gr.Blocks():
        on_estimate = cast(Any, PhotoTab([], shared).on_estimate)
    for number, path in zip(range(rounds + 1), changed_photos(folder), strict=False):
        times = [time.perf_counter(), *(time.perf_counter() for _ in on_estimate(str(path)))]
        again = time.perf_counter()
        [_] = on_estimate(str(path))
        if number and len(times) == 3:  # the first round warms up
            rows.append((times[1] - times[0], times[2] - times[0], time.perf_counter() - again))
    if not rows:
        print("No preview: this machine needs less than a second.")
        return
    preview, full, cached = (statistics.median(column) for column in zip(*rows, strict=True))
    share = statistics.median(row[0] / row[1] for row in rows)
    print("| time to | median s | share of the full map's |\n|---|---|---|")
    for name, seconds in (("preview", preview), ("full map", full), ("the same again", cached)):
        print(f"| {name} | {seconds:.3f} | {share if name == 'preview' else seconds / full:.3f} |")


def preview_cost(loaded: Estimator, photo: RgbImage, rounds: int) -> None:
    estimator = KeptEstimator(loaded, 518, MapCache(2**26, 60), Pace())

    def full() -> None:
        slider_of(estimator.compute(photo), "Inferno")

    def both() -> None:
        preview = estimator.preview(photo)
        if preview:
            slider_of(preview, "Inferno")
        full()

    runs = {"full map alone": full, "preview and full map": both, "kept map": lambda: estimator.recall(photo)}
    print()
    print_table(interleave(runs, rounds), "full map alone")


def predictions(loaded: Estimator) -> None:
    """Each size once, predicted from a calibration just before it, and from the runs before it."""
    earlier = Pace()
    print("\n| network saw | patches | measured s | from calibration s | factor | from earlier runs s | factor |")
    print("|---|---|---|---|---|---|---|")
    for (height, width), pixels in SHAPES:
        size, image = network_size(height, width, pixels, DEFAULT.preprocessing), np.zeros((height, width, 3), np.uint8)
        calibrated = KeptEstimator(loaded, pixels, MapCache(0, 60), Pace()).expected_s(image)
        known = earlier.seconds(DEFAULT, loaded.device_name, size)
        started = time.perf_counter()
        loaded(image, pixels)
        measured = time.perf_counter() - started
        earlier.learn(DEFAULT, loaded.device_name, size, measured)
        columns = [f"{size.width}x{size.height}", f"{size.tokens}", f"{measured:.2f}"]
        for seconds in (calibrated, known):
            columns += [f"{seconds:.2f}", f"{seconds / measured:.2f}"] if seconds else ["", ""]
        print(f"| {' | '.join(columns)} |", flush=True)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    print(f"{describe_machine(('torch', 'opencv-python-headless'))}\nload {os.getloadavg()[0]:.1f} at the start\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        torch.save(random_state_dict(VARIANTS["vits"]), folder / DEFAULT.files[0].name)
        os.environ[WEIGHTS_VARIABLE] = str(folder)
        shared = Shared()
        loaded = shared.shelf.get(DEFAULT.name)
        clicks(shared, folder, rounds)
        preview_cost(loaded, load_photo(list_examples()[0].left).pixels, rounds)
        predictions(loaded)
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
