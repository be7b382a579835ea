"""A low ornamental fence: cast-iron scrolls, rings and leaves with open holes, on a stone kerb."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import bpy
import numpy as np
from numpy.typing import ArrayLike

from examples.scenes.furniture.finishes import paint, stone
from examples.scenes.kit.assets import asset
from examples.scenes.kit.labels import Label
from examples.scenes.kit.mesh import MeshBuilder, Points

KERB_M, BOTTOM_M, TOP_M = 0.13, 0.19, 0.78
CELL_M = 0.42  # one repeat of the ornament
HALF_M = CELL_M / 2


def _green() -> bpy.types.Material:
    return paint("fence green", Label.FENCE, (0.012, 0.042, 0.02), roughness=0.35, grime=0.16, rust=0.12, orange_peel_m=0.001)


def _spiral(start: ArrayLike, centre: tuple[float, float], turns: float, shrink: float) -> Points:
    """(x, z) from a point winding in about a centre to `shrink` of the radius; positive turns are counter-clockwise."""
    first = np.subtract(start, centre)
    t = np.linspace(0, 1, int(22 * abs(turns)) + 10)
    radius = np.hypot(*first) * (1 - (1 - shrink) * t**0.8)
    angle = np.arctan2(first[1], first[0]) + 2 * np.pi * turns * t
    return np.column_stack((centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)))


def _bar(m: MeshBuilder, xz: Points, radius: ArrayLike) -> None:
    """A bar in the fence's plane, a little deeper than it is high, as cast bars are."""
    with m.moved(scale=(1, 1.15, 1)):
        m.tube(np.column_stack((xz[:, 0], np.zeros(len(xz)), xz[:, 1])), radius, _green(), sides=9)


def _leaf(m: MeshBuilder, x: float, z: float, turn: float, length: float) -> None:
    """A cast leaf from (x, z) towards an angle, 2 cm thick at its midrib, both sides alike."""
    t = np.linspace(0, 1, 9)
    half = 0.30 * length * np.sin(np.pi * t**0.75)
    edge = [
        np.column_stack((length * t, np.full(9, y), side * half))
        for y, side in ((-0.004, -1), (-0.004, 1), (0.004, 1), (0.004, -1))
    ]
    ridge = [np.column_stack((length * t, y * (1.05 - t), 0 * t)) for y in (-0.012, 0.012)]
    with m.moved((x, 0, z), (0, -turn, 0)):
        m.sheet(np.array((edge[0], ridge[0], edge[1], edge[2], ridge[1], edge[3], edge[0])), _green())


def _boss(m: MeshBuilder, x: float, z: float, radius: float) -> None:
    """A cast ball."""
    r = radius
    with m.moved((x, 0, z), (90, 0, 0)):
        m.lathe([(0.002, -r), (0.7 * r, -0.75 * r), (r, 0), (0.7 * r, 0.75 * r), (0.002, r)], _green(), sides=12)


def _quarter(m: MeshBuilder) -> None:
    """The upper right quarter of a repeat, about its centre: an S-scroll, a counter-curl, leaves."""
    top = (TOP_M - BOTTOM_M) / 2
    t = np.linspace(0, 1, 14)
    stem = np.column_stack((0.075 + 0.125 * np.sin(t * np.pi / 2), 0.03 + 0.105 * t**1.3))
    scroll = np.concatenate((stem[:-1], _spiral(stem[-1], (0.118, 0.165), 1.45, 0.16)))
    _bar(m, scroll, np.linspace(0.0125, 0.0085, len(scroll)))
    curl = _spiral((0.012, top - 0.005), (0.042, 0.205), -1.2, 0.2)
    _bar(m, curl, np.linspace(0.011, 0.0075, len(curl)))
    _leaf(m, 0.075, 0.075, 62, 0.075)
    _leaf(m, 0.152, 0.245, 55, 0.055)
    for x, z, r in ((HALF_M - 0.002, top - 0.03, 0.017), (0.062, 0.262, 0.012), (0.118, 0.165, 0.017)):
        _boss(m, x, z, r)


