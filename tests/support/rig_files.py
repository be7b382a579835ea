"""One stereo rig in every form that is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.cameras.rigs import StereoRig, parse_rig
from depth_demo.formats.cameras.writing import rig_texts
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


SIDES = (("LEFT", K1, D1), ("RIGHT", K2, D2))
NAMES = ("k1", "k2", "p1", "p2", "k3")


def pose_in_left() -> Matrix:
    """Of the right camera: x_left = pose x_right."""
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = TURN.T, PLACE
    return pose


def _in_body(pose: Matrix) -> Matrix:
    """The same towards a body that stands and looks elsewhere."""
    body = np.eye(4)
    body[:3, :3], body[:3, 3] = turned(30, -20, 50), (0.1, -0.2, 0.3)
    return np.asarray(body @ pose)


def _own(lens: Sequence[float], *, before: str = "") -> dict[str, float]:
    """Coefficients by their names, k3 before p1 as some files have them."""
    return {f"{before}{name}": lens[NAMES.index(name)] for name in ("k1", "k2", "k3", "p1", "p2")}


def orb_slam2() -> str:
    """Rectifying rotations and projections, as in the settings of EuRoC; Camera.fx and bf belong to the rectified pair."""
    left, right = ros()
    blocks = "Camera.fx: 555.0\nCamera.fy: 555.0\nCamera.cx: 320.0\nCamera.cy: 240.0\nCamera.bf: 166.5\n"
    for (side, k, lens), text in zip(SIDES, (left, right), strict=True):
        turn, p = (
            text.split(f"{name}:")[1].split("[")[1].split("]")[0] for name in ("rectification_matrix", "projection_matrix")
        )
        blocks += f"{side}.height: {SHAPE[0]}\n{side}.width: {SHAPE[1]}\n"
        blocks += _opencv(f"{side}.D", np.array(lens), 1) + _opencv(f"{side}.K", k, 3)
        for name, data, columns in (("R", turn, 3), ("P", p, 4)):
            blocks += f"{side}.{name}: !!opencv-matrix\n   rows: 3\n   cols: {columns}\n   dt: d\n   data: [{data}]\n"
    return f"%YAML:1.0\n{blocks}"


def orb_slam3() -> str:
    lines = ["%YAML:1.0", 'File.version: "1.0"', 'Camera.type: "PinHole"']
    for number, (_, k, lens) in enumerate(SIDES, 1):
        values = {"fx": k[0, 0], "fy": k[1, 1], "cx": k[0, 2], "cy": k[1, 2]} | _own(lens)
        lines += [f"Camera{number}.{name}: {value!r}" for name, value in ((n, float(v)) for n, v in values.items())]
    lines += [f"Camera.width: {SHAPE[1]}", f"Camera.height: {SHAPE[0]}", ""]
    return "\n".join(lines) + _opencv("Stereo.T_c1_c2", pose_in_left(), 4)


def svo() -> str:
    text = "label: rig\ncameras:\n"
    for (side, k, lens), pose in zip(SIDES, (np.eye(4), pose_in_left()), strict=True):
        intrinsics, coefficients = _text([k[0, 0], k[1, 1], k[0, 2], k[1, 2]]), _text(lens[:4])
        text += (
            f"- camera:\n    label: {side}\n    image_height: {SHAPE[0]}\n    image_width: {SHAPE[1]}\n    type: pinhole\n"
            f"    intrinsics:\n      cols: 1\n      rows: 4\n      data: [{intrinsics}]\n"
            f"    distortion:\n      type: radial-tangential\n      parameters:\n        cols: 1\n        rows: 4\n"
            f"        data: [{coefficients}]\n  T_B_C:\n    cols: 4\n    rows: 4\n    data: [{_text(_in_body(pose))}]\n"
        )
    return text


def basalt() -> str:
    def place(pose: Matrix) -> dict[str, float]:
        vector = cv2.Rodrigues(pose[:3, :3])[0].ravel()
        angle = float(np.linalg.norm(vector))
        turn = np.sin(angle / 2) * vector / max(angle, 1e-12)
        names = ("px", "py", "pz", "qx", "qy", "qz", "qw")
        return dict(zip(names, [*pose[:3, 3].tolist(), *turn.tolist(), float(np.cos(angle / 2))], strict=True))

    cameras = [
        {
            "camera_type": "pinhole-radtan8",
            "intrinsics": {"fx": k[0, 0], "fy": k[1, 1], "cx": k[0, 2], "cy": k[1, 2]} | _own(lens) | {"k4": 0, "rpmax": 2.5},
        }
        for _, k, lens in SIDES
    ]
    poses = [place(_in_body(pose)) for pose in (np.eye(4), pose_in_left())]
    sizes = [[SHAPE[1], SHAPE[0]]] * 2
    return json.dumps({"value0": {"T_imu_cam": poses, "intrinsics": cameras, "resolution": sizes}})


def zed() -> str:
    """Two modes, of which the pictures' own is taken; no real ZED has 640x480, so its VGA is 672x376 here."""
    text = ""
    for mode, factor in (("HD", 2), ("VGA", 1)):
        for side, k, lens in SIDES:
            values = {"fx": k[0, 0], "fy": k[1, 1], "cx": k[0, 2], "cy": k[1, 2]}
            lines = {name: factor * float(value) for name, value in values.items()} | _own(lens)
            text += f"[{side}_CAM_{mode}]\n" + "".join(f"{name}={value!r}\n" for name, value in lines.items())
    vector = cv2.Rodrigues(TURN)[0].ravel()
    turns = "".join(f"{name}_VGA={value!r}\n" for name, value in zip(("RX", "CV", "RZ"), vector.tolist(), strict=True))
    x, y, z = (1000 * SHIFT).tolist()
    return f"{text}[STEREO]\nBaseline={-x!r}\nTY={y!r}\nTZ={z!r}\n{turns}"


