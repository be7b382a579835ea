"""What is no camera of a pair although it is a camera: one sentence says what it lacks."""

from __future__ import annotations

import re

from depth_demo.formats.cameras.documents import Document, first_name

_ONE_CAMERA = (
    "cameramatrix", "k", "intrinsicmatrix", "intrinsics", "intrinsic", "fx", "camerafx", "projectionparameters", "mtx",
    "focallength", "cameracalibration",
)  # fmt: skip
_COLMAP = re.compile(r"^\d+ (?:SIMPLE_)?(?:PINHOLE|RADIAL|OPENCV|FULL_OPENCV|OPENCV_FISHEYE) \d+ \d+ ", re.MULTILINE)


def is_one_camera(document: Document) -> bool:
    """Tell whether a document describes a single camera, under the names and in the rows in use."""
    rows = [row for row in document.numbers if row]
    count = sum(map(len, rows))
    bare = (count in {4, 5, 8, 9, 16} and rows[0][0] > 50) if rows else False  # fx fy cx cy; with a lens; K as 3x3 or 4x4
    return bare or first_name(document.plain, _ONE_CAMERA) is not None or _COLMAP.search(document.text) is not None


NO_BASELINE = (
    "The calibration describes one camera, so it holds no baseline. Give the calibration of the pair, or type the focal "
    "length and the distance between both cameras."
)
