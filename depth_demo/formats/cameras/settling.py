"""Settle the unit of a baseline and the size of the pictures, and say in words how a camera was read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from depth_demo.formats.cameras.documents import Size
from depth_demo.formats.cameras.found import ALWAYS, BY_CUSTOM, FoundCamera
from depth_demo.geometry import Calibration

UNITS = {"m": 1, "cm": 100, "mm": 1000, "in": 1 / 0.0254, "ft": 1 / 0.3048}  # how many make a metre
_WORDS = {"in": "inches", "ft": "feet"}
_OF_UNITS = f"{', '.join([*UNITS][:-1])} or {[*UNITS][-1]}"
_NEARLY = 0.02  # sides that differ by less are those of a crop, not of a resized picture
_CROPPED = 0.75  # a crop keeps at least this much of each side
_SHAPE = 0.01  # by how much the shapes of resized pictures differ, through rounding
_ASIDE = (0.6, 1.6)  # how far a principal point may lie from the centre, in halves of a side


class UnitQuestion(ValueError):  # noqa: N818 - it asks
    """A baseline whose unit must be asked for; `load_calibration(..., unit="mm")` answers.

    Attributes:
        number: The baseline in the unknown unit.
        choices: The units to choose from.
    """

    def __init__(self, sentence: str, number: float, choices: Sequence[str] = tuple(UNITS)) -> None:
        super().__init__(sentence)
        self.number = number
        self.choices = tuple(choices)


@dataclass(frozen=True, slots=True)
class CameraFile:
    """A calibration file as it was read.

    Attributes:
        calibration: The camera.
        description: A few sentences that tell the form, the unit, the scaling, and which of several pairs.
    """

    calibration: Calibration
    description: str


def settle(found: FoundCamera, title: str, size: Size | None = None, unit: str | None = None) -> CameraFile:
    """Turn what a file says into the camera of pictures of a size.

    Args:
        found: From the file.
        title: Of its form.
        size: (height, width) of the pictures [px]; None takes the numbers as they are.
        unit: One of `UNITS`, for a file whose unit is not certain; others keep theirs.

    Raises:
        UnitQuestion: If the unit is not certain and `unit` is None.
        ValueError: If a length is not larger than 0, or the file holds for pictures of another shape.
    """
    if unit is not None and unit not in list(UNITS):
        raise ValueError(f"The unit must be one of {', '.join(UNITS)}, not {unit!r:.20}.")
    chosen, said = settle_unit(found, unit)
    point = found.principal_point_px
    vertical = found.focal_length_y_px
    camera = _rounded(
        Calibration(
            found.focal_length_px,
            found.baseline / UNITS[chosen],
            found.doffs_px,
            None if vertical is None or math.isclose(vertical, found.focal_length_px, rel_tol=1e-9) else vertical,
            point,
        )
    )
    camera, scaling = _for_size(camera, found.size, size)
    sentences = (f"Read as {title}; {said}.", found.note, scaling)
    return CameraFile(camera, " ".join(filter(None, sentences)))


def settle_unit(found: FoundCamera, answer: str | None) -> tuple[str, str]:
    """Return the unit of the baseline, and what to say of it.

    Raises:
        UnitQuestion: If it is not certain, and there is no answer.
    """
    baseline = found.baseline
    if not (0 < baseline < math.inf):  # refused as a camera
        return found.unit or "m", ""
    if not found.unit:
        if answer is None:
            raise UnitQuestion(
                f"The baseline is {baseline:.6g}, and the file names no unit that is known here. Choose {_OF_UNITS}: mostly "
                "that of the calibration board's squares.",
                baseline,
            )
        return answer, f"the baseline of {baseline:.6g} is taken in {_WORDS.get(answer, answer)}, as chosen"
    low, high = found.believed
    metres = baseline / UNITS[found.unit]
    if low <= metres <= high:
        why = {ALWAYS: "as the file says", BY_CUSTOM: "since the file names no unit"}.get(found.believed, "as usual there")
        return found.unit, f"the baseline of {baseline:.6g} is in {_WORDS.get(found.unit, found.unit)}, {why}"
    if answer is None:
        raise UnitQuestion(
            f"The baseline is {baseline:.6g}, which would be {metres:.6g} m if it were in {found.unit}, as is usual in such "
            f"a file. Choose its unit: {_OF_UNITS}.",
            baseline,
        )
    return answer, f"the baseline of {baseline:.6g} is taken in {_WORDS.get(answer, answer)}, as chosen"


def _for_size(camera: Calibration, own: Size | None, size: Size | None) -> tuple[Calibration, str]:
    """Return the camera for pictures of a size, and what was done.

    Args:
        camera: Of pictures of its `own` size.
        own: (height, width) that the file names [px], if it does.
        size: (height, width) of the pictures [px], if it is known.

    Raises:
        ValueError: If the pictures are neither resized nor cropped ones of the file's size.
    """
    if size is None:
        return (_centred(camera, own), f"It holds for pictures of {_sides(own)} pixels.") if own else (camera, "")
    if own is None:
        _check_principal_point(camera, size)
        return camera, ""
    if own == size:
        return _centred(camera, size), ""
    ratios = size[0] / own[0], size[1] / own[1]
    if max(ratios) / min(ratios) <= 1 + max(_SHAPE, 1.5 / min(size)) and abs(ratios[1] - 1) > _NEARLY:
        scaled = _centred(_rounded(camera.scaled(ratios[1])), size)
        return scaled, (
            f"It holds for {_sides(own)} pixels: focal length, doffs and principal point are scaled by {ratios[1]:.4g} to "
            f"{_sides(size)} pixels."
        )
    if min(ratios) >= _CROPPED and max(ratios) <= 1 + _NEARLY:
        return Calibration(camera.focal_length_px, camera.baseline_m, camera.doffs_px, camera.focal_length_y_px), (
            f"It holds for {_sides(own)} pixels, but the pictures have {_sides(size)}: they are taken as cropped, not as "
            "resized, so the focal length stays."
        )
    raise ValueError(
        f"The calibration holds for pictures of {_sides(own)} pixels, but these have {_sides(size)}, which is another shape. "
        "Give the pictures as they were calibrated, or type the focal length and doffs of the resized ones."
    )


def _check_principal_point(camera: Calibration, size: Size) -> None:
    """Check that the principal point lies about the middle of the pictures.

    Raises:
        ValueError: If it does not, which proves that the file holds for another size.
    """
    if camera.principal_point_px is None:
        return
    height, width = size
    column, row = camera.principal_point_px
    if not (_ASIDE[0] <= 2 * column / width <= _ASIDE[1] and _ASIDE[0] <= 2 * row / height <= _ASIDE[1]):
        raise ValueError(
            f"The calibration has its principal point at column {column:.6g}, row {row:.6g}, so it is made for pictures of "
            f"about {_sides((round(2 * row), round(2 * column)))} pixels; these have {_sides(size)}. Give the pictures as "
            f"they were calibrated, or type the focal length ({camera.focal_length_px:.6g} px there) times "
            "the ratio of the widths."
        )


def _centred(camera: Calibration, size: Size) -> Calibration:
    """Return the camera without a principal point where that is the image centre."""
    height, width = size
    point = camera.principal_point_px
    if point is None or math.dist(point, ((width - 1) / 2, (height - 1) / 2)) > 1e-6:
        return camera
    return Calibration(camera.focal_length_px, camera.baseline_m, camera.doffs_px, camera.focal_length_y_px)


def _rounded(camera: Calibration) -> Calibration:
    """Round to a millionth of a pixel and a nanometre, so that 532.7 mm is shown as 0.5327 m."""
    vertical, point = camera.focal_length_y_px, camera.principal_point_px
    return Calibration(
        round(camera.focal_length_px, 6),
        round(camera.baseline_m, 9),
        round(camera.doffs_px, 6),
        None if vertical is None else round(vertical, 6),
        None if point is None else (round(point[0], 6), round(point[1], 6)),
    )


def _sides(size: Size) -> str:
    return f"{size[1]}x{size[0]}"
