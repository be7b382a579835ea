"""A pedestrian lamp: a fluted iron post with two bells."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes.furniture.finishes import glow, iron
from examples.scenes.kit.assets import asset
from examples.scenes.kit.labels import Label
from examples.scenes.kit.mesh import MeshBuilder

POLE = Label.POLE


def _hook(m: MeshBuilder, black: bpy.types.Material) -> None:
    """A bracket to +x: a crook with a scroll, a bell hanging from it."""
    up = np.linspace(0, np.pi * 1.02, 26)
    crook = np.column_stack((0.34 - 0.30 * np.cos(up), np.zeros_like(up), 3.62 + 0.30 * np.sin(up)))
    stem = np.array([(0.03, 0, 3.15), (0.035, 0, 3.3), (0.038, 0, 3.46)])
    m.tube(np.concatenate((stem, crook)), np.linspace(0.024, 0.016, len(stem) + len(crook)), black, sides=12)
    turn = np.linspace(0, 2.6 * np.pi, 40)
    r = 0.12 * (1 - turn / turn[-1]) + 0.022
    scroll = np.column_stack((0.20 - r * np.cos(turn), np.zeros_like(turn), 3.62 + r * np.sin(turn) * 0.95))
    m.tube(scroll, np.linspace(0.012, 0.009, len(turn)), black, sides=8)
    with m.moved((0.64, 0, 3.60)):
        bell = [
            (0.012, 0.0),
            (0.03, -0.02),
            (0.034, -0.05),
            (0.05, -0.075),
            (0.075, -0.10),
            (0.10, -0.15),
            (0.125, -0.20),
            (0.17, -0.245),
            (0.215, -0.27),
            (0.222, -0.285),
        ]
        inner = [(0.205, -0.283), (0.16, -0.25), (0.115, -0.20), (0.07, -0.12)]
        m.lathe((bell + inner)[::-1], black)
        globe = [(0.002, -0.36), (0.06, -0.35), (0.10, -0.325), (0.12, -0.285), (0.125, -0.25), (0.11, -0.20)]
        m.lathe(globe, glow("lamp globe", POLE, (1.0, 0.85, 0.62), 0.5, (0.75, 0.72, 0.64)))


def twin_lamp() -> bpy.types.Collection:
    """A pedestrian lamp, 4.2 m high: a fluted iron post with two crooks from which bells hang."""
    m, small, black = MeshBuilder(), MeshBuilder(), iron(label=POLE)
    m.prism(np.array([(0.24 * np.cos(a), 0.24 * np.sin(a)) for a in np.radians(np.arange(22.5, 360, 45))]), 0.0, 0.12, black)
    foot = [
        (0.20, 0.12),
        (0.205, 0.16),
        (0.19, 0.19),
        (0.15, 0.22),
        (0.135, 0.30),
        (0.13, 0.55),
        (0.145, 0.58),
        (0.15, 0.62),
        (0.14, 0.65),
        (0.10, 0.68),
        (0.075, 0.76),
        (0.072, 0.86),
        (0.088, 0.88),
        (0.09, 0.91),
        (0.07, 0.93),
    ]
    small.lathe(foot, black)
    around = np.linspace(0, 2 * np.pi, 97)[:-1]
    flutes = 1 - 0.07 * np.abs(np.sin(8 * around)) ** 0.6
    shaft = [
        np.column_stack((r * flutes * np.cos(around), r * flutes * np.sin(around), np.full(96, z)))
        for r, z in ((0.068, 0.92), (0.062, 1.8), (0.05, 3.06))
    ]
    small.sheet(np.array(shaft), black, closed=True)
    top = [
        (0.05, 3.05),
        (0.075, 3.07),
        (0.078, 3.10),
        (0.055, 3.13),
        (0.05, 3.2),
        (0.05, 3.42),
        (0.07, 3.45),
        (0.072, 3.5),
        (0.045, 3.54),
        (0.03, 3.7),
        (0.024, 3.95),
        (0.045, 3.98),
        (0.05, 4.02),
        (0.035, 4.06),
        (0.015, 4.09),
        (0.02, 4.12),
        (0.002, 4.22),
    ]
    small.lathe(top, black)
    for turn in (0, 180):
        with small.moved(turn=(0, 0, turn)):
            _hook(small, black)
    return asset("twin lamp", [m.build("lamp plinth", bevel_m=0.012), small.build("lamp post")])
