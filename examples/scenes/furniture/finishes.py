"""Surfaces of street furniture: painted iron, bare metal, cloth, wood, stone. Dirt lies low, runs down, gathers on ledges."""

from __future__ import annotations

from functools import cache

import bpy

from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, Nodes, Socket, new_material

DUST = (0.17, 0.15, 0.125)
RUST = (0.16, 0.055, 0.02)


@cache
def paint(
    name: str,
    label: Label,
    colour: Colour,
    *,
    roughness: float = 0.42,
    grime: float = 0.4,
    rust: float = 0.1,
    orange_peel_m: float = 0.0004,
) -> bpy.types.Material:
    """Gloss paint on metal: run-off streaks, dust on ledges and near the ground, a few chips that rust."""
    material, n = new_material(name, label)
    x, y, z = n.new("SeparateXYZ", Vector=n.position).outputs
    streaks = n.noise(
        1.0, detail=5, at=n.new("CombineXYZ", X=n.math("MULTIPLY", x, 30.0), Y=n.math("MULTIPLY", y, 30.0), Z=z).outputs[0]
    )
    patches = n.noise(3.0, detail=7, at=n.world_position)
    near_ground = n.level(z, 0.0, 0.5, 1.0, 0.0)
    ledges = n.level(n.new("SeparateXYZ", Vector=n.new("NewGeometry").outputs["Normal"]).outputs[2], 0.5, 1.0)
    dirt = n.math("MULTIPLY", n.level(streaks, 0.45, 0.8), 0.5)
    dirt = n.math("ADD", dirt, n.math("MULTIPLY", n.math("ADD", near_ground, n.math("MULTIPLY", ledges, 0.7)), patches))
    dirt = n.math("MULTIPLY", dirt, grime, clamp=True)
    faded = n.mix(n.level(patches, 0.35, 0.7, 0.0, 0.35), colour, tuple(min(1.0, 1.35 * c + 0.012) for c in colour))
    base = n.mix(dirt, faded, DUST)
    chips = n.math("MULTIPLY", n.level(n.noise(28, detail=6, roughness=0.62), 0.66, 0.69), n.level(patches, 0.45, 0.6))
    base = n.mix(n.math("MULTIPLY", chips, rust * 6, clamp=True), base, RUST)
    rough = n.math("ADD", n.math("MULTIPLY", dirt, 0.45), roughness, clamp=True)
    n.finish(n.surface(Base_Color=base, Roughness=rough, Normal=n.bump(n.noise(90, detail=2), orange_peel_m)))
    return material


def iron(colour: Colour = (0.016, 0.017, 0.016), label: Label = Label.OBJECT) -> bpy.types.Material:
    """Black cast iron, coarser than sheet metal."""
    return paint(f"cast iron {colour} {label}", label, colour, roughness=0.5, grime=0.25, rust=0.12, orange_peel_m=0.0012)


@cache
def metal(
    name: str,
    label: Label,
    colour: Colour = (0.5, 0.51, 0.52),
    *,
    roughness: float = 0.34,
    brushed: bool = True,
    grime: float = 0.3,
) -> bpy.types.Material:
    """Bare stainless, aluminium or zinc: brushed (or spangled), smudged and a little dented."""
    material, n = new_material(name, label)
    x, y, z = n.new("SeparateXYZ", Vector=n.position).outputs
    if brushed:
        grain = n.noise(
            1.0,
            detail=3,
            at=n.new(
                "CombineXYZ", X=n.math("MULTIPLY", x, 6.0), Y=n.math("MULTIPLY", y, 6.0), Z=n.math("MULTIPLY", z, 400.0)
            ).outputs[0],
        )
    else:
        grain = n.new("TexVoronoi", Vector=n.position, Scale=45.0).outputs["Color"]
        grain = n.new("SeparateColor", Color=grain).outputs[0]
    smudges = n.noise(7.0, detail=6, roughness=0.6, at=n.world_position)
    splashed = n.math("MULTIPLY", n.level(z, 0.15, 0.75, 1.2, 0.0), smudges)
    dirt = n.math("MULTIPLY", n.math("ADD", n.level(smudges, 0.42, 0.72), splashed), grime, clamp=True)
    base = n.mix(dirt, n.mix(n.math("MULTIPLY", grain, 0.25), colour, tuple(0.6 * c for c in colour)), (0.12, 0.105, 0.085))
    rough = n.math(
        "ADD", n.level(grain, 0.2, 0.8, roughness - 0.08, roughness + 0.08), n.math("MULTIPLY", dirt, 0.5), clamp=True
    )
    dents = n.bump(n.noise(3.0, detail=1), 0.004, 0.5)
    n.finish(n.surface(Base_Color=base, Roughness=rough, Metallic=n.math("SUBTRACT", 1.0, dirt), Normal=dents))
    return material


