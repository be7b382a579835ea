"""Solar control glass: it mirrors the street and dimly shows the room behind, which exists only in the shader.

The ray that enters the pane is followed to the back wall, a side wall, the floor or the ceiling of a box behind it, so
the room moves against the frame as a real one does ("interior mapping").
"""

from __future__ import annotations

from functools import cache

import bpy

from examples.scenes.buildings.concrete import shaded
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, Nodes, Socket, new_material

ROOM_DEPTH_M = 4.5
CEILING_ABOVE_HEAD_M = 0.12


@cache
def window_glass(
    sill_m: float,
    head_m: float,
    pane_m: float = 1.5,
    *,
    tint: Colour = (0.62, 0.78, 0.95),
    index: float = 2.3,
    blinds: float = 0.5,
    lit: float = 0.04,
    tilt: float = 0.006,
    room_m: float = 3.2,
) -> bpy.types.Material:
    """Works in the coordinates of a bay (x along the wall, y into the house, z up); every pane is its own.

    Args:
        sill_m: Lower edge of the pane in the bay.
        head_m: Upper edge, where the blind hangs.
        pane_m: Width of a pane, from x = 0 on.
        tint: Colour of the reflection seen straight on.
        index: Refractive index of the coating: 1.5 reflects 4 %, 2.3 reflects 16 %, 3 reflects 25 %.
        blinds: Share of rooms with blinds at least partly down.
        lit: Share of rooms with the light on.
        tilt: How far panes lean from the plane [radians].
        room_m: Width of a room, from x = 0 on.
    """
    material, n = new_material("window glass", Label.GLASS)
    x, _, z = n.new("SeparateXYZ", Vector=n.position).outputs
    dice = _dice(n, x, pane_m)
    drop, dark, _ = n.new("SeparateColor", Color=dice).outputs
    used, usual, light = n.new("SeparateColor", Color=_dice(n, x, room_m, 31.0)).outputs
    up = n.level(z, sill_m, head_m)
    down = n.math("MULTIPLY_ADD", drop, 0.45, n.math("MULTIPLY_ADD", usual, 0.9, -0.25))  # neighbours pull alike
    hangs = n.math("MULTIPLY_ADD", n.math("LESS_THAN", used, blinds), n.math("MULTIPLY", down, -1.0), 1.0)
    slats = n.level(n.math("SINE", n.math("MULTIPLY", z, 90.0)), -1, 1, 0.75, 1.0)
    blind = n.math("MULTIPLY", n.math("GREATER_THAN", up, hangs), slats)
    fabric = n.mix(dark, (0.30, 0.28, 0.25), (0.13, 0.135, 0.14))
    room, lamps = _room(n, head_m + CEILING_ABOVE_HEAD_M, room_m)
    on = n.math("LESS_THAN", light, lit)
    off_behind_blind = n.math("MULTIPLY", on, n.math("MULTIPLY_ADD", blind, -0.9, 1.0))

    lean = n.vector("MULTIPLY", n.vector("SUBTRACT", dice, (0.5, 0.5, 0.5)), (tilt, tilt, tilt))
    leaning = n.vector("NORMALIZE", n.vector("ADD", n.new("NewGeometry").outputs["Normal"], lean))
    wave = n.noise(0.9, detail=1.5, at=n.world_position)
    dust = n.level(n.noise(1.3, detail=6, at=n.world_position), 0.35, 0.75, 0.02, 0.07)
    n.finish(
        n.surface(
            Base_Color=n.mix(blind, shaded(n, room, 0.12), fabric),
            Roughness=dust,
            IOR=index,
            Specular_Tint=tint,
            Normal=n.new("Bump", Height=wave, Distance=0.008, Normal=leaning).outputs[0],
            Emission_Color=n.mix(1.0, shaded(n, room, 0.2), lamps, "ADD"),
            Emission_Strength=off_behind_blind,
        )
    )
    material.cycles.emission_sampling = "NONE"  # thousands of dim panes are not worth aiming at
    return material


