"""Buildings out of bays: the walls around an outline, rows of bays along them, mouldings, corner posts and roofs.

A bay is an asset that stands at the origin, from x = 0 to its width and z = 0 to its height, and faces -y.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import ArrayLike

from examples.scenes.buildings import concrete
from examples.scenes.kit.assets import instance
from examples.scenes.kit.mesh import MeshBuilder, Points

Rectangle = tuple[float, float, float, float, float]  # x0, x1, z0, z1 and how far it lies back, y


@dataclass(frozen=True)
class Wall:
    """A straight wall seen from outside, left to right."""

    start: Points
    turn_degrees: float
    length_m: float

    def at(self, along_m: float, z: float, out_m: float = 0.0) -> Points:
        """The point at a distance along the wall, above the ground and out of the wall."""
        c, s = np.cos(np.radians(self.turn_degrees)), np.sin(np.radians(self.turn_degrees))
        return np.array([self.start[0] + along_m * c + out_m * s, self.start[1] + along_m * s - out_m * c, z])


def walls(outline: ArrayLike, inset_m: float = 0.0) -> list[Wall]:
    """The walls around an outline (N, 2), counter-clockwise seen from above, less a corner post at both ends."""
    corners = np.asarray(outline, dtype=np.float64)
    found = []
    for here, there in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        step = there - here
        length = float(np.hypot(*step))
        turn = float(np.degrees(np.arctan2(step[1], step[0])))
        found.append(Wall(here + inset_m * step / length, turn, length - 2 * inset_m))
    return found


def rectangle(width_m: float, depth_m: float, margin_m: float = 0.0) -> Points:
    """The outline of a house from the street facade (y = 0) back."""
    low, right, back = margin_m, width_m - margin_m, depth_m - margin_m
    return np.array([(low, low), (right, low), (right, back), (low, back)])


def bay_count(wall: Wall, bay_m: float) -> int:
    """How many bays stand in a row along the wall."""
    return max(1, round(wall.length_m / bay_m))


def row(
    wall: Wall,
    z: float,
    bay_m: float,
    bays: Sequence[bpy.types.Collection],
    rng: np.random.Generator,
    door: bpy.types.Collection | None = None,
) -> list[bpy.types.Object]:
    """One storey of one wall: as many bays as fit, stretched to fill it, drawn from the variants; the door in the middle."""
    count = bay_count(wall, bay_m)
    stretch = wall.length_m / (count * bay_m)
    turn, scale = (0, 0, wall.turn_degrees), (stretch, 1, 1)
    chosen = [bays[int(rng.integers(len(bays)))] for _ in range(count)]
    if door:
        chosen[count // 2] = door
    return [instance(bay, wall.at(k * bay_m * stretch, z), turn, scale) for k, bay in enumerate(chosen)]


def rings(builder: MeshBuilder, nested: Sequence[Rectangle], material: bpy.types.Material) -> None:
    """Rectangles inside each other joined by four faces each: a wall, its reveal, a frame ..."""
    points = [point for x0, x1, z0, z1, y in nested for point in ((x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1))]
    faces = [
        (4 * k + i, 4 * k + (i + 1) % 4, 4 * k + 4 + (i + 1) % 4, 4 * k + 4 + i)
        for k in range(len(nested) - 1)
        for i in range(4)
    ]
    builder.add(points, faces, material)


def pane(builder: MeshBuilder, x0: float, x1: float, z0: float, z1: float, y: float, glass: bpy.types.Material) -> None:
    """One sheet of glass that faces -y."""
    builder.add([(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)], [(0, 1, 2, 3)], glass)


def window(
    builder: MeshBuilder,
    hole: Rectangle,
    frame: bpy.types.Material,
    glass: bpy.types.Material,
    *,
    bars: Sequence[float] = (),
    rails: Sequence[float] = (),
    frame_m: float = 0.06,
) -> None:
    """A frame in a hole with its pane set back 5 cm; bars stand at x, rails lie at z."""
    x0, x1, z0, z1, y = hole
    back = y + 0.05
    inner = (x0 + frame_m, x1 - frame_m, z0 + frame_m, z1 - frame_m)
    rings(builder, [(x0, x1, z0, z1, y), (*inner, y), (*inner, back)], frame)
    for x in bars:
        builder.box((x - frame_m / 2, y + 0.01, inner[2]), (x + frame_m / 2, back, inner[3]), frame)
    for z in rails:
        builder.box((inner[0], y + 0.015, z - frame_m / 2), (inner[1], back, z + frame_m / 2), frame)
    pane(builder, *inner, back - 0.01, glass)


def widened(outline: ArrayLike, out_m: float) -> Points:
    """The outline moved outwards, its corners mitred."""
    corners = np.asarray(outline, dtype=np.float64)
    step = np.roll(corners, -1, axis=0) - corners
    step /= np.linalg.norm(step, axis=1, keepdims=True)
    normal = np.column_stack((step[:, 1], -step[:, 0]))
    before = np.roll(normal, 1, axis=0)
    moved: Points = corners + out_m * (normal + before) / (1 + np.sum(normal * before, axis=1, keepdims=True))
    return moved


def band(builder: MeshBuilder, outline: Points, profile: Sequence[tuple[float, float]], material: bpy.types.Material) -> None:
    """A moulding around the outline, mitred at the corners; its profile is (out, z) from bottom to top."""
    grid = [np.column_stack((widened(outline, out), np.full(len(outline), z))) for out, z in profile]
    builder.sheet(grid, material, smooth=False, closed=True)


def posts(
    builder: MeshBuilder, outline: ArrayLike, size_m: float, low: float, high: float, material: bpy.types.Material
) -> None:
    """A post at every corner, flush with both walls."""
    corners = np.asarray(outline, dtype=np.float64)
    step = np.roll(corners, -1, axis=0) - corners
    step *= size_m / np.linalg.norm(step, axis=1, keepdims=True)
    for corner, come, go in zip(corners, np.roll(step, 1, axis=0), step, strict=True):
        builder.prism([corner - come, corner, corner + go, corner + go - come], low, high, material)


def letters(text: str, height_m: float, material: bpy.types.Material) -> bpy.types.Object:
    """Raised letters on a wall that faces -y, centred on the origin's x, standing on z = 0."""
    curve = bpy.data.curves.new(text, "FONT")
    curve.body, curve.size, curve.extrude, curve.bevel_depth = text, height_m * 1.4, 0.025, 0.004
    curve.align_x, curve.space_character = "CENTER", 1.15
    curve.materials.append(material)
    return bpy.data.objects.new(text, curve)


