"""Distant buildings: the pale block and the dark slab that close the street, and mid-distance blocks of many kinds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import bpy
import numpy as np

from examples.scenes.buildings import concrete
from examples.scenes.buildings.facade import band, pane, plant, posts, rectangle, rings, roof, row, walls
from examples.scenes.buildings.office_glass import window_glass
from examples.scenes.kit.assets import asset
from examples.scenes.kit.materials import Colour
from examples.scenes.kit.mesh import MeshBuilder


@dataclass(frozen=True)
class Style:
    """The bay of a block [m]: its size, how wide and high its window is, how deep, and what stands before it."""

    wall: Colour
    bay_m: float = 3.2
    storey_m: float = 3.4
    window_m: tuple[float, float] = (1.7, 1.9)
    reveal_m: float = 0.25
    fin_m: float = 0.0  # a vertical fin on every pier
    ledge_m: float = 0.0  # a slab edge on every storey
    tint: Colour = (0.7, 0.8, 0.9)
    mirror: float = 2.2
    setback_m: float = 0.0
    tank: bool = False
    stone: bool = False
    stain: float = 0.4


STYLES = (
    Style((0.50, 0.46, 0.41), window_m=(1.5, 1.9), setback_m=3.0, stone=True),
    Style((0.17, 0.112, 0.088), bay_m=2.8, window_m=(1.3, 1.8), tank=True),
    Style((0.40, 0.40, 0.395), bay_m=1.6, window_m=(1.3, 2.2), fin_m=0.45, reveal_m=0.1, mirror=2.6, stain=0.1),
    Style((0.42, 0.36, 0.29), bay_m=5.0, window_m=(4.7, 1.7), ledge_m=0.3, tint=(0.8, 0.75, 0.65)),
    Style((0.09, 0.10, 0.105), bay_m=1.5, window_m=(1.42, 2.5), reveal_m=0.06, mirror=3.0, tint=(0.6, 0.85, 0.95), stain=0.1),
    Style((0.30, 0.20, 0.145), bay_m=3.6, window_m=(2.2, 2.1), setback_m=2.5, tank=True, stone=True),
    Style((0.56, 0.54, 0.50), bay_m=4.2, window_m=(3.4, 2.4), ledge_m=1.1, reveal_m=0.5),
)


SHOP_COLOURS: tuple[Colour, ...] = (
    (0.05, 0.13, 0.10),
    (0.20, 0.045, 0.04),
    (0.05, 0.07, 0.15),
    (0.30, 0.22, 0.10),
    (0.10, 0.10, 0.10),
)


def end_block(width_m: float = 60, storeys: int = 9, seed: int = 0) -> bpy.types.Collection:
    """The pale block across the end of the street, with two roof boxes."""
    style = Style((0.52, 0.47, 0.42), bay_m=3.3, window_m=(1.9, 1.9), stone=True)
    top = storeys * style.storey_m + 1.0
    b = MeshBuilder()
    wall = concrete.precast((0.50, 0.46, 0.41))
    for x, wide, high in ((0.22, 9.0, 4.2), (0.56, 12.0, 5.6)):
        low = width_m * x
        b.box((low, 4, top), (low + wide, 13, top + high), wall)
        b.box((low - 0.15, 3.85, top + high), (low + wide + 0.15, 13.15, top + high + 0.3), wall)
        for k in range(int(wide / 1.5) - 1):
            b.box((low + 0.8 + 1.5 * k, 3.95, top + 1.2), (low + 1.8 + 1.5 * k, 4.1, top + high - 1), concrete.bronze())
    parts = block(style, width_m, 18, storeys, seed)
    return asset("end block", [*parts, b.build("roof boxes", bevel_m=0.03)])


def dark_slab(width_m: float = 30, storeys: int = 18, seed: int = 0) -> bpy.types.Collection:
    """A dark brown slab with horizontal bands of windows."""
    style = Style((0.075, 0.052, 0.042), bay_m=5.0, storey_m=3.7, window_m=(4.86, 1.6), reveal_m=0.18, tint=(0.7, 0.6, 0.5))
    return asset("dark slab", block(style, width_m, 20, storeys, seed))


def far_block(seed: int = 0, width_m: float = 0, depth_m: float = 22, storeys: int = 0) -> bpy.types.Collection:
    """A mid-distance block; the seed picks one of seven styles, and width and height where they are 0."""
    rng = np.random.default_rng(seed)
    style = STYLES[seed % len(STYLES)]
    width_m = width_m or float(rng.uniform(20, 34))
    return asset("far block", block(style, width_m, depth_m, storeys or int(rng.integers(7, 16)), seed))


def block(style: Style, width_m: float, depth_m: float, storeys: int, seed: int) -> list[bpy.types.Object]:
    """Ground floor, storeys, the upper ones set back where the style says so, roof and what stands on it."""
    rng = np.random.default_rng(seed)
    parts: list[bpy.types.Object] = []
    b = MeshBuilder()
    wall, dark = _wall(style), concrete.painted((0.02, 0.02, 0.02))
    b.prism(rectangle(width_m, depth_m, 0.6), 0, 4.4, dark)
    shops = [shop_bay(style, kind) for kind in range(4)]
    bays = [plain_bay(style)] * 9 + [plain_bay(style, cooler=style.tank)]  # the old houses have no ducts
    split = int(storeys * 0.75) if style.setback_m else storeys
    z = 0.0
    for first, last, margin in ((0, split, 0.0), (split, storeys, style.setback_m)):
        if first == last:
            continue
        outline, low = rectangle(width_m, depth_m, margin), z
        sides = walls(outline, 0.4)
        for storey in range(first, last):
            kinds = shops if storey == 0 else bays
            height = 4.4 if storey == 0 else style.storey_m
            for side in sides:
                parts += row(side, z, 4.0 if storey == 0 else style.bay_m, kinds, rng)
            z += height
        posts(b, outline, 0.4, low, z, wall)
        roof(b, outline, z, wall, parapet_m=1.0)
        if style.stone:
            band(b, outline, [(0, z - 0.4), (0.35, z - 0.1), (0.35, z + 0.2), (0, z + 0.3)], wall)
        b.prism(rectangle(width_m, depth_m, margin + style.reveal_m + 0.15), low or 4.4, z, dark)
    band(b, rectangle(width_m, depth_m), [(0, 4.1), (0.18, 4.15), (0.18, 4.4), (0, 4.5)], wall)
    margin = style.setback_m
    with b.moved((margin, margin, 0)):
        plant(b, width_m - 2 * margin, depth_m - 2 * margin, z, rng)
    if style.tank:
        with b.moved((width_m * 0.25, depth_m * 0.65, z)):
            _tank(b)
    return [*parts, b.build("block", bevel_m=0.03)]


@cache
def _wall(style: Style) -> bpy.types.Material:
    return (
        concrete.stone(style.wall, (style.bay_m / 2, style.storey_m / 4))
        if style.stone
        else concrete.precast(style.wall, style.stain)
    )


@cache
def plain_bay(style: Style, *, cooler: bool = False) -> bpy.types.Collection:
    """One storey of one bay: wall, reveal, sill, window with a mullion; fin or slab edge where the style has them."""
    b = MeshBuilder()
    wall = _wall(style)
    w, h = style.bay_m, style.storey_m
    wide, high = style.window_m
    sill = min(0.95, h - high - 0.15)
    hole = ((w - wide) / 2, (w + wide) / 2, sill, sill + high)
    rings(b, [(0, w, 0, h, 0), (*hole, 0), (*hole, style.reveal_m)], wall)
    panes = max(1, round(w / 1.7))
    glass = window_glass(sill, sill + high, w / panes, tint=style.tint, index=style.mirror, tilt=0.008)
    pane(b, *hole, style.reveal_m - 0.01, glass)
    for k in range(1, panes):
        b.box(
            (w * k / panes - 0.04, style.reveal_m - 0.06, sill),
            (w * k / panes + 0.04, style.reveal_m, sill + high),
            concrete.bronze(),
        )
    if style.reveal_m > 0.2:
        b.box((hole[0] - 0.08, -0.07, sill - 0.12), (hole[1] + 0.08, style.reveal_m, sill), wall)
    if style.fin_m:
        b.box((-0.08, -style.fin_m, 0), (0.08, 0, h), wall)
    if style.ledge_m:
        b.box((0, -style.ledge_m, -0.12), (w, 0, 0.12), wall)
    if style.ledge_m > 0.8:  # a balcony
        b.box((0, -style.ledge_m, 0.95), (w, -style.ledge_m + 0.06, 1.02), concrete.bronze())
        for x in np.arange(0.1, w, 0.3):
            b.box((x, -style.ledge_m + 0.01, 0.1), (x + 0.03, -style.ledge_m + 0.04, 0.97), concrete.bronze())
    if cooler:  # a window unit on its bracket
        x = (hole[0] + hole[1]) / 2 + 0.1
        b.box((x, -0.35, sill + 0.02), (x + 0.6, style.reveal_m, sill + 0.42), concrete.painted((0.42, 0.41, 0.38)))
        b.box((x + 0.05, -0.36, sill + 0.07), (x + 0.55, -0.34, sill + 0.37), concrete.bronze())
    return asset("plain bay", [b.build("plain bay")])


@cache
def shop_bay(style: Style, kind: int) -> bpy.types.Collection:
    """A shop front 4 m wide: piers, plinth, fascia, mullions; kind 0 plain, 1 a door, 2 an awning, 3 a lit sign."""
    b = MeshBuilder()
    wall, frame, colour = _wall(style), concrete.bronze(), _shop_colour(style, kind)
    hole = (0.35, 3.65, 0.08 if kind == 1 else 0.45, 3.4)
    rings(b, [(0, 4, 0, 4.4, 0), (*hole, 0), (*hole, 0.45)], wall)
    glass = window_glass(hole[2], 3.4, 2.0, index=1.7, blinds=0.1, lit=0.6, room_m=4.0)
    pane(b, *hole, 0.4, glass)
    bars = (1.1, 2.0, 2.9) if kind == 1 else (1.45, 2.55)
    for x in bars:
        b.box((x - 0.04, 0.3, hole[2]), (x + 0.04, 0.45, 3.4), frame)
    b.box((0.35, 0.28, 2.55), (3.65, 0.45, 2.67), frame)
    b.box((0.35, 0.3, hole[2]), (3.65, 0.45, hole[2] + 0.1), frame)
    if kind == 1:
        for x in (1.94, 2.06):
            b.tube([(x, 0.28, 0.9), (x, 0.28, 1.5)], 0.02, concrete.steel(), sides=6)
    if kind == 2:
        b.prism([(-1.3, 2.5), (-1.3, 2.28), (-1.27, 2.28), (-1.27, 2.48), (0.0, 3.35), (0.0, 3.4)], 0.3, 3.7, colour, axis="x")
        for x in (0.32, 3.68):
            b.tube([(x, -1.28, 2.5), (x, 0, 2.5)], 0.02, frame, sides=6)
    if kind == 3:
        b.box((0.4, -0.12, 3.45), (3.6, 0, 3.95), colour)
        for x in np.arange(0.9, 3.0, 0.42):  # letters, too far to be read
            b.box((x, -0.15, 3.56), (x + 0.26, -0.12, 3.84), concrete.painted((0.7, 0.68, 0.62)))
    return asset("shop bay", [b.build("shop bay", bevel_m=0.01)])


def _shop_colour(style: Style, kind: int) -> bpy.types.Material:
    """Of awnings and signs: every style of house has its own."""
    return concrete.painted(SHOP_COLOURS[(kind + int(100 * style.wall[0])) % len(SHOP_COLOURS)], 0.7)


def _tank(b: MeshBuilder) -> None:
    """A wooden water tank with a conical lid on steel legs."""
    wood, metal = concrete.painted((0.14, 0.095, 0.065), 0.9), concrete.bronze()
    for turn in (45, 135, 225, 315):
        x, y = 1.3 * np.cos(np.radians(turn)), 1.3 * np.sin(np.radians(turn))
        b.tube([(x, y, 0), (x, y, 3)], 0.09, metal, sides=6)
    b.lathe([(0, 3), (1.8, 3), (1.75, 6.6), (1.95, 6.6), (0, 7.8)], wood, sides=20, smooth=False)
    for z in np.arange(3.3, 6.5, 0.6):
        b.lathe([(1.81, z), (1.83, z + 0.05), (1.81, z + 0.1)], metal, sides=20)
