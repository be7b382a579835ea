"""Sample a map between its pixels: exact on planes, and never a value between two surfaces."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.stereo.rectification.turns import Matrix, moved

Floats = NDArray[np.float32] | NDArray[np.float64]
_ONE_SURFACE = 0.02  # by which share of the largest four neighbours differ on one surface


def sources(homography: Matrix, shape: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (H, W) columns and (H, W) rows from which a homography takes each pixel of a picture of this shape."""
    height, width = shape
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    places = moved(np.asarray(np.linalg.inv(homography), np.float64), np.column_stack([columns.ravel(), rows.ravel()]))
    return places[:, 0].reshape(shape), places[:, 1].reshape(shape)


def sampled_nearest(values: NDArray[np.float32], columns: Floats, rows: Floats) -> NDArray[np.float32]:
    """Return (H, W) float32: the values of the nearest pixels, NaN outside."""
    maps = columns.astype(np.float32), rows.astype(np.float32)
    return np.asarray(
        cv2.remap(values, *maps, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=np.nan), np.float32
    )


def sampled_inverse(inverse: NDArray[np.float32], columns: Floats, rows: Floats) -> NDArray[np.float32]:
    """Sample inverse depth or disparity, which is linear over each plane.

    Args:
        inverse: (H, W) float32, NaN where there is none.
        columns, rows: (h, w) places to take it from.

    Returns:
        (h, w) float32: between four neighbours of one surface linear in both directions, elsewhere the nearest pixel's value.
    """
    height, width = inverse.shape
    nearest = sampled_nearest(inverse, columns, rows)
    inside = (columns >= 0) & (rows >= 0) & (columns <= width - 1) & (rows <= height - 1)
    left = np.clip(np.floor(np.where(inside, columns, 0)).astype(np.intp), 0, max(width - 2, 0))
    top = np.clip(np.floor(np.where(inside, rows, 0)).astype(np.intp), 0, max(height - 2, 0))
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    corners = np.stack([inverse[y, x] for y in (top, bottom) for x in (left, right)])
    one_surface = np.ptp(corners, axis=0) <= _ONE_SURFACE * np.abs(corners).max(axis=0)  # False where one is NaN
    across, down = columns - left, rows - top
    linear = (1 - down) * ((1 - across) * corners[0] + across * corners[1]) + down * (
        (1 - across) * corners[2] + across * corners[3]
    )
    return np.where(inside & one_surface, linear, nearest).astype(np.float32)
