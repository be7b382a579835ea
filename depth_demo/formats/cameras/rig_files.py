"""Two calibrated cameras from a file for each: K and D, and where it stands in R and T, or in a third file as VINS has it."""

from __future__ import annotations

import numpy as np

from depth_demo.formats.cameras.documents import (
    NO_KNOWN_UNIT,
    Document,
    as_tree,
    first_matrix,
    inside,
    number,
    picture_size,
    unit_word,
)
from depth_demo.formats.cameras.found import ALWAYS, BY_THE_FORM, Lengths, SeparateCamera, in_opencvs_order
from depth_demo.formats.cameras.opencv import R_NAMES, T_NAMES
from depth_demo.formats.cameras.rig import Lens, Matrix, StereoRig
from depth_demo.formats.cameras.rig_parts import NO_RIG, lens_of, rig_of, rotation_of
from depth_demo.formats.untrusted import quoted

_K = ("k", "cameramatrix", "m", "mtx", "intrinsicmatrix", "intrinsic", "intrinsics")
_D = ("d", "dist", "distcoeffs", "distortioncoefficients", "distortion", "coeffs", "distcoefs", "distortioncoeffs")
_FOCAL, _POINT = ("fx", "fy"), ("cx", "cy")


def from_camera_files(left: Document, right: Document, unit: str | None) -> StereoRig:
    """Each file has K and D; R and T turn coordinates of the world, or of the left camera, into the camera's own.

    Raises:
        ValueError: If a file has no K, or neither has T.
    """
    lenses = [_matrix_lens(document) for document in (left, right)]
    turns, shifts = zip(*map(_pose, (left, right)), strict=True)
    if all(shift is None for shift in shifts):
        raise ValueError(
            "Both files hold a camera, but neither holds T, where the right one stands: add it to the right file."
        )
    first, second = (np.zeros(3) if shift is None else shift for shift in shifts)
    rotation = turns[1] @ turns[0].T
    words = [word for document in (left, right) if (word := unit_word(document)) not in {"", NO_KNOWN_UNIT}]
    lengths = Lengths(words[0], ALWAYS) if words else Lengths("", BY_THE_FORM)
    sizes = [picture_size(document.tree) for document in (left, right)]
    shift = (second - rotation @ first).tolist()
    return rig_of(lenses, rotation, shift, lengths, "a file for each camera", unit, sizes[0], sizes[1])


def _matrix_lens(document: Document) -> Lens:
    k = first_matrix(document.plain, _K)
    if k is None or len(k) not in {4, 9}:
        raise ValueError(NO_RIG)
    if len(k) == 4:
        fx, fy, cx, cy = k
        k = [fx, 0, cx, 0, fy, cy, 0, 0, 1]
    return lens_of(k, first_matrix(document.plain, _D), padded=True)


def _pose(document: Document) -> tuple[Matrix, Matrix | None]:
    turn, shift = first_matrix(document.plain, R_NAMES, 9, 3), first_matrix(document.plain, T_NAMES, 3)
    return np.eye(3) if turn is None else rotation_of(turn), None if shift is None else np.array(shift, np.float64)


def from_vins(poses: Document, left: Document, right: Document) -> StereoRig:
    """VINS-Fusion: body_T_cam0 and body_T_cam1 [m] in one file, and camodocal's file of each camera.

    Raises:
        ValueError: If a pose or a camera is missing, or a lens is no pinhole camera.
    """
    found = [first_matrix(poses.tree, (f"body_T_cam{index}",), 16) for index in (0, 1)]
    if found[0] is None or found[1] is None:
        raise ValueError("Of three files the first is VINS-Fusion's configuration, with body_T_cam0 and body_T_cam1.")
    first, second = (np.reshape(np.array(pose, np.float64), (4, 4)) for pose in found)
    turns = [rotation_of(pose[:3, :3].ravel().tolist()) for pose in (first, second)]
    rotation = turns[1].T @ turns[0]
    shift = (turns[1].T @ (first[:3, 3] - second[:3, 3])).tolist()
    lenses = [_camodocal_lens(document) for document in (left, right)]
    sizes = [picture_size(document.tree) for document in (left, right)]
    return rig_of(lenses, rotation, shift, Lengths("m"), "VINS-Fusion's configuration", None, sizes[0], sizes[1])


def _camodocal_lens(document: Document) -> Lens:
    tree = document.tree
    model = inside(tree, "model_type")
    if isinstance(model, str) and model.strip().upper() != "PINHOLE":
        raise ValueError(
            f"The lens model {quoted(model)} is not rectified here: only pinhole cameras with OpenCV's distortion are."
        )
    if inside(tree, "projection_parameters.fx") is None:
        raise ValueError("A camera's file of VINS-Fusion has projection_parameters with fx, fy, cx and cy.")
    numbers = [number(tree, f"projection_parameters.{name}") for name in (*_FOCAL, *_POINT)]
    named = {name: value for name, value in as_tree(tree.get("distortion_parameters")).items() if isinstance(value, float)}
    camera = SeparateCamera.from_numbers(numbers, in_opencvs_order(named))
    return lens_of([camera.fx, 0, camera.cx, 0, camera.fy, camera.cy, 0, 0, 1], camera.distortion, padded=True)
