"""What cars are made of: clear-coated paint with road dust, rubber, plastics, lamp lenses, alloy, cloth."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import bpy

from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, clear_glass, new_material, plain

DUST: Colour = (0.19, 0.165, 0.13)


@cache
def paint(colour: Colour, dust_m: float = 0.75) -> bpy.types.Material:
    """Clear-coated paint, dusty up to about `dust_m`; its back side, seen through the windows, is grey lining."""
    material, n = new_material("car paint", Label.VEHICLE)
    height = n.new("SeparateXYZ", Vector=n.position).outputs[2]
    film = n.level(n.noise(7, detail=6, at=n.world_position), 0.3, 0.75, 0.2, 1.0)
    dust = n.math("MULTIPLY", n.math("MULTIPLY_ADD", n.level(height, 0.2, dust_m, 0.3, 0.0), film, 0.006), 1.0, clamp=True)
    flakes = n.level(n.noise(900, detail=1), 0.35, 0.65, 0.88, 1.12)
    shade = n.new("CombineColor", Red=flakes, Green=flakes, Blue=flakes).outputs[0]
    outside = n.mix(dust, n.mix(1.0, colour, shade, "MULTIPLY"), DUST)
    back = n.new("NewGeometry").outputs["Backfacing"]
    front = n.math("SUBTRACT", 1.0, back)
    coat = n.math("MULTIPLY", n.level(dust, 0.0, 0.4, 1.0, 0.35), front)
    n.finish(
        n.surface(
            Base_Color=n.mix(back, outside, (0.16, 0.155, 0.15)),
            Roughness=n.mix(back, n.level(dust, 0.0, 0.4, 0.3, 0.7), (0.9, 0.9, 0.9)),
            Specular_IOR_Level=0.2,
            Metallic=n.math("MULTIPLY", n.level(dust, 0.0, 0.3, 0.15, 0.0), front),
            Coat_Weight=coat,
            Coat_Roughness=n.level(dust, 0.0, 0.4, 0.03, 0.3),
            Coat_IOR=1.5,
        )
    )
    return material


@cache
def lens(name: str, colour: Colour, ribs_m: float = 0.018) -> bpy.types.Material:
    """Glossy lamp plastic: the optics behind it show as ribs and blotches."""
    material, n = new_material(name, Label.VEHICLE)
    across, _, up = n.new("SeparateXYZ", Vector=n.position).outputs
    bands = n.math("PINGPONG", up, 2 * ribs_m)
    fine = n.math("PINGPONG", across, ribs_m / 5)
    facets = n.math("MULTIPLY", n.level(bands, 0.2 * ribs_m, 1.2 * ribs_m, 0.4, 1.0), n.level(fine, 0.0, ribs_m / 5, 0.8, 1.1))
    depth = n.math("MULTIPLY", facets, n.level(n.noise(7, detail=2), 0.35, 0.65, 0.5, 1.2))
    shade = n.new("CombineColor", Red=depth, Green=depth, Blue=depth).outputs[0]
    base = n.mix(1.0, colour, shade, "MULTIPLY")
    n.finish(
        n.surface(
            Base_Color=base,
            Roughness=0.25,
            Metallic=0.2,
            Coat_Weight=1.0,
            Coat_Roughness=0.02,
            Emission_Color=base,  # light that comes back from the reflectors inside
            Emission_Strength=0.12,
        )
    )
    return material


@cache
def tyre_rubber() -> bpy.types.Material:
    """Black rubber, dusty, with the cross cuts of a tread (in the wheel's own frame, axle along z)."""
    material, n = new_material("tyre", Label.VEHICLE)
    dirt = n.level(n.noise(14, detail=6, at=n.world_position), 0.35, 0.7)
    base = n.mix(dirt, (0.018, 0.018, 0.019), (0.05, 0.046, 0.04))
    n.finish(n.surface(Base_Color=base, Roughness=n.level(dirt, 0.0, 1.0, 0.6, 0.9)))
    return material


@cache
def clear_pane() -> bpy.types.Material:
    return clear_glass("car glass", (0.80, 0.87, 0.84))


@cache
def privacy_pane() -> bpy.types.Material:
    return clear_glass("dark car glass", (0.42, 0.46, 0.46))


class Kit(NamedTuple):
    """The materials that all vehicles share."""

    rubber: bpy.types.Material
    gap: bpy.types.Material
    trim: bpy.types.Material
    plastic: bpy.types.Material
    dark: bpy.types.Material
    chrome: bpy.types.Material
    alloy: bpy.types.Material
    steel: bpy.types.Material
    cloth: bpy.types.Material
    cloth_pale: bpy.types.Material
    interior: bpy.types.Material
    mirror: bpy.types.Material
    amber: bpy.types.Material
    plate: bpy.types.Material
    plate_ink: bpy.types.Material


@cache
def kit() -> Kit:
    return Kit(
        rubber=plain("car rubber", Label.VEHICLE, (0.015, 0.015, 0.016), 0.55),
        gap=plain("car gap", Label.VEHICLE, (0.004, 0.004, 0.004), 0.9, wear=0.0),
        trim=plain("car black trim", Label.VEHICLE, (0.012, 0.012, 0.013), 0.18, wear=0.05, coat=0.5),
        plastic=plain("car plastic", Label.VEHICLE, (0.03, 0.03, 0.031), 0.62),
        dark=plain("car underside", Label.VEHICLE, (0.012, 0.012, 0.012), 0.95),
        chrome=plain("car chrome", Label.VEHICLE, (0.75, 0.75, 0.76), 0.08, 1.0, wear=0.05),
        alloy=plain("car alloy", Label.VEHICLE, (0.36, 0.365, 0.38), 0.32, 0.8, wear=0.2, coat=0.3),
        steel=plain("car steel", Label.VEHICLE, (0.30, 0.29, 0.28), 0.35, 1.0),
        cloth=plain("car cloth", Label.VEHICLE, (0.05, 0.049, 0.048), 0.92, wear=0.25),
        cloth_pale=plain("car cloth centre", Label.VEHICLE, (0.085, 0.082, 0.08), 0.95, wear=0.25),
        interior=plain("car interior", Label.VEHICLE, (0.055, 0.053, 0.052), 0.75),
        mirror=plain("car mirror", Label.VEHICLE, (0.85, 0.86, 0.87), 0.02, 1.0, wear=0.0),
        amber=plain("car amber", Label.VEHICLE, (0.5, 0.17, 0.02), 0.15, coat=1.0),
        plate=plain("car plate", Label.VEHICLE, (0.62, 0.62, 0.58), 0.4, wear=0.12),
        plate_ink=plain("car plate ink", Label.VEHICLE, (0.02, 0.025, 0.07), 0.45),
    )
