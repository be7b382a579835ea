"""Cameras of data sets, as lines of text: Middlebury and ETH3D, KITTI, DrivingStereo, FoundationStereo's K.txt."""

from __future__ import annotations

import math
from collections.abc import Mapping

from depth_demo.formats.cameras.documents import Document, Size, as_size, line_numbers
from depth_demo.formats.cameras.form import CameraForm, Wanted
from depth_demo.formats.cameras.found import FoundCamera, Lengths, from_projections
from depth_demo.formats.cameras.trees import NUMBER

_COLOUR = (("P_rect_02", "P_rect_03"), ("P2", "P3"))
_GREY = (("P_rect_00", "P_rect_01"), ("P0", "P1"))
_DRIVING_STEREO = ("P_rect_101", "P_rect_103")


# ---- Middlebury, ETH3D -----------------------------------------------------------------------------------------------


def _is_middlebury(document: Document) -> bool:
    value = document.lines.get("cam0", "").strip()  # Kalibr's `cam0:` has nothing behind it
    return bool(value)


def _from_middlebury(document: Document, _: Wanted) -> FoundCamera:
    """cam0 and cam1 are 3x3 matrices 'f 0 cx; 0 f cy; 0 0 1' [px]; baseline is in mm."""
    lines = document.lines
    k = line_numbers(lines["cam0"], 9)
    if "baseline" not in lines:
        raise ValueError("The calibration has cam0 but no baseline [mm].")
    baseline = line_numbers(lines["baseline"], 1)[0]
    if "doffs" in lines:
        doffs = line_numbers(lines["doffs"], 1)[0]
    else:
        doffs = line_numbers(lines["cam1"], 9)[2] - k[2] if "cam1" in lines else 0.0
    return FoundCamera(
        k[0], baseline, "mm", doffs_px=doffs, focal_length_y_px=k[4], principal_point_px=(k[2], k[5]), size=_sides(lines)
    )


def _sides(lines: Mapping[str, str]) -> Size | None:
    words = [lines.get(name, "").strip() for name in ("width", "height")]
    return as_size([float(word) for word in words]) if all(map(NUMBER.fullmatch, words)) else None


# ---- KITTI -----------------------------------------------------------------------------------------------------------


def _kitti_pair(lines: Mapping[str, str], *, grey: bool | None = None) -> tuple[str, str] | None:
    pairs = (*_GREY, *_COLOUR) if grey else (*_COLOUR, *_GREY)
    return next((pair for pair in pairs if lines.keys() >= {*pair}), None)


def _from_kitti(document: Document, wanted: Wanted) -> FoundCamera:
    """3x4 projection matrices, row by row: f at 0, cx at 2, and -f times the camera's x [m] at 3."""
    lines = document.lines
    pair = _kitti_pair(lines, grey=wanted.grey) or ("", "")
    left, right = (line_numbers(lines[name], 12) for name in pair)
    others = _kitti_pair({name: "" for name in lines if name not in pair})
    which = ("the grey cameras" if pair in _GREY else "the colour cameras") if others else "the only ones there"
    note = f"The pair is {pair[0]} and {pair[1]}, {which}."
    return from_projections(left, right, Lengths("m"), _rectified_size(lines, pair[0]), note)


def _rectified_size(lines: Mapping[str, str], name: str) -> Size | None:
    """S_rect_02 stands beside P_rect_02: width and height."""
    sides = lines.get(name.replace("P_", "S_")) if name.startswith("P_rect") else None
    return None if sides is None else as_size(line_numbers(sides, 2))


def _odometry_rows(document: Document) -> list[list[float]]:
    """Rows of 12 numbers that are projection matrices; a file of poses has rotations there."""
    rows = document.numbers
    projections = [row for row in rows if len(row) == 12 and row[8:11] == [0, 0, 1] and row[1] == row[4] == 0 and row[0] > 10]
    return rows if len(rows) in {2, 4} and len(projections) == len(rows) else []


def _from_odometry(document: Document, wanted: Wanted) -> FoundCamera:
    rows = _odometry_rows(document)
    if len(rows) == 2:
        return from_projections(rows[0], rows[1], Lengths("m"), note="Its two rows are taken as left and right.")
    pair, words = (rows[:2], "first two rows, the grey") if wanted.grey else (rows[2:], "last two rows, the colour")
    return from_projections(pair[0], pair[1], Lengths("m"), note=f"The pair is in the {words} cameras.")


def _from_driving_stereo(document: Document, _: Wanted) -> FoundCamera:
    """The last number of P_rect_103 is wrong by two in the files of half-size pictures: B is taken from T_103."""
    lines = document.lines
    left, right = (line_numbers(lines[name], 12) for name in _DRIVING_STEREO)
    found = from_projections(left, right, Lengths("m"), _rectified_size(lines, _DRIVING_STEREO[0]))
    if "T_103" not in lines:
        raise ValueError("The calibration is DrivingStereo's but has no line T_103, which holds the baseline.")
    baseline = math.dist(line_numbers(lines["T_103"], 3), line_numbers(lines.get("T_101", "0 0 0"), 3))
    return FoundCamera(
        found.focal_length_px, baseline, "m", found.believed, found.doffs_px, found.focal_length_y_px,
        found.principal_point_px, found.size, "The baseline is that of T_103: P_rect_103 holds for pictures of full size.",
    )  # fmt: skip


# ---- FoundationStereo ------------------------------------------------------------------------------------------------


def _k_txt(document: Document) -> list[float]:
    rows = document.numbers
    flat = [value for row in rows for value in row]
    right = len(flat) == 10 and len(rows[-1]) == 1 and flat[1] == flat[3] == flat[6] == flat[7] == 0 and flat[8] == 1
    return flat if right else []


def _from_k_txt(document: Document, _: Wanted) -> FoundCamera:
    k = _k_txt(document)
    return FoundCamera(k[0], k[9], "m", focal_length_y_px=k[4], principal_point_px=(k[2], k[5]))


FORMS = {
    "middlebury": CameraForm(
        "Middlebury's calib.txt", "Middlebury and ETH3D",
        "vision.middlebury.edu/stereo/data/scenes2014; eth3d.net/documentation",
        _is_middlebury, _from_middlebury,
    ),
    "kitti": CameraForm(
        "KITTI's calibration", "KITTI", "Geiger et al., Vision meets Robotics, IJRR 2013; KITTI-360's perspective.txt",
        lambda document: _kitti_pair(document.lines) is not None, _from_kitti,
    ),
    "kitti-odometry": CameraForm(
        "KITTI odometry's rows of a projection matrix", "KITTI", "cvlibs.net/datasets/kitti/eval_odometry.php",
        lambda document: bool(_odometry_rows(document)), _from_odometry,
    ),
    "driving-stereo": CameraForm(
        "DrivingStereo's calibration", "DrivingStereo", "drivingstereo-dataset.github.io",
        lambda document: document.lines.keys() >= {*_DRIVING_STEREO}, _from_driving_stereo,
    ),
    "k-txt": CameraForm(
        "FoundationStereo's K.txt", "FoundationStereo", "github.com/NVlabs/FoundationStereo, issue 26",
        lambda document: bool(_k_txt(document)), _from_k_txt,
    ),
}  # fmt: skip
