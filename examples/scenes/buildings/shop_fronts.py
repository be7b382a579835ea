"""Ground floors of shops: a window and a door between piers, a sign board with letters, an awning."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np

from examples.scenes.buildings import masonry, stonework, windows
from examples.scenes.kit.assets import asset, instance
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, plain
from examples.scenes.kit.mesh import MeshBuilder

NAMES = ("BOOKS & MAPS", "LINDEN CAFE", "HARDWARE", "OPTICIAN", "BAKERY", "FLORIST", "TAILOR", "RECORDS", "PHARMACY", "DELI",
         "SHOE REPAIR", "BARBER")  # fmt: skip
PAINTS: tuple[Colour, ...] = (
    (0.03, 0.07, 0.05), (0.09, 0.015, 0.015), (0.02, 0.03, 0.07), (0.04, 0.04, 0.042), (0.16, 0.11, 0.05), (0.06, 0.1, 0.1),
)  # fmt: skip
SHOP_WALL_M = 0.4  # thickness of the piers and boards, which end the side walls of a house
GILT: Colour = (0.7, 0.5, 0.18)
CREAM: Colour = (0.65, 0.6, 0.48)


@cache
def shop_front(
    width_m: float = 5.4, height_m: float = 4.2, seed: int = 0, pier: bpy.types.Material | None = None
) -> bpy.types.Collection:
    """One shop around x = 0: piers, window, recessed door, sign and now and then an awning."""
    rng = np.random.default_rng(seed)
    colour = PAINTS[int(rng.integers(len(PAINTS)))]
    paint = plain("shop paint", Label.BUILDING, colour, 0.35, wear=0.2)
    stone = pier or masonry.sandstone((0.36, 0.33, 0.28))
    half, top, side = width_m / 2, height_m - 0.95, 1 if rng.random() < 0.5 else -1
    m = MeshBuilder()
    for x in (-half, half):
        inner = x - np.sign(x) * 0.28
        m.box((inner, -0.06, 0.35), (x, SHOP_WALL_M, top), stone)
        m.box((x - np.sign(x) * 0.32, -0.1, 0), (x, SHOP_WALL_M, 0.35), stone)
        stonework.moulding(m, min(inner, x), max(inner, x), top - 0.18, 0.18, 0.1, stone)
    m.box((-half, 0.02, top), (half, SHOP_WALL_M, height_m), paint)
    m.box((-half + 0.1, -0.08, top + 0.12), (half - 0.1, 0.05, top + 0.68), paint)
    stonework.moulding(m, -half, half, height_m - 0.24, 0.22, 0.28, paint)
    door_m = 1.15
    edge = half - 0.28
    split = side * (edge - door_m - 0.12)
    m.box((split - 0.06, 0.02, 0), (split + 0.06, 1.4, top), paint)
    m.box((side * edge, 0.02, 0), (side * (edge + 0.1), 1.4, top), paint)
    m.box((min(split, side * edge), 0.02, top - 0.05), (max(split, side * edge), 1.5, top), paint)
    m.box((min(split, side * edge), -0.02, -0.02), (max(split, side * edge), 1.5, 0.06), stone)
    glass_m = edge + abs(split) - 0.06
    middle = -side * edge + side * glass_m / 2
    parts = [
        instance(windows.shop_window(glass_m, top, seed, colour), (middle, 0.1, 0)),
        instance(windows.door(door_m, top - 0.1, colour, glazed=True), ((split + side * edge) / 2, 0.75, 0.06)),
        _letters(NAMES[seed % len(NAMES)], width_m - 1.0, 0.36, GILT if rng.random() < 0.6 else CREAM, top + 0.26),
    ]
    m.box((-half, 1.75, 0), (half, 1.8, height_m), masonry.brick())
    if rng.random() < 0.6:
        parts.append(instance(awning(width_m - 0.5, seed), (0, -0.06, top + 0.02)))
    return asset("shop front", [m.build("shop front", bevel_m=0.01), *parts])


def _letters(text: str, width_m: float, size_m: float, colour: Colour, z: float) -> bpy.types.Object:
    """Raised letters on the sign board, around x = 0."""
    curve = bpy.data.curves.new("letters", "FONT")
    curve.body, curve.size, curve.extrude, curve.align_x = text, min(size_m, width_m / (0.72 * len(text))), 0.012, "CENTER"
    curve.resolution_u = 3
    font = bpy.data.objects.new("letters", curve)
    mesh = bpy.data.meshes.new_from_object(font)
    bpy.data.objects.remove(font)
    mesh.materials.clear()
    mesh.materials.append(plain("sign letters", Label.BUILDING, colour, 0.35, 0.5 if colour == GILT else 0.0))
    letters = bpy.data.objects.new("letters", mesh)
    letters.location, letters.rotation_euler = (0, -0.095, z), (np.pi / 2, 0, 0)
    return letters


@cache
def awning(width_m: float = 4.6, seed: int = 0, out_m: float = 1.35, drop_m: float = 0.75) -> bpy.types.Collection:
    """Striped canvas on iron arms, hung from z = 0 downwards, with a scalloped valance."""
    rng = np.random.default_rng(seed + 100)
    tones: list[Colour] = [(0.3, 0.03, 0.03), (0.04, 0.14, 0.07), (0.04, 0.07, 0.2), (0.35, 0.2, 0.06), (0.1, 0.1, 0.11)]
    dark = plain("canvas", Label.BUILDING, tones[int(rng.integers(len(tones)))], 0.9, wear=0.2)
    light = plain("canvas", Label.BUILDING, (0.5, 0.47, 0.4), 0.9, wear=0.2) if rng.random() < 0.6 else dark
    m, stripes, half = MeshBuilder(), round(width_m / 0.22), width_m / 2
    edges = np.linspace(-half, half, stripes + 1)
    for k in range(stripes):
        x = np.linspace(edges[k], edges[k + 1], 4)
        sag = [0.0, 0.03, 0.045, 0.03, 0.0]
        rows = [np.column_stack((x, np.full(4, -out_m * s), np.full(4, -drop_m * s - d)))
                for s, d in zip(np.linspace(1, 0, 5), sag, strict=True)]  # fmt: skip
        scallop = 0.16 + 0.06 * np.sin(np.pi * np.linspace(0, 1, 4))
        hem = np.column_stack((x, np.full(4, -out_m - 0.01), -drop_m - scallop))
        m.sheet([hem, *rows], dark if k % 2 else light)
    iron = masonry.iron()
    for side in (-half + 0.03, half - 0.03):
        for hinge in (-drop_m, -0.02):
            m.tube([(side, 0, hinge), (side, -out_m + 0.02, -drop_m - 0.02)], 0.012, iron, sides=6)
    m.tube([(-half, -out_m, -drop_m - 0.015), (half, -out_m, -drop_m - 0.015)], 0.014, iron, sides=6)
    m.box((-half - 0.03, -0.12, -0.04), (half + 0.03, 0.02, 0.1), plain("awning case", Label.BUILDING, (0.3, 0.3, 0.29), 0.5))
    return asset("awning", [m.build("awning")])
