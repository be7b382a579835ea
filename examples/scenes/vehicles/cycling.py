"""A bicycle and the hoops it leans on."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from examples.scenes.furniture.finishes import ink, metal, paint
from examples.scenes.kit.assets import asset
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour
from examples.scenes.kit.mesh import MeshBuilder

OBJECT = Label.OBJECT
WHEEL_M, AXLES_M = 0.34, (-0.5, 0.52)


def hoop_ring(m: MeshBuilder, radius: float, thickness: float, material: bpy.types.Material, *, squash: float = 1.0) -> None:
    """A torus about the y axis."""
    a, b = np.linspace(0, 2 * np.pi, 49)[:-1], np.linspace(0, 2 * np.pi, 11)[:-1]
    r = radius + thickness * np.cos(b)[:, None]
    grid = np.dstack((r * np.cos(a), np.broadcast_to(-squash * thickness * np.sin(b)[:, None], (10, 48)), r * np.sin(a)))
    m.sheet(np.concatenate((grid, grid[:1])), material, closed=True)


def _wheel(m: MeshBuilder) -> None:
    tyre, chrome = (
        ink("tyre", OBJECT, (0.018, 0.018, 0.018), 0.75),
        metal("bicycle chrome", OBJECT, (0.6, 0.6, 0.6), roughness=0.2),
    )
    hoop_ring(m, WHEEL_M - 0.018, 0.018, tyre)
    hoop_ring(m, WHEEL_M - 0.038, 0.009, chrome, squash=1.4)
    m.tube(((0, -0.05, 0), (0, 0.05, 0)), 0.012, chrome)
    for k in range(28):
        a, lean = 2 * np.pi * k / 28, 0.5 * (-1) ** (k // 2)
        side = 0.03 * (-1) ** k
        hub = (0.02 * np.cos(a + lean), side, 0.02 * np.sin(a + lean))
        m.tube((hub, (0.30 * np.cos(a), 0.0, 0.30 * np.sin(a))), 0.0013, chrome, sides=4)


def bicycle(*, colour: Colour = (0.03, 0.09, 0.16)) -> bpy.types.Collection:
    """A city bicycle along x (the front to +x), upright, 1.75 m long."""
    m = MeshBuilder()
    body, black = (
        paint(f"bicycle {colour}", OBJECT, colour, roughness=0.3, grime=0.25),
        ink("bicycle black", OBJECT, (0.02, 0.02, 0.02), 0.6),
    )
    chrome = metal("bicycle chrome", OBJECT, (0.6, 0.6, 0.6), roughness=0.2)
    for x in AXLES_M:
        with m.moved((x, 0, WHEEL_M), (0, 13 * x, 0)):
            _wheel(m)
        a = np.linspace(0.35 if x < 0 else 0.1, np.pi * (1.05 if x < 0 else 0.8), 18)
        rim = np.column_stack((x + 0.365 * np.cos(a), 0 * a, WHEEL_M + 0.365 * np.sin(a)))
        for y in (-0.016, 0, 0.016):
            m.tube(rim + np.array((0, y, -0.004 * (y != 0))), 0.009, body, sides=8)
    crank, seat, head, axle = (-0.06, 0.0, 0.30), (-0.20, 0.0, 0.78), (0.34, 0.0, 0.80), (0.52, 0.0, WHEEL_M)
    low_head = (0.385, 0.0, 0.66)

    def pipe(*points: Sequence[float], r: float = 0.015, material: bpy.types.Material = body) -> None:
        m.tube(points, r, material, sides=12)

    pipe(crank, seat)
    pipe(crank, low_head, r=0.018)
    pipe((-0.19, 0, 0.74), head)
    pipe((0.32, 0, 0.86), (0.40, 0, 0.61), r=0.02)
    for y in (-0.05, 0.05):
        pipe((-0.5, y, WHEEL_M), (-0.08, 0.3 * y, 0.30), r=0.009)
        pipe((-0.5, y, WHEEL_M), (-0.195, 0.3 * y, 0.75), r=0.008)
        pipe((0.41, y, 0.60), (0.44, y, 0.52), (0.47, y, 0.43), (axle[0], y, axle[2]), r=0.011)
        pipe((-0.5, y * 1.3, WHEEL_M), (-0.58, y * 1.4, 0.73), r=0.005, material=black)
    pipe((0.40, -0.055, 0.61), (0.40, 0.055, 0.61), r=0.014)
    pipe(seat, (-0.225, 0, 0.93), r=0.0125, material=chrome)
    pipe((0.32, 0, 0.86), (0.30, 0, 0.98), r=0.0125, material=chrome)
    bar = [
        (0.16, -0.29, 1.04),
        (0.26, -0.25, 1.05),
        (0.31, -0.15, 1.02),
        (0.33, -0.04, 0.99),
        (0.33, 0.04, 0.99),
        (0.31, 0.15, 1.02),
        (0.26, 0.25, 1.05),
        (0.16, 0.29, 1.04),
    ]
    pipe(*bar, r=0.011, material=chrome)
    for side in (-1, 1):
        pipe((0.14, side * 0.295, 1.038), (0.24, side * 0.26, 1.05), r=0.017, material=black)
    saddle = [(-0.36, 0.005), (-0.34, 0.085), (-0.28, 0.095), (-0.2, 0.05), (-0.12, 0.025), (-0.06, 0.02), (-0.04, 0.004)]
    angles = np.linspace(0, 2 * np.pi, 17)[:-1]
    m.sheet(
        np.array(
            [
                np.column_stack(
                    (np.full(16, x), -w * np.cos(angles), 0.955 + 0.03 * np.sin(angles) * (1 if w > 0.01 else 0.2))
                )
                for x, w in saddle
            ]
        )[::-1],
        black,
        closed=True,
    )
    with m.moved((crank[0], -0.05, crank[2])):
        hoop_ring(m, 0.085, 0.006, chrome)
        for k in range(5):
            spoke = 2 * np.pi * k / 5
            m.tube(((0, 0, 0), (0.085 * np.cos(spoke), 0, 0.085 * np.sin(spoke))), 0.006, chrome, sides=6)
    for side in (-1, 1):
        m.tube(
            np.add(crank, ((0, 0, 0), (0, side * 0.07, 0), (side * 0.12, side * 0.08, side * -0.11))),
            0.009,
            chrome,
            sides=8,
        )
        with m.moved(np.add(crank, (side * 0.12, side * 0.12, side * -0.11))):
            m.box((-0.045, -0.04, -0.012), (0.045, 0.04, 0.012), black)
    for z in (0.385, 0.235):
        m.tube(((crank[0], -0.05, z - 0.005), (-0.5, -0.05, WHEEL_M + (0.03 if z > 0.3 else -0.03))), 0.004, black, sides=6)
    for y in (-0.05, 0, 0.05):
        m.tube(((-0.68, y, 0.735), (-0.26, y, 0.745)), 0.006, black, sides=8)
    m.tube(((-0.5, 0.06, WHEEL_M - 0.02), (-0.42, 0.2, 0.012)), 0.008, black, sides=8)
    with m.moved((-0.715, 0, 0.66), (0, 90, 0)):
        m.lathe(
            [(0.03, 0.0), (0.03, -0.012), (0.001, -0.016)][::-1], ink("reflector", OBJECT, (0.45, 0.01, 0.01), 0.2), sides=20
        )
    return asset("bicycle", [m.build("bicycle")])


def bicycle_rack(*, hoops: int = 3) -> bpy.types.Collection:
    """Stainless hoops, 0.85 m high, 0.9 m apart along x from the origin, each across y."""
    m, steel = MeshBuilder(), metal("rack steel", OBJECT, (0.5, 0.51, 0.52), roughness=0.3)
    for k in range(hoops):
        a = np.linspace(np.pi, 0, 15)
        left = [(-0.33, 0.0), (-0.33, 0.3)]
        bend = [
            (
                0.33 * np.cos(t) if abs(np.cos(t)) > 1 else (0.33 - 0.2) * np.sign(np.cos(t)) + 0.2 * np.cos(t),
                0.65 + 0.2 * np.sin(t),
            )
            for t in a
        ]
        path = np.array(left + bend + [(0.33, 0.3), (0.33, 0.0)])
        with m.moved((0.9 * k, 0, 0)):
            m.tube(np.column_stack((np.zeros(len(path)), path)), 0.024, steel, sides=18)
            for y in (-0.33, 0.33):
                with m.moved((0, y, 0)):
                    m.lathe([(0.075, 0), (0.075, 0.006), (0.03, 0.008), (0.024, 0.02)], steel, sides=28)
    return asset("bicycle rack", [m.build("bicycle rack")])
