"""Pictures of a training run: the learning curve and a sheet of samples."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter
from numpy.typing import NDArray

from depth_demo.geometry import RgbImage


def draw_sheet(photos: NDArray[np.uint8], truths: NDArray[np.float32], predictions: NDArray[np.float32]) -> RgbImage:
    """Draw N samples side by side: the photos above their true maps, and the predicted maps below.

    Args:
        photos: (N, H, W, 3) uint8 RGB.
        truths: (N, H, W) inverse depth. Each map is coloured from 0 to its own 98th percentile.
        predictions: (N, H, W) inverse depth, coloured like the truths.

    Returns:
        (3 H, N W, 3) uint8 RGB.
    """
    rows = [photos, *(np.stack([_colored(one) for one in maps]) for maps in (truths, predictions))]
    return np.concatenate([np.concatenate(list(row), axis=1) for row in rows], axis=0)


def draw_curve(log: Path) -> Figure:
    """Draw AbsRel on scenes outside the training set against the number of samples seen, one line for each layout.

    Args:
        log: A `log.jsonl` of a run, with at least one line of scores.
    """
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    points = [(line["seen"], line["scores"]) for line in lines if "scores" in line]
    seen, last = [samples for samples, _ in points], points[-1][1]
    figure = Figure(figsize=(7.6, 4.2), layout="constrained")
    axes = figure.subplots()
    for name in sorted(last, key=lambda name: -last[name]["abs_rel"]):  # as the lines end, from top to bottom
        axes.plot(seen, [scores[name]["abs_rel"] for _, scores in points], label=f"{name} {last[name]['abs_rel']:.3f}")
    axes.set_title("AbsRel after the best affine fit, on scenes outside the training set", loc="left", size="medium")
    axes.set(xlabel="samples seen", ylabel="AbsRel in inverse depth", xlim=(0, seen[-1]), ylim=(0, None))
    axes.xaxis.set_major_formatter(EngFormatter())
    axes.grid(axis="y", color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside right center", frameon=False)
    return figure


def save(path: Path, picture: RgbImage) -> None:
    """Write an RGB image in the format of the file's suffix."""
    cv2.imwrite(str(path), picture[..., ::-1])


def _colored(inverse_depth: NDArray[np.float32]) -> RgbImage:
    share = np.clip(inverse_depth / max(float(np.percentile(inverse_depth, 98)), 1e-6), 0, 1)
    return cv2.applyColorMap((share * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)[..., ::-1]
