"""Leaves, as palms, trees and small plants share them: folded, drooping blades that let light through."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, Nodes, new_material
from examples.scenes.kit.mesh import MeshBuilder, Points

Floats = NDArray[np.float64]

FRESH = ((0.0, (0.036, 0.062, 0.018)), (0.45, (0.058, 0.1, 0.028)), (0.8, (0.088, 0.135, 0.038)), (1.0, (0.14, 0.145, 0.045)))


@cache
def leaf_material(
    name: str, colours: tuple[tuple[float, Colour], ...] = FRESH, translucency: float = 0.4, roughness: float = 0.42
) -> bpy.types.Material:
    """Leaves whose colour differs from leaf to leaf and from instance to instance; light from behind shines through."""
    material, n = new_material(name, Label.VEGETATION)
    single = n.new("NewGeometry").outputs["Random Per Island"]
    patch = n.noise(0.9, detail=2, at=n.world_position)
    share = n.math("ADD", n.math("MULTIPLY", single, 0.5), n.math("MULTIPLY", n.random, 0.5))
    share = n.math("ADD", share, n.level(patch, 0.3, 0.7, -0.15, 0.15), clamp=True)
    colour = n.ramp(share, colours)
    upper = n.mix(1.0, colour, (1 / (1 - translucency),) * 3, "MULTIPLY")  # so that the mix reflects `colour`
    skin = n.surface(Base_Color=upper, Roughness=roughness, Specular_IOR_Level=0.35)
    glow = n.new("BsdfTranslucent", Color=n.mix(1.0, colour, (2.4, 2.2, 1.0), "MULTIPLY")).outputs[0]
    n.finish(mix_shaders(n, translucency, skin, glow))
    return material


@cache
def bark_material(
    name: str, dark: Colour, light: Colour, scale: float = 22.0, stretch: float = 0.12, depth_m: float = 0.02
) -> bpy.types.Material:
    """Bark with fissures along z; `stretch` is how much longer than wide they are (1 = round flakes)."""
    material, n = new_material(name, Label.VEGETATION)
    along = n.vector("MULTIPLY", n.position, (1.0, 1.0, stretch))
    bent = n.vector(
        "ADD", along, n.vector("MULTIPLY", n.new("TexNoise", Vector=n.position, Scale=3.0).outputs[1], (0.1, 0.1, 0.0))
    )
    ridges = n.new("TexVoronoi", Vector=bent, Scale=scale, feature="DISTANCE_TO_EDGE").outputs[0]
    fine = n.noise(scale * 2, detail=8, roughness=0.65, at=along)
    height = n.math("MULTIPLY", n.math("ADD", n.level(ridges, 0.0, 0.35), 0.35), n.level(fine, 0.25, 0.75, 0.2, 1.0))
    shade = n.mix(n.level(height, 0.05, 0.95), dark, light)
    stain = n.level(n.noise(1.3, detail=5), 0.3, 0.7, 0.75, 1.15)
    tint = n.new("CombineColor", Red=stain, Green=stain, Blue=stain).outputs[0]
    base = n.mix(1.0, shade, tint, "MULTIPLY")
    n.finish(n.surface(Base_Color=base, Roughness=0.85, Specular_IOR_Level=0.25, Normal=n.bump(height, depth_m)))
    return material


def mix_shaders(n: Nodes, share: float, first: object, second: object) -> object:
    """`share` of the second shader over the first."""
    node = n.new("MixShader", Fac=share)
    n.tree.links.new(first, node.inputs[1])
    n.tree.links.new(second, node.inputs[2])
    return node.outputs[0]


def unit(vectors: ArrayLike) -> Points:
    """Vectors (..., 3) scaled to length 1."""
    vectors = np.asarray(vectors, dtype=np.float64)
    return vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-12)


def add_leaves(
    builder: MeshBuilder,
    material: bpy.types.Material,
    base: Points,
    along: Points,
    normal: Points,
    length_m: ArrayLike,
    width_m: ArrayLike,
    *,
    fold: float = 0.35,
    droop: ArrayLike = 0.25,
    shape: tuple[float, float] = (0.9, 0.75),
) -> None:
    """N leaves of 8 triangles: a spine of 4 points that sinks along -normal, with a raised blade on either side.

    Args:
        builder: takes the leaves.
        material: of the leaves.
        base: where each leaf grows from (N, 3).
        along: its direction (N, 3).
        normal: the way its upper side looks (N, 3), roughly.
        length_m: one number or N.
        width_m: full width, one number or N.
        fold: how far the edges stand above the spine, over half the width.
        droop: how far the tip sinks, over the length; one number or N.
        shape: width at one third and at two thirds, over `width_m`.
    """
    n = len(base)
    length, half, droop = (
        np.broadcast_to(np.asarray(v, dtype=np.float64), n) for v in (length_m, np.asarray(width_m) / 2, droop)
    )
    along = unit(along)
    side = unit(np.cross(normal, along))
    up = np.cross(along, side)
    points = np.empty((n, 8, 3))
    points[:, 0] = base
    for k, t in enumerate((0.33, 0.7, 1.0), start=1):
        points[:, k] = base + length[:, None] * (t * (1 - 0.25 * droop[:, None] * t) * along - (droop * t**2)[:, None] * up)
    for k, share in enumerate(shape, start=1):
        lift = (fold * half * share)[:, None] * up
        across = (half * share)[:, None] * side
        points[:, 3 + k] = points[:, k] + lift + across
        points[:, 5 + k] = points[:, k] + lift - across
    blade = [(0, 1, 4), (1, 2, 5, 4), (2, 3, 5), (0, 6, 1), (1, 6, 7, 2), (2, 7, 3)]
    builder.add(points.reshape(-1, 3), [tuple(8 * i + j for j in face) for i in range(n) for face in blade], material)


def random_directions(rng: np.random.Generator, n: int) -> Points:
    """N unit vectors, evenly over the sphere."""
    return unit(rng.normal(size=(n, 3)))
