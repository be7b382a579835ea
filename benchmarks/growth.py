"""Time and peak memory against pixels and disparities: `python -m benchmarks.growth [--full] [--picture FILE]`.

Every row is a fresh process: imports and a small warm-up, then the work; the memory is by how much the peak rises
above what the process and its inputs hold. "Power" is the exponent against the row before: 1 is proportional, 0
constant; that of time is of the seconds of all cores together, which other programs disturb less.

docs/growth.md shows the results and explains them.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.loglog import Panel, save
from benchmarks.paired import describe_machine
from benchmarks.synthetic import warped_pair
from depth_demo import pipeline
from depth_demo.geometry import DepthKind, DepthMap, RgbImage, StereoPair
from depth_demo.render.shape import surface_depth
from depth_demo.serving.malloc import give_memory_back, keep_memory_together
from depth_demo.stereo.settings import SgbmSettings

MEGAPIXELS, MORE_MEGAPIXELS = (0.1, 0.3, 1, 3), (6, 12)
DISPARITIES, MORE_DISPARITIES = (16, 64, 256), (32, 128, 512)
FIXED_DISPARITIES, FIXED_MEGAPIXELS = 64, 1.0
ASPECT = 1.5
SHORT_S = 4.0  # s; a longer run is not repeated


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement; nothing was measured where `refused` says why."""

    work: str
    megapixels: float
    disparities: int
    seconds: float
    core_seconds: float
    megabytes: float
    refused: str = ""


def match_with(mode: str) -> Callable[[StereoPair, int], object]:
    return lambda pair, disparities: pipeline.match(pair, SgbmSettings(mode, num_disparities=disparities))  # type: ignore[arg-type]


def network(variant: str) -> Callable[[StereoPair, int], object]:
    """Either estimator, the large one with random weights."""
    from depth_demo.monocular.depth_anything import VARIANTS, load_network
    from depth_demo.monocular.estimator import TorchEstimator, load_estimator
    from depth_demo.monocular.models import DEFAULT

    if variant == "tiny":
        estimator = load_estimator("depth-demo-tiny")
    else:
        from tests.support.official import random_state_dict

        estimator = TorchEstimator(DEFAULT, load_network(random_state_dict(VARIANTS["vits"]), "vits"))
    return lambda pair, _: estimator(pair.left)


def compared(pair: StereoPair, disparities: int) -> pipeline.Comparison:
    """The whole comparison but for the network: a map that is bent and blunt stands in for its answer."""
    truth = pair.ground_truth
    if truth is None:
        raise ValueError("The pair needs truth.")

    def bent(image: RgbImage) -> DepthMap:
        values = np.power(truth.values, 0.9) + image[..., 0] / 64
        return DepthMap(values.astype(np.float32), DepthKind.RELATIVE_INVERSE_DEPTH)

    return pipeline.compare(pair, bent, SgbmSettings("SGBM_3WAY", num_disparities=disparities))


def drawn(pair: StereoPair, _: int) -> object:
    """Surface as JSON, a map in colours and the photo above it."""
    from depth_demo.render.maps import render_map, render_photo
    from depth_demo.render.surface import render_surface

    truth = pair.ground_truth
    if truth is None or pair.calibration is None:
        raise ValueError("The pair needs truth and a camera.")
    picture = render_map(truth)
    depth, unit = surface_depth(truth, pair.calibration)
    surface = render_surface(depth, unit, pair.left, pair.calibration.focal_length_px)
    return picture, render_photo(pair.left, under=picture), surface.to_json()


WORKS: dict[str, Callable[[], Callable[[StereoPair, int], object]]] = {
    "stereo HH": lambda: match_with("HH"),
    "stereo SGBM_3WAY": lambda: match_with("SGBM_3WAY"),
    "Depth Anything V2 Small": lambda: network("small"),
    "Tiny": lambda: network("tiny"),
    "compare, without the network": lambda: compared,
    "surface and maps": lambda: drawn,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="up to 12 megapixels and 512 disparities")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the rows as lines, as SVG or PNG")
    parser.add_argument("--one", nargs=3, metavar=("WORK", "MEGAPIXELS", "DISPARITIES"), help="print seconds and MB of one")
    arguments = parser.parse_args()
    if arguments.one:
        print(*measured(arguments.one[0], float(arguments.one[1]), int(arguments.one[2])))
        return
    print(describe_machine(["opencv-python-headless", "numpy", "torch"]) + "\n")
    sizes = sorted(MEGAPIXELS + (MORE_MEGAPIXELS if arguments.full else ()))
    ranges = sorted(DISPARITIES + (MORE_DISPARITIES if arguments.full else ()))
    each = (in_fresh_process(work, size, FIXED_DISPARITIES) for work in WORKS for size in sizes)
    by_pixels = table(f"against megapixels, {FIXED_DISPARITIES} disparities", each, lambda row: row.megapixels)
    each = (in_fresh_process(work, FIXED_MEGAPIXELS, n) for work in list(WORKS)[:2] for n in ranges)
    by_range = table(f"against disparities, {FIXED_MEGAPIXELS:g} megapixel", each, lambda row: row.disparities)
    if arguments.picture:
        save(arguments.picture, panels(by_pixels, by_range), list(WORKS))


