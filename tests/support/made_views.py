"""Views of a made room by cameras of which everything is known: a slanted wall, a floor, and a board that stands before it."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import RgbImage
from depth_demo.stereo.rectification.turns import camera_matrix, rotation

Matrix = NDArray[np.float64]
SHAPE = (480, 640)
FOCAL = 560.0
BASELINE = 0.3
CENTRE = ((SHAPE[1] - 1) / 2, (SHAPE[0] - 1) / 2)
_TEXELS = 130  # per m
_EYE = np.eye(3)


@dataclass(frozen=True, slots=True, eq=False)
class Viewer:
    """A camera: x_camera = turn (x_world - place) [m]."""

    place: tuple[float, float, float] = (0, 0, 0)
    turn: Matrix = field(default_factory=lambda: np.eye(3))
    k: Matrix = field(default_factory=lambda: camera_matrix(FOCAL, CENTRE))
    distortion: tuple[float, ...] = ()
    shape: tuple[int, int] = SHAPE


def turned(roll: float = 0, pitch: float = 0, yaw: float = 0) -> Matrix:
    """A rotation from angles in degrees."""
    return rotation(*np.radians((pitch, yaw, roll)))


def right_viewer(roll: float = 0, pitch: float = 0, yaw: float = 0) -> Viewer:
    """A camera beside the first one, turned by angles in degrees."""
    return Viewer((BASELINE, 0, 0), turned(roll, pitch, yaw))


def _texture() -> NDArray[np.uint8]:
    random = np.random.default_rng(3)
    layers = [
        cv2.resize(random.normal(size=(1024 // n, 1024 // n, 3)), (1024, 1024), interpolation=cv2.INTER_CUBIC) * n**0.5
        for n in (4, 8, 16, 32)
    ]
    mixed = np.sum(layers, axis=0)
    return np.clip(np.rint(128 + 45 * mixed / mixed.std()), 0, 255).astype(np.uint8)


_TEXTURE = _texture()


def see(viewer: Viewer) -> tuple[RgbImage, NDArray[np.float32]]:
    """What a camera sees: (H, W, 3) colours, and (H, W) depth along its axis [m]."""
    height, width = viewer.shape
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    pixels = np.column_stack([columns.ravel(), rows.ravel()])[:, np.newaxis]
    flat = cv2.undistortPoints(pixels, viewer.k, np.array(viewer.distortion or (0.0,) * 5)).reshape(-1, 2)
    rays = np.column_stack([flat, np.ones(len(flat))]) @ viewer.turn  # in the world; of depth 1
    x0, y0, z0 = viewer.place
    with np.errstate(divide="ignore", invalid="ignore"):
        wall = (5.0 - z0 - 0.3 * x0) / (rays[:, 2] + 0.3 * rays[:, 0])
        floor = (1.1 - y0) / rays[:, 1]
        board = (2.6 - z0) / rays[:, 2]
    x, y = x0 + board * rays[:, 0], y0 + board * rays[:, 1]
    on_board = (np.abs(x - 0.3) < 0.6) & (np.abs(y + 0.1) < 0.6) & (board > 0)
    depths = np.column_stack([np.where(part > 0, part, 1e3) for part in (wall, floor, np.where(on_board, board, -1))])
    which = np.argmin(depths, axis=1)
    depth = depths[np.arange(len(depths)), which]
    points = np.array(viewer.place) + depth[:, np.newaxis] * rays
    across = points[:, 0] + 3.7 * which
    along = np.where(which == 1, points[:, 2], points[:, 1]) + 1.3 * which
    u, v = ((_TEXELS * place % 1024).reshape(height, width).astype(np.float32) for place in (across, along))
    colours = cv2.remap(_TEXTURE, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(colours, np.uint8), depth.reshape(height, width).astype(np.float32)


LEFT, LEFT_DEPTH = see(Viewer())


def true_disparity() -> NDArray[np.float32]:
    """(H, W) disparity of the left view and a right one that is not turned [px]."""
    return (FOCAL * BASELINE / LEFT_DEPTH).astype(np.float32)
