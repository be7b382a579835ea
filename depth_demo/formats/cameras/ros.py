"""ROS' camera_info: the right camera's file holds both, f = P[0] and B = -P[3] / P[0], in metres (REP 104)."""

from __future__ import annotations

from collections.abc import Sequence

from depth_demo.formats.cameras.documents import Document, Size, as_size, first_matrix, first_name, line_numbers, picture_size
from depth_demo.formats.cameras.form import CameraForm, Wanted
from depth_demo.formats.cameras.found import FoundCamera, Lengths, from_projections

_P = ("projection_matrix", "P", "p")
_METRES = Lengths("m")
_RIGHT_ONLY = (
    "It is the right camera's file; doffs is taken as 0, which it is unless the left camera has another principal point."
)


def _has_projection(document: Document) -> bool:
    beside = ("camera_matrix", "distortion_model", "distortion_coefficients", "image_width", "K", "k")
    return first_name(document.tree, _P) is not None and first_name(document.tree, beside) is not None


def _from_camera_info(document: Document, _: Wanted) -> FoundCamera:
    p = first_matrix(document.tree, _P, 12) or []
    return _from_right(p, picture_size(document.tree))


def _from_right(p: Sequence[float], size: Size | None) -> FoundCamera:
    if p[3] == 0:
        raise ValueError(
            "The calibration is one camera's: the fourth number of its projection matrix is 0, so it holds no baseline. "
            "Give the right camera's file of the pair, in which that number is -f B."
        )
    return from_projections([*p[:3], 0.0, *p[4:7], 0.0, *p[8:]], p, _METRES, size, _RIGHT_ONLY)


def _is_ini(document: Document) -> bool:
    lines = {line.strip() for line in document.text[:100_000].splitlines()}
    return {"[image]", "projection"} <= lines


def _from_ini(document: Document, _: Wanted) -> FoundCamera:
    """Each camera has 3 rows of 4 numbers below the word `projection`; both cameras may stand in one file."""
    lines = [line.strip() for line in document.text.splitlines() if line.strip() and line.strip()[0] not in "#;"]
    found = [line_numbers(" ".join(lines[i + 1 : i + 4]), 12) for i, line in enumerate(lines) if line == "projection"]
    sides = [lines[lines.index(name) + 1] if name in lines[:-1] else "" for name in ("width", "height")]
    size = as_size([float(side) for side in sides]) if all(side.isdecimal() and side.isascii() for side in sides) else None
    if len(found) == 2:
        return from_projections(found[0], found[1], _METRES, size)
    return _from_right(found[0], size)


FORMS = {
    "ros-ini": CameraForm(
        "ROS' camera calibration (.ini)", "ROS",
        "wiki.ros.org/camera_calibration_parsers; github.com/ros-perception/image_pipeline",
        _is_ini, _from_ini,
    ),
    "ros": CameraForm(
        "ROS' camera_info", "ROS", "docs.ros.org: sensor_msgs/CameraInfo; github.com/FastSense/zed_cpu_ros, config/right.yaml",
        _has_projection, _from_camera_info,
    ),
}  # fmt: skip
