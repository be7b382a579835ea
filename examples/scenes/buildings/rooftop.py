"""What stands on flat roofs: water tanks, coolers, stair heads, vents, aerials."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np

from examples.scenes.buildings import masonry
from examples.scenes.kit.assets import asset, instance
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import plain
from examples.scenes.kit.mesh import MeshBuilder, arc


@cache
def water_tank(seed: int = 0) -> bpy.types.Collection:
    """A wooden tank with hoops and a conical roof on iron legs; 3 m wide, 6 m high."""
    rng = np.random.default_rng(seed)
    wood, iron = plain("tank wood", Label.BUILDING, (0.16, 0.1, 0.065), 0.9, wear=0.4), masonry.iron()
    m = MeshBuilder()
    staves, radius, low, high = 28, 1.4, 2.2, 4.9
    for angle in np.linspace(0, 360, staves, endpoint=False):
        with m.moved(turn=(0, 0, angle)):
            out = radius + rng.uniform(-0.008, 0.008)
            m.box((out - 0.05, -0.153, low), (out, 0.153, high + rng.uniform(-0.02, 0.02)), wood)
    for z in np.linspace(low + 0.15, high - 0.25, 7):
        ring = np.column_stack((arc(radius + 0.012, 0, 360, 33), np.full(33, z)))
        m.tube(ring, 0.02, iron, sides=6)
    m.lathe([(1.62, high - 0.02), (1.6, high + 0.03), (0.06, high + 0.95), (0.0, high + 1.0)], wood, sides=20, smooth=False)
    m.lathe([(0.0, low - 0.05), (radius, low - 0.05), (radius, low + 0.02)], wood, sides=28)
    for x in (-0.95, 0.95):
        for y in (-0.95, 0.95):
            m.box((x - 0.07, y - 0.07, 0), (x + 0.07, y + 0.07, low), iron)
        for side in (-1, 1):
            m.tube([(x, -0.95 * side, 0.2), (x, 0.95 * side, low - 0.2)], 0.02, iron, sides=5)
            m.tube([(-0.95 * side, x, 0.2), (0.95 * side, x, low - 0.2)], 0.02, iron, sides=5)
    for y in np.linspace(-1.2, 1.2, 5):
        m.box((-1.4, y - 0.06, low - 0.2), (1.4, y + 0.06, low - 0.05), iron)
    return asset("water tank", [m.build("water tank")])


@cache
def cooler() -> bpy.types.Collection:
    """An air conditioner with a fan on top, 1.8 x 1.2 x 1.3 m."""
    shell = plain("roof cooler", Label.BUILDING, (0.45, 0.45, 0.42), 0.5, wear=0.3)
    dark = plain("cooler grille", Label.BUILDING, (0.06, 0.06, 0.06), 0.6)
    m = MeshBuilder()
    m.box((-0.9, -0.6, 0.15), (0.9, 0.6, 1.2), shell)
    for x in (-0.7, 0.7):
        m.box((x - 0.08, -0.65, 0), (x + 0.08, 0.65, 0.15), dark)
    for y in (-0.62, 0.62):
        for z in np.linspace(0.3, 1.0, 12):
            m.box((-0.75, y - 0.012, z), (0.75, y + 0.012, z + 0.025), dark)
    m.lathe([(0.5, 1.2), (0.5, 1.36), (0.44, 1.36), (0.44, 1.25), (0.0, 1.25)], shell, sides=24)
    return asset("roof cooler", [m.build("roof cooler", bevel_m=0.015)])


@cache
def stair_head(colour: tuple[float, float, float] = masonry.BROWN_BRICK) -> bpy.types.Collection:
    """A small brick house with a door, 3.2 x 4.2 x 2.8 m."""
    m = MeshBuilder()
    m.box((-1.6, -2.1, 0), (1.6, 2.1, 2.7), masonry.brick(colour))
    m.box((-1.72, -2.22, 2.7), (1.72, 2.22, 2.85), masonry.zinc())
    m.box((-0.45, -2.14, 0.05), (0.45, -2.0, 2.1), plain("roof door", Label.BUILDING, (0.12, 0.14, 0.13), 0.5))
    return asset("stair head", [m.build("stair head", bevel_m=0.015)])


@cache
def vent() -> bpy.types.Collection:
    """A sheet-metal pipe with a cap."""
    m = MeshBuilder()
    m.lathe([(0.16, 0), (0.16, 0.9), (0.3, 0.92), (0.3, 1.0), (0.0, 1.2)], masonry.zinc(), sides=16)
    return asset("vent", [m.build("vent")])


@cache
def aerial() -> bpy.types.Collection:
    """A mast with a television aerial."""
    m, steel = MeshBuilder(), masonry.zinc()
    m.tube([(0, 0, 0), (0, 0, 3.6)], 0.025, steel, sides=6)
    m.tube([(-0.7, 0, 3.4), (0.7, 0, 3.4)], 0.012, steel, sides=5)
    for x in np.linspace(-0.65, 0.65, 8):
        m.tube([(x, -0.4, 3.4), (x, 0.4, 3.4)], 0.008, steel, sides=4)
    return asset("aerial", [m.build("aerial")])


def furnish(
    low: tuple[float, float], high: tuple[float, float], z: float, rng: np.random.Generator, *, tanks: int = 1
) -> list[bpy.types.Object]:
    """Things scattered over the roof between two (x, y) corners, each on a plot of its own."""
    makers = [water_tank] * tanks + [stair_head, cooler, cooler, vent, vent, vent, aerial, cooler, aerial]
    columns, rows = max(1, int((high[0] - low[0]) / 5.5)), max(1, int((high[1] - low[1]) / 5.5))
    plots = [(i, j) for i in range(columns) for j in range(rows)]
    rng.shuffle(plots)
    parts = []
    for (i, j), maker in zip(plots, makers, strict=False):
        x = low[0] + (high[0] - low[0]) * (i + rng.uniform(0.4, 0.6)) / columns
        y = low[1] + (high[1] - low[1]) * (j + rng.uniform(0.4, 0.6)) / rows
        parts.append(instance(maker(), (x, y, z), (0, 0, rng.choice((0, 90, 180, 270)))))
    return parts
