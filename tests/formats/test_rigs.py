"""One stereo rig says the same in every form, and a file that is none is refused in a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from depth_demo.formats.cameras import UnitQuestion, parse_camera
from depth_demo.formats.cameras.rigs import StereoRig, parse_rig, read_rig
from tests.support.calibration_files import orb_slam, projections
from tests.support.made_views import SHAPE
from tests.support.rig_files import (
    D1,
    D2,
    K1,
    K2,
    OF_ANOTHER_SIZE,
    RIG_FORMS,
    SHIFT,
    TURN,
    basalt,
    camera_files,
    json_text,
    kalibr,
    matlab,
    oak,
    opencv_yaml,
    orb_slam3,
    realsense,
    ros,
    sides,
    svo,
    vins,
    zed,
)


@pytest.mark.parametrize("form", list(RIG_FORMS))
def test_every_form_holds_the_same_cameras(form: str) -> None:
    rig = RIG_FORMS[form]()
    for lens, k, distortion in ((rig.left, K1, D1), (rig.right, K2, D2)):
        np.testing.assert_allclose(lens.k, k, rtol=1e-9)
        np.testing.assert_allclose(lens.distortion[:4], distortion[:4], atol=1e-9)
        assert not lens.distortion[4:].any()
    np.testing.assert_allclose(rig.rotation, TURN, atol=1e-8)
    np.testing.assert_allclose(rig.translation_m, SHIFT, atol=1e-8)
    assert rig.size == (SHAPE if form not in OF_ANOTHER_SIZE else (600, 960))
    assert rig.right_size is None
    assert rig.description.startswith("Read as ")


@pytest.mark.parametrize("form", [orb_slam3, svo, basalt, oak, realsense, matlab, sides])
def test_a_camera_reader_names_the_command_for_such_a_file(form: Callable[[], str]) -> None:
    with pytest.raises(ValueError, match="by the button Rectify or `depth-demo rectify --calibration`"):
        parse_camera(form())


def test_files_are_read_as_their_text(tmp_path: Path) -> None:
    left, right = (tmp_path / f"{side}.yaml" for side in ("left", "right"))
    for path, text in zip((left, right), ros(), strict=True):
        path.write_text(text)
    np.testing.assert_allclose(read_rig(left, right).translation_m, SHIFT, atol=1e-8)
    (tmp_path / "rig.json").write_text(json_text())
    np.testing.assert_allclose(read_rig(tmp_path / "rig.json").rotation, TURN, atol=1e-8)


def test_a_rotation_may_be_a_vector() -> None:
    text = json_text().replace(str(TURN.tolist()), "[0.0, 0.0, 0.02]")
    np.testing.assert_allclose(parse_rig(text).rotation[0, 1], -np.sin(0.02), rtol=1e-6)


def test_the_unit_of_opencvs_translation_is_asked_for() -> None:
    with pytest.raises(UnitQuestion, match="the file names no unit"):
        parse_rig(opencv_yaml())
    assert parse_rig(opencv_yaml(100), unit="cm").baseline_m == pytest.approx(np.linalg.norm(SHIFT))


def test_a_rig_is_scaled_to_pictures_of_the_same_shape_and_says_so() -> None:
    rig = parse_rig(json_text())
    half = rig.for_size((SHAPE[0] // 2, SHAPE[1] // 2))
    assert "It holds for 640x480 pixels and is scaled by 0.5 to 320x240." in half.description
    np.testing.assert_allclose(half.left.k[0], [280, 0, (321.5 + 0.5) / 2 - 0.5])
    assert rig.for_size(SHAPE) is rig


@pytest.mark.parametrize("size", [(480, 720), (480, 480)])
def test_pictures_of_another_shape_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"holds for pictures of 640x480 pixels, but these have .*, which is another shape"):
        parse_rig(json_text()).for_size(size)


def test_a_rig_without_a_size_is_believed_where_its_principal_point_is_in_the_middle() -> None:
    text = json_text().replace('"image_width": 640, "image_height": 480, ', "")
    rig: StereoRig = parse_rig(text)
    assert rig.size is None
    assert rig.for_size(SHAPE).size == SHAPE
    with pytest.raises(ValueError, match="The calibration is made for another size of pictures: its principal point"):
        rig.for_size((1200, 1920))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (projections(), "is that of a rectified pair: views that belong to it need no rectification"),
        (orb_slam("Camera.bf: 84.0"), "is that of a rectified pair"),
        ("hello", "holds no two cameras with K, D, R and T"),
        (kalibr().split("cam1:")[0], "one camera, cam0, but no cam1"),
        (kalibr().replace("T_cn_cnm1", "T_other"), "has neither T_cn_cnm1 nor both cameras' T_cam_imu: no baseline"),
        (orb_slam3().replace("PinHole", "KannalaBrandt8"), "The lens model .KannalaBrandt8. is not rectified here"),
        (svo().replace("radial-tangential", "equidistant"), "The lens model .equidistant. is not rectified here"),
        (basalt().replace("pinhole-radtan8", "kb4"), "The lens model .kb4. is not rectified here"),
        (oak().replace('"cameraType": 0', '"cameraType": 1'), "The lens model .cameraType 1.0. is not rectified here"),
        (zed(), "The calibration holds for pictures of one of these sizes"),
        (kalibr().replace("radtan", "equidistant"), "The lens model .equidistant. is not rectified here"),
        (json_text().replace(str(TURN.tolist()), "[1, 0, 0, 0, 2, 0, 0, 0, 1]"), "R is no rotation"),
        (json_text().replace(str(SHIFT.tolist()), "[0, 0, 0]"), "distance between the cameras must be a number larger than 0"),
        (json_text().replace("[[560.0", "[[-560.0"), "Focal length must be a number larger than 0"),
        (json_text().replace("[[560.0", "[[1e300"), "must be finite numbers of a usual size"),
        (json_text().replace(str([list(D1)]), "[0.1, 0.2]"), "A lens has 0, 4, 5, 8, 12, 14 distortion coefficients, not 2"),
    ],
)
def test_what_is_no_rig_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_rig(text, unit="m")


def test_the_files_of_a_ros_pair_in_the_wrong_order() -> None:
    left, right = ros()
    with pytest.raises(ValueError, match=r"the fourth number of its P is 0. Exchange the files"):
        parse_rig(right, left)
    with pytest.raises(ValueError, match="holds no two cameras"):
        parse_rig(left, "image_width: 640\ncamera_matrix: [1, 0, 1, 0, 1, 1, 0, 0, 1]\n")


def test_a_file_for_each_camera_that_lacks_something() -> None:
    left, right = camera_files()
    with pytest.raises(ValueError, match="neither holds T, where the right one stands"):
        parse_rig(left.replace("t: !!", "u: !!"), right.replace("t: !!", "u: !!"))
    with pytest.raises(ValueError, match="holds no two cameras"):
        parse_rig(left, right.replace("K: !!", "L: !!"), unit="m")
    with pytest.raises(UnitQuestion):
        parse_rig(left, right)


def test_vins_files_that_lack_something() -> None:
    left, right, poses = vins()
    for files, sentence in (
        ((left, right, left), "Of three files the first is VINS-Fusion's configuration"),
        ((left, poses, poses), "A camera's file of VINS-Fusion has projection_parameters"),
        ((left.replace("PINHOLE", "MEI"), right, poses), "The lens model .MEI. is not rectified here"),
    ):
        with pytest.raises(ValueError, match=sentence):
            parse_rig(files[0], files[1], poses=files[2])


def test_a_distorted_lens_and_a_baseline_are_a_rig_of_two_alike() -> None:
    fields = {"fx": 560, "fy": 558, "cx": 321.5, "cy": 238, "k1": -0.1, "k2": 0.02, "baseline_m": 0.3, "doffs": 2}
    rig = parse_rig(json.dumps(fields))
    np.testing.assert_array_equal(rig.left.k, [[560, 0, 321.5], [0, 558, 238], [0, 0, 1]])
    assert rig.right.k[0, 2] == 323.5
    np.testing.assert_array_equal(rig.right.distortion, [-0.1, 0.02, 0, 0])
    np.testing.assert_array_equal(rig.translation_m, [-0.3, 0, 0])


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    (tmp_path / "rig.yaml").write_bytes(b" " * 1_000_001)
    with pytest.raises(ValueError, match="text of at most 1 MB"):
        read_rig(tmp_path / "rig.yaml")
