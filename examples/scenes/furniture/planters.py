"""Planters without plants: an iron bowl and a slatted trough, filled with earth."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes.furniture.finishes import iron, soil
from examples.scenes.furniture.graphics import superellipse
from examples.scenes.kit.assets import asset
from examples.scenes.kit.labels import Label
from examples.scenes.kit.mesh import MeshBuilder, Points

OBJECT = Label.OBJECT
BOWL_SOIL_M, BOX_SOIL_M = 0.49, 0.43  # heights of the earth


def _circle(radius: float, points: int) -> Points:
    a = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return radius * np.column_stack((np.cos(a), np.sin(a)))


def _earth(radius_x: float, radius_y: float, z: float, seed: int, *, square: bool = False) -> tuple[Points, Points]:
    """A lumpy surface: (R, C, 3) rings from the rim in, and its clods."""
    rng = np.random.default_rng(seed)
    rings = []
    for s in np.linspace(1.0, 0.02, 12):
        ring = (
            superellipse(s, z, 2 * radius_x, 2 * radius_y, 72)
            if square
            else np.column_stack((_circle(s * radius_x, 72), np.full(72, z)))
        )
        ring[:, 2] += 0.02 * (1 - s) + (rng.normal(0, 0.006, 72) if s < 0.99 else 0)
        rings.append(ring)
    a, r = rng.uniform(0, 2 * np.pi, 120), np.sqrt(rng.uniform(0, 0.85, 120))
    clods = np.column_stack((r * radius_x * np.cos(a), r * radius_y * np.sin(a), np.full(120, z + 0.008)))
    return np.array(rings), clods


def _fill(m: MeshBuilder, rings: Points, clods: Points) -> None:
    m.sheet(rings, soil(), closed=True)
    rng = np.random.default_rng(9)
    for clod in clods:
        r = rng.uniform(0.006, 0.018)
        with m.moved(clod, rng.uniform(0, 360, 3), (1, rng.uniform(0.6, 1), rng.uniform(0.5, 0.9))):
            m.lathe([(0.05 * r, -r), (0.8 * r, -0.55 * r), (r, 0.1 * r), (0.65 * r, 0.75 * r), (0.05 * r, r)], soil(), sides=7)


def bowl_planter() -> bpy.types.Collection:
    """An iron bowl on a ring foot and four balls, 1.1 m wide and 0.56 m high; the earth lies at BOWL_SOIL_M = 0.49 m."""
    m, black = MeshBuilder(), iron((0.03, 0.026, 0.023))
    outside = [
        (0.02, 0.16),
        (0.18, 0.16),
        (0.21, 0.15),
        (0.22, 0.165),
        (0.21, 0.185),
        (0.24, 0.20),
        (0.32, 0.245),
        (0.40, 0.31),
        (0.455, 0.38),
        (0.485, 0.44),
        (0.495, 0.475),
        (0.49, 0.485),
        (0.50, 0.50),
        (0.525, 0.515),
        (0.548, 0.53),
        (0.553, 0.545),
        (0.545, 0.558),
        (0.525, 0.56),
        (0.50, 0.552),
        (0.485, 0.53),
        (0.475, 0.47),
        (0.44, 0.44),
    ]
    m.lathe(outside, black, sides=96)
    rib = [(0.25, 0, 0.205), (0.32, 0, 0.245), (0.40, 0, 0.31), (0.455, 0, 0.38), (0.485, 0, 0.44)]  # on the outline
    for k in range(24):  # gadroons under the rim
        with m.moved(turn=(0, 0, 15 * k)):
            m.tube(rib, (0.004, 0.012, 0.015, 0.012, 0.004), black, sides=8)
    for k in range(4):
        with m.moved(turn=(0, 0, 45 + 90 * k)), m.moved((0.24, 0, 0.078)):
            a = np.linspace(-np.pi / 2, np.pi / 2, 13)
            m.lathe(np.column_stack((0.078 * np.cos(a) + 0.0005, 0.078 * np.sin(a))), black, sides=24)
            m.tube(((0, 0, 0.06), (-0.01, 0, 0.12), (-0.02, 0, 0.16)), (0.035, 0.04, 0.06), black, sides=14)
    _fill(m, *_earth(0.48, 0.48, BOWL_SOIL_M, 1))
    return asset("bowl planter", [m.build("bowl planter")])
