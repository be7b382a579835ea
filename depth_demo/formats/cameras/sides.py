"""Cameras as one object each, `left` and `right` or `cam0` and `cam1`, in JSON, YAML or XML of people's programs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from depth_demo.formats.cameras.documents import (
    Document,
    as_tree,
    first_matrix,
    first_name,
    number,
    optional_number,
    picture_size,
    plain_name,
    unit_word,
)
from depth_demo.formats.cameras.form import CameraForm, Wanted
from depth_demo.formats.cameras.found import BY_THE_FORM, FoundCamera, Lengths, SeparateCamera, from_separate, in_opencvs_order
from depth_demo.formats.cameras.json_fields import baseline_field, lengths_of
from depth_demo.formats.cameras.trees import Tree

_WORDS = re.compile("intrinsics?|cameras?|cam|distorted|undistorted|rectified|parameters|params|view")
_PAIRS = (("left", "right"), ("0", "1"), ("1", "2"))
_WITHIN = ("cameras", "intrinsics", "calibration", "stereo")
_K = ("k", "cameramatrix", "intrinsicmatrix", "matrix", "mtx")
_FOCAL, _FOCAL_Y = ("fx", "focallengthpx", "focallength", "f"), ("fy",)
_COLUMN, _ROW = ("cx", "ppx", "u0"), ("cy", "ppy", "v0")
_DISTORTION = ("d", "dist", "coeffs", "distortion", "distcoeffs", "distortioncoeffs", "distortioncoefficients")
_COEFFICIENTS = ("k1", "k2", "k3", "k4", "k5", "k6", "p1", "p2")
_MODELS = ("distortionmodel", "model", "lensmodel", "cameramodel")
_EXTRINSICS = ("extrinsics", "extrinsic", "stereoextrinsics", "stereoextrinsic", "lefttoright", "stereo")
_SHIFT = ("translation", "translationvector", "t", "tvec")
_TURN = ("rotation", "rotationmatrix", "r")
_NO_POINT = "The file has no principal points: doffs is taken as 0, and the image centre stands in for them."


def _plain(value: object) -> Tree:
    """Return the fields of an object by names in small letters and digits alone."""
    return {plain_name(name): inner for name, inner in as_tree(value).items()}


def _camera_fields(value: object) -> Tree:
    """Return the fields of one camera, also of those within its `intrinsics`; none where it has no focal length."""
    fields = _plain(value)
    inner = next((as_tree(fields[name]) for name in ("intrinsics", "intrinsic") if isinstance(fields.get(name), Mapping)), {})
    fields = {**fields, **_plain(inner)}
    return fields if first_name(fields, (*_K, *_FOCAL)) else {}


def _both(document: Document) -> tuple[Tree, Tree] | None:
    """Return the fields of both cameras; None where they are not two objects with a focal length each."""
    outer = document.plain
    for tree in (outer, *(_plain(outer.get(name)) for name in _WITHIN)):
        named = {_WORDS.sub("", name): value for name, value in tree.items() if isinstance(value, Mapping)}
        for first, second in _PAIRS:
            cameras = _camera_fields(named.get(first)), _camera_fields(named.get(second))
            if all(cameras):
                return cameras
    return None


def _camera(fields: Tree) -> tuple[SeparateCamera, bool]:
    """Return a camera, and whether its principal point is known."""
    named = {name: number(fields, name) for name in _COEFFICIENTS if isinstance(fields.get(name), float)}
    lens = [*(first_matrix(fields, _DISTORTION) or []), *in_opencvs_order(named)]
    model = next((fields[name] for name in _MODELS if name in fields), "")
    k = first_matrix(fields, _K, 9) if first_name(fields, _FOCAL) is None else None
    if k:
        return SeparateCamera.from_matrix(k, lens).of_model(model), True
    focal = optional_number(fields, _FOCAL) or 0.0
    vertical, column, row = (optional_number(fields, names) for names in (_FOCAL_Y, _COLUMN, _ROW))
    known = column is not None and row is not None
    return SeparateCamera(focal, vertical or focal, column or 0.0, row or 0.0, lens).of_model(model), known


def _parse(document: Document, _: Wanted) -> FoundCamera:
    """A baseline of its own is in m unless its name says otherwise; a translation between the cameras is in m."""
    both = _both(document) or ({}, {})
    (first, first_known), (second, second_known) = (_camera(fields) for fields in both)
    known = first_known and second_known
    if not known:
        first, second = (replace(camera, cx=0.0, cy=0.0) for camera in (first, second))
    extrinsics = _plain(next((document.plain[name] for name in _EXTRINSICS if name in document.plain), {}))
    own = next((tree for tree in (extrinsics, document.plain) if first_name(tree, _SHIFT)), {})
    shift, turn = first_matrix(own, _SHIFT, 3), first_matrix(own, _TURN, 9)
    baseline, word = baseline_field({**extrinsics, **document.tree}), unit_word(document)
    if shift is None and baseline is None:
        raise ValueError("The calibration has both cameras but no distance between them. Fields such as baseline_m are read.")
    lengths = lengths_of((baseline[1] if baseline else "") or word)
    if baseline is None and not word:
        lengths = Lengths("m", BY_THE_FORM)
    x, y, z = shift or (baseline[0] if baseline else 0.0, 0.0, 0.0)
    note = "" if known else _NO_POINT
    sizes = [picture_size(fields) for fields in both]
    found = from_separate(first, second, turn, (-abs(x), y, z), lengths, sizes[0], note, sizes[1])
    found = replace(found, baseline=baseline[0]) if baseline else found
    return found if known else replace(found, principal_point_px=None)


FORMS = {
    "sides": CameraForm(
        "an object for each camera", "programs that write an object for each camera",
        "librealsense's rs_intrinsics and rs_extrinsics; github.com/junhong-3dv/s2m2, data/calib/*_head.xml",
        lambda document: _both(document) is not None, _parse,
    ),
}  # fmt: skip
