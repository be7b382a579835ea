"""Cameras in the settings of SLAM and calibration programs: ORB-SLAM, Kalibr, VINS-Fusion, SVO, Basalt. All are in metres."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.cameras.documents import (
    Document,
    Size,
    as_size,
    as_tree,
    first_matrix,
    first_name,
    inside,
    matrix,
    number,
    optional_number,
    picture_size,
)
from depth_demo.formats.cameras.form import CameraForm, Wanted
from depth_demo.formats.cameras.found import (
    FoundCamera,
    Lengths,
    SeparateCamera,
    from_separate,
    in_opencvs_order,
    require_focal_length,
)
from depth_demo.formats.cameras.trees import Tree
from depth_demo.formats.untrusted import quoted

_METRES = Lengths("m")
_COEFFICIENTS = ("k1", "k2", "k3", "k4", "k5", "k6", "p1", "p2")
_OF_OTHER_MODELS = ("xi", "alpha")
Pose = NDArray[np.float64]  # (4, 4) rigid


# ---- ORB-SLAM --------------------------------------------------------------------------------------------------------


def _from_orb_slam(document: Document, _: Wanted) -> FoundCamera:
    """Camera.bf is f B; newer files have Stereo.b for a rectified pair, or Stereo.T_c1_c2 for another."""
    tree = document.tree
    if first_name(tree, ("RGBD.DepthMapFactor", "DepthMapFactor")) and inside(tree, "Stereo.T_c1_c2") is None:
        raise ValueError(
            "The calibration is that of a depth camera (it has DepthMapFactor): its bf or b is chosen for ORB-SLAM and is no "
            "distance between two views."
        )
    first = _orb_camera(tree, "Camera1" if inside(tree, "Camera1.fx") is not None else "Camera")
    size, plain = picture_size(tree), (-1.0, 0.0, 0.0)
    second = _orb_camera(tree, "Camera2") if inside(tree, "Camera2.fx") is not None else first
    pose = first_matrix(tree, ("Stereo.T_c1_c2",), 16)
    product = optional_number(tree, ("Camera.bf", "Camera.focal_x_baseline"))
    baseline = optional_number(tree, ("Stereo.b",))
    if product is not None:
        baseline = product / require_focal_length(first.fx)
    rectified = inside(tree, "Camera.type") == "Rectified"
    if baseline is None and pose is None:
        raise ValueError("The calibration has one camera but no baseline: ORB-SLAM keeps it in Camera.bf or Stereo.b.")
    if baseline is None or (pose is not None and not rectified):
        return _from_poses(first, second, np.eye(4), np.reshape(pose or [], (4, 4)), size)
    if rectified:
        first = second = SeparateCamera(first.fx, first.fy, first.cx, first.cy)
    return from_separate(first, second, None, [baseline * side for side in plain], _METRES, size)


def _orb_camera(tree: Tree, name: str) -> SeparateCamera:
    fx, fy, cx, cy = (number(tree, f"{name}.{side}") for side in ("fx", "fy", "cx", "cy"))
    return SeparateCamera(fx, fy, cx, cy, _coefficients(tree, f"{name}.")).of_model(inside(tree, "Camera.type"))


def _coefficients(tree: Tree, before: str = "") -> list[float]:
    """Return the coefficients in OpenCV's order, and behind them those of other lens models."""
    there = {name: number(tree, f"{before}{name}") for name in _COEFFICIENTS if inside(tree, f"{before}{name}") is not None}
    others = [number(tree, f"{before}{name}") for name in _OF_OTHER_MODELS if inside(tree, f"{before}{name}") is not None]
    return [*in_opencvs_order(there), *others]


# ---- poses -----------------------------------------------------------------------------------------------------------


