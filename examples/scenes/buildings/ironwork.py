"""Iron on facades: railings, balconies, fire escapes."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np

from examples.scenes.buildings import masonry, stonework
from examples.scenes.kit.assets import asset
from examples.scenes.kit.mesh import MeshBuilder, arc

PLATFORM_M = (4.6, 1.05)  # of a fire escape: along the wall, out of the wall


def railing(
    m: MeshBuilder, start: tuple[float, float], end: tuple[float, float], height_m: float, *, ornate: bool = False
) -> None:
    """Upright bars between rails from (x, y) to (x, y) on z = 0; ornate: with a ring between every two."""
    iron = masonry.iron()
    a, b = np.array([*start, 0.0]), np.array([*end, 0.0])
    length = float(np.linalg.norm(b - a))
    turn = float(np.degrees(np.arctan2(b[1] - a[1], b[0] - a[0])))
    with m.moved(a, (0, 0, turn)):
        for z, thick in ((0.08, 0.012), (height_m - 0.16, 0.01), (height_m - 0.02, 0.02)):
            m.box((0, -thick, z), (length, thick, z + 1.6 * thick), iron)
        bars = np.linspace(0, length, max(2, round(length / 0.12)) + 1)
        for k, x in enumerate(bars):
            half = 0.014 if k in (0, len(bars) - 1) else 0.007
            m.box((x - half, -half, 0.0 if half > 0.01 else 0.08), (x + half, half, height_m - 0.02), iron)
        if ornate:
            for x in (bars[:-1] + bars[1:]) / 2:
                m.tube([(p, 0, q) for p, q in arc(0.05, 0, 360, 11, (x, height_m - 0.09))], 0.006, iron, sides=4)
                m.tube([(p, 0, q) for p, q in arc(0.05, 0, 360, 11, (x, height_m * 0.45))], 0.006, iron, sides=4)


@cache
def balcony(width_m: float = 2.0, out_m: float = 0.9) -> bpy.types.Collection:
    """A stone slab on two consoles with an iron railing, around x = 0; z = 0 is its floor."""
    m, bars, stone = MeshBuilder(), MeshBuilder(), masonry.plaster((0.5, 0.46, 0.4))
    half = width_m / 2
    m.box((-half, -out_m, -0.12), (half, 0.05, 0), stone)
    m.box((-half + 0.05, -out_m + 0.05, -0.2), (half - 0.05, 0.05, -0.12), stone)
    for x in (-half + 0.3, half - 0.3):
        stonework.bracket(m, x, -0.19, 0.2, 0.5, out_m * 0.75, stone)
    front = -out_m + 0.07
    for start, end in (((-half + 0.06, front), (half - 0.06, front)), ((-half + 0.06, 0), (-half + 0.06, front)),
                       ((half - 0.06, 0), (half - 0.06, front))):  # fmt: skip
        railing(bars, start, end, 0.98, ornate=True)
    return asset("balcony", [m.build("slab", bevel_m=0.012), bars.build("railing")])


@cache
def fire_escape(storey_m: float = 3.3, *, stair: bool = True) -> bpy.types.Collection:
    """One landing with its railing, around x = 0 on z = 0, and the stair up to the next one."""
    m, iron = MeshBuilder(), masonry.iron((0.035, 0.028, 0.024))
    (long, out), gap = PLATFORM_M, 0.06
    half = long / 2
    for y in np.arange(-out, -gap, 0.055):
        m.box((-half, y, -0.035), (half, y + 0.008, 0.0), iron)
    for x in np.linspace(-half, half, 7):
        m.box((x - 0.02, -out, -0.075), (x + 0.02, 0.0, -0.035), iron)
        m.tube([(x, 0, -0.75), (x, -out + 0.1, -0.07)], 0.014, iron, sides=5)
    for y in (-out, -gap):
        m.box((-half, y - 0.01, -0.08), (half, y + 0.01, 0.01), iron)
    railing(m, (-half, -out), (half, -out), 0.95)
    for x in (-half, half):
        railing(m, (x, -out), (x, -gap), 0.95)
    if stair:
        foot, head, steps = np.array([-half + 0.5, 0.0]), np.array([half - 0.9, storey_m]), 16
        for y in (-0.42, -0.95):
            m.prism(_slanted(foot, head, 0.16), y - 0.006, y + 0.006, iron, axis="y")
            m.tube([(foot[0], y, 0.85), (head[0], y, storey_m + 0.85)], 0.012, iron, sides=5)
            for share in (0.05, 0.5, 0.95):
                x, z = foot + share * (head - foot)
                m.tube([(x, y, z), (x, y, z + 0.85)], 0.01, iron, sides=5)
        for k in range(1, steps):
            x, z = foot + k / steps * (head - foot)
            m.box((x - 0.1, -0.95, z - 0.01), (x + 0.1, -0.42, z + 0.01), iron)
    return asset("fire escape", [m.build("fire escape")])


@cache
def drop_ladder(height_m: float = 2.6) -> bpy.types.Collection:
    """The ladder that hangs from the lowest landing; its top is z = 0."""
    m, iron = MeshBuilder(), masonry.iron((0.035, 0.028, 0.024))
    for x in (-0.22, 0.22):
        m.box((x - 0.02, -0.01, -height_m), (x + 0.02, 0.01, 0.9), iron)
    for z in np.arange(-height_m + 0.15, 0.8, 0.3):
        m.tube([(-0.22, 0, z), (0.22, 0, z)], 0.01, iron, sides=5)
    return asset("drop ladder", [m.build("drop ladder")])


def _slanted(foot: np.ndarray, head: np.ndarray, tall: float) -> list[tuple[float, float]]:
    return [(foot[0], foot[1] - tall), (head[0], head[1] - tall), (head[0], head[1]), (foot[0], foot[1])]
