"""Two calibrated cameras before rectification: K, D, R and T, from every form of `CAMERA_FORMS` that has them.

A file that holds R1, R2 and P2 in place of R and T tells the same: x_right = R2' (R1 x_left + (P2[3] / f, 0, 0)).
"""

from __future__ import annotations

from pathlib import Path

from depth_demo.formats.cameras.documents import (
    NO_KNOWN_UNIT,
    Document,
    Size,
    as_size,
    first_matrix,
    first_name,
    inside,
    picture_size,
    unit_word,
)
from depth_demo.formats.cameras.form import Wanted
from depth_demo.formats.cameras.found import ALWAYS, BY_THE_FORM, PINHOLE_MODELS, Lengths, NotRectifiedError
from depth_demo.formats.cameras.opencv import D1_NAMES, D2_NAMES, K1_NAMES, K2_NAMES, P2_NAMES, R_NAMES, T_NAMES
from depth_demo.formats.cameras.registry import CAMERA_FORMS
from depth_demo.formats.cameras.rig import Lens, StereoRig
from depth_demo.formats.cameras.rig_files import from_camera_files, from_vins
from depth_demo.formats.cameras.rig_parts import NO_RIG, between, lens_of, rig_of, rig_of_pair, rotation_of
from depth_demo.formats.untrusted import existing_file, quoted

__all__ = ["StereoRig", "parse_rig", "read_rig"]

MAX_BYTES = 1_000_000
_R1_NAMES = ("r1", "rectl", "rectification1", "rectificationleft", "rleft", "leftr")
_R2_NAMES = ("r2", "rectr", "rectification2", "rectificationright", "rright", "rightr")
_MODEL_NAMES = ("distortion_model", "cam0.distortion_model", "cam1.distortion_model")
_RIGHT_SIDES = ("image_width_right", "image_height_right")
_RECTIFIED = (
    "The calibration is that of a rectified pair: views that belong to it need no rectification. If the rows of yours do not "
    "agree, rectify them by a focal length and their own matches."
)


def read_rig(
    path: str | Path,
    right: str | Path | None = None,
    unit: str | None = None,
    size: Size | None = None,
    poses: str | Path | None = None,
) -> StereoRig:
    """Read two calibrated cameras.

    Args:
        path: A text file of at most 1 MB with both cameras, or the file of the left one.
        right: The file of the right camera, where each has one of its own.
        unit: "m", "cm", "mm", "in" or "ft", for a file that does not name the unit of T.
        size: (height, width) of the left pictures [px], for a file that holds several modes of a camera.
        poses: VINS-Fusion's configuration, which holds where the cameras of `path` and `right` stand.

    Raises:
        UnitQuestion: If the unit is not certain and `unit` is None; a ValueError.
        ValueError: If there is no file, or it holds no such cameras.
    """
    texts = [None if file is None else _text_of(file) for file in (path, right, poses)]
    return parse_rig(texts[0] or "", texts[1], unit, size, texts[2])


def _text_of(file: str | Path) -> str:
    found = existing_file(file)
    if found.stat().st_size > MAX_BYTES:
        raise ValueError(f"A calibration file is text of at most {MAX_BYTES // 1_000_000} MB.")
    return found.read_text("utf-8-sig", errors="replace")


def parse_rig(
    text: str, right: str | None = None, unit: str | None = None, size: Size | None = None, poses: str | None = None
) -> StereoRig:
    """Read two calibrated cameras from text, as `read_rig` does from files."""
    document = Document.parse(text)
    _check_lens_model(document)
    if right is None:
        return _from_one(document, unit, size)
    other = Document.parse(right)
    _check_lens_model(other)
    if poses is not None:
        return from_vins(Document.parse(poses), document, other)
    if any(first_name(each.tree, ("projection_matrix", "P", "p")) for each in (document, other)):
        return _from_ros(document, other)
    return from_camera_files(document, other, unit)


