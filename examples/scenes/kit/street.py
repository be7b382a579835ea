"""What one stands on: asphalt with its paint, kerbs, gutters and paving."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np

from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, Nodes, Socket, new_material
from examples.scenes.kit.mesh import MeshBuilder

KERB_M = 0.14  # height
LINE_M = 0.12  # width of lane paint
PAINT_M = 0.002  # and its thickness
WHITE: Colour = (0.62, 0.61, 0.57)
YELLOW: Colour = (0.55, 0.38, 0.05)


def _tint(n: Nodes, colour: Socket | Colour, shade: Socket) -> Socket:
    return n.mix(1.0, colour, n.new("CombineColor", Red=shade, Green=shade, Blue=shade).outputs[0], "MULTIPLY")


def _asphalt_colour(n: Nodes, tone: float = 1.0) -> tuple[Socket, Socket]:
    """Colour, and the height of the grain for a bump."""
    p = n.world_position
    x, _, _ = n.new("SeparateXYZ", Vector=p).outputs
    along = n.vector("MULTIPLY", p, (1.0, 0.18, 1.0))  # traffic smears everything along the road
    base = n.ramp(n.noise(0.22, detail=5, at=along), [(0.3, (0.036, 0.037, 0.040)), (0.7, (0.062, 0.061, 0.060))])
    patches = n.level(n.noise(0.9, detail=4, roughness=0.6, at=along), 0.35, 0.65, 0.88, 1.12)
    grain = n.noise(140, detail=2, at=p)
    stones = n.level(n.noise(420, detail=1, at=p), 0.55, 0.75, 0.0, 0.35)
    shade = n.math("MULTIPLY", patches, n.math("ADD", n.level(grain, 0.3, 0.7, 0.75, 1.2), stones))
    # Tyres polish two tracks in each 3.2 m lane; oil drips between them.
    track = n.math("COSINE", n.math("MULTIPLY", n.math("ADD", x, 0.65), 2 * np.pi / 1.6))
    shade = n.math("MULTIPLY", shade, n.level(track, -1.0, 1.0, 1.06, 0.9))
    wobble = n.vector(
        "ADD", p, n.vector("MULTIPLY", n.new("TexNoise", Vector=p, Scale=1.3, Detail=3.0).outputs[1], (0.9, 0.9, 0.0))
    )
    edges = n.new("TexVoronoi", Vector=wobble, Scale=0.17, feature="DISTANCE_TO_EDGE").outputs["Distance"]
    crack = n.math("MULTIPLY", n.level(edges, 0.0, 0.0035, 1.0, 0.0), n.level(n.noise(0.15, at=p), 0.48, 0.56))
    shade = n.math("MULTIPLY", shade, n.level(crack, 0.0, 1.0, 1.0, 0.35))
    return _tint(n, base, n.math("MULTIPLY", shade, tone)), grain


@cache
def asphalt(tone: float = 1.0) -> bpy.types.Material:
    """Worn asphalt; a tone below 1 is newer and darker."""
    material, n = new_material("asphalt", Label.ROAD)
    colour, height = _asphalt_colour(n, tone)
    n.finish(n.surface(Base_Color=colour, Roughness=0.85, Normal=n.bump(height, 0.004, 0.5), Specular_IOR_Level=0.25))
    return material


@cache
def paint(colour: Colour) -> bpy.types.Material:
    """Road paint, worn through to the asphalt here and there."""
    material, n = new_material("road paint", Label.MARKING)
    under, height = _asphalt_colour(n)
    p = n.world_position
    worn = n.math(
        "MULTIPLY",
        n.level(n.noise(9, detail=9, roughness=0.7, at=p), 0.5, 0.66),
        n.level(n.noise(0.8, at=p), 0.3, 0.6, 0.4, 1.0),
    )
    dirty = _tint(n, colour, n.level(n.noise(3, detail=6, at=p), 0.3, 0.7, 0.75, 1.05))
    n.finish(n.surface(Base_Color=n.mix(worn, dirty, under), Roughness=0.65, Normal=n.bump(height, 0.003, 0.4)))
    return material


@cache
def kerb_stone() -> bpy.types.Material:
    material, n = new_material("kerb stone", Label.PAVEMENT)
    p = n.world_position
    _, y, _ = n.new("SeparateXYZ", Vector=p).outputs
    joint = n.math("LESS_THAN", n.math("FRACT", n.math("MULTIPLY", y, 1 / 1.2)), 0.012)
    shade = n.math(
        "MULTIPLY",
        n.level(n.noise(1.2, detail=8, at=p), 0.3, 0.7, 0.7, 1.15),
        n.level(n.noise(90, at=p), 0.3, 0.7, 0.85, 1.12),
    )
    shade = n.math("MULTIPLY", shade, n.level(joint, 0, 1, 1.0, 0.3))
    n.finish(
        n.surface(
            Base_Color=_tint(n, (0.27, 0.255, 0.235), shade), Roughness=0.8, Normal=n.bump(n.noise(40, at=p), 0.006, 0.5)
        )
    )
    return material


@cache
def gutter() -> bpy.types.Material:
    """The concrete strip beside the kerb, dark with what the rain left."""
    material, n = new_material("gutter", Label.ROAD)
    p = n.world_position
    dirt = n.level(n.noise(1.6, detail=9, roughness=0.65, at=n.vector("MULTIPLY", p, (1.0, 0.25, 1.0))), 0.35, 0.65)
    colour = n.mix(dirt, (0.17, 0.165, 0.155), (0.06, 0.057, 0.05))
    shade = n.level(n.noise(120, at=p), 0.3, 0.7, 0.8, 1.15)
    n.finish(n.surface(Base_Color=_tint(n, colour, shade), Roughness=0.85, Normal=n.bump(n.noise(70, at=p), 0.004, 0.4)))
    return material


@cache
def paving(first: Colour, second: Colour, tile_m: float, *, slant: bool = False) -> bpy.types.Material:
    """Square slabs in two colours like a chessboard, each a little different, with joints, stains and chewing gum."""
    material, n = new_material("paving", Label.PAVEMENT)
    p = n.world_position
    if slant:
        x, y, _ = n.new("SeparateXYZ", Vector=p).outputs
        p = n.new("CombineXYZ", X=n.math("ADD", x, y), Y=n.math("SUBTRACT", x, y)).outputs[0]
    scaled = n.vector("MULTIPLY", p, (1 / tile_m, 1 / tile_m, 0.0))
    cell = n.vector("FLOOR", scaled)
    i, j, _ = n.new("SeparateXYZ", Vector=cell).outputs
    odd = n.math("GREATER_THAN", n.math("ABSOLUTE", n.math("MODULO", n.math("ADD", i, j), 2.0)), 0.5)
    fx, fy, _ = n.new("SeparateXYZ", Vector=n.vector("FRACTION", scaled)).outputs
    edge = n.math(
        "MINIMUM", n.math("MINIMUM", fx, n.math("SUBTRACT", 1.0, fx)), n.math("MINIMUM", fy, n.math("SUBTRACT", 1.0, fy))
    )
    joint = n.level(edge, 0.0, 0.012, 1.0, 0.0)
    each = n.level(n.new("TexWhiteNoise", Vector=cell).outputs[0], 0, 1, 0.84, 1.12)
    q = n.world_position
    stain = n.level(n.noise(0.6, detail=8, roughness=0.6, at=q), 0.3, 0.7, 0.72, 1.12)
    grain = n.level(n.noise(110, detail=3, at=q), 0.3, 0.7, 0.86, 1.1)
    spots = n.new("TexVoronoi", Vector=q, Scale=2.2).outputs["Distance"]
    gum = n.math("MULTIPLY", n.level(spots, 0.03, 0.045, 1.0, 0.0), n.level(n.noise(0.7, at=q), 0.5, 0.55))
    shade = n.math("MULTIPLY", n.math("MULTIPLY", each, stain), grain)
    shade = n.math("MULTIPLY", shade, n.math("MULTIPLY", n.level(joint, 0, 1, 1.0, 0.45), n.level(gum, 0, 1, 1.0, 0.55)))
    colour = _tint(n, n.mix(odd, first, second), shade)
    height = n.math("SUBTRACT", n.math("MULTIPLY", n.noise(60, at=q), 0.3), joint)
    n.finish(n.surface(Base_Color=colour, Roughness=n.level(stain, 0.72, 1.12, 0.5, 0.75), Normal=n.bump(height, 0.004, 0.6)))
    return material


def flat(x0: float, x1: float, y0: float, y1: float, z: float, material: bpy.types.Material) -> bpy.types.Object:
    """A level rectangle."""
    b = MeshBuilder()
    b.sheet([[(x0, y0, z), (x1, y0, z)], [(x0, y1, z), (x1, y1, z)]], material, smooth=False)
    return b.build("flat")


def line(x: float, y0: float, y1: float, colour: Colour, dash_m: float = 0.0, gap_m: float = 0.0) -> bpy.types.Object:
    """A painted line along y, dashed if asked."""
    b = MeshBuilder()
    starts = np.arange(y0, y1, dash_m + gap_m) if dash_m else [y0]
    for start in starts:
        end = min(start + dash_m, y1) if dash_m else y1
        b.sheet([[(x + side * LINE_M / 2, y, PAINT_M) for side in (-1, 1)] for y in (start, end)], paint(colour))
    return b.build("line")


def bar(x0: float, x1: float, y: float, width_m: float, colour: Colour) -> bpy.types.Object:
    """A painted bar across the road."""
    return flat(x0, x1, y - width_m / 2, y + width_m / 2, PAINT_M, paint(colour))


def kerb(x: float, y0: float, y1: float, outward: int) -> bpy.types.Object:
    """A kerb whose road face is at x; outward is +1 when the pavement lies to the right. With its gutter."""
    b = MeshBuilder()
    side = ((0, -0.02), (0.012, KERB_M - 0.03), (0.022, KERB_M - 0.01), (0.045, KERB_M), (0.16, KERB_M + 0.001), (0.16, -0.02))
    ends = [[(x + outward * across, y, z) for across, z in side] for y in (y1, y0)]
    b.sheet([end[::-1] for end in ends] if outward < 0 else ends, kerb_stone(), smooth=False)
    near, far = sorted((x, x - outward * 0.45))
    b.sheet([[(near, y0, 0.003), (far, y0, 0.003)], [(near, y1, 0.003), (far, y1, 0.003)]], gutter(), smooth=False)
    return b.build("kerb")
