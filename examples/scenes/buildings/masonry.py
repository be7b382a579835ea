"""Materials of old walls: sandstone, brick, plaster, roofing, and painted or rusty iron.

Bricks and blocks lie in object coordinates (they fit the edges of a bay), stains and weathering in world coordinates
(no two instances of a bay look alike). `stains` are rain streaks below sills: (x, z, width) of the sills [m], on the
faces of the object that look along y.
"""

from __future__ import annotations

from functools import cache

import bpy

from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, Nodes, Socket, new_material, plain

SANDSTONE: Colour = (0.43, 0.335, 0.235)
RED_BRICK: Colour = (0.19, 0.1, 0.063)
BROWN_BRICK: Colour = (0.2, 0.11, 0.07)
MORTAR: Colour = (0.24, 0.19, 0.145)
STUCCO: Colour = (0.62, 0.57, 0.47)
BRICK_M = (0.225, 0.075)  # a brick and its joint: length, height

Stains = tuple[tuple[float, float, float], ...]


@cache
def sandstone(
    colour: Colour = SANDSTONE, block_m: tuple[float, float] | None = None, stains: Stains = ()
) -> bpy.types.Material:
    """Tooled stone, darker near the ground and in streaks; block_m: size of the blocks where joints are only drawn."""
    material, n = new_material("sandstone", Label.BUILDING)
    grain = n.noise(45, detail=3, roughness=0.7)
    beds = n.noise(1.0, detail=3, at=n.vector("MULTIPLY", n.world_position, (0.7, 0.7, 5.0)))
    broad = n.noise(0.45, detail=4, at=n.world_position)
    block = n.math("FRACT", n.math("ADD", n.new("NewGeometry").outputs["Random Per Island"], n.random))
    shade = _product(
        n, n.level(grain, 0.25, 0.75, 0.9, 1.1), n.level(beds, 0.3, 0.7, 0.88, 1.12), n.level(block, 0, 1, 0.84, 1.1)
    )
    base = n.mix(n.level(broad, 0.35, 0.65, 0, 0.75), colour, _scaled(colour, 0.82, 0.74, 0.66))
    height = n.math("ADD", n.math("MULTIPLY", grain, 0.5), n.math("MULTIPLY", n.noise(9, detail=3), 0.5))
    if block_m:
        joints = n.new(
            "TexBrick", Vector=n.wall(), Scale=1.0, Brick_Width=block_m[0], Row_Height=block_m[1], Mortar_Size=0.006,
            Mortar_Smooth=0.3, Color1=(0.84, 0.84, 0.84), Color2=(1.1, 1.1, 1.1), Mortar=(0.6, 0.6, 0.6), Bias=0.0,
        )  # fmt: skip
        base = n.mix(1.0, base, joints.outputs["Color"], "MULTIPLY")
        height = n.math("SUBTRACT", height, n.math("MULTIPLY", joints.outputs["Fac"], 1.5))
    base = _weather(n, _shaded(n, base, shade), stains, streaks=0.65)
    n.finish(n.surface(Base_Color=base, Roughness=0.88, Normal=n.bump(height, 0.008)))
    return material


@cache
def brick(colour: Colour = RED_BRICK, stains: Stains = (), mortar: Colour = MORTAR) -> bpy.types.Material:
    """Stretcher bond of 0.225 x 0.075 m with recessed mortar; every brick has its own shade."""
    material, n = new_material("brick", Label.BUILDING)
    long, high = BRICK_M
    bond = n.new(
        "TexBrick", Vector=n.wall(), Scale=1.0, Brick_Width=long, Row_Height=high, Mortar_Size=0.0055, Mortar_Smooth=0.25,
        Color1=_scaled(colour, 0.62, 0.58, 0.6), Color2=_scaled(colour, 1.35, 1.3, 1.2), Mortar=mortar, Bias=-0.1,
    )  # fmt: skip
    mortar_share = bond.outputs["Fac"]
    patches = n.level(n.noise(0.35, detail=3, at=n.world_position), 0.3, 0.7, 0.78, 1.2)
    burnt = n.level(n.noise(5.0, detail=2, at=n.world_position), 0.35, 0.7, 1.12, 0.75)
    grain = n.noise(70, detail=2)
    shade = _product(n, patches, burnt, n.level(grain, 0.3, 0.7, 0.88, 1.12))
    base = _weather(n, _shaded(n, bond.outputs["Color"], shade), stains)
    lime = n.level(n.noise(0.8, detail=4, at=n.world_position), 0.62, 0.82, 0, 0.12)
    base = n.mix(lime, base, (0.4, 0.36, 0.32))  # efflorescence
    height = n.math("SUBTRACT", n.math("MULTIPLY", grain, 0.35), mortar_share)
    n.finish(n.surface(Base_Color=base, Roughness=0.85, Normal=n.bump(height, 0.007)))
    return material


