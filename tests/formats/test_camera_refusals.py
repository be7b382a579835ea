"""Calibrations from which no rectified pair's camera follows: each is refused with what it lacks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.calibration_files import (
    INI,
    SEPARATE,
    K,
    basalt,
    kalibr,
    matlab,
    matrix,
    oak,
    orb_slam,
    projections,
    realsense,
    ros,
    said_of,
    svo,
)


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
        pytest.param(
            {"K1": K, "K2": K, "D1": [0.1], "baseline_mm": 60.5},
            "lens distortion (coefficients up to 0.1)",
            "60.5 mm",
            id="no-t",
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
        pytest.param({"K": K, "dist": [[0, 0.1, 0, 0]], "baseline": 0.12}, "lens distortion", "0.12 m", id="json-matrix"),
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
