"""Office blocks of the right-hand side: the concrete egg crate on its dark lobby, the pale block with piers, the plaza."""

from __future__ import annotations

import itertools
from functools import cache

import bpy
import numpy as np

from examples.scenes.buildings import concrete
from examples.scenes.buildings.facade import (
    Wall,
    band,
    bay_count,
    letters,
    pane,
    plant,
    posts,
    rectangle,
    rings,
    roof,
    row,
    walls,
    widened,
    window,
)
from examples.scenes.buildings.lobby import drum_frame, lobby, revolving_door
from examples.scenes.buildings.office_glass import window_glass
from examples.scenes.kit.assets import asset, instance
from examples.scenes.kit.materials import clear_glass
from examples.scenes.kit.mesh import MeshBuilder

PALE = (0.51, 0.45, 0.41)
DARKER = (0.38, 0.335, 0.305)

GRID_BAY_M, GRID_STOREY_M, SHOP_M, PODIUM_M = 3.2, 3.5, 6.4, 5.9
PIER_BAY_M, PIER_STOREY_M, STREET_M, BASE_M = 3.6, 3.7, 5.4, 8.9


def concrete_grid(width_m: float = 30, depth_m: float = 24, storeys: int = 12, seed: int = 0) -> bpy.types.Collection:
    """An egg crate of precast frames over a glazed lobby between granite piers."""
    rng = np.random.default_rng(seed)
    outline, post_m = rectangle(width_m, depth_m), 0.35
    top = PODIUM_M + (storeys - 1) * GRID_STOREY_M
    b = MeshBuilder()
    posts(b, outline, post_m, PODIUM_M, top, concrete.precast())
    posts(b, outline, post_m, 0, PODIUM_M, concrete.granite())
    roof(b, outline, top, concrete.precast(), parapet_m=1.4)
    plant(b, width_m, depth_m, top, rng)
    b.prism(rectangle(width_m, depth_m, 0.75), 5.2, top - 0.2, concrete.painted((0.02, 0.02, 0.02)))
    parts = [b.build("concrete grid", bevel_m=0.03), lobby(width_m, depth_m, 4.8)]
    cells = [crate_bay("plain")] * 4 + [crate_bay("rail")] * 2 + [crate_bay("louvre")]
    for side, wall in enumerate(walls(outline, post_m)):
        parts += row(wall, 0, SHOP_M, [shop_bay()], rng, shop_bay(door=True) if side == 0 else None)
        for storey in range(storeys - 1):
            parts += row(wall, PODIUM_M + storey * GRID_STOREY_M, GRID_BAY_M, cells, rng)
    return asset("concrete grid", parts)


@cache
def crate_bay(kind: str = "plain") -> bpy.types.Collection:
    """One cell of the egg crate: splayed reveals 0.6 m deep, bronze window with one mullion; "rail" or "louvre" differ."""
    b = MeshBuilder()
    w, h = GRID_BAY_M, GRID_STOREY_M
    hole = (0.46, w - 0.46, 0.95, h - 0.3, 0.6)
    face = [(0, w, 0, h, 0.06), (0.012, w - 0.012, 0.012, h - 0.012, 0.06), (0.012, w - 0.012, 0.012, h - 0.012, 0)]
    rings(b, [*face, (0.24, w - 0.24, 0.42, h - 0.2, 0), hole, (*hole[:4], 0.66)], concrete.precast())
    glass = window_glass(hole[2], hole[3], w / 2, tint=(0.75, 0.82, 0.9), index=2.4)
    window(b, (*hole[:4], 0.64), concrete.bronze(), glass, bars=[w / 2], rails=[1.5] if kind == "rail" else [])
    if kind == "louvre":  # of a machine room or a toilet
        for z in np.arange(hole[2] + 0.08, 1.75, 0.09):
            b.prism([(0.6, z), (0.68, z), (0.64, z + 0.07)], w / 2 + 0.03, hole[1] - 0.05, concrete.bronze(), axis="x")
        b.box((w / 2, 0.62, 1.75), (hole[1] - 0.05, 0.68, 1.82), concrete.bronze())
    return asset("crate bay", [b.build("crate bay", bevel_m=0.025 if kind == "plain" else 0.02)])


