"""The camera with which points are seen where their pixels are: one shift along the axis, and the focal length. NumPy only.

The sum of squares of `focal * xy / (z + shift) - uv` is made small by the method of Levenberg and Marquardt as Moré describes
it (1978), which stops as soon as a step changes little. The published code stops there as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FEWEST = 2  # points that tell a camera
LITTLE = 1e-3  # share of the sum of squares: a step that gains less is the last one
LEVEL = 1e-8  # slope, and radius, below which there is nothing to gain
FIRST_RADIUS = 100.0  # of a step
MOST_STEPS = 200
QUIETLY = np.errstate(divide="ignore", over="ignore", invalid="ignore")  # a shift too far is noticed by what is not finite

Floats = NDArray[np.floating]
Residuals = Callable[[float], tuple[Floats, Floats]]  # of a shift: all residuals, and their derivatives


class Camera(NamedTuple):
    """What makes points up to a shift a picture.

    Attributes:
        focal: Focal length, in half diagonals of the picture.
        shift: To add to z, in the unit of the points.
    """

    focal: float
    shift: float


@QUIETLY
def fit_camera(uv: Floats, xy: Floats, z: Floats) -> Camera:
    """Find focal length and shift.

    Args:
        uv: (n, 2) where the pixels are, from the picture's centre, in half diagonals.
        xy: (n, 2) points, to the right and down.
        z: (n,) along the axis, > 0, up to a shift.

    Returns:
        Both; a focal length of 1 and no shift for fewer than two points.
    """
    if len(z) < FEWEST:
        return Camera(1.0, 0.0)

    exact_xy, exact_z = xy.astype(np.float64), z.astype(np.float64)

    def residuals(shift: float) -> tuple[Floats, Floats]:
        seen = exact_xy / (exact_z + shift)[:, None]
        slope = -seen / (exact_z + shift)[:, None]
        squares = (seen * seen).sum()
        focal = (seen * uv).sum() / squares  # the best one for this shift
        focal_slope = ((slope * uv).sum() - 2 * focal * (seen * slope).sum()) / squares
        return focal * seen - uv, focal_slope * seen + focal * slope

    shift = float(np.float32(_least_squares(residuals)))
    seen = xy / (z + np.float32(shift))[:, None]
    return Camera(float((seen * uv).sum() / (seen * seen).sum()), shift)


@QUIETLY
def fit_shift(uv: Floats, xy: Floats, z: Floats, focal: float) -> float:
    """Find the shift for a known focal length, as `fit_camera` does; 0 for fewer than two points."""
    if len(z) < FEWEST:
        return 0.0

    exact_xy, exact_z = focal * xy.astype(np.float64), z.astype(np.float64)

    def residuals(shift: float) -> tuple[Floats, Floats]:
        seen = exact_xy / (exact_z + shift)[:, None]
        return seen - uv, -seen / (exact_z + shift)[:, None]

    return float(np.float32(_least_squares(residuals)))


def _least_squares(residuals: Residuals) -> float:
    """Return the shift near 0 whose sum of squared residuals is small."""
    shift, radius, damping, fresh = 0.0, FIRST_RADIUS, 0.0, True
    errors, slopes = residuals(shift)
    for _ in range(MOST_STEPS):
        total, steepness, gradient = (float((a * b).sum()) for a, b in ((errors, errors), (slopes, slopes), (errors, slopes)))
        if not (np.isfinite(total) and np.isfinite(steepness)) or abs(gradient) <= LEVEL * (steepness * total) ** 0.5:
            return shift
        damping = _damping(steepness, abs(gradient), radius, damping)
        step = -gradient / (steepness + damping)
        if fresh:
            radius = min(radius, abs(step))
        new_errors, new_slopes = residuals(shift + step)
        new_total = float((new_errors * new_errors).sum())
        is_near = new_total < 100 * total  # and finite
        gain = 1 - new_total / total if is_near else -1.0
        promised = (steepness + 2 * damping) * step * step / total
        if gain <= 0.25 * promised:
            slope = -(steepness + damping) * step * step / total
            share = 0.5 if gain >= 0 else 0.5 * slope / (slope + 0.5 * gain)
            share = share if is_near and share >= 0.1 else 0.1
            radius, damping = share * min(radius, 10 * abs(step)), damping / share
        elif damping == 0 or gain >= 0.75 * promised:
            radius, damping = 2 * abs(step), damping / 2
        if gain >= 1e-4 * promised:
            shift, errors, slopes, fresh = shift + step, new_errors, new_slopes, False
        if (abs(gain) <= LITTLE and promised <= LITTLE and gain <= 2 * promised) or radius <= LEVEL * abs(shift):
            return shift
    return shift


def _damping(steepness: float, gradient: float, radius: float, last: float) -> float:
    """Return what to add to the steepness so that a step is about as long as the radius; 0 if it is no longer anyway."""
    length = gradient / steepness
    if length - radius <= 0.1 * radius:
        return 0.0
    least, most = (length / radius - 1) * steepness, gradient / radius
    damping = min(max(last, least), most) or gradient / length
    for _ in range(10):
        excess = gradient / (steepness + damping) / radius - 1
        if abs(excess) <= 0.1:
            break
        if excess > 0:
            least = max(least, damping)
        else:
            most = min(most, damping)
        damping = max(least, damping + excess * (steepness + damping))
    return damping