def in_fresh_process(work: str, megapixels: float, disparities: int) -> Row:
    command = [sys.executable, "-m", "benchmarks.growth", "--one", work, str(megapixels), str(disparities)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        return Row(work, megapixels, disparities, math.nan, math.nan, math.nan, done.stderr.strip().splitlines()[-1])
    seconds, core_seconds, megabytes = (float(word) for word in done.stdout.split())
    return Row(work, megapixels, disparities, seconds, core_seconds, megabytes)


def measured(work: str, megapixels: float, disparities: int) -> tuple[float, float, float]:
    """Seconds on the wall and of all cores, the least of up to three runs, and by how many MB the peak rises."""
    keep_memory_together()  # as the app does
    run = WORKS[work]()
    run(warped_pair(96, 160, 16), 16)  # threads, libraries, first use
    width = round(math.sqrt(ASPECT * megapixels * 1e6))
    pair = warped_pair(round(width / ASPECT), width, disparities)
    give_memory_back()
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = status("VmRSS")
    times = [timed(run, pair, disparities)]
    peak = status("VmHWM") - before
    while len(times) < 3 and times[-1][0] < SHORT_S:
        times.append(timed(run, pair, disparities))
    walls, cores = zip(*times, strict=True)
    return min(walls), min(cores), peak / 1000


def timed(run: Callable[[StereoPair, int], object], pair: StereoPair, disparities: int) -> tuple[float, float]:
    wall, cores = time.perf_counter(), time.process_time()
    run(pair, disparities)
    return time.perf_counter() - wall, time.process_time() - cores


def status(name: str) -> int:
    """A line of this process's status [kB]."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def table(title: str, rows: Iterable[Row], by: Callable[[Row], float]) -> list[Row]:
    """The rows, each printed as soon as it is there."""
    print(f"| {title} | size | time [s] | all cores [s] | power | memory [MB] | power |\n|---|---|---|---|---|---|---|")
    done: list[Row] = []
    for row in rows:
        print(f"| {row.work} | {by(row):g} | {row.refused or cells(row, done, by)} |", flush=True)
        done.append(row)
    print()
    return done


def cells(row: Row, earlier: list[Row], by: Callable[[Row], float]) -> str:
    """The numbers of a row, with their powers against the last row of the same work."""
    time_power = memory_power = ""
    before = next((e for e in reversed(earlier) if e.work == row.work and not e.refused), None)
    if before:
        step = math.log(by(row) / by(before))
        time_power = f"{math.log(row.core_seconds / before.core_seconds) / step:.2f}"
        memory_power = f"{math.log(max(row.megabytes, 1) / max(before.megabytes, 1)) / step:.2f}"
    return f"{row.seconds:.3f} | {row.core_seconds:.3f} | {time_power} | {row.megabytes:.0f} | {memory_power}"


def panels(by_pixels: list[Row], by_range: list[Row]) -> list[Panel]:
    def lines(
        rows: list[Row], by: Callable[[Row], float], value: Callable[[Row], float]
    ) -> dict[str, list[tuple[float, float]]]:
        found: dict[str, list[tuple[float, float]]] = {}
        for row in rows:
            if not row.refused:
                found.setdefault(row.work, []).append((by(row), max(value(row), 0.5e-3)))
        return found

    return [
        Panel(f"{what}, {where}", where_text, lines(rows, by, value))
        for rows, by, where, where_text in (
            (by_pixels, lambda row: row.megapixels, f"{FIXED_DISPARITIES} disparities", "megapixels"),
            (by_range, lambda row: row.disparities, f"{FIXED_MEGAPIXELS:g} megapixel", "disparities"),
        )
        for what, value in (
            ("time of all cores [s]", lambda row: row.core_seconds),
            ("peak memory [MB]", lambda row: row.megabytes),
        )
    ]


if __name__ == "__main__":
    main()
