"""Houses: brick with a fire escape, stucco with balconies, and a plain tower for the far end of a street."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes.buildings import masonry, rooftop, stonework
from examples.scenes.buildings.bays import Plan, clad, moulding_around, solid
from examples.scenes.buildings.brick_bays import single_bay
from examples.scenes.buildings.ironwork import balcony, drop_ladder, fire_escape
from examples.scenes.buildings.shop_fronts import SHOP_WALL_M, shop_front
from examples.scenes.buildings.stucco import entrance, mansard, pale, stucco_bay
from examples.scenes.kit.assets import asset, instance
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, plain
from examples.scenes.kit.mesh import MeshBuilder

BRICKS: tuple[Colour, ...] = (masonry.BROWN_BRICK, (0.21, 0.1, 0.065), (0.25, 0.16, 0.1), (0.15, 0.075, 0.055))
CORNICE_PAINTS: tuple[Colour, ...] = ((0.1, 0.09, 0.07), (0.05, 0.07, 0.06), (0.3, 0.27, 0.2), (0.14, 0.06, 0.04))


def brick_house(storeys: int = 6, bays: int = 6, seed: int = 0) -> bpy.types.Collection:
    """Shops below (4.2 m), then storeys - 1 of brick (3.3 m each); bays * 2.7 m wide, 13.5 m deep."""
    bay_m, ground_m, storey_m, depth_m = 2.7, 4.2, 3.3, 13.5
    rng = np.random.default_rng(seed)
    colour, paint = BRICKS[seed % len(BRICKS)], CORNICE_PAINTS[seed % len(CORNICE_PAINTS)]
    width, top = bays * bay_m, ground_m + (storeys - 1) * storey_m
    plan = _box(width, depth_m)
    parts = _shops(bays, bay_m, ground_m, rng)
    for k in range(storeys - 1):
        parts += clad(plan, bay_m, ground_m + k * storey_m, single_bay(bay_m, storey_m, colour, ornate=k in (0, 2)), rng)
    m, wall, stone = MeshBuilder(), masonry.brick(colour), masonry.sandstone((0.4, 0.36, 0.3))
    for z, tall in ((ground_m, 0.3), (ground_m + storey_m, 0.16), (top - storey_m, 0.16)):
        moulding_around(m, plan, z - 0.02, [(out * 0.12, up * tall) for out, up in stonework.STRING], stone)
    _back(m, width, depth_m, top + 0.9, wall)
    _sides(m, width, (SHOP_WALL_M, depth_m), 0, ground_m, wall)
    solid(m, plan, 0.35, ground_m, top + 0.1, masonry.roofing())
    m.box((0.02, 1.8, 0), (width - 0.02, depth_m - 0.02, ground_m), wall)
    _metal_cornice(m, plan, top, plain("cornice paint", Label.BUILDING, paint, 0.5, wear=0.25))
    parts.append(m.build("brick house", bevel_m=0.01, bevel_segments=1))
    parts += _escape(bay_m * (1.0 + rng.integers(max(1, bays - 2))), ground_m, storeys - 1, storey_m)
    parts += rooftop.furnish((1, 3), (width - 1, depth_m - 1), top + 0.1, rng)
    return asset("brick house", parts)


def plaster_house(storeys: int = 5, bays: int = 5, seed: int = 0, colour: Colour = masonry.STUCCO) -> bpy.types.Collection:
    """A ground floor of 4.3 m, storeys - 1 of smooth stucco (3.3 m each) and a mansard; bays * 3 m wide, 12 m deep."""
    bay_m, ground_m, storey_m, depth_m = 3.0, 4.3, 3.3, 12.0
    rng = np.random.default_rng(seed)
    width, top = bays * bay_m, ground_m + (storeys - 1) * storey_m
    plan, front = _box(width, depth_m), ((0.0, 0.0), (width, 0.0))
    parts = []
    for k in range(bays):
        maker = shop_front(bay_m, ground_m, seed * 7 + k, masonry.plaster(colour)) if k != bays // 2 else entrance(colour)
        parts.append(instance(maker, ((k + 0.5) * bay_m, 0, 0)))
    shutter = ((0.06, 0.1, 0.08), (0.1, 0.06, 0.04), (0.12, 0.14, 0.16))[seed % 3]
    for k in range(storeys - 1):
        z = ground_m + k * storey_m
        parts += clad(front, bay_m, z, stucco_bay(colour, shutter if k else None, french=k in (0, 2)), rng)
        if k in (0, 2):
            chosen = range(bays) if k == 0 else range(0, bays, 2)
            parts += [instance(balcony(), ((i + 0.5) * bay_m, 0, z + 0.1)) for i in chosen]
    m, wall, trim = MeshBuilder(), masonry.plaster(colour), masonry.plaster(pale(colour))
    for z, tall, out in ((ground_m, 0.32, 0.16), (top - storey_m, 0.16, 0.08)):
        moulding_around(m, plan, z - 0.05, [(a * out, up * tall) for a, up in stonework.STRING], trim)
    moulding_around(m, plan, top, [(0.03, -0.55), (0.06, -0.5), (0.03, -0.45), (0.03, 0.0),
                    *((a * 0.55, up * 0.5) for a, up in stonework.CORNICE)], trim)  # fmt: skip
    _back(m, width, depth_m, top, wall)
    _sides(m, width, (SHOP_WALL_M, depth_m), 0, ground_m, wall)
    _sides(m, width, (0, depth_m), ground_m, top, wall)
    solid(m, plan, 0.4, ground_m, top + 0.1, wall)
    m.box((0.02, 1.8, 0), (width - 0.02, depth_m - 0.02, ground_m), wall)
    parts += mansard(m, plan, top + 0.3, bays, rng)
    parts.append(m.build("plaster house", bevel_m=0.01, bevel_segments=1))
    return asset("plaster house", parts)


def _box(width: float, depth: float) -> Plan:
    """Left, front and right side of a rectangle."""
    return [(0.0, depth), (0.0, 0.0), (width, 0.0), (width, depth)]


def _back(m: MeshBuilder, width: float, depth: float, top: float, wall: bpy.types.Material) -> None:
    m.add([(width, depth, 0), (0, depth, 0), (0, depth, top), (width, depth, top)], [(0, 1, 2, 3)], wall)


def _sides(
    m: MeshBuilder, width: float, depth: tuple[float, float], low: float, high: float, wall: bpy.types.Material
) -> None:
    """Blind side walls, from depth[0] to depth[1] behind the front."""
    front, back = depth
    m.add([(0, back, low), (0, front, low), (0, front, high), (0, back, high)], [(0, 1, 2, 3)], wall)
    m.add([(width, front, low), (width, back, low), (width, back, high), (width, front, high)], [(0, 1, 2, 3)], wall)


def _shops(bays: int, bay_m: float, ground_m: float, rng: np.random.Generator) -> list[bpy.types.Object]:
    """Shops two bays wide, and the door to the flats in what is left (or in place of the last shop's half)."""
    parts, x, first = [], 0.0, int(rng.integers(100))
    count = (bays - 1) // 2
    door_after = int(rng.integers(count + 1))
    for k in range(count + 1):
        if k == door_after:
            wide = (bays - 2 * count) * bay_m
            parts.append(instance(entrance(None, wide, ground_m), (x + wide / 2, 0, 0)))
            x += wide
        if k < count:
            parts.append(instance(shop_front(2 * bay_m, ground_m, first + k), (x + bay_m, 0, 0)))
            x += 2 * bay_m
    return parts


def _escape(x: float, ground_m: float, storeys: int, storey_m: float) -> list[bpy.types.Object]:
    """A zigzag of landings and stairs with a drop ladder; none above the highest storey."""
    parts = [instance(drop_ladder(), (x + 1.6, -0.75, ground_m + 0.55))]
    for k in range(storeys):
        landing = fire_escape(storey_m, stair=k < storeys - 1)
        parts.append(instance(landing, (x, 0, ground_m + 0.55 + k * storey_m), scale=(-1 if k % 2 else 1, 1, 1)))
    return parts


def _metal_cornice(m: MeshBuilder, plan: Plan, top: float, paint: bpy.types.Material) -> None:
    """Pressed metal with brackets along the front, and the parapet behind it."""
    profile = [
        (0.05, -0.65),
        (0.1, -0.6),
        (0.06, -0.55),
        (0.06, -0.05),
        *((a * 0.75, up * 0.6) for a, up in stonework.CORNICE[:-1]),
    ]
    moulding_around(m, plan, top, [*profile, (0.08, 0.62), (0.08, 1.0), (-0.25, 1.02), (-0.25, 0.1)], paint)
    (_, _), (x0, _), (x1, _), _ = plan
    for x in np.linspace(x0 + 0.3, x1 - 0.3, round((x1 - x0) / 0.9) + 1):
        stonework.bracket(m, x, top + 0.26, 0.16, 0.75, 0.55, paint)
    stonework.dentils(m, x0, x1, top - 0.02, 0.09, 0.17, paint)