def cloth_shader(n: Nodes, colour: Socket | Colour, *, translucency: float = 0.3) -> Socket:
    """Woven fabric through which the sun glows."""
    patches = n.level(n.noise(4.0, detail=6), 0.3, 0.75, 1.05, 0.78)
    colour = n.mix(1.0, colour, n.new("CombineColor", Red=patches, Green=patches, Blue=patches).outputs[0], "MULTIPLY")
    weave = n.bump(n.noise(700, detail=1), 0.0005, 0.4)
    front = n.surface(Base_Color=colour, Roughness=0.8, Normal=weave, Sheen_Weight=0.15)
    back = n.new("BsdfTranslucent", Color=colour).outputs[0]
    mix = n.new("MixShader", Fac=translucency)
    n.tree.links.new(front, mix.inputs[1])
    n.tree.links.new(back, mix.inputs[2])
    return mix.outputs[0]


@cache
def cloth(name: str, label: Label, colour: Colour, *, translucency: float = 0.3) -> bpy.types.Material:
    """Sun-bleached fabric of one colour."""
    material, n = new_material(name, label)
    n.finish(cloth_shader(n, colour, translucency=translucency))
    return material


@cache
def wood(name: str, label: Label, colour: Colour = (0.2, 0.105, 0.05)) -> bpy.types.Material:
    """Oiled and weathered slats, the grain along x."""
    material, n = new_material(name, label)
    x, y, z = n.new("SeparateXYZ", Vector=n.position).outputs
    along = n.new(
        "CombineXYZ", X=n.math("MULTIPLY", x, 1.5), Y=n.math("MULTIPLY", y, 45.0), Z=n.math("MULTIPLY", z, 45.0)
    ).outputs[0]
    grain = n.noise(1.0, detail=6, roughness=0.6, at=along)
    slat = n.noise(
        1.0, detail=0, at=n.new("CombineXYZ", Y=n.math("MULTIPLY", y, 9.0), Z=n.math("MULTIPLY", z, 9.0)).outputs[0]
    )
    grey = n.level(n.noise(2.0, detail=6, at=n.world_position), 0.4, 0.7, 0.0, 0.55)
    base = n.mix(n.level(grain, 0.3, 0.7), tuple(0.5 * c for c in colour), tuple(1.25 * c for c in colour))
    base = n.mix(n.level(slat, 0.3, 0.7, 0.0, 0.4), base, tuple(0.55 * c for c in colour))
    base = n.mix(grey, base, (0.17, 0.155, 0.135))
    n.finish(n.surface(Base_Color=base, Roughness=n.level(grain, 0.3, 0.7, 0.5, 0.75), Normal=n.bump(grain, 0.002)))
    return material


@cache
def stone(name: str, label: Label, colour: Colour = (0.3, 0.29, 0.27), *, speckle: float = 0.25) -> bpy.types.Material:
    """Concrete or granite: speckled, stained, rough; moss-dark near the ground."""
    material, n = new_material(name, label)
    z = n.new("SeparateXYZ", Vector=n.position).outputs[2]
    stains = n.noise(2.2, detail=8, at=n.world_position)
    grain = n.noise(150, detail=3)
    base = n.mix(n.level(stains, 0.3, 0.72), tuple(1.12 * c for c in colour), tuple(0.62 * c for c in colour))
    base = n.mix(n.math("MULTIPLY", n.level(grain, 0.45, 0.65), speckle), base, tuple(0.35 * c for c in colour))
    base = n.mix(n.math("MULTIPLY", n.level(z, 0.0, 0.14, 0.75, 0.0), stains), base, (0.06, 0.055, 0.042))
    pits = n.bump(n.math("ADD", grain, n.noise(25, detail=6)), 0.003)
    n.finish(n.surface(Base_Color=base, Roughness=0.88, Normal=pits))
    return material


@cache
def soil(label: Label = Label.OBJECT) -> bpy.types.Material:
    """Dark potting earth."""
    material, n = new_material("soil", label)
    crumbs = n.noise(55, detail=6, roughness=0.65)
    base = n.ramp(crumbs, [(0.3, (0.012, 0.008, 0.005)), (0.55, (0.045, 0.028, 0.017)), (0.75, (0.11, 0.075, 0.05))])
    n.finish(n.surface(Base_Color=base, Roughness=0.95, Normal=n.bump(crumbs, 0.02)))
    return material


@cache
def glow(name: str, label: Label, colour: Colour, strength: float = 1.0, base: Colour = (0.7, 0.7, 0.7)) -> bpy.types.Material:
    """A lamp's diffuser: milky, shining a little."""
    material, n = new_material(name, label)
    n.finish(n.surface(Base_Color=base, Roughness=0.25, Emission_Color=(*colour, 1.0), Emission_Strength=strength))
    return material


@cache
def ink(name: str, label: Label, colour: Colour, roughness: float = 0.45) -> bpy.types.Material:
    """Print, reflective sheeting, plastic: one colour, slightly faded in patches."""
    material, n = new_material(name, label)
    patches = n.level(n.noise(9.0, detail=6, at=n.world_position), 0.35, 0.7, 0.0, 0.3)
    base = n.mix(patches, colour, tuple(0.75 * c + 0.03 for c in colour))
    n.finish(n.surface(Base_Color=base, Roughness=roughness))
    return material
