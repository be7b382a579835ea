"""Read stereo cameras from the files that data sets come with. Each form is one row of `CAMERA_FORMS`."""

from __future__ import annotations

import itertools
import json
import re
import reprlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from depth_demo.formats.untrusted import existing_file, quoted
from depth_demo.geometry import Calibration

MAX_BYTES = 1_000_000
# KITTI's left and right colour cameras, then the grey ones; the newer files drop the words.
_KITTI_PAIRS = (("P_rect_02", "P_rect_03"), ("P2", "P3"), ("P_rect_00", "P_rect_01"), ("P0", "P1"))
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class CameraForm:
    """A form in which the camera of a rectified pair is published.

    Attributes:
        title: What people call it, with the names of its fields.
        fits: Whether a text looks like this form.
        parse: Turns the text into a camera; raises ValueError with a sentence for a person.
    """

    title: str
    fits: Callable[[str], bool]
    parse: Callable[[str], Calibration]


@dataclass(frozen=True, slots=True)
class JsonFields:
    """The names of a camera's numbers in a JSON object, the first one found first; "a.b" is the field b of the object a.

    Attributes:
        focal_length: Of the focal length [px].
        baseline: Of the baseline, each with how many of its units make a metre.
        doffs: Of the difference of the principal points' columns [px]; 0 where there is none.
    """

    focal_length: Sequence[str]
    baseline: Mapping[str, int]
    doffs: Sequence[str] = ()

    def fits(self, text: str) -> bool:
        """Say whether the text is a JSON object that has such a focal length."""
        return _looks_like_json(text) and not set(self.focal_length).isdisjoint(_json_fields(text))

    def parse(self, text: str) -> Calibration:
        """Return the camera of a JSON text.

        Raises:
            ValueError: If the text is not valid JSON, a field is missing, or a field is no number.
        """
        data = _json_fields(text)
        focal = next((_number(data, name) for name in self.focal_length if name in data), None)
        baseline = next((_number(data, name) / units for name, units in self.baseline.items() if name in data), None)
        if focal is None or baseline is None:
            raise ValueError(f"The calibration lacks a focal length or a baseline. Accepted: {ACCEPTED}.")
        return _camera(focal, baseline, next((_number(data, name) for name in self.doffs if name in data), 0.0))


def load_calibration(path: str | Path) -> Calibration:
    """Read the camera of a rectified pair from a file.

    Args:
        path: A text file of at most 1 MB in one of `CAMERA_FORMS`.

    Raises:
        ValueError: If there is no file, its form is not known, a number is missing, or a length is not larger than 0.
    """
    path = existing_file(path)
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"A calibration file is text of at most {MAX_BYTES // 1_000_000} MB.")
    return parse_calibration(path.read_text("utf-8-sig", errors="replace"))


def parse_calibration(text: str) -> Calibration:
    """Read the camera of a rectified pair from text, as `load_calibration` does from a file."""
    form = next((form for form in CAMERA_FORMS.values() if form.fits(text)), None)
    if form is None:
        raise ValueError(f"The calibration is in no form known here. Accepted: {ACCEPTED}.")
    return form.parse(text)


def _lines(text: str) -> dict[str, str]:
    """Return what stands behind the names of a text with lines like `name: value` or `name=value`."""
    fields = (re.split("[:=]", line, maxsplit=1) for line in text.splitlines())
    return {field[0].strip(): field[1] for field in fields if len(field) == 2}


def _from_middlebury(text: str) -> Calibration:
    """cam0 is a 3x3 matrix 'f 0 cx; 0 f cy; 0 0 1' [px]; baseline is in mm."""
    lines = _lines(text)
    if "baseline" not in lines:
        raise ValueError("The calibration has cam0 but no baseline [mm].")
    focal = _numbers(lines["cam0"], 9)[0]
    return _camera(focal, _numbers(lines["baseline"], 1)[0] / 1000, _numbers(lines.get("doffs", "0"), 1)[0])


def _kitti_pair(lines: Mapping[str, str]) -> tuple[str, str] | None:
    return next((pair for pair in _KITTI_PAIRS if lines.keys() >= {*pair}), None)


def _from_kitti(text: str) -> Calibration:
    """3x4 projection matrices, row by row: f at 0, cx at 2, and -f times the camera's x [m] at 3."""
    lines = _lines(text)
    left, right = (_numbers(lines[name], 12) for name in _kitti_pair(lines) or ())
    focal = left[0]
    if focal <= 0:
        raise ValueError(f"Focal length must be a number larger than 0, not {focal:g}.")
    return _camera(focal, (left[3] - right[3]) / focal, right[2] - left[2])


def _looks_like_json(text: str) -> bool:
    return text.lstrip().startswith("{")


def _json_fields(text: str) -> dict[str, object]:
    """Return the fields of a JSON object, and those of the objects in it as "outer.inner"."""
    try:
        data = json.loads(text, parse_int=float)
    except (ValueError, RecursionError) as error:
        raise ValueError("The calibration begins like JSON but is not valid JSON.") from error
    inner = ((outer, fields) for outer, fields in data.items() if isinstance(fields, dict))
    return {**data, **{f"{outer}.{name}": value for outer, fields in inner for name, value in fields.items()}}


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


_FLAT_JSON = JsonFields(
    ("focal_length_px", "focal_px", "fx"), {"baseline_m": 1, "baseline": 1, "baseline_mm": 1000}, ("doffs_px", "doffs")
)
_CITYSCAPES = JsonFields(("intrinsic.fx",), {"extrinsic.baseline": 1})
CAMERA_FORMS = {
    "middlebury": CameraForm(
        "Middlebury's calib.txt (cam0, baseline, doffs)", lambda text: "cam0" in _lines(text), _from_middlebury
    ),
    "kitti": CameraForm(
        "KITTI's calib_cam_to_cam.txt (P_rect_02, P_rect_03) or P2/P3 lines",
        lambda text: _kitti_pair(_lines(text)) is not None,
        _from_kitti,
    ),
    "cityscapes": CameraForm("Cityscapes' JSON (intrinsic.fx, extrinsic.baseline)", _CITYSCAPES.fits, _CITYSCAPES.parse),
    "json": CameraForm(
        'JSON such as {"focal_length_px": 700, "baseline_m": 0.5, "doffs_px": 0}', _looks_like_json, _FLAT_JSON.parse
    ),
}
*_first, _last = (form.title for form in CAMERA_FORMS.values())
ACCEPTED = f"{', '.join(_first)}, or {_last}"