def _from_poses(
    first: SeparateCamera,
    second: SeparateCamera,
    first_pose: Pose,
    second_pose: Pose,
    size: Size | None,
    second_size: Size | None = None,
) -> FoundCamera:
    """Return the pair of two cameras whose poses turn their coordinates into common ones."""
    rotation = second_pose[:3, :3].T  # a pose is rigid: its inverse needs no division
    with np.errstate(all="ignore"):  # what is no number is refused with the rest
        turn = rotation @ first_pose[:3, :3]
        shift = rotation @ (first_pose[:3, 3] - second_pose[:3, 3])
    return from_separate(first, second, turn.ravel().tolist(), shift.tolist(), _METRES, size, second_size=second_size)


def _inverse(pose: Pose) -> Pose:
    inverse = np.eye(4)
    inverse[:3, :3] = pose[:3, :3].T
    with np.errstate(all="ignore"):
        inverse[:3, 3] = -pose[:3, :3].T @ pose[:3, 3]
    return inverse


def _pose(tree: Tree, names: Sequence[str]) -> Pose | None:
    found = first_matrix(tree, names, 16)
    return None if found is None else np.reshape(found, (4, 4))


# ---- Kalibr ----------------------------------------------------------------------------------------------------------


def _is_kalibr(document: Document) -> bool:
    numbers = inside(document.tree, "cam0.intrinsics")
    return isinstance(document.tree.get("cam0"), Mapping) and not isinstance(numbers, Mapping | None)


def _from_kalibr(document: Document, _: Wanted) -> FoundCamera:
    """cam1.T_cn_cnm1 turns coordinates of cam0 into those of cam1; T_cam_imu and T_imu_cam are poses towards the IMU."""
    cameras = [fields for name in ("cam0", "cam1") if isinstance(fields := document.tree.get(name), Mapping)]
    if len(cameras) < 2 or inside(cameras[1], "intrinsics") is None:
        raise ValueError("The calibration is Kalibr's with one camera, cam0, but no cam1: it holds no baseline.")
    first, second = (
        SeparateCamera.from_numbers(
            matrix(camera.get("intrinsics"), "intrinsics", 4, 5, 6), first_matrix(camera, ("distortion_coeffs",))
        ).of_model(camera.get("distortion_model"))
        for camera in cameras
    )
    size, second_size = (
        as_size(matrix(camera["resolution"], "resolution", 2)) if "resolution" in camera else None for camera in cameras
    )
    between = _pose(cameras[1], ("T_cn_cnm1",))
    if between is not None:
        return _from_poses(first, second, np.eye(4), _inverse(between), size, second_size)
    poses = [_kalibr_pose(camera) for camera in cameras]
    if poses[0] is None or poses[1] is None:
        raise ValueError("The calibration is Kalibr's but has neither T_cn_cnm1 nor both cameras' T_cam_imu: no baseline.")
    return _from_poses(first, second, poses[0], poses[1], size, second_size)


def _kalibr_pose(camera: Tree) -> Pose | None:
    towards = _pose(camera, ("T_cam_imu",))
    return _pose(camera, ("T_imu_cam",)) if towards is None else _inverse(towards)


# ---- SVO, Basalt, VINS-Fusion ----------------------------------------------------------------------------------------


def _from_svo(document: Document, _: Wanted) -> FoundCamera:
    """T_B_C is a camera's pose in the body."""
    listed = document.tree.get("cameras")
    cameras = [camera for camera in (listed if isinstance(listed, list) else []) if isinstance(camera, Mapping)]
    if len(cameras) < 2:
        raise ValueError("The calibration is SVO's with fewer than two cameras: it holds no baseline.")
    found, poses = [], []
    for camera in cameras[:2]:
        intrinsics = matrix(inside(camera, "camera.intrinsics"), "intrinsics", 4)
        lens = first_matrix(camera, ("camera.distortion.parameters",))
        found.append(SeparateCamera.from_numbers(intrinsics, lens).of_model(inside(camera, "camera.distortion.type")))
        poses.append(np.reshape(matrix(camera.get("T_B_C"), "T_B_C", 16), (4, 4)))
    sizes = [picture_size(as_tree(camera.get("camera"))) for camera in cameras[:2]]
    return _from_poses(found[0], found[1], poses[0], poses[1], sizes[0], sizes[1])


