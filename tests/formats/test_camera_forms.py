"""Calibrations of devices and programs, in the forms that they write, with made-up numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from depth_demo.formats.cameras import CAMERA_FORMS, UnitQuestion, parse_camera
from depth_demo.geometry import Calibration
from tests.support.calibration_files import (
    BOOSTER,
    INI,
    OLD_MATLAB,
    SEPARATE,
    K,
    basalt,
    kalibr,
    matlab,
    matrix,
    oak,
    orb_slam,
    printed,
    projections,
    realsense,
    ros,
    said_of,
    svo,
    table,
    zed,
)

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
    ("ros", "D: []\nK: {data: [1]}\nP: {rows: 3, data: [700, 0, 320.25, -84,\n  0, 700, 240, 0, 0, 0, 1, 0]}\n", camera(0.12)),
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
    elsewhere = {"middlebury", "kitti", "zed", "vins", "sides", "matlab-text"}
    assert CAMERA_FORMS.keys() == {row[0] for row in READ} | elsewhere


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
    with pytest.raises(UnitQuestion, match=r"The baseline is 0\.06, and the file names no unit") as asked:
        parse_camera(text)
    assert asked.value.number == pytest.approx(baseline)
    found = parse_camera(text, unit="m")
    assert found.calibration.baseline_m == pytest.approx(baseline)
    assert found.calibration.doffs_px == pytest.approx(doffs)
    assert found.calibration.principal_point_px == pytest.approx((column, 240))
    assert ("The second camera of the file stands left of the first" in found.description) == (doffs < 0)


def test_nothing_of_yaml_is_carried_out() -> None:
    """A tag that would build an object is passed over."""
    text = ros().replace("camera_name: narrow_stereo/right", "camera_name: !!python/object/apply:os.getcwd []")
    assert parse_camera(text).calibration.baseline_m == pytest.approx(0.12)