@cache
def shop_bay(*, door: bool = False) -> bpy.types.Collection:
    """Granite piers, dark fascia, clerestory and tall panes one looks through; or the revolving door."""
    b = MeshBuilder()
    w, h = SHOP_M, PODIUM_M
    stone, frame, glass = concrete.granite(), concrete.bronze(), clear_glass("shop glass", (0.62, 0.68, 0.68))
    for x in (0, w - 0.4):
        b.box((x, -0.16, 0), (x + 0.4, 0.75, h - 1.0), stone)
    for x in (0.0, w / 4, w / 2, w * 3 / 4):  # the fascia in slabs
        b.box((x + 0.004, -0.16, h - 0.95), (x + w / 4 - 0.004, 0.7, h - 0.12), stone)
    b.box((0, -0.14, h - 0.94), (w, 0.75, h - 0.13), frame)
    b.box((0, -0.3, h - 0.12), (w, 0.75, h), stone)
    b.box((0.4, 0.1, h - 1.0), (w - 0.4, 0.75, h - 0.95), frame)
    for z, high in ((3.1, 0.32), (0.03, 0.22)):
        sides = [(0.4, w / 2 - 1.3), (w / 2 + 1.3, w - 0.4)] if door and z < 1 else [(0.4, w - 0.4)]
        for x0, x1 in sides:
            b.box((x0, 0.42, z), (x1, 0.56, z + high), frame)
    posts_x = [0.4, w / 2 - 1.3, w / 2 + 1.3, w - 0.4] if door else [*np.linspace(0.4, w - 0.4, 5)]
    for x in posts_x:
        b.box((x - 0.04, 0.38, 0), (x + 0.04, 0.6, h - 1.0), frame)
    for k, (x0, x1) in enumerate(itertools.pairwise(posts_x)):
        pane(b, x0 + 0.04, x1 - 0.04, 3.42, h - 1.0, 0.49, glass)
        if door and k == 1:
            drum_frame(b, w / 2, 1.3, 0.5, 3.11, frame)
        else:
            pane(b, x0 + 0.04, x1 - 0.04, 0.25, 3.1, 0.49, glass)
    parts = [b.build("shop bay", bevel_m=0.015)]
    if door:
        parts.append(instance(asset("revolving door", [revolving_door()]), (w / 2, 0.5, 0)))
        name = asset("name", [letters("500 GRAND PLAZA", 0.42, concrete.steel())])
        parts.append(instance(name, (w / 2, -0.18, 5.15), (90, 0, 0)))
    return asset("shop bay", parts)


def office_block(width_m: float = 28, depth_m: float = 26, storeys: int = 11, seed: int = 0) -> bpy.types.Collection:
    """Pale stone piers with pairs of bluish windows over a heavy two-storey base; the corner at x = 0 is cut off."""
    rng = np.random.default_rng(seed)
    cut, post_m = 4.0, 0.45
    outline = np.array([(cut, 0), (width_m, 0), (width_m, depth_m), (0, depth_m), (0, cut)])
    top = BASE_M + (storeys - 2) * PIER_STOREY_M
    pale = concrete.stone(PALE)
    b = MeshBuilder()
    posts(b, outline, post_m, 0, top, pale)
    band(b, outline, [(0, STREET_M - 0.02), (0.1, STREET_M), (0.1, STREET_M + 0.22), (0, STREET_M + 0.26)], pale)
    band(b, outline, _moulding(BASE_M - 0.8), pale)
    band(b, outline, _moulding(top - 0.1), pale)
    posts(b, widened(outline, 0.1), post_m + 0.1, 0, 0.55, concrete.granite((0.13, 0.115, 0.105), 0.45))
    roof(b, outline, top + 0.6, pale, parapet_m=1.2)
    plant(b, width_m, depth_m, top + 0.6, rng)
    b.prism(widened(outline, -0.75), 0, top, concrete.painted((0.02, 0.02, 0.02)))
    for wall in walls(outline, post_m):
        _fins(b, wall, top)
    parts = [b.build("office block", bevel_m=0.025)]
    for side, wall in enumerate(walls(outline, post_m)):
        parts += row(wall, 0, PIER_BAY_M, [street_bay()], rng, street_bay(door=True) if side == 0 else None)
        parts += row(wall, STREET_M, PIER_BAY_M, [square_bay()], rng)
        for storey in range(storeys - 2):
            parts += row(wall, BASE_M + storey * PIER_STOREY_M, PIER_BAY_M, [pier_bay()], rng)
    return asset("office block", parts)


