"""What the app adds to OpenCV's own calls, and its memory: `python -m benchmarks.stereo [--quality FOLDER]`.

The bare pair is two `compute` calls of OpenCV, left to right and mirrored, one after the other. The app's time is everything
from two decoded images to a `Match`. Above 100 % it adds; below, compiled code or two directions side by side save more.
With `--quality`: errors of the modes on a folder of pairs, as `benchmarks.stereo_families` takes it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from benchmarks.paired import Timing, describe_machine, interleave, lead
from benchmarks.synthetic import warped_pair
from depth_demo import pipeline
from depth_demo.datasets import open_dataset
from depth_demo.geometry import StereoPair
from depth_demo.serving.malloc import give_memory_back, keep_memory_together
from depth_demo.stereo.compiled.disparities import is_compiled
from depth_demo.stereo.matching import fill_holes, match_views
from depth_demo.stereo.opencv import opencv_matcher
from depth_demo.stereo.settings import MODES, Mode, SgbmSettings

EVERY_COST: tuple[Mode, ...] = ("HH", "HH4")  # hold all costs in memory
ROW_COSTS: tuple[Mode, ...] = ("SGBM", "SGBM_3WAY", "BM")
SIZES = (  # height, width, disparities, modes, rounds
    (375, 1242, 128, MODES, 7),
    (1200, 1920, 64, EVERY_COST, 3),
    (1200, 1920, 256, ROW_COSTS, 3),
)
MEMORY_SIZES = ((480, 640, 64), (375, 1242, 256), (1200, 1920, 128))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quality", type=Path, metavar="FOLDER")
    parser.add_argument("--peak", nargs=4, metavar=("MODE", "HEIGHT", "WIDTH", "DISPARITIES"), help="print one peak [MB]")
    arguments = parser.parse_args()
    keep_memory_together()  # as the app does
    if arguments.peak:
        print_peak(arguments.peak[0], *map(int, arguments.peak[1:]))
    elif arguments.quality:
        print_quality(arguments.quality)
    else:
        print(describe_machine(["opencv-python-headless", "numpy"]) + "\n")
        print_overhead()
        print_memory()


def settings_for(mode: Mode, num_disparities: int) -> SgbmSettings:
    return SgbmSettings(mode, num_disparities=num_disparities, block_size=9 if mode == "BM" else 3)


def print_overhead() -> None:
    """Medians of rounds that alternate between OpenCV alone and the app."""
    print("| size / disparities | mode | bare pair, serial [ms] | app [ms] | wall, app / bare [%] | CPU, app / bare [%] |")
    print("|---|---|---|---|---|---|")
    faster: list[tuple[str, Timing, Timing]] = []
    for height, width, num_disparities, modes, rounds in SIZES:
        pair = warped_pair(height, width, num_disparities)
        for mode in modes:
            settings = settings_for(mode, num_disparities)
            bare, app = bare_pair(pair, settings), partial(pipeline.match, pair, settings)
            theirs, ours = interleave({"bare": bare, "app": app}, rounds).values()
            walls, works = percent(ours.wall, theirs.wall), percent(ours.processor, theirs.processor)
            milliseconds = " | ".join(f"{1000 * median(timing.wall):.0f}" for timing in (theirs, ours))
            size = f"{width}x{height} / {num_disparities}"
            print(f"| {size} | {mode} | {milliseconds} | {walls} | {works} |", flush=True)
            if is_compiled(settings, pair.left.shape):
                faster.append((f"{mode}, {size}", ours, theirs))
    print()
    for what, ours, theirs in faster:
        lead(what, "ours, compiled, with its checks", ours, "OpenCV's two calls", theirs)


def percent(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Median of the paired ratios, and their range."""
    ratios = [100 * one / other for one, other in zip(ours, theirs, strict=True)]
    return f"{median(ratios):.0f} ({min(ratios):.0f} to {max(ratios):.0f})"


def bare_pair(pair: StereoPair, settings: SgbmSettings) -> Callable[[], object]:
    left, right = pair.left, pair.right
    if settings.mode == "BM":
        left, right = cv2.cvtColor(left, cv2.COLOR_RGB2GRAY), cv2.cvtColor(right, cv2.COLOR_RGB2GRAY)
    back = cv2.flip(right, 1), cv2.flip(left, 1)
    matcher = opencv_matcher(settings)
    return lambda: (matcher.compute(left, right), matcher.compute(*back))


def print_memory() -> None:
    """Estimates beside the peaks of fresh processes."""
    print("\n| size / disparities | mode | directions at once | estimate [MB] | measured peak [MB] | measured / estimate |")
    print("|---|---|---|---|---|---|")
    for height, width, num_disparities in MEMORY_SIZES:
        for mode in MODES:
            settings = settings_for(mode, num_disparities)
            at_once = settings.directions_at_once(height, width)
            estimate = settings.memory_bytes(height, width, at_once) / 1e6
            command = [sys.executable, "-m", "benchmarks.stereo", "--peak", mode, *map(str, (height, width, num_disparities))]
            peak = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(
                f"| {width}x{height} / {num_disparities} | {mode} | {at_once} | {estimate:.0f} | {peak:.0f} "
                f"| {peak / estimate:.2f} |",
                flush=True,
            )


def print_peak(mode: Mode, height: int, width: int, num_disparities: int) -> None:
    """By how much a match raises this process's memory [MB]."""
    small = warped_pair(48, 128, 16)
    match_views(small, settings_for(mode, 16))  # threads and libraries
    pair = warped_pair(height, width, num_disparities)
    give_memory_back()
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = status("VmRSS")
    kept = match_views(pair, settings_for(mode, num_disparities))
    print((status("VmHWM") - before) / 1000)
    del kept


def status(name: str) -> int:
    """A line of this process's status [kB]."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def print_quality(folder: Path) -> None:
    """bad-3 with holes filled and where matched, coverage and seconds: a line per pair and mode, and the means."""
    print("| pair | mode | bad-3, filled [%] | bad-3, matched [%] | coverage [%] | seconds |\n|---|---|---|---|---|---|")
    found: dict[Mode, list[tuple[float, ...]]] = {mode: [] for mode in MODES if mode != "BM"}
    for sample in open_dataset(folder):
        pair = sample.load()
        if pair.ground_truth is None:
            continue
        truth = pair.ground_truth
        num_disparities = max(64, -(-int(np.nanmax(truth.values) + 4) // 16) * 16)
        for mode, rows in found.items():
            started = time.perf_counter()
            disparity = match_views(pair, settings_for(mode, num_disparities)).disparity
            seconds = time.perf_counter() - started
            error, matched = (np.abs(m.values - truth.values)[truth.valid] for m in (fill_holes(disparity), disparity))
            known = ~np.isnan(matched)
            rows.append((*(100 * float(part.mean()) for part in (error > 3, matched[known] > 3, known)), seconds))
            print(f"| {sample.name} | {mode} | {' | '.join(f'{value:.2f}' for value in rows[-1])} |", flush=True)
    for mode, rows in found.items():
        print(f"| mean | {mode} | {' | '.join(f'{value:.2f}' for value in np.mean(rows, axis=0))} |")


if __name__ == "__main__":
    main()
