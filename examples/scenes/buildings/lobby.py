"""Ground floors one can look into: the lit lobby behind the shop front, and the revolving door into it."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np

from examples.scenes.buildings import concrete
from examples.scenes.buildings.facade import Wall, walls
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import clear_glass, plain
from examples.scenes.kit.mesh import MeshBuilder, Points, arc


def lobby(width_m: float, depth_m: float, height_m: float, *, deep_m: float = 6.5, margin_m: float = 0.7) -> bpy.types.Object:
    """A lit hall around the core of a building, all inside the shop front: floor, ceiling, columns, desk and lifts."""
    deep_m = min(deep_m, 0.4 * width_m, 0.4 * depth_m)
    b = MeshBuilder()
    floor = concrete.granite((0.26, 0.24, 0.22), 0.12)
    panel = plain("lobby wall", Label.BUILDING, (0.42, 0.34, 0.26), 0.4)
    white = plain("lobby ceiling", Label.BUILDING, (0.7, 0.69, 0.66), 0.8)
    low, right, back = margin_m, width_m - margin_m, depth_m - margin_m
    b.box((low, low, -0.1), (right, back, 0.03), floor)
    b.box((low, low, height_m), (right, back, height_m + 0.3), white)
    b.box((deep_m, deep_m, 0), (width_m - deep_m, depth_m - deep_m, height_m), panel)
    core = np.array(
        [(deep_m, deep_m), (width_m - deep_m, deep_m), (width_m - deep_m, depth_m - deep_m), (deep_m, depth_m - deep_m)]
    )
    for wall in walls(core):
        _core_wall(b, wall, height_m)
    _lamps(b, width_m, depth_m, height_m, deep_m)
    for x in np.arange(low + 2.8, right - 2, 5.6):
        for y in (low + 2.4, back - 2.4):
            with b.moved((x, y, 0.03)):
                b.lathe(
                    [(0.42, 0), (0.42, 0.12), (0.36, 0.14), (0.36, height_m)], concrete.steel((0.6, 0.56, 0.5), 0.4), sides=24
                )
    with b.moved((width_m * 0.62, deep_m - 2.2, 0.03)):
        _desk(b)
    for x in (0.2, 0.34, 0.84):
        with b.moved((width_m * x, 2.9, 0.03)):
            _sofas(b)
    return b.build("lobby", bevel_m=0.015)


def _core_wall(b: MeshBuilder, wall: Wall, height_m: float) -> None:
    """Lift doors in steel frames, panel grooves and one large dark picture."""
    groove = plain("lobby groove", Label.BUILDING, (0.05, 0.04, 0.035), 0.6)
    art = plain("lobby picture", Label.BUILDING, (0.10, 0.13, 0.17), 0.5, wear=0.6)
    with b.moved(wall.at(0, 0), (0, 0, wall.turn_degrees)):
        for x in np.arange(1.2, wall.length_m, 1.2):
            b.box((x - 0.01, -0.008, 0), (x + 0.01, 0.01, height_m), groove)
        for x in np.arange(1.2, wall.length_m * 0.45, 2.4):
            b.box((x, -0.05, 0), (x + 1.4, 0.0, 2.5), concrete.bronze())
            b.box((x + 0.12, -0.06, 0.03), (x + 0.69, 0.0, 2.35), concrete.steel())
            b.box((x + 0.71, -0.06, 0.03), (x + 1.28, 0.0, 2.35), concrete.steel())
        b.box((wall.length_m * 0.6, -0.08, 1.2), (wall.length_m * 0.85, -0.01, height_m - 0.8), art)


def _lamps(b: MeshBuilder, width_m: float, depth_m: float, height_m: float, deep_m: float) -> None:
    """Rows of ceiling panels in the hall around the core."""
    for x in np.arange(2.0, width_m - 2.0, 2.8):
        for y in np.arange(2.0, depth_m - 2.0, 2.6):
            if not (deep_m - 1.6 < x < width_m - deep_m + 0.4 and deep_m - 0.8 < y < depth_m - deep_m):
                b.box((x, y, height_m - 0.04), (x + 1.2, y + 0.3, height_m + 0.02), concrete.glow())


def _desk(b: MeshBuilder) -> None:
    """A reception desk with a raised counter and two screens."""
    b.box((-1.9, 0, 0), (1.9, 0.35, 1.0), concrete.granite((0.09, 0.075, 0.06)))
    b.box((-2.0, -0.08, 1.0), (2.0, 0.42, 1.06), concrete.granite((0.3, 0.28, 0.25), 0.15))
    b.box((-1.9, 0.35, 0.7), (1.9, 1.0, 0.75), concrete.bronze())
    for x in (-0.8, 0.5):
        b.box((x, 0.6, 0.85), (x + 0.5, 0.64, 1.18), concrete.bronze())


def _sofas(b: MeshBuilder) -> None:
    """Two leather sofas across a low table."""
    leather = plain("lobby leather", Label.BUILDING, (0.11, 0.055, 0.035), 0.45)
    for turn in (0, 180):
        with b.moved((0, 0, 0), (0, 0, turn)):
            b.box((-0.95, 0.75, 0.12), (0.95, 1.5, 0.42), leather)
            b.box((-0.95, 1.35, 0.3), (0.95, 1.55, 0.82), leather)
            for x in (-1.05, 0.9):
                b.box((x, 0.75, 0.05), (x + 0.15, 1.55, 0.62), leather)
    b.box((-0.6, -0.35, 0.34), (0.6, 0.35, 0.4), concrete.granite((0.05, 0.05, 0.05)))
    b.box((-0.4, -0.2, 0), (0.4, 0.2, 0.34), concrete.steel())


@cache
def revolving_door(height_m: float = 2.5, radius_m: float = 1.1) -> bpy.types.Object:
    """Four glass wings in a drum whose glazed sides leave the front and the back open; stands at its axis."""
    b = MeshBuilder()
    metal, glass = concrete.steel(), clear_glass()
    drum = [(0, height_m), (radius_m + 0.06, height_m), (radius_m + 0.06, height_m + 0.35), (0, height_m + 0.35)]
    b.lathe(drum, metal, sides=48, smooth=False)
    b.lathe([(radius_m, 0.02), (radius_m, 0.035), (0, 0.035)], concrete.granite(roughness=0.6), sides=48)
    b.tube([(0, 0, 0), (0, 0, height_m)], 0.04, metal)
    for turn in (25, 115, 205, 295):
        with b.moved((0, 0, 0), (0, 0, turn)):
            b.add(_upright(0.05, 0, radius_m - 0.07, 0, 0.1, height_m), [(0, 1, 2, 3)], glass)
            for z in (0.04, 1.0, height_m - 0.1):
                b.box((0.04, -0.015, z), (radius_m - 0.06, 0.015, z + (0.03 if z == 1.0 else 0.07)), metal)
            b.box((radius_m - 0.09, -0.02, 0.04), (radius_m - 0.05, 0.02, height_m - 0.02), metal)
    for start in (-45, 135):
        curve = arc(radius_m, start, start + 90, 13)
        b.sheet(np.array([np.column_stack((curve, np.full(13, z))) for z in (0.1, height_m)]), glass)
        for x, y in (curve[0], curve[6], curve[-1]):
            b.tube([(x, y, 0), (x, y, height_m)], 0.03, metal, sides=8)
    return b.build("revolving door")


def drum_frame(b: MeshBuilder, x: float, half_m: float, y: float, top: float, metal: bpy.types.Material) -> None:
    """Closes the shop front around the drum of a revolving door at x, in an opening from x - half_m to x + half_m."""
    b.box((x - half_m, y - 0.06, 2.8), (x + half_m, y + 0.06, top), metal)
    for side in (-1, 1):
        b.box((x + side * half_m, y - 0.04, 0.03), (x + side * 1.15, y + 0.04, 2.8), metal)


def _upright(x0: float, y0: float, x1: float, y1: float, z0: float, z1: float) -> Points:
    """Corners of an upright sheet between two points on the plan."""
    return np.array([(x0, y0, z0), (x1, y1, z0), (x1, y1, z1), (x0, y0, z1)])
