"""Cameras with an object for each side, and MATLAB's stereo parameters as its console shows them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from depth_demo.formats.cameras import CAMERA_FORMS, parse_camera
from depth_demo.geometry import Calibration
from tests.support.calibration_files import EYE, said_of

CAMERA = {"fx": 640.0, "fy": 640.0}
AT_A_POINT = [CAMERA | {"cx": column, "cy": 360.0} for column in (630.0, 640.0)]
NO_LENS = CAMERA | {"coeffs": [0, 0, 0, 0, 0], "width": 1280, "height": 720}
SHIFTED = {"rotation": [number for row in EYE for number in row], "translation": [-0.05, 0, 0]}
K = [[640, 0, 630], [0, 640, 360], [0, 0, 1]]
NO_POINT = "The file has no principal points: doffs is taken as 0, and the image centre stands in for them."


def sides(left: Any, right: Any, **others: Any) -> str:
    return json.dumps({"left": left, "right": right, **others})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (sides(CAMERA, CAMERA, baseline=0.05), Calibration(640, 0.05)),
        (sides(CAMERA, CAMERA, baseline_mm=50), Calibration(640, 0.05)),
        (sides(CAMERA, CAMERA, baseline=50, unit="mm"), Calibration(640, 0.05)),
        (sides(NO_LENS, NO_LENS, extrinsics=SHIFTED), Calibration(640, 0.05)),
        (sides(*AT_A_POINT, baseline_m=0.05), Calibration(640, 0.05, 10, principal_point_px=(630, 360))),
        (sides({"K": K}, {"K": K}, baseline_m=0.05), Calibration(640, 0.05, principal_point_px=(630, 360))),
        (json.dumps({"camera_left": CAMERA, "camera_right": CAMERA, "baseline_cm": 5}), Calibration(640, 0.05)),
        (
            json.dumps({"cam0": {"intrinsics": CAMERA}, "cam1": {"intrinsics": CAMERA}, "baseline_m": 0.05}),
            Calibration(640, 0.05),
        ),
        ("left:\n  fx: 640\nright:\n  fx: 640\nbaseline_m: 0.05\n", Calibration(640, 0.05)),
    ],
)
def test_an_object_for_each_camera(text: str, expected: Calibration) -> None:
    found = parse_camera(text)
    assert found.calibration == expected
    assert found.description.startswith(f"Read as {CAMERA_FORMS['sides'].title};")
    assert (NO_POINT in found.description) == (expected.principal_point_px is None)


def head(lens: str = "0, 0, 0, 0, 0", turn: str = "1,0,0,0,1,0,0,0,1") -> str:
    camera = f"<fx>1300</fx><fy>1300</fy><cx>1030</cx><cy>760</cy><dist>{lens}</dist>"
    names = [f"distorted_{side}_intrinsic" for side in ("left", "right")]
    cameras = "".join(f"<{name}>{camera}</{name}>" for name in names)
    pose = f"<stereo_extrinsic><rotation>{turn}</rotation><translation>-0.13, 0.0, 0.0</translation></stereo_extrinsic>"
    return f'<?xml version="1.0" ?><data>{cameras}{pose}</data>'


def test_xml_of_a_sensors_head_is_read_if_nothing_is_left_to_rectify() -> None:
    assert parse_camera(head()).calibration == Calibration(1300, 0.13, principal_point_px=(1030, 760))
    assert "lens distortion (coefficients up to 0.225)" in said_of(head("-0.225, 0.13, 0, 0, 0"))
    assert "the baseline stays 0.13 m" in said_of(head("-0.225, 0.13, 0, 0, 0"))
    assert "views turned by" in said_of(head(turn="1,-0.01,0,0.01,1,0,0,0,1"))


def test_a_distance_is_needed_and_a_wrong_field_is_named() -> None:
    assert "both cameras but no distance between them" in said_of(sides(CAMERA, CAMERA))
    assert "The field cx must be a number" in said_of(sides(CAMERA | {"cx": "x"}, CAMERA, baseline_m=0.1))
    assert "Focal length must be a number larger than 0" in said_of(sides({"fx": 0}, CAMERA, baseline_m=0.1))


# ---- MATLAB ----------------------------------------------------------------------------------------------------------

INTRINSICS = """stereoParams.CameraParameters{}.IntrinsicMatrix

