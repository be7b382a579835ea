"""Read the camera of a stereo pair from the files that data sets, devices and programs write."""

from depth_demo.formats.cameras.registry import (
    ACCEPTED,
    CAMERA_FORMS,
    load_calibration,
    parse_calibration,
    parse_camera,
    read_camera,
)
from depth_demo.formats.cameras.settling import UNITS, CameraFile, UnitQuestion

__all__ = [
    "ACCEPTED",
    "CAMERA_FORMS",
    "UNITS",
    "CameraFile",
    "UnitQuestion",
    "load_calibration",
    "parse_calibration",
    "parse_camera",
    "read_camera",
]
