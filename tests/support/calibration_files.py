"""Calibrations of devices and programs as they write them, with made-up numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from depth_demo.formats.cameras import parse_camera

EYE = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def matrix(name: str, *rows: str) -> str:
    """As OpenCV writes it, with the numbers on several lines."""
    count = len(rows[0].split())
    data = ",\n       ".join(", ".join(row.split()) for row in rows)
    return f"{name}: !!opencv-matrix\n   rows: {len(rows)}\n   cols: {count}\n   dt: d\n   data: [ {data} ]\n"


def projections(shift: str = "-42.", column: str = "330.", prefix: str = "") -> str:
    left = matrix(f"{prefix}P1", "700. 0. 320. 0.", "0. 700. 240. 0.", "0. 0. 1. 0.")
    return left + matrix(f"{prefix}P2", f"700. 0. {column} {shift}", "0. 700. 240. 0.", "0. 0. 1. 0.")


def ros(shift: str = "-84.0") -> str:
    return f"""image_width: 640
image_height: 480
camera_name: narrow_stereo/right
camera_matrix:
  rows: 3
  cols: 3
  data: [650.5, 0, 310.0, 0, 651.0, 250.0, 0, 0, 1]
distortion_model: plumb_bob
distortion_coefficients:
  rows: 1
  cols: 5
  data: [-0.17, 0.02, 0, 0, 0]
projection_matrix:
  rows: 3
  cols: 4
  data: [700.0, 0, 320.25, {shift}, 0, 700.0, 240.0, 0, 0, 0, 1, 0]
"""


INI = """# oST version 5.0 parameters
[image]

width
640

height
480

[narrow_stereo/right]

camera matrix
650.5 0 310
0 651 250
0 0 1

projection
700 0 320.25 -84
0 700 240 0
0 0 1 0
"""


def orb_slam(rest: str, camera: str = "Camera", k1: float = 0.0) -> str:
    return f"""%YAML:1.0

#---------- Camera Parameters
Camera.type: "PinHole"
{camera}.fx: 700.0
{camera}.fy: 700.0
{camera}.cx: 320.25
{camera}.cy: 240.0
{camera}.k1: {k1}
Camera.width: 640
Camera.height: 480
{rest}
Viewer.PointSize:2
"""


def kalibr(distortion: str = "0, 0, 0, 0", turn: str = "0.0") -> str:
    return f"""cam0:
  camera_model: pinhole
  distortion_coeffs: [{distortion}]
  intrinsics: [700.0, 700.0, 320.25, 240.0] #fu, fv, cu, cv
  resolution: [640, 480]
  rostopic: /cam0/image_raw
cam1:
  T_cn_cnm1:
  - [1.0, {turn}, 0.0, -0.12]
  - [-{turn}, 1.0, 0.0, 0.0]
  - [0.0, 0.0, 1.0, 0.0]
  - [0.0, 0.0, 0.0, 1.0]
  distortion_coeffs: [{distortion}]
  intrinsics: [700.0, 700.0, 330.25, 240.0]
  resolution: [640, 480]
"""


def svo_camera(label: str, x: float, k1: float) -> str:
    return f"""- camera:
    label: {label}
    image_height: 480
    image_width: 640
    type: pinhole
    intrinsics:
      cols: 1
      rows: 4
      data: [700, 700, 320.25, 240]
    distortion:
      type: radial-tangential
      parameters:
        cols: 1
        rows: 4
        data: [{k1}, 0, 0,
    0]
  T_B_C:
    cols: 4
    rows: 4
    data: [1, 0, 0, {x},
           0, 1, 0, 0.5,
           0, 0, 1, 0,
           0, 0, 0, 1]
