"""Painting windows, lamps, bumpers and gaps onto the surfaces of a car, and the wheel wells and the cabin inside."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import NDArray

from examples.scenes.kit.mesh import MeshBuilder, Points
from examples.scenes.vehicles.car_materials import clear_pane, kit, privacy_pane
from examples.scenes.vehicles.car_shape import Knots, Shape, greenhouse, tub
from examples.scenes.vehicles.skin import Field, Skin, drawn

RINGS = 40  # of the greenhouse
SURROUND_M = 0.016  # rubber and black print around a pane
GAP_M = 0.005


@dataclass(frozen=True)
class Panes:
    """Where the windows are: y at the foot of the greenhouse for the sides, |x| there for front and back."""

    sides: tuple[tuple[float, float], ...]  # (rear, front) y of every side window at its foot
    screen: float = 0.70  # half width of the windscreen at its foot
    back: float = 0.66
    low: float = 0.07  # lower and upper edge as shares of the greenhouse's height
    high: float = 0.955
    end_high: float = 0.955  # the same of the windscreen and the rear window
    bright: bool = True  # a chrome strip below the side windows
    dark: tuple[int, ...] = ()  # which of the side windows have dark glass; then so has the back


def arches(shape: Shape) -> Field:
    """Inside of the wheel arches, seen from the side."""

    def inside(points: Points) -> NDArray[np.float64]:
        distances = [np.hypot(points[:, 1] - axle, points[:, 2] - shape.wheel_radius) for axle in shape.axles]
        return np.maximum(np.minimum(*distances) - shape.arch_radius, 0.5 * shape.width - 0.30 - np.abs(points[:, 0]))

    return inside


def cabin_floor_plan(shape: Shape, margin: float = 0.03) -> Field:
    """Inside of the foot of the greenhouse, seen from above."""

    def inside(points: Points) -> NDArray[np.float64]:
        y = points[:, 1] - shape.middle
        reach = np.where(y > 0, shape.screen[0] - shape.middle, shape.middle - shape.back[0]) - margin
        share = (np.abs(points[:, 0]) / (shape.belt_width / 2 - margin)) ** shape.glass_power
        share += (np.abs(y) / reach) ** shape.glass_power
        return np.asarray(np.maximum((share ** (1 / shape.glass_power) - 1) * 0.8, 0.55 - points[:, 2]))

    return inside


def lower_skin(shape: Shape, colour: bpy.types.Material) -> Skin:
    """Tub, bonnet and boot with arches and the opening for the cabin."""
    skin = Skin(tub(shape), colour, closed=True)
    skin.paint(cabin_floor_plan(shape), None)
    skin.paint(arches(shape), None)
    return skin


def upper_skin(shape: Shape, colour: bpy.types.Material, panes: Panes) -> Skin:
    """Pillars, roof and panes."""
    k = kit()
    grid = greenhouse(shape, rows=RINGS)
    skin = Skin(grid, colour, closed=True)
    outlines = side_outlines(grid, panes)
    if len(outlines) > 1:  # black pillars between the panes
        whole = _around(grid, panes)
        skin.paint(drawn(whole, "side", radius_m=0.07), k.trim, high=SURROUND_M, limit=_beside(shape))
    frame = drawn(_around(grid, panes), "side", radius_m=0.09)
    steep: Field = lambda points: 0.497 * shape.roof_width - np.abs(points[:, 0])  # not on the roof
    skin.paint(frame, k.gap, low=0.045, high=0.045 + GAP_M, limit=steep, on=colour)
    for index, outline in enumerate(outlines):
        region = drawn(outline, "side", radius_m=0.06)
        skin.paint(region, k.rubber, high=SURROUND_M, limit=_beside(shape))
        skin.paint(region, privacy_pane() if index in panes.dark else clear_pane(), limit=_beside(shape))
    if panes.bright:
        sill = _around(grid, panes)[:17]
        skin.paint(drawn(np.concatenate((sill - (0, 0.018), sill[::-1] - (0, 0.003))), "side"), k.chrome, limit=_beside(shape))
    for sign, half in ((1, panes.screen), (-1, panes.back)):
        if half:
            region = drawn(_end_outline(grid, half, sign, panes), "end", radius_m=0.08)
            skin.paint(region, k.trim, high=0.03, limit=_facing(shape, sign))
            pane = privacy_pane() if panes.dark and sign < 0 else clear_pane()
            skin.paint(region, pane, limit=_facing(shape, sign))
    return skin


def _beside(shape: Shape) -> Field:
    return lambda points: 0.36 * shape.roof_width - np.abs(points[:, 0])


def _facing(shape: Shape, sign: int) -> Field:
    ends = shape.screen if sign > 0 else shape.back
    middle = 0.35 * shape.middle + 0.65 * ends[1]
    return lambda points: (middle - points[:, 1]) * sign


def _column(grid: Points, axis: int, value: float, sign: int) -> Points:
    """The column of the greenhouse whose foot is at `value` on an axis: on the right side (y) or in front/at the back (x)."""
    foot = grid[0]
    middle = foot[:, 1].mean()
    usable = foot[:, 0] > 0.6 * foot[:, 0].max() if axis == 1 else (sign * (foot[:, 1] - middle) > 0) & (foot[:, 0] > 0)
    candidates = np.flatnonzero(usable)
    return np.asarray(grid[:RINGS, candidates[np.argmin(np.abs(foot[candidates, axis] - value))]])


def _at(line: Points, share: float) -> Points:
    position = share * (RINGS - 1)
    return np.array([np.interp(position, np.arange(RINGS), line[:, axis]) for axis in range(3)])


def side_outlines(grid: Points, panes: Panes) -> list[Points]:
    """Side windows as polygons in (y, z), counter-clockwise."""
    outlines = []
    for rear, front in panes.sides:
        bottom, top = [], []
        for y in np.linspace(rear, front, 9):
            line = _column(grid, 1, y, 1)
            bottom.append(_at(line, panes.low)[1:])
            top.append(_at(line, panes.high)[1:])
        outlines.append(np.array(bottom + top[::-1]))
    return outlines


def _around(grid: Points, panes: Panes) -> Points:
    bottom, top = [], []
    for y in np.linspace(panes.sides[0][0], panes.sides[-1][1], 17):
        line = _column(grid, 1, y, 1)
        bottom.append(_at(line, panes.low)[1:])
        top.append(_at(line, panes.high)[1:])
    return np.array(bottom + top[::-1])


def _end_outline(grid: Points, half: float, sign: int, panes: Panes) -> Points:
    """Windscreen or rear window as a polygon in (|x|, z) from the centre line, counter-clockwise."""
    bottom, top = [], []
    for x in np.linspace(0, half, 9):
        line = _column(grid, 0, x, sign)
        bottom.append(_at(line, panes.low)[[0, 2]])
        top.append(_at(line, panes.end_high)[[0, 2]])
    bottom[0], top[0] = np.array((-0.3, bottom[0][1])), np.array((-0.3, top[0][1]))
    return np.array(bottom + top[::-1])


def wheel_wells(shape: Shape, skin: Skin, colour: bpy.types.Material) -> bpy.types.Object:
    """Rolled edges of the wheel arches and the dark wells behind."""
    b, k = MeshBuilder(), kit()
    depth = shape.width / 2 - 0.30
    for start, end in skin.border(arches(shape)):
        if abs(start[0]) < depth + 0.02 and abs(end[0]) < depth + 0.02:
            continue
        inner = [np.array((np.sign(p[0]) * (abs(p[0]) - 0.025), *p[1:])) for p in (start, end)]
        deep = [np.array((np.sign(p[0]) * depth, *p[1:])) for p in (start, end)]
        b.add([start, end, inner[1], inner[0]], [(0, 1, 2, 3)], colour)
        b.add([inner[0], inner[1], deep[1], deep[0]], [(0, 1, 2, 3)], k.dark)
    for axle in shape.axles:
        for side in (-1, 1):
            low, high = axle - shape.arch_radius - 0.02, axle + shape.arch_radius + 0.02
            x = side * depth
            b.add([(x, low, 0.16), (x, high, 0.16), (x, high, 0.85), (x, low, 0.85)], [(0, 1, 2, 3)], k.dark)
    return b.build("wheel wells")


def underside(shape: Shape) -> Skin:
    """The closed bottom, without the wheel wells."""
    ring = tub(shape)[0]
    grid = np.array([ring * (1 - s, 1 - 0.35 * s, 1) + (0, 0, 0.01 * (s > 0)) for s in np.linspace(0, 0.999, 24)[::-1]])
    skin = Skin(grid, kit().dark, closed=True)
    skin.paint(arches(shape), None)
    return skin


def lining(shape: Shape, floor_m: float = 0.30) -> bpy.types.Object:
    """The inside of the doors and bulkheads, and the floor: a basin below the foot of the greenhouse."""
    b, k = MeshBuilder(), kit()
    foot = greenhouse(shape, rows=2)[0]
    centre = np.array((0, shape.middle, 0))
    rows = []
    for share, drop in (
        (0.985, 0.0),
        (0.97, 0.02),
        (0.955, 0.06),
        (0.94, 0.10),
        (0.95, 0.14),
        (0.94, 0.3),
        (0.9, 1.0),
        (0.0, 1.0),
    ):
        row = (foot - centre) * (share, 1 if share > 0.5 else 0, 1) + centre
        row[:, 1] = np.clip(row[:, 1], shape.back[0] + 0.1, shape.screen[0] - 0.05)
        row[:, 2] = (foot[:, 2] - 0.0) * (1 - drop) + floor_m * drop
        rows.append(row)
    b.sheet(np.array(rows), k.interior, closed=True)  # rows run down, so the outside is the inside
    return b.build("cabin lining")


def pane_line(grid: Points, steps: Knots, sign: int) -> Points:
    """A path just off the windscreen (sign 1) or the rear window (-1) through (x, share of the height); for wipers."""
    path = []
    for x, share in steps:
        point = _at(_column(grid, 0, abs(x), sign), share)
        path.append((np.sign(x) * point[0], point[1] + sign * 0.012, point[2] + 0.008))
    return np.array(path)


def gap(skin: Skin, region: Field, limit: Field, on: bpy.types.Material) -> None:
    """A panel gap along the border of a region."""
    skin.paint(region, kit().gap, low=-GAP_M / 2, high=GAP_M / 2, limit=limit, on=on)
