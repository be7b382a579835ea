"""A bus shelter: steel frame, glass panes, a bench and a poster."""

from __future__ import annotations

from itertools import pairwise

import bpy
import numpy as np

from examples.scenes.furniture.banners import HEIGHT_M, WIDTH_M, banner
from examples.scenes.furniture.finishes import ink, metal, paint, wood
from examples.scenes.furniture.graphics import draw, flat, rounded, write
from examples.scenes.kit.assets import asset
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import clear_glass
from examples.scenes.kit.mesh import MeshBuilder

OBJECT = Label.OBJECT
HALF_M, DEPTH_M, HIGH_M = 1.9, 1.35, 2.35


def bus_shelter() -> bpy.types.Collection:
    """3.8 x 1.5 x 2.6 m, open to the viewer (-y); its back wall of glass stands at y = 0.65 m."""
    m, small = MeshBuilder(), MeshBuilder()
    steel = paint("shelter steel", OBJECT, (0.06, 0.065, 0.07), roughness=0.35, grime=0.3)
    back, front = DEPTH_M / 2, -DEPTH_M / 2
    posts = np.linspace(-HALF_M + 0.05, HALF_M - 0.05, 4)
    for x in posts:
        m.box((x - 0.035, back - 0.035, 0.0), (x + 0.035, back + 0.035, HIGH_M), steel)
        m.box((x - 0.08, back - 0.08, 0.0), (x + 0.08, back + 0.08, 0.015), steel)
        m.prism(
            [(front - 0.05, HIGH_M + 0.11), (back, HIGH_M), (back, HIGH_M + 0.06), (front - 0.05, HIGH_M + 0.15)],
            x - 0.025,
            x + 0.025,
            steel,
            axis="x",
        )
    for z in (0.22, HIGH_M - 0.06):
        m.box((posts[0], back - 0.02, z - 0.025), (posts[-1], back + 0.02, z + 0.025), steel)
    for a, b in pairwise(posts):
        small.add(
            [(a + 0.04, back, 0.25), (b - 0.04, back, 0.25), (b - 0.04, back, HIGH_M - 0.09), (a + 0.04, back, HIGH_M - 0.09)],
            [(0, 1, 2, 3)],
            clear_glass(),
        )
        for z in (1.05, 1.15):  # stripes so that nobody walks into the pane
            small.add(
                [
                    (a + 0.04, back - 0.002, z),
                    (b - 0.04, back - 0.002, z),
                    (b - 0.04, back - 0.002, z + 0.03),
                    (a + 0.04, back - 0.002, z + 0.03),
                ],
                [(0, 1, 2, 3)],
                ink("pane stripe", OBJECT, (0.55, 0.56, 0.55)),
            )
    x = posts[0]  # a glass side on the left, an advertisement on the right
    m.box((x - 0.03, front + 0.25, 0.0), (x + 0.03, front + 0.31, HIGH_M + 0.06), steel)
    small.add(
        [(x, front + 0.31, 0.25), (x, back - 0.04, 0.25), (x, back - 0.04, HIGH_M - 0.1), (x, front + 0.31, HIGH_M - 0.1)],
        [(0, 1, 2, 3)],
        clear_glass(),
    )
    x = posts[-1]
    m.prism(rounded(1.1, 2.1, 0.05, (0.03, 1.2)), x - 0.07, x + 0.07, steel, axis="x")
    poster = banner(2, seed=1, label=OBJECT)
    poster.scale = (1.18, 0.01, 0.92)
    poster.rotation_euler = (0, 0, -np.pi / 2)
    poster.location = (x - 0.078, 0.03 + 1.18 * WIDTH_M / 2, 0.28)
    small.add(
        [
            (x - 0.084, -0.5 + 0.03, 0.2),
            (x - 0.084, 0.53, 0.2),
            (x - 0.084, 0.53, 0.26 + HEIGHT_M),
            (x - 0.084, -0.47, 0.26 + HEIGHT_M),
        ],
        [(0, 3, 2, 1)],
        clear_glass(),
    )
    m.prism(
        [
            (front - 0.15, HIGH_M + 0.16),
            (back + 0.1, HIGH_M + 0.045),
            (back + 0.1, HIGH_M + 0.09),
            (front - 0.15, HIGH_M + 0.235),
        ],
        -HALF_M - 0.08,
        HALF_M + 0.08,
        paint("shelter roof", OBJECT, (0.3, 0.31, 0.31), roughness=0.4),
        axis="x",
    )
    m.box(
        (-HALF_M, front - 0.19, HIGH_M + 0.06),
        (HALF_M, front - 0.15, HIGH_M + 0.26),
        paint("shelter fascia", OBJECT, (0.02, 0.07, 0.2), roughness=0.35),
    )
    with small.moved((0, front - 0.19, 0)):
        write(small, "CITY TRANSIT", (-0.9, HIGH_M + 0.11), 0.1, ink("transit white", OBJECT, (0.65, 0.65, 0.62)))
        write(small, "12   38   71", (1.15, HIGH_M + 0.11), 0.1, ink("transit white", OBJECT, (0.65, 0.65, 0.62)))
        draw(
            small,
            rounded(0.16, 0.13, 0.03, (-1.72, HIGH_M + 0.16)),
            ink("transit yellow", OBJECT, (0.6, 0.4, 0.02)),
            warp=flat(0.0015),
        )
    for k, y in enumerate(np.linspace(back - 0.46, back - 0.16, 4)):
        m.box(
            (-1.5, y - 0.04, 0.44 - 0.006 * k),
            (0.9, y + 0.04, 0.47 - 0.006 * k),
            wood("shelter seat", OBJECT, (0.16, 0.09, 0.045)),
        )
    for x in (-1.3, -0.3, 0.7):
        m.box((x - 0.02, back - 0.5, 0.40), (x + 0.02, back - 0.03, 0.435), steel)
        small.tube(((x, back - 0.3, 0.0), (x, back - 0.3, 0.42)), 0.03, metal("seat leg", OBJECT))
    return asset("bus shelter", [m.build("shelter", bevel_m=0.006), small.build("shelter parts"), poster])
