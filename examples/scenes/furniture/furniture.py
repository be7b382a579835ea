"""Things that stand on a pavement: the bench and the bin; the others come along from their own modules."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes.furniture.finishes import ink, iron, metal, wood
from examples.scenes.furniture.graphics import draw, rounded, superellipse, write
from examples.scenes.kit.assets import asset
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour
from examples.scenes.kit.mesh import MeshBuilder, Points

OBJECT = Label.OBJECT


def _bench_side(m: MeshBuilder) -> None:
    """A cast side in the plane x = 0: legs, seat bearer, back and a scrolled arm rest."""
    black = iron()

    def bar(points: list[tuple[float, float]], radius: float = 0.017) -> None:
        """A smooth bar through (y, z) points, flattened across."""
        p = np.array(points)
        t = np.linspace(0, len(p) - 1, 8 * len(p))
        dense = np.column_stack([np.interp(t, np.arange(len(p)), p[:, k]) for k in range(2)])
        for _ in range(6):
            dense[1:-1] = (dense[:-2] + 2 * dense[1:-1] + dense[2:]) / 4
        with m.moved(scale=(1.5, 1, 1)):
            m.tube(np.column_stack((np.zeros(len(dense)), dense)), radius, black, sides=10)

    bar(
        [(-0.33, 0.0), (-0.29, 0.12), (-0.25, 0.28), (-0.27, 0.40), (-0.25, 0.425), (-0.1, 0.405), (0.08, 0.385), (0.16, 0.40)]
    )
    bar([(0.30, 0.0), (0.24, 0.12), (0.15, 0.25), (0.13, 0.38), (0.17, 0.5), (0.22, 0.66), (0.27, 0.84)])
    bar([(-0.25, 0.3), (-0.12, 0.24), (0.0, 0.225), (0.14, 0.27)], 0.013)
    bar([(-0.255, 0.42), (-0.30, 0.52), (-0.31, 0.60), (-0.24, 0.645), (-0.05, 0.635), (0.10, 0.63), (0.205, 0.62)])
    turn = np.linspace(0, 3.4 * np.pi, 44)
    r = 0.055 * (1 - 0.8 * turn / turn[-1])
    bar([(-0.235 - 0.055 + 0.055 - rr * np.sin(a), 0.59 + rr * np.cos(a)) for a, rr in zip(turn, r, strict=True)][::2], 0.011)
    for y in (-0.33, 0.30):
        with m.moved((0, y, 0)):
            m.lathe([(0.045, 0.0), (0.045, 0.012), (0.028, 0.022), (0.018, 0.04)], black, sides=20)


def bench() -> bpy.types.Collection:
    """A park bench, 1.8 m wide along x, facing the viewer: cast-iron sides, oiled slats. Seat at 0.45 m."""
    slats, sides = MeshBuilder(), MeshBuilder()
    timber, rng = wood("bench slats", OBJECT), np.random.default_rng(3)
    rows = [
        (y, 0.447 - 0.10 * (y + 0.25) + (0.012 if k == 0 else 0), -6.0) for k, y in enumerate(np.linspace(-0.235, 0.10, 5))
    ]
    rows += [(0.165 + 0.29 * (z - 0.5), z, 72.0) for z in (0.53, 0.62, 0.71, 0.80)]
    for y, z, tilt in rows:
        with slats.moved((rng.normal(0, 0.003), y, z), (tilt + rng.normal(0, 0.6), 0, 0)):
            slats.box((-0.9, -0.036, -0.016), (0.9, 0.036, 0.016), timber)
        for x in (-0.72, 0.0, 0.72):
            with sides.moved((x, y, z), (tilt, 0, 0)):
                sides.lathe([(0.011, 0.014), (0.011, 0.018), (0.006, 0.021), (0.001, 0.022)], metal("bolt", OBJECT), sides=10)
    for x in (-0.72, 0.72):
        with sides.moved((x, 0, 0)):
            _bench_side(sides)
    sides.tube(((-0.72, 0.0, 0.3), (0.72, 0.0, 0.3)), 0.011, iron())
    sides.box((-0.02, -0.24, 0.40), (0.02, 0.12, 0.412), iron())
    return asset("bench", [slats.build("bench slats", bevel_m=0.006), sides.build("bench sides")])


def _ring(scale: float, z: float) -> Points:
    """The bin's plan."""
    return superellipse(scale, z, 0.60, 0.46)