def _fins(b: MeshBuilder, wall: Wall, top: float) -> None:
    """Stone fins on the piers: broad ones that end in a shoulder above the fourth storey, slender ones up to the top."""
    pale = concrete.stone(PALE, (2.0, PIER_STOREY_M / 4))
    shoulder = BASE_M + 4 * PIER_STOREY_M + 0.6
    count = bay_count(wall, PIER_BAY_M)
    with b.moved(wall.at(0, 0), (0, 0, wall.turn_degrees)):
        for x in np.linspace(0, wall.length_m, count + 1)[1:-1]:
            b.box((x - 0.15, -0.1, BASE_M - 0.12), (x + 0.15, 0.1, top - 0.05), pale)
            b.prism(
                [(-0.24, BASE_M - 0.2), (0.1, BASE_M - 0.2), (0.1, shoulder + 0.3), (-0.24, shoulder)],
                x - 0.3,
                x + 0.3,
                pale,
                axis="x",
            )


def _moulding(z: float) -> list[tuple[float, float]]:
    """A cornice 0.7 m high: fillet, hollow, drip and sloping top."""
    return [(0, z), (0.08, z + 0.02), (0.08, z + 0.18), (0.16, z + 0.26), (0.3, z + 0.34), (0.3, z + 0.56), (0, z + 0.7)]


@cache
def pier_bay() -> bpy.types.Collection:
    """Two half piers, a recessed spandrel and a pair of windows."""
    b = MeshBuilder()
    w, h, pier = PIER_BAY_M, PIER_STOREY_M, 0.5
    pale, dark = concrete.stone(PALE, (1.0, PIER_STOREY_M / 4)), concrete.stone(DARKER, (1.5, 5.0))
    for x in (0.0, w - pier):
        b.box((x, 0, 0), (x + pier, 0.5, h), pale)
    glass = window_glass(1.05, 3.3, w / 2, tint=(0.5, 0.72, 1.0), index=2.9)
    for x0, x1 in ((pier, w / 2), (w / 2, w - pier)):
        hole = (x0 + 0.07, x1 - 0.07, 1.05, 3.3)
        face = (x0, x1, 0.01, h - 0.01)
        rings(b, [(x0, x1, 0, h, 0.22), (*face, 0.22), (*face, 0.2), (*hole, 0.2), (*hole, 0.42)], dark)
        window(b, (*hole, 0.4), concrete.bronze((0.10, 0.10, 0.105)), glass, rails=[1.55])
    b.box((pier, 0.1, 0.97), (w - pier, 0.42, 1.06), pale)
    return asset("pier bay", [b.build("pier bay", bevel_m=0.02)])


@cache
def square_bay() -> bpy.types.Collection:
    """The upper base: a pair of small square windows in one raised frame."""
    b = MeshBuilder()
    w, h = PIER_BAY_M, BASE_M - STREET_M
    pale = concrete.stone(PALE, (1.8, 0.7))
    outer, raised = (w / 2 - 1.15, w / 2 + 1.15, 1.0, 2.3), (w / 2 - 1.0, w / 2 + 1.0, 1.15, 2.15)
    rings(b, [(0, w, 0, h, 0), (*outer, 0), (*outer, -0.09), (*raised, -0.09), (*raised, 0.05)], pale)
    glass = window_glass(1.3, 2.0, w / 2, tint=(0.6, 0.7, 0.8), blinds=0.2)
    for x0, x1 in ((raised[0], w / 2), (w / 2, raised[1])):
        hole = (x0 + 0.13, x1 - 0.13, 1.28, 2.02)
        rings(b, [(x0, x1, *raised[2:], 0.05), (*hole, 0.05), (*hole, 0.3)], pale)
        window(b, (*hole, 0.28), concrete.bronze(), glass, frame_m=0.05)
    return asset("square bay", [b.build("square bay", bevel_m=0.02)])


