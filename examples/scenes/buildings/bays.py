"""Outer walls around the plan of a building: bays with openings, repeated along each side and storey by storey.

A plan is a path of (x, y) points, walked with the outside on the right hand: along +x where the wall faces -y.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import bpy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from examples.scenes.buildings import windows
from examples.scenes.kit.assets import instance
from examples.scenes.kit.mesh import MeshBuilder

Plan = Sequence[tuple[float, float]]
WindowMaker = Callable[[float, float, int], bpy.types.Collection]  # of width, height and variant


@dataclass(frozen=True)
class Opening:
    """A hole in a bay: the x of its middle (0: that of the bay), the height of its sill above the floor, its size [m]."""

    x: float
    sill: float
    width: float
    height: float


@dataclass(frozen=True)
class Bay:
    """One bay of one storey: its wall, made once, and the windows that are drawn anew for each copy."""

    wall: bpy.types.Collection  # around x = 0, on z = 0
    openings: tuple[Opening, ...]
    window: WindowMaker = windows.sash_window
    recess_m: float = 0.18  # of the windows behind the face of the wall

    def at(self, x: float, y: float, z: float, turn: float, rng: np.random.Generator) -> list[bpy.types.Object]:
        """Instances of the wall and its windows; turn: about z [degrees]."""
        a = np.radians(turn)
        parts = [instance(self.wall, (x, y, z), (0, 0, turn))]
        for hole in self.openings:
            right, back = hole.x, self.recess_m
            place = (x + right * np.cos(a) - back * np.sin(a), y + right * np.sin(a) + back * np.cos(a), z + hole.sill)
            window = self.window(hole.width, hole.height, windows.random_variant(rng))
            parts.append(instance(window, place, (0, 0, turn)))
        return parts


def clad(plan: Plan, bay_m: float, z: float, bay: Bay, rng: np.random.Generator) -> list[bpy.types.Object]:
    """One storey of bays along every side of the plan; its sides are whole numbers of bays long."""
    parts = []
    for (x0, y0), (x1, y1) in pairwise(plan):
        dx, dy = x1 - x0, y1 - y0
        turn = float(np.degrees(np.arctan2(dy, dx)))
        for share in (np.arange(count := round(np.hypot(dx, dy) / bay_m)) + 0.5) / max(count, 1):
            parts += bay.at(x0 + share * dx, y0 + share * dy, z, turn, rng)
    return parts


def pierced_wall(
    m: MeshBuilder,
    width_m: float,
    height_m: float,
    openings: Sequence[Opening],
    material: bpy.types.Material,
    *,
    reveal_m: float = 0.3,
    reveal: bpy.types.Material | None = None,
) -> None:
    """A wall in y = 0 around x = 0 with rectangular holes and their reveals."""
    half = width_m / 2
    cuts = [edge for o in openings for edge in (o.x - o.width / 2, o.x + o.width / 2)]
    levels = [edge for o in openings for edge in (o.sill, o.sill + o.height)]
    xs, zs = np.unique(np.clip([-half, *cuts, half], -half, half)), np.unique(np.clip([0, *levels, height_m], 0, height_m))
    for x0, x1 in pairwise(xs):
        for z0, z1 in pairwise(zs):
            x, z = (x0 + x1) / 2, (z0 + z1) / 2
            if not any(abs(x - o.x) < o.width / 2 and o.sill < z < o.sill + o.height for o in openings):
                m.add([(x0, 0, z0), (x1, 0, z0), (x1, 0, z1), (x0, 0, z1)], [(0, 1, 2, 3)], material)
    for o in openings:
        a, b, low, high = o.x - o.width / 2, o.x + o.width / 2, o.sill, o.sill + o.height
        ring = [(x, y, z) for y in (0, reveal_m) for x, z in ((a, low), (b, low), (b, high), (a, high))]
        m.add(ring, [(i, 4 + i, 4 + (i + 1) % 4, (i + 1) % 4) for i in range(4)], reveal or material)


def offset(plan: Plan, out_m: float, *, closed: bool = False) -> NDArray[np.float64]:
    """The path moved outwards, with mitred corners."""
    points = np.asarray(plan, dtype=np.float64)
    along = np.diff(points, axis=0, append=points[:1])
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-12
    normals = np.column_stack((along[:, 1], -along[:, 0]))
    before = np.roll(normals, 1, axis=0)
    if not closed:
        before[0], normals[-1] = normals[0], before[-1]
    mitre = before + normals
    mitre /= (1 + np.sum(before * normals, axis=1))[:, None]
    return np.asarray(points + out_m * mitre)


def moulding_around(
    m: MeshBuilder, plan: Plan, z: float, profile: ArrayLike, material: bpy.types.Material, *, closed: bool = False
) -> None:
    """A profile of (out, up) [m], from bottom to top, carried along the path."""
    rows = []
    for out, up in np.asarray(profile, dtype=np.float64):
        ring = offset(plan, out, closed=closed)
        rows.append(np.column_stack((ring, np.full(len(ring), z + up))))
    m.sheet(rows, material, smooth=False, closed=closed)


def solid(m: MeshBuilder, plan: Plan, inset_m: float, low: float, high: float, material: bpy.types.Material) -> None:
    """The closed plan as a block, inset behind its walls: keeps light and sky out, or is a roof."""
    m.prism(offset(plan, -inset_m, closed=True), low, high, material)
