"""Two calibrated cameras before rectification: K, D, R and T, from OpenCV's, ROS' and Kalibr's files and from JSON.

A file that holds R1, R2 and P2 in place of R and T tells the same: x_right = R2' (R1 x_left + (P2[3] / f, 0, 0)).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from depth_demo.formats.cameras.documents import (
    NO_KNOWN_UNIT,
    Document,
    Size,
    as_size,
    first_matrix,
    inside,
    matrix,
    picture_size,
    unit_word,
)
from depth_demo.formats.cameras.found import ALWAYS, BY_THE_FORM, FoundCamera, require_focal_length
from depth_demo.formats.cameras.opencv import D1_NAMES, D2_NAMES, K1_NAMES, K2_NAMES, P2_NAMES, R_NAMES, T_NAMES
from depth_demo.formats.cameras.rig import Lens, Matrix, StereoRig
from depth_demo.formats.cameras.settling import UNITS, settle_unit
from depth_demo.formats.cameras.trees import Tree
from depth_demo.formats.untrusted import existing_file, quoted

__all__ = ["StereoRig", "parse_rig", "read_rig"]

MAX_BYTES = 1_000_000
_R1_NAMES = ("r1", "rectl", "rectification1", "rectificationleft", "rleft")
_R2_NAMES = ("r2", "rectr", "rectification2", "rectificationright", "rright")
_MODEL_NAMES = ("distortion_model", "cam0.distortion_model", "cam1.distortion_model")
_PINHOLE_MODELS = {"plumb_bob", "radtan", "rational_polynomial", "none", ""}
_COUNTS = (0, 4, 5, 8, 12, 14)  # of distortion coefficients, as OpenCV has them
_NO_ROTATION = 0.05
NO_RIG = (
    "The calibration holds no two cameras with K, D, R and T (or R1, R2 and P2). Read are OpenCV's YAML, XML and JSON, "
    "Kalibr's camchain, and both files of a ROS camera_info pair."
)


def read_rig(path: str | Path, right: str | Path | None = None, unit: str | None = None) -> StereoRig:
    """Read two calibrated cameras.

    Args:
        path: A text file of at most 1 MB: OpenCV's, Kalibr's or JSON with both cameras, or ROS' file of the left camera.
        right: ROS' file of the right camera.
        unit: "m", "cm", "mm", "in" or "ft", for a file that does not name the unit of T.

    Raises:
        UnitQuestion: If the unit is not certain and `unit` is None; a ValueError.
        ValueError: If there is no file, or it holds no such cameras.
    """
    texts = []
    for file in (path,) if right is None else (path, right):
        found = existing_file(file)
        if found.stat().st_size > MAX_BYTES:
            raise ValueError(f"A calibration file is text of at most {MAX_BYTES // 1_000_000} MB.")
        texts.append(found.read_text("utf-8-sig", errors="replace"))
    return parse_rig(texts[0], None if right is None else texts[1], unit)


def parse_rig(text: str, right: str | None = None, unit: str | None = None) -> StereoRig:
    """Read two calibrated cameras from text, as `read_rig` does from files."""
    document = Document.parse(text)
    _check_lens_model(document)
    if right is not None:
        other = Document.parse(right)
        _check_lens_model(other)
        return _from_ros(document, other)
    if isinstance(document.tree.get("cam0"), Mapping):
        return _from_kalibr(document)
    return _from_opencv(document, unit)


def _check_lens_model(document: Document) -> None:
    for name in _MODEL_NAMES:
        model = inside(document.tree, name)
        if isinstance(model, str) and model.strip().lower() not in _PINHOLE_MODELS:
            raise ValueError(
                f"The lens model {quoted(model)} is not rectified here: only pinhole cameras with OpenCV's distortion are."
            )


def _from_opencv(document: Document, unit: str | None) -> StereoRig:
    plain = document.plain
    lenses = [
        _lens(first_matrix(plain, k, 9), first_matrix(plain, d)) for k, d in ((K1_NAMES, D1_NAMES), (K2_NAMES, D2_NAMES))
    ]
    turn, shift = first_matrix(plain, R_NAMES, 9, 3), first_matrix(plain, T_NAMES, 3)
    if turn is None or shift is None:
        first, second, p = (first_matrix(plain, n, c) for n, c in ((_R1_NAMES, 9), (_R2_NAMES, 9), (P2_NAMES, 12)))
        if first is None or second is None or p is None:
            raise ValueError(NO_RIG)
        turn, shift = _between(first, second, p)
    rotation = _rotation(turn)
    length = math.dist(shift, (0, 0, 0))
    word = unit_word(document)
    known = "" if word in {"", NO_KNOWN_UNIT} else word
    chosen, said = settle_unit(FoundCamera(lenses[0].k[0, 0], length, known, ALWAYS if known else BY_THE_FORM), unit)
    return _rig(lenses, rotation, np.array(shift) / UNITS[chosen], picture_size(document.tree), f"Read as OpenCV's; {said}.")


def _from_ros(left: Document, right: Document) -> StereoRig:
    """Each camera has K, D, R and P; -f B is the fourth number of the right camera's P [m]."""
    lenses, turns, projections = [], [], []
    for document in (left, right):
        tree = document.tree
        lenses.append(
            _lens(
                first_matrix(tree, ("camera_matrix", "K", "k"), 9), first_matrix(tree, ("distortion_coefficients", "D", "d"))
            )
        )
        turns.append(first_matrix(tree, ("rectification_matrix", "R", "r"), 9))
        projections.append(first_matrix(tree, ("projection_matrix", "P", "p"), 12))
    if turns[0] is None or turns[1] is None or projections[1] is None:
        raise ValueError(NO_RIG)
    if projections[1][3] == 0:
        raise ValueError(
            "The second file is not the right camera's of a pair: the fourth number of its P is 0. Exchange the files."
        )
    turn, shift = _between(turns[0], turns[1], projections[1])
    return _rig(lenses, _rotation(turn), np.array(shift), picture_size(left.tree), "Read as ROS' camera_info pair, in m.")


