"""The learning curve and a sheet of samples, drawn as a training goes on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import RgbImage

MARGIN, PLOT = 48, (320, 560)  # px: around the plot, and its height and width
COLORS = ((31, 119, 180), (255, 127, 14), (44, 160, 44), (214, 39, 40), (148, 103, 189))


def draw_sheet(photos: NDArray[np.uint8], truths: NDArray[np.float32], predictions: NDArray[np.float32]) -> RgbImage:
    """(N, H, W, 3), (N, H, W), (N, H, W) to three rows: photo, truth, prediction; each map from 0 to its 98th percentile."""
    rows = [photos, *(np.stack([_colored(one) for one in maps]) for maps in (truths, predictions))]
    return np.concatenate([np.concatenate(list(row), axis=1) for row in rows], axis=0)


def draw_curve(log: Path) -> RgbImage:
    """AbsRel on scenes never trained on, by layout, over the number of samples seen; from a `log.jsonl`."""
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    points = [(line["seen"], line["scores"]) for line in lines if "scores" in line]
    height, width = PLOT
    picture = np.full((height + 2 * MARGIN, width + 2 * MARGIN + 110, 3), 255, np.uint8)
    seen = [samples for samples, _ in points]
    values = {name: [scores[name]["abs_rel"] for _, scores in points] for name in points[-1][1]}
    top = max(max(curve) for curve in values.values())
    for tick in range(6):
        y = round(MARGIN + height * (1 - tick / 5))
        cv2.line(picture, (MARGIN, y), (MARGIN + width, y), (225, 225, 225), 1)
        _write(picture, f"{top * tick / 5:.2f}", (6, y + 4))
        x = round(MARGIN + width * tick / 5)
        _write(picture, f"{seen[-1] * tick / 5000:.0f}k", (x - 10, MARGIN + height + 18))
    labels = _apart({name: MARGIN + height * (1 - curve[-1] / top) for name, curve in values.items()})
    for (name, curve), color in zip(values.items(), COLORS, strict=False):
        where = [(MARGIN + width * s / seen[-1], MARGIN + height * (1 - v / top)) for s, v in zip(seen, curve, strict=True)]
        cv2.polylines(
            picture, [np.array(where).round().astype(np.int32)], isClosed=False, color=color, thickness=2, lineType=cv2.LINE_AA
        )
        _write(picture, f"{name} {curve[-1]:.3f}", (MARGIN + width + 8, labels[name] + 4), color)
    _write(picture, "AbsRel in inverse depth after the best affine fit, on scenes never trained on", (MARGIN, 24))
    _write(picture, "samples seen", (MARGIN + width // 2 - 40, MARGIN + height + 38))
    return picture


def _apart(rows: dict[str, float], least: int = 15) -> dict[str, int]:
    """The same rows, from top to bottom, moved down where they would touch the one above."""
    moved: dict[str, int] = {}
    for name, row in sorted(rows.items(), key=lambda item: item[1]):
        moved[name] = max(round(row), *(above + least for above in moved.values())) if moved else round(row)
    return moved


def save(path: Path, picture: RgbImage) -> None:
    cv2.imwrite(str(path), picture[..., ::-1])


def _colored(inverse_depth: NDArray[np.float32]) -> RgbImage:
    share = np.clip(inverse_depth / max(float(np.percentile(inverse_depth, 98)), 1e-6), 0, 1)
    return cv2.applyColorMap((share * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)[..., ::-1]


def _write(picture: RgbImage, text: str, at: tuple[int, int], color: Sequence[int] = (60, 60, 60)) -> None:
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, color, 1, cv2.LINE_AA)
