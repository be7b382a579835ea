"""Bays of brick storeys: windows in stone surrounds between pilaster strips."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np

from examples.scenes.buildings import masonry, stonework, windows
from examples.scenes.buildings.bays import Bay, Opening, pierced_wall
from examples.scenes.kit.assets import asset
from examples.scenes.kit.materials import Colour
from examples.scenes.kit.mesh import MeshBuilder, arc

PAIR_M = (1.05, 2.1)  # width and height of each of two windows side by side
PAIR_AT_M = 0.74  # from the middle of the bay
SILL_M = 0.8


@cache
def paired_bay(kind: str = "plain", width_m: float = 5.175, height_m: float = 3.6, colour: Colour = masonry.RED_BRICK) -> Bay:
    """Two sash windows in a stone surround between brick strips; kind: piano (with a pediment), plain or arched."""
    openings = tuple(Opening(side * PAIR_AT_M, SILL_M, *PAIR_M) for side in (-1, 1))
    stains = ((0.0, SILL_M - 0.1, 2.9),)
    wall, stone = masonry.brick(colour, stains), masonry.sandstone()
    m, trim = MeshBuilder(), MeshBuilder()
    pierced_wall(m, width_m, height_m, openings, wall, reveal_m=0.3, reveal=stone)
    for side in (-1, 1):
        with m.moved(scale=(side, 1, 1)):
            m.prism([(width_m / 2 - 0.45, -0.11), (width_m / 2, -0.11), (width_m / 2, 0), (width_m / 2 - 0.45, 0)],
                    0, height_m, wall)  # fmt: skip
    _surround(trim, height_m, stone)
    if kind == "piano":
        _pediment(trim, SILL_M + PAIR_M[1] + 0.3, 1.75, stone)
    elif kind == "arched":
        _blind_arches(trim, stone, masonry.brick(colour))
    else:
        for x in (-PAIR_AT_M, PAIR_AT_M):
            with trim.moved((x, 0, 0)):
                top = SILL_M + PAIR_M[1]
                wedge = [(-0.09, top - 0.02), (0.09, top - 0.02), (0.14, top + 0.36), (-0.14, top + 0.36)]
                trim.prism(wedge, -0.1, 0.1, stone, axis="y")
    parts = [m.build("brick wall"), trim.build("window surround", bevel_m=0.012, bevel_segments=1)]
    return Bay(asset(f"brick bay {kind}", parts), openings, windows.sash_window, 0.17)


@cache
def single_bay(
    width_m: float = 2.7, height_m: float = 3.3, colour: Colour = masonry.BROWN_BRICK, *, ornate: bool = False
) -> Bay:
    """One sash window under a flat brick arch with a keystone, above a stone sill; ornate: with a hood on brackets."""
    opening = Opening(0.0, 0.75, 1.125, 1.95)
    top, half = opening.sill + opening.height, opening.width / 2
    wall, stone = masonry.brick(colour, ((0.0, opening.sill - 0.08, 1.3),)), masonry.sandstone((0.4, 0.36, 0.3))
    arch = masonry.brick((colour[0] * 1.25, colour[1] * 1.1, colour[2]))
    m, trim = MeshBuilder(), MeshBuilder()
    pierced_wall(m, width_m, height_m, (opening,), wall)
    trim.prism(_sill_profile(), -half - 0.12,
               half + 0.12, stone, axis="x")  # fmt: skip
    bricks = 12
    for k in range(bricks):  # a flat arch of bricks on end that lean outwards
        low, high = (-half - 0.02 + (opening.width + 0.04) * (k + e) / bricks for e in (0.06, 0.94))
        trim.prism([(low, top), (high, top), (high * 1.22, top + 0.32), (low * 1.22, top + 0.32)], -0.012, 0.1, arch, axis="y")
    trim.prism([(-0.09, top - 0.03), (0.09, top - 0.03), (0.14, top + 0.37), (-0.14, top + 0.37)], -0.07, 0.1, stone, axis="y")
    if ornate:
        stonework.moulding(trim, -half - 0.3, half + 0.3, top + 0.36, 0.2, 0.24, stone)
        for x in (-half - 0.16, half + 0.16):
            stonework.bracket(trim, x, top + 0.38, 0.13, 0.4, 0.18, stone)
    parts = [m.build("brick wall"), trim.build("window trim", bevel_m=0.006, bevel_segments=1)]
    return Bay(asset("brick bay", parts), (opening,), windows.sash_window, 0.15)


def _sill_profile() -> list[tuple[float, float]]:
    """(y, z) of a stone sill that slopes outwards and drips; its back is inside the reveal."""
    low = 0.75
    return [(-0.12, low - 0.02), (-0.12, low - 0.1), (0.0, low - 0.14), (0.2, low - 0.14), (0.2, low + 0.03)]


def _surround(m: MeshBuilder, height_m: float, stone: bpy.types.Material) -> None:
    """Sill on brackets, toothed jambs, the mullion pier and the lintel of a pair of windows."""
    width, tall = PAIR_M
    outer, top = PAIR_AT_M + width / 2, SILL_M + tall
    sill = [(-0.16, -0.02), (-0.16, -0.09), (-0.1, -0.16), (0.25, -0.16), (0.25, 0.03)]
    with m.moved((0, 0, SILL_M)):
        m.prism(sill, -outer - 0.32, outer + 0.32, stone, axis="x")
    for x in (-outer - 0.1, 0, outer + 0.1):
        stonework.bracket(m, x, SILL_M - 0.14, 0.16, 0.34, 0.13, stone)
    courses = 7
    for k in range(courses):
        low, high = SILL_M + 0.03 + (tall - 0.03) * k / courses, SILL_M + 0.03 + (tall - 0.03) * (k + 1) / courses - 0.008
        tooth = 0.34 if k % 2 else 0.2
        for side in (-1, 1):
            m.box((side * outer, -0.035, low), (side * (outer + tooth), 0.1, high), stone)
    inner = PAIR_AT_M - width / 2
    m.box((-inner, -0.03, SILL_M), (inner, 0.2, top), stone)
    m.box((-inner + 0.06, -0.055, SILL_M + 0.12), (inner - 0.06, 0.0, top - 0.15), stone)
    m.box((-outer - 0.34, -0.045, top), (outer + 0.34, 0.1, top + 0.3), stone)
    stonework.moulding(m, -outer - 0.34, outer + 0.34, top + 0.3, min(0.14, height_m - top - 0.4), 0.12, stone)


def _pediment(m: MeshBuilder, z: float, half: float, stone: bpy.types.Material) -> None:
    """A low gable on brackets above a pair of windows."""
    for side in (-1, 1):
        stonework.bracket(m, side * (half - 0.16), z + 0.02, 0.18, 0.45, 0.26, stone)
    stonework.moulding(m, -half, half, z - 0.02, 0.16, 0.34, stone)
    rise = 0.36
    m.prism([(-half, z + 0.14), (half, z + 0.14), (0, z + 0.14 + rise)], -0.08, 0.02, stone, axis="y")
    for side in (-1, 1):
        slope = np.degrees(np.arctan2(rise, half))
        with m.moved((0, 0, z + 0.14 + rise), (0, side * slope, 0)):
            ends = (0, side * np.hypot(half, rise))
            stonework.moulding(m, min(ends), max(ends), 0.0, 0.12, 0.3, stone)


def _blind_arches(m: MeshBuilder, stone: bpy.types.Material, wall: bpy.types.Material) -> None:
    """Round relieving arches of stone with a keystone above each window of a pair."""
    radius, z = PAIR_M[0] / 2, SILL_M + PAIR_M[1] + 0.16
    for side in (-1, 1):
        with m.moved((side * PAIR_AT_M, -0.05, 0), scale=(1, 1, 0.55)):
            lifted = z / 0.55 + 0.1
            stonework.voussoirs(m, radius - 0.02, radius + 0.18, lifted, -0.03, 0.1, 9, stone)
            m.prism(arc(radius - 0.02, 0, 180, 12, (0, lifted)), 0.01, 0.1, wall, axis="y")
            stonework.keystone(m, lifted + radius - 0.06, lifted + radius + 0.34, 0.24, 0.07, stone)
