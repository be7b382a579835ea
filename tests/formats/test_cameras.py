"""Calibration files in the forms in which stereo sets are published, with made-up numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from depth_demo.formats.cameras import load_calibration, parse_calibration
from depth_demo.geometry import Calibration
from tests.conftest import SHARED_DATA

# As published: spaces where they are published, matrices on one line, baseline in mm.
MIDDLEBURY = """cam0=[ 800.25 0 310.5 ; 0 800.25 240.125 ; 0 0 1 ]\x20
cam1=[ 800.25 0 340.75 ; 0 800.25 240.125 ; 0 0 1 ]
doffs= 30.25
 baseline= 160.5\x20
width= 640
 height= 480
 ndisp= 70
 isint= 0\x20
vmin= 9
vmax= 55
 dyavg= 0.1
dymax= 0.4
"""
# As in calib_cam_to_cam.txt of a KITTI recording. P holds -f x at place 3: the left colour camera is at
# x = -42 / 700 = -0.06 m, the right one at 336 / 700 = 0.48 m, so the baseline is 0.54 m.
KITTI_RAW = """calib_time: 09-Jan-2012 13:57:47
corner_dist: 9.950000e-02
S_02: 1.392000e+03 5.120000e+02
K_02: 9.597910e+02 0.000000e+00 6.960217e+02 0.000000e+00 9.569251e+02 2.241806e+02 0.000000e+00 0.000000e+00 1.000000e+00
S_rect_02: 1.242000e+03 3.750000e+02
P_rect_00: 7.000000e+02 0.000000e+00 6.000000e+02 0.000000e+00 0 7.0e+02 1.8e+02 0.0 0 0 1 0
P_rect_01: 7.000000e+02 0.000000e+00 6.000000e+02 -2.800000e+02 0 7.0e+02 1.8e+02 0.0 0 0 1 0
P_rect_02: 7.000000e+02 0.000000e+00 6.000000e+02 4.200000e+01 0 7.0e+02 1.8e+02 -3.0e-01 0 0 1 4.5e-03
P_rect_03: 7.000000e+02 0.000000e+00 6.000000e+02 -3.360000e+02 0 7.0e+02 1.8e+02 2.3e+00 0 0 1 3.0e-03
"""


def projection(name: str, focal: float, centre: float, shift: float) -> str:
    return f"{name}: {focal:e} 0 {centre:e} {shift:e} 0 {focal:e} 180 0 0 0 1 0\n"


def kitti_object(left: str = "P2", right: str = "P3") -> str:
    return projection(left, 700, 600, 42) + projection(right, 700, 612, -336) + "R0_rect: 1 0 0 0 1 0 0 0 1\n"


def middlebury(cam0: str = "[700 0 320; 0 700 240; 0 0 1]", baseline: str = "100", doffs: str = "0") -> str:
    return f"cam0={cam0}\ndoffs={doffs}\nbaseline={baseline}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(MIDDLEBURY, Calibration(800.25, 0.1605, 30.25), id="middlebury"),
        pytest.param(MIDDLEBURY.replace("\n", "\r\n"), Calibration(800.25, 0.1605, 30.25), id="middlebury-windows"),
        pytest.param(middlebury(baseline="193."), Calibration(700, 0.193), id="trailing-point"),
        pytest.param(middlebury(baseline="1.e2"), Calibration(700, 0.1), id="point-before-exponent"),
        pytest.param(middlebury(baseline="+.5E+2", doffs="-.25"), Calibration(700, 0.05, -0.25), id="leading-point"),
        pytest.param(middlebury().replace("doffs=0\n", ""), Calibration(700, 0.1), id="no-doffs"),
        pytest.param(KITTI_RAW, Calibration(700, 0.54), id="kitti-raw-colour"),
        # The grey cameras: (0 + 280) / 700 = 0.4 m.
        pytest.param(KITTI_RAW.partition("P_rect_02")[0], Calibration(700, 0.4), id="kitti-raw-grey"),
        pytest.param(kitti_object(), Calibration(700, 0.54, 12), id="kitti-object"),  # doffs = 612 - 600
        pytest.param(kitti_object("P0", "P1"), Calibration(700, 0.54, 12), id="kitti-odometry-grey"),
        pytest.param(
            projection("P0", 700, 600, 0) + projection("P1", 700, 600, -280) + kitti_object(),
            Calibration(700, 0.54, 12),
            id="colour-before-grey",
        ),
    ],
)
def test_text_forms(text: str, expected: Calibration) -> None:
    camera = parse_calibration(text)
    assert camera.focal_length_px == pytest.approx(expected.focal_length_px)
    assert camera.baseline_m == pytest.approx(expected.baseline_m)
    assert camera.doffs_px == pytest.approx(expected.doffs_px)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"focal_length_px": 700, "baseline_m": 0.5, "doffs_px": 4.5}', Calibration(700, 0.5, 4.5)),
        ('{"focal_px": 994.5, "baseline_mm": 193.0, "doffs_px": 31, "source": "a paper"}', Calibration(994.5, 0.193, 31)),
        ('{"fx": 7e2, "baseline": 1, "cx": 320}', Calibration(700, 1)),
        ('\n {"fx": 700, "baseline": 1, "doffs": -2}\n', Calibration(700, 1, -2)),
        ('{"extrinsic": {"baseline": 0.25}, "intrinsic": {"fx": 2300, "u0": 1100}}', Calibration(2300, 0.25)),
        ('{"focal_length_px": 1, "fx": 2, "baseline_m": 3, "baseline_mm": 4}', Calibration(1, 3)),
    ],
    ids=["ours", "shared-data", "short", "blanks", "cityscapes", "ours-before-others"],
)
def test_json_forms(text: str, expected: Calibration) -> None:
    assert parse_calibration(text) == expected


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(MIDDLEBURY, "utf-8-sig"), (KITTI_RAW, "utf-8"), ('{"fx": 700, "baseline": 0.5}', "utf-8-sig")],
)
def test_files_with_and_without_a_byte_order_mark(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "calib"
    path.write_text(text, encoding)
    assert load_calibration(path) == load_calibration(str(path)) == parse_calibration(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "in no form known here. Accepted: calibrations of Middlebury", id="empty"),
        pytest.param("focal 700\nbaseline 0.5\n", "in no form known here", id="prose"),
        pytest.param("[700, 0.5]", "in no form known here", id="json-list"),
        pytest.param(projection("P2", 700, 600, 42), "in no form known here", id="one-kitti-camera"),
        pytest.param(middlebury().partition("baseline")[0], "cam0 but no baseline", id="no-baseline"),
        pytest.param(middlebury(baseline="-5"), "Baseline must be a number larger than 0, not -0.005", id="negative-baseline"),
        pytest.param(
            middlebury(baseline="wide"), "begins with 0 numbers where 1 are expected: 'wide'", id="baseline-in-words"
        ),
        pytest.param(middlebury(baseline="nan"), "begins with 0 numbers where 1 are expected: 'nan'", id="nan-baseline"),
        pytest.param(middlebury(baseline="1e999"), "Baseline must be a number larger than 0, not inf", id="huge-baseline"),
        pytest.param(middlebury(doffs="1e999"), "doffs must be a finite number of pixels, not inf", id="huge-doffs"),
        pytest.param(middlebury(doffs=""), "begins with 0 numbers where 1 are expected", id="empty-doffs"),
        pytest.param(middlebury("[0 0 1; 0 0 1; 0 0 1]"), "Focal length must be a number larger than 0, not 0", id="zero-f"),
        pytest.param(
            middlebury("[700 0 320]"), "begins with 3 numbers where 9 are expected: '[700 0 320]'", id="short-matrix"
        ),
        pytest.param(kitti_object("P3", "P2"), "Baseline must be a number larger than 0, not -0.54", id="swapped-kitti"),
        pytest.param(
            projection("P2", 0, 600, 42) + projection("P3", 0, 600, -336),
            "Focal length must be a number larger than 0, not 0",
            id="kitti-zero-f",
        ),
        pytest.param(
            projection("P2", 700, 600, 42) * 2 + "P3: 700 0 600\n",
            "begins with 3 numbers where 12 are expected",
            id="kitti-short",
        ),
    ],
)
def test_text_refusals(text: str, said: str) -> None:
    assert said in refusal(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{", "not valid JSON", id="cut"),
        pytest.param("{'fx': 700, 'baseline': 1}", "not valid JSON", id="python-not-json"),
        pytest.param('{"a":' * 100_000, "not valid JSON", id="nested-garbage"),
        pytest.param("{}", "lacks a focal length or a baseline. Fields such as focal_length_px and baseline_m", id="nothing"),
        pytest.param('{"fx": 700}', "lacks a baseline: one camera's numbers are not enough", id="no-baseline"),
        pytest.param('{"baseline_m": 1}', "lacks a focal length or a baseline", id="no-focal-length"),
        pytest.param('{"camera": {"fx": 700, "baseline": 1}}', "lacks a focal length or a baseline", id="a-level-too-deep"),
        pytest.param(
            '{"intrinsic": {"fx": 700}}',
            "lacks a baseline: Cityscapes has it at extrinsic.baseline",
            id="cityscapes-no-baseline",
        ),
        pytest.param('{"intrinsic": {"fx": "7"}}', "intrinsic.fx must be a number, not '7'", id="cityscapes-string"),
        pytest.param('{"fx": 0, "baseline": 1}', "Focal length must be a number larger than 0, not 0", id="zero-f"),
        pytest.param('{"fx": 700, "baseline_mm": -5}', "larger than 0, not -0.005", id="negative-baseline"),
        pytest.param('{"fx": NaN, "baseline": 1}', "Focal length must be a number larger than 0, not nan", id="nan"),
        pytest.param('{"fx": 700, "baseline": Infinity}', "Baseline must be a number larger than 0, not inf", id="infinity"),
        pytest.param('{"fx": 700, "baseline": 1, "doffs": -Infinity}', "finite number of pixels, not -inf", id="inf-doffs"),
        pytest.param(f'{{"fx": 1{"0" * 5000}, "baseline": 1}}', "larger than 0, not inf", id="5000-digits"),
        pytest.param('{"fx": true, "baseline": 1}', "fx must be a number, not 'True'", id="boolean"),
        pytest.param('{"fx": "700", "baseline": 1}', "fx must be a number, not '700'", id="string"),
        pytest.param('{"fx": 700, "baseline": null}', "baseline must be a number, not 'None'", id="null"),
        pytest.param('{"fx": 700, "baseline": [0.5]}', "baseline must be a number, not '[0.5]'", id="list"),
        pytest.param('{"fx": 700, "baseline": 1, "doffs": {"x": 1}}', "doffs must be a number, not '{'x': 1.0}'", id="dict"),
    ],
)
def test_json_refusals(text: str, said: str) -> None:
    assert said in refusal(text)


def refusal(text: str) -> str:
    with pytest.raises(ValueError) as caught:
        parse_calibration(text)
    message = str(caught.value)
    assert len(message) < 400
    return message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "in no form known here", id="empty"),
        pytest.param(bytes(range(256)) * 4, "in no form known here", id="binary"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "in no form known here", id="picture"),
        pytest.param(b" " * 2_000_000, "text of at most 1 MB", id="2-megabytes"),
    ],
)
def test_file_refusals(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "calib.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=said) as caught:
        load_calibration(path)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason=f"the real pairs are not at {SHARED_DATA}")
@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("middlebury2014q_Piano/calib.txt", Calibration(713.189, 0.178089, 31.34)),
        ("middlebury2014_motorcycle_skimage/calib.json", Calibration(994.978, 0.193001, 31.086)),
        ("kitti2012_000000_10/calib.json", Calibration(707.0912, 0.537)),
        ("kitti2015_colour_000046_10/calib.json", Calibration(721.5377, 0.5327)),
    ],
)
def test_published_files(file: str, expected: Calibration) -> None:
    camera = load_calibration(SHARED_DATA / "stereo" / file)
    assert camera.focal_length_px == expected.focal_length_px
    assert camera.baseline_m == pytest.approx(expected.baseline_m, rel=1e-12)
    assert camera.doffs_px == expected.doffs_px
