"""Cameras as OpenCV's matrices: those of a rectified pair (P1 and P2, or Q), or of two calibrated ones (K1, D1, K2, D2, R, T).

They come from FileStorage as YAML, XML or JSON, or from people's own JSON, under many names.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from depth_demo.formats.cameras.documents import (
    NO_KNOWN_UNIT,
    Document,
    Size,
    first_matrix,
    first_name,
    number,
    picture_size,
    unit_word,
)
from depth_demo.formats.cameras.form import CameraForm, Wanted
from depth_demo.formats.cameras.found import (
    ALWAYS,
    SWAPPED,
    FoundCamera,
    Lengths,
    SeparateCamera,
    from_projections,
    from_separate,
    require_focal_length,
)
from depth_demo.formats.cameras.json_fields import baseline_field

# Names in small letters and digits alone, as `Document.plain` has them.
P1_NAMES = ("p1", "projmatl", "pleft", "pl", "leftp", "projectionleft", "projectionmatrixleft", "leftprojectionmatrix")
P2_NAMES = ("p2", "projmatr", "pright", "pr", "rightp", "projectionright", "projectionmatrixright", "rightprojectionmatrix")
_Q = ("q", "qmatrix", "disparitytodepth", "disparitytodepthmatrix", "dispto3d")
K1_NAMES = (
    "k1",
    "m1",
    "cameramatrix1",
    "mtxl",
    "mtx1",
    "kleft",
    "kl",
    "cameramatrixleft",
    "leftcameramatrix",
    "leftk",
    "intrinsicleft",
    "intrinsicmatrix1",
)
K2_NAMES = ("k2", "m2", "cameramatrix2", "mtxr", "mtx2", "kright", "kr", "cameramatrixright", "rightcameramatrix", "rightk",
       "intrinsicright", "intrinsicmatrix2")  # fmt: skip
D1_NAMES = (
    "d1",
    "distl",
    "dist1",
    "distcoeffs1",
    "distcoeffsleft",
    "dleft",
    "leftdistcoeffs",
    "leftd",
    "distortionleft",
    "distortioncoefficients1",
)
D2_NAMES = (
    "d2",
    "distr",
    "dist2",
    "distcoeffs2",
    "distcoeffsright",
    "dright",
    "rightdistcoeffs",
    "rightd",
    "distortionright",
    "distortioncoefficients2",
)
R_NAMES = ("r", "rot", "rotation", "rotationmatrix", "rotationofcamera2")
T_NAMES = ("t", "trans", "translation", "translationvector", "translationofcamera2")
_BOOSTER = Lengths("mm")


def _has_projections(document: Document) -> bool:
    return None not in {first_name(document.plain, P1_NAMES), first_name(document.plain, P2_NAMES)}


def _fits(document: Document) -> bool:
    plain = document.plain
    both = None not in {first_name(plain, K1_NAMES), first_name(plain, K2_NAMES)}
    own = (
        first_name(plain, (*T_NAMES, *D1_NAMES, *D2_NAMES)) is not None or not document.is_json
    )  # else plain JSON with K1 and K2
    return _has_projections(document) or first_name(plain, _Q) is not None or (both and own)


def _parse(document: Document, _: Wanted) -> FoundCamera:
    plain, size = document.plain, picture_size(document.tree)
    baseline = baseline_field(document.tree)
    unit = (baseline and baseline[1]) or unit_word(document)
    lengths = Lengths(unit, ALWAYS) if unit not in {"", NO_KNOWN_UNIT} else Lengths("")
    if _has_projections(document):
        left, right = (first_matrix(plain, names, 12) or [] for names in (P1_NAMES, P2_NAMES))
        found = _in_order(left, right, lengths, size)
    elif (q := first_matrix(plain, _Q, 16)) is not None:
        found = _from_q(q, lengths, size)
    else:
        found = _from_separate(document, lengths, size, baseline and baseline[0])
    if baseline is not None and baseline[1]:  # a field with a unit in its name
        return dataclasses.replace(found, baseline=baseline[0], unit=baseline[1], believed=ALWAYS)
    return found


def _in_order(first: Sequence[float], second: Sequence[float], lengths: Lengths, size: Size | None) -> FoundCamera:
    """Take the camera with the larger x for the right one, as a board seen in either order calibrates."""
    if first[3] >= second[3]:
        return from_projections(first, second, lengths, size)
    return from_projections(second, first, lengths, size, SWAPPED)


def _from_q(q: Sequence[float], lengths: Lengths, size: Size | None) -> FoundCamera:
    """Q of stereoRectify: -cx, -cy and f in the last column, then -1/Tx and (cx - cx')/Tx in the last row."""
    focal, slope, offset = require_focal_length(q[11]), q[14], q[15]
    if not math.isfinite(slope) or slope == 0:
        raise ValueError("The matrix Q holds no baseline: the third number of its last row must be 1/B.")
    doffs, column = offset / abs(slope), -q[3]
    point = (column, -q[7]) if slope > 0 else (column - doffs, -q[7])  # with the second camera left of the first
    return FoundCamera(
        focal, 1 / abs(slope), lengths.unit, lengths.believed, doffs, focal, point, size, "" if slope > 0 else SWAPPED
    )  # fmt: skip


def _from_separate(document: Document, lengths: Lengths, size: Size | None, baseline: float | None) -> FoundCamera:
    plain = document.plain
    translation = first_matrix(plain, T_NAMES, 3)
    if translation is None and baseline is None:
        raise ValueError(
            "The calibration has both cameras but no translation T between them: stereoCalibrate's other file, "
            "often extrinsics.yml, holds it, with P1 and P2 of the rectified pair."
        )
    cameras = [
        SeparateCamera.from_matrix(first_matrix(plain, k, 9) or [], first_matrix(plain, d))
        for k, d in ((K1_NAMES, D1_NAMES), (K2_NAMES, D2_NAMES))
    ]
    rotation = first_matrix(plain, R_NAMES, 9, 3)
    turn = rotation if rotation is None or len(rotation) == 9 else _small_turn(rotation)
    return from_separate(cameras[0], cameras[1], turn, translation or (-(baseline or 0.0), 0.0, 0.0), lengths, size)


def _small_turn(vector: Sequence[float]) -> list[float]:
    """Return the rotation of a small rotation vector [rad], to first order."""
    x, y, z = vector
    return [1, -z, y, z, 1, -x, -y, x, 1]


def _from_booster(document: Document, _: Wanted) -> FoundCamera:
    """proj_matL and proj_matR are P1 and P2, wL and hL the size; baselineLR is in mm, as their last number is."""
    left, right = (first_matrix(document.plain, names, 12) or [] for names in (P1_NAMES, P2_NAMES))
    found = from_projections(left, right, _BOOSTER, picture_size(document.tree))
    return dataclasses.replace(found, baseline=number(document.tree, "baselineLR"))


FORMS = {
    "booster": CameraForm(
        "Booster's calibration", "Booster",
        "Zama Ramirez et al., Booster, CVPR 2022; github.com/junhong-3dv/s2m2, data/samples/Lid",
        lambda document: "baselineLR" in document.tree and _has_projections(document), _from_booster,
    ),
    "opencv": CameraForm(
        "OpenCV's matrices", "OpenCV (P1 and P2, or Q)", "docs.opencv.org: stereoCalibrate, stereoRectify, FileStorage",
        _fits, _parse,
    ),
}  # fmt: skip
