"""A low ornamental fence: cast-iron scrolls, rings and leaves with open holes, on a stone kerb."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np

from examples.scenes.assets import asset
from examples.scenes.finishes import paint, stone
from examples.scenes.labels import Label
from examples.scenes.mesh import MeshBuilder, Points

KERB_M, BOTTOM_M, TOP_M = 0.13, 0.19, 0.78
CELL_M = 0.42  # one repeat of the ornament


def _green() -> bpy.types.Material:
    return paint("fence green", Label.FENCE, (0.012, 0.042, 0.02), roughness=0.4, grime=0.4, rust=0.14, orange_peel_m=0.001)


def _spiral(start: tuple[float, float], centre: tuple[float, float], turns: float, shrink: float) -> Points:
    """(x, z) from a point winding in about a centre; positive turns are counter-clockwise."""
    first = np.subtract(start, centre)
    t = np.linspace(0, 1, int(22 * abs(turns)) + 10)
    radius = np.hypot(*first) * (1 - (1 - shrink) * t**0.8)
    angle = np.arctan2(first[1], first[0]) + 2 * np.pi * turns * t
    return np.column_stack((centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)))


def _bar(m: MeshBuilder, xz: Points, radius: float | Points) -> None:
    """A bar in the fence's plane, a little deeper than it is high, as cast bars are."""
    with m.moved(scale=(1, 1.15, 1)):
        m.tube(np.column_stack((xz[:, 0], np.zeros(len(xz)), xz[:, 1])), radius, _green(), sides=9)


def _leaf(m: MeshBuilder, x: float, z: float, turn: float, length: float) -> None:
    """A cast leaf with a midrib, both sides alike."""
    t = np.linspace(0, 1, 9)
    half = 0.30 * length * np.sin(np.pi * t**0.75)
    with m.moved((x, 0, z), (0, -turn, 0)):
        m.tube(np.column_stack((length * t, 0 * t, 0 * t)), 0.011 * (1.05 - t), _green(), sides=7)
        for side in (-1, 1):
            ridge = np.column_stack((length * t, np.full(9, side * 0.0115 * 1.0) * (1.05 - t), 0 * t))
            upper = np.column_stack((length * t, np.full(9, side * 0.004), half))
            lower = np.column_stack((length * t, np.full(9, side * 0.004), -half))
            rows = (lower, ridge, upper) if side < 0 else (upper, ridge, lower)
            m.sheet(np.array(rows), _green())
        edge = np.array([np.column_stack((length * t, np.full(9, y), half)) for y in (0.004, -0.004)])
        m.sheet(edge[::-1], _green())
        m.sheet(edge * (1, 1, -1), _green())


