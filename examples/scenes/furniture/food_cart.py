"""A street vendor's hot-dog cart under parasols: stainless cabinet, counters full of goods, menu pictures, roof, wheels."""

from __future__ import annotations

from itertools import pairwise

import bpy
import numpy as np

from examples.scenes.furniture import groceries as goods
from examples.scenes.furniture.cart_stock import (
    COUNTER_M,
    EAVES_M,
    HALF_DEPTH_M,
    LEFT_M,
    MIDDLE_M,
    RIGHT_M,
    frame_paint,
    kitchen,
    menus,
    steel_sheet,
    stock,
)
from examples.scenes.furniture.finishes import cloth, ink, paint
from examples.scenes.furniture.graphics import draw, rounded, write
from examples.scenes.furniture.groceries import BRIGHT
from examples.scenes.furniture.parasols import parasol
from examples.scenes.kit.assets import asset
from examples.scenes.kit.labels import Label
from examples.scenes.kit.mesh import MeshBuilder
from examples.scenes.vehicles.cycling import hoop_ring

OBJECT = Label.OBJECT
FLOOR_M = 0.34
BLUE, YELLOW, LIME, ROSE, GREEN = (
    (0.012, 0.03, 0.42),
    (0.66, 0.5, 0.03),
    (0.42, 0.56, 0.22),
    (0.5, 0.03, 0.14),
    (0.02, 0.2, 0.06),
)


def _cabinet(m: MeshBuilder, small: MeshBuilder) -> None:
    """The body: folded panels with gaps, doors with handles, louvres; a skirt and a chassis below."""
    steel, frame = steel_sheet(), frame_paint()
    d = HALF_DEPTH_M
    m.box((LEFT_M, -d, FLOOR_M), (MIDDLE_M, d, COUNTER_M - 0.035), steel)
    m.box((LEFT_M - 0.03, -d - 0.03, FLOOR_M - 0.05), (RIGHT_M + 0.01, d + 0.03, FLOOR_M), frame)
    m.box((LEFT_M - 0.07, -d - 0.09, COUNTER_M - 0.035), (RIGHT_M + 0.06, d + 0.09, COUNTER_M), steel)
    edges = np.linspace(LEFT_M + 0.02, MIDDLE_M - 0.02, 4)
    for side in (-1, 1):
        for a, b in pairwise(edges):
            m.box((a + 0.006, side * d, FLOOR_M + 0.02), (b - 0.006, side * (d + 0.014), COUNTER_M - 0.06), steel)
            small.tube(
                (
                    (b - 0.06, side * (d + 0.014), 0.80),
                    (b - 0.06, side * (d + 0.04), 0.80),
                    (b - 0.06, side * (d + 0.04), 0.90),
                    (b - 0.06, side * (d + 0.014), 0.90),
                ),
                0.006,
                steel,
                sides=8,
            )
            for z in (0.42, 0.88):
                small.tube(
                    ((a + 0.012, side * (d + 0.016), z - 0.03), (a + 0.012, side * (d + 0.016), z + 0.03)),
                    0.007,
                    frame,
                    sides=8,
                )
    m.box((LEFT_M - 0.014, -d + 0.02, FLOOR_M + 0.02), (LEFT_M, d - 0.02, COUNTER_M - 0.06), steel)
    for k in range(6):
        with m.moved((LEFT_M - 0.018, 0.18, 0.42 + 0.025 * k), (0, 25, 0)):
            m.box((-0.008, -0.11, -0.002), (0.008, 0.11, 0.002), frame)


