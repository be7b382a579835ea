"""Parts of stucco houses: bays with shutters, entrances, and the mansard roof with its dormers."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np

from examples.scenes.buildings import masonry, stonework, windows
from examples.scenes.buildings.bays import Bay, Opening, Plan, moulding_around, pierced_wall, solid
from examples.scenes.kit.assets import asset, instance
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, plain
from examples.scenes.kit.mesh import MeshBuilder


def pale(colour: Colour) -> Colour:
    return tuple(0.6 * c + 0.4 * 0.6 for c in colour)  # type: ignore[return-value]


@cache
def entrance(colour: Colour | None, width_m: float = 3.0, height_m: float = 4.3) -> bpy.types.Collection:
    """The house door in a moulded surround, in a wall of stucco, or of stone if there is no colour."""
    wall = masonry.plaster(colour) if colour else masonry.sandstone((0.4, 0.36, 0.3), (0.9, 0.42))
    trim = masonry.plaster(pale(colour)) if colour else masonry.sandstone((0.4, 0.36, 0.3))
    m = MeshBuilder()
    opening = Opening(0.0, 0.15, 1.5, 3.0)
    pierced_wall(m, width_m, height_m, (opening,), wall, reveal_m=0.5)
    for side in (-1, 1):
        m.box((side * 0.75, -0.07, 0), (side * 1.0, 0.05, 3.15), trim)
        m.box((side * 0.72, -0.1, 0), (side * 1.04, 0.05, 0.4), trim)
        stonework.bracket(m, side * 0.9, 3.42, 0.2, 0.5, 0.3, trim)
    m.box((-1.0, -0.07, 3.15), (1.0, 0.05, 3.4), trim)
    stonework.moulding(m, -1.15, 1.15, 3.4, 0.24, 0.4, trim)
    m.box((-width_m / 2, 0.0, height_m - 0.01), (width_m / 2, 0.3, height_m), trim)
    lamp = plain("lamp", Label.BUILDING, (0.6, 0.5, 0.35), 0.3)
    m.box((1.16, -0.2, 2.3), (1.3, -0.06, 2.6), lamp)
    m.box((1.13, -0.23, 2.6), (1.33, 0.02, 2.64), masonry.iron())
    house_door = instance(windows.door(1.5, 3.0, leaves=2), (0, 0.3, 0.15))
    return asset("entrance", [m.build("entrance", bevel_m=0.01), house_door])


@cache
def stucco_bay(colour: Colour, shutter: Colour | None, *, french: bool) -> Bay:
    """A casement in a flat frame on smooth stucco; french: down to the balcony; with shutters if they have a colour."""
    opening = Opening(0.0, 0.1, 1.2, 2.6) if french else Opening(0.0, 0.85, 1.2, 1.85)
    half, sill, top = opening.width / 2, opening.sill, opening.sill + opening.height
    wall, trim = masonry.plaster(colour, ((0.0, sill - 0.1, 1.5),)), masonry.plaster(pale(colour))
    m = MeshBuilder()
    pierced_wall(m, 3.0, 3.3, (opening,), wall, reveal=trim)
    for side in (-1, 1):
        m.box((side * half, -0.03, sill), (side * (half + 0.14), 0.05, top), trim)
        if shutter:
            with m.moved((side * (half + 0.03), -0.035, sill), (0, 0, side * 4)):
                _shutter(m, side * 0.58, opening.height, plain("shutter paint", Label.BUILDING, shutter, 0.5, wear=0.25))
    m.box((-half - 0.14, -0.03, top), (half + 0.14, 0.05, top + 0.18), trim)
    if not shutter:
        stonework.moulding(m, -half - 0.3, half + 0.3, top + 0.18, 0.2, 0.22, trim)
    if not french:
        ledge = [(-0.13, sill - 0.02), (-0.13, sill - 0.1), (0.2, sill - 0.1), (0.2, sill + 0.03)]
        m.prism(ledge, -half - 0.2, half + 0.2, trim, axis="x")
    return Bay(
        asset("stucco bay", [m.build("stucco bay", bevel_m=0.008, bevel_segments=1)]),
        (opening,),
        windows.casement_window,
        0.16,
    )


def _shutter(m: MeshBuilder, width: float, height: float, paint: bpy.types.Material) -> None:
    """A louvred leaf against the wall, from x = 0 to width (which may be negative), on z = 0."""
    a, b = sorted((0.0, width))
    for x in (a, b - 0.06):
        m.box((x, -0.035, 0), (x + 0.06, 0, height), paint)
    for z in (0, height * 0.5, height - 0.08):
        m.box((a + 0.06, -0.035, z), (b - 0.06, 0, z + 0.08), paint)
    a, b = a + 0.06, b - 0.06
    for z in np.arange(0.1, height - 0.1, 0.05):
        low, high = (-0.03, z), (-0.006, z + 0.045)
        m.add([(x, *edge) for x, edge in ((a, low), (b, low), (b, high), (a, high))], [(0, 1, 2, 3)], paint)


def mansard(m: MeshBuilder, plan: Plan, z: float, bays: int, rng: np.random.Generator) -> list[bpy.types.Object]:
    """A steep zinc roof with seams, a dormer in every bay, and chimneys; adds to m and returns the dormers."""
    rise, lean, zinc = 2.5, 0.9, masonry.zinc()
    width, depth = plan[-1]
    slope = [(0.1, 0.0), (0.1, 0.12), (-0.15, 0.14), (-0.15 - lean, rise), (-0.1 - lean, rise + 0.08)]
    moulding_around(m, plan, z, slope, zinc, closed=True)
    solid(m, plan, 0.2 + lean, z, z + rise + 0.05, masonry.roofing())
    for x in np.arange(0.6, width - 0.3, 0.6):
        foot, head = (0.12, z + 0.14), (0.12 + lean, z + rise)
        m.add(
            [(x + dx, *end) for dx, end in ((-0.015, foot), (0.015, foot), (0.015, head), (-0.015, head))],
            [(0, 1, 2, 3)],
            zinc,
        )
    clay = plain("chimney pot", Label.BUILDING, (0.35, 0.14, 0.07))
    for x in (0.9, width - 0.9):
        m.box((x - 0.35, depth * 0.4, z), (x + 0.35, depth * 0.4 + 1.8, z + rise + 1.4), masonry.brick())
        for y in np.linspace(depth * 0.4 + 0.3, depth * 0.4 + 1.5, 4):
            with m.moved((x, y, z + rise + 1.4)):
                m.lathe([(0.13, 0), (0.11, 0.4), (0.14, 0.42), (0.0, 0.43)], clay, sides=10)
    parts = []
    for k in range(bays):
        x = (k + 0.5) * width / bays
        parts.append(instance(_dormer(), (x, 0.25, z + 0.3)))
        window = windows.casement_window(0.95, 1.45, windows.random_variant(rng), windows.WHITE_PAINT, 1.0)
        parts.append(instance(window, (x, 0.3, z + 0.42)))
    return parts


@cache
def _dormer() -> bpy.types.Collection:
    m, trim, zinc = MeshBuilder(), masonry.plaster((0.55, 0.53, 0.48)), masonry.zinc()
    for side in (-1, 1):
        m.box((side * 0.475, 0, 0), (side * 0.66, 1.2, 1.62), trim)
    m.box((-0.72, -0.06, 0), (0.72, 1.0, 0.12), trim)
    m.box((-0.66, 0, 1.57), (0.66, 1.4, 1.7), trim)
    m.prism([(-0.78, 1.7), (0.78, 1.7), (0.5, 1.9), (0, 2.0), (-0.5, 1.9)], -0.12, 1.5, zinc, axis="y")
    return asset("dormer", [m.build("dormer", bevel_m=0.01)])
