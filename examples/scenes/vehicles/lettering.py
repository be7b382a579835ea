"""Plain block letters made of straight strokes, for number plates and signs."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes.kit.mesh import MeshBuilder, Points

SEGMENTS = {  # strokes of a glyph on a grid of 2 x 4 half cells, as (x0, z0, x1, z1)
    "0": ((0, 0, 2, 0), (2, 0, 2, 4), (2, 4, 0, 4), (0, 4, 0, 0)),
    "1": ((1, 0, 1, 4), (0.3, 3.2, 1, 4)),
    "2": ((0, 4, 2, 4), (2, 4, 2, 2.2), (2, 2.2, 0, 0), (0, 0, 2, 0)),
    "3": ((0, 4, 2, 4), (2, 4, 2, 0), (2, 0, 0, 0), (0.4, 2, 2, 2)),
    "4": ((1.5, 0, 1.5, 4), (1.5, 4, 0, 1.3), (0, 1.3, 2, 1.3)),
    "5": ((2, 4, 0, 4), (0, 4, 0, 2.2), (0, 2.2, 2, 2.2), (2, 2.2, 2, 0), (2, 0, 0, 0)),
    "6": ((2, 4, 0, 4), (0, 4, 0, 0), (0, 0, 2, 0), (2, 0, 2, 2), (2, 2, 0, 2)),
    "7": ((0, 4, 2, 4), (2, 4, 0.7, 0)),
    "8": ((0, 0, 2, 0), (2, 0, 2, 4), (2, 4, 0, 4), (0, 4, 0, 0), (0, 2, 2, 2)),
    "9": ((2, 0, 2, 4), (2, 4, 0, 4), (0, 4, 0, 2), (0, 2, 2, 2)),
    "A": ((0, 0, 1, 4), (1, 4, 2, 0), (0.4, 1.4, 1.6, 1.4)),
    "H": ((0, 0, 0, 4), (2, 0, 2, 4), (0, 2, 2, 2)),
    "K": ((0, 0, 0, 4), (0, 1.7, 2, 4), (0.6, 2.3, 2, 0)),
    "T": ((0, 4, 2, 4), (1, 0, 1, 4)),
    "X": ((0, 0, 2, 4), (0, 4, 2, 0)),
    "E": ((2, 4, 0, 4), (0, 4, 0, 0), (0, 0, 2, 0), (0, 2, 1.7, 2)),
    "P": ((0, 0, 0, 4), (0, 4, 2, 4), (2, 4, 2, 2), (2, 2, 0, 2)),
    "R": ((0, 0, 0, 4), (0, 4, 2, 4), (2, 4, 2, 2), (2, 2, 0, 2), (0.8, 2, 2, 0)),
    "S": ((2, 4, 0, 4), (0, 4, 0, 2), (0, 2, 2, 2), (2, 2, 2, 0), (2, 0, 0, 0)),
    "I": ((1, 0, 1, 4),),
}


def strokes(text: str, height_m: float) -> list[tuple[Points, Points]]:
    """The ends (2,), (2,) of the strokes of a text centred on the origin."""
    step, result = height_m * 0.68, []
    for place, letter in enumerate(text):
        foot = np.array(((place - len(text) / 2) * step + 0.08 * height_m, -height_m / 2))
        for x0, z0, x1, z1 in SEGMENTS.get(letter, ()):
            result.append((np.array((x0, z0)) * height_m / 4 + foot, np.array((x1, z1)) * height_m / 4 + foot))
    return result


def raised(b: MeshBuilder, text: str, height_m: float, material: bpy.types.Material, *, thick_m: float = 0.0035) -> None:
    """A text centred on the origin, standing in (x, z), slightly raised, looking along -y; strokes are 2 `thick_m` wide."""
    for start, end in strokes(text, height_m):
        along = (end - start) / np.linalg.norm(end - start) * thick_m
        side = np.array((-along[1], along[0]))
        polygon = (start - along - side, end + along - side, end + along + side, start - along + side)
        b.prism(polygon, -0.0015, 0.002, material, axis="y")
