"""The parts of a stereo rig, checked: a lens, a rotation, the distance between the cameras."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from depth_demo.formats.cameras.documents import Size
from depth_demo.formats.cameras.found import (
    FoundCamera,
    Lengths,
    SeparateCamera,
    SeparatePair,
    require_focal_length,
    rotation_of_vector,
)
from depth_demo.formats.cameras.rig import Lens, Matrix, StereoRig
from depth_demo.formats.cameras.settling import UNITS, settle_unit
from depth_demo.formats.untrusted import quoted

NO_RIG = (
    "The calibration holds no two cameras with K, D, R and T (or R1, R2 and P2). Read are OpenCV's YAML, XML and JSON, both "
    "files of a ROS camera_info pair, a file for each camera, and what Kalibr, ORB-SLAM, SVO, Basalt, VINS-Fusion, MATLAB, "
    "ZED, OAK and RealSense write."
)
_COUNTS = (0, 4, 5, 8, 12, 14)  # of distortion coefficients, as OpenCV has them
_NO_ROTATION = 0.05
_LARGEST = 1e7


def lens_of(k: Sequence[float] | None, distortion: Sequence[float] | None, *, padded: bool = False) -> Lens:
    """Return a lens from a 3x3 matrix row by row and coefficients in OpenCV's order.

    Args:
        k: The matrix [px]; None is refused.
        distortion: The coefficients, if there are any.
        padded: Whether coefficients that a form leaves out at the end are 0.

    Raises:
        ValueError: If there is no matrix, or the numbers are no lens.
    """
    if k is None:
        raise ValueError(NO_RIG)
    coefficients = list(distortion or ())
    if padded and len(coefficients) <= _COUNTS[-1]:
        coefficients += [0.0] * (next(count for count in _COUNTS if count >= len(coefficients)) - len(coefficients))
    if len(coefficients) not in _COUNTS:
        raise ValueError(f"A lens has {', '.join(map(str, _COUNTS))} distortion coefficients, not {len(coefficients)}.")
    numbers = np.array([*k, *coefficients], np.float64)
    if not np.isfinite(numbers).all() or np.abs(numbers).max() > _LARGEST:
        raise ValueError("The camera matrix and the distortion must be finite numbers of a usual size.")
    for focal in (k[0], k[4]):
        require_focal_length(focal)
    return Lens(np.reshape(numbers[:9], (3, 3)), numbers[9:])


def rotation_of(numbers: Sequence[float]) -> Matrix:
    """Return the rotation next to nine numbers, or that of a rotation vector [rad].

    Raises:
        ValueError: If the numbers are no rotation.
    """
    given = np.array(rotation_of_vector(numbers) if len(numbers) == 3 else numbers, np.float64).reshape(3, 3)
    is_small = bool((np.abs(given) < 2).all())  # False where one is no number
    if not is_small or np.abs(given @ given.T - np.eye(3)).max() > _NO_ROTATION or np.linalg.det(given) < 0:
        raise ValueError("The calibration's R is no rotation: its rows must be at right angles and of length 1.")
    u, _, v = np.linalg.svd(given)
    return np.asarray(u @ v)


def between(first: Sequence[float], second: Sequence[float], p: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return rotation and translation between two cameras from their rectifying rotations and the second 3x4 projection."""
    r1, r2 = rotation_of(first), rotation_of(second)
    shift = r2.T @ np.array([p[3] / require_focal_length(p[0]), p[7] / p[0], 0])
    return (r2.T @ r1).ravel().tolist(), shift.tolist()


def rig_of(
    lenses: Sequence[Lens],
    rotation: Matrix,
    shift: Sequence[float],
    lengths: Lengths,
    title: str,
    unit: str | None,
    size: Size | None = None,
    right_size: Size | None = None,
) -> StereoRig:
    """Return a rig with its translation in metres.

    Args:
        lenses: Of both cameras.
        rotation: Between them.
        shift: The translation, in the unit of `lengths`.
        lengths: How it is measured.
        title: Of the form that was read.
        unit: The answer to the question for the unit, where it is not certain.
        size, right_size: (height, width) of the pictures [px]; None where the file does not say.

    Raises:
        UnitQuestion: If the unit is not certain and `unit` is None; a ValueError.
        ValueError: If there is no distance between the cameras.
    """
    length = math.dist(shift, (0, 0, 0))
    if not 0 < length < math.inf:
        raise ValueError(f"The distance between the cameras must be a number larger than 0, not {length:g}.")
    chosen, said = settle_unit(FoundCamera(lenses[0].k[0, 0], length, lengths.unit, lengths.believed), unit)
    metres = np.array(shift, np.float64) / UNITS[chosen]
    other = right_size if right_size != size else None
    return StereoRig(lenses[0], lenses[1], rotation, metres, size, f"Read as {title}; {said}.", other)


def rig_of_pair(pair: SeparatePair, title: str, unit: str | None) -> StereoRig:
    """Return the rig of two cameras as a form gives them.

    Raises:
        ValueError: As `rig_of`; if a lens is no pinhole camera, or nobody knows its principal point.
    """
    lenses = [_lens(pair.first, pair.size), _lens(pair.second, pair.second_size or pair.size)]
    rotation = np.eye(3) if pair.rotation is None else rotation_of(pair.rotation)
    return rig_of(lenses, rotation, pair.translation, pair.lengths, title, unit, pair.size, pair.second_size)


def _lens(camera: SeparateCamera, size: Size | None) -> Lens:
    if camera.model:
        raise ValueError(
            f"The lens model {quoted(camera.model)} is not rectified here: only pinhole cameras with OpenCV's distortion are."
        )
    column, row = camera.cx, camera.cy
    if column == row == 0:
        if size is None:
            raise ValueError("The calibration has no principal points, which a rectification needs.")
        column, row = (size[1] - 1) / 2, (size[0] - 1) / 2
    return lens_of([camera.fx, 0, column, 0, camera.fy, row, 0, 0, 1], camera.distortion, padded=True)
