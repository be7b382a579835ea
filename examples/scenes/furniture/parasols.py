"""Market parasols: eight gores of cloth in two colours on ribs, with a scalloped valance."""

from __future__ import annotations

import numpy as np

from examples.scenes.furniture.finishes import cloth, metal
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour
from examples.scenes.kit.mesh import MeshBuilder, Points

OBJECT = Label.OBJECT
GORES = 8


def _rib(t: Points, radius: float, drop: float) -> Points:
    """(distance from the pole, z) along a rib, which bends down towards its tip."""
    return np.column_stack((radius * t, -drop * t**1.55))


def parasol(
    m: MeshBuilder,
    first: Colour,
    second: Colour,
    *,
    radius_m: float = 0.95,
    drop_m: float = 0.34,
    pole_m: float = 1.7,
    seed: int = 0,
) -> None:
    """An open parasol; its hub, the highest point of the cloth, is at the origin, the pole goes down from there."""
    rng = np.random.default_rng(seed)
    fabrics = [cloth(f"parasol {colour}", OBJECT, colour, translucency=0.42) for colour in (first, second)]
    steel = metal("parasol steel", OBJECT, (0.55, 0.55, 0.54), roughness=0.3)
    t, s = np.linspace(0.03, 1, 12), np.linspace(0, 1, 9)
    rib = _rib(t, radius_m, drop_m)
    for k in range(GORES):
        a, b = 2 * np.pi * (k - 0.5) / GORES, 2 * np.pi * (k + 0.5) / GORES
        chord = np.column_stack((np.cos(a) + s * (np.cos(b) - np.cos(a)), np.sin(a) + s * (np.sin(b) - np.sin(a))))
        sag = 4 * s * (1 - s)
        rows = [
            np.column_stack((r * chord * (1 - 0.035 * tt * sag[:, None]), z + 0.004 - 0.014 * tt**2 * sag))
            for tt, (r, z) in zip(t, rib, strict=True)
        ]
        rim, flap = rows[-1], []
        out = chord / np.linalg.norm(chord, axis=1, keepdims=True)
        blown = rng.normal(0.0, 0.012)
        for q in (0.33, 0.66, 1.0):
            wave = 0.008 * q * np.sin(np.pi * 3 * s + rng.uniform(0, 6))
            shift = (blown * q + wave)[:, None] * out
            length = 0.135 + 0.04 * np.abs(np.sin(1.5 * np.pi * s))
            flap.append(np.column_stack((rim[:, :2] + shift, rim[:, 2] - q * length)))
        m.sheet(np.array([*flap[::-1], rim]), fabrics[k % 2])
        m.sheet(np.array(rows[::-1]), fabrics[k % 2])
        under = np.column_stack((rib[:, 0] * np.cos(a), rib[:, 0] * np.sin(a), rib[:, 1] - 0.004))
        m.tube(under, 0.0055, steel, sides=6)
        half = under[6]
        m.tube(((0.02 * np.cos(a), 0.02 * np.sin(a), -drop_m - 0.12), half), 0.0045, steel, sides=6)
    m.tube(((0, 0, -pole_m), (0, 0, 0.0)), 0.019, steel, sides=16)
    with m.moved((0, 0, -drop_m - 0.12)):
        m.lathe([(0.02, -0.04), (0.032, -0.035), (0.032, 0.02), (0.02, 0.03)], steel, sides=20)
    m.lathe(
        [
            (0.05, -0.008),
            (0.052, 0.006),
            (0.03, 0.016),
            (0.014, 0.02),
            (0.02, 0.035),
            (0.022, 0.05),
            (0.014, 0.066),
            (0.001, 0.072),
        ],
        steel,
        sides=20,
    )