@cache
def _cell() -> bpy.types.Mesh:
    """One repeat, symmetric about x = 0 (so that it joins its neighbours), between the rails."""
    m = MeshBuilder()
    low, high = BOTTOM_M, TOP_M
    middle, half = (low + high) / 2, CELL_M / 2
    for mirror in (1, -1):
        with m.moved(scale=(mirror, 1, 1)):
            for flip in (1, -1):
                with m.moved((0, 0, middle), scale=(1, 1, flip)):
                    h = (high - low) / 2
                    # a large S from the ring up along the side, curling under the rail
                    t = np.linspace(0, 1, 14)
                    stem = np.column_stack((0.075 + 0.125 * np.sin(t * np.pi / 2), 0.03 + 0.105 * t**1.3))
                    curl = _spiral(tuple(stem[-1]), (0.118, 0.165), 1.45, 0.16)
                    path = np.concatenate((stem[:-1], curl))
                    _bar(m, path, np.linspace(0.0125, 0.0085, len(path)))
                    # a small counter-curl to the middle
                    inner = _spiral((0.012, h - 0.005), (0.042, 0.205), -1.2, 0.2)
                    _bar(m, inner, np.linspace(0.011, 0.0075, len(inner)))
                    _leaf(m, 0.075, 0.075, 62, 0.075)
                    _leaf(m, 0.152, 0.245, 55, 0.055)
                    for x, z, r in ((half - 0.002, h - 0.03, 0.017), (0.062, 0.262, 0.012), (0.118, 0.165, 0.017)):
                        with m.moved((x, 0, z), (90, 0, 0)):
                            m.lathe([(0.002, -r), (0.7 * r, -0.75 * r), (r, 0), (0.7 * r, 0.75 * r), (0.002, r)], _green(), sides=12)
            _leaf(m, half - 0.035, middle, 180, 0.07)
            _leaf(m, half, middle + 0.02, 90, 0.11)
            _leaf(m, half, middle - 0.02, -90, 0.11)
            half_ring = np.linspace(-np.pi / 2, np.pi / 2, 21)
            ring = np.column_stack((0.078 * np.cos(half_ring), middle + 0.078 * np.sin(half_ring)))
            _bar(m, ring, 0.0125)
            side = np.column_stack((half - 0.032 * np.cos(half_ring) * 1.0, middle + 0.032 * np.sin(half_ring)))
            _bar(m, side[::-1], 0.01)
    for k in range(6):
        _leaf(m, 0.016 * np.cos(np.radians(60 * k + 30)), middle + 0.016 * np.sin(np.radians(60 * k + 30)), 60 * k + 30, 0.056)
    with m.moved((0, 0, middle), (90, 0, 0)):
        m.lathe([(0.002, -0.02), (0.016, -0.016), (0.022, 0), (0.016, 0.016), (0.002, 0.02)], _green(), sides=14)
    return m.build("fence ornament").data


def _kerb(length_m: float) -> bpy.types.Object:
    """Granite blocks about a metre long with tight joints."""
    m, granite = MeshBuilder(), stone("kerb stone", Label.PAVEMENT, (0.34, 0.33, 0.315))
    edges = np.linspace(-0.09, length_m + 0.09, max(2, round(length_m / 1.0) + 1))
    for a, b in zip(edges[:-1], edges[1:], strict=True):
        m.box((a + 0.002, -0.11, -0.05), (b - 0.002, 0.11, KERB_M), granite)
    return m.build("fence kerb", bevel_m=0.014, bevel_segments=3)


def _frame(length_m: float) -> bpy.types.Object:
    """Rails and the posts that stand in the kerb, every 1.5 m or so."""
    m, green = MeshBuilder(), _green()
    for z, r in ((TOP_M, 0.02), (BOTTOM_M, 0.016), (TOP_M - 0.07, 0.011), (BOTTOM_M + 0.055, 0.010)):
        with m.moved((0, 0, z), scale=(1, 1.25, 1)):
            m.tube(((0, 0, 0), (length_m, 0, 0)), r, green, sides=12)
    for x in np.linspace(0, length_m, max(2, round(length_m / 1.5) + 1)):
        with m.moved((x, 0, 0)):
            profile = [(0.05, KERB_M - 0.01), (0.05, KERB_M + 0.015), (0.036, KERB_M + 0.03), (0.025, KERB_M + 0.05), (0.024, 0.74), (0.032, 0.75), (0.032, 0.765), (0.026, 0.775), (0.026, 0.81), (0.034, 0.82), (0.02, 0.835), (0.028, 0.85), (0.034, 0.87), (0.028, 0.892), (0.012, 0.905), (0.001, 0.908)]
            m.lathe(profile, green, sides=20)
    return m.build("fence frame")


def fence(length_m: float = 3.0) -> bpy.types.Collection:
    """A fence 0.8 m high along +x from x = 0, alike from both sides; its stone kerb is 0.22 m wide and 0.13 m high."""
    count = max(1, round((length_m - 0.05) / CELL_M))
    width = (length_m - 0.05) / count
    parts = [_kerb(length_m), _frame(length_m)]
    for k in range(count):
        cell = bpy.data.objects.new("fence ornament", _cell())
        cell.location = (0.025 + width * (k + 0.5), 0, 0)
        cell.scale = (width / CELL_M, 1, 1)
        parts.append(cell)
    return asset("fence", parts)
