"""What a file says of a rectified pair, before its unit and the size of the pictures are settled."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from depth_demo.formats.cameras.documents import Size

INFINITE = math.inf
# Between which baselines [m] a unit is believed that no word of the file confirms.
BY_THE_FORM = (0.005, 10.0)  # the unit is that of a data set, a device or a program
BY_CUSTOM = (0.001, 2.0)  # metres, because nothing is said
ALWAYS = (0.0, INFINITE)  # the unit is written in the file

SWAPPED = "The second camera of the file stands left of the first, so it is taken as the left one."
_SAME = 1e-3  # of a length: equal up to rounding
_NO_DISTORTION = 1e-9
_LEVEL_PX = 0.5
_TURNED = 0.02  # degrees


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """A rectified pair's camera as a file gives it.

    Attributes:
        focal_length_px, doffs_px, focal_length_y_px, principal_point_px: As in `Calibration`.
        baseline: In `unit`.
        unit: One of `UNITS`, or "" where the file has none, as OpenCV's, which is that of the calibration board.
        believed: Between which baselines [m] the unit is taken without a question.
        size: (height, width) for which the numbers hold [px]; None where the file does not say.
        note: What else to tell about the reading, as sentences.
        separate: Both cameras as they were calibrated, where the file has them.
    """

    focal_length_px: float
    baseline: float
    unit: str
    believed: tuple[float, float] = BY_THE_FORM
    doffs_px: float = 0.0
    focal_length_y_px: float | None = None
    principal_point_px: tuple[float, float] | None = None
    size: Size | None = None
    note: str = ""
    separate: SeparatePair | None = None


@dataclass(frozen=True, slots=True)
class Lengths:
    """How a form measures the baseline: see `FoundCamera`."""

    unit: str
    believed: tuple[float, float] = BY_THE_FORM


def from_projections(
    left: Sequence[float], right: Sequence[float], lengths: Lengths, size: Size | None = None, note: str = ""
) -> FoundCamera:
    """Return the camera of two 3x4 projection matrices, row by row: f at 0, cx at 2, -f times the camera's x at 3.

    Raises:
        ValueError: If the focal lengths differ, or the second camera stands above, below or left of the first.
    """
    focal = require_focal_length(left[0])
    if abs(right[0] - focal) > _SAME * focal:
        raise ValueError(f"The two views have focal lengths of {focal:g} and {right[0]:g} px: they are not rectified alike.")
    across, down = (left[3] - right[3]) / focal, abs(left[7] - right[7]) / focal
    if down > max(abs(across), 1e-12):
        raise ValueError("The second camera stands above or below the first; only pairs side by side are matched.")
    return FoundCamera(
        focal, across, lengths.unit, lengths.believed, right[2] - left[2], left[5], (left[2], left[6]), size, note
    )  # fmt: skip


def require_focal_length(focal: float) -> float:
    """Return a focal length [px] by which one can divide.

    Raises:
        ValueError: If it is not larger than 0.
    """
    if not 0 < focal < INFINITE:
        raise ValueError(f"Focal length must be a number larger than 0, not {focal:g}.")
    return focal


@dataclass(frozen=True, slots=True)
class SeparateCamera:
    """One of two cameras as it was calibrated.

    Attributes:
        fx, fy, cx, cy: Focal lengths and principal point [px].
        distortion: The coefficients in OpenCV's order k1, k2, p1, p2, k3 ...; of another lens model in any order.
        model: The lens model where it is not OpenCV's pinhole camera.
    """

    fx: float
    fy: float
    cx: float
    cy: float
    distortion: Sequence[float] = ()
    model: str = ""

    @classmethod
    def from_matrix(cls, k: Sequence[float], distortion: Sequence[float] | None = None) -> SeparateCamera:
        """Return the camera of a 3x3 matrix row by row."""
        return cls(k[0], k[4], k[2], k[5], distortion or ())

    @classmethod
    def from_numbers(cls, numbers: Iterable[float], distortion: Sequence[float] | None = None) -> SeparateCamera:
        """Return the camera of fx, fy, cx and cy, before which some lens models have numbers of their own."""
        *own, fx, fy, cx, cy = numbers
        model = "omnidirectional" if own else ""
        return cls(fx, fy, cx, cy, (*own, *(distortion or ())), model)

    def of_model(self, model: object) -> SeparateCamera:
        """Return the camera with the lens model that a file names, where that is not OpenCV's pinhole camera."""
        known = not isinstance(model, str) or model.strip().lower() in PINHOLE_MODELS
        return self if known else replace(self, model=str(model))


PINHOLE_MODELS = {
    "", "none", "plumb_bob", "rational_polynomial", "radtan", "radial-tangential", "pinhole", "pinhole-radtan8", "rectified",
}  # fmt: skip
_ORDER = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6")


