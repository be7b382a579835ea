"""What is on the food cart: menu pictures, the kitchen on the counter and the goods; and the cart's measures they share."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes.furniture import groceries as goods
from examples.scenes.furniture.finishes import ink, metal, paint
from examples.scenes.furniture.graphics import rounded
from examples.scenes.furniture.groceries import BRIGHT
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, clear_glass
from examples.scenes.kit.mesh import MeshBuilder

OBJECT = Label.OBJECT
LEFT_M, MIDDLE_M, RIGHT_M, HALF_DEPTH_M = -1.12, 0.66, 1.28, 0.44  # the cabinet, then an open bay to its right
COUNTER_M, EAVES_M = 1.0, 1.98


def steel_sheet() -> bpy.types.Material:
    return metal("cart stainless", OBJECT, (0.40, 0.40, 0.395), roughness=0.33, grime=0.45)


def frame_paint() -> bpy.types.Material:
    return paint("cart frame", OBJECT, (0.05, 0.052, 0.055), roughness=0.45, grime=0.5, rust=0.2)


def menus(m: MeshBuilder) -> None:
    """Picture cards: a patchwork on the cabinet, a tall menu board on the left end, small ones under the eaves."""
    d, rng = HALF_DEPTH_M + 0.0145, np.random.default_rng(12)
    grounds = [
        (0.5, 0.12, 0.03),
        (0.62, 0.42, 0.03),
        (0.4, 0.03, 0.03),
        (0.02, 0.1, 0.32),
        (0.5, 0.46, 0.36),
        (0.04, 0.2, 0.08),
    ]
    cells = [
        (-1.0, 0.815, 0.17, 0.23),
        (-0.81, 0.815, 0.19, 0.23),
        (-1.01, 0.50, 0.15, 0.28),
        (-0.17, 0.72, 0.26, 0.40),
        (-0.44, 0.82, 0.14, 0.2),
    ]
    cells += [(0.17, 0.82, 0.19, 0.22), (0.39, 0.82, 0.21, 0.22), (0.32, 0.53, 0.48, 0.31), (-0.02, 0.44, 0.13, 0.14)]
    cells += [(0.82, 0.785, 0.27, 0.27), (1.11, 0.785, 0.27, 0.27)]
    for turn in (0, 180):
        for k, (x, z, w, h) in enumerate(cells):
            depth = d if x < MIDDLE_M else HALF_DEPTH_M - 0.004
            with m.moved(turn=(0, 0, turn)), m.moved((x if turn == 0 else -x, -depth, z), (0, rng.normal(0, 0.7), 0)):
                goods.picture(m, w, h, int(rng.integers(5)), grounds[int(rng.integers(6))], f"${1 + k % 4}")
    with m.moved((LEFT_M - 0.02, 0, 0), (0, 0, -90)):
        m.prism(rounded(0.62, 0.86, 0.02, (0.0, 1.47)), 0.0, 0.012, frame_paint(), axis="y")
        for k in range(6):
            with m.moved((-0.145 + 0.29 * (k % 2), 0, 1.20 + 0.275 * (k // 2))):
                goods.picture(m, 0.27, 0.255, k + 1, grounds[k], f"${2 + k % 3}")
        for k in range(3):
            with m.moved((-0.27 + 0.27 * k, -0.0005, 0.76)):
                goods.picture(m, 0.23, 0.28, 2 * k, grounds[(k + 2) % 6], "$2")
    with m.moved((RIGHT_M - 0.004, 0, 0.785), (0, 0, 90)):
        for k, x in enumerate((-0.25, 0.0, 0.25)):
            with m.moved((x, 0, 0), (0, rng.normal(0, 0.7), 0)):
                goods.picture(m, 0.22, 0.26, 3 - k, grounds[k + 2], f"${2 + k}")
    for x, z, w, h, dish in ((-0.92, 1.74, 0.3, 0.26, 0), (0.92, 1.72, 0.36, 0.3, 1), (0.3, 1.76, 0.26, 0.22, 2)):
        with m.moved((x, -HALF_DEPTH_M - 0.075, z)):
            m.prism(rounded(w + 0.02, h + 0.02, 0.01), 0.0, 0.006, frame_paint(), axis="y")
            goods.picture(m, w, h, dish, grounds[dish], "$3")
            for side in (-1, 1):
                m.tube(
                    ((side * w * 0.4, 0.003, h / 2), (side * w * 0.4, 0.003, EAVES_M - 0.05 - z)),
                    0.003,
                    steel_sheet(),
                    sides=6,
                )


def kitchen(m: MeshBuilder, small: MeshBuilder) -> None:
    """On the counter: griddle and lidded steam pans, a glass front with pretzels behind it, sauces, napkins."""
    steel, d = steel_sheet(), HALF_DEPTH_M
    m.box((-0.2, -0.3, COUNTER_M), (0.62, 0.3, COUNTER_M + 0.13), steel)
    for x in (-0.06, 0.21, 0.48):
        with small.moved((x, -0.02, COUNTER_M + 0.13), scale=(1, 1.6, 1)):
            small.lathe(
                [(0.125, 0.0), (0.125, 0.012), (0.115, 0.03), (0.08, 0.06), (0.03, 0.072), (0.001, 0.074)], steel, sides=28
            )
            small.lathe(
                [(0.012, 0.07), (0.012, 0.09), (0.02, 0.096), (0.015, 0.108), (0.001, 0.11)],
                ink("knob", OBJECT, (0.02, 0.02, 0.02)),
                sides=12,
            )
    for x, y in ((-0.08, -0.302), (0.08, -0.302), (0.24, -0.302), (0.4, -0.302)):
        with small.moved((x, y, COUNTER_M + 0.055), (90, 0, 0)):
            small.lathe([(0.022, 0), (0.02, 0.022), (0.001, 0.024)], ink("knob", OBJECT, (0.02, 0.02, 0.02)), sides=16)
    x0, x1, top = LEFT_M + 0.06, -0.28, COUNTER_M + 0.48
    y = -d + 0.02
    for low, high in (
        ((x0, y - 0.01, COUNTER_M), (x1, y + 0.01, COUNTER_M + 0.02)),
        ((x0, y - 0.01, top), (x1, y + 0.01, top + 0.02)),
        ((x0 - 0.01, y - 0.011, COUNTER_M), (x0 + 0.01, y + 0.011, top + 0.021)),
        ((x1 - 0.01, y - 0.011, COUNTER_M), (x1 + 0.01, y + 0.011, top + 0.021)),
    ):
        m.box(low, high, steel)
    small.add(
        [(x0, y, COUNTER_M + 0.02), (x1, y, COUNTER_M + 0.02), (x1, y, top), (x0, y, top)], [(0, 1, 2, 3)], clear_glass()
    )
    m.box((x0, y, top), (x1, d - 0.05, top + 0.018), steel)
    for z in (COUNTER_M + 0.43,):
        small.tube(((x0, -0.25, z), (x1, -0.25, z)), 0.006, steel, sides=8)
        for k in range(5):
            with small.moved((x0 + 0.1 + 0.15 * k, -0.25, z - 0.08), (0, 0, (-1) ** k * 14)):
                goods.pretzel(small)


def _colour(rng: np.random.Generator) -> Colour:
    return BRIGHT[int(rng.integers(len(BRIGHT)))]


def _front_ledge(m: MeshBuilder, rng: np.random.Generator) -> None:
    """A folding ledge on brackets at the customers' side, with bags of crisps."""
    steel, d, z = steel_sheet(), HALF_DEPTH_M, COUNTER_M - 0.11
    left, right = LEFT_M + 0.55, MIDDLE_M - 0.05
    m.box((left, -d - 0.30, z - 0.015), (right, -d - 0.092, z), steel)
    m.box((left, -d - 0.305, z - 0.015), (right, -d - 0.30, z + 0.05), steel)
    for x in (-0.5, 0.05, 0.55):
        m.tube(((x, -d - 0.28, z - 0.015), (x, -d - 0.02, z - 0.2)), 0.008, steel)
    for x in np.arange(left + 0.07, right - 0.07, 0.142):
        with m.moved((x + rng.normal(0, 0.006), -d - 0.19 + rng.normal(0, 0.008), z), (0, 0, rng.uniform(-12, 12))):
            goods.bag(m, _colour(rng), _colour(rng), 0.125 * rng.uniform(0.9, 1.1), 0.17 * rng.uniform(0.9, 1.15))