@cache
def street_bay(*, door: bool = False) -> bpy.types.Collection:
    """The street storey: banded piers and a tall opening with a bronze shop window, or the entrance."""
    b = MeshBuilder()
    w, h = PIER_BAY_M, STREET_M
    pale, bronze = concrete.stone(PALE, (1.8, 0.9), joint_m=0.02), concrete.bronze()
    sill = 0.05 if door else 0.75
    hole = (0.75, w - 0.75, sill, 4.3)
    outer = (0.6, w - 0.6, sill - 0.04, 4.5)
    rings(b, [(0, w, 0, h, 0), (*outer, 0), (*outer, 0.1), (*hole, 0.2), (*hole, 0.62)], pale)
    for low in np.arange(0.6, 4.4, 0.64):
        for x0, x1 in ((0.0, 0.52), (w - 0.52, w)):
            b.box((x0, -0.055, low), (x1, 0.1, low + 0.6), concrete.stone(PALE, (8.0, 8.0)))
    glass = window_glass(sill, 4.3, w / 2, tint=(0.7, 0.75, 0.8), index=1.9, blinds=0.1, lit=0.3, room_m=w)
    window(b, (*hole, 0.55), bronze, glass, bars=[w / 2], rails=[2.9, 2.45 if door else 3.6], frame_m=0.09)
    if door:
        _entrance(b, w)
    else:
        plinth = concrete.granite((0.13, 0.115, 0.105), 0.45)
        b.box((0, -0.1, 0), (w, 0.1, 0.55), plinth)
        b.box((0.7, -0.12, 0.62), (w - 0.7, 0.6, 0.75), plinth)
    parts = [b.build("street bay", bevel_m=0.02)]
    if door:
        name = asset("name", [letters("TRUST COMPANY", 0.2, concrete.bronze((0.4, 0.28, 0.13)))])
        parts.append(instance(name, (w / 2, -0.24, 4.47), (90, 0, 0)))
    return asset("street bay", parts)


def _entrance(b: MeshBuilder, w: float) -> None:
    """A granite portal with a bronze canopy on rods, a threshold, door handles and two lanterns."""
    dark, bronze = concrete.granite((0.085, 0.075, 0.07), 0.3), concrete.bronze((0.09, 0.06, 0.035))
    for x0, x1 in ((0.28, 0.74), (w - 0.74, w - 0.28)):
        b.box((x0, -0.16, 0), (x1, 0.3, 4.35), dark)
        b.box((x0 - 0.05, -0.22, 0), (x1 + 0.05, 0.3, 0.5), dark)
    b.box((0.18, -0.22, 4.3), (w - 0.18, 0.3, 4.85), dark)
    b.box((0.2, -1.5, 3.05), (w - 0.2, 0.1, 3.25), bronze)
    b.box((0.4, -1.4, 3.035), (w - 0.4, 0.0, 3.05), concrete.glow(strength=2.0))
    for x in (0.5, w - 0.5):
        b.tube([(x, -1.3, 3.2), (x, -0.2, 4.5)], 0.02, bronze, sides=8)
        with b.moved((x, -0.28, 1.9)):
            b.box((-0.05, 0, 0.12), (0.05, 0.12, 0.2), bronze)
            b.lathe([(0.02, 0), (0.09, 0.05), (0.09, 0.1)], bronze, sides=16)
            b.lathe([(0.07, 0.1), (0.085, 0.42)], concrete.glow(strength=3.0), sides=16)
            b.lathe([(0.11, 0.42), (0.11, 0.46), (0.02, 0.55)], bronze, sides=16)
    b.box((0.75, 0, 0), (w - 0.75, 0.62, 0.05), dark)
    for x in (w / 2 - 0.12, w / 2 + 0.12):
        b.tube([(x, 0.53, 0.8), (x, 0.47, 0.85), (x, 0.47, 1.5), (x, 0.53, 1.55)], 0.018, concrete.steel(), sides=8)


def plaza_wall(length_m: float = 10) -> bpy.types.Collection:
    """A granite seat wall 0.5 m high: blocks with joints under a coping that overhangs."""
    b = MeshBuilder()
    stone, coping = concrete.granite((0.25, 0.23, 0.215), 0.6), concrete.granite((0.31, 0.29, 0.27), 0.45)
    blocks = max(1, round(length_m / 1.25))
    edges = np.linspace(0, length_m, blocks + 1)
    b.box((0.02, 0.03, 0), (length_m - 0.02, 0.37, 0.4), concrete.painted((0.06, 0.055, 0.05)))
    for x0, x1 in itertools.pairwise(edges):
        b.box((x0 + 0.004, 0.02, 0), (x1 - 0.004, 0.38, 0.4), stone)
        b.box((x0 + 0.003, -0.03, 0.4), (x1 - 0.003, 0.43, 0.5), coping)
    return asset("plaza wall", [b.build("plaza wall", bevel_m=0.008)])
