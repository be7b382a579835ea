"""A small picture of where two cameras saw a calibration board."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from depth_demo.geometry import RgbImage
from depth_demo.stereo.boards.coverage import CELLS, Coverage

_WIDTH = 400  # px, of each view
_GAP = 16
_PAPER, _LINES, _CORNERS = (255, 255, 255), (215, 215, 215), (20, 90, 200)


def coverage_picture(views: Sequence[Coverage]) -> RgbImage:
    """Return (H, W, 3) uint8: every corner that was seen, as a dot, for each camera side by side."""
    pictures = [_one(view) for view in views]
    height = max(len(picture) for picture in pictures)
    padded = [cv2.copyMakeBorder(p, 0, height - len(p), 0, _GAP, cv2.BORDER_CONSTANT, value=_PAPER) for p in pictures]
    return np.asarray(np.hstack(padded)[:, :-_GAP], np.uint8)


def _one(view: Coverage) -> RgbImage:
    scale = _WIDTH / view.size[1]
    picture = np.full((max(round(scale * view.size[0]), 1), _WIDTH, 3), _PAPER, np.uint8)
    height = len(picture)
    for number in range(CELLS[0] + 1):
        x = round(number * (_WIDTH - 1) / CELLS[0])
        cv2.line(picture, (x, 0), (x, height - 1), _LINES, 1)
    for number in range(CELLS[1] + 1):
        y = round(number * (height - 1) / CELLS[1])
        cv2.line(picture, (0, y), (_WIDTH - 1, y), _LINES, 1)
    for column, row in view.points:
        cv2.circle(picture, (round(scale * float(column)), round(scale * float(row))), 2, _CORNERS, -1, cv2.LINE_AA)
    return picture