def _glass_case(m: MeshBuilder, rng: np.random.Generator) -> None:
    """Bags and boxes behind the glass, cans on top of it."""
    for x in np.arange(LEFT_M + 0.16, -0.38, 0.165):
        with m.moved((x, -0.12, COUNTER_M), (0, 0, rng.uniform(-10, 10))):
            goods.bag(m, _colour(rng), _colour(rng))
        for y in (0.06, 0.24):
            with m.moved((x, y, COUNTER_M), (0, 0, rng.uniform(-10, 10))):
                goods.carton(m, _colour(rng), _colour(rng), (0.13, 0.09, rng.uniform(0.12, 0.28)))
    for k in range(22):
        with m.moved((LEFT_M + 0.12 + 0.073 * (k % 11), -0.33 + 0.09 * (k // 11), COUNTER_M + 0.498)):
            goods.can(m, BRIGHT[(k % 11) // 2], BRIGHT[5 + k % 3])


def _bottles(m: MeshBuilder, rng: np.random.Generator) -> None:
    """Two rows on a back shelf above the griddle, four in the open bay."""
    z = COUNTER_M + 0.55
    m.box((-0.27, 0.16, z - 0.02), (RIGHT_M, 0.44, z), steel_sheet())
    drinks = ((0.4, 0.12, 0.01), (0.12, 0.05, 0.015), (0.1, 0.3, 0.05), (0.45, 0.35, 0.05), (0.3, 0.34, 0.36))
    for x in np.arange(-0.2, RIGHT_M - 0.06, 0.08):
        drink = drinks[int(rng.integers(len(drinks)))]
        for y in (0.22, 0.32):
            with m.moved((x + rng.normal(0, 0.004), y, z)):
                goods.bottle(m, drink, _colour(rng), _colour(rng), rng.uniform(0.21, 0.27))
    for k in range(24):
        with m.moved((MIDDLE_M + 0.08 + 0.075 * (k % 7), -0.33 + 0.08 * (k // 7), 0.666)):
            goods.bottle(m, drinks[4], _colour(rng), _colour(rng), 0.25)


def _sauces(m: MeshBuilder) -> None:
    """Squeeze bottles and a box of napkins."""
    shape = [(0.03, 0), (0.033, 0.01), (0.033, 0.13), (0.025, 0.15), (0.012, 0.16), (0.005, 0.205), (0.001, 0.206)]
    for k, sauce in enumerate(
        ((0.5, 0.02, 0.015), (0.62, 0.42, 0.02), (0.5, 0.02, 0.015), (0.5, 0.48, 0.4), (0.1, 0.2, 0.03))
    ):
        with m.moved((0.7 + 0.085 * k, -0.38, COUNTER_M)):
            m.lathe(shape, goods.gloss(sauce), sides=16)
    with m.moved((1.14, -0.40, COUNTER_M)):
        m.box((-0.06, -0.05, 0), (0.06, 0.07, 0.15), steel_sheet())
        m.box((-0.045, -0.054, 0.03), (0.045, -0.05, 0.12), ink("napkins", OBJECT, (0.62, 0.61, 0.58), 0.9))


def _fruit_trays(m: MeshBuilder, rng: np.random.Generator) -> None:
    """Oranges, apples and lemons in two layers; bananas behind them."""
    places = [(0.055 * (j % 3 - 1), 0.073 * (j // 3 - 1.5), 0.03) for j in range(12)]
    places += [(0.055 * (j % 2 - 0.5), 0.073 * (j // 2 - 1), 0.085) for j in range(6)]
    for tray, (red, green, blue) in enumerate(((0.6, 0.22, 0.015), (0.42, 0.025, 0.02), (0.6, 0.46, 0.04))):
        with m.moved((0.78 + 0.19 * tray, -0.16, COUNTER_M)):
            m.box((-0.088, -0.15, 0), (0.088, 0.15, 0.035), ink("fruit tray", OBJECT, (0.16, 0.09, 0.04), 0.8))
            for location in places:
                ripe = float(rng.choice((0.8, 1.0, 1.15)))
                with m.moved(location, rng.uniform(-25, 25, 3)):
                    goods.fruit(m, (red * ripe, green * ripe, blue * ripe), 0.036)
    for k in range(7):
        with m.moved((0.9 + rng.normal(0, 0.02), 0.1 + rng.normal(0, 0.02), COUNTER_M + 0.02 * (k // 3))):
            goods.banana(m, float(rng.normal(20, 12)))


def _strips(m: MeshBuilder, rng: np.random.Generator) -> None:
    """Small bags clipped to strips that hang from the eaves."""
    for x in (-0.12, 0.62):
        m.tube(((x, -HALF_DEPTH_M - 0.05, 1.42), (x, -HALF_DEPTH_M - 0.05, EAVES_M)), 0.0025, steel_sheet(), sides=5)
        for z in np.arange(1.40, 1.80, 0.125):
            with m.moved((x + rng.normal(0, 0.006), -HALF_DEPTH_M - 0.06, z), (6, rng.normal(0, 4), rng.normal(0, 12))):
                goods.bag(m, _colour(rng), _colour(rng), 0.10, 0.14)


def stock(m: MeshBuilder) -> None:
    """Everything for sale."""
    rng = np.random.default_rng(21)
    _front_ledge(m, rng)
    _glass_case(m, rng)
    _bottles(m, rng)
    _sauces(m)
    _fruit_trays(m, rng)
    _strips(m, rng)
