"""Calibration read from the files that stereo sets come with: Middlebury, KITTI, JSON."""

from __future__ import annotations

import itertools
import json
import re
import reprlib
from collections.abc import Mapping
from pathlib import Path

from depth_demo.formats.untrusted import existing_file, quoted
from depth_demo.geometry import Calibration

MAX_BYTES = 1_000_000
ACCEPTED = (
    "Middlebury's calib.txt (cam0, baseline, doffs), KITTI's calib_cam_to_cam.txt (P_rect_02, P_rect_03) or P2/P3 "
    'lines, or JSON such as {"focal_length_px": 700, "baseline_m": 0.5, "doffs_px": 0}'
)
# Names found in published JSON files; a baseline comes with how many of its units make a metre.
_JSON_FOCAL = ("focal_length_px", "focal_px", "fx")
_JSON_BASELINE = (("baseline_m", 1), ("baseline", 1), ("baseline_mm", 1000))
_JSON_DOFFS = ("doffs_px", "doffs")
# KITTI's left and right colour cameras, then the grey ones; the newer files drop the words.
_KITTI_PAIRS = (("P_rect_02", "P_rect_03"), ("P2", "P3"), ("P_rect_00", "P_rect_01"), ("P0", "P1"))
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


def load_calibration(path: str | Path) -> Calibration:
    """Read a rectified stereo camera.

    Args:
        path: A file of at most 1 MB in one of the accepted forms (`ACCEPTED`).

    Raises:
        ValueError: If there is no file, its form is not known, a number is missing, or a length is not larger than 0.
    """
    path = existing_file(path)
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"A calibration file is text of at most {MAX_BYTES // 1_000_000} MB.")
    return parse_calibration(path.read_text("utf-8-sig", errors="replace"))


def parse_calibration(text: str) -> Calibration:
    """`load_calibration` for text already read."""
    if text.lstrip().startswith("{"):
        return _from_json(text)
    fields = (re.split("[:=]", line, maxsplit=1) for line in text.splitlines())
    lines = {field[0].strip(): field[1] for field in fields if len(field) == 2}
    if "cam0" in lines:
        return _from_middlebury(lines)
    for left, right in _KITTI_PAIRS:
        if left in lines and right in lines:
            return _from_kitti(_numbers(lines[left], 12), _numbers(lines[right], 12))
    raise ValueError(f"The calibration is in no form known here. Accepted: {ACCEPTED}.")


def _from_middlebury(lines: Mapping[str, str]) -> Calibration:
    """cam0 is a 3x3 matrix 'f 0 cx; 0 f cy; 0 0 1' [px]; baseline is in mm."""
    if "baseline" not in lines:
        raise ValueError("The calibration has cam0 but no baseline [mm].")
    focal = _numbers(lines["cam0"], 9)[0]
    return _camera(focal, _numbers(lines["baseline"], 1)[0] / 1000, _numbers(lines.get("doffs", "0"), 1)[0])


def _from_kitti(left: list[float], right: list[float]) -> Calibration:
    """3x4 projection matrices, row by row: f at 0, cx at 2, and -f times the camera's x [m] at 3."""
    focal = left[0]
    if focal <= 0:
        raise ValueError(f"Focal length must be a number larger than 0, not {focal:g}.")
    return _camera(focal, (left[3] - right[3]) / focal, right[2] - left[2])


def _from_json(text: str) -> Calibration:
    try:
        data = json.loads(text, parse_int=float)
    except (ValueError, RecursionError) as error:
        raise ValueError("The calibration begins like JSON but is not valid JSON.") from error
    focal = next((_number(data, name) for name in _JSON_FOCAL if name in data), None)
    baseline = next((_number(data, name) / per_metre for name, per_metre in _JSON_BASELINE if name in data), None)
    if focal is None or baseline is None:
        raise ValueError(f"The calibration lacks a focal length or a baseline. Accepted: {ACCEPTED}.")
    return _camera(focal, baseline, next((_number(data, name) for name in _JSON_DOFFS if name in data), 0.0))


def _camera(focal_length_px: float, baseline_m: float, doffs_px: float) -> Calibration:
    """Rounded to a millionth of a pixel and a nanometre, so that 532.7 mm is shown as 0.5327 m."""
    return Calibration(round(focal_length_px, 6), round(baseline_m, 9), round(doffs_px, 6))


def _number(data: Mapping[str, object], name: str) -> float:
    value = data[name]
    if not isinstance(value, float):
        shown = value if isinstance(value, str) else reprlib.repr(value)
        raise ValueError(f"The field {name} must be a number, not {quoted(shown)}.")
    return value


def _numbers(text: str, count: int) -> list[float]:
    """The `count` numbers with which a line begins, between blanks, commas, semicolons and brackets."""
    words = re.split(r"[\s,;\[\]]+", text.strip(" \t,;[]"))
    found = list(itertools.takewhile(_NUMBER.fullmatch, words))
    if len(found) < count:
        raise ValueError(f"A calibration line begins with {len(found)} numbers where {count} are expected: {quoted(text)}.")
    return [float(number) for number in found[:count]]
