"""Small plants: hedges, flowers for a bowl, shrubs and tufts of grass."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np

from examples.scenes.kit.assets import asset
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, plain
from examples.scenes.kit.mesh import MeshBuilder, Points
from examples.scenes.vegetation.foliage import FRESH, Floats, add_leaves, bark_material, leaf_material, random_directions, unit

BOX_GREEN: tuple[tuple[float, Colour], ...] = (
    (0.0, (0.025, 0.06, 0.012)),
    (0.6, (0.055, 0.12, 0.02)),
    (0.9, (0.10, 0.17, 0.03)),
    (1.0, (0.17, 0.14, 0.05)),
)
PETALS: tuple[tuple[str, Colour], ...] = (
    ("yellow", (0.75, 0.48, 0.03)),
    ("red", (0.5, 0.025, 0.02)),
    ("white", (0.75, 0.74, 0.68)),
)


def hedge(length_m: float = 3.0, width_m: float = 0.7, height_m: float = 0.6, seed: int = 0) -> bpy.types.Collection:
    """A clipped box hedge along x, its middle at the origin: about 3000 leaves per square metre of surface."""
    rng = np.random.default_rng(seed)
    half = np.array([length_m / 2, width_m / 2])
    builder = MeshBuilder()
    _core(builder, half - 0.06, height_m - 0.06)
    area = length_m * width_m + 2 * height_m * (length_m + width_m)
    points, outward = _box_surface(rng, half, height_m, int(3000 * area))
    dents = 0.03 * np.sin(points @ (5.1, 3.3, 4.2) + seed) * np.sin(points @ (-3.1, 6.3, 5.0))
    depth = rng.exponential(0.022, len(points)) - 0.012 + dents
    points = points - outward * depth[:, None]
    points[:, 2] = np.maximum(points[:, 2], 0.015)
    along = unit(outward * 0.7 + random_directions(rng, len(points)))
    normal = unit(outward + np.array([0, 0, 0.5]) + rng.normal(0, 0.5, points.shape))
    length = rng.uniform(0.022, 0.042, len(points))
    add_leaves(builder, leaf_material("hedge leaf", BOX_GREEN, 0.3), points, along, normal, length, 0.55 * length, droop=0.1)
    _twigs(builder, rng, points, outward, 140)
    return asset("hedge", [builder.build("hedge")])


def _core(builder: MeshBuilder, half: Floats, height_m: float) -> None:
    """The dark inside, so that no light comes through the leaves."""
    x, y = half
    ring = np.array([(-x, -y), (x, -y), (x, y), (-x, y)])
    z = np.array([0.0, height_m * 0.6, height_m])
    grid = np.stack([np.column_stack((ring * s, np.full(4, h))) for s, h in zip((0.98, 1.0, 0.96), z, strict=True)])
    dark = plain("hedge inside", Label.VEGETATION, (0.018, 0.03, 0.008), 0.95)
    builder.sheet(grid, dark, closed=True, smooth=False)
    builder.add(grid[-1], [(0, 1, 2, 3)], dark)


def _box_surface(rng: np.random.Generator, half: Floats, height_m: float, count: int) -> tuple[Points, Points]:
    """Points on the top and the sides of a box with rounded edges, and the outward directions there."""
    size = np.array([*half, height_m / 2])
    areas = np.array([size[1] * size[2], size[0] * size[2], size[0] * size[1] / 2])
    axis = rng.choice(3, size=count, p=areas / areas.sum())
    sign = np.where(axis == 2, 1.0, rng.choice((-1.0, 1.0), count))
    points = rng.uniform(-1, 1, (count, 3)) * size
    rows = np.arange(count)
    points[rows, axis] = sign * size[axis]
    inner = np.clip(points, -(size - 0.09), size - 0.09)  # rounded by 9 cm
    inner[:, 2] = np.maximum(points[:, 2].clip(max=size[2] - 0.09), -size[2])
    outward = unit(points - inner)
    return inner + 0.09 * outward + (0, 0, size[2]), outward


def _twigs(builder: MeshBuilder, rng: np.random.Generator, points: Points, outward: Points, count: int) -> None:
    """Shoots the shears have missed, each with its own leaves."""
    wood = bark_material("twig bark", (0.06, 0.045, 0.03), (0.15, 0.115, 0.075), scale=80, depth_m=0.002)
    for i in rng.choice(len(points), count):
        if points[i, 2] < 0.1:
            continue
        along = unit(outward[i] + (0, 0, 0.5) + rng.normal(0, 0.35, 3))
        length = rng.uniform(0.05, 0.11)
        path = points[i] + along * np.linspace(-0.04, length, 3)[:, None]
        builder.tube(path, (0.0015, 0.0012, 0.0008), wood, sides=3)
        n = int(length / 0.008)
        base = points[i] + along * np.linspace(0, length, n)[:, None]
        out = unit(random_directions(rng, n) + 0.8 * along)
        size = rng.uniform(0.016, 0.026, n)
        young = leaf_material("hedge leaf", BOX_GREEN, 0.3)
        add_leaves(builder, young, base, out, random_directions(rng, n) * 0.4 + (0, 0, 1), size, 0.5 * size, droop=0.1)


def flower_bed(radius_m: float = 0.45, seed: int = 0) -> bpy.types.Collection:
    """A round mound of leaves and flowers for a bowl planter; z = 0 is the soil at its rim."""
    rng = np.random.default_rng(seed)
    builder = MeshBuilder()
    soil = plain("soil", Label.VEGETATION, (0.045, 0.03, 0.02), 0.95, wear=0.4)
    profile = [(radius_m, -0.02), (radius_m * 0.97, 0.0), (radius_m * 0.7, 0.05), (radius_m * 0.35, 0.08), (0.0, 0.09)]
    builder.lathe(profile, soil)
    leaves = int(9000 * radius_m**2 * np.pi)
    place, height = _mound(rng, radius_m, leaves)
    stand = rng.uniform(0.15, 1.0, leaves) ** 0.6
    base = np.column_stack((place, 0.02 + stand * height))
    away = unit(np.column_stack((place, np.full(leaves, 0.12))))
    along = unit(away * 0.5 + random_directions(rng, leaves) + (0, 0, 0.25))
    normal = unit(np.array([0, 0, 1.0]) + rng.normal(0, 0.45, (leaves, 3)))
    length = rng.uniform(0.025, 0.055, leaves)
    add_leaves(builder, leaf_material("bedding leaf", FRESH, 0.35), base, along, normal, length, 0.5 * length)
    flowers = int(260 * radius_m**2 * np.pi)
    place, height = _mound(rng, radius_m, flowers)
    spots = rng.uniform(-radius_m, radius_m, (7, 2))
    kinds = rng.permutation(np.arange(7) % len(PETALS))
    for where, top in zip(place, height, strict=True):
        kind = int(kinds[np.linalg.norm(spots - where, axis=1).argmin()]) if rng.random() < 0.85 else int(rng.integers(3))
        _flower(builder, rng, np.array([*where, 0.035 + top * rng.uniform(0.85, 1.2)]), kind)
    return asset("flower bed", [builder.build("flower bed")])


def _mound(rng: np.random.Generator, radius_m: float, count: int) -> tuple[Points, Floats]:
    """Places (N, 2) in a disc and the height of the plants there."""
    distance = radius_m * np.sqrt(rng.random(count)) * 1.06
    angle = rng.uniform(0, 2 * np.pi, count)
    place = np.column_stack((np.cos(angle), np.sin(angle))) * distance[:, None]
    lumps = 0.75 + 0.25 * np.sin(place[:, 0] * 21 + 1) * np.sin(place[:, 1] * 17)
    return place, np.asarray((0.07 + 0.16 * np.sqrt(np.maximum(0, 1 - (distance / radius_m) ** 2))) * lumps)


def _flower(builder: MeshBuilder, rng: np.random.Generator, at: Points, kind: int) -> None:
    """A stem, two rings of petals and a button in the middle."""
    stalk = leaf_material("bedding leaf", FRESH, 0.35)
    builder.tube([at - (*rng.normal(0, 0.015, 2), 0.09), at], (0.0016, 0.0012), stalk, sides=3)
    name, colour = PETALS[kind]
    shades = tuple((s, (colour[0] * f, colour[1] * f, colour[2] * f)) for s, f in ((0.0, 0.7), (1.0, 1.1)))
    petal = leaf_material(f"petal {name}", shades, 0.35, 0.5)
    face = unit((*rng.normal(0, 0.4, 2) + 0.6 * at[:2], 1.0))
    first = unit(np.cross(face, (0.3, 1, 0)))
    angle = np.linspace(0, 2 * np.pi, 8, endpoint=False) + rng.uniform(0, 1)
    out = np.cos(angle)[:, None] * first + np.sin(angle)[:, None] * np.cross(face, first)
    size = rng.uniform(0.016, 0.026)
    base = np.broadcast_to(at, (8, 3))
    add_leaves(builder, petal, base, out + 0.35 * face, np.broadcast_to(face, (8, 3)), size, 0.75 * size, shape=(0.8, 1.0))
    add_leaves(
        builder, petal, base[:5], out[:5] + 1.1 * face, np.broadcast_to(face, (5, 3)), 0.7 * size, 0.5 * size, shape=(0.8, 1.0)
    )
    button = plain("flower button", Label.VEGETATION, (0.28, 0.16, 0.02), 0.8)
    disc = at + 0.22 * size * (out + 0.3 * face)
    builder.add([*disc, at + 0.22 * size * face], [(i, (i + 1) % 8, 8) for i in range(8)], button, smooth=True)


@cache
def shrub(seed: int = 0, height_m: float = 1.1, stems: int = 21) -> bpy.types.Collection:
    """A loose round bush, about as wide as high: branched stems with leaves that thin out towards the bottom."""
    rng = np.random.default_rng(seed)
    builder = MeshBuilder()
    wood = bark_material("shrub bark", (0.06, 0.045, 0.03), (0.18, 0.14, 0.1), scale=60, depth_m=0.004)
    leaf = leaf_material("shrub leaf", FRESH, 0.35)
    for k in range(stems):
        angle, spread = 2.4 * k, 0.95 * np.sqrt(k / stems)
        lean = unit((np.cos(angle) * spread, np.sin(angle) * spread, 1.0))
        foot = np.array([*rng.normal(0, 0.04, 2), -0.02])
        stem = _shoot(rng, foot, lean, height_m * rng.uniform(0.75, 0.95) * (0.72 + 0.28 * lean[2]), 10)
        builder.tube(stem, np.linspace(0.009, 0.003, 10), wood, sides=5)
        for _ in range(13):
            start = stem[2 + int(rng.integers(8))]
            twig = _shoot(rng, start, unit(lean + rng.normal(0, 0.8, 3)), height_m * rng.uniform(0.15, 0.34), 6)
            builder.tube(twig, np.linspace(0.003, 0.0012, 6), wood, sides=3)
            n = 40
            at = rng.uniform(0.4, 5, n)
            base = np.column_stack([np.interp(at, np.arange(6), twig[:, c]) for c in range(3)])
            out = unit(random_directions(rng, n) + 0.6 * unit(twig[-1] - twig[0]))
            normal = np.array([0, 0, 1.0]) + rng.normal(0, 0.5, (n, 3))
            length = rng.uniform(0.03, 0.06, n)
            add_leaves(builder, leaf, base, out, normal, length, 0.5 * length, droop=rng.uniform(0, 0.4, n))
    return asset("shrub", [builder.build("shrub")])


def _shoot(rng: np.random.Generator, start: Points, along: Points, length_m: float, points: int) -> Points:
    steps = unit(along + np.cumsum(rng.normal(0, 0.1, (points - 1, 3)), axis=0)) * length_m / (points - 1)
    return np.concatenate((start[None], start + np.cumsum(steps, axis=0)))
