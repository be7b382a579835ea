"""What a street vendor sells: cans, bottles, bags, boxes, fruit, pretzels; and little pictures of it for the menu."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes.furniture.finishes import ink, metal
from examples.scenes.furniture.graphics import band, draw, flat, oval, rounded, write
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour
from examples.scenes.kit.mesh import MeshBuilder

OBJECT = Label.OBJECT
BRIGHT: tuple[Colour, ...] = (
    (0.5, 0.02, 0.02), (0.02, 0.08, 0.4), (0.05, 0.3, 0.06), (0.62, 0.4, 0.02), (0.6, 0.16, 0.02),
    (0.55, 0.55, 0.52), (0.3, 0.03, 0.2), (0.03, 0.28, 0.32), (0.012, 0.012, 0.014), (0.45, 0.3, 0.12),
)  # fmt: skip
BUN, SAUSAGE, MUSTARD, LETTUCE, CRUST = (
    (0.5, 0.27, 0.09),
    (0.3, 0.055, 0.02),
    (0.68, 0.42, 0.02),
    (0.12, 0.3, 0.03),
    (0.2, 0.08, 0.025),
)


def gloss(colour: Colour, roughness: float = 0.3) -> bpy.types.Material:
    """Printed or plastic packaging."""
    return ink(f"product {colour}", OBJECT, colour, roughness)


def can(m: MeshBuilder, colour: Colour, stripe: Colour) -> None:
    """A drinks can, 0.12 m high."""
    steel = metal("can lid", OBJECT, (0.6, 0.6, 0.6), roughness=0.25, brushed=False)
    m.lathe([(0.022, 0.0), (0.026, 0.003), (0.033, 0.012), (0.033, 0.05)], gloss(colour), sides=18)
    m.lathe([(0.0331, 0.05), (0.0331, 0.082)], gloss(stripe), sides=18)
    m.lathe([(0.033, 0.082), (0.033, 0.104), (0.027, 0.116)], gloss(colour), sides=18)
    m.lathe([(0.027, 0.116), (0.0275, 0.12), (0.025, 0.12), (0.024, 0.116), (0.001, 0.116)], steel, sides=18)


def bottle(m: MeshBuilder, drink: Colour, label: Colour, cap: Colour, height: float = 0.24) -> None:
    """A plastic bottle."""
    h = height
    m.lathe([(0.026, 0.0), (0.034, 0.008), (0.034, 0.35 * h)], gloss(drink, 0.12), sides=18)
    m.lathe([(0.0345, 0.35 * h), (0.0345, 0.6 * h)], gloss(label), sides=18)
    m.lathe(
        [(0.034, 0.6 * h), (0.033, 0.68 * h), (0.024, 0.8 * h), (0.0135, 0.88 * h), (0.0125, 0.92 * h)],
        gloss(drink, 0.12),
        sides=18,
    )
    m.lathe([(0.0145, 0.92 * h), (0.0145, 0.99 * h), (0.012, h), (0.001, h)], gloss(cap), sides=14)


def bag(m: MeshBuilder, colour: Colour, accent: Colour, width: float = 0.15, height: float = 0.21) -> None:
    """A bag of crisps that stands upright and faces -y: a pillow with crimped ends and a printed blob."""
    s, t = np.meshgrid(np.linspace(-1, 1, 13), np.linspace(0, 1, 13))
    swell = 0.032 * (1 - s**4) * np.clip(np.sin(np.pi * np.clip((t - 0.07) / 0.86, 0, 1)), 0, 1) ** 0.6
    x = s * width / 2 * (1 - 0.05 * np.sin(np.pi * t))
    for side in (-1, 1):
        grid = np.dstack((x, side * (swell + 0.0008), t * height))
        m.sheet(grid if side < 0 else grid[:, ::-1], gloss(colour, 0.22))
    with m.moved((0, -0.034, 0)):
        draw(m, oval((0, 0.52 * height), 0.3 * width, 0.15 * height, 20), gloss(accent), warp=flat(0.0005))


def carton(m: MeshBuilder, colour: Colour, accent: Colour, size: tuple[float, float, float]) -> None:
    """A printed box that faces -y."""
    w, d, h = size
    m.box((-w / 2, -d / 2, 0), (w / 2, d / 2, h), gloss(colour, 0.45))
    with m.moved((0, -d / 2, 0)):
        draw(m, rounded(0.8 * w, 0.4 * h, 0.1 * h, (0, 0.6 * h)), gloss(accent, 0.45))
        draw(m, rounded(0.5 * w, 0.12 * h, 0.02 * h, (0, 0.2 * h)), gloss(accent, 0.45))


def fruit(m: MeshBuilder, colour: Colour, radius: float = 0.038) -> None:
    """An orange, apple or lemon, lying at the origin."""
    a = np.linspace(-np.pi / 2, np.pi / 2, 10)
    z = radius * (1 + np.sin(a)) - 0.25 * radius * np.exp(-(((a - np.pi / 2) / 0.45) ** 2))
    m.lathe(
        np.column_stack((np.maximum(radius * np.cos(a), 0.001), z)), ink(f"fruit {colour}", OBJECT, colour, 0.35), sides=16
    )


def banana(m: MeshBuilder, turn: float) -> None:
    """One banana, arched."""
    t = np.linspace(-1, 1, 9)
    with m.moved(turn=(0, 0, turn)):
        m.tube(
            np.column_stack((0.09 * t, 0.02 * t**2, 0.02 + 0.03 * (1 - t**2))),
            0.017 * (1 - 0.75 * np.abs(t) ** 3),
            ink("banana", OBJECT, (0.62, 0.42, 0.03), 0.5),
            sides=8,
        )


def pretzel(m: MeshBuilder) -> None:
    """A big soft pretzel in the plane y = 0, around the origin."""
    t = np.linspace(0.32, 2 * np.pi - 0.32, 48) - np.pi / 2
    loop = np.column_stack((0.085 * np.cos(t) * (1 + 0.25 * np.sin(t)), 0 * t, 0.075 * np.sin(t) * -1))
    left = np.array([(-0.02, 0.012, -0.02), (0.02, 0.012, 0.0), (0.05, 0.006, 0.045)])
    crust = ink("pretzel", OBJECT, CRUST, 0.45)
    m.tube(loop, 0.014, crust, sides=8)
    m.tube(left, 0.013, crust, sides=8)
    m.tube(left * (-1, -1, 1), 0.013, crust, sides=8)


def _hot_dog(m: MeshBuilder, w: float, z: float) -> None:
    draw(m, oval((0, z), 0.36 * w, 0.13 * w), gloss(BUN, 0.6), warp=flat(0.0020))
    draw(m, rounded(0.8 * w, 0.12 * w, 0.059 * w, (0, z + 0.02 * w)), gloss(SAUSAGE), warp=flat(0.0024))
    x = np.linspace(-0.3, 0.3, 25) * w
    wave = z + 0.02 * w + 0.03 * w * np.sin(np.arange(25) * 1.6)
    band(
        m, np.column_stack((x, wave - 0.011 * w))[:], np.column_stack((x, wave + 0.011 * w)), gloss(MUSTARD), warp=flat(0.0028)
    )
    draw(m, oval((0, z - 0.08 * w), 0.34 * w, 0.07 * w), gloss((0.58, 0.34, 0.13), 0.6), warp=flat(0.0032))


def _drink(m: MeshBuilder, w: float, z: float) -> None:
    cup = np.array([(-0.13, -0.25), (0.13, -0.25), (0.19, 0.18), (-0.19, 0.18)]) * w + (0, z)
    draw(m, cup, gloss((0.5, 0.02, 0.02)), warp=flat(0.0020))
    draw(m, rounded(0.42 * w, 0.06 * w, 0.02 * w, (0, z + 0.2 * w)), gloss((0.6, 0.6, 0.58)), warp=flat(0.0024))
    draw(
        m,
        np.array([(0.02, 0.22), (0.06, 0.22), (0.11, 0.4), (0.07, 0.4)]) * w + (0, z),
        gloss((0.02, 0.08, 0.4)),
        warp=flat(0.0022),
    )
    draw(m, oval((0, z - 0.04 * w), 0.1 * w), gloss((0.6, 0.6, 0.58)), warp=flat(0.0024))


def _pretzel_picture(m: MeshBuilder, w: float, z: float) -> None:
    for x, dz, r, o in ((-0.14, 0.05, 0.15, 0.0020), (0.14, 0.05, 0.15, 0.0023), (0, -0.1, 0.16, 0.0026)):
        band(m, oval((x * w, z + dz * w), (r - 0.06) * w), oval((x * w, z + dz * w), r * w), gloss(CRUST, 0.5), warp=flat(o))


def _burger(m: MeshBuilder, w: float, z: float) -> None:
    top = np.concatenate((oval((0, z + 0.02 * w), 0.28 * w, 0.22 * w)[:17],))
    for dz, h, colour, grow, o in (
        (-0.17, 0.1, BUN, 0.54, 0.002),
        (-0.06, 0.07, SAUSAGE, 0.6, 0.0023),
        (-0.01, 0.05, LETTUCE, 0.66, 0.0026),
        (-0.09, 0.04, MUSTARD, 0.58, 0.0025),
    ):
        draw(m, rounded(grow * w, h * w, 0.45 * h * w, (0, z + dz * w)), gloss(colour, 0.5), warp=flat(o))
    draw(m, top, gloss(BUN, 0.5), warp=flat(0.0029))


def _ice(m: MeshBuilder, w: float, z: float) -> None:
    draw(m, np.array([(-0.13, 0.0), (0.0, -0.3), (0.13, 0.0)]) * w + (0, z), gloss(BUN, 0.6), warp=flat(0.002))
    for x, dz, colour, o in (
        (-0.08, 0.07, (0.6, 0.25, 0.28), 0.0023),
        (0.09, 0.06, (0.6, 0.55, 0.42), 0.0026),
        (0.0, 0.19, (0.2, 0.09, 0.04), 0.0029),
    ):
        draw(m, oval((x * w, z + dz * w), 0.12 * w), gloss(colour, 0.5), warp=flat(o))


def picture(m: MeshBuilder, width: float, height: float, dish: int, ground: Colour, price: str = "") -> None:
    """A menu card in the plane y = 0, centred on the origin: a dish on a coloured ground, a caption, a price."""
    titles = ("HOT DOG", "COLD DRINKS", "PRETZEL", "BURGER", "ICE CREAM")
    paintings = (_hot_dog, _drink, _pretzel_picture, _burger, _ice)
    dish %= len(titles)
    red, green, blue = ground
    white = gloss((0.62, 0.61, 0.57), 0.5)
    draw(m, rounded(width, height, 0.006), white, warp=flat(0.0008))
    draw(m, rounded(width - 0.012, height - 0.012, 0.005), gloss(ground, 0.35), warp=flat(0.0014))
    w = min(width, 0.8 * height)
    draw(
        m,
        oval((0, 0.08 * height), 0.46 * w, 0.40 * w),
        gloss((0.5 * red + 0.2, 0.5 * green + 0.2, 0.5 * blue + 0.2), 0.35),
        warp=flat(0.0017),
    )
    paintings[dish](m, w * 0.95, 0.07 * height)
    ink_colour = white if sum(ground) < 0.75 else gloss((0.35, 0.01, 0.01))
    write(m, titles[dish], (0, -0.40 * height), 0.11 * height, ink_colour, width_m=0.86 * width, warp=flat(0.0026), bold=0.02)
    if price:
        draw(m, oval((0.33 * width, 0.33 * height), 0.13 * w, 0.13 * w, 18), gloss((0.62, 0.4, 0.02)), warp=flat(0.0034))
        write(
            m, price, (0.33 * width, 0.30 * height), 0.07 * w, gloss((0.35, 0.01, 0.01)), width_m=0.22 * w, warp=flat(0.0038)
        )
