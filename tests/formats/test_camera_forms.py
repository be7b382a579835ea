"""Calibrations of devices and programs, in the forms that they write, with made-up numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from depth_demo.formats.cameras import CAMERA_FORMS, UnitQuestion, parse_camera
from depth_demo.geometry import Calibration

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
DRIVING_STEREO = """S_rect_101: 8.81e+2 4.0e+2
P_rect_101: 1000 0 450 0 0 1000 200 0 0 0 1 0
T_101: 0 0 0
T_103: -5.4e-01 0 0
P_rect_103: 1000 0 450 -1080 0 1000 200 0 0 0 1 0
"""
KITTI_ROW = "7e+02 0 6e+02 {} 0 7e+02 1.8e+02 0 0 0 1 0\n"
FOUR_ROWS = "".join(map(KITTI_ROW.format, (0, -280, 42, -336)))
AT_THE_MIDDLE = Calibration(700, 0.12, principal_point_px=(320.25, 240.0))


def camera(baseline: float, doffs: float = 0.0, focal: float = 700.0) -> Calibration:
    return Calibration(focal, baseline, doffs, principal_point_px=(320.25, 240.0))


READ = [
    ("k-txt", "700.0 0.0 320.25 0.0 700.0 240.0 0.0 0.0 1.0\n0.12\n", camera(0.12)),
    ("kitti-odometry", KITTI_ROW.format(0) + KITTI_ROW.format(-378), Calibration(700, 0.54, principal_point_px=(600, 180))),
    ("kitti-odometry", FOUR_ROWS, Calibration(700, 0.54, principal_point_px=(600, 180))),  # (42 + 336) / 700
    ("driving-stereo", DRIVING_STEREO, Calibration(1000, 0.54, principal_point_px=(450, 200))),
    ("ros", ros(), camera(0.12)),
    ("ros", ros().replace("projection_matrix", "P"), camera(0.12)),
    (
        "ros",
        "width: 640\nheight: 480\nK: [1, 0, 2, 0, 1, 3, 0, 0, 1]\nP: [700, 0, 320.25, -84, 0, 700, 240, 0, 0, 0, 1, 0]",
        camera(0.12),
    ),
    ("ros-ini", INI, camera(0.12)),
    ("ros-ini", INI.replace("320.25 -84", "320.25 0") + INI, camera(0.12)),
    ("orb-slam", orb_slam("Camera.bf: 84.0"), camera(0.12)),
    ("orb-slam", orb_slam("Stereo.b: 0.12", "Camera1").replace("PinHole", "Rectified"), camera(0.12)),
    (
        "orb-slam",
        orb_slam(
            "Camera2.fx: 700\nCamera2.fy: 700\nCamera2.cx: 330.25\nCamera2.cy: 240\n"
            + matrix("Stereo.T_c1_c2", "1 0 0 0.12", "0 1 0 0", "0 0 1 0", "0 0 0 1"),
            "Camera1",
        ),
        camera(0.12, 10),
    ),
    ("kalibr", kalibr(), camera(0.12, 10)),
    ("svo", svo(), camera(0.12)),
    ("basalt", basalt(), camera(0.12)),
    ("oak", oak(), camera(0.075)),
    ("oak", oak(left_first=False), camera(0.075)),
    ("realsense", realsense(), camera(0.05)),
    ("realsense-table", table((640, 480, 700)), Calibration(700, 0.05025, principal_point_px=(325, 240))),
    ("realsense-print", printed((640, 480, 700)), camera(0.05)),
    ("matlab", matlab(), camera(0.0605)),
    ("matlab", {"stereoParams": matlab(CameraParameters1=OLD_MATLAB, CameraParameters2=OLD_MATLAB)}, camera(0.0605)),
    ("booster", BOOSTER, camera(0.081)),
    ("opencv", SEPARATE | {"unit": "mm"}, camera(0.0605)),
    ("opencv", SEPARATE | {"baseline_mm": 60.5}, camera(0.0605)),
    ("opencv", f"unit: cm\n{projections('-4200.')}", Calibration(700, 0.06, 10, principal_point_px=(320, 240))),
    (
        "cityscapes",
        {"extrinsic": {"baseline": 0.22}, "intrinsic": {"fx": 700, "fy": 700, "u0": 320.25, "v0": 240}},
        camera(0.22),
    ),
    (
        "json",
        {"fx": 700, "fy": 700, "cx0": 320.25, "cx1": 330.25, "cy": 240, "baseline_meters": 0.12, "width": 640, "height": 480},
        camera(0.12, 10),
    ),
    ("json", {"K": K, "bf": 84, "D": [0, 0, 0, 0, 0]}, camera(0.12)),
    ("json", {"K1": K, "K2": K, "baseline_cm": 12}, camera(0.12)),
]


@pytest.mark.parametrize(("form", "content", "expected"), READ, ids=[f"{row[0]}-{i}" for i, row in enumerate(READ)])
def test_each_form_gives_its_camera(form: str, content: str | dict[str, Any], expected: Calibration) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    found = parse_camera(text)
    assert found.calibration.focal_length_px == pytest.approx(expected.focal_length_px)
    assert found.calibration.baseline_m == pytest.approx(expected.baseline_m)
    assert found.calibration.doffs_px == pytest.approx(expected.doffs_px)
    assert found.calibration.principal_point_px == pytest.approx(expected.principal_point_px)
    assert found.description.startswith(f"Read as {CAMERA_FORMS[form].title};")


def test_a_row_has_its_test() -> None:
    elsewhere = {"middlebury", "kitti", "zed", "vins"}
    assert CAMERA_FORMS.keys() == {row[0] for row in READ} | elsewhere


def said_of(content: str | dict[str, Any], **asked: Any) -> str:
    with pytest.raises(ValueError) as caught:
        parse_camera(content if isinstance(content, str) else json.dumps(content), **asked)
    assert len(str(caught.value)) < 480
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason", "baseline"),
    [
        pytest.param(kalibr("-0.28, 0.07, 0, 0"), "lens distortion (coefficients up to 0.28)", "0.12 m", id="kalibr"),
        pytest.param(kalibr(turn="0.01"), "views turned by 0.57 degrees", "0.12", id="kalibr-turned"),
        pytest.param(svo(-0.28), "lens distortion (coefficients up to 0.28)", "0.12 m", id="svo"),
        pytest.param(basalt(xi=-0.24), "lens distortion (coefficients up to 0.24)", "0.12 m", id="basalt"),
        pytest.param(oak(3.5), "lens distortion (coefficients up to 3.5)", "7.5 cm", id="oak"),
        pytest.param(
            orb_slam("Camera.bf: 84.0", k1=0.26), "lens distortion (coefficients up to 0.26)", "0.12 m", id="orb-slam"
        ),
        pytest.param(SEPARATE | {"D2": [0.1, 0, 0, 0]}, "lens distortion", "60.5 in the file's unit", id="opencv"),
        pytest.param(
            SEPARATE | {"K2": [[710, 0, 320], [0, 710, 240], [0, 0, 1]]}, "focal lengths of 700 and 710 px", "60.5", id="two-f"
        ),
        pytest.param(
            SEPARATE | {"T": [-60, 5, 0]}, "a camera that is not exactly beside the other", "60.208", id="not-beside"
        ),
        pytest.param(
            {"fx": 700, "baseline_m": 0.12, "k1": -0.3, "p1": 0},
            "lens distortion (coefficients up to 0.3)",
            "0.12 m",
            id="json",
        ),
        pytest.param({"K": K, "dist": [[0, 0.1, 0, 0]], "baseline": 0.12}, "lens distortion", "0.12 in the", id="json-matrix"),
        pytest.param(matlab(TranslationOfCamera2=[-60, 0, 9]), "not exactly beside", "60.67", id="matlab"),
    ],
)
def test_cameras_before_rectification_are_refused_with_what_comes_first(
    content: str | dict[str, Any], reason: str, baseline: str
) -> None:
    said = said_of(content)
    assert said.startswith("The file describes the cameras before rectification: ")
    assert reason in said
    assert "Rectify both views with it first" in said
    assert f"the baseline stays {baseline}" in said


def test_a_zed_gives_the_section_of_the_pictures_size() -> None:
    for size, focal, mode in (((720, 1280), 700, "HD"), ((376, 672), 350, "VGA"), ((1080, 1920), 1400, "FHD")):
        found = parse_camera(zed(), size)
        assert (found.calibration.focal_length_px, found.calibration.baseline_m) == (focal, 0.1205)
        assert f"Its section is {mode}." in found.description
    assert "one of these sizes: 1920x1080, 1280x720, 672x376 pixels; theirs is not known: give the left view" in said_of(zed())
    assert "these have 640x360" in said_of(zed(), size=(360, 640))  # which mode was resized, nobody knows
    assert "before rectification: lens distortion (coefficients up to 0.17)" in said_of(zed(k1=-0.17), size=(720, 1280))
    assert "views turned by 1.1 degrees" in said_of(zed(turn=0.02), size=(720, 1280))


def test_a_realsense_table_gives_the_row_of_the_pictures_size() -> None:
    text = json.dumps(table((1280, 720, 640), (848, 480, 424)))
    found = parse_camera(text, (480, 848))
    assert found.calibration == Calibration(424, 0.05025, principal_point_px=(429, 240))
    assert "not of the colour camera" in found.description
    assert "one of these sizes: 1280x720, 848x480 pixels; these have 640x480" in said_of(text, size=(480, 640))


def test_a_realsense_print_gives_the_block_of_the_pictures_size() -> None:
    text = printed((1280, 720, 640), (848, 480, 424))
    assert parse_camera(text, (480, 848)).calibration == Calibration(424, 0.05, principal_point_px=(424.25, 240))
    assert "one of these sizes: 1280x720, 848x480 pixels; theirs is not known" in said_of(text)
    assert "no extrinsics from Infrared 1 to Infrared 2" in said_of(text.partition("Extrinsic")[0])


def test_grey_pictures_take_the_grey_pair() -> None:
    assert parse_camera(FOUR_ROWS, grey=True).calibration.baseline_m == pytest.approx(0.4)  # 280 / 700
    named = "".join(f"P{i}: {row}\n" for i, row in enumerate(FOUR_ROWS.splitlines()))
    assert parse_camera(named, grey=True).calibration.baseline_m == pytest.approx(0.4)
    assert "P0 and P1, the grey cameras" in parse_camera(named, grey=True).description
    assert parse_camera(named, grey=False).calibration.baseline_m == pytest.approx(0.54)
    assert "P2 and P3, the colour cameras" in parse_camera(named).description


@pytest.mark.parametrize(
    ("content", "baseline", "doffs", "column"),
    [
        pytest.param(projections(), 0.06, 10, 320, id="projections"),
        # The second camera is the left one: 42 / 700, and its principal point counts.
        pytest.param(projections("42."), 0.06, -10, 330, id="swapped-projections"),
        pytest.param(
            {"Q": [[1, 0, 0, -320], [0, 1, 0, -240], [0, 0, 0, 700], [0, 0, 1 / 0.06, 10 / 0.06]]}, 0.06, 10, 320, id="q"
        ),
        pytest.param(
            {"Q": [[1, 0, 0, -330], [0, 1, 0, -240], [0, 0, 0, 700], [0, 0, -1 / 0.06, -10 / 0.06]]},
            0.06,
            -10,
            340,
            id="swapped-q",
        ),
    ],
)
def test_opencv_measures_in_the_unit_of_its_board(
    content: str | dict[str, Any], baseline: float, doffs: float, column: float
) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    with pytest.raises(UnitQuestion, match=r"The baseline is 0\.06, and the file does not say in which unit") as asked:
        parse_camera(text)
    assert asked.value.number == pytest.approx(baseline)
    found = parse_camera(text, unit="m")
    assert found.calibration.baseline_m == pytest.approx(baseline)
    assert found.calibration.doffs_px == pytest.approx(doffs)
    assert found.calibration.principal_point_px == pytest.approx((column, 240))
    assert ("The second camera of the file stands left of the first" in found.description) == (doffs < 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(ros("0.0"), "the fourth number of its projection matrix is 0, so it holds no baseline", id="ros-left"),
        pytest.param(INI.replace("-84", "0"), "Give the right camera's file", id="ini-mono"),
        pytest.param(orb_slam(""), "has one camera but no baseline: ORB-SLAM keeps it in Camera.bf", id="orb-slam-mono"),
        pytest.param(orb_slam("Camera.bf: 40.0\nDepthMapFactor: 5000.0"), "that of a depth camera", id="orb-slam-depth"),
        pytest.param(kalibr().partition("cam1")[0], "Kalibr's with one camera, cam0, but no cam1", id="kalibr-mono"),
        pytest.param(
            matrix("body_T_cam0", "1 0 0 0", "0 1 0 0", "0 0 1 0", "0 0 0 1")
            + matrix("body_T_cam1", "1 0 0 0.54", "0 1 0 0", "0 0 1 0", "0 0 0 1")
            + 'cam0_calib: "left.yaml"\n',
            "stand 0.54 m apart, but the focal length is in the file 'left.yaml'",
            id="vins",
        ),
        pytest.param(
            "M1: [1, 0, 0, 0, 1, 0, 0, 0, 1]\nM2: [1, 0, 0, 0, 1, 0, 0, 0, 1]\n", "no translation T", id="opencv-intrinsics"
        ),
        pytest.param(
            "517.3 516.5 318.6 255.3 0.26 -0.95 -0.005 0.002\n", "describes one camera, so it holds no baseline", id="line"
        ),
        pytest.param("585 0 320\n0 585 240\n0 0 1\n", "describes one camera", id="3x3"),
        pytest.param("# cameras\n0 PINHOLE 942 489 541.7 541.7 553.8 232.3\n", "describes one camera", id="colmap"),
        pytest.param("camera_matrix: [700, 0, 320, 0, 700, 240, 0, 0, 1]\n", "describes one camera", id="matrix"),
        pytest.param("1 0 0 0 0 1 0 0 0 0 1 0\n" * 2, "in no form known here", id="poses"),
        pytest.param("0 255 0.5\n", "in no form known here", id="numbers"),
        pytest.param(
            '<?xml version="1.0"?><images><path>left01.jpg</path></images>', "in no form known here", id="list-of-pictures"
        ),
        pytest.param("<opencv_storage><P1>", "begins like XML but is not valid XML", id="cut-xml"),
        pytest.param('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "XML with a document type, which is not read", id="entities"),
        pytest.param("<a>" * 50 + "</a>" * 50, "nested too deeply", id="deep-xml"),
        pytest.param(projections("0.", "330."), "Baseline must be a number larger than 0, not 0", id="no-distance"),
        pytest.param(
            matrix("P1", "700 0 320 0", "0 700 240 0", "0 0 1 0") + matrix("P2", "700 0 320 0", "0 700 240 -42", "0 0 1 0"),
            "stands above or below the first",
            id="one-above-the-other",
        ),
        pytest.param(
            matrix("P1", "700 0 320 0", "0 700 240 0", "0 0 1 0") + matrix("P2", "710 0 320 -42", "0 710 240 0", "0 0 1 0"),
            "focal lengths of 700 and 710 px: they are not rectified alike",
            id="two-focal-lengths",
        ),
        pytest.param({"Q": [0] * 11 + [700] + [0] * 4}, "Q holds no baseline", id="flat-q"),
        pytest.param({"P1": [1, 2], "P2": [1, 2]}, "The field p1 must hold 12 numbers, not '[1.0, 2.0]'", id="short-matrix"),
        pytest.param(realsense(extrinsics={}), "no extrinsics with a translation", id="realsense-alone"),
        pytest.param({"cameraData": []}, "lacks the cameras of its stereo pair, sockets 1 and 2", id="oak-without-cameras"),
        pytest.param(matlab(WorldUnits="furlongs"), "WorldUnits must be one of mm, millimeters, cm", id="matlab-unit"),
        pytest.param(
            "[LEFT_CAM_HD]\nfx=1\n[RIGHT_CAM_HD]\nfx=1\n", "The section LEFT_CAM_HD of the calibration lacks fy", id="zed-cut"
        ),
    ],
)
def test_what_is_no_pair_is_refused_in_words(content: str | dict[str, Any], said: str) -> None:
    assert said in said_of(content)


def test_nothing_of_yaml_is_carried_out() -> None:
    """A tag that would build an object is passed over."""
    text = ros().replace("camera_name: narrow_stereo/right", "camera_name: !!python/object/apply:os.getcwd []")
    assert parse_camera(text).calibration.baseline_m == pytest.approx(0.12)
