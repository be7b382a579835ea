"""Pictures as grids of blocks: one row in a few, and means over a few columns. What the tests for traps compute on."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import Mask, RgbImage

Grid = NDArray[np.float32]  # (h, w): one value for each block of pixels
Rows = NDArray[np.uint8]  # (h, W): one row of grey values for each block

STEP, TALL = 4, 800  # px; side of the blocks, and height of a picture from which they are twice as large
SAME_SURFACE_PX = 2.0  # step of disparity within a surface


def block_side(height: int, width: int) -> int:
    """Return the side of the blocks of a picture [px]."""
    return min(STEP if height < TALL else 2 * STEP, height, width)


def sampled_rows(image: RgbImage, step: int) -> Rows:
    """Return (h, W) grey: one row for each block; the columns are cut to whole blocks."""
    rows = image[step // 2 :: step, : image.shape[1] // step * step]
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(rows), cv2.COLOR_RGB2GRAY), np.uint8)


def sampled_answer(disparity: Grid, step: int) -> Grid:
    """Return (h, W): the disparities of the sampled rows [px]."""
    return disparity[step // 2 :: step, : disparity.shape[1] // step * step]


def gradient(values: NDArray[np.uint8] | Grid, reach: int) -> Grid:
    """Return (h, W) float32: I(x + reach) - I(x - reach)."""
    kernel = np.zeros((1, 2 * reach + 1), np.float32)
    kernel[0, 0], kernel[0, -1] = -1, 1
    return np.asarray(cv2.filter2D(values, cv2.CV_32F, kernel, borderType=cv2.BORDER_REPLICATE), np.float32)


def block_means(values: Grid, step: int) -> Grid:
    """Average the columns of each block."""
    height, width = values.shape
    return np.asarray(cv2.resize(values, (width // step, height), interpolation=cv2.INTER_AREA), np.float32)


def largest_of_blocks(answer: Grid, step: int) -> Grid:
    """Return (h, w): the largest disparity of each block's row [px], NaN where there is none."""
    return functools.reduce(np.fmax, (answer[:, column::step] for column in range(step)))


def enlarged(mask: Mask, shape: tuple[int, ...], step: int) -> Mask:
    """Return (H, W): each block's value at all of its pixels."""
    rows, columns = (np.minimum(np.arange(size) // step, cells - 1) for size, cells in zip(shape, mask.shape, strict=True))
    return mask[rows][:, columns]


def last_known(values: Grid) -> Grid:
    """Return (h, w): the value itself, or where that is NaN, the last one to its left; NaN for none."""
    source = np.maximum.accumulate(np.arange(values.shape[1]) * ~np.isnan(values), axis=1)
    return np.take_along_axis(values, source, axis=1)


def continued(answer: Grid, doubtful: Mask, reach: float) -> Mask:
    """Find doubtful blocks that continue a surface which is matched without doubt.

    Args:
        answer: (h, w) disparity of each block [px], NaN in holes.
        doubtful: (h, w) bool.
        reach: How far away that surface may lie in the row, as a share of the width.

    Returns:
        (h, w) bool: the last sure block to the left, or the next one to the right, has the same disparity.
    """
    sure = cv2.morphologyEx((~doubtful & ~np.isnan(answer)).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    known = np.where(sure, answer, np.float32(np.nan))
    most = reach * answer.shape[1]
    return _like_the_last(answer, known, most) | _like_the_last(answer[:, ::-1], known[:, ::-1], most)[:, ::-1]


def _like_the_last(answer: Grid, known: Grid, most: float) -> Mask:
    columns = np.arange(known.shape[1])
    source = np.maximum.accumulate(columns * ~np.isnan(known), axis=1)
    near: Mask = columns - source <= most
    return near & (np.abs(np.take_along_axis(known, source, axis=1) - answer) <= SAME_SURFACE_PX)
