"""What office blocks are made of: precast concrete, sawn stone, granite, steel and bronze."""

from __future__ import annotations

from functools import cache

import bpy

from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, Nodes, Socket, new_material, plain


@cache
def precast(colour: Colour = (0.46, 0.425, 0.40), stain: float = 0.45) -> bpy.types.Material:
    """Fair-faced concrete panels: no two alike, rain streaks down the face, soot on every ledge."""
    material, n = new_material("precast concrete", Label.BUILDING)
    grain = n.noise(70, detail=3, at=n.world_position)
    shade = n.math("MULTIPLY", weather(n, stain), n.level(grain, 0.25, 0.75, 0.93, 1.05))
    shade = n.math("MULTIPLY", shade, n.level(n.random, 0, 1, 0.94, 1.06))
    n.finish(
        n.surface(
            Base_Color=shaded(n, colour, shade), Roughness=0.85, Specular_IOR_Level=0.3, Normal=n.bump(grain, 0.002, 0.5)
        )
    )
    return material


@cache
def stone(
    colour: Colour = (0.46, 0.41, 0.365), panel_m: tuple[float, float] = (1.2, 0.6), stain: float = 0.3, joint_m: float = 0.012
) -> bpy.types.Material:
    """Sawn stone cladding in panels with open joints, each panel of a slightly different shade."""
    material, n = new_material("stone panels", Label.BUILDING)
    pattern = n.new("TexBrick", offset=0.0, Vector=n.wall(), Scale=1.0, Brick_Width=panel_m[0], Row_Height=panel_m[1])
    for name, value in (("Mortar Size", joint_m), ("Mortar Smooth", 0.3), ("Bias", 0.0)):
        pattern.inputs[name].default_value = value
    pattern.inputs["Color1"].default_value = (0.9, 0.9, 0.9, 1)
    pattern.inputs["Color2"].default_value = (1.08, 1.08, 1.08, 1)
    pattern.inputs["Mortar"].default_value = (0.45, 0.45, 0.45, 1)
    grain = n.noise(55, detail=4, at=n.world_position)
    shade = n.math("MULTIPLY", weather(n, stain), n.level(grain, 0.25, 0.75, 0.92, 1.06))
    shade = n.math("MULTIPLY", shade, n.level(n.random, 0, 1, 0.96, 1.04))
    base = n.mix(1.0, shaded(n, colour, shade), pattern.outputs[0], "MULTIPLY")
    groove = n.bump(n.math("SUBTRACT", 1.0, pattern.outputs[1]), 0.008, 0.6)
    n.finish(n.surface(Base_Color=base, Roughness=0.75, Specular_IOR_Level=0.35, Normal=groove))
    return material


@cache
def granite(colour: Colour = (0.03, 0.029, 0.031), roughness: float = 0.22) -> bpy.types.Material:
    """Speckled crystalline stone, polished (0.15) to flamed (0.7)."""
    material, n = new_material("granite", Label.BUILDING)
    crystals = n.new("TexVoronoi", Vector=n.world_position, Scale=140.0).outputs["Color"]
    speckle = n.level(n.new("SeparateColor", Color=crystals).outputs[0], 0, 1, 0.5, 1.5)
    dust = n.level(n.noise(1.6, detail=6, at=n.world_position), 0.35, 0.7)
    low = n.level(n.new("SeparateXYZ", Vector=n.world_position).outputs[2], 0.0, 0.4, 0.4, 0.04)
    base = n.mix(n.math("MULTIPLY", dust, low), shaded(n, colour, speckle), (0.24, 0.21, 0.18))
    n.finish(n.surface(Base_Color=base, Roughness=n.math("MULTIPLY_ADD", dust, 0.15, roughness)))
    return material


@cache
def steel(colour: Colour = (0.55, 0.55, 0.56), roughness: float = 0.28) -> bpy.types.Material:
    """Brushed stainless steel with the faint bloom of handled metal."""
    return plain("stainless steel", Label.BUILDING, colour, roughness, metallic=1.0, wear=0.08)


@cache
def bronze(colour: Colour = (0.045, 0.035, 0.028)) -> bpy.types.Material:
    """Dark anodised aluminium of window frames and mullions."""
    return plain("bronze anodised", Label.BUILDING, colour, 0.38, metallic=0.6, wear=0.15)


@cache
def painted(colour: Colour, roughness: float = 0.5) -> bpy.types.Material:
    """Painted metal or render."""
    return plain("painted", Label.BUILDING, colour, roughness, wear=0.12)


@cache
def roofing() -> bpy.types.Material:
    """Gravel over bitumen."""
    return plain("roofing", Label.BUILDING, (0.16, 0.15, 0.14), 0.95, wear=0.3)


@cache
def glow(colour: Colour = (1.0, 0.82, 0.6), strength: float = 5.0) -> bpy.types.Material:
    """A lamp panel."""
    material, n = new_material("lamp panel", Label.BUILDING)
    n.finish(n.new("Emission", Color=colour, Strength=strength).outputs[0])
    return material


def weather(n: Nodes, stain: float) -> Socket:
    """Brightness of a wall: cloudy patches, streaks that the rain draws down the face, soot where dust can lie."""
    x, y, z = n.new("SeparateXYZ", Vector=n.world_position).outputs
    run = n.new("CombineXYZ", X=x, Y=y, Z=n.math("MULTIPLY", z, 0.07)).outputs[0]
    streak = n.level(n.noise(2.2, detail=6, roughness=0.65, at=run), 0.42, 0.72, 1.0, 1 - stain)
    cloud = n.level(n.noise(0.35, detail=5, at=n.world_position), 0.3, 0.7, 1 - stain / 3, 1 + stain / 6)
    upward = n.new("SeparateXYZ", Vector=n.new("NewGeometry").outputs["Normal"]).outputs[2]
    soot = n.level(upward, 0.15, 0.8, 1.0, 1 - 0.8 * stain)
    return n.math("MULTIPLY", n.math("MULTIPLY", streak, cloud), soot)


def shaded(n: Nodes, colour: Colour | Socket, shade: Socket | float) -> Socket:
    """A colour times a brightness."""
    return n.mix(1.0, colour, n.new("CombineColor", Red=shade, Green=shade, Blue=shade).outputs[0], "MULTIPLY")
