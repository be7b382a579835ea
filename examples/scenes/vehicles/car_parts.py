"""Parts that all cars share: wheels, seats, steering wheel, mirrors, number plates, door handles, wipers."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np
from numpy.typing import ArrayLike

from examples.scenes.kit.assets import asset
from examples.scenes.kit.mesh import MeshBuilder, Points, arc
from examples.scenes.vehicles.car_materials import kit, tyre_rubber
from examples.scenes.vehicles.lettering import raised


def pillow(
    builder: MeshBuilder, centre: ArrayLike, size: ArrayLike, material: bpy.types.Material, *, power: float = 4.0
) -> None:
    """A rounded box: a superellipsoid with the given full size; a power of 2 is an ellipsoid, 8 nearly a box."""
    centre, half = np.asarray(centre, dtype=float), np.asarray(size, dtype=float) / 2

    def swing(values: Points) -> Points:
        return np.asarray(np.sign(values) * np.abs(values) ** (2 / power))

    around, up = np.linspace(-np.pi, np.pi, 29)[:-1], np.linspace(-np.pi / 2, np.pi / 2, 15)
    ring = np.column_stack((swing(np.cos(around)), swing(np.sin(around)), np.zeros(28)))
    flat = swing(np.cos(up))
    grid = np.array([ring * f + (0, 0, z) for f, z in zip(flat, swing(np.sin(up)), strict=True)])
    builder.sheet(grid * half + centre, material, closed=True)


@cache
def wheel(radius: float = 0.325, width: float = 0.205, rim: float = 0.215, spokes: int = 10) -> bpy.types.Collection:
    """A wheel with its axle along x and its outer side to the right, centred on the middle of the tyre."""
    b = MeshBuilder()
    with b.moved(turn=(0, 90, 0)):
        _tyre(b, radius, width / 2, rim)
        _rim(b, width / 2, rim, spokes)
    return asset("car wheel", [b.build("car wheel")])


def _tyre(b: MeshBuilder, radius: float, w: float, rim: float) -> None:
    """Tread with four grooves and rounded walls, around z."""
    tread = [(radius - 0.008, -w + 0.012), (radius, -w + 0.035)]
    for groove in (-0.5, -0.17, 0.17, 0.5):
        z = groove * w * 1.5
        tread += [(radius, z - 0.004), (radius - 0.008, z - 0.0035), (radius - 0.008, z + 0.0035), (radius, z + 0.004)]
    tread += [(radius, w - 0.035), (radius - 0.008, w - 0.012)]
    wall = [(radius - 0.022, w - 0.002), (radius - 0.024, w - 0.0035), (radius - 0.05, w + 0.001), (rim + 0.035, w + 0.001)]
    wall += [(rim + 0.03, w - 0.001), (rim + 0.012, w - 0.008), (rim + 0.002, w - 0.013)]
    profile = [(r, -z) for r, z in reversed(wall)] + tread + wall
    b.lathe(profile, tyre_rubber(), sides=72)


def _rim(b: MeshBuilder, w: float, rim: float, spokes: int) -> None:
    """Alloy rim with spokes and nuts, brake disc and calliper behind; the outer side looks along z."""
    k = kit()
    lip = [(rim - 0.012, -w + 0.02), (rim - 0.02, 0.0), (rim - 0.014, w - 0.035), (rim - 0.004, w - 0.02)]
    lip += [(rim - 0.002, w - 0.012), (rim + 0.003, w - 0.009), (rim + 0.006, w - 0.012)]
    b.lathe([(r, z) for r, z in lip], k.dark, sides=64)
    b.lathe([(r, z) for r, z in reversed(lip)], k.alloy, sides=64)
    disc = w - 0.085
    b.lathe([(0.0, disc), (0.15, disc)], k.steel, sides=40)
    b.lathe([(0.0, disc - 0.02), (rim - 0.015, disc - 0.02)], k.dark, sides=40)
    b.box((0.07, -0.05, disc), (0.155, 0.05, disc + 0.03), k.plastic)
    for index in range(spokes):
        with b.moved(turn=(0, 0, 360 / spokes * (index + (0.22 if index % 2 else -0.22) * (spokes == 10)))):
            _spoke(b, rim, w, (10 / spokes) ** 0.75, k.alloy)
    hub = w - 0.022
    b.lathe(
        [(0.078, hub - 0.03), (0.076, hub - 0.006), (0.068, hub), (0.045, hub + 0.002), (0.03, hub - 0.001)], k.alloy, sides=40
    )
    b.lathe([(0.03, hub - 0.003), (0.029, hub + 0.004), (0.02, hub + 0.006), (0.0, hub + 0.0065)], k.trim, sides=28)
    for index in range(5):
        x, y = 0.055 * np.cos(index * 2 * np.pi / 5), 0.055 * np.sin(index * 2 * np.pi / 5)
        with b.moved((x, y, hub - 0.006)):
            b.lathe([(0.009, 0), (0.009, 0.011), (0.0, 0.011)], k.steel, sides=6, smooth=False)


def _spoke(b: MeshBuilder, rim: float, w: float, broad: float, material: bpy.types.Material) -> None:
    """One arched spoke from the hub to the rim along +x."""
    rows = []
    for s in np.linspace(0, 1, 7):
        x, half = 0.06 + s * (rim - 0.065), broad * (0.021 - 0.008 * np.sin(np.pi * s) + 0.004 * s)
        z = w - 0.026 + 0.012 * np.sin(np.pi * s * 0.8) - 0.006 * s
        section = [(-half, -0.03), (half, -0.03), (half, -0.006), (0.7 * half, 0.0), (-0.7 * half, 0.0), (-half, -0.006)]
        rows.append([(x, y, z + dz) for y, dz in section])
    b.sheet(np.array(rows), material, smooth=False, closed=True)


@cache
def seat() -> bpy.types.Collection:
    """A front seat looking along +y; the rear foot of its cushion is at the origin."""
    return _seat(0.50, (0.0,))


@cache
def bench() -> bpy.types.Collection:
    """A seat for three."""
    return _seat(1.26, (-0.42, 0.0, 0.42))


def _seat(width: float, places: tuple[float, ...]) -> bpy.types.Collection:
    k, b, single = kit(), MeshBuilder(), len(places) == 1
    pillow(b, (0, 0.24, 0.10), (width, 0.54, 0.17), k.cloth, power=5)
    for x in places:
        pillow(b, (x, 0.24, 0.125), (0.30, 0.46, 0.15), k.cloth_pale, power=4)
    with b.moved((0, 0, 0.10), (17, 0, 0)):
        pillow(b, (0, -0.03, 0.29), (width, 0.15, 0.66), k.cloth, power=4)
        for x in places:
            pillow(b, (x, 0.01, 0.28), (0.30, 0.13, 0.52), k.cloth_pale, power=4)
            if single:
                for side in (-1, 1):
                    pillow(b, (side * 0.20, 0.04, 0.26), (0.09, 0.15, 0.50), k.cloth, power=3)
            top = 0.65 if single else 0.61
            for side in (-1, 1):
                b.tube([(x + side * 0.05, -0.03, top - 0.06), (x + side * 0.05, -0.025, top + 0.1)], 0.006, k.steel, sides=8)
            pillow(b, (x, -0.015, top + 0.10), (0.25, 0.10, 0.19 if single else 0.16), k.cloth, power=3.2)
    return asset("car seat", [b.build("car seat")])


def steering_wheel(b: MeshBuilder, centre: ArrayLike) -> None:
    k = kit()
    with b.moved(centre, (65, 0, 0)):
        circle = arc(0.185, 0, 360, 33)
        b.tube(np.column_stack((circle, np.zeros(33))), 0.015, k.plastic, sides=10)
        pillow(b, (0, 0, -0.02), (0.16, 0.13, 0.06), k.plastic, power=3)
        for angle in (0, 180, 270):
            end: Points = 0.18 * np.array((np.cos(np.radians(angle)), np.sin(np.radians(angle)), 0))
            b.tube(np.array([(0, 0, -0.02), end]), 0.014, k.plastic, sides=6)
        b.tube([(0, 0, -0.02), (0, 0, -0.35)], 0.03, k.plastic)


def mirror(b: MeshBuilder, foot: ArrayLike, material: bpy.types.Material) -> None:
    """The right outside mirror on a foot at the pillar; within a mirrored frame the left one."""
    k = kit()
    with b.moved(foot):
        b.tube([(-0.05, 0.03, -0.01), (0.03, 0.02, 0.0), (0.09, 0.0, 0.04)], [0.03, 0.024, 0.03], k.trim, sides=10)
        pillow(b, (0.14, 0.01, 0.075), (0.23, 0.11, 0.15), material, power=3)
        pillow(b, (0.14, -0.022, 0.075), (0.215, 0.06, 0.135), k.trim, power=4)
        with b.moved((0.14, -0.053, 0.075), (0, 0, -4)):
            b.prism(_superellipse(0.092, 0.055, 4.0, 32), 0.0, 0.002, k.mirror, axis="y")
        pillow(b, (0.17, 0.055, 0.07), (0.13, 0.03, 0.015), k.amber, power=4)


def _superellipse(half_width: float, half_height: float, power: float, points: int) -> Points:
    angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
    c, s = np.cos(angles), np.sin(angles)
    return np.column_stack(
        (half_width * np.sign(c) * np.abs(c) ** (2 / power), half_height * np.sign(s) * np.abs(s) ** (2 / power))
    )


def number_plate(b: MeshBuilder, text: str, width: float = 0.30, height: float = 0.155) -> None:
    """A plate centred on the origin, looking along -y."""
    k = kit()
    outer, inner = _superellipse(width / 2 + 0.012, height / 2 + 0.012, 12, 48), _superellipse(width / 2, height / 2, 14, 48)
    b.prism(outer, 0.002, 0.016, k.plastic, axis="y")
    b.prism(inner, -0.001, 0.004, k.plate, axis="y")
    with b.moved((0, -0.001, -0.01)):
        raised(b, text, min(height * 0.45, width / len(text) * 1.25), k.plate_ink)
    with b.moved((0, -0.001, height * 0.38)):
        b.box((-width * 0.3, -0.0005, -0.008), (width * 0.3, 0.001, 0.008), k.plate_ink)
    for x in (-0.4, 0.4):
        with b.moved((x * width, -0.001, height * 0.38), (90, 0, 0)):
            b.lathe([(0.006, 0), (0.005, 0.003), (0, 0.003)], k.steel, sides=10)


def handle(b: MeshBuilder, place: ArrayLike, material: bpy.types.Material) -> None:
    """A bow handle on the right side, along y."""
    with b.moved(place):
        pillow(b, (0.0, 0, 0), (0.012, 0.17, 0.05), kit().gap, power=3)
        pillow(b, (0.016, 0, 0.004), (0.022, 0.20, 0.026), material, power=3)