def _from_one(document: Document, unit: str | None, size: Size | None) -> StereoRig:
    """Read OpenCV's matrices under their many names first, then ask each form for the cameras behind it."""
    plain = document.plain
    names = first_name(plain, K1_NAMES), first_name(plain, K2_NAMES)
    if all(name and not isinstance(plain[name], float) for name in names):  # k1 and k2 may be coefficients
        return _from_opencv(document, unit)
    form = next((form for form in CAMERA_FORMS.values() if form.fits(document)), None)
    if form is None:
        raise ValueError(NO_RIG)
    try:
        found = form.parse(document, Wanted(size))
    except NotRectifiedError as error:
        return rig_of_pair(error.pair, form.title, unit)
    if found.separate is None or found.separate.rotation is None:
        raise ValueError(_RECTIFIED)
    return rig_of_pair(found.separate, form.title, unit)


def _check_lens_model(document: Document) -> None:
    for name in _MODEL_NAMES:
        model = inside(document.tree, name)
        if isinstance(model, str) and model.strip().lower() not in PINHOLE_MODELS:
            raise ValueError(
                f"The lens model {quoted(model)} is not rectified here: only pinhole cameras with OpenCV's distortion are."
            )


def _from_opencv(document: Document, unit: str | None) -> StereoRig:
    """ORB-SLAM2's settings have the same matrices under LEFT and RIGHT, in metres."""
    plain = document.plain
    lenses = [
        lens_of(first_matrix(plain, k, 9), first_matrix(plain, d)) for k, d in ((K1_NAMES, D1_NAMES), (K2_NAMES, D2_NAMES))
    ]
    turn, shift = first_matrix(plain, R_NAMES, 9, 3), first_matrix(plain, T_NAMES, 3)
    if turn is None or shift is None:
        first, second, p = (first_matrix(plain, n, c) for n, c in ((_R1_NAMES, 9), (_R2_NAMES, 9), (P2_NAMES, 12)))
        if first is None or second is None or p is None:
            raise ValueError(NO_RIG)
        turn, shift = between(first, second, p)
    rotation = rotation_of(turn)
    word, is_orb = unit_word(document), inside(document.tree, "LEFT.K") is not None
    title = "ORB-SLAM2's settings" if is_orb else "OpenCV's"
    if is_orb:
        lengths = Lengths("m")
    elif word in {"", NO_KNOWN_UNIT}:
        lengths = Lengths("", BY_THE_FORM)
    else:
        lengths = Lengths(word, ALWAYS)
    size = picture_size(document.tree)
    right_size = as_size([inside(document.tree, name) for name in _RIGHT_SIDES])
    return rig_of(lenses, rotation, shift, lengths, title, unit, size, right_size)


def _from_ros(left: Document, right: Document) -> StereoRig:
    """Each camera has K, D, R and P; -f B is the fourth number of the right camera's P [m]."""
    lenses: list[Lens] = []
    turns, projections = [], []
    for document in (left, right):
        tree = document.tree
        lenses.append(
            lens_of(
                first_matrix(tree, ("camera_matrix", "K", "k"), 9), first_matrix(tree, ("distortion_coefficients", "D", "d"))
            )
        )
        turns.append(first_matrix(tree, ("rectification_matrix", "R", "r"), 9))
        projections.append(first_matrix(tree, ("projection_matrix", "P", "p"), 12))
    if turns[0] is None or turns[1] is None or projections[1] is None:
        raise ValueError(NO_RIG)
    if projections[1][3] == 0:
        raise ValueError(
            "The second file is not the right camera's of a pair: the fourth number of its P is 0. Exchange the files."
        )
    turn, shift = between(turns[0], turns[1], projections[1])
    sizes = [picture_size(document.tree) for document in (left, right)]
    return rig_of(
        lenses, rotation_of(turn), shift, Lengths("m", ALWAYS), "ROS' camera_info pair", None, sizes[0], sizes[1]
    )  # fmt: skip
