"""Carved and moulded stone: mouldings, cornices, columns, balusters, arches, rustication, friezes.

Facades lie in y = 0 and face -y; what stands out of the wall has negative y.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import bpy
import numpy as np
from numpy.typing import NDArray

from examples.scenes.kit.mesh import MeshBuilder, arc

Outline = Sequence[tuple[float, float]]

# Mouldings as (how far it stands out, height), from the bottom to the top, in shares of projection and height.
CORNICE: Outline = ((0.08, 0), (0.08, 0.12), (0.2, 0.2), (0.28, 0.34), (0.3, 0.42), (0.8, 0.44), (0.82, 0.68), (0.88, 0.74),
                    (0.96, 0.84), (1.0, 0.94), (1.0, 1.0), (0.0, 1.06))  # fmt: skip
STRING: Outline = ((0.3, 0), (0.4, 0.2), (0.9, 0.35), (1.0, 0.5), (1.0, 0.8), (0.0, 1.0))
BASE: Outline = ((1.0, 0), (1.0, 0.6), (0.75, 0.7), (0.7, 0.85), (0.4, 1.0), (0.0, 1.02))


def moulding(
    m: MeshBuilder,
    start: float,
    end: float,
    z: float,
    height_m: float,
    out_m: float,
    material: bpy.types.Material,
    *,
    profile: Outline = CORNICE,
    back_m: float = 0.05,
) -> None:
    """A moulding along x from start to end, standing out of the wall by out_m."""
    points = [(-out * out_m, z + up * height_m) for out, up in profile]
    m.prism([*reversed(points), (back_m, z), (back_m, points[-1][1])], start, end, material, axis="x")


def dentils(
    m: MeshBuilder, start: float, end: float, z: float, size_m: float, out_m: float, material: bpy.types.Material
) -> None:
    """A row of little blocks below a cornice."""
    count = round((end - start) / (size_m * 1.9))
    for x in start + (end - start) * (np.arange(count) + 0.5) / count:
        m.box((x - size_m / 2, -out_m, z), (x + size_m / 2, 0.02, z + size_m * 1.3), material)


def bracket(
    m: MeshBuilder, x: float, z: float, width_m: float, height_m: float, out_m: float, material: bpy.types.Material
) -> None:
    """A scrolled console below a cornice; z is its top."""
    shape = [
        (0.0, 0.0),
        (0.95, 0.0),
        (1.0, 0.12),
        (0.92, 0.3),
        (0.62, 0.42),
        (0.42, 0.6),
        (0.36, 0.8),
        (0.24, 0.95),
        (0.1, 1.0),
        (0, 1),
    ]
    points = [(-out * out_m, z - down * height_m) for out, down in shape]
    m.prism([(0.03, z), *points, (0.03, z - height_m)], x - width_m / 2, x + width_m / 2, material, axis="x")
    m.box((x - width_m * 0.62, -out_m * 1.05, z - 0.03 * height_m), (x + width_m * 0.62, 0.02, z + 0.06 * height_m), material)


def column(m: MeshBuilder, radius_m: float, height_m: float, material: bpy.types.Material) -> None:
    """A round column on z = 0: plinth, base, swelling shaft, leafy capital and abacus."""
    r, top = radius_m, height_m
    plinth, cap = 1.35 * r, 2.3 * r
    m.box((-1.4 * r, -1.4 * r, 0), (1.4 * r, 1.4 * r, plinth), material)
    base = [(1.38, 0), (1.42, 0.12), (1.38, 0.26), (1.16, 0.32), (1.1, 0.42), (1.2, 0.5), (1.2, 0.58), (1.02, 0.66)]
    shaft = [(1.0, 0.75), (1.0, (top - cap - plinth) / r * 0.4), (0.88, (top - cap - plinth) / r - 0.2)]
    neck = (top - cap - plinth) / r
    bell = [(1.0, neck - 0.12), (1.0, neck), (0.86, neck + 0.05), (0.88, neck + 0.5), (1.05, neck + 1.2), (1.35, neck + 1.8)]
    m_profile = [(a * r, plinth + b * r) for a, b in (*base, *shaft, *bell)]
    m.lathe(m_profile, material, sides=20)
    for ring, (low, tall, count) in enumerate(((0.1, 0.85, 8), (0.7, 1.05, 8))):
        for k in range(count):
            with m.moved((0, 0, plinth + (neck + low) * r), (0, 0, 360 * (k + ring / 2) / count)):
                leaf(m, 0.86 * r + ring * 0.07 * r, tall * r, 0.34 * r, material)
    m.box((-1.45 * r, -1.45 * r, top - 0.5 * r), (1.45 * r, 1.45 * r, top), material)


def leaf(m: MeshBuilder, out_m: float, tall_m: float, half_m: float, material: bpy.types.Material) -> None:
    """A leaf that stands against a capital at y = -out and curls over at its tip."""
    rows = []
    for share, bulge, width in ((0, 0.0, 0.9), (0.4, 0.1, 1.1), (0.75, 0.3, 1.0), (0.95, 0.62, 0.7), (0.85, 0.85, 0.35)):
        y = -out_m - 0.04 * tall_m - bulge * half_m * 1.6
        rows.append([(s * width * half_m, y + 0.25 * half_m * abs(s), share * tall_m) for s in (-1, 0, 1)])
    m.sheet(rows, material)


def baluster(m: MeshBuilder, height_m: float, radius_m: float, material: bpy.types.Material, sides: int = 10) -> None:
    shape = [(1, 0), (1, 0.08), (0.55, 0.12), (0.6, 0.18), (0.95, 0.3), (1, 0.38), (0.8, 0.52), (0.45, 0.7), (0.42, 0.8),
             (0.7, 0.84), (0.5, 0.88), (0.95, 0.93), (0.95, 1)]  # fmt: skip
    m.lathe([(r * radius_m, z * height_m) for r, z in shape], material, sides=sides)


def balustrade(
    m: MeshBuilder, start: float, end: float, height_m: float, material: bpy.types.Material, *, spacing_m: float = 0.3
) -> None:
    """Balusters between rails along x, 0.26 m deep around y = 0."""
    m.box((start, -0.13, 0), (end, 0.13, 0.12), material)
    with m.moved((0, 0, height_m - 0.16)):
        m.prism([(-0.15, 0.04), (-0.12, 0), (0.12, 0), (0.15, 0.04), (0.15, 0.12), (0.1, 0.16), (-0.1, 0.16), (-0.15, 0.12)],
                start, end, material, axis="x")  # fmt: skip
    count = round((end - start) / spacing_m)
    for x in start + (end - start) * (np.arange(count) + 0.5) / count:
        with m.moved((x, 0, 0.12)):
            baluster(m, height_m - 0.28, 0.085, material)


def arch_moulding(m: MeshBuilder, profile: Outline, z: float, material: bpy.types.Material, *, steps: int = 32) -> None:
    """A profile of (radius, y), from the inside outwards, turned over a half circle around (0, z)."""
    angles = np.linspace(np.pi, 0, steps + 1)
    m.sheet([[(r * np.cos(a), y, z + r * np.sin(a)) for a in angles] for r, y in profile], material, smooth=False)


def voussoirs(
    m: MeshBuilder, inner_m: float, outer_m: float, z: float, y0: float, y1: float, count: int, material: bpy.types.Material
) -> None:
    """Wedge-shaped blocks of an arch with open joints; the middle one is left out, for the keystone."""
    joint = np.degrees(0.012 / outer_m)
    for k in range(count):
        if 2 * k + 1 == count:
            continue
        low, high = 180 * k / count + joint, 180 * (k + 1) / count - joint
        outline = np.concatenate((arc(outer_m, low, high, 4, (0, z)), arc(inner_m, high, low, 4, (0, z))))
        m.prism(outline, y0, y1, material, axis="y")


def keystone(m: MeshBuilder, low_z: float, high_z: float, width_m: float, out_m: float, material: bpy.types.Material) -> None:
    """A tapered block with a console on its face."""
    a, b = width_m * 0.36, width_m * 0.58
    m.prism([(-a, low_z), (a, low_z), (b, high_z), (-b, high_z)], -out_m, 0.3, material, axis="y")
    bracket(m, 0, high_z - 0.04, width_m * 0.55, (high_z - low_z) * 0.86, out_m + 0.16, material)


def rustication(
    m: MeshBuilder,
    low: tuple[float, float],
    high: tuple[float, float],
    course_m: float,
    material: bpy.types.Material,
    *,
    arch: tuple[float, float] | None = None,
    block_m: float = 0.9,
) -> None:
    """Courses of blocks with open joints between (x, z) corners; arch: (radius, z) of a round hole around x = 0 left free."""
    (x0, z0), (x1, z1) = low, high
    joint = 0.011
    edges = np.linspace(z0, z1, max(1, round((z1 - z0) / course_m)) + 1)
    for k, (below, above) in enumerate(pairwise(edges)):
        heights = np.linspace(below + joint, above - joint, 5)
        left = np.full(5, x0)
        if arch:
            left = np.maximum(x0, np.sqrt(np.maximum(arch[0] ** 2 - np.maximum(heights - arch[1], 0) ** 2, 0)) + joint)
        right = x1
        for cut in np.arange(x1 - block_m * (0.5 + k % 2 / 2), left.max() + 0.2, -block_m):
            m.prism([(cut + joint, heights[0]), (right, heights[0]), (right, heights[-1]), (cut + joint, heights[-1])],
                    0.0, 0.12, material, axis="y")  # fmt: skip
            right = cut - joint
        outline = [(right, heights[0]), (right, heights[-1]), *zip(left[::-1], heights[::-1], strict=True)]
        m.prism(outline, 0.0, 0.12, material, axis="y")


def quoins(
    m: MeshBuilder, z0: float, z1: float, material: bpy.types.Material, course_m: float = 0.45, out_m: float = 0.035
) -> None:
    """Long and short blocks around the corner (0, 0) of a wall that goes on to +x and +y."""
    count = round((z1 - z0) / course_m)
    for k in range(count):
        low, high = z0 + (z1 - z0) * k / count + 0.008, z0 + (z1 - z0) * (k + 1) / count - 0.008
        along, back = (0.75, 0.45) if k % 2 else (0.45, 0.75)
        m.box((-out_m, -out_m, low), (along, back, high), material)


def relief(
    m: MeshBuilder,
    low: tuple[float, float],
    high: tuple[float, float],
    depth_m: float,
    material: bpy.types.Material,
    *,
    step_m: float = 0.022,
) -> None:
    """A carved band between (x, z) corners: a wavy stem with a flower in every bend and leaves on both sides."""
    (start, z0), (end, z1) = low, high
    xs = np.linspace(start, end, round((end - start) / step_m) + 1)
    zs = np.linspace(z0, z1, round((z1 - z0) / step_m) + 1)
    x, z = np.meshgrid(xs, zs)
    m.sheet(np.dstack((x, -depth_m * _rinceau((x - start) / (z1 - z0), (z - z0) / (z1 - z0)), z)), material)


def _rinceau(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights 0..1 of the scroll, in units of the height of the band."""
    half_wave = 1.15  # length of a bend
    bend = np.floor(u / half_wave)
    side = np.where(bend % 2 == 0, 1.0, -1.0)
    x, z = u - (bend + 0.5) * half_wave, (v - 0.5) * side
    stem = _ridge(np.abs(z - 0.34 * np.cos(np.pi * x / half_wave)), 0.07)
    r, angle = np.hypot(x, z + 0.1), np.arctan2(z + 0.1, x)
    flower = np.where(r < 0.27, (0.55 + 0.45 * np.cos(8 * angle)) * np.sin(np.pi * np.clip(r / 0.27, 0, 1)) ** 0.7, 0)
    heart = np.sqrt(np.clip(1 - (r / 0.08) ** 2, 0, 1))
    scroll = _ridge(np.abs(r - 0.3 - 0.025 * angle), 0.045) * (angle > -2.6)
    leaves = np.zeros_like(u)
    for at, lean in ((-0.42, 0.9), (-0.36, -0.7), (0.42, -0.9), (0.36, 0.7)):
        along, across = (
            (x - at) * np.cos(lean) + (z - 0.05) * np.sin(lean),
            (z - 0.05) * np.cos(lean) - (x - at) * np.sin(lean),
        )
        leaves = np.maximum(leaves, np.sqrt(np.clip(1 - (along / 0.22) ** 2 - (across / 0.09) ** 2, 0, 1)))
    return np.maximum.reduce([stem, flower, heart, 0.8 * scroll, 0.8 * leaves])


def _ridge(distance: NDArray[np.float64], half: float) -> NDArray[np.float64]:
    return np.sqrt(np.clip(1 - (distance / half) ** 2, 0, 1))
