"""How far OpenCV's fractions are off, and what our correction leaves: `python -m benchmarks.subpixel [--svg FILE]`.

Matches exact shifts by eighths of a pixel, with a smooth colour texture. Prints the mean error of each shift, as OpenCV
answers and corrected, for modes and penalties. With `--svg`: draws the curve of the default settings.
With `--pairs FOLDER`: errors and coverage on the pairs of a folder, before and after, at the default settings. With
`--rendered COUNT`: the same on stereo pairs of the training scenes. With `--choose COUNT`: how strong the correction should
be for them. With `--rounded COUNT`: what it does to them if their truth is rounded.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from benchmarks.rendered_pairs import PairGenerator
from benchmarks.subpixel_choice import print_choice, print_rounded
from benchmarks.synthetic import EIGHTHS, shifted_pair
from depth_demo.datasets import open_dataset
from depth_demo.evaluation.errors import BAD_PX
from depth_demo.geometry import StereoPair
from depth_demo.stereo.matching import keep_consistent, match_views
from depth_demo.stereo.settings import MODES, SgbmSettings

Errors = list[float]
PENALTIES = ((3, 162, 1728), (3, 36, 288), (3, 600, 2400), (5, 200, 800), (1, 162, 1728))  # block size, p1, p2
SHIFT_PX = 20
SEED = 2026  # of the training scenes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svg", type=Path, metavar="FILE")
    parser.add_argument("--pairs", type=Path, metavar="FOLDER")
    for count in ("--rendered", "--choose", "--rounded"):
        parser.add_argument(count, type=int, metavar="COUNT")
    arguments = parser.parse_args()
    if arguments.svg:
        draw(arguments.svg, *mean_errors(SgbmSettings(num_disparities=64)))
    elif arguments.pairs:
        print_pairs(sample.load() for sample in open_dataset(arguments.pairs))
    elif arguments.rendered:
        print_pairs(PairGenerator(SEED).pairs(arguments.rendered))
    elif arguments.choose:
        print_choice(PairGenerator(SEED).pairs(arguments.choose))
    elif arguments.rounded:
        print_rounded(PairGenerator(SEED).pairs(arguments.rounded))
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


def print_pairs(pairs: Iterable[StereoPair]) -> None:
    """A row per pair, before and after: EPE and median of the pixels that pass all checks [px], coverage and bad-3 [%].

    Coverage and bad-3 compare the left-right check alone with all checks; the fractions hardly change them.
    """
    print("| pair | EPE | change [%] | median | coverage of the truth | bad-3 |\n|---|---|---|---|---|---|")
    for pair in pairs:
        if pair.ground_truth is None:
            continue
        truth = pair.ground_truth
        reach = max(128, -(-int(np.nanmax(truth.values) + 4) // 16) * 16)
        found = match_views(pair, SgbmSettings(num_disparities=reach))
        agreeing = keep_consistent(found.raw.values, found.left_right_diff, found.settings.left_right_max_diff)
        checked = np.abs(agreeing - truth.values)[truth.valid]
        before, after = (np.abs(m.values - truth.values)[truth.valid] for m in (found.raw, found.disparity))
        kept = ~np.isnan(after)
        errors = float(before[kept].mean()), float(after[kept].mean())
        known = checked[~np.isnan(checked)], after[kept]
        cells = (
            f"{errors[0]:.3f}, {errors[1]:.3f}",
            f"{100 * (errors[1] / errors[0] - 1):+.2f}",
            f"{np.median(before[kept]):.3f}, {np.median(after[kept]):.3f}",
            ", ".join(f"{100 * len(part) / len(after):.2f}" for part in known),
            ", ".join(f"{100 * float((part > BAD_PX).mean()):.2f}" for part in known),
        )
        print(f"| {pair.name} | {' | '.join(cells)} |", flush=True)


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
