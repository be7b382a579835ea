"""Museum banners: posters painted by shader graphs and lettering, on cloth that hangs slack between two rods."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import bpy
import numpy as np

from examples.scenes.furniture.finishes import cloth_shader, ink
from examples.scenes.furniture.graphics import Warp, write
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, Nodes, Socket, new_material
from examples.scenes.kit.mesh import MeshBuilder, Points

WIDTH_M, HEIGHT_M = 0.75, 2.0
LETTERS_M = 0.11

INK, CREAM, WHITE = (0.012, 0.011, 0.014), (0.72, 0.62, 0.44), (0.78, 0.76, 0.72)
NAVY, BLUE, TEAL, GREEN = (0.022, 0.018, 0.10), (0.03, 0.10, 0.38), (0.02, 0.22, 0.24), (0.05, 0.19, 0.05)
YELLOW, ORANGE, RED, WINE = (0.72, 0.42, 0.02), (0.62, 0.17, 0.02), (0.5, 0.03, 0.025), (0.16, 0.012, 0.03)
BROWN, SAND, ROSE = (0.10, 0.045, 0.018), (0.45, 0.29, 0.12), (0.55, 0.16, 0.17)

Layer = tuple[str, float, float, float, float, Colour]  # shape, centre and half sizes in 0..1 of the banner, colour


@dataclass(frozen=True)
class Poster:
    """One design. `brush` is how far shapes run out of line (0: printed, 1: painted with a broad knife)."""

    ground: Colour
    layers: tuple[Layer, ...]
    title: str
    title_height: float
    ink: Colour = WHITE
    plate: Colour | None = None
    brush: float = 0.4


POSTERS = (
    Poster(
        NAVY,
        (
            ("box", 0.5, 0.55, 0.38, 0.385, BROWN),
            ("box", 0.5, 0.84, 0.38, 0.095, BLUE),
            ("oval", 0.35, 0.86, 0.2, 0.03, TEAL),
            ("box", 0.56, 0.73, 0.32, 0.03, GREEN),
            ("box", 0.68, 0.52, 0.2, 0.19, SAND),
            ("box", 0.30, 0.50, 0.1, 0.21, TEAL),
            ("box", 0.66, 0.57, 0.035, 0.13, YELLOW),
            ("box", 0.8, 0.55, 0.04, 0.11, CREAM),
            ("oval", 0.5, 0.24, 0.36, 0.075, INK),
            ("oval", 0.48, 0.35, 0.15, 0.14, RED),
            ("oval", 0.40, 0.38, 0.06, 0.1, WINE),
            ("oval", 0.60, 0.27, 0.17, 0.04, ORANGE),
            ("oval", 0.61, 0.36, 0.05, 0.07, ROSE),
            ("oval", 0.47, 0.505, 0.055, 0.024, SAND),
            ("oval", 0.44, 0.52, 0.065, 0.022, INK),
            ("oval", 0.33, 0.23, 0.12, 0.016, CREAM),
        ),
        "MUSEUM",
        0.06,
        brush=0.6,
    ),
    Poster(
        YELLOW,
        (
            ("oval", 0.4, 0.56, 0.28, 0.17, ORANGE),
            ("oval", 0.62, 0.47, 0.2, 0.08, RED),
            ("oval", 0.8, 0.74, 0.17, 0.14, INK),
            ("oval", 0.12, 0.5, 0.08, 0.14, INK),
            ("oval", 0.78, 0.22, 0.12, 0.1, INK),
            ("oval", 0.3, 0.2, 0.16, 0.05, ORANGE),
            ("oval", 0.36, 0.88, 0.2, 0.05, CREAM),
        ),
        "MUSEUM",
        0.68,
        plate=NAVY,
        brush=1.0,
    ),
    Poster(
        CREAM,
        (
            ("box", 0.5, 0.28, 0.5, 0.11, RED),
            ("box", 0.25, 0.62, 0.25, 0.19, BLUE),
            ("oval", 0.66, 0.7, 0.27, 0.1, YELLOW),
            ("oval", 0.66, 0.7, 0.16, 0.06, INK),
            ("box", 0.75, 0.5, 0.04, 0.3, INK),
            ("box", 0.5, 0.43, 0.5, 0.012, INK),
            ("oval", 0.25, 0.28, 0.15, 0.056, CREAM),
        ),
        "CITY ARTS",
        0.06,
        ink=RED,
        brush=0.04,
    ),
    Poster(
        RED,
        (
            ("oval", 0.5, 0.62, 0.36, 0.25, ROSE),
            ("oval", 0.42, 0.55, 0.2, 0.2, CREAM),
            ("oval", 0.66, 0.7, 0.16, 0.09, WINE),
            ("oval", 0.55, 0.42, 0.22, 0.05, ORANGE),
            ("box", 0.5, 0.1, 0.5, 0.1, WINE),
        ),
        "OPERA",
        0.07,
        ink=CREAM,
        brush=0.7,
    ),
    Poster(
        INK,
        (
            ("box", 0.5, 0.6, 0.4, 0.32, BROWN),
            ("oval", 0.5, 0.52, 0.3, 0.2, WINE),
            ("oval", 0.52, 0.7, 0.14, 0.09, SAND),
            ("oval", 0.46, 0.77, 0.17, 0.05, INK),
            ("oval", 0.6, 0.45, 0.12, 0.03, SAND),
            ("oval", 0.3, 0.4, 0.12, 0.1, ORANGE),
        ),
        "PORTRAITS",
        0.1,
        ink=SAND,
        brush=0.5,
    ),
    Poster(
        TEAL,
        (
            ("box", 0.2, 0.6, 0.08, 0.34, YELLOW),
            ("box", 0.41, 0.52, 0.08, 0.26, ORANGE),
            ("box", 0.62, 0.64, 0.08, 0.3, WHITE),
            ("box", 0.83, 0.56, 0.08, 0.36, RED),
            ("oval", 0.5, 0.3, 0.24, 0.09, NAVY),
            ("oval", 0.5, 0.3, 0.13, 0.05, YELLOW),
        ),
        "JAZZ",
        0.06,
        ink=YELLOW,
        brush=0.12,
    ),
)


def _mask(n: Nodes, layer: Layer, u: Socket, v: Socket) -> Socket:
    """1 inside the layer's shape, 0 outside, soft over a brush's width."""
    shape, cu, cv, ru, rv, _ = layer
    du = n.math("DIVIDE", n.math("ABSOLUTE", n.math("SUBTRACT", u, cu)), ru)
    dv = n.math("DIVIDE", n.math("ABSOLUTE", n.math("SUBTRACT", v, cv)), rv)
    if shape == "box":
        reach = n.math("MAXIMUM", du, dv)
    else:
        reach = n.math("SQRT", n.math("ADD", n.math("MULTIPLY", du, du), n.math("MULTIPLY", dv, dv)))
    return n.level(reach, 0.97, 1.03, 1.0, 0.0)


@cache
def _painted(index: int, label: Label) -> bpy.types.Material:
    """The cloth of a poster whose lower left corner is the object's origin."""
    poster = POSTERS[index]
    material, n = new_material(f"banner {index}", label)
    x, _, z = n.new("SeparateXYZ", Vector=n.position).outputs
    u, v = n.math("DIVIDE", x, WIDTH_M), n.math("DIVIDE", z, HEIGHT_M)
    straight_u, straight_v = u, v
    strokes = n.noise(1.0, detail=5, roughness=0.65, at=n.vector("MULTIPLY", n.position, (42.0, 1.0, 7.0)))
    for scale, far in ((4.0, 0.35), (14.0, 0.16)):
        for axis in range(2):
            push = n.math("SUBTRACT", n.noise(scale, at=n.vector("ADD", n.position, (7.0 * axis + index, 3.0, 0.0))), 0.5)
            push = n.math("MULTIPLY", push, poster.brush * far * (1.0, 0.45)[axis])
            u, v = (n.math("ADD", u, push), v) if axis == 0 else (u, n.math("ADD", v, push))
    colour: Socket | Colour = poster.ground
    for layer in poster.layers:
        colour = n.mix(_mask(n, layer, u, v), colour, layer[5])
    if poster.plate:
        middle = poster.title_height + LETTERS_M / 2 / HEIGHT_M
        plate: Layer = ("box", 0.5, middle, 0.4, LETTERS_M * 0.85 / HEIGHT_M, poster.plate)
        colour = n.mix(_mask(n, plate, straight_u, straight_v), colour, poster.plate)
    dabs = n.vector(
        "MULTIPLY",
        n.vector(
            "ADD",
            n.position,
            n.vector("MULTIPLY", n.new("TexNoise", Vector=n.position, Scale=9.0).outputs["Color"], (0.1, 0.1, 0.1)),
        ),
        (26.0, 1.0, 11.0),
    )
    knife = n.new("SeparateColor", Color=n.new("TexVoronoi", Vector=dabs, Scale=1.0).outputs["Color"]).outputs[0]
    light = n.level(strokes, 0.3, 0.7, 1 - 0.35 * poster.brush, 1 + 0.35 * poster.brush)
    light = n.math("MULTIPLY", light, n.level(knife, 0.0, 1.0, 1 - 0.22 * poster.brush, 1 + 0.22 * poster.brush))
    colour = n.mix(1.0, colour, n.new("CombineColor", Red=light, Green=light, Blue=light).outputs[0], "MULTIPLY")
    n.finish(cloth_shader(n, colour, translucency=0.22))
    return material


