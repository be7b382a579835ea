"""Broad-leaved street trees: a grown branching skeleton (space colonisation) that carries thousands of leaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import bpy
import numpy as np
from numpy.typing import NDArray

from examples.scenes.kit.assets import asset, instance
from examples.scenes.kit.materials import Colour
from examples.scenes.kit.mesh import MeshBuilder, Points
from examples.scenes.vegetation.foliage import FRESH, Floats, add_leaves, bark_material, leaf_material, random_directions, unit

TWIG_KINDS = 6
TIP_RADIUS_M = 0.0035
AUTUMN: tuple[tuple[float, Colour], ...] = ((0.0, (0.1, 0.13, 0.03)), (0.5, (0.22, 0.17, 0.04)), (1.0, (0.28, 0.12, 0.03)))


@dataclass
class Skeleton:
    """A tree of points; every point comes after its parent."""

    points: Points  # (N, 3)
    parents: NDArray[np.int64]  # (N,), -1 at the root
    radii: Floats  # (N,)

    @property
    def children(self) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in self.parents]
        for child, parent in enumerate(self.parents[1:], start=1):
            found[parent].append(child)
        return found


def tree(seed: int = 0, height_m: float = 8.0) -> bpy.types.Collection:
    """A street tree in leaf, crown nearly as wide as the tree is high; one sees branches and some sky through it."""
    return _assemble("tree", seed, height_m, bare=False, budget=1400)


def bare_tree(seed: int = 0, height_m: float = 8.0) -> bpy.types.Collection:
    """The same kind of tree with only a few leaves left: fine twigs against the sky."""
    return _assemble("bare tree", seed, height_m, bare=True, budget=900)


def _assemble(name: str, seed: int, height_m: float, *, bare: bool, budget: int) -> bpy.types.Collection:
    rng = np.random.default_rng(seed)
    skeleton = grow(rng, height_m)
    builder = MeshBuilder()
    _wood(builder, rng, skeleton)
    parts = [builder.build(f"{name} wood")]
    thin = np.flatnonzero(skeleton.radii < (0.009 if bare else 0.012))
    tips = [i for i, grown in enumerate(skeleton.children) if not grown]
    others = rng.permutation(np.setdiff1d(thin, tips))
    spots = np.concatenate((rng.permutation(tips), others))[:budget]
    for i in spots:
        branch = unit(skeleton.points[i] - skeleton.points[skeleton.parents[i]])
        away = unit(branch + rng.normal(0, 0.25 if i in tips else 0.75, 3) + (0, 0, 0.12))
        azimuth, pitch = np.degrees(np.arctan2(away[1], away[0])), np.degrees(np.arcsin(away[2]))
        twig = twig_with_leaves(int(rng.integers(TWIG_KINDS)), bare=bare)
        turn = (rng.normal(0, 25), -np.clip(pitch, -50, 70), azimuth)
        parts.append(instance(twig, skeleton.points[i], turn, rng.uniform(0.75, 1.2)))
    return asset(name, parts)


def grow(rng: np.random.Generator, height_m: float, step_m: float = 0.14, attractors: int = 1500) -> Skeleton:
    """Branches that grow towards scattered points in a lumpy crown until each point is reached."""
    fork = height_m * rng.uniform(0.26, 0.32)
    goals = _crown_points(rng, height_m, fork, attractors)
    trunk = _trunk_line(rng, fork, step_m)
    points, parents = list(trunk), list(range(-1, len(trunk) - 1))
    reach, near = 0.2 * height_m, 1.7 * step_m
    nearest = np.full(len(goals), np.inf)
    owner = np.zeros(len(goals), dtype=np.int64)
    fresh = 0
    for _ in range(200):
        gaps = np.linalg.norm(goals[:, None] - np.array(points[fresh:])[None], axis=2)
        best = gaps.argmin(axis=1)
        closer = gaps[np.arange(len(goals)), best] < nearest
        owner[closer] = fresh + best[closer]
        nearest[closer] = gaps[np.arange(len(goals)), best][closer]
        alive = nearest > near
        goals, nearest, owner = goals[alive], nearest[alive], owner[alive]
        pulling = nearest < (reach if len(points) > len(trunk) + 8 else 10 * reach)
        fresh = len(points)
        for i in np.unique(owner[pulling]):
            pull = unit(unit(goals[pulling & (owner == i)] - points[i]).sum(axis=0))
            back = unit(points[i] - points[parents[i]]) if parents[i] >= 0 else np.array([0.0, 0.0, 1.0])
            ahead = unit(pull + 0.55 * back + rng.normal(0, 0.16, 3) + (0, 0, 0.06))
            points.append(points[i] + step_m * ahead)
            parents.append(int(i))
        if len(points) == fresh or not len(goals):
            break
    return _thickened(np.array(points), np.array(parents), height_m)


def _crown_points(rng: np.random.Generator, height_m: float, fork_m: float, count: int) -> Points:
    """Goals in an egg-shaped crown with gaps: denser near its surface and around a handful of lumps."""
    radii = np.array([0.4, 0.4, 0.36]) * height_m * rng.uniform(0.88, 1.1, 3)
    middle = np.array([*rng.normal(0, 0.04 * height_m, 2), fork_m + 0.35 * height_m])
    lumps = middle + random_directions(rng, 13) * radii * rng.uniform(0.5, 0.95, (13, 1))
    around = rng.integers(13, size=count)
    clumped = lumps[around] + rng.normal(0, 1, (count, 3)) * rng.uniform(0.05, 0.095, 13)[around, None] * height_m
    spread = middle + random_directions(rng, count) * radii * rng.uniform(0.15, 1, (count, 1)) ** (1 / 2.2)
    goals = np.where(rng.random((count, 1)) < 0.78, clumped, spread)
    inside = np.linalg.norm((goals - middle) / radii, axis=1) < 1.25
    return np.asarray(goals[inside & (goals[:, 2] > fork_m + 0.02 * height_m)])


def _trunk_line(rng: np.random.Generator, fork_m: float, step_m: float) -> Points:
    z = np.arange(0, fork_m, step_m)
    sway = rng.normal(0, 0.03, 2)[None] * z[:, None] + 0.03 * np.sin(z[:, None] * 1.7 + rng.uniform(0, 6, 2)[None])
    return np.column_stack((sway - sway[0], z))


def _thickened(points: Points, parents: NDArray[np.int64], height_m: float) -> Skeleton:
    """Smooth the path, and give every point its radius: r**e of a branch is the sum of those of its children."""
    n = len(points)
    grown = np.zeros(n)
    degree = np.bincount(parents[1:], minlength=n)
    grown[degree == 0] = 1.0
    for i in range(n - 1, 0, -1):
        grown[parents[i]] += grown[i] * 1.012  # also thicker along the way
    exponent = np.log(grown[0]) / np.log(0.0155 * height_m / TIP_RADIUS_M)  # so that the trunk gets its girth
    radii = TIP_RADIUS_M * grown ** (1 / exponent)
    smooth = points.copy()
    single = np.flatnonzero((degree == 1) & (parents >= 0))
    child = np.zeros(n, dtype=np.int64)
    child[parents[1:]] = np.arange(1, n)
    for _ in range(2):
        smooth[single] = 0.5 * smooth[single] + 0.25 * (smooth[parents[single]] + smooth[child[single]])
    return Skeleton(smooth, parents, np.maximum(radii, TIP_RADIUS_M * 0.8))


def _wood(builder: MeshBuilder, rng: np.random.Generator, skeleton: Skeleton) -> None:
    """Tubes along chains of points; at a fork the thickest child goes on, the others start inside the parent."""
    bark = bark_material("tree bark", (0.04, 0.032, 0.026), (0.2, 0.17, 0.135), scale=30)
    smooth_bark = bark_material("limb bark", (0.075, 0.06, 0.047), (0.17, 0.145, 0.115), scale=45, stretch=0.6, depth_m=0.006)
    children = skeleton.children
    starts = [(0, -1)]
    while starts:
        i, parent = starts.pop()
        chain = [i]
        while children[chain[-1]]:
            grown = sorted(children[chain[-1]], key=lambda c: -skeleton.radii[c])
            starts += [(c, chain[-1]) for c in grown[1:]]
            chain.append(grown[0])
        path, radii = skeleton.points[chain], _eased(skeleton.radii[chain])
        if parent < 0:
            _trunk(builder, rng, path, radii, bark)
            continue
        path = np.concatenate((skeleton.points[[parent]], path))
        radii = np.concatenate(([min(1.35 * radii[0], 0.95 * skeleton.radii[parent])], radii))
        builder.tube(path, radii, smooth_bark, sides=12 if radii[0] > 0.04 else 7 if radii[0] > 0.012 else 4)


def _eased(radii: Floats) -> Floats:
    """Radii along a chain without the steps at its forks."""
    for _ in range(6):
        radii = (
            np.concatenate((radii[:1], (radii[:-2] + 2 * radii[1:-1] + radii[2:]) / 4, radii[-1:]))
            if len(radii) > 2
            else radii
        )
    return radii


def _trunk(builder: MeshBuilder, rng: np.random.Generator, path: Points, radii: Floats, bark: bpy.types.Material) -> None:
    """The main stem: not round, with a flare and roots at the foot."""
    columns, refine = 36, 4
    at = np.linspace(0, len(path) - 1, refine * (len(path) - 1) + 1)
    path = np.column_stack([np.interp(at, np.arange(len(path)), path[:, k]) for k in range(3)])
    radius = np.interp(at, np.arange(len(radii)), radii)[:, None]
    z = path[:, 2, None]
    angle = np.linspace(0, 2 * np.pi, columns, endpoint=False)[None]
    phase = rng.uniform(0, 2 * np.pi, 4)
    roots = 0.5 + 0.5 * np.sin(5 * angle + phase[0] + 0.5 * np.sin(2 * angle))
    flare = 1 + np.exp(-z / 0.16) * (0.35 + 0.55 * roots)
    uneven = 1 + 0.05 * np.sin(2 * angle + phase[1] + 0.8 * z) + 0.035 * np.sin(3 * angle + phase[2] - 1.3 * z)
    uneven = uneven + 0.015 * np.sin(7 * angle + phase[3] + 2.5 * z)
    tangent = unit(np.gradient(path, axis=0))
    first = unit(np.cross(tangent, np.array([0.0, 1.0, 0.0])))
    second = np.cross(tangent, first)
    size = radius * flare * uneven
    ring = np.cos(angle)[..., None] * first[:, None] + np.sin(angle)[..., None] * second[:, None]
    builder.sheet(path[:, None] + size[..., None] * ring, bark, closed=True)


@cache
def twig_with_leaves(kind: int = 0, *, bare: bool = False) -> bpy.types.Collection:
    """A twig along +x, half a metre long, forked like a feather, with 75 leaves (or 2 dry ones if bare)."""
    rng = np.random.default_rng(300 + kind)
    builder = MeshBuilder()
    bark = bark_material("twig bark", (0.06, 0.045, 0.03), (0.15, 0.115, 0.075), scale=80, depth_m=0.002)
    stems = [_stem(rng, np.zeros(3), np.array([1.0, 0, 0.1]), rng.uniform(0.42, 0.52))]
    for k in range(7 if bare else 5):
        start = stems[0][1 + k % 6]
        side = (-1) ** k * rng.uniform(0.6, 1.1)
        stems.append(_stem(rng, start, np.array([1.0, side, rng.normal(0.15, 0.3)]), rng.uniform(0.16, 0.32)))
    if bare:
        for k in range(8):
            start = stems[1 + k % 7][3]
            stems.append(_stem(rng, start, np.array([1.0, *rng.normal(0, 0.9, 2)]), rng.uniform(0.08, 0.16)))
    for k, stem in enumerate(stems):
        builder.tube(stem, np.linspace(0.0032 if k == 0 else 0.0022, 0.0012, len(stem)), bark, sides=3)
    _leaves(builder, rng, stems, count=int(rng.integers(1, 4)) if bare else 75, dry=bare)
    return asset(f"twig {kind} {bare}", [builder.build(f"twig {kind} {bare}")])


def _stem(rng: np.random.Generator, start: Points, along: Points, length_m: float) -> Points:
    """Eight points of a thin shoot that bends a little at every bud."""
    steps = unit(unit(along) + np.cumsum(rng.normal(0, 0.09, (7, 3)), axis=0)) * length_m / 7
    return np.concatenate((start[None], start + np.cumsum(steps, axis=0)))


def _leaves(builder: MeshBuilder, rng: np.random.Generator, stems: list[Points], count: int, *, dry: bool) -> None:
    """Leaves alternate along the shoots, face the sky more or less, and hang a little."""
    which = rng.integers(len(stems), size=count)
    t = rng.uniform(0.15, 1, count) ** 0.8
    at = t * 7
    low = np.minimum(at.astype(int), 6)
    line = np.stack(stems)[which]
    rows = np.arange(count)
    base = line[rows, low] + (at - low)[:, None] * (line[rows, low + 1] - line[rows, low])
    ahead = unit(line[rows, low + 1] - line[rows, low])
    turn = rng.uniform(0, 2 * np.pi, count)
    away = np.column_stack((np.zeros(count), np.cos(turn), 0.7 * np.sin(turn)))
    along = unit(0.6 * ahead + away + np.array([0, 0, -0.25]))
    normal = unit(np.array([0, 0, 1.0]) + rng.normal(0, 0.45, (count, 3)))
    base = base + 0.015 * along
    length = rng.uniform(0.055, 0.098, count)
    material = leaf_material("dry leaf", AUTUMN, 0.3, 0.6) if dry else leaf_material("tree leaf", FRESH)
    add_leaves(
        builder,
        material,
        base,
        along,
        normal,
        length,
        length * rng.uniform(0.5, 0.62, count),
        droop=rng.uniform(0, 0.4, count),
    )
