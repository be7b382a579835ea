"""How the trained grid of positions becomes that of an image. NumPy only, so that every engine can use it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depth_demo.monocular.depth_anything.variants import PATCH_SIZE

TRAINED_GRID = 37  # patches per side at 518x518 pixels, the size the position embedding was trained at
CUBIC_A = np.float32(-0.75)  # of the cubic convolution, as in OpenCV and torch


def graph_inputs(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what an exported graph takes beside an input of height x width px: `resampling_weights`."""
    return resampling_weights(height // PATCH_SIZE, width // PATCH_SIZE)


def resampling_weights(rows: int, columns: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the (rows, 37) and (columns, 37) weights for a grid of rows x columns; the trained grid stays as it is."""
    if rows == columns == TRAINED_GRID:
        identity = np.eye(TRAINED_GRID, dtype=np.float32)
        return identity, identity
    return cubic_weights(rows), cubic_weights(columns)


def cubic_weights(count: int) -> NDArray[np.float32]:
    """Return the (count, 37) weights of the trained positions in each of `count` new ones along one axis.

    The 0.1 and the scale factor (instead of a size) are DINOv2's; they shift the samples slightly, and the trained
    weights expect that. Engines resample differently, but a product is a product everywhere.
    """
    step = float(np.float32(1 / ((count + 0.1) / TRAINED_GRID)))  # rounded where torch rounds
    centres = (step * (np.arange(count) + 0.5) - 0.5).astype(np.float32)
    first = np.floor(centres)
    weights = np.zeros((count, TRAINED_GRID), np.float32)
    for offset in (-1, 0, 1, 2):
        position = np.clip(first.astype(int) + offset, 0, TRAINED_GRID - 1)  # the border is repeated
        np.add.at(weights, (np.arange(count), position), _cubic(np.abs(centres - first - np.float32(offset))))
    return weights


def _cubic(distance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Keys, 1981."""
    a, x = CUBIC_A, distance
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.where(x <= 1, near, far)