def roof(
    builder: MeshBuilder,
    outline: Points,
    z: float,
    wall: bpy.types.Material,
    *,
    parapet_m: float = 1.0,
    coping: bpy.types.Material | None = None,
) -> None:
    """A flat roof behind a parapet with a coping that stands proud of the wall."""
    top = z + parapet_m
    band(builder, outline, [(0, z), (0, top)], wall)
    lip = [(0, top - 0.02), (0.06, top - 0.02), (0.06, top + 0.08), (-0.4, top + 0.1), (-0.4, top - 0.02), (-0.34, top - 0.02)]
    band(builder, outline, lip, coping or wall)
    band(builder, outline, [(-0.34, top), (-0.34, z)], wall)
    builder.prism(widened(outline, -0.3), z - 0.3, z + 0.02, concrete.roofing())


def plant(builder: MeshBuilder, width_m: float, depth_m: float, z: float, rng: np.random.Generator) -> None:
    """What stands on the roof: the lift house, louvred machine rooms, cooling units, pipes and an aerial."""
    metal, wall = concrete.steel(roughness=0.5), concrete.painted((0.30, 0.29, 0.275))
    house = np.array([width_m * rng.uniform(0.2, 0.35), depth_m * 0.3])
    low = np.array([width_m * rng.uniform(0.2, 0.5), depth_m * rng.uniform(0.3, 0.45)])
    high = low + house
    tall = rng.uniform(3.2, 4.6)
    builder.box((*low, z), (*high, z + tall), wall)
    builder.box((*(low - 0.15), z + tall), (*(high + 0.15), z + tall + 0.2), metal)
    for k in range(int(tall / 0.35) - 4):  # louvres
        builder.box((low[0] + 0.6, low[1] - 0.06, z + 1 + 0.35 * k), (high[0] - 0.6, low[1], z + 1.2 + 0.35 * k), metal)
    for _ in range(5):
        x, y = rng.uniform(2, width_m - 5), rng.uniform(2, depth_m - 5)
        if not (low[0] - 3.5 < x < high[0] + 1 and low[1] - 3.5 < y < high[1] + 1):
            builder.box((x, y, z + 0.3), (x + 2.6, y + 1.8, z + rng.uniform(1.5, 2.2)), metal)
            builder.box((x, y, z), (x + 0.2, y + 1.8, z + 0.3), metal)
            builder.box((x + 2.4, y, z), (x + 2.6, y + 1.8, z + 0.3), metal)
    foot = (*(low + house * 0.7), z + tall)
    builder.tube([foot, (foot[0], foot[1], foot[2] + 5)], [0.05, 0.02], metal, sides=6)