def rotation_of_vector(vector: Sequence[float]) -> list[float]:
    """Return the 3x3 rotation, row by row, of a rotation vector [rad] (Rodrigues); NaN of one that is not finite."""
    angle = math.hypot(*vector)
    if angle == 0:
        return [1.0, 0, 0, 0, 1, 0, 0, 0, 1]
    if not angle < INFINITE:
        return [math.nan] * 9
    x, y, z = (value / angle for value in vector)
    c, s = math.cos(angle), math.sin(angle)
    d = 1 - c
    return [
        c + d * x * x, d * x * y - s * z, d * x * z + s * y, d * x * y + s * z, c + d * y * y, d * y * z - s * x,
        d * x * z - s * y, d * y * z + s * x, c + d * z * z,
    ]  # fmt: skip


def in_opencvs_order(named: Mapping[str, float]) -> list[float]:
    """Return distortion coefficients k1, k2, p1, p2, k3 ... from names in any order; 0 for those between that are missing."""
    last = max((_ORDER.index(name) for name in named if name in _ORDER), default=-1)
    return [named.get(name, 0.0) for name in _ORDER[: last + 1]]


@dataclass(frozen=True, slots=True)
class SeparatePair:
    """Two cameras as they were calibrated: x_second = rotation x_first + translation.

    Attributes:
        first, second: The cameras.
        rotation: 3x3, row by row; None where the file has none.
        translation: In the unit of `lengths`.
        lengths: How it is measured.
        size, second_size: (height, width) of their pictures [px]; None where the file does not say.
    """

    first: SeparateCamera
    second: SeparateCamera
    rotation: Sequence[float] | None
    translation: Sequence[float]
    lengths: Lengths
    size: Size | None = None
    second_size: Size | None = None


class NotRectifiedError(ValueError):
    """A file that holds for views before rectification, with which they can be rectified.

    Attributes:
        pair: What it says.
    """

    def __init__(self, sentence: str, pair: SeparatePair) -> None:
        super().__init__(sentence)
        self.pair = pair


def from_separate(
    first: SeparateCamera,
    second: SeparateCamera,
    rotation: Sequence[float] | None,
    translation: Sequence[float],
    lengths: Lengths,
    size: Size | None = None,
    note: str = "",
    second_size: Size | None = None,
) -> FoundCamera:
    """Return the camera of two calibrated ones if they stand as in a rectified pair.

    Args:
        first, second: The cameras.
        rotation: 3x3, row by row, between the views; None where the file has none.
        translation: The t of x_second = R x_first + t; its x is below 0 where the first camera is the left one.
        lengths: How it is measured.
        size: (height, width) [px].
        note: See `FoundCamera`.
        second_size: Of the second camera's pictures, where it is known.

    Raises:
        NotRectifiedError: If a lens is distorted, a view is turned, or the cameras differ: such views must be rectified first.
    """
    pair = SeparatePair(first, second, rotation, tuple(translation), lengths, size, second_size)
    if translation[0] > 0:
        first, second, note = second, first, " ".join(filter(None, (note, SWAPPED)))
    left, right = first, second
    focal, baseline = require_focal_length(left.fx), math.dist(translation, (0, 0, 0))
    reasons = _not_rectified(left, right, rotation, translation)
    if reasons:
        unit = f"{baseline:.6g} {lengths.unit}" if lengths.unit else f"{baseline:.6g} in the file's unit"
        raise NotRectifiedError(
            f"The file describes the cameras before rectification: {', '.join(reasons)}. Rectify both views with it first, by "
            "the button Rectify or `depth-demo rectify --calibration`: that gives a new focal length (here "
            f"{focal:.6g} px) and new principal points; the baseline stays {unit}.",
            pair,
        )
    return FoundCamera(
        focal, baseline, lengths.unit, lengths.believed, right.cx - left.cx, left.fy, (left.cx, left.cy), size, note, pair
    )  # fmt: skip


def _not_rectified(
    left: SeparateCamera, right: SeparateCamera, rotation: Sequence[float] | None, translation: Sequence[float]
) -> list[str]:
    reasons = []
    largest = max((abs(value) for value in (*left.distortion, *right.distortion)), default=0.0)
    if not largest <= _NO_DISTORTION:
        reasons.append(f"lens distortion (coefficients up to {largest:.3g})")
    angle = _turn(rotation) if rotation else 0.0
    if not angle <= _TURNED:
        reasons.append(f"views turned by {angle:.2g} degrees")
    baseline = math.dist(translation, (0, 0, 0))
    if not max(abs(translation[1]), abs(translation[2])) <= 2 * _SAME * baseline:
        reasons.append("a camera that is not exactly beside the other")
    if not abs(left.fx - right.fx) <= _SAME * left.fx:
        reasons.append(f"focal lengths of {left.fx:.6g} and {right.fx:.6g} px")
    if not abs(left.cy - right.cy) <= _LEVEL_PX:
        reasons.append(f"rows {abs(left.cy - right.cy):.3g} px apart")
    return reasons


def _turn(rotation: Sequence[float]) -> float:
    """Return the angle of a 3x3 rotation [degrees]; of small angles its skew part tells more than its trace."""
    xx, xy, xz, yx, yy, yz, zx, zy, zz = rotation
    return math.degrees(math.atan2(math.hypot(zy - yz, xz - zx, yx - xy), xx + yy + zz - 1))