@cache
def spandrel_glass(tint: Colour = (0.62, 0.78, 0.95), colour: Colour = (0.035, 0.045, 0.055)) -> bpy.types.Material:
    """Back-painted glass before the floor slabs, in the tone of the panes but flat and opaque."""
    material, n = new_material("spandrel glass", Label.GLASS)
    wave = n.noise(0.9, detail=1.5, at=n.world_position)
    shade = n.level(n.random, 0, 1, 0.85, 1.15)
    dust = n.level(n.noise(1.3, detail=6, at=n.world_position), 0.35, 0.75, 0.05, 0.14)
    bump = n.bump(wave, 0.006)
    n.finish(n.surface(Base_Color=shaded(n, colour, shade), Roughness=dust, IOR=2.2, Specular_Tint=tint, Normal=bump))
    return material


def _dice(n: Nodes, x: Socket, width_m: float, salt: float = 0.0) -> Socket:
    """Three random numbers for each width along the bay and each instance."""
    cell = n.math("FLOOR", n.math("DIVIDE", x, width_m))
    which = n.new("CombineXYZ", X=cell, Y=n.math("MULTIPLY_ADD", n.random, 977.0, salt)).outputs[0]
    return n.new("TexWhiteNoise", Vector=which).outputs["Color"]


def _room(n: Nodes, ceiling_m: float, width_m: float) -> tuple[Socket, Socket]:
    """What the ray through this point of the pane meets: its colour, and the glow of the lamps on the ceiling."""
    x, _, z = n.new("SeparateXYZ", Vector=n.position).outputs
    back = n.new("VectorTransform", vector_type="VECTOR", convert_from="WORLD", convert_to="OBJECT")
    n.tree.links.new(n.new("NewGeometry").outputs["Incoming"], back.inputs[0])
    dx, dy, dz = n.new("SeparateXYZ", Vector=n.vector("MULTIPLY", back.outputs[0], (-1.0, -1.0, -1.0))).outputs
    floor_m = ceiling_m - 2.75
    left = n.math("MULTIPLY", n.math("FLOOR", n.math("DIVIDE", x, width_m)), width_m)
    side = n.math("MULTIPLY_ADD", n.math("GREATER_THAN", dx, 0.0), width_m, left)
    level = n.math("MULTIPLY_ADD", n.math("GREATER_THAN", dz, 0.0), ceiling_m - floor_m, floor_m)
    to_side = n.math("DIVIDE", n.math("SUBTRACT", side, x), dx)
    to_level = n.math("DIVIDE", n.math("SUBTRACT", level, z), dz)
    to_back = n.math("DIVIDE", ROOM_DEPTH_M, n.math("MAXIMUM", dy, 0.01))
    way = n.math("MINIMUM", n.math("MINIMUM", to_side, to_level), to_back)
    hit_x, hit_y, hit_z = (n.math("MULTIPLY_ADD", way, d, start) for d, start in ((dx, x), (dy, 0.0), (dz, z)))

    red, green, _ = n.new("SeparateColor", Color=_dice(n, x, width_m)).outputs
    wall = n.mix(red, (0.55, 0.50, 0.44), (0.22, 0.25, 0.28))
    furniture = n.new("CombineXYZ", X=n.math("FLOOR", n.math("DIVIDE", hit_x, 0.7)), Y=green).outputs[0]
    height = n.level(n.new("TexWhiteNoise", Vector=furniture).outputs["Value"], 0.3, 1.0, 0.75, 1.6)
    desks = n.math("LESS_THAN", hit_z, n.math("ADD", height, floor_m))
    wall = n.mix(desks, wall, (0.08, 0.065, 0.055))
    met_level = n.math("LESS_THAN", to_level, n.math("MINIMUM", to_side, to_back))
    ceiling = n.math("MULTIPLY", met_level, n.math("GREATER_THAN", dz, 0.0))
    colour = n.mix(met_level, wall, (0.10, 0.09, 0.08))
    colour = n.mix(ceiling, colour, (0.7, 0.69, 0.66))
    daylight = n.math("MULTIPLY", n.level(hit_y, 0.0, ROOM_DEPTH_M, 1.0, 0.35), n.level(green, 0, 1, 0.4, 1.5))
    rows = n.math("LESS_THAN", n.math("FRACT", n.math("DIVIDE", hit_y, 1.6)), 0.2)
    lengths = n.math("LESS_THAN", n.math("FRACT", n.math("DIVIDE", hit_x, 1.6)), 0.75)
    lamps = shaded(n, (0.9, 0.78, 0.6), n.math("MULTIPLY", ceiling, n.math("MULTIPLY", rows, lengths)))
    return shaded(n, colour, daylight), lamps