def oak() -> str:
    left, right = (
        {"intrinsicMatrix": k.tolist(), "distortionCoeff": [*lens, *[0.0] * 9], "width": SHAPE[1], "height": SHAPE[0],
         "cameraType": 0}
        for _, k, lens in SIDES
    )  # fmt: skip
    x, y, z = (100 * SHIFT).tolist()
    extrinsics = {"rotationMatrix": TURN.tolist(), "translation": {"x": x, "y": y, "z": z}, "toCameraSocket": 2}
    cameras = [[1, left | {"extrinsics": extrinsics}], [2, right | {"extrinsics": {"toCameraSocket": -1}}]]
    return json.dumps({"cameraData": cameras, "stereoRectificationData": {"leftCameraSocket": 1, "rightCameraSocket": 2}})


def realsense() -> str:
    """Its rotation is stored column by column."""
    cameras = [
        {"width": SHAPE[1], "height": SHAPE[0], "fx": k[0, 0], "fy": k[1, 1], "ppx": k[0, 2], "ppy": k[1, 2], "coeffs": lens}
        for _, k, lens in SIDES
    ]
    extrinsics = {"rotation": TURN.T.ravel().tolist(), "translation": SHIFT.tolist()}
    return json.dumps({"infrared1": cameras[0], "infrared2": cameras[1], "extrinsics": extrinsics})


def matlab(*, old: bool = False) -> str:
    """The older fields multiply rows from the right; pixels are counted from 1."""
    fields: dict[str, Any] = {"WorldUnits": "millimeters"}
    for number, (_, k, lens) in enumerate(SIDES, 1):
        counted = k.copy()
        counted[:2, 2] += 1
        own = {"IntrinsicMatrix": counted.T.tolist()} if old else {"K": counted.tolist()}
        lenses = {"RadialDistortion": [lens[0], lens[1], lens[4]], "TangentialDistortion": lens[2:4]}
        fields[f"CameraParameters{number}"] = own | lenses | {"ImageSize": list(SHAPE)}
    shift = (1000 * SHIFT).tolist()
    if old:
        fields |= {"RotationOfCamera2": TURN.T.tolist(), "TranslationOfCamera2": shift}
    else:
        fields["PoseCamera2"] = {"R": TURN.tolist(), "Translation": shift}
    return json.dumps(fields)


def matlab_for_opencv() -> str:
    """What stereoParametersToOpenCV returns, by its names."""
    fields = {
        "intrinsicMatrix1": K1.tolist(), "distortionCoefficients1": D1, "intrinsicMatrix2": K2.tolist(),
        "distortionCoefficients2": D2, "rotationOfCamera2": TURN.tolist(), "translationOfCamera2": (1000 * SHIFT).tolist(),
        "imageSize": SHAPE,
    }  # fmt: skip
    return json.dumps(fields)