"""


def svo(k1: float = 0.0) -> str:
    return 'label: "rig"\ncameras:\n' + svo_camera("left", 0.02, k1) + svo_camera("right", 0.14, k1)


def basalt(**more: float) -> dict[str, Any]:
    camera = {"camera_type": "pinhole", "intrinsics": {"fx": 700, "fy": 700, "cx": 320.25, "cy": 240, **more}}
    poses = [{"px": x, "py": 0, "pz": 0, "qx": 0, "qy": 0, "qz": 1, "qw": 0} for x in (0.0, -0.12)]  # half a turn about z
    return {"value0": {"T_imu_cam": poses, "intrinsics": [camera, camera], "resolution": [[640, 480]] * 2}}


def zed(k1: float = 0.0, turn: float = 0.0) -> str:
    modes = {"FHD": (1400, 960), "HD": (700, 640), "VGA": (350, 336)}
    cameras = (
        f"[{side}_CAM_{mode}]\ncx={column}\ncy=200\nfx={focal}\nfy={focal}\nk1={k1}\n\n"
        for side in ("LEFT", "RIGHT")
        for mode, (focal, column) in modes.items()
    )
    turns = "".join(f"CV_{mode}={turn}\nRX_{mode}=0\nRZ_{mode}=0\n" for mode in modes)
    return f"{''.join(cameras)}[STEREO]\nBaseLine=120.5\n{turns}"


def oak(distortion: float = 0.0, *, left_first: bool = True) -> dict[str, Any]:
    k = [[700, 0, 320.25], [0, 700, 240], [0, 0, 1]]
    sign = -1 if left_first else 1
    away = {"rotationMatrix": EYE, "translation": {"x": sign * 7.5, "y": 0, "z": 0}, "toCameraSocket": 2 if left_first else 1}
    nothing = {"rotationMatrix": [], "translation": {"x": 0, "y": 0, "z": 0}, "toCameraSocket": -1}
    camera = {"intrinsicMatrix": k, "distortionCoeff": [distortion, 0], "width": 640, "height": 480}
    extrinsics = (away, nothing) if left_first else (nothing, away)
    cameras = [[socket, camera | {"extrinsics": extrinsics[socket - 1]}] for socket in (1, 2)]
    return {
        "boardName": "OAK",
        "cameraData": cameras,
        "stereoRectificationData": {"leftCameraSocket": 1, "rightCameraSocket": 2},
    }


def realsense(**more: Any) -> dict[str, Any]:
    camera = {"width": 640, "height": 480, "fx": 700, "fy": 700, "ppx": 320.25, "ppy": 240, "coeffs": [0, 0, 0, 0, 0]}
    return {"infrared1": camera, "infrared2": camera, "extrinsics": {"rotation": EYE, "translation": [-0.05, 0, 0]}} | more


def table(*sizes: tuple[int, int, float]) -> dict[str, str]:
    """As the RealSense viewer writes it: numbers as words, unused rows with a focal length of 0."""
    rows: dict[str, str] = {"baseline": "-50.25"}
    for index, (width, height, focal) in enumerate((*sizes, (576, 576, 0))):
        numbers = {"fx": focal, "fy": focal, "ppx": width / 2 + 5, "ppy": height / 2, "width": width, "height": height}
        rows |= {f"rectified.{index}.{name}": f"{value:g}" for name, value in numbers.items()}
    return rows


def printed(*sizes: tuple[int, int, float]) -> str:
    """As rs-enumerate-devices -c prints it."""
    blocks = [
        f' Intrinsic of "{eye}" / {width}x{height} / {{Y8}}\n  Width:      \t{width}\n  Height:     \t{height}\n'
        f"  PPX:        \t{width / 2 + 0.25}\n  PPY:        \t{height / 2}\n  Fx:         \t{focal}\n  Fy:         \t{focal}\n"
        "  Distortion: \tBrown Conrady\n  Coeffs:     \t0  \t0  \t0  \t0  \t0  \n  FOV (deg):  \t79.6 x 50.2\n"
        for width, height, focal in sizes
        for eye in ("Infrared 1", "Infrared 2", "Color")
    ]
    pairs = (("Color", "Infrared 1", 0.0149), ("Infrared 1", "Infrared 2", -0.05), ("Infrared 2", "Color", -0.03))
    turns = [
        f'Extrinsic from "{one}"\t  To\t  "{other}" :\n Rotation Matrix:\n   1  0  0\n   0  1  0\n   0  0  1\n\n'
        f" Translation Vector: {x}  0  0\n\n"
        for one, other, x in pairs
    ]
    return "Device info:\n" + "\n".join(blocks + turns)


def matlab(**more: Any) -> dict[str, Any]:
    k = [[700, 0, 321.25], [0, 700, 241], [0, 0, 1]]  # the first pixel is 1
    camera = {"K": k, "RadialDistortion": [0, 0], "TangentialDistortion": [0, 0], "ImageSize": [480, 640]}
    turns = {"RotationOfCamera2": EYE, "TranslationOfCamera2": [-60.5, 0, 0]}
    return {"CameraParameters1": camera, "CameraParameters2": camera, "WorldUnits": "millimeters"} | turns | more


def transposed(k: list[list[float]]) -> list[list[float]]:
    return [list(row) for row in zip(*k, strict=True)]


OLD_MATLAB = {"IntrinsicMatrix": transposed([[700, 0, 321.25], [0, 700, 241], [0, 0, 1]])}
BOOSTER = """<?xml version="1.0"?>
<opencv_storage>
<proj_matL type_id="opencv-matrix">
  <rows>3</rows>
  <cols>4</cols>
  <dt>d</dt>
  <data>
    7.0e+02 0. 320.25 0. 0.
    7.0e+02 240. 0. 0. 0. 1. 0.</data></proj_matL>
<wL>640</wL>
<hL>480</hL>
<proj_matR type_id="opencv-matrix"><rows>3</rows><cols>4</cols><dt>d</dt>
  <data>7.0e+02 0. 320.25 -5.67e+04 0. 7.0e+02 240. 0. 0. 0. 1. 0.</data></proj_matR>
<baselineLR>8.1e+01</baselineLR>
</opencv_storage>
"""
K = [[700, 0, 320.25], [0, 700, 240], [0, 0, 1]]
SEPARATE = {
    "K1": K,
    "D1": [[0, 0, 0, 0, 0]],
    "K2": K,
    "D2": [[0] * 5],
    "R": EYE,
    "T": [[-60.5], [0], [0]],
    "image_size": [640, 480],
}


def said_of(content: str | dict[str, Any], **asked: Any) -> str:
    with pytest.raises(ValueError) as caught:
        parse_camera(content if isinstance(content, str) else json.dumps(content), **asked)
    assert len(str(caught.value)) < 480
    return str(caught.value)
