"""Planters without plants: an iron bowl and a slatted trough, filled with earth."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes.furniture.finishes import iron, soil, stone, wood
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


def box_planter() -> bpy.types.Collection:
    """A concrete trough, 1.3 x 0.55 x 0.5 m, clad with slats between steel corners; the earth lies at BOX_SOIL_M = 0.43 m."""
    m, small = MeshBuilder(), MeshBuilder()
    body, steel, timber = (
        stone("trough", OBJECT, (0.27, 0.26, 0.245)),
        iron((0.03, 0.031, 0.033)),
        wood("trough slats", OBJECT),
    )
    for low, high in (
        ((-0.62, -0.245, 0.05), (-0.57, 0.245, 0.47)),
        ((0.57, -0.245, 0.05), (0.62, 0.245, 0.47)),
        ((-0.57, -0.245, 0.05), (0.57, -0.2, 0.47)),
        ((-0.57, 0.2, 0.05), (0.57, 0.245, 0.47)),
    ):
        m.box(low, high, body)
    rng = np.random.default_rng(4)
    for z in np.linspace(0.095, 0.425, 5):
        for y in (-1, 1):
            with m.moved((rng.normal(0, 0.001), y * 0.2575, z)):
                m.box((-0.60, -0.011, -0.037), (0.60, 0.011, 0.037), timber)
        for x in (-1, 1):
            with m.moved((x * 0.6325, 0, z), (0, 0, 90)):
                m.box((-0.235, -0.011, -0.037), (0.235, 0.011, 0.037), timber)
    for x in (-1, 1):
        for y in (-1, 1):
            m.box((x * 0.592, y * 0.236, 0.0), (x * 0.648, y * 0.274, 0.49), steel)
    for y in (-1, 1):
        m.box((-0.65, y * 0.215, 0.47), (0.65, y * 0.276, 0.5), steel)
        m.box((y * 0.585, -0.2155, 0.4705), (y * 0.65, 0.2155, 0.4995), steel)
    along, across = np.meshgrid(np.linspace(-0.59, 0.59, 60), np.linspace(-0.22, 0.22, 24))
    small.sheet(np.dstack((along, across, BOX_SOIL_M + rng.normal(0, 0.006, along.shape))), soil())
    _, clods = _earth(0.5, 0.19, BOX_SOIL_M, 2, square=True)
    _fill(small, np.array([superellipse(s, BOX_SOIL_M, 0.9, 0.3, 72) for s in (0.9, 0.02)]), clods)
    return asset("box planter", [m.build("trough", bevel_m=0.005), small.build("trough earth")])
