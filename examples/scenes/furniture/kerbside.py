"""What stands along a kerb: newspaper box, hydrant, bollard."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes.furniture.finishes import ink, iron, metal, paint
from examples.scenes.furniture.graphics import draw, stroke, write
from examples.scenes.kit.assets import asset
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, clear_glass
from examples.scenes.kit.mesh import MeshBuilder

OBJECT = Label.OBJECT


def news_box(*, colour: Colour = (0.03, 0.10, 0.32)) -> bpy.types.Collection:
    """A newspaper vending box, 0.46 x 0.42 x 1.25 m, on a pedestal; its window looks to -y."""
    m, small = MeshBuilder(), MeshBuilder()
    shell, steel = (
        paint(f"news box {colour}", OBJECT, colour, roughness=0.4, grime=0.4, rust=0.15),
        metal("news steel", OBJECT),
    )
    paper, black = ink("newsprint", OBJECT, (0.5, 0.48, 0.43), 0.8), ink("newsprint black", OBJECT, (0.03, 0.03, 0.03), 0.8)
    m.box((-0.19, -0.16, 0.0), (0.19, 0.16, 0.025), shell)
    m.box((-0.11, -0.09, 0.025), (0.11, 0.09, 0.42), shell)
    side = [(-0.19, 0.42), (0.21, 0.42), (0.21, 1.18), (0.15, 1.25), (0.02, 1.25), (-0.21, 1.02), (-0.21, 0.44)]
    for x in (-0.23, 0.212):
        m.prism(side, x, x + 0.018, shell, axis="x")
    m.box((-0.212, -0.19, 0.421), (0.212, 0.20, 0.44), shell)
    m.box((-0.212, 0.19, 0.44), (0.212, 0.205, 1.19), shell)
    m.prism(
        [(0.02, 1.235), (0.15, 1.235), (0.205, 1.18), (0.21, 1.185), (0.152, 1.248), (0.018, 1.248)],
        -0.212,
        0.212,
        shell,
        axis="x",
    )
    m.prism([(-0.215, 1.015), (-0.195, 1.0), (0.03, 1.235), (0.018, 1.248)], -0.212, 0.212, shell, axis="x")
    for low, high in (
        ((-0.212, -0.22, 0.44), (0.212, -0.195, 0.60)),
        ((-0.212, -0.22, 0.96), (0.212, -0.195, 1.02)),
        ((-0.212, -0.22, 0.60), (-0.165, -0.195, 0.96)),
        ((0.165, -0.22, 0.60), (0.212, -0.195, 0.96)),
    ):
        m.box(low, high, shell)
    with small.moved((0, -0.2, 0)):
        draw(small, [(-0.165, 0.6), (0.165, 0.6), (0.165, 0.96), (-0.165, 0.96)], clear_glass())
    small.box((-0.15, -0.14, 0.47), (0.15, -0.12, 0.94), paper)
    with small.moved((0, -0.14, 0)):
        write(small, "DAILY NEWS", (0, 0.875), 0.035, black, width_m=0.27, bold=0.02)
        for z in (0.855, 0.72, 0.6):
            stroke(small, [(-0.14, z), (0.14, z)], 0.003, black)
        draw(
            small,
            [(-0.13, 0.735), (0.03, 0.735), (0.03, 0.84), (-0.13, 0.84)],
            ink("news picture", OBJECT, (0.16, 0.13, 0.10), 0.8),
        )
        for column, x in enumerate((-0.085, 0.0, 0.085)):
            for k in range(22):
                z = 0.835 - 0.011 * k
                if 0.86 > z > 0.73 and column < 2:
                    continue
                stroke(small, [(x - 0.036, z), (x + 0.036 - 0.02 * (k % 5 == 4), z)], 0.004, black)
    with small.moved((0, -0.2207, 0)):
        write(small, "DAILY NEWS", (0, 0.5), 0.05, ink("news white", OBJECT, (0.65, 0.65, 0.62)), width_m=0.34, bold=0.02)
    small.tube(((-0.08, -0.215, 0.99), (-0.08, -0.25, 0.99), (0.08, -0.25, 0.99), (0.08, -0.215, 0.99)), 0.008, steel)
    with m.moved((0.1, -0.035, 1.2), (-46, 0, 0)):
        m.box((-0.07, -0.06, -0.01), (0.07, 0.07, 0.09), steel)
    return asset("news box", [m.build("news box", bevel_m=0.005), small.build("news")])


def hydrant(*, colour: Colour = (0.30, 0.03, 0.02)) -> bpy.types.Collection:
    """A fire hydrant, 0.78 m high."""
    m, red = MeshBuilder(), iron(colour)
    chain = metal("hydrant chain", OBJECT, (0.25, 0.24, 0.22), brushed=False)
    profile = [
        (0.165, 0),
        (0.165, 0.03),
        (0.155, 0.035),
        (0.12, 0.04),
        (0.105, 0.06),
        (0.10, 0.10),
        (0.10, 0.2),
        (0.135, 0.21),
        (0.135, 0.245),
        (0.10, 0.255),
        (0.098, 0.50),
        (0.108, 0.53),
        (0.135, 0.54),
        (0.135, 0.575),
        (0.12, 0.585),
        (0.118, 0.62),
        (0.105, 0.66),
        (0.08, 0.69),
        (0.045, 0.71),
        (0.04, 0.73),
        (0.028, 0.735),
        (0.026, 0.775),
        (0.002, 0.78),
    ]
    m.lathe(profile, red, sides=40)
    for z, ring, count in ((0.03, 0.14, 8), (0.245, 0.118, 8), (0.575, 0.122, 8)):
        for a in np.linspace(0, 2 * np.pi, count, endpoint=False):
            with m.moved((ring * np.cos(a), ring * np.sin(a), z)):
                m.lathe([(0.012, 0), (0.012, 0.012), (0.007, 0.013), (0.007, 0.02), (0.001, 0.021)], red, sides=6)
    for turn, r in ((0, 0.05), (180, 0.05), (-90, 0.07)):
        with m.moved((0, 0, 0.42), (0, 0, turn)), m.moved((0.08, 0, 0), (0, 90, 0)):
            m.lathe(
                [
                    (r * 0.8, 0),
                    (r * 0.8, 0.05),
                    (r * 1.1, 0.055),
                    (r * 1.1, 0.075),
                    (r, 0.08),
                    (r, 0.11),
                    (r * 0.85, 0.122),
                    (0.022, 0.125),
                    (0.02, 0.15),
                    (0.001, 0.152),
                ],
                red,
                sides=24,
            )
        with m.moved((0, 0, 0.42), (0, 0, turn)):
            t = np.linspace(0, 1, 12)
            m.tube(
                np.column_stack((0.19 - 0.08 * t, -0.03 - 0.05 * np.sin(np.pi * t), -r - 0.06 * np.sin(np.pi * t) + 0.0 * t)),
                0.004,
                chain,
                sides=6,
            )
    return asset("hydrant", [m.build("hydrant")])