@cache
def plaster(colour: Colour = STUCCO, stains: Stains = (), dirt: float = 0.1) -> bpy.types.Material:
    """Smooth painted render: hardly any texture, only broad faint clouds, and rain streaks where asked."""
    material, n = new_material("plaster", Label.BUILDING)
    clouds = n.level(n.noise(0.25, detail=3, at=n.world_position), 0.3, 0.7, 1 - dirt, 1 + dirt * 0.5)
    base = _weather(n, _shaded(n, (*colour,), clouds), stains, streaks=0.25)
    n.finish(n.surface(Base_Color=base, Roughness=0.9, Normal=n.bump(n.noise(30, detail=3), 0.0012)))
    return material


@cache
def roofing() -> bpy.types.Material:
    """Gravel on tar."""
    material, n = new_material("roofing", Label.BUILDING)
    base = n.ramp(n.noise(25, detail=6, roughness=0.8), [(0.3, (0.04, 0.038, 0.036)), (0.7, (0.2, 0.19, 0.18))])
    n.finish(n.surface(Base_Color=base, Roughness=0.95))
    return material


def iron(colour: Colour = (0.025, 0.026, 0.026)) -> bpy.types.Material:
    """Painted wrought iron."""
    return plain("wrought iron", Label.BUILDING, colour, 0.5, wear=0.35)


def zinc() -> bpy.types.Material:
    """Weathered sheet metal, for flashings and ducts."""
    return plain("zinc", Label.BUILDING, (0.36, 0.37, 0.38), 0.45, 0.6, wear=0.25)


def _weather(n: Nodes, base: Socket, stains: Stains, streaks: float = 0.45) -> Socket:
    """Soot rising from the street, faint streaks everywhere and strong ones below sills."""
    height = n.new("SeparateXYZ", Vector=n.world_position).outputs[2]
    runs = n.noise(1.0, detail=4, roughness=0.6, at=n.vector("MULTIPLY", n.world_position, (4.0, 4.0, 0.22)))
    soot = n.math(
        "MULTIPLY", n.level(height, 0.0, 2.2, 0.5, 0.0), n.level(n.noise(1.2, detail=4, at=n.world_position), 0.3, 0.7)
    )
    dark = n.math("MAXIMUM", soot, n.level(runs, 0.55, 0.8, 0, streaks))
    if stains:
        x, _, z = n.new("SeparateXYZ", Vector=n.position).outputs
        for centre, sill, width in stains:
            beside = n.level(n.math("ABSOLUTE", n.math("SUBTRACT", x, centre)), width * 0.3, width * 0.56, 1, 0)
            below = n.math("SUBTRACT", sill, z)
            fading = n.math("MULTIPLY", n.level(below, 0.0, 1.3, 1, 0), n.math("GREATER_THAN", below, 0.0))
            drip = n.math("MULTIPLY", n.math("MULTIPLY", beside, fading), n.level(runs, 0.35, 0.65, 0.05, 0.7))
            dark = n.math("MAXIMUM", dark, drip)
    return n.mix(n.math("MULTIPLY", dark, 0.75), base, (0.045, 0.04, 0.036))


def _shaded(n: Nodes, base: Socket | tuple[float, ...], shade: Socket) -> Socket:
    return n.mix(1.0, base, n.new("CombineColor", Red=shade, Green=shade, Blue=shade).outputs[0], "MULTIPLY")


def _product(n: Nodes, *factors: Socket) -> Socket:
    result, *rest = factors
    for factor in rest:
        result = n.math("MULTIPLY", result, factor)
    return result


def _scaled(colour: Colour, red: float, green: float, blue: float) -> Colour:
    return colour[0] * red, colour[1] * green, colour[2] * blue
