"""All forms of calibration, in the order in which they are tried, and the functions that read them."""

from __future__ import annotations

from pathlib import Path

from depth_demo.formats.cameras import devices, json_fields, matlab_text, opencv, realsense, ros, sides, slam, text
from depth_demo.formats.cameras.documents import Document, Size
from depth_demo.formats.cameras.form import CameraForm, Wanted
from depth_demo.formats.cameras.refusals import NO_BASELINE, is_one_camera
from depth_demo.formats.cameras.settling import CameraFile, settle
from depth_demo.formats.untrusted import existing_file
from depth_demo.geometry import Calibration

MAX_BYTES = 1_000_000
CAMERA_FORMS: dict[str, CameraForm] = {
    **text.FORMS, **slam.FORMS, **devices.FORMS, **matlab_text.FORMS, **realsense.FORMS, **ros.FORMS, **opencv.FORMS,
    **sides.FORMS, **json_fields.FORMS
}  # fmt: skip
_MAKERS = list(dict.fromkeys(form.maker for form in CAMERA_FORMS.values()))
ACCEPTED = f"calibrations of {', '.join(_MAKERS[:-1])}, and {_MAKERS[-1]}"


def load_calibration(
    path: str | Path, size: Size | None = None, unit: str | None = None, *, grey: bool | None = None
) -> Calibration:
    """Read the camera of a rectified pair from a file; `read_camera` also says how it was read.

    Args:
        path: A text file of at most 1 MB in one of `CAMERA_FORMS`.
        size: (height, width) of the pictures [px]: a file that holds for another size is scaled to it. None keeps the file's.
        unit: "m", "cm", "mm", "in" or "ft", for a file from which the unit of the baseline is not certain.
        grey: Whether the pictures are grey, for a file that holds a grey and a colour pair; None takes the colour pair.

    Raises:
        UnitQuestion: If the unit is not certain and `unit` is None; a ValueError.
        ValueError: If there is no file, its form is not known, it describes cameras before rectification or a single one,
            it holds for pictures of another shape, a number is missing, or a length is not larger than 0.
    """
    return read_camera(path, size, unit, grey=grey).calibration


def read_camera(
    path: str | Path, size: Size | None = None, unit: str | None = None, *, grey: bool | None = None
) -> CameraFile:
    """Read the camera of a rectified pair from a file, and say how it was read; arguments as for `load_calibration`."""
    path = existing_file(path)
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"A calibration file is text of at most {MAX_BYTES // 1_000_000} MB.")
    return parse_camera(path.read_text("utf-8-sig", errors="replace"), size, unit, grey=grey)


def parse_calibration(
    text: str, size: Size | None = None, unit: str | None = None, *, grey: bool | None = None
) -> Calibration:
    """Read the camera of a rectified pair from text, as `load_calibration` does from a file."""
    return parse_camera(text, size, unit, grey=grey).calibration


def parse_camera(text: str, size: Size | None = None, unit: str | None = None, *, grey: bool | None = None) -> CameraFile:
    """Read the camera of a rectified pair from text, as `read_camera` does from a file."""
    document = Document.parse(text)
    form = next((form for form in CAMERA_FORMS.values() if form.fits(document)), None)
    if form is None:
        if is_one_camera(document):
            raise ValueError(NO_BASELINE)
        raise ValueError(f"The calibration is in no form known here. Accepted: {ACCEPTED}.")
    return settle(form.parse(document, Wanted(size, grey)), form.title, size, unit)
