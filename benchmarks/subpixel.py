"""How far OpenCV's fractions are off, and what our correction leaves: `python -m benchmarks.subpixel [--svg FILE]`.

Matches exact shifts by eighths of a pixel, with a smooth colour texture. Prints the mean error of each shift, as OpenCV
answers and corrected, for modes and penalties. With `--svg`: draws the curve of the default settings.
With `--pairs FOLDER`: mean and median error of the matched pixels of real pairs, before and after, at the default settings.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from benchmarks.synthetic import EIGHTHS, shifted_pair
from depth_demo.datasets import open_dataset
from depth_demo.stereo.matching import match_views
from depth_demo.stereo.settings import MODES, SgbmSettings

Errors = list[float]
PENALTIES = ((3, 162, 1728), (3, 36, 288), (3, 600, 2400), (5, 200, 800), (1, 162, 1728))  # block size, p1, p2
SHIFT_PX = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svg", type=Path, metavar="FILE")
    parser.add_argument("--pairs", type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    if arguments.svg:
        draw(arguments.svg, *mean_errors(SgbmSettings(num_disparities=64)))
    elif arguments.pairs:
        print_pairs(arguments.pairs)
    else:
        print_curves()


def mean_errors(settings: SgbmSettings) -> tuple[Errors, Errors]:
    """Mean error of each shift by 0, 1 ... 8 eighths [px]: as OpenCV answers, and corrected."""
    raw: Errors = []
    corrected: Errors = []
    for eighths in range(EIGHTHS + 1):
        shift = SHIFT_PX + eighths / EIGHTHS
        found = match_views(shifted_pair(shift), settings)
        for errors, disparity in ((raw, found.raw), (corrected, found.disparity)):
            error = disparity.values[disparity.valid] - shift
            errors.append(float(error[np.abs(error) < 1].mean()))
    return raw, corrected


def print_curves() -> None:
    """A row per mode and penalties: the error of every shift [px], before and after."""
    header = " | ".join(f"{eighths}/8" for eighths in range(EIGHTHS + 1))
    print(f"| mode, block, p1, p2 | answer | {header} | largest |\n|---|---|{'---|' * (EIGHTHS + 2)}")
    for mode in MODES:
        for block_size, p1, p2 in ((9, 0, 1),) if mode == "BM" else PENALTIES:
            measured = mean_errors(SgbmSettings(mode, 0, 64, block_size, p1, p2))
            for name, errors in zip(("OpenCV", "corrected"), measured, strict=True):
                cells = " | ".join(f"{error:+.3f}" for error in errors)
                print(f"| {mode} {block_size} {p1} {p2} | {name} | {cells} | {max(map(abs, errors)):.3f} |", flush=True)


def print_pairs(folder: Path) -> None:
    """A row per pair: mean and median error of the pixels that pass all checks [px], before and after."""
    print("| pair | EPE, OpenCV | corrected | change [%] | median, OpenCV | corrected |\n|---|---|---|---|---|---|")
    for sample in open_dataset(folder):
        pair = sample.load()
        if pair.ground_truth is None:
            continue
        reach = max(128, -(-int(np.nanmax(pair.ground_truth.values) + 4) // 16) * 16)
        found = match_views(pair, SgbmSettings(num_disparities=reach))
        judged = found.disparity.valid & pair.ground_truth.valid
        before, after = (np.abs(m.values - pair.ground_truth.values)[judged] for m in (found.raw, found.disparity))
        change = 100 * (float(after.mean()) / float(before.mean()) - 1)
        medians = f"{np.median(before):.3f} | {np.median(after):.3f}"
        print(f"| {sample.name} | {before.mean():.3f} | {after.mean():.3f} | {change:+.2f} | {medians} |", flush=True)


def draw(path: Path, raw: Errors, corrected: Errors) -> None:
    """Write both curves over the true fraction; the suffix of the path chooses the format."""
    with mpl.rc_context({"svg.fonttype": "none", "font.size": 9, "svg.hashsalt": "subpixel"}):
        figure = Figure(figsize=(5, 2.6), layout="constrained")
        axes = figure.subplots()
        for errors, name, style in ((raw, "OpenCV", "-"), (corrected, "corrected", "--")):
            axes.plot([k / EIGHTHS for k in range(EIGHTHS + 1)], errors, style, marker="o", markersize=4, label=name)
        axes.set(xlabel="true fraction [px]", ylabel="mean error [px]")
        axes.grid(color="0.9")
        axes.legend(frameon=False)
        figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
