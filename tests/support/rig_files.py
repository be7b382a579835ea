"""One stereo rig as OpenCV, ROS, Kalibr and people's JSON write it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tests.support.made_views import BASELINE, SHAPE, turned

Matrix = NDArray[np.float64]
K1 = np.array([[560.0, 0, 321.5], [0, 558, 238.0], [0, 0, 1]])
K2 = np.array([[571.0, 0, 316.0], [0, 570, 243.5], [0, 0, 1]])
D1 = (-0.12, 0.03, 0.001, -0.0005, 0.0)
D2 = (-0.10, 0.02, -0.0008, 0.0006, 0.0)
TURN = turned(1.2, 0.6, -0.9)
PLACE = np.array([BASELINE, 0.01, -0.012])  # of the right camera [m]
SHIFT = -TURN @ PLACE


def _text(values: object) -> str:
    return ", ".join(f"{value:.12g}" for value in np.ravel(np.asarray(values)))


def _opencv(name: str, values: Matrix, rows: int) -> str:
    return (
        f"{name}: !!opencv-matrix\n   rows: {rows}\n   cols: {values.size // rows}\n   dt: d\n   data: [ {_text(values)} ]\n"
    )


def opencv_yaml(scale: float = 1000.0) -> str:
    """With T in 1/scale m."""
    parts = {"K1": (K1, 3), "D1": (np.array(D1), 1), "K2": (K2, 3), "D2": (np.array(D2), 1), "R": (TURN, 3)}
    body = "".join(_opencv(name, values, rows) for name, (values, rows) in parts.items())
    return f"%YAML:1.0\n---\nimage_width: {SHAPE[1]}\nimage_height: {SHAPE[0]}\n{body}{_opencv('T', SHIFT * scale, 3)}"


def opencv_xml() -> str:
    parts = {"M1": (K1, 3), "D1": (np.array(D1), 1), "M2": (K2, 3), "D2": (np.array(D2), 1), "R": (TURN, 3), "T": (SHIFT, 3)}
    body = "".join(
        f'<{name} type_id="opencv-matrix"><rows>{rows}</rows><cols>{values.size // rows}</cols><dt>d</dt>'
        f"<data>{_text(values).replace(',', '')}</data></{name}>\n"
        for name, (values, rows) in parts.items()
    )
    size = f"<image_width>{SHAPE[1]}</image_width><image_height>{SHAPE[0]}</image_height>"
    return f'<?xml version="1.0"?>\n<opencv_storage>\n{size}\n{body}</opencv_storage>\n'


def json_text() -> str:
    fields = {"K1": K1, "D1": np.array([D1]), "K2": K2, "D2": np.array([D2]), "R": TURN, "T": SHIFT}
    sizes = {"image_width": SHAPE[1], "image_height": SHAPE[0], "unit": "m"}
    return json.dumps({**sizes, **{name: values.tolist() for name, values in fields.items()}})


def kalibr() -> str:
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = TURN, SHIFT
    rows = "".join(f"  - [{_text(row)}]\n" for row in pose)

    def camera(k: Matrix, lens: Sequence[float]) -> str:
        intrinsics = _text([k[0, 0], k[1, 1], k[0, 2], k[1, 2]])
        return (
            f"  camera_model: pinhole\n  distortion_coeffs: [{_text(lens[:4])}]\n  distortion_model: radtan\n"
            f"  intrinsics: [{intrinsics}]\n  resolution: [{SHAPE[1]}, {SHAPE[0]}]\n"
        )

    return f"cam0:\n{camera(K1, D1)}cam1:\n  T_cn_cnm1:\n{rows}{camera(K2, D2)}"


def ros() -> tuple[str, str]:
    """The files of the left and the right camera: R1, R2 and P as any rectification gives them."""
    across = -TURN.T @ SHIFT
    x = across / np.linalg.norm(across)
    y = np.cross([0, 0, 1], x) / np.linalg.norm(np.cross([0, 0, 1], x))
    first = np.array([x, y, np.cross(x, y)])
    second = first @ TURN.T
    focal = 555.0

    def camera(k: Matrix, lens: Sequence[float], turn: Matrix, shift: float) -> str:
        p = [focal, 0, 320, shift, 0, focal, 240, 0, 0, 0, 1, 0]
        parts = {
            "camera_matrix": (k, 3, 3), "distortion_coefficients": (lens, 1, 5), "rectification_matrix": (turn, 3, 3),
            "projection_matrix": (p, 3, 4),
        }  # fmt: skip
        body = "".join(
            f"{name}:\n  rows: {rows}\n  cols: {columns}\n  data: [{_text(values)}]\n"
            for name, (values, rows, columns) in parts.items()
        )
        return f"image_width: {SHAPE[1]}\nimage_height: {SHAPE[0]}\ndistortion_model: plumb_bob\n{body}"

    return camera(K1, D1, first, 0), camera(K2, D2, second, -focal * float(np.linalg.norm(SHIFT)))
