"""Rotations of views as homographies, and what they do to points and pictures."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.stereo.features import SparseMatches

Matrix = NDArray[np.float64]
Points = NDArray[np.float32] | NDArray[np.float64]
MAX_LEAN = 0.5  # of an axis' length: how far a rectified view's axes may lean, 27 degrees
_STEP = 1.0  # px


@dataclass(frozen=True, slots=True, eq=False)
class Homographies:
    """Where a rectification moves the points of both views.

    Attributes:
        left, right: (3, 3) float64, from pixels of a view to pixels of the rectified one.
    """

    left: Matrix
    right: Matrix

    @property
    def keeps_left(self) -> bool:
        """Whether the left view stays as it is."""
        return bool(np.array_equal(self.left, np.eye(3)))

    def row_gap(self, matches: SparseMatches) -> NDArray[np.float64]:
        """Return (N,) how much lower the right view shows each point after rectification [px]."""
        return moved(self.right, matches.right)[:, 1] - moved(self.left, matches.left)[:, 1]

    def disparity(self, matches: SparseMatches) -> NDArray[np.float64]:
        """Return (N,) disparity after rectification [px]."""
        return moved(self.left, matches.left)[:, 0] - moved(self.right, matches.right)[:, 0]


UNCHANGED = Homographies(np.eye(3), np.eye(3))


def camera_matrix(focal_length_px: float, centre: tuple[float, float]) -> Matrix:
    """Return the 3x3 matrix of a camera with square pixels."""
    return np.array([[focal_length_px, 0, centre[0]], [0, focal_length_px, centre[1]], [0, 0, 1]])


def inverse_camera(k: Matrix) -> Matrix:
    """Return the inverse of a camera matrix with square pixels."""
    return np.array([[1 / k[0, 0], 0, -k[0, 2] / k[0, 0]], [0, 1 / k[0, 0], -k[1, 2] / k[0, 0]], [0, 0, 1]])


def rotation(pitch: float, yaw: float, roll: float) -> Matrix:
    """Return the 3x3 rotation of a rotation vector [rad] about x (to the right), y (down) and z (forward)."""
    vector = np.array([pitch, yaw, roll])
    angle = float(np.linalg.norm(vector))
    x, y, z = vector / max(angle, 1e-300)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def moved(homography: Matrix, points: Points) -> NDArray[np.float64]:
    """Return (N, 2) where a homography moves points."""
    ends = points @ homography[:, :2].T + homography[:, 2]
    return np.asarray(ends[:, :2] / ends[:, 2:])


def is_upright(homography: Matrix, shape: tuple[int, int]) -> bool:
    """Tell whether a homography leaves a view neither mirrored, upside down nor lying on its side, at corners and centre."""
    height, width = shape
    places = np.array([(0, 0), (width, 0), (0, height), (width, height), (width / 2, height / 2)], np.float64)
    scale = places @ homography[2, :2] + homography[2, 2]  # of one sign unless the view is torn at infinity
    if (scale * scale[-1] <= 0).any():
        return False
    here = moved(homography, places)
    across, down = (moved(homography, places + step) - here for step in ((_STEP, 0), (0, _STEP)))
    straight = (np.abs(across[:, 1]) < MAX_LEAN * across[:, 0]) & (np.abs(down[:, 0]) < MAX_LEAN * down[:, 1])
    return bool(straight.all())


def share_in_view(homography: Matrix, source: tuple[int, int], target: tuple[int, int]) -> float:
    """Return the share of a view's pixels that a homography keeps inside the rectified picture, to about a percent."""
    columns, rows = np.meshgrid(np.linspace(0, source[1] - 1, 40), np.linspace(0, source[0] - 1, 40))
    x, y = moved(homography, np.column_stack([columns.ravel(), rows.ravel()])).T
    return float(np.mean((x >= 0) & (x <= target[1] - 1) & (y >= 0) & (y <= target[0] - 1)))


def warped(view: NDArray[np.uint8], homography: Matrix, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a view as a homography shows it, of this height and width; black outside."""
    size = (shape[1], shape[0])
    return np.asarray(cv2.warpPerspective(view, homography, size, flags=cv2.INTER_CUBIC), np.uint8)


def seen(source: tuple[int, int], homography: Matrix, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return (H, W) bool: where the picture of `warped` shows the view itself, all four neighbours of each pixel included."""
    inner = np.zeros(source, np.uint8)
    inner[1:-1, 1:-1] = 1
    size = (shape[1], shape[0])
    return np.asarray(cv2.warpPerspective(inner, homography, size, flags=cv2.INTER_NEAREST), np.bool_)
