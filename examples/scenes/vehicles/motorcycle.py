"""A parked cruiser motorcycle on its side stand, 2.2 m long; y runs forward, so one sees its tail from -y."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from numpy.typing import ArrayLike

from examples.scenes.kit.assets import asset
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import plain
from examples.scenes.kit.mesh import MeshBuilder, Points
from examples.scenes.vehicles.car_materials import kit, lens, paint, tyre_rubber
from examples.scenes.vehicles.car_parts import number_plate, pillow
from examples.scenes.vehicles.skin import smooth_curve

REAR, FRONT = np.array((0.0, -0.76, 0.315)), np.array((0.0, 0.80, 0.325))  # axles
HEAD = np.array((0.0, 0.50, 0.90))  # of the steering
Sections = Sequence[tuple[float, float, float, float]]
LEAN_DEGREES, STEER_DEGREES = -8.0, 9.0


def motorcycle(colour: tuple[float, float, float] = (0.012, 0.013, 0.016)) -> bpy.types.Collection:
    """A cruiser with spoked wheels, chrome and a leather seat."""
    b = MeshBuilder()
    with b.moved((0, 0, 0.007), (0, LEAN_DEGREES, 0)):
        _wheel(b, REAR, 0.315, 0.072)
        _frame(b)
        _engine(b)
        _exhaust(b)
        _tank_and_seat(b, paint(colour, 0.5))
        _tail(b, paint(colour, 0.5))
        with b.moved(HEAD, (0, 0, STEER_DEGREES)), b.moved(-HEAD):
            _wheel(b, FRONT, 0.325, 0.055)
            _fork(b, paint(colour, 0.5))
            _handlebar(b)
    k = kit()
    b.tube(_bend([(-0.16, -0.02, 0.27), (-0.24, 0.00, 0.14), (-0.31, 0.03, 0.012)]), 0.011, k.steel)
    pillow(b, (-0.315, 0.03, 0.008), (0.06, 0.05, 0.016), k.steel, power=4)
    return asset("motorcycle", [b.build("motorcycle", bevel_m=0.0015)])


def _bend(points: ArrayLike, steps: int = 24) -> Points:
    """A smooth path through a few points."""
    points = np.asarray(points, dtype=float)
    along = np.concatenate(([0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))))
    extended = np.vstack((2 * points[0] - points[1], points, 2 * points[-1] - points[-2]))
    knots = np.concatenate(([-along[1]], along, [2 * along[-1] - along[-2]]))
    result = []
    for s in np.linspace(0, along[-1], steps):
        k = int(np.clip(np.searchsorted(along, s) - 1, 0, len(points) - 2)) + 1
        h = knots[k + 1] - knots[k]
        t = (s - knots[k]) / h
        m0 = (extended[k + 1] - extended[k - 1]) / (knots[k + 1] - knots[k - 1]) * h
        m1 = (extended[k + 2] - extended[k]) / (knots[k + 2] - knots[k]) * h
        result.append(
            (1 + 2 * t) * (1 - t) ** 2 * extended[k]
            + t * (1 - t) ** 2 * m0
            + t * t * (3 - 2 * t) * extended[k + 1]
            + t * t * (t - 1) * m1
        )
    return np.array(result)


def _loft(b: MeshBuilder, sections: Sections, material: bpy.types.Material, *, power: float = 2.6) -> None:
    """A body along y through sections (y, z of the middle, half width, half height)."""
    values = np.array(sorted(sections))
    at = np.concatenate([np.linspace(a, c, 6, endpoint=False) for a, c in zip(values[:-1, 0], values[1:, 0], strict=True)])
    at = np.append(at, values[-1, 0])
    middle, wide, high = (smooth_curve(list(zip(values[:, 0], values[:, k], strict=True)))(at) for k in (1, 2, 3))
    angles = np.linspace(0, 2 * np.pi, 37)[:-1]
    c, s = np.cos(angles), np.sin(angles)
    x, z = np.sign(c) * np.abs(c) ** (2 / power), np.sign(s) * np.abs(s) ** (2 / power)
    rows = [np.column_stack((w * x, np.full(36, y), m + h * z)) for y, m, w, h in zip(at, middle, wide, high, strict=True)]
    b.sheet(np.array(rows)[::-1], material, closed=True)


def _wheel(b: MeshBuilder, axle: Points, radius: float, half: float) -> None:
    """A wheel with wire spokes around an axle along x."""
    k = kit()
    rim = radius - 0.085
    with b.moved(axle, (0, 90, 0)):
        section = [(radius - half * 0.9 * (1 - np.cos(a)), half * np.sin(a)) for a in np.linspace(-2.1, 2.1, 25)]
        grooved = [(r - (0.004 if i in (9, 15) else 0.0), z) for i, (r, z) in enumerate(section)]
        b.lathe(grooved, tyre_rubber(), sides=72)
        w = half * 0.75
        b.lathe(
            [(rim + 0.012, w), (rim + 0.006, w + 0.004), (rim - 0.004, w - 0.012), (rim - 0.012, 0.3 * w), (rim - 0.013, 0)],
            k.chrome,
            sides=64,
        )
        b.lathe(
            [
                (rim - 0.013, 0),
                (rim - 0.012, -0.3 * w),
                (rim - 0.004, 0.012 - w),
                (rim + 0.006, -w - 0.004),
                (rim + 0.012, -w),
            ],
            k.chrome,
            sides=64,
        )
        b.lathe(
            [
                (0, -0.07),
                (0.045, -0.068),
                (0.045, -0.05),
                (0.028, -0.04),
                (0.028, 0.04),
                (0.045, 0.05),
                (0.045, 0.068),
                (0, 0.07),
            ],
            k.chrome,
            sides=32,
        )
        for side in (-1, 1):
            b.lathe([(0.075, side * 0.078), (0.135, side * 0.078)], k.steel, sides=40)
            b.lathe([(0.135, side * 0.0785), (0.075, side * 0.0785)], k.steel, sides=40)
        for index in range(40):
            side, lead = (1 if index % 2 else -1), (1 if index % 4 < 2 else -1)
            outer = 2 * np.pi * index / 40
            inner = outer + lead * 1.1
            start = (0.043 * np.cos(inner), 0.043 * np.sin(inner), side * 0.055)
            end = ((rim - 0.008) * np.cos(outer), (rim - 0.008) * np.sin(outer), side * 0.008)
            b.tube([start, end], 0.0022, k.chrome, sides=5)
        b.tube([(0, 0, -0.13), (0, 0, 0.13)], 0.012, k.steel)


def _frame(b: MeshBuilder) -> None:
    k = kit()
    b.tube([(0, 0.46, 1.0), (0, 0.54, 0.78)], 0.036, k.trim, sides=16)
    b.tube(_bend([(0, 0.48, 0.88), (0, 0.2, 0.83), (0, -0.12, 0.68), (0, -0.42, 0.56)]), 0.022, k.trim)
    for side in (-1, 1):
        path = [
            (0.03, 0.50, 0.82),
            (0.10, 0.43, 0.55),
            (0.13, 0.36, 0.25),
            (0.14, 0.2, 0.18),
            (0.14, -0.25, 0.18),
            (0.14, -0.40, 0.30),
        ]
        path += [(0.13, -0.42, 0.56)]
        b.tube(_bend([(side * x, y, z) for x, y, z in path], 40), 0.016, k.trim)
        b.tube(_bend([(side * 0.13, -0.42, 0.56), (side * 0.125, -0.62, 0.64), (side * 0.12, -0.92, 0.66)]), 0.016, k.trim)
        b.tube(_bend([(side * 0.12, -0.36, 0.32), (side * 0.125, -0.6, 0.31), (side * 0.11, -0.78, 0.315)]), 0.02, k.trim)
        low, high = np.array((side * 0.145, -0.73, 0.35)), np.array((side * 0.14, -0.60, 0.66))
        b.tube([low, low + 0.45 * (high - low)], 0.016, k.chrome)
        b.tube([low + 0.45 * (high - low), high], 0.024, k.chrome, sides=14)
        turns = np.linspace(0, 8 * 2 * np.pi, 129)
        axis = (high - low) / np.linalg.norm(high - low)
        one = np.cross(axis, (1, 0, 0))
        two = np.cross(axis, one)
        coil = low + np.outer(turns / turns[-1] * 0.85 + 0.06, high - low)
        b.tube(coil + 0.03 * (np.cos(turns)[:, None] * one + np.sin(turns)[:, None] * two), 0.005, k.chrome, sides=6)
        b.tube([(side * 0.14, 0.22, 0.22), (side * 0.30, 0.22, 0.24)], 0.012, k.chrome)
        b.tube([(side * 0.22, 0.22, 0.235), (side * 0.33, 0.22, 0.245)], 0.02, k.rubber, sides=12)
        pillow(b, (side * 0.15, -0.28, 0.52), (0.05, 0.24, 0.20), k.trim, power=3)


def _engine(b: MeshBuilder) -> None:
    k = kit()
    pillow(b, (0, 0.02, 0.34), (0.24, 0.46, 0.26), k.steel, power=4)
    pillow(b, (0, -0.27, 0.36), (0.24, 0.24, 0.22), k.plastic, power=4)
    for lean in (24, -24):
        with b.moved((0, 0.04, 0.36), (-lean, 0, 0)):
            profile = [(0.07, 0.10)]
            for fin in np.arange(0.12, 0.27, 0.016):
                profile += [(0.072, fin), (0.098, fin + 0.001), (0.098, fin + 0.006), (0.072, fin + 0.007)]
            b.lathe(profile, k.plastic, sides=36)
            b.lathe([(0.105, 0.275), (0.107, 0.29), (0.095, 0.335), (0.07, 0.36), (0, 0.365)], k.chrome, sides=36)
            b.tube([(0.075, 0.06, 0.05), (0.075, 0.06, 0.28)], 0.011, k.chrome)
            b.tube([(0.075, -0.03, 0.05), (0.075, -0.03, 0.28)], 0.011, k.chrome)
    for x, y, z, r in ((0.13, 0.06, 0.34, 0.12), (-0.13, 0.10, 0.33, 0.11), (-0.13, -0.20, 0.33, 0.10)):
        with b.moved((x, y, z), (0, 90 * np.sign(x), 0)):
            b.lathe(
                [(r, -0.03), (r, 0.0), (r - 0.008, 0.018), (r - 0.03, 0.03), (r * 0.4, 0.036), (0, 0.037)], k.chrome, sides=40
            )
    with b.moved((0.14, 0.04, 0.60), (0, 90, 0)):
        b.lathe([(0.085, -0.05), (0.09, 0.0), (0.085, 0.02), (0.06, 0.032), (0, 0.036)], k.chrome, sides=40)
    b.tube([(0.0, 0.04, 0.60), (0.12, 0.04, 0.60)], 0.04, k.plastic)


def _exhaust(b: MeshBuilder) -> None:
    k = kit()
    pipes = (
        [
            (0.06, 0.20, 0.60),
            (0.14, 0.28, 0.54),
            (0.19, 0.26, 0.38),
            (0.20, 0.12, 0.27),
            (0.20, -0.25, 0.25),
            (0.205, -0.42, 0.27),
        ],
        [(0.06, -0.12, 0.60), (0.15, -0.14, 0.54), (0.20, -0.20, 0.44), (0.21, -0.36, 0.395), (0.21, -0.46, 0.39)],
    )
    for path in pipes:
        b.tube(_bend(path, 40), 0.022, k.chrome, sides=16)
        end = path[-1]
        with b.moved(end, (90 + 2, 0, 0)):
            b.lathe(
                [(0.024, -0.02), (0.043, 0.05), (0.045, 0.42), (0.040, 0.55), (0.036, 0.555), (0.030, 0.54)],
                k.chrome,
                sides=32,
            )
            b.lathe([(0.036, 0.545), (0.0, 0.50)], k.gap, sides=32)


def _tank_and_seat(b: MeshBuilder, coat: bpy.types.Material) -> None:
    k = kit()
    leather = plain("seat leather", Label.VEHICLE, (0.028, 0.02, 0.016), 0.42, wear=0.3)
    tank = [(0.475, 0.90, 0.001, 0.001), (0.45, 0.90, 0.09, 0.055), (0.36, 0.89, 0.135, 0.095), (0.20, 0.87, 0.15, 0.115)]
    tank += [(0.0, 0.835, 0.125, 0.10), (-0.12, 0.79, 0.085, 0.065), (-0.15, 0.78, 0.001, 0.001)]
    _loft(b, tank, coat)
    with b.moved((0, 0.20, 0.98)):
        b.lathe([(0.04, 0.0), (0.04, 0.012), (0.032, 0.018), (0, 0.02)], k.chrome, sides=28)
    saddle = [
        (-0.055, 0.765, 0.001, 0.001),
        (-0.09, 0.765, 0.08, 0.045),
        (-0.20, 0.735, 0.13, 0.05),
        (-0.34, 0.715, 0.165, 0.05),
    ]
    saddle += [
        (-0.45, 0.735, 0.155, 0.065),
        (-0.50, 0.755, 0.13, 0.075),
        (-0.56, 0.755, 0.125, 0.055),
        (-0.72, 0.755, 0.115, 0.05),
    ]
    saddle += [(-0.80, 0.755, 0.085, 0.04), (-0.83, 0.755, 0.001, 0.001)]
    _loft(b, saddle, leather, power=3.2)


def _guard(
    b: MeshBuilder, axle: Points, radius: float, half: float, start: float, end: float, coat: bpy.types.Material
) -> None:
    """A mudguard around a wheel from angle to angle [degrees, 0 is forward, 90 is up]."""
    rows, steps = [], 40
    for index, angle in enumerate(np.radians(np.linspace(start, end, steps))):
        taper = min(1.0, 0.55 + 0.15 * index, 0.55 + 0.15 * (steps - 1 - index))
        out, up = np.cos(angle), np.sin(angle)
        row = []
        for s in np.linspace(-1, 1, 17):
            x = half * taper * np.sin(s * np.pi / 2)
            r = radius - 0.055 * (1 - np.cos(s * np.pi / 2)) ** 1.4
            row.append(np.add(axle, (x, r * out, r * up)))
        rows.append(row)
    b.sheet(np.array(rows)[::-1], coat)


def _tail(b: MeshBuilder, coat: bpy.types.Material) -> None:
    """Rear mudguard, lamp, indicators and number plate."""
    k = kit()
    _guard(b, REAR, 0.375, 0.105, 62, 190, coat)
    for side in (-1, 1):
        b.tube(_bend([(side * 0.12, -0.60, 0.66), (side * 0.122, -0.85, 0.665), (side * 0.10, -0.98, 0.62)]), 0.013, k.chrome)
        b.tube([(side * 0.08, -1.00, 0.60), (side * 0.19, -1.02, 0.60)], 0.009, k.chrome)
        pillow(b, (side * 0.205, -1.02, 0.60), (0.075, 0.075, 0.075), k.chrome, power=2.2)
        pillow(b, (side * 0.205, -1.045, 0.60), (0.064, 0.045, 0.064), k.amber, power=2.2)
    pillow(b, (0, -1.055, 0.60), (0.13, 0.09, 0.10), k.chrome, power=3)
    pillow(b, (0, -1.085, 0.60), (0.11, 0.055, 0.082), lens("tail lens", (0.55, 0.012, 0.008)), power=3)
    with b.moved((0, -1.135, 0.455), (-12, 0, 0)):
        number_plate(b, "4HK82", 0.20, 0.125)
        b.box((-0.015, 0.012, 0.0), (0.015, 0.03, 0.12), k.plastic)


def _fork(b: MeshBuilder, coat: bpy.types.Material) -> None:
    k = kit()
    top, low = np.array((0, 0.475, 1.00)), FRONT
    for side in (-1, 1):
        shift = np.array((side * 0.105, 0, 0))
        b.tube([low + shift, low + 0.48 * (top - low) + shift], [0.030, 0.028], k.chrome, sides=16)
        b.tube([low + 0.47 * (top - low) + shift, top + shift], 0.021, k.chrome, sides=16)
        b.tube([low + 0.47 * (top - low) + shift, low + 0.50 * (top - low) + shift], 0.033, k.rubber, sides=16)
    for share in (0.80, 0.97):
        pillow(b, low + share * (top - low), (0.27, 0.075, 0.035), k.chrome, power=4)
    _guard(b, FRONT, 0.365, 0.085, 25, 150, coat)
    with b.moved((0, 0.64, 0.87), (-90, 0, 0)):
        b.lathe(
            [(0, -0.10), (0.05, -0.09), (0.085, -0.05), (0.098, 0.0), (0.102, 0.02), (0.10, 0.028), (0.092, 0.03)],
            k.chrome,
            sides=40,
        )
        b.lathe([(0.092, 0.026), (0.06, 0.036), (0, 0.042)], lens("head lens", (0.5, 0.52, 0.54), 0.03), sides=40)
    for side in (-1, 1):
        b.tube([(side * 0.10, 0.53, 0.84), (side * 0.20, 0.54, 0.84)], 0.009, k.chrome)
        pillow(b, (side * 0.21, 0.54, 0.84), (0.07, 0.075, 0.07), k.chrome, power=2.2)
        pillow(b, (side * 0.21, 0.562, 0.84), (0.06, 0.045, 0.06), k.amber, power=2.2)


def _handlebar(b: MeshBuilder) -> None:
    k = kit()
    half = [(0.0, 0.45, 1.05), (0.10, 0.45, 1.055), (0.17, 0.44, 1.13), (0.25, 0.40, 1.165), (0.42, 0.26, 1.13)]
    for side in (-1, 1):
        path = _bend([(side * x, y, z) for x, y, z in half], 32)
        b.tube(path, 0.0125, k.chrome, sides=12)
        b.tube(path[-9:], 0.0175, k.rubber, sides=12)
        b.tube([(side * 0.045, 0.46, 1.0), (side * 0.045, 0.45, 1.06)], 0.018, k.chrome)
        pillow(b, path[-10], (0.05, 0.06, 0.05), k.plastic, power=3)
        b.tube(
            _bend([path[-10] + (0, 0.03, -0.01), path[-6] + (0, 0.06, -0.01), path[-1] + (0, 0.05, -0.015)], 8),
            0.006,
            k.chrome,
            sides=6,
        )
        stalk = [path[-11], path[-11] + (side * 0.03, 0.01, 0.07), path[-11] + (side * 0.09, -0.01, 0.15)]
        b.tube(_bend(stalk), 0.006, k.chrome, sides=8)
        with b.moved(stalk[-1] + (side * 0.01, 0, 0.02), (90 + 4, 0, side * 8)):
            b.lathe([(0, -0.022), (0.045, -0.016), (0.062, 0.0), (0.064, 0.008), (0.060, 0.010)], k.chrome, sides=32)
            b.lathe([(0.060, 0.0085), (0, 0.0085)], k.mirror, sides=32)
        cable = [path[-10], (side * 0.25, 0.52, 1.12), (side * 0.08, 0.56, 0.98), (side * 0.03, 0.50, 0.84)]
        b.tube(_bend(cable), 0.004, k.rubber, sides=6)
    with b.moved((0, 0.46, 1.09), (50, 0, 0)):
        b.lathe([(0, -0.05), (0.045, -0.045), (0.05, 0.0), (0.048, 0.012), (0.044, 0.012)], k.chrome, sides=32)
        b.lathe([(0.044, 0.010), (0, 0.010)], k.trim, sides=32)
