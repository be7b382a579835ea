"""The surfaces of a car: a tub with bonnet and boot lid, and the greenhouse upon it, both from rings around the car.

A ring is a superellipse in plan. The lower rings rise from the sill to the shoulder, the upper ones from the belt line to
the roof edge; both are closed by a cap that rounds over the edge and runs inward to the centre line. y forward, z up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from examples.scenes.kit.mesh import Points
from examples.scenes.vehicles.skin import smooth_curve

Knots = Sequence[tuple[float, float]]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Shape:
    """Measures of a car [m]. Knots are (position, value): y from tail to nose, t from sill to shoulder."""

    length: float
    width: float
    axles: tuple[float, float]  # y of the rear and the front axle
    wheel_radius: float
    arch_radius: float
    top: Knots  # y -> height of boot, shoulder and bonnet
    sill: Knots  # y -> height of the lower edge
    edge: Knots  # y -> radius of the rounding from the side to the top
    side_inset: Knots  # t -> how far the side lies inside of the full width
    front_inset: Knots
    rear_inset: Knots
    belt_width: float  # of the greenhouse at its foot
    roof_width: float
    screen: tuple[float, float]  # y of the foot and the head of the windscreen
    back: tuple[float, float]  # y of the foot and the head of the rear window
    middle: float  # y of the widest place of the greenhouse
    roof: Knots  # y -> height
    roof_radius: float = 0.10
    front_power: float = 5.0
    rear_power: float = 6.0
    glass_power: float = 5.0
    bulge: float = 0.025  # of the side windows
    crown: float = 0.035  # of bonnet and boot
    flare: float = 0.016

    @property
    def nose(self) -> float:
        return self.length / 2

    @property
    def tail(self) -> float:
        return -self.length / 2


def _power(values: Array, exponent: Array | float) -> Array:
    return np.sign(values) * np.abs(values) ** exponent


def _angles(half_width: float, front: float, rear: float, power: float, columns: int) -> Array:
    """Ring angles evenly spaced along the superellipse, in pairs that mirror each other; counter-clockwise from +x."""
    dense = np.linspace(-np.pi / 2, np.pi / 2, 20001)
    x, y = half_width * _power(np.cos(dense), 2 / power), _power(np.sin(dense), 2 / power)
    along = np.concatenate(([0], np.cumsum(np.hypot(np.diff(x), np.diff(np.where(y > 0, front, rear) * y)))))
    half = np.interp(np.linspace(0, along[-1], columns // 2 + 1), along, dense)
    return np.concatenate((half, np.pi - half[-2:0:-1]))


def _plan(angles: Array, half_width: float, front: float, rear: float, powers: tuple[float, float]) -> tuple[Array, Array]:
    """x, y of a ring with different powers in front and behind."""
    ahead = np.sin(angles) > 0
    power = np.where(ahead, *powers)
    x = half_width * _power(np.cos(angles), 2 / power)
    return x, np.where(ahead, front, rear) * _power(np.sin(angles), 2 / power)


def _cap(
    ring: Points, lean: Array, radius: Array, spine: tuple[float, float], height: Callable[[Array, Array], Array]
) -> Points:
    """Rows from a ring inward to a spine on the centre line: a rounded edge that starts `lean` from upright, then the top."""
    target = np.column_stack((np.zeros(len(ring)), np.clip(ring[:, 1], *spine), np.zeros(len(ring))))
    inward = (target - ring) * (1, 1, 0)
    reach = np.linalg.norm(inward, axis=1)
    inward /= reach[:, None] + 1e-12
    radius = np.minimum(radius, 0.9 * reach / np.maximum(np.cos(lean), 0.05))
    rows = []
    edge = radius * np.cos(lean)
    for k in np.linspace(0, 1, 11)[1:]:
        angle = lean + (np.pi / 2 - lean) * k
        rows.append((radius * (np.cos(lean) - np.cos(angle)), radius * (1 - np.sin(angle))))
    rows += [(edge + (reach - edge) * k * 0.999, np.zeros_like(edge)) for k in np.linspace(0, 1, 26)[1:]]
    result = []
    for distance, drop in rows:
        row = ring + inward * distance[:, None]
        row[:, 2] = height(row[:, 0], row[:, 1]) - drop
        result.append(row)
    return np.array(result)


def top_height(shape: Shape) -> Callable[[Array, Array], Array]:
    """Height of boot, shoulder and bonnet at (x, y)."""
    curve = smooth_curve(shape.top)
    return lambda x, y: curve(y) + shape.crown * np.clip(1 - (2 * x / shape.width) ** 2, 0, 1)


def roof_height(shape: Shape) -> Callable[[Array, Array], Array]:
    """Height of the roof at (x, y); a little lower towards the sides."""
    curve = smooth_curve(shape.roof)
    return lambda x, y: curve(y) - 0.04 * np.clip((2 * x / shape.roof_width) ** 2, 0, 1.5)


def tub(shape: Shape, columns: int = 340, rows: int = 58) -> Points:
    """Grid (R, C, 3) of the lower body with bonnet and boot; the last column joins the first."""
    half, nose = shape.width / 2, shape.nose
    angles = _angles(half, nose, nose, (shape.front_power + shape.rear_power) / 2, columns)
    sill, edge, height = smooth_curve(shape.sill), smooth_curve(shape.edge), top_height(shape)
    insets = [smooth_curve(knots) for knots in (shape.side_inset, shape.front_inset, shape.rear_inset)]
    rings = []
    for t in np.linspace(0, 1, rows):
        side, front, rear = (float(inset(t)) for inset in insets)
        x, y = _plan(angles, half - side, nose - front, nose - rear, (shape.front_power, shape.rear_power))
        low, high = sill(y), height(x, y) - edge(y)
        z = low + t * (high - low)
        for axle in shape.axles:
            off = np.hypot(y - axle, z - shape.wheel_radius) - shape.arch_radius
            beside = np.abs(x) / half > 0.8
            x = x + np.sign(x) * beside * shape.flare * np.exp(-((off / 0.055) ** 2)) * (1 - 0.5 * t)
        rings.append(np.column_stack((x, y, z)))
    ring = rings[-1]
    cap = _cap(ring, np.zeros(len(ring)), edge(ring[:, 1]), (shape.tail + 0.7, shape.nose - 0.7), height)
    return np.concatenate((np.array(rings), cap))


def greenhouse(shape: Shape, columns: int = 260, rows: int = 40) -> Points:
    """Grid (R, C, 3) of pillars, windows and roof; the last column joins the first."""
    powers = (shape.glass_power, shape.glass_power + 1)
    front = (shape.screen[0] - shape.middle, shape.screen[1] - shape.middle)
    rear = (shape.middle - shape.back[0], shape.middle - shape.back[1])
    angles = _angles(shape.belt_width / 2, sum(front) / 2, sum(rear) / 2, shape.glass_power, columns)
    height, roof = top_height(shape), roof_height(shape)

    def plan(g: float) -> tuple[Array, Array]:
        bow = 4 * g * (1 - g)
        half = (shape.belt_width * (1 - g) + shape.roof_width * g) / 2 + shape.bulge * bow
        ahead, behind = (ends[0] * (1 - g) + ends[1] * g + 0.02 * bow for ends in (front, rear))
        x, y = _plan(angles, half, ahead, behind, powers)
        return x, y + shape.middle

    foot, head, below = (np.column_stack(plan(g)) for g in (0.0, 1.0, 0.94))
    base = height(*foot.T) - 0.03
    rise = (roof(*head.T) - base) * 0.06
    lean = np.arctan2(np.linalg.norm(below - head, axis=1), rise)
    top = roof(*head.T) - shape.roof_radius * (1 - np.sin(lean))
    rings = [np.column_stack((*plan(g), base * (1 - g) + top * g)) for g in np.linspace(0, 1, rows)]
    middle = (shape.screen[1] + shape.back[1]) / 2
    slack = max(0.05, (shape.screen[1] - shape.back[1]) / 2 - 0.35)
    cap = _cap(rings[-1], lean, np.full(len(lean), shape.roof_radius), (middle - slack, middle + slack), roof)
    return np.concatenate((np.array(rings), cap))