def _from_basalt(document: Document, _: Wanted) -> FoundCamera:
    """T_imu_cam holds a camera's place and its turn as a quaternion."""
    poses = [_quaternion_pose(fields) for fields in _objects(inside(document.tree, "value0.T_imu_cam"))[:2]]
    listed = _objects(inside(document.tree, "value0.intrinsics"))[:2]
    if min(len(poses), len(listed)) < 2:
        raise ValueError("The calibration is Basalt's with fewer than two cameras: it holds no baseline.")
    first, second = (
        SeparateCamera.from_numbers(
            (number(camera, f"intrinsics.{side}") for side in ("fx", "fy", "cx", "cy")), _coefficients(camera, "intrinsics.")
        ).of_model(camera.get("camera_type"))
        for camera in listed
    )
    sizes = inside(document.tree, "value0.resolution")
    known = [as_size(matrix(side, "resolution", 2)) for side in sizes[:2]] if isinstance(sizes, list) else []
    size, second_size = (*known, None, None)[:2]
    return _from_poses(first, second, poses[0], poses[1], size, second_size)


def _objects(value: object) -> list[Tree]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _quaternion_pose(fields: Tree) -> Pose:
    place = [number(fields, name) for name in ("px", "py", "pz")]
    x, y, z, w = (number(fields, name) for name in ("qx", "qy", "qz", "qw"))
    pose = np.eye(4)
    pose[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    pose[:3, 3] = place
    return pose


def _from_vins(document: Document, _: Wanted) -> FoundCamera:
    """Refuse: the focal length stands in another file."""
    poses = [_pose(document.tree, (f"body_T_cam{index}",)) for index in (0, 1)]
    if poses[0] is None or poses[1] is None:
        raise ValueError("The calibration is that of VINS with one camera: it holds no baseline.")
    baseline = math.dist(poses[0][:3, 3].tolist(), poses[1][:3, 3].tolist())
    other = document.tree.get("cam0_calib")
    where = f"the file {quoted(other)}" if isinstance(other, str) else "another file"
    raise ValueError(
        f"The calibration is VINS-Fusion's: the cameras stand {baseline:.6g} m apart, but the focal length is in {where}, "
        "for pictures before rectification unless its distortion is 0. Type both lengths for the rectified pair, or rectify "
        "with `depth-demo rectify --calibration`, this file and those of both cameras."
    )


FORMS = {
    "orb-slam": CameraForm(
        "ORB-SLAM's settings", "ORB-SLAM", "github.com/UZ-SLAMLab/ORB_SLAM3, Calibration_Tutorial.pdf and Examples/Stereo",
        lambda document: first_name(document.tree, ("Camera.fx", "Camera1.fx")) is not None, _from_orb_slam,
    ),
    "kalibr": CameraForm(
        "Kalibr's camchain", "Kalibr", "github.com/ethz-asl/kalibr/wiki/yaml-formats", _is_kalibr, _from_kalibr
    ),
    "svo": CameraForm(
        "SVO's calibration", "SVO", "github.com/uzh-rpg/rpg_svo_pro_open, doc/calibration.md",
        lambda document: bool(_objects(document.tree.get("cameras"))) and "T_B_C" in _objects(document.tree["cameras"])[0],
        _from_svo,
    ),
    "basalt": CameraForm(
        "Basalt's calibration", "Basalt", "github.com/VladyslavUsenko/basalt, data/euroc_ds_calib.json",
        lambda document: inside(document.tree, "value0.T_imu_cam") is not None, _from_basalt,
    ),
    "vins": CameraForm(
        "VINS-Fusion's configuration", "VINS-Fusion", "github.com/HKUST-Aerial-Robotics/VINS-Fusion, config",
        lambda document: "body_T_cam0" in document.tree, _from_vins,
    ),
}  # fmt: skip
