"""Curtain walls: a block of mirroring panes on a steel ground floor, and a tower behind a white steel truss."""

from __future__ import annotations

import itertools
from functools import cache

import bpy
import numpy as np

from examples.scenes.buildings import concrete
from examples.scenes.buildings.facade import band, pane, plant, posts, rectangle, roof, row, walls
from examples.scenes.buildings.lobby import drum_frame, lobby, revolving_door
from examples.scenes.buildings.office_glass import spandrel_glass, window_glass
from examples.scenes.kit.assets import asset, instance
from examples.scenes.kit.materials import Colour, clear_glass
from examples.scenes.kit.mesh import MeshBuilder

PANE_M, STOREY_M, ENTRY_M = 1.5, 3.8, 6.2
BAY_M = 4 * PANE_M
SPANDREL_M = 1.1
BLUE, GREEN, SMOKE = (0.55, 0.78, 1.0), (0.6, 0.95, 0.85), (0.8, 0.78, 0.74)


def glass_block(
    width_m: float = 30, depth_m: float = 30, storeys: int = 14, seed: int = 0, tint: Colour = BLUE
) -> bpy.types.Collection:
    """A curtain wall of 1.5 m panes, each leaning its own way, on a ground floor of steel and clear glass."""
    rng = np.random.default_rng(seed)
    outline, post_m = rectangle(width_m, depth_m), 0.3
    top = ENTRY_M + (storeys - 1) * STOREY_M
    b = MeshBuilder()
    posts(b, outline, post_m, 0, top, concrete.steel(roughness=0.4))
    band(
        b,
        outline,
        [(0, ENTRY_M - 0.9), (0.35, ENTRY_M - 0.8), (0.35, ENTRY_M - 0.1), (0, ENTRY_M)],
        concrete.steel(roughness=0.35),
    )
    roof(b, outline, top, concrete.painted((0.20, 0.205, 0.21)), parapet_m=2.2, coping=concrete.steel())
    plant(b, width_m, depth_m, top, rng)
    b.prism(rectangle(width_m, depth_m, 0.4), ENTRY_M - 0.8, top - 0.1, concrete.painted((0.02, 0.02, 0.02)))
    parts = [b.build("glass block", bevel_m=0.02), lobby(width_m, depth_m, ENTRY_M - 1.0)]
    variants = [curtain_bay(tint)] * 6 + [curtain_bay(tint, vent=True)]
    for side, wall in enumerate(walls(outline, post_m)):
        parts += row(wall, 0, BAY_M, [entry_bay()], rng, entry_bay(door=True) if side == 0 else None)
        for storey in range(storeys - 1):
            parts += row(wall, ENTRY_M + storey * STOREY_M, BAY_M, variants, rng)
    return asset("glass block", parts)


@cache
def curtain_bay(tint: Colour = BLUE, *, vent: bool = False) -> bpy.types.Collection:
    """Four panes over four spandrel panels between aluminium mullions; a vent stands open in some."""
    b = MeshBuilder()
    metal = concrete.painted((0.23, 0.235, 0.24), 0.35)
    clear = window_glass(SPANDREL_M, STOREY_M, PANE_M, tint=tint, index=3.2, blinds=0.45, tilt=0.009, room_m=BAY_M)
    opaque = spandrel_glass(tint)
    for k in range(4):
        x0, x1 = k * PANE_M + 0.03, (k + 1) * PANE_M - 0.03
        pane(b, x0, x1, 0.03, SPANDREL_M - 0.03, 0.03, opaque)
        if vent and k == 1:
            _open_vent(b, x0, x1, clear)
            pane(b, x0, x1, SPANDREL_M + 1.03, STOREY_M - 0.03, 0.03, clear)
        else:
            pane(b, x0, x1, SPANDREL_M + 0.03, STOREY_M - 0.03, 0.03, clear)
        b.box((k * PANE_M - 0.03, -0.1, 0), (k * PANE_M + 0.03, 0.1, STOREY_M), metal)
    for z in (0.0, SPANDREL_M):
        b.box((0, -0.045, z - 0.03), (BAY_M, 0.08, z + 0.03), metal)
    return asset("curtain bay", [b.build("curtain bay", bevel_m=0.008)])


def _open_vent(b: MeshBuilder, x0: float, x1: float, glass: bpy.types.Material) -> None:
    """A hopper light in its frame, hung from the top and pushed out; the room behind is dark."""
    metal = concrete.bronze()
    z0, z1, out = SPANDREL_M + 0.03, SPANDREL_M + 1.0, 0.22
    pane(b, x0, x1, z0, z1, 0.3, concrete.painted((0.015, 0.015, 0.015)))
    b.box((x0, -0.02, z1), (x1, 0.08, z1 + 0.05), metal)
    b.add([(x0, -out, z0), (x1, -out, z0), (x1, -0.02, z1), (x0, -0.02, z1)], [(0, 1, 2, 3), (3, 2, 1, 0)], glass)
    b.box((x0, -out - 0.02, z0 - 0.02), (x1, -out + 0.03, z0 + 0.03), metal)


@cache
def entry_bay(*, door: bool = False) -> bpy.types.Collection:
    """The ground floor: a round steel column before tall panes with steel fins; or the entrance."""
    b = MeshBuilder()
    w, h = BAY_M, ENTRY_M - 0.8
    metal, glass = concrete.steel(), clear_glass("lobby glass", (0.7, 0.78, 0.76))
    for x0, x1 in [(0, w / 2 - 1.25), (w / 2 + 1.25, w)] if door else [(0, w)]:
        b.box((x0, 0.62, 0), (x1, 0.78, 0.18), metal)
    b.box((0, 0.62, 3.2), (w, 0.78, 3.32), metal)
    b.box((0, 0, h), (w, 0.9, h + 0.08), concrete.painted((0.35, 0.35, 0.36)))
    fins = [0.0, w / 2 - 1.25, w / 2 + 1.25, w] if door else [*np.linspace(0, w, 5)]
    for k, (x0, x1) in enumerate(itertools.pairwise(fins)):
        pane(b, x0 + 0.02, x1 - 0.02, 3.32, h, 0.7, glass)
        b.box((x0 - 0.02, 0.5, 0), (x0 + 0.02, 0.8, h), metal)
        if door and k == 1:
            drum_frame(b, w / 2, 1.25, 0.7, 3.21, metal)
        else:
            pane(b, x0 + 0.02, x1 - 0.02, 0.18, 3.2, 0.7, glass)
    with b.moved((0, 0.28, 0)):
        b.lathe(
            [(0.3, 0), (0.3, 0.1), (0.26, 0.12), (0.26, h - 0.1), (0.3, h - 0.1), (0.3, h)], concrete.steel(roughness=0.35)
        )
    parts = [b.build("entry bay", bevel_m=0.008)]
    if door:
        parts.append(instance(asset("revolving door", [revolving_door()]), (w / 2, 0.7, 0)))
    return asset("entry bay", parts)