def _slack(rng: np.random.Generator) -> Warp:
    """Where the cloth hangs: held by the rods at both ends, blown out between them, with a few folds."""
    belly, lean = rng.uniform(0.05, 0.08) * rng.choice((-1, 1)), rng.uniform(-0.03, 0.03)
    waves = [(rng.uniform(0.5, 2.2), rng.uniform(0.6, 2.5), rng.uniform(0, 6.3), rng.uniform(0.004, 0.011)) for _ in range(5)]

    def surface(xz: Points) -> Points:
        u, v = xz[:, 0] / WIDTH_M, np.clip(xz[:, 1] / HEIGHT_M, 0, 1)
        free = np.sin(np.pi * v)
        y = free * (belly * (0.6 + 0.4 * np.sin(np.pi * u)) + lean * (u - 0.5))
        y = y + sum(free * a * np.sin(2 * np.pi * (k * u + m * v) + p) for k, m, p, a in waves)
        x = xz[:, 0] + 0.012 * free * (0.5 - u)  # the free edges draw in
        return np.column_stack((x, y, xz[:, 1]))

    return surface


def _offset(surface: Warp, distance_m: float) -> Warp:
    return lambda xz: surface(xz) - np.array((0.0, distance_m, 0.0))


def banner(index: int, seed: int = 0, label: Label = Label.POLE) -> bpy.types.Object:
    """One banner, its lower left corner at the origin; both faces are printed."""
    poster = POSTERS[index % len(POSTERS)]
    surface = _slack(np.random.default_rng(seed))
    u, v = np.meshgrid(np.linspace(0, WIDTH_M, 21), np.linspace(0, HEIGHT_M, 49))
    m = MeshBuilder()
    m.sheet(surface(np.column_stack((u.ravel(), v.ravel()))).reshape(49, 21, 3), _painted(index % len(POSTERS), label))
    base = poster.title_height * HEIGHT_M
    letters = ink(f"banner ink {poster.ink}", label, poster.ink, 0.7)
    for side in (1, -1):
        front = _offset(surface, 0.003 * side)

        def face(xz: Points, side: int = side, front: Warp = front) -> Points:
            mirrored = np.column_stack((WIDTH_M / 2 + side * xz[:, 0], xz[:, 1]))
            return front(mirrored)

        write(m, poster.title, (0.0, base), LETTERS_M, letters, width_m=0.6, bold=0.03, warp=face)
    return m.build(f"banner {index}")
