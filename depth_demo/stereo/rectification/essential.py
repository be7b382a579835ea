"""The pose of the right camera by the essential matrix, and where the line through both cameras meets a view."""

from __future__ import annotations

import cv2
import numpy as np

from depth_demo.stereo.features import SparseMatches
from depth_demo.stereo.rectification.turns import Homographies, Matrix

_CONFIDENCE = 0.999
_TOLERANCE = 0.7  # of the copy's pixels
_PLANE_TOLERANCE = 1.5
_DEEP = 0.8  # share of the matches on one plane: below, a scene is deep enough for an epipolar geometry to be believed
_MOST = 0.6  # share of the matches that must follow an epipolar geometry
_LEAST = 15


def is_deep(matches: SparseMatches) -> bool:
    """Tell whether no single plane explains the matches, without which an epipolar geometry is free to be anything."""
    if len(matches) < _LEAST:
        return False
    tolerance = _PLANE_TOLERANCE * matches.pixel
    _, on_plane = cv2.findHomography(matches.left, matches.right, cv2.USAC_MAGSAC, tolerance, None, 2000, _CONFIDENCE)
    return on_plane is not None and float(on_plane.mean()) < _DEEP


def pose_homographies(matches: SparseMatches, k: Matrix) -> Homographies | None:
    """Return the rectification by the essential matrix (Nister, PAMI 2004) of two cameras with one matrix; None if it fails.

    Both views are turned by half of the rotation between them, then until their rows run along the baseline.
    """
    left, right = matches.left.astype(np.float64), matches.right.astype(np.float64)
    essential, mask = cv2.findEssentialMat(left, right, k, cv2.USAC_MAGSAC, _CONFIDENCE, _TOLERANCE * matches.pixel)
    if essential is None or essential.shape != (3, 3):
        return None
    _, turn, shift, _ = cv2.recoverPose(essential, left, right, k, mask=mask)
    if abs(shift[0, 0]) <= max(abs(shift[1, 0]), abs(shift[2, 0])):
        return None
    none = np.zeros(5)
    first, second, *_ = cv2.stereoRectify(k, none, k, none, (100, 100), turn, shift, alpha=-1)
    inverse = np.linalg.inv(k)
    return Homographies(k @ first @ inverse, k @ second @ inverse)


def epipole_is_inside(matches: SparseMatches, shape: tuple[int, int]) -> bool:
    """Tell whether the line through both cameras meets a view inside its picture, as where the camera moved forwards."""
    if len(matches) < _LEAST:
        return False
    fundamental, mask = cv2.findFundamentalMat(
        matches.left, matches.right, cv2.USAC_MAGSAC, _TOLERANCE * matches.pixel, _CONFIDENCE, 5000
    )
    if fundamental is None or fundamental.shape != (3, 3) or float(mask.mean()) < _MOST:
        return False
    return any(_is_inside(np.linalg.svd(matrix)[2][2], shape) for matrix in (fundamental, fundamental.T))


def _is_inside(point: Matrix, shape: tuple[int, int]) -> bool:
    if abs(point[2]) < 1e-12:
        return False
    column, row = point[:2] / point[2]
    return bool(0 <= column < shape[1] and 0 <= row < shape[0])
