"""Date palms as along a Californian avenue: a scaly trunk, a skirt of dead fronds, a crown of feather fronds."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np

from examples.scenes.kit.assets import asset, instance
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, new_material
from examples.scenes.kit.mesh import MeshBuilder, Points
from examples.scenes.vegetation.foliage import Floats, add_leaves, bark_material, leaf_material, unit

GREEN: tuple[tuple[float, Colour], ...] = (
    (0.0, (0.065, 0.11, 0.045)),  # grey-green
    (0.35, (0.085, 0.15, 0.035)),
    (0.7, (0.12, 0.19, 0.035)),
    (1.0, (0.2, 0.22, 0.06)),  # yellowish
)
OLD: tuple[tuple[float, Colour], ...] = ((0.0, (0.11, 0.13, 0.06)), (0.5, (0.2, 0.19, 0.09)), (1.0, (0.27, 0.21, 0.11)))
DEAD: tuple[tuple[float, Colour], ...] = ((0.0, (0.12, 0.075, 0.04)), (0.5, (0.22, 0.15, 0.085)), (1.0, (0.34, 0.26, 0.16)))

SCALES_AROUND = 8  # old leaf bases in one turn of the trunk
SCALE_HEIGHT_M = 0.2
ROW_M = 0.022  # height of one row of faces on the trunk
GOLDEN_ANGLE = 137.5


def palm(seed: int = 0, height_m: float = 12.0) -> bpy.types.Collection:
    """A date palm whose crown starts at `height_m` (give or take a tenth, by seed) and is about 6 m wide."""
    rng = np.random.default_rng(seed)
    height = height_m * rng.uniform(0.92, 1.08)
    path = _trunk_path(rng, height)
    top, lean = path[-1], unit(path[-1] - path[-8])
    builder = MeshBuilder()
    _trunk(builder, rng, path)
    _leaf_bases(builder, rng, path)
    parts = [builder.build("palm trunk")]
    parts += _crown(rng, top, lean, fronds=int(rng.integers(34, 44)))
    parts += _skirt(rng, path, fronds=int(rng.integers(7, 15)))
    return asset("palm", parts)


def _trunk_path(rng: np.random.Generator, height_m: float) -> Points:
    """The middle of the trunk, every ROW_M: leaning a little, bent a little."""
    z = np.linspace(0, height_m, int(height_m / ROW_M))
    t = z / height_m
    angle, lean, bend = rng.uniform(0, 2 * np.pi), rng.normal(0, 0.022), rng.normal(0, 0.012)
    off = height_m * (lean * t**1.3 + bend * np.sin(np.pi * t))
    wave = 0.035 * np.sin(t * rng.uniform(5, 9) + rng.uniform(0, 6))
    wave -= wave[0]
    x = np.cos(angle) * off - np.sin(angle) * wave
    y = np.sin(angle) * off + np.cos(angle) * wave
    return np.column_stack((x, y, z))


def _radius(z: Floats, height_m: float) -> Floats:
    """Wide at the foot, slender, and thick again where leaf bases still cling below the crown."""
    foot = 0.09 * np.exp(-z / 0.3)
    ball = 0.13 * np.exp(-(((height_m - 0.45 - z) / 0.5) ** 2))
    return np.asarray(0.235 - 0.05 * z / height_m + foot + ball)


def _trunk(builder: MeshBuilder, rng: np.random.Generator, path: Points, columns: int = 80) -> None:
    """Overlapping scales in two families of spirals, each standing out at its upper end; rougher towards the crown."""
    height = path[-1, 2]
    z = path[:, 2, None]
    angle = np.linspace(0, 2 * np.pi, columns, endpoint=False)[None, :]
    turns, rise = SCALES_AROUND * angle / (2 * np.pi), (z + _ripple(rng, angle, z)) / SCALE_HEIGHT_M
    p, q = turns + rise, turns - rise
    fp, fq = p % 1, q % 1
    edge = np.minimum(np.minimum(fp, 1 - fp), np.minimum(fq, 1 - fq)) * 2
    upper = (fp + 1 - fq) / 2
    level, column = np.floor(p) - np.floor(q), (np.floor(p) + np.floor(q)) % (2 * SCALES_AROUND)
    strength = rng.uniform(0.2, 1.35, (256, 2 * SCALES_AROUND))[level.astype(int) % 256, column.astype(int)]
    relief = np.minimum(edge * 2.5, 1) * (0.3 + 0.7 * upper**1.5) * strength
    depth = 0.024 + 0.03 * np.exp(-(height - z) / 1.6)
    slow = 0.012 * np.sin(2 * angle + z * 0.9) + 0.008 * np.sin(3 * angle - z * 1.7)
    radius = _radius(z, height) + slow + depth * (relief - 0.5)
    radius = radius + rng.normal(0, 0.0025, radius.shape)  # frayed
    ring = np.stack((np.cos(angle) * radius, np.sin(angle) * radius, np.zeros_like(radius)), axis=-1)
    i, k = np.meshgrid(np.arange(len(path) - 1), np.arange(columns), indexing="ij")
    here, right = i * columns + k, i * columns + (k + 1) % columns
    corners = np.stack((here, right, right + columns, here + columns), axis=-1).reshape(-1, 4)
    split = ((i + k) % 2).reshape(-1, 1) == 0  # diagonals alternate, else all ridges seem to run one way
    triangles = np.where(split, corners[:, (0, 1, 2, 0, 2, 3)], corners[:, (0, 1, 3, 1, 2, 3)]).reshape(-1, 3)
    builder.add(ring + path[:, None, :], triangles.tolist(), trunk_material(), smooth=True)


def _ripple(rng: np.random.Generator, angle: Floats, z: Floats) -> Floats:
    """Some centimetres up and down over a (rows, columns) surface, so that no row of scales is quite straight."""
    waves = [np.sin(rng.integers(1, 6) * angle + rng.uniform(-9, 9) * z + rng.uniform(0, 2 * np.pi)) for _ in range(5)]
    return np.asarray(0.016 * np.sum(waves, axis=0))


@cache
def trunk_material() -> bpy.types.Material:
    """Grey-brown fibrous scales: dark in the gaps between them, pale on their worn ends."""
    material, n = new_material("palm trunk", Label.VEGETATION)
    crease = n.new("NewGeometry").outputs["Pointiness"]
    fibre = n.noise(45, detail=6, roughness=0.7, at=n.vector("MULTIPLY", n.position, (1.0, 1.0, 0.25)))
    worn = n.math("ADD", n.level(crease, 0.42, 0.58), n.level(fibre, 0.3, 0.7, -0.3, 0.3), clamp=True)
    colour = n.ramp(worn, ((0.0, (0.03, 0.025, 0.021)), (0.4, (0.115, 0.1, 0.082)), (1.0, (0.29, 0.265, 0.225))))
    patch = n.level(n.noise(1.1, detail=6), 0.3, 0.7, 0.7, 1.2)
    tint = n.new("CombineColor", Red=patch, Green=n.math("MULTIPLY", patch, 0.98), Blue=patch).outputs[0]
    base = n.mix(1.0, colour, tint, "MULTIPLY")
    n.finish(n.surface(Base_Color=base, Roughness=0.9, Specular_IOR_Level=0.2, Normal=n.bump(fibre, 0.02)))
    return material


def _leaf_bases(builder: MeshBuilder, rng: np.random.Generator, path: Points, count: int = 90) -> None:
    """Stubs of cut fronds, overlapping upwards on the last metre of the trunk."""
    material = bark_material("palm leaf base", (0.09, 0.06, 0.035), (0.3, 0.23, 0.14), scale=60, stretch=0.1, depth_m=0.006)
    height = path[-1, 2]
    for k in range(count):
        z = height - 1.25 + 1.2 * k / count
        middle = path[np.searchsorted(path[:, 2], z)]
        radius = float(_radius(np.array(z), height))
        length, width = rng.uniform(0.16, 0.3), rng.uniform(0.06, 0.085)
        t = np.linspace(0, 1, 4)[:, None]
        across = np.array([-1.0, -0.45, 0.45, 1.0, 0.5, -0.5])[None, :] * width * (1.25 - 0.75 * t)
        thick = np.array([0.0, -1.0, -1.0, 0.0, 0.5, 0.5])[None, :] * 0.03 * (1 - 0.4 * t)
        x = length * t + rng.uniform(-0.02, 0.02, 6)[None, :] * t
        grid = np.stack((x, across, thick - 0.1 * length * t**2), axis=-1)
        tilt = (0, -rng.uniform(48, 68), rng.uniform(-9, 9))
        with builder.moved(middle, (0, 0, k * GOLDEN_ANGLE)), builder.moved((radius - 0.05, 0, 0), tilt):
            builder.sheet(grid, material, closed=True, smooth=False)
            builder.add(grid[-1], [(0, 1, 2, 3, 4, 5)], material)


@cache
def frond(kind: int = 0) -> bpy.types.Collection:
    """A feather frond that grows along +x, its upper side up. 0..3: green; 4: old; 5, 6: dead."""
    rng = np.random.default_rng(900 + kind)
    bend = (38.0, 62.0, 82.0, 55.0, 60.0, 35.0, 50.0)[kind]
    length = (2.9, 3.2, 3.1, 3.0, 2.9, 2.5, 2.3)[kind]
    colours = (GREEN, GREEN, GREEN, GREEN, OLD, DEAD, DEAD)[kind]
    dead = kind >= 5
    leaf = leaf_material(f"palm leaflet {('green', 'old', 'dead')[(kind >= 4) + dead]}", colours, 0.2 if dead else 0.42)
    builder = MeshBuilder()
    t = np.linspace(0, 1, 25)
    pitch = -np.radians(bend) * t**1.5
    sway = np.radians(rng.normal(0, 9)) * t**1.5
    steps = np.column_stack((np.cos(pitch) * np.cos(sway), np.sin(sway), np.sin(pitch))) * length / 24
    spine = np.concatenate((np.zeros((1, 3)), np.cumsum(steps[:-1], axis=0)))
    radius = 0.004 + 0.024 * (1 - t) ** 1.5 + 0.02 * np.exp(-t * 25)
    stem: tuple[Colour, Colour] = ((0.1, 0.07, 0.04), (0.26, 0.19, 0.11)) if dead else ((0.1, 0.12, 0.03), (0.22, 0.2, 0.06))
    builder.tube(spine, radius, bark_material(f"palm rachis {dead}", *stem, scale=40, depth_m=0.002), sides=5)
    _leaflets(builder, rng, leaf, spine, disorder=0.55 if dead else (0.28 if kind == 4 else 0.16), dead=dead)
    return asset(f"palm frond {kind}", [builder.build(f"palm frond {kind}")])


def _leaflets(
    builder: MeshBuilder, rng: np.random.Generator, leaf: bpy.types.Material, spine: Points, *, disorder: float, dead: bool
) -> None:
    """Two rows of leaflets: spines at the foot, long in the middle, short and forward at the tip."""
    per_side = 55 if dead else 84
    t = np.tile(np.linspace(0.13, 0.995, per_side), 2) + rng.normal(0, 0.003, 2 * per_side)
    t = np.clip(t, 0.1, 1.0)
    side = np.repeat([1.0, -1.0], per_side)[:, None]
    at = t * (len(spine) - 1)
    base = np.column_stack([np.interp(at, np.arange(len(spine)), spine[:, k]) for k in range(3)])
    slope = np.gradient(spine, axis=0)
    forward = unit(np.column_stack([np.interp(at, np.arange(len(spine)), slope[:, k]) for k in range(3)]))
    left = unit(np.cross((0, 0, 1), forward))
    up = np.cross(forward, left)
    spread = np.radians(68 - 38 * t + rng.normal(0, 45 * disorder, len(t)))[:, None]
    raised = np.radians(rng.choice([38.0, 22.0, 8.0], len(t)) + rng.normal(0, 60 * disorder, len(t)))[:, None]
    if dead:
        raised -= 0.8
        spread *= 0.75
    out = np.cos(raised) * side * left + np.sin(raised) * up
    along = np.cos(spread) * forward + np.sin(spread) * out
    normal = unit(np.cos(raised) * up - np.sin(raised) * side * left + rng.normal(0, 0.3 + disorder, (len(t), 3)))
    profile = np.interp(t, (0.1, 0.2, 0.4, 0.75, 1.0), (0.16, 0.36, 0.52, 0.44, 0.24))
    length = profile * rng.uniform(0.85, 1.12, len(t)) * (0.8 if dead else 1.0)
    width = np.interp(t, (0.1, 0.25, 0.8, 1.0), (0.016, 0.036, 0.034, 0.022)) * (0.7 if dead else 1.0)
    sink = rng.uniform(0.05, 0.3, len(t)) + (0.25 if dead else 0.0)
    add_leaves(builder, leaf, base, along, normal, length, width, fold=0.5, droop=sink, shape=(1.0, 0.8))


def _crown(rng: np.random.Generator, top: Points, lean: Points, fronds: int) -> list[bpy.types.Object]:
    """Young fronds stand up in the middle, older ones arch out, the oldest hang and yellow."""
    parts = []
    start, tilt = rng.uniform(0, 360), 20 * lean[:2]
    low = rng.uniform(-52, -30)
    for k in range(fronds):
        age = (k + 0.5) / fronds
        azimuth = start + k * GOLDEN_ANGLE + rng.normal(0, 9)
        out = np.array([np.cos(np.radians(azimuth)), np.sin(np.radians(azimuth))])
        elevation = 84 + (low - 84) * age**0.85 + rng.normal(0, 7) - float(out @ tilt)
        kinds = (0, 3) if age < 0.3 else (0, 1, 2, 3) if age < 0.9 else (2, 4, 4)
        kind = int(rng.choice(kinds))
        size = rng.uniform(0.88, 1.08) * min(1.0, 0.62 + 1.6 * age)
        spot = top + np.array([*(0.1 + 0.12 * age) * out, 0.12 - 0.42 * age])
        parts.append(instance(frond(kind), spot, (rng.normal(0, 16), -elevation, azimuth), size))
    return parts


def _skirt(rng: np.random.Generator, path: Points, fronds: int) -> list[bpy.types.Object]:
    """Dead fronds that hang along the trunk."""
    parts = []
    height = path[-1, 2]
    for k in range(fronds):
        azimuth = k * GOLDEN_ANGLE + rng.normal(0, 20)
        z = height - rng.uniform(0.45, 1.0)
        middle = path[np.searchsorted(path[:, 2], z)]
        out = np.array([np.cos(np.radians(azimuth)), np.sin(np.radians(azimuth)), 0])
        kind = int(rng.choice((4, 5, 6), p=(0.2, 0.4, 0.4)))
        elevation = -rng.uniform(42, 68) if kind != 4 else -rng.uniform(38, 50)
        parts.append(
            instance(frond(kind), middle + 0.24 * out, (rng.normal(0, 15), -elevation, azimuth), rng.uniform(0.65, 0.95))
        )
    return parts