def _from_kalibr(document: Document) -> StereoRig:
    """T_cn_cnm1 of cam1 turns coordinates of cam0 into those of cam1; else both have T_cam_imu [m]."""
    cameras = [fields for name in ("cam0", "cam1") if isinstance(fields := document.tree.get(name), Mapping)]
    if len(cameras) < 2:
        raise ValueError("The calibration is Kalibr's with one camera, cam0, but no cam1: it holds no baseline.")
    lenses = [_kalibr_lens(camera) for camera in cameras]
    pose = _pose(cameras[1], "T_cn_cnm1")
    if pose is None:
        first, second = (_pose(camera, "T_cam_imu") for camera in cameras)
        if first is None or second is None:
            raise ValueError(NO_RIG)
        pose = second @ np.linalg.inv(first)
    sides = cameras[0].get("resolution")
    size = as_size(matrix(sides, "resolution", 2)) if sides is not None else None
    return _rig(lenses, _rotation(pose[:3, :3].ravel().tolist()), pose[:3, 3], size, "Read as Kalibr's camchain, in m.")


def _kalibr_lens(camera: Tree) -> Lens:
    fx, fy, cx, cy = matrix(camera.get("intrinsics"), "intrinsics", 4)
    return _lens([fx, 0, cx, 0, fy, cy, 0, 0, 1], first_matrix(camera, ("distortion_coeffs",)))


def _pose(camera: Tree, name: str) -> Matrix | None:
    found = first_matrix(camera, (name,), 16)
    return None if found is None else np.reshape(np.array(found, np.float64), (4, 4))


def _lens(k: Sequence[float] | None, distortion: Sequence[float] | None) -> Lens:
    if k is None:
        raise ValueError(NO_RIG)
    coefficients = list(distortion or ())
    if len(coefficients) not in _COUNTS:
        raise ValueError(f"A lens has {', '.join(map(str, _COUNTS))} distortion coefficients, not {len(coefficients)}.")
    numbers = np.array([*k, *coefficients], np.float64)
    if not np.isfinite(numbers).all() or np.abs(numbers).max() > 1e7:
        raise ValueError("The camera matrix and the distortion must be finite numbers of a usual size.")
    for focal in (k[0], k[4]):
        require_focal_length(focal)
    return Lens(np.reshape(numbers[:9], (3, 3)), numbers[9:])


def _rotation(numbers: Sequence[float]) -> Matrix:
    """Return the rotation next to nine numbers, or that of a rotation vector [rad].

    Raises:
        ValueError: If the numbers are no rotation.
    """
    values = np.array(numbers, np.float64)
    if len(values) == 3:
        angle = float(np.linalg.norm(values))
        x, y, z = values / max(angle, 1e-300)
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)
    given = values.reshape(3, 3)
    if not np.isfinite(given).all() or np.abs(given @ given.T - np.eye(3)).max() > _NO_ROTATION or np.linalg.det(given) < 0:
        raise ValueError("The calibration's R is no rotation: its rows must be at right angles and of length 1.")
    u, _, v = np.linalg.svd(given)
    return np.asarray(u @ v)


def _between(first: Sequence[float], second: Sequence[float], p: Sequence[float]) -> tuple[list[float], list[float]]:
    r1, r2 = _rotation(first), _rotation(second)
    shift = r2.T @ np.array([p[3] / require_focal_length(p[0]), p[7] / p[0], 0])
    return (r2.T @ r1).ravel().tolist(), shift.tolist()


def _rig(lenses: Sequence[Lens], rotation: Matrix, shift: Matrix, size: Size | None, description: str) -> StereoRig:
    length = float(np.linalg.norm(shift))
    if not 0 < length < math.inf:
        raise ValueError(f"The distance between the cameras must be a number larger than 0, not {length:g}.")
    return StereoRig(lenses[0], lenses[1], rotation, shift, size, description)
