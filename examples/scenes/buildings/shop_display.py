"""What one sees in a shop window: a lit room 1.5 m deep, shelves, and goods on them."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np

from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, new_material
from examples.scenes.kit.mesh import MeshBuilder, arc

ROOM_DEPTH_M = 1.5


def display(m: MeshBuilder, half: float, riser_m: float, height_m: float, rng: np.random.Generator) -> None:
    """The room behind a shop window: walls, lamps, shelves and goods."""
    wall_colours: list[Colour] = [(0.55, 0.5, 0.42), (0.35, 0.42, 0.42), (0.5, 0.34, 0.22), (0.6, 0.6, 0.58)]
    walls = _lit(f"wall {(k := rng.integers(4))}", wall_colours[k])
    wood = _lit("wood", (0.3, 0.17, 0.08))
    depth, thin = ROOM_DEPTH_M, 0.03
    m.box((-half, depth, 0), (half, depth + thin, height_m), walls)
    for side in (-1, 1):
        m.box((side * half, 0.12, 0), (side * (half + thin), depth, height_m), walls)
    m.box((-half, 0.12, height_m), (half, depth + thin, height_m + thin), walls)
    m.box((-half, 0.12, riser_m - 0.15), (half, depth, riser_m - 0.1), wood)
    for x in np.arange(-half + 0.4, half - 0.3, 0.9):
        m.box((x - 0.06, 0.5, height_m - 0.04), (x + 0.06, 1.2, height_m), _lit("lamp", (3.5, 2.9, 2.0)))
    for z in np.arange(riser_m + 0.35, height_m * 0.75, 0.45):
        m.box((-half, depth - 0.35, z - 0.03), (half, depth, z), wood)
        _goods(m, -half + 0.05, half - 0.05, depth - 0.18, z, 0.3, rng)
    for row, y in enumerate((0.45, 0.85)):
        step = 0.25 * row
        m.box((-half + 0.05, y - 0.17, riser_m - 0.1), (half - 0.05, y + 0.17, riser_m - 0.06 + step), wood)
        _goods(m, -half + 0.1, half - 0.1, y, riser_m - 0.06 + step, 0.42, rng, gap=0.25)


def _goods(
    m: MeshBuilder, start: float, end: float, y: float, z: float, tall_m: float, rng: np.random.Generator, gap: float = 0.03
) -> None:
    """A row of boxes, books, jars and bottles on a board."""
    colours: list[Colour] = [
        (0.5, 0.08, 0.05), (0.6, 0.4, 0.08), (0.08, 0.2, 0.4), (0.1, 0.25, 0.12),
        (0.6, 0.55, 0.45), (0.25, 0.12, 0.06), (0.65, 0.65, 0.62), (0.04, 0.04, 0.05),
    ]  # fmt: skip
    x = start
    while x < end - 0.3:
        wide, tall, kind = rng.uniform(0.07, 0.24), tall_m * rng.uniform(0.35, 1.0), rng.integers(len(colours))
        stuff = _lit(f"goods {kind}", colours[kind])
        if rng.random() < 0.6:
            m.box((x, y - 0.1, z), (x + wide, y + 0.1, z + tall), stuff)
        else:
            radius = wide / 2
            with m.moved((x + radius, y, z)):
                m.prism(arc(radius, 0, 330, 12), 0, tall * 0.7, stuff)
                m.prism(arc(radius * 0.45, 0, 330, 12), tall * 0.7, tall, stuff)
        x += wide + rng.exponential(gap) + 0.01


@cache
def _lit(name: str, colour: Colour) -> bpy.types.Material:
    """A surface in a lit shop: it glows a little in its own colour, which stands for the lamps (and is free of noise)."""
    material, n = new_material(f"shop {name}", Label.BUILDING)
    patches = n.level(n.noise(3.0, detail=5, at=n.world_position), 0.3, 0.7, 0.75, 1.1)
    base = n.mix(1.0, colour, n.new("CombineColor", Red=patches, Green=patches, Blue=patches).outputs[0], "MULTIPLY")
    n.finish(n.surface(Base_Color=base, Roughness=0.6, Emission_Color=base, Emission_Strength=0.28))
    material.cycles.emission_sampling = "NONE"
    return material
