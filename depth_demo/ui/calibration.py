"""The fields of a pair's camera, and the calibration file that fills them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from depth_demo.formats.cameras import UNITS, UnitQuestion, read_camera
from depth_demo.formats.photos import load_photo
from depth_demo.geometry import Calibration, is_grey
from depth_demo.ui.rigs import may_be_rig

FILE_TYPES = [".txt", ".json", ".yaml", ".yml", ".xml", ".conf", ".ini", ".cfg"]
RIGHT_FOR_RECTIFY = " **Rectify**, above, takes that step with this file."
TWO_FILES = "Two files, of a camera each: **Rectify**, above, turns the views with them."
Numbers = tuple[float | None, float | None, float | None]


@dataclasses.dataclass(frozen=True, slots=True)
class ReadFile:
    """A calibration file that filled the fields.

    Attributes:
        path: Of the upload.
        unit: That was chosen for it, if its own was not certain.
        calibration: All that it says of the camera, for the left view that was there.
        description: How it was read, in words.
    """

    path: str
    unit: str | None
    calibration: Calibration
    description: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class CalibrationInputs:
    """Focal length, baseline and doffs, and what a file says beyond them.

    Attributes:
        numbers: The three fields.
        read: Holds a `ReadFile`, or None. It counts only while the fields hold its numbers.
        told: Says how the file was read.
        unit: Appears where the unit of the file's baseline must be chosen.
        file: The button that takes a file, or ROS' two.
    """

    numbers: tuple[gr.Number, gr.Number, gr.Number]
    read: gr.State
    told: gr.Markdown
    unit: gr.Radio
    file: gr.UploadButton

    @property
    def beside(self) -> list[Component]:
        """What stands beside the three fields, as `told_of` returns it."""
        return [self.read, self.told, self.unit]

    @property
    def filled(self) -> list[Component]:
        """What reading a file sets."""
        return [*self.numbers, *self.beside]


def calibration_inputs(left: gr.Image) -> CalibrationInputs:
    """Lay out the fields; a calibration file fills them, for views of the size of the left one."""
    with gr.Accordion("Calibration: turns pixels into metres", open=True):
        with gr.Row():
            focal = gr.Number(0, label="Focal [px]", min_width=90)
            baseline = gr.Number(0, label="Baseline [m]", min_width=90)
            doffs = gr.Number(0, label="doffs [px]", min_width=90)
        gr.Markdown("Leave both lengths at 0 for disparity without metres.")
        label = "Read a calibration file (KITTI, OpenCV, ROS, ZED, JSON ...)"
        file = gr.UploadButton(label, file_types=FILE_TYPES, file_count="multiple", size="sm")
        told = gr.Markdown(visible=False)
        unit = gr.Radio(list(UNITS), label="Unit of the baseline", visible=False)
    fields = CalibrationInputs((focal, baseline, doffs), gr.State(), told, unit, file)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    file.upload(on_calibration_file, [file, left], fields.filled, **quiet)
    unit.input(on_unit, [unit, file, left], fields.filled, **quiet)
    left.input(on_left_view, [left, fields.read, *fields.numbers], fields.filled, **quiet)
    return fields


def on_calibration_file(path: str | list[str], left: str | None) -> Sequence[object]:
    """Fill the fields from a file; ask for the unit of its baseline where that is not certain."""
    return _filled(path, left) if isinstance(path, str) else _filled_from(path, left)


def on_unit(unit: str, path: str | list[str] | None, left: str | None) -> Sequence[object]:
    """Fill the fields from the file, in the unit that was chosen."""
    if not path:
        return [gr.skip()] * 6
    return _filled(path, left, unit) if isinstance(path, str) else _filled_from(path, left, unit)


def _filled_from(paths: Sequence[str], left: str | None, unit: str | None = None) -> Sequence[object]:
    """Return values for `CalibrationInputs.filled`; two files are those of two cameras, whose pair must be rectified."""
    if len(paths) == 1:
        return _filled(paths[0], left, unit)
    say = TWO_FILES if len(paths) == 2 else f"**Not read.** A calibration is one file, or ROS' two; {len(paths)} were given."
    return 0, 0, 0, None, gr.Markdown(say, visible=True), gr.Radio(visible=False)


def on_left_view(
    left: str | None, read: ReadFile | None, focal: float | None, baseline: float | None, doffs: float | None
) -> Sequence[object]:
    """Read the file once more for a left view of perhaps another size, if the fields still hold its numbers."""
    if left is None or known_camera(read, (focal, baseline, doffs)) is None or read is None or not Path(read.path).is_file():
        return [gr.skip()] * 6
    return _filled(read.path, left, read.unit)


def _filled(path: str, left: str | None, unit: str | None = None) -> Sequence[object]:
    """Return values for `CalibrationInputs.filled`. Numbers of an earlier file never stay beside a refusal."""
    try:
        view = load_photo(left).pixels if left else None
        size = None if view is None else (view.shape[0], view.shape[1])
        found = read_camera(path, size, unit, grey=None if view is None else is_grey(view))
    except UnitQuestion as question:
        choices = gr.Radio(list(question.choices), value=None, visible=True)
        return 0, 0, 0, None, gr.Markdown(str(question), visible=True), choices
    except ValueError as error:
        said = f"**Not read.** {error}" + (RIGHT_FOR_RECTIFY if may_be_rig(path) else "")
        return 0, 0, 0, None, gr.Markdown(said, visible=True), gr.Radio(visible=False)
    return *camera_numbers(found.calibration), *told_of(ReadFile(path, unit, found.calibration, found.description))


def told_of(read: ReadFile | None) -> tuple[ReadFile | None, gr.Markdown, gr.Radio]:
    """Return values for `CalibrationInputs.beside`: of a file that filled the fields, or of none.

    Where a unit was chosen another choice stays possible.
    """
    text = gr.Markdown(read.description if read else "", visible=read is not None)
    return read, text, gr.Radio(visible=read is not None and read.unit is not None)


def nothing_read() -> tuple[object, ...]:
    """Return values for `CalibrationInputs.beside` and its button where another pair brings its own camera."""
    return *told_of(None), None


def camera_numbers(camera: Calibration) -> tuple[float, float, float]:
    """Return what the three fields hold: focal length [px], baseline [m] and doffs [px]."""
    return camera.focal_length_px, camera.baseline_m, camera.doffs_px


def known_camera(read: ReadFile | None, numbers: Numbers) -> Calibration | None:
    """Return all that a file says of the camera while the fields hold its numbers; else None."""
    if read is None:
        return None
    pairs = zip(camera_numbers(read.calibration), numbers, strict=True)
    alike = all(math.isclose(own, number or 0.0, rel_tol=1e-9, abs_tol=1e-12) for own, number in pairs)
    return read.calibration if alike else None


def calibration_from(
    focal: float | None, baseline: float | None, doffs: float | None, read: ReadFile | None = None
) -> Calibration | None:
    """Return the camera of the fields, with what a file says beyond them; None if both lengths are 0 or empty.

    Raises:
        ValueError: If only one length is.
    """
    if not focal and not baseline:
        return None
    return known_camera(read, (focal, baseline, doffs)) or Calibration(focal or 0.0, baseline or 0.0, doffs or 0.0)
