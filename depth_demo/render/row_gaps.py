"""Rows of a pair as pictures: lines across both views, and an arrow for the row gap of each matched point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import RgbImage, StereoPair
from depth_demo.stereo.features import UNRECTIFIED, SparseMatches, match_features

WIDTH = 1400  # of the picture of both views, and
ARROWS_WIDTH = 700  # of the picture of the gaps [px]
LINES = 9
MOST_ARROWS = 160
ARROW_SHARE = 0.06  # of the height: what the largest usual gap before is drawn as
LEFT_COLOR, RIGHT_COLOR = (255, 214, 0), (0, 229, 255)  # bright on photos, and told apart by every kind of eye
LINE_COLOR, EDGE_COLOR = (255, 255, 255), (0, 0, 0)
_SHIFT = 4  # fractions of a pixel, in bits
Points = NDArray[np.floating]


FEW = 10  # matches, below which none are drawn


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A pair and its matched points.

    Attributes:
        left, right: (H, W, 3) uint8 RGB of one size.
        matches: Points of both views; None where too few match to draw any.
    """

    left: RgbImage
    right: RgbImage
    matches: SparseMatches | None


def rows_of(left: RgbImage, right: RgbImage) -> Rows:
    """Match two photos, rectified or not; a right one of another size is brought to the left one's height, cut or padded."""
    height, width = left.shape[:2]
    if right.shape != left.shape:
        factor = height / right.shape[0]
        resized = cv2.resize(right, (max(round(right.shape[1] * factor), 1), height), interpolation=cv2.INTER_AREA)
        right = np.zeros_like(left)
        kept = min(width, resized.shape[1])
        at, start = (width - kept) // 2, (resized.shape[1] - kept) // 2
        right[:, at : at + kept] = resized[:, start : start + kept]
    found = match_features(StereoPair(left, right), UNRECTIFIED)
    return Rows(left, right, found if len(found) >= FEW else None)


def render_lines(rows: Rows) -> RgbImage:
    """Draw both views side by side with horizontal lines through points of the left one.

    A ring marks each of these points in the left view, and a ring the same point in the right one: it lies on the line if the
    rows agree. Without matches the lines are spread evenly.
    """
    height, width = rows.left.shape[:2]
    factor = WIDTH / 2 / width
    size = (WIDTH // 2, max(round(height * factor), 1))
    canvas = np.hstack([cv2.resize(view, size, interpolation=cv2.INTER_AREA) for view in (rows.left, rows.right)])
    chosen = _spread_out(rows.matches, height) if rows.matches else []
    places = [float(rows.matches.left[index, 1]) for index in chosen] if rows.matches else []
    for row in places or np.linspace(0, height, LINES + 2)[1:-1].tolist():
        ends = (0.0, row * factor), (float(WIDTH), row * factor)
        _line(canvas, ends, EDGE_COLOR, 3)
        _line(canvas, ends, LINE_COLOR, 1)
    for index in chosen:
        if rows.matches:
            _ring(canvas, rows.matches.left[index] * factor, LEFT_COLOR)
            column, row = rows.matches.right[index] * factor
            _ring(canvas, (column + WIDTH / 2, row), RIGHT_COLOR)
    return canvas


def render_arrows(rows: Rows, magnification: float) -> RgbImage:
    """Draw the left view, dimmed, with an arrow at matched points: how far the right view shows the point lower or higher.

    Args:
        rows: The pair.
        magnification: How many times as long as the gap an arrow is, see `magnification_of`.
    """
    height, width = rows.left.shape[:2]
    factor = ARROWS_WIDTH / width
    size = (ARROWS_WIDTH, max(round(height * factor), 1))
    canvas = (0.55 * cv2.resize(rows.left, size, interpolation=cv2.INTER_AREA)).astype(np.uint8)
    if rows.matches is None:
        return canvas
    step = max(len(rows.matches) // MOST_ARROWS, 1)
    for place, gap in zip(rows.matches.left[::step], rows.matches.row_gap[::step], strict=True):
        start = place * factor
        end = start[0], start[1] + np.clip(gap * factor * magnification, -0.25 * size[1], 0.25 * size[1])
        for color, thick in ((EDGE_COLOR, 5), (LEFT_COLOR if gap > 0 else RIGHT_COLOR, 2)):
            cv2.arrowedLine(canvas, _fixed(start), _fixed(end), color, thick, cv2.LINE_AA, _SHIFT, 0.3)
    return canvas


def magnification_of(rows: Rows) -> float:
    """Return how many times its length a gap is drawn, so that large gaps can be told from small ones."""
    if rows.matches is None:
        return 1.0
    largest = float(np.percentile(np.abs(rows.matches.row_gap), 90))
    return float(np.clip(ARROW_SHARE * rows.left.shape[0] / max(largest, 0.1), 1, 100))


def _spread_out(matches: SparseMatches, height: int) -> list[int]:
    """Return one match for each of `LINES` bands of rows, where there is one: the one with the usual gap of its band."""
    bands = np.clip(matches.left[:, 1] * LINES / height, 0, LINES - 1).astype(np.intp)
    chosen = []
    for band in range(LINES):
        (inside,) = np.nonzero(bands == band)
        if inside.size:
            gaps = matches.row_gap[inside]
            chosen.append(int(inside[np.argmin(np.abs(gaps - np.median(gaps)))]))
    return chosen


def _fixed(place: Sequence[float] | Points) -> tuple[int, int]:
    return round(float(place[0]) * 2**_SHIFT), round(float(place[1]) * 2**_SHIFT)


def _line(canvas: RgbImage, ends: Sequence[tuple[float, float]], color: tuple[int, int, int], thick: int) -> None:
    cv2.line(canvas, _fixed(ends[0]), _fixed(ends[1]), color, thick, cv2.LINE_AA, _SHIFT)


def _ring(canvas: RgbImage, place: Sequence[float] | Points, color: tuple[int, int, int]) -> None:
    for each, thick in ((EDGE_COLOR, 5), (color, 2)):
        cv2.circle(canvas, _fixed(place), 7 * 2**_SHIFT, each, thick, cv2.LINE_AA, _SHIFT)