def sides() -> str:
    cameras = {
        side.lower(): {"camera_matrix": k.tolist(), "dist_coeffs": lens, "width": SHAPE[1], "height": SHAPE[0]}
        for side, k, lens in SIDES
    }
    extrinsics = {"rotation": TURN.tolist(), "translation": SHIFT.tolist()}
    return json.dumps(cameras | {"extrinsics": extrinsics, "unit": "m"})


def camera_files() -> tuple[str, str]:
    """A file for each camera, both seen from a place of their own."""
    away, there = turned(10, 20, 30), np.array([0.5, 0.1, -0.2])
    poses = ((away, there), (TURN @ away, TURN @ there + SHIFT))
    first, second = (
        f"%YAML:1.0\n---\nimage_width: {SHAPE[1]}\nimage_height: {SHAPE[0]}\n"
        + _opencv("K", k, 3) + _opencv("coeffs", np.array(lens), 1) + _opencv("R", turn, 3) + _opencv("t", shift, 3)
        for (_, k, lens), (turn, shift) in zip(SIDES, poses, strict=True)
    )  # fmt: skip
    return first, second


def vins() -> tuple[str, str, str]:
    """The file of each camera, and the configuration with their poses in the body."""
    files = [
        f"%YAML:1.0\n---\nmodel_type: PINHOLE\ncamera_name: camera\nimage_width: {SHAPE[1]}\nimage_height: {SHAPE[0]}\n"
        "distortion_parameters:\n"
        + "".join(f"   {name}: {value!r}\n" for name, value in zip(NAMES, lens[:4], strict=False))
        + "projection_parameters:\n"
        + "".join(
            f"   {name}: {float(value)!r}\n"
            for name, value in (("fx", k[0, 0]), ("fy", k[1, 1]), ("cx", k[0, 2]), ("cy", k[1, 2]))
        )
        for _, k, lens in SIDES
    ]
    poses = "".join(
        _opencv(f"body_T_cam{number}", _in_body(pose), 4) for number, pose in enumerate((np.eye(4), pose_in_left()))
    )
    return files[0], files[1], f"%YAML:1.0\n\nimu: 1\ncam0_calib: cam0.yaml\ncam1_calib: cam1.yaml\n{poses}"


def _vins_rig() -> StereoRig:
    left, right, poses = vins()
    return parse_rig(left, right, poses=poses)


RIG_FORMS: dict[str, Callable[[], StereoRig]] = {
    "json": lambda: parse_rig(json_text()),
    "opencv yaml": lambda: parse_rig(opencv_yaml(), unit="mm"),
    "opencv xml": lambda: parse_rig(opencv_xml(), unit="m"),
    "kalibr": lambda: parse_rig(kalibr()),
    "ros": lambda: parse_rig(*ros()),
    "orb-slam2": lambda: parse_rig(orb_slam2()),
    "orb-slam3": lambda: parse_rig(orb_slam3()),
    "svo": lambda: parse_rig(svo()),
    "basalt": lambda: parse_rig(basalt()),
    "vins": _vins_rig,
    "zed": lambda: parse_rig(zed().replace("VGA", "SVGA"), size=(600, 960)),
    "oak": lambda: parse_rig(oak()),
    "realsense": lambda: parse_rig(realsense()),
    "matlab": lambda: parse_rig(matlab()),
    "matlab before 2022b": lambda: parse_rig(matlab(old=True)),
    "matlab for opencv": lambda: parse_rig(matlab_for_opencv(), unit="mm"),
    "an object for each camera": lambda: parse_rig(sides()),
    "a file for each camera": lambda: parse_rig(*camera_files(), unit="m"),
    "written yaml": lambda: parse_rig(rig_texts(parse_rig(json_text()), {"rms_stereo_px": 0.1})["yaml"]),
    "written json": lambda: parse_rig(rig_texts(parse_rig(json_text()), {"rms_stereo_px": 0.1})["json"]),
}
OF_ANOTHER_SIZE = {"zed"}  # its modes have sizes of their own