def _half_middle(m: MeshBuilder) -> None:
    """The right half of what lies on the middle line, about the centre: a ring, and what joins the next repeat."""
    a = np.linspace(-np.pi / 2, np.pi / 2, 21)
    _bar(m, 0.078 * np.column_stack((np.cos(a), np.sin(a))), 0.0125)
    _bar(m, (np.array((HALF_M, 0)) + 0.032 * np.column_stack((-np.cos(a), np.sin(a))))[::-1], 0.01)
    _leaf(m, HALF_M - 0.035, 0.0, 180, 0.07)
    for up in (1, -1):
        _leaf(m, HALF_M, 0.02 * up, 90 * up, 0.11)


@cache
def _cell() -> bpy.types.Mesh:
    """One repeat, symmetric about x = 0 (so that it joins its neighbours), between the rails."""
    m = MeshBuilder()
    with m.moved((0, 0, (BOTTOM_M + TOP_M) / 2)):
        for mirror in (1, -1):
            with m.moved(scale=(mirror, 1, 1)):
                _half_middle(m)
                for flip in (1, -1):
                    with m.moved(scale=(1, 1, flip)):
                        _quarter(m)
        for turn in range(30, 390, 60):
            _leaf(m, 0.016 * np.cos(np.radians(turn)), 0.016 * np.sin(np.radians(turn)), turn, 0.056)
        _boss(m, 0, 0, 0.021)
    return m.build("fence ornament").data


def _kerb(start_m: float, length_m: float) -> bpy.types.Object:
    """Granite blocks about a metre long with tight joints."""
    m, granite = MeshBuilder(), stone("kerb stone", Label.PAVEMENT, (0.34, 0.33, 0.315))
    edges = np.linspace(start_m, length_m + 0.09, max(2, round(length_m) + 1))
    for a, b in pairwise(edges):
        m.box((a + 0.002, -0.11, -0.05), (b - 0.002, 0.11, KERB_M), granite)
    return m.build("fence kerb", bevel_m=0.014, bevel_segments=3)


def _frame(length_m: float, *, first_post: bool) -> bpy.types.Object:
    """Rails, and posts with ball tops that stand in the kerb every 1.5 m or so."""
    m, green = MeshBuilder(), _green()
    for z, r in ((TOP_M, 0.02), (BOTTOM_M, 0.016), (TOP_M - 0.07, 0.011), (BOTTOM_M + 0.055, 0.010)):
        with m.moved((0, 0, z), scale=(1, 1.25, 1)):
            m.tube(((0, 0, 0), (length_m, 0, 0)), r, green, sides=12)
    foot = [(0.05, -0.01), (0.05, 0.015), (0.036, 0.03), (0.025, 0.05), (0.024, 0.61), (0.032, 0.62), (0.032, 0.635)]
    ball = [
        (0.026, 0.645),
        (0.026, 0.68),
        (0.034, 0.69),
        (0.02, 0.705),
        (0.028, 0.72),
        (0.034, 0.74),
        (0.028, 0.762),
        (0.012, 0.775),
        (0.001, 0.778),
    ]
    for x in np.linspace(0, length_m, max(2, round(length_m / 1.5) + 1))[0 if first_post else 1 :]:
        with m.moved((x, 0, KERB_M)):
            m.lathe(foot + ball, green, sides=20)
    return m.build("fence frame")


def fence(length_m: float = 3.0, *, corner: bool = False) -> bpy.types.Collection:
    """A fence 0.9 m high along +x from x = 0, alike from both sides; its stone kerb is 0.22 m wide and 0.13 m high.

    Args:
        length_m: from the middle of the first post to that of the last.
        corner: starts, at a right angle, from the end post of another fence: has no first post and no kerb under it.
    """
    count = max(1, round((length_m - 0.05) / CELL_M))
    width = (length_m - 0.05) / count
    parts = [_kerb(0.112 if corner else -0.09, length_m), _frame(length_m, first_post=not corner)]
    for k in range(count):
        cell = bpy.data.objects.new("fence ornament", _cell())
        cell.location = (0.025 + width * (k + 0.5), 0, 0)
        cell.scale = (width / CELL_M, 1, 1)
        parts.append(cell)
    return asset("fence", parts)
