"""Iron in the ground: a manhole cover and a gutter grate."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes.furniture.finishes import metal
from examples.scenes.kit.assets import asset
from examples.scenes.kit.labels import Label
from examples.scenes.kit.mesh import MeshBuilder, Points

OBJECT = Label.OBJECT


def _circle(radius: float, points: int) -> Points:
    a = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return radius * np.column_stack((np.cos(a), np.sin(a)))


def _worn_iron() -> bpy.types.Material:
    return metal("worn cast iron", OBJECT, (0.16, 0.15, 0.14), roughness=0.5, brushed=False, grime=0.7)


def manhole() -> bpy.types.Collection:
    """A round cast-iron cover, 0.76 m wide with its frame, flush with the ground: its top lies at z = 0.004."""
    m, cast = MeshBuilder(), _worn_iron()
    m.lathe(
        [
            (0.38, 0.0),
            (0.379, 0.0035),
            (0.335, 0.004),
            (0.334, 0.0008),
            (0.328, 0.0008),
            (0.327, 0.004),
            (0.30, 0.004),
            (0.299, 0.0015),
            (0.001, 0.0015),
        ],
        cast,
        sides=72,
    )
    for k, r in enumerate((0.055, 0.11, 0.165, 0.22, 0.272)):
        count = 6 * (k + 1)
        for j in range(count):
            half = 180 / count
            with m.moved(turn=(0, 0, 360 * j / count + half * (k % 2))):
                a = np.radians(np.linspace(-half * 0.68, half * 0.68, 7))
                outer, inner = (r + 0.016), (r - 0.016)
                outline = np.concatenate(
                    (
                        np.column_stack((outer * np.cos(a), outer * np.sin(a))),
                        np.column_stack((inner * np.cos(a), inner * np.sin(a)))[::-1],
                    )
                )
                m.prism(outline, 0.0012, 0.004, cast)
    m.prism(_circle(0.025, 24), 0.0012, 0.004, cast)
    return asset("manhole", [m.build("manhole", bevel_m=0.0012, bevel_segments=1)])