def bin(*, colour: Colour = (0.016, 0.018, 0.02)) -> bpy.types.Collection:  # noqa: A001
    """A litter bin, 0.6 x 0.46 x 1.06 m: a rounded body with a door, a letter-box opening, a domed hood."""
    m, small = MeshBuilder(), MeshBuilder()
    shell, dark = iron(colour), ink("bin inside", OBJECT, (0.008, 0.008, 0.008), 0.8)
    base = [
        (0.93, 0.0),
        (0.93, 0.045),
        (0.97, 0.05),
        (1.0, 0.065),
        (1.0, 0.40),
        (1.0, 0.70),
        (1.015, 0.715),
        (1.02, 0.735),
        (1.0, 0.75),
        (0.93, 0.752),
        (0.91, 0.74),
        (0.90, 0.45),
        (0.5, 0.44),
        (0.01, 0.44),
    ]
    small.sheet(np.array([_ring(s, z) for s, z in base]), shell, closed=True)
    hood = [
        (0.01, 0.91),
        (0.6, 0.91),
        (0.95, 0.905),
        (1.015, 0.90),
        (1.03, 0.912),
        (1.02, 0.93),
        (0.99, 0.95),
        (0.94, 0.975),
        (0.85, 1.003),
        (0.70, 1.028),
        (0.5, 1.045),
        (0.25, 1.056),
        (0.01, 1.06),
    ]
    small.sheet(np.array([_ring(s, z) for s, z in hood]), shell, closed=True)
    columns = _ring(0.95, 0.0)
    for start, stop in ((3, 13), (19, 29), (35, 45), (51, 61)):
        pick = columns[start:stop, :2]
        inner = pick[::-1] * 0.93
        m.prism(np.concatenate((pick, inner)), 0.735, 0.915, shell)
    for width, height, depth in ((0.4, 0.52, 0.237), (0.34, 0.46, 0.240)):  # the door
        m.prism(rounded(width, height, 0.03, (0, 0.38)), -depth, -0.2, shell, axis="y")
    small.prism(rounded(0.11, 0.03, 0.012, (0.1, 0.6)), -0.245, -0.23, metal("bin handle", OBJECT), axis="y")
    with small.moved((-0.08, -0.2405, 0.55)):
        draw(small, rounded(0.13, 0.05, 0.01), ink("bin label", OBJECT, (0.5, 0.5, 0.46)))
        write(small, "LITTER", (0, -0.01), 0.024, ink("bin print", OBJECT, (0.02, 0.05, 0.03)), width_m=0.11)
    small.add(_ring(0.9, 0.46), [tuple(range(64))], dark)
    rng = np.random.default_rng(5)
    for _ in range(9):  # what people threw in
        with small.moved(
            (rng.uniform(-0.18, 0.18), rng.uniform(-0.13, 0.13), 0.6 + rng.uniform(-0.05, 0.05)), rng.uniform(0, 360, 3)
        ):
            colour_in = tuple(rng.choice([(0.5, 0.48, 0.42), (0.4, 0.05, 0.04), (0.3, 0.2, 0.1), (0.1, 0.2, 0.4)]))
            small.lathe([(0.03, -0.06), (0.04, 0.06), (0.036, 0.06)], ink(f"litter {colour_in}", OBJECT, colour_in), sides=16)
    return asset("bin", [m.build("bin posts", bevel_m=0.005), small.build("bin")])