def _bay(m: MeshBuilder, small: MeshBuilder) -> None:
    """The open right part: a bin of bottles behind a printed panel, the gas bottle below on its tray."""
    steel, frame = steel_sheet(), frame_paint()
    d = HALF_DEPTH_M
    for y in (-d + 0.02, d - 0.02):
        m.box((RIGHT_M - 0.03, y - 0.015, FLOOR_M), (RIGHT_M, y + 0.015, COUNTER_M - 0.035), frame)
    for y in (-d + 0.005, d - 0.02):
        m.box((MIDDLE_M, y, 0.64), (RIGHT_M - 0.005, y + 0.015, 0.93), steel)
    m.box((RIGHT_M - 0.02, -d + 0.04, 0.64), (RIGHT_M - 0.005, d - 0.04, 0.93), steel)
    m.box((MIDDLE_M, -d + 0.02, 0.645), (RIGHT_M - 0.02, d - 0.02, 0.665), steel)
    gas = paint("gas bottle", OBJECT, (0.5, 0.5, 0.47), roughness=0.4, grime=0.5, rust=0.3)
    with small.moved((0.98, 0.05, FLOOR_M)):
        small.lathe(
            [
                (0.11, 0),
                (0.11, 0.02),
                (0.13, 0.03),
                (0.15, 0.06),
                (0.152, 0.10),
                (0.152, 0.20),
                (0.14, 0.235),
                (0.10, 0.255),
                (0.03, 0.262),
                (0.02, 0.29),
                (0.001, 0.292),
            ],
            gas,
        )
    with small.moved((0.78, -0.2, FLOOR_M)):
        small.box((-0.09, -0.12, 0), (0.09, 0.14, 0.2), ink("crate", OBJECT, (0.45, 0.05, 0.03)))
        for k in range(6):
            with small.moved((-0.05 + 0.05 * (k % 3), -0.06 + 0.1 * (k // 3), 0.03)):
                goods.bottle(small, (0.12, 0.05, 0.015), BRIGHT[0], BRIGHT[5])


def _wheel(m: MeshBuilder, radius: float, width: float) -> None:
    """A spoked wheel about the y axis."""
    tyre, steel = ink("tyre", OBJECT, (0.018, 0.018, 0.018), 0.75), steel_sheet()
    hoop_ring(m, radius - width / 2, width / 2, tyre, squash=1.1)
    hoop_ring(m, radius - width, width * 0.28, steel, squash=1.6)
    m.tube(((0, -0.06, 0), (0, 0.06, 0)), 0.03, steel, sides=16)
    for k in range(14):
        a = 2 * np.pi * k / 14
        m.tube(
            (
                (0.025 * np.cos(a), 0.03 * (-1) ** k, 0.025 * np.sin(a)),
                ((radius - width) * np.cos(a), 0, (radius - width) * np.sin(a)),
            ),
            0.005,
            steel,
            sides=6,
        )


def _running_gear(m: MeshBuilder) -> None:
    """Two big wheels under mudguards, castors on the right, a drawbar on the left."""
    frame, steel = frame_paint(), steel_sheet()
    a = np.radians(np.linspace(15, 165, 19))
    for side in (-1, 1):
        with m.moved((-0.55, side * 0.53, 0.29)):
            _wheel(m, 0.29, 0.06)
            for radius, flip in ((0.33, 1), (0.326, -1)):
                grid = np.array(
                    [
                        np.column_stack((radius * np.cos(a), np.full(19, y), radius * np.sin(a)))
                        for y in (-0.06, -0.055, 0.055, 0.06)
                    ]
                )
                m.sheet(grid[:: int(flip)], steel)
            for x in (-1, 1):
                m.tube(((x * 0.318, -0.0, 0.085), (x * 0.3, -side * 0.09, 0.06)), 0.008, frame)
        with m.moved((0.92, side * 0.33, 0.11)):
            hoop_ring(m, 0.08, 0.03, ink("tyre", OBJECT, (0.018, 0.018, 0.018), 0.75), squash=0.9)
            m.tube(((0, -0.04, 0), (0, 0.04, 0)), 0.055, steel, sides=20)
            for y in (-0.045, 0.045):
                m.tube(((0, y, 0), (0.03, y, 0.09), (0.05, y * 0.6, 0.15)), 0.012, frame)
            m.tube(((0.05, 0, 0.14), (0.05, 0, 0.19)), 0.03, frame)
    m.tube(((-0.55, -0.53, 0.29), (-0.55, 0.53, 0.29)), 0.022, frame)
    m.tube(((-1.0, 0, 0.31), (-1.35, 0, 0.30), (-1.6, 0, 0.34)), 0.024, frame)
    m.tube(((-1.57, 0, 0.33), (-1.57, 0, 0.03)), 0.016, frame)
    with m.moved((-1.57, 0, 0)):
        m.lathe([(0.05, 0), (0.05, 0.01), (0.02, 0.03)], frame, sides=20)


def _posts_and_roof(m: MeshBuilder, small: MeshBuilder) -> None:
    """Corner tubes, dark sign boards round the eaves with a teal strip below, a striped vaulted roof."""
    steel, board = steel_sheet(), paint("cart fascia", OBJECT, (0.03, 0.031, 0.034), roughness=0.4, grime=0.3, rust=0.0)
    d = HALF_DEPTH_M + 0.02
    for x in (LEFT_M, MIDDLE_M, RIGHT_M):
        for y in (-d, d):
            small.tube(((x, y, COUNTER_M), (x, y, EAVES_M)), 0.016, steel, sides=14)
            with small.moved((x, y, COUNTER_M)):
                small.lathe([(0.035, 0.0), (0.035, 0.006), (0.02, 0.012), (0.018, 0.03)], steel, sides=18)
    x0, x1, e = LEFT_M - 0.12, RIGHT_M + 0.12, HALF_DEPTH_M + 0.10
    for y in (-e, e):
        m.box((x0, y - 0.012, EAVES_M), (x1, y + 0.012, EAVES_M + 0.17), board)
        m.box(
            (x0 + 0.01, y * 0.97 - 0.008, EAVES_M - 0.085),
            (x1 - 0.01, y * 0.97 + 0.008, EAVES_M - 0.005),
            paint("cart teal", OBJECT, (0.015, 0.25, 0.24), roughness=0.35, grime=0.3, rust=0.0),
        )
    for x in (x0 + 0.012, x1 - 0.012):
        m.box((x - 0.012, -e + 0.013, EAVES_M), (x + 0.012, e - 0.013, EAVES_M + 0.17), board)
        m.box(
            (x * 0.985 - 0.008, -e * 0.95, EAVES_M - 0.085),
            (x * 0.985 + 0.008, e * 0.95, EAVES_M - 0.005),
            paint("cart teal", OBJECT, (0.015, 0.25, 0.24), roughness=0.35, grime=0.3, rust=0.0),
        )
    stripes = [cloth("roof red", OBJECT, (0.42, 0.03, 0.03)), cloth("roof cream", OBJECT, (0.6, 0.56, 0.46))]
    v = np.linspace(-1, 1, 13)
    xs = np.linspace(x0 - 0.03, x1 + 0.03, 20)
    for k in range(19):
        grid = np.array(
            [
                np.column_stack((np.full(13, x), v * (e + 0.03), EAVES_M + 0.165 + 0.16 * (1 - np.abs(v) ** 2.2)))
                for x in xs[k : k + 2]
            ]
        )
        small.sheet(grid.transpose(1, 0, 2), stripes[k % 2])
    white = ink("cart letters", OBJECT, (0.66, 0.62, 0.5))
    boards = (
        ("HOT DOGS", -0.78, (0.66, 0.42, 0.03)),
        ("SHISH KEBAB", 0.05, (0.66, 0.62, 0.5)),
        ("PRETZELS", 0.88, (0.55, 0.05, 0.03)),
    )
    for turn in (0, 180):
        with small.moved(turn=(0, 0, turn)), small.moved((0.08 if turn == 0 else -0.08, -e - 0.012, 0)):
            for text, x, colour in boards:
                write(
                    small,
                    text,
                    (x, EAVES_M + 0.045),
                    0.085,
                    ink(f"cart letters {colour}", OBJECT, colour),
                    width_m=0.72,
                    bold=0.03,
                )
            for k in range(12):
                x = -1.1 + 0.2 * k
                with small.moved((x, 0.021, EAVES_M - 0.045)):
                    draw(
                        small,
                        rounded(0.13 if k % 3 else 0.08, 0.055, 0.02),
                        ink(
                            f"cart strip {k % 4}",
                            OBJECT,
                            ((0.6, 0.2, 0.02), (0.6, 0.57, 0.5), (0.5, 0.04, 0.03), (0.62, 0.42, 0.03))[k % 4],
                        ),
                    )
    for x, turn in ((x0, -90), (x1, 90)):
        with small.moved((x - 0.0005 * np.sign(turn) * -1, 0, 0), (0, 0, turn)):
            write(small, "COLD SODA", (0, EAVES_M + 0.045), 0.085, white, width_m=0.8, bold=0.03)


def food_cart() -> bpy.types.Collection:
    """2.5 x 1.3 x 2.3 m and three parasols up to 2.95 m; the drawbar reaches x = -1.6 m. The customers' side looks to -y."""
    m, small = MeshBuilder(), MeshBuilder()
    _cabinet(m, small)
    _bay(m, small)
    _posts_and_roof(m, small)
    kitchen(m, small)
    _running_gear(small)
    menus(small)
    wares, shade = MeshBuilder(), MeshBuilder()
    stock(wares)
    for location, tilt, colours, radius in (
        ((-1.0, -0.30, 2.78), (4, -7, 15), (YELLOW, GREEN), 0.85),
        ((0.28, -0.38, 2.82), (6, 3, 0), (BLUE, LIME), 1.0),
        ((1.2, 0.32, 2.66), (-5, 6, 30), (ROSE, GREEN), 0.8),
    ):
        small.tube(
            ((location[0], -0.53, EAVES_M + 0.04), (location[0], 0.53, EAVES_M + 0.04)), 0.018, steel_sheet()
        )  # bears the pole
        with shade.moved(location, tilt):
            parasol(shade, *colours, radius_m=radius, pole_m=location[2] - EAVES_M - 0.03, seed=int(100 * radius))
    return asset(
        "food cart",
        [m.build("cart", bevel_m=0.005), small.build("cart parts"), wares.build("cart goods"), shade.build("parasols")],
    )