ans =

   1.0e+03 *

    1.0380         0         0
         0    1.0380         0
    {}    0.3888    0.0010

"""
POSE = """stereoParams.RotationOfCamera2

ans =

     1     0     0
     0     1     0
     0     0     1

stereoParams.TranslationOfCamera2

ans =

 -119.8720         0         0
"""
MATRICES = INTRINSICS.format(1, 0.6571) + INTRINSICS.format(2, 0.6671) + POSE
SHOWN = Calibration(1038, 0.119872, 10, principal_point_px=(656.1, 387.8))  # MATLAB counts pixels from 1
FIELDS = """>> stereoParams.CameraParameters{}.Intrinsics

ans =

  cameraIntrinsics with properties:

             FocalLength: [1038.0 1038.0]
          PrincipalPoint: [{} 388.8]
               ImageSize: [720 1280]
        RadialDistortion: [0 0]
    TangentialDistortion: [0 0]
                       K: [3x3 double]

"""
SUMMARY = """stereoParams =

  stereoParameters with properties:

        CameraParameters1: [1x1 cameraParameters]
        CameraParameters2: [1x1 cameraParameters]
        RotationOfCamera2: [3x3 double]
     TranslationOfCamera2: [-119.8720 0 0]
    MeanReprojectionError: 0.1511

"""


@pytest.mark.parametrize(
    "text",
    [MATRICES, MATRICES.replace("\n\nans =\n", " =\n"), FIELDS.format(1, 657.1) + FIELDS.format(2, 667.1) + POSE],
    ids=["asked", "named", "fields"],
)
def test_matlabs_console_gives_a_pair_that_is_rectified(text: str) -> None:
    found = parse_camera(text)
    assert found.calibration == SHOWN
    assert found.description.startswith("Read as MATLAB's display of stereo parameters; the baseline of 119.872 is in mm")


def test_matlabs_console_tells_of_a_lens() -> None:
    lens = "stereoParams.CameraParameters1.RadialDistortion\n\nans =\n\n   -0.3617    0.1499\n"
    assert "lens distortion (coefficients up to 0.362)" in said_of(MATRICES + lens)
    inches = MATRICES.replace("-119", "-9") + "\n   WorldUnits: 'inches'\n"
    assert "the baseline of 9.872 is in inches, as usual there" in parse_camera(inches).description


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        (SUMMARY, "RotationOfCamera2, CameraParameters1.K, CameraParameters2.K"),
        (SUMMARY + FIELDS.format(1, 657.1) + FIELDS.format(2, 667.1), "RotationOfCamera2"),
        (INTRINSICS.format(1, 0.6571) + INTRINSICS.format(2, 0.6671), "TranslationOfCamera2, RotationOfCamera2"),
    ],
)
def test_what_matlab_does_not_show_is_named_with_a_way_out(text: str, lacking: str) -> None:
    said = said_of(text)
    assert f"lacks {lacking}. MATLAB shows matrices as [3x3 double]" in said
    assert "jsonencode(toStruct(stereoParams))" in said


@pytest.mark.parametrize("long", ["{}!", "a{}!", "a:{}!", "a: 1{}!", "a ={}!", "1{}!", "1e3{}!", ">>{}!", "WorldUnits:{}!"])
def test_long_lines_are_gone_through_once(long: str) -> None:
    """With one more blank to try for each blank, a line of this length would take an hour."""
    text = f"CameraParameters1 CameraParameters2\n{long.format(' ' * 900_000)}"
    assert "lacks TranslationOfCamera2" in said_of(text)
