"""Things that stand on a pavement: bench, bin, planters, hydrant, bollard, covers; fence, bicycle and shelter come along."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes.assets import asset
from examples.scenes.cycling import bicycle, bicycle_rack
from examples.scenes.finishes import ink, metal, paint, soil, stone, wood
from examples.scenes.graphics import draw, flat, rounded, stroke, write
from examples.scenes.ironwork import fence
from examples.scenes.labels import Label
from examples.scenes.materials import Colour, clear_glass
from examples.scenes.mesh import MeshBuilder, Points
from examples.scenes.shelter import bus_shelter

__all__ = [
    "bench",
    "bicycle",
    "bicycle_rack",
    "bin",
    "bollard",
    "bowl_planter",
    "box_planter",
    "bus_shelter",
    "drain",
    "fence",
    "hydrant",
    "manhole",
    "news_box",
]

OBJECT = Label.OBJECT
BOWL_SOIL_M, BOX_SOIL_M = 0.49, 0.43  # heights of the earth in the planters


def iron(colour: Colour = (0.022, 0.024, 0.022), label: Label = OBJECT) -> bpy.types.Material:
    return paint(f"cast iron {colour} {label}", label, colour, roughness=0.48, grime=0.5, rust=0.15, orange_peel_m=0.0012)


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

    bar([(-0.33, 0.0), (-0.29, 0.12), (-0.25, 0.28), (-0.27, 0.40), (-0.25, 0.425), (-0.1, 0.405), (0.08, 0.385), (0.16, 0.40)])
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
    rows = [(y, 0.447 - 0.10 * (y + 0.25) + (0.012 if k == 0 else 0), -6.0) for k, y in enumerate(np.linspace(-0.235, 0.10, 5))]
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


def _bin_ring(scale: float, z: float, width: float = 0.60, depth: float = 0.46, points: int = 64) -> Points:
    """A horizontal superellipse."""
    a = np.linspace(0, 2 * np.pi, points, endpoint=False)
    c, s = np.cos(a), np.sin(a)
    x = np.sign(c) * np.abs(c) ** 0.5 * width / 2 * scale
    return np.column_stack((x, np.sign(s) * np.abs(s) ** 0.5 * depth / 2 * scale, np.full(points, z)))


def bin(*, colour: Colour = (0.016, 0.018, 0.02)) -> bpy.types.Collection:  # noqa: A001
    """A litter bin, 0.6 x 0.46 x 1.06 m: a rounded body with a door, a letter-box opening, a domed hood."""
    m, small = MeshBuilder(), MeshBuilder()
    shell, dark = iron(colour), ink("bin inside", OBJECT, (0.008, 0.008, 0.008), 0.8)
    base = [(0.93, 0.0), (0.93, 0.045), (0.97, 0.05), (1.0, 0.065), (1.0, 0.40), (1.0, 0.70), (1.015, 0.715), (1.02, 0.735), (1.0, 0.75), (0.93, 0.752), (0.91, 0.74), (0.90, 0.45), (0.5, 0.44), (0.01, 0.44)]
    small.sheet(np.array([_bin_ring(s, z) for s, z in base]), shell, closed=True)
    hood = [(0.01, 0.91), (0.6, 0.91), (0.95, 0.905), (1.015, 0.90), (1.03, 0.912), (1.02, 0.93), (0.99, 0.95), (0.94, 0.975), (0.85, 1.003), (0.70, 1.028), (0.5, 1.045), (0.25, 1.056), (0.01, 1.06)]
    small.sheet(np.array([_bin_ring(s, z) for s, z in hood]), shell, closed=True)
    columns = _bin_ring(0.95, 0.0)
    for k in range(0, 64, 1):
        if 6 <= k % 32 <= 10 or 22 <= k % 32 <= 26 or k in (0, 31, 32, 33, 63, 1):
            continue
    for start, stop in ((3, 13), (19, 29), (35, 45), (51, 61)):
        pick = columns[start:stop, :2]
        inner = pick[::-1] * 0.93
        m.prism(np.concatenate((pick, inner)), 0.735, 0.915, shell)
    for x0, x1 in ((-0.2, 0.2),):
        small.prism(rounded(x1 - x0, 0.52, 0.03, (0, 0.38)), -0.236, -0.2, shell, axis="y")
        small.prism(rounded(x1 - x0 - 0.05, 0.47, 0.02, (0, 0.38)), -0.2375, -0.2, shell, axis="y")
    small.prism(rounded(0.11, 0.03, 0.012, (0.1, 0.6)), -0.245, -0.23, metal("bin handle", OBJECT), axis="y")
    with small.moved((-0.08, -0.2377, 0.55)):
        draw(small, rounded(0.13, 0.05, 0.01), ink("bin label", OBJECT, (0.5, 0.5, 0.46)))
        write(small, "LITTER", (0, -0.01), 0.024, ink("bin print", OBJECT, (0.02, 0.05, 0.03)), width_m=0.11)
    small.add(_bin_ring(0.9, 0.46), [tuple(range(64))], dark)
    rng = np.random.default_rng(5)
    for _ in range(9):  # what people threw in
        with small.moved((rng.uniform(-0.18, 0.18), rng.uniform(-0.13, 0.13), 0.6 + rng.uniform(-0.05, 0.05)), rng.uniform(0, 360, 3)):
            colour_in = tuple(rng.choice([(0.5, 0.48, 0.42), (0.4, 0.05, 0.04), (0.3, 0.2, 0.1), (0.1, 0.2, 0.4)]))
            small.lathe([(0.03, -0.06), (0.04, 0.06), (0.036, 0.06)], ink(f"litter {colour_in}", OBJECT, colour_in), sides=16)
    return asset("bin", [m.build("bin posts", bevel_m=0.005), small.build("bin")])


def _earth(radius_x: float, radius_y: float, z: float, seed: int, *, square: bool = False) -> tuple[Points, Points]:
    """A lumpy surface: (R, C, 3) rings from the rim in, and its clods."""
    rng = np.random.default_rng(seed)
    rings = []
    for s in np.linspace(1.0, 0.02, 12):
        ring = _bin_ring(s, z, 2 * radius_x, 2 * radius_y, 72) if square else np.column_stack((_circle(s * radius_x, 72), np.full(72, z)))
        ring[:, 2] += 0.02 * (1 - s) + (rng.normal(0, 0.006, 72) if s < 0.99 else 0)
        rings.append(ring)
    a, r = rng.uniform(0, 2 * np.pi, 120), np.sqrt(rng.uniform(0, 0.85, 120))
    clods = np.column_stack((r * radius_x * np.cos(a), r * radius_y * np.sin(a), np.full(120, z + 0.008)))
    return np.array(rings), clods


def _circle(radius: float, points: int) -> Points:
    a = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return radius * np.column_stack((np.cos(a), np.sin(a)))


def _fill(m: MeshBuilder, rings: Points, clods: Points) -> None:
    m.sheet(rings, soil(), closed=True)
    rng = np.random.default_rng(9)
    for clod in clods:
        r = rng.uniform(0.006, 0.018)
        with m.moved(clod, rng.uniform(0, 360, 3), (1, rng.uniform(0.6, 1), rng.uniform(0.5, 0.9))):
            m.lathe([(0.05 * r, -r), (0.8 * r, -0.55 * r), (r, 0.1 * r), (0.65 * r, 0.75 * r), (0.05 * r, r)], soil(), sides=7)


def bowl_planter() -> bpy.types.Collection:
    """An iron bowl on a ring foot and four balls, 1.1 m wide and 0.56 m high; the earth lies at BOWL_SOIL_M = 0.49 m."""
    m, black = MeshBuilder(), iron((0.03, 0.026, 0.023))
    outside = [(0.02, 0.16), (0.18, 0.16), (0.21, 0.15), (0.22, 0.165), (0.21, 0.185), (0.24, 0.20), (0.32, 0.245), (0.40, 0.31), (0.455, 0.38), (0.485, 0.44), (0.495, 0.475), (0.49, 0.485), (0.50, 0.50), (0.525, 0.515), (0.548, 0.53), (0.553, 0.545), (0.545, 0.558), (0.525, 0.56), (0.50, 0.552), (0.485, 0.53), (0.475, 0.47), (0.44, 0.44)]
    m.lathe(outside, black, sides=96)
    for k in range(24):  # gadroons under the rim
        with m.moved(turn=(0, 0, 15 * k)):
            t = np.linspace(0, 1, 8)
            m.tube(np.column_stack((0.245 + 0.235 * np.sin(t * 1.45), 0 * t, 0.205 + 0.235 * (1 - np.cos(t * 1.57)))), 0.013 * np.sin(np.pi * (0.15 + 0.8 * t)), black, sides=8)
    for k in range(4):
        with m.moved(turn=(0, 0, 45 + 90 * k)), m.moved((0.24, 0, 0.078)):
            a = np.linspace(-np.pi / 2, np.pi / 2, 13)
            m.lathe(np.column_stack((0.078 * np.cos(a) + 0.0005, 0.078 * np.sin(a))), black, sides=24)
            m.tube(((0, 0, 0.06), (-0.01, 0, 0.12), (-0.02, 0, 0.16)), (0.035, 0.04, 0.06), black, sides=14)
    _fill(m, *_earth(0.48, 0.48, BOWL_SOIL_M, 1))
    return asset("bowl planter", [m.build("bowl planter")])


def box_planter() -> bpy.types.Collection:
    """A concrete trough, 1.3 x 0.55 x 0.5 m, sides tapering, clad with slats between steel corners; earth at BOX_SOIL_M = 0.43 m."""
    m, small = MeshBuilder(), MeshBuilder()
    body, steel, timber = stone("trough", OBJECT, (0.27, 0.26, 0.245)), iron((0.03, 0.031, 0.033)), wood("trough slats", OBJECT)
    for low, high in (((-0.62, -0.245, 0.05), (-0.57, 0.245, 0.47)), ((0.57, -0.245, 0.05), (0.62, 0.245, 0.47)), ((-0.57, -0.245, 0.05), (0.57, -0.2, 0.47)), ((-0.57, 0.2, 0.05), (0.57, 0.245, 0.47))):
        m.box(low, high, body)
    rng = np.random.default_rng(4)
    for z in np.linspace(0.095, 0.425, 5):
        for y in (-1, 1):
            with m.moved((rng.normal(0, 0.001), y * 0.2575, z)):
                m.box((-0.60, -0.011, -0.037), (0.60, 0.011, 0.037), timber)
        for x in (-1, 1):
            with m.moved((x * 0.6325, 0, z), (0, 0, 90)):
                m.box((-0.235, -0.011, -0.037), (0.235, 0.011, 0.037), timber)
    for x in (-1, 1):
        for y in (-1, 1):
            m.box((x * 0.592, y * 0.236, 0.0), (x * 0.648, y * 0.274, 0.49), steel)
    for y in (-1, 1):
        m.box((-0.65, y * 0.215, 0.47), (0.65, y * 0.276, 0.5), steel)
        m.box((y * 0.585, -0.2155, 0.4705), (y * 0.65, 0.2155, 0.4995), steel)
    x, y = np.meshgrid(np.linspace(-0.59, 0.59, 60), np.linspace(-0.22, 0.22, 24))
    small.sheet(np.dstack((x, y, BOX_SOIL_M + rng.normal(0, 0.006, x.shape))), soil())
    _, clods = _earth(0.5, 0.19, BOX_SOIL_M, 2, square=True)
    _fill(small, np.array([_bin_ring(s, BOX_SOIL_M, 0.9, 0.3, 72) for s in (0.9, 0.02)]), clods)
    return asset("box planter", [m.build("trough", bevel_m=0.005), small.build("trough earth")])


def news_box(*, colour: Colour = (0.03, 0.10, 0.32)) -> bpy.types.Collection:
    """A newspaper vending box, 0.46 x 0.42 x 1.25 m, on a pedestal; its window looks to -y."""
    m, small = MeshBuilder(), MeshBuilder()
    shell, steel = paint(f"news box {colour}", OBJECT, colour, roughness=0.4, grime=0.4, rust=0.15), metal("news steel", OBJECT)
    paper, black = ink("newsprint", OBJECT, (0.5, 0.48, 0.43), 0.8), ink("newsprint black", OBJECT, (0.03, 0.03, 0.03), 0.8)
    m.box((-0.19, -0.16, 0.0), (0.19, 0.16, 0.025), shell)
    m.box((-0.11, -0.09, 0.025), (0.11, 0.09, 0.42), shell)
    side = [(-0.19, 0.42), (0.21, 0.42), (0.21, 1.18), (0.15, 1.25), (0.02, 1.25), (-0.21, 1.02), (-0.21, 0.44)]
    for x in (-0.23, 0.212):
        m.prism(side, x, x + 0.018, shell, axis="x")
    m.box((-0.212, -0.19, 0.421), (0.212, 0.20, 0.44), shell)
    m.box((-0.212, 0.19, 0.44), (0.212, 0.205, 1.19), shell)
    m.prism([(0.02, 1.235), (0.15, 1.235), (0.205, 1.18), (0.21, 1.185), (0.152, 1.248), (0.018, 1.248)], -0.212, 0.212, shell, axis="x")
    m.prism([(-0.215, 1.015), (-0.195, 1.0), (0.03, 1.235), (0.018, 1.248)], -0.212, 0.212, shell, axis="x")
    for low, high in (((-0.212, -0.22, 0.44), (0.212, -0.195, 0.60)), ((-0.212, -0.22, 0.96), (0.212, -0.195, 1.02)), ((-0.212, -0.22, 0.60), (-0.165, -0.195, 0.96)), ((0.165, -0.22, 0.60), (0.212, -0.195, 0.96))):
        m.box(low, high, shell)
    with small.moved((0, -0.2, 0)):
        draw(small, [(-0.165, 0.6), (0.165, 0.6), (0.165, 0.96), (-0.165, 0.96)], clear_glass())
    small.box((-0.15, -0.14, 0.47), (0.15, -0.12, 0.94), paper)
    with small.moved((0, -0.14, 0)):
        write(small, "DAILY NEWS", (0, 0.875), 0.035, black, width_m=0.27, bold=0.02)
        for z in (0.855, 0.72, 0.6):
            stroke(small, [(-0.14, z), (0.14, z)], 0.003, black)
        draw(small, [(-0.13, 0.735), (0.03, 0.735), (0.03, 0.84), (-0.13, 0.84)], ink("news picture", OBJECT, (0.16, 0.13, 0.10), 0.8))
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


def hydrant(*, colour: Colour = (0.42, 0.035, 0.022)) -> bpy.types.Collection:
    """A fire hydrant, 0.78 m high."""
    m, red = MeshBuilder(), iron(colour)
    chain = metal("hydrant chain", OBJECT, (0.25, 0.24, 0.22), brushed=False)
    profile = [(0.165, 0), (0.165, 0.03), (0.155, 0.035), (0.12, 0.04), (0.105, 0.06), (0.10, 0.10), (0.10, 0.2), (0.135, 0.21), (0.135, 0.245), (0.10, 0.255), (0.098, 0.50), (0.108, 0.53), (0.135, 0.54), (0.135, 0.575), (0.12, 0.585), (0.118, 0.62), (0.105, 0.66), (0.08, 0.69), (0.045, 0.71), (0.04, 0.73), (0.028, 0.735), (0.026, 0.775), (0.002, 0.78)]
    m.lathe(profile, red, sides=40)
    for z, ring, count in ((0.03, 0.14, 8), (0.245, 0.118, 8), (0.575, 0.122, 8)):
        for a in np.linspace(0, 2 * np.pi, count, endpoint=False):
            with m.moved((ring * np.cos(a), ring * np.sin(a), z)):
                m.lathe([(0.012, 0), (0.012, 0.012), (0.007, 0.013), (0.007, 0.02), (0.001, 0.021)], red, sides=6)
    for turn, r in ((0, 0.05), (180, 0.05), (-90, 0.07)):
        with m.moved((0, 0, 0.42), (0, 0, turn)), m.moved((0.08, 0, 0), (0, 90, 0)):
            m.lathe([(r * 0.8, 0), (r * 0.8, 0.05), (r * 1.1, 0.055), (r * 1.1, 0.075), (r, 0.08), (r, 0.11), (r * 0.85, 0.122), (0.022, 0.125), (0.02, 0.15), (0.001, 0.152)], red, sides=24)
        with m.moved((0, 0, 0.42), (0, 0, turn)):
            t = np.linspace(0, 1, 12)
            m.tube(np.column_stack((0.19 - 0.08 * t, -0.03 - 0.05 * np.sin(np.pi * t), -r - 0.06 * np.sin(np.pi * t) + 0.0 * t)), 0.004, chain, sides=6)
    return asset("hydrant", [m.build("hydrant")])


def bollard() -> bpy.types.Collection:
    """A cast bollard, 1.0 m high, fluted, with a ball top."""
    m, black = MeshBuilder(), iron(label=Label.POLE)
    m.lathe([(0.15, 0), (0.15, 0.03), (0.14, 0.05), (0.115, 0.06), (0.11, 0.12), (0.12, 0.14), (0.12, 0.16), (0.10, 0.18)], black, sides=48)
    a = np.linspace(0, 2 * np.pi, 97)[:-1]
    flute = 1 - 0.09 * np.abs(np.sin(6 * a)) ** 0.7
    m.sheet(np.array([np.column_stack((r * flute * np.cos(a), r * flute * np.sin(a), np.full(96, z))) for r, z in ((0.1, 0.17), (0.085, 0.5), (0.075, 0.8))]), black, closed=True)
    m.lathe([(0.07, 0.79), (0.092, 0.80), (0.096, 0.82), (0.09, 0.84), (0.06, 0.85), (0.055, 0.865), (0.075, 0.885), (0.084, 0.92), (0.078, 0.955), (0.055, 0.985), (0.025, 0.998), (0.001, 1.0)], black, sides=40)
    return asset("bollard", [m.build("bollard")])


def _worn_iron() -> bpy.types.Material:
    return metal("worn cast iron", OBJECT, (0.16, 0.15, 0.14), roughness=0.5, brushed=False, grime=0.7)


def manhole() -> bpy.types.Collection:
    """A round cast-iron cover, 0.76 m wide with its frame, flush with the ground: its top lies at z = 0.004."""
    m, cast = MeshBuilder(), _worn_iron()
    m.lathe([(0.38, 0.0), (0.379, 0.0035), (0.335, 0.004), (0.334, 0.0008), (0.328, 0.0008), (0.327, 0.004), (0.30, 0.004), (0.299, 0.0015), (0.001, 0.0015)], cast, sides=72)
    for k, r in enumerate((0.055, 0.11, 0.165, 0.22, 0.272)):
        count = 6 * (k + 1)
        for j in range(count):
            half = 180 / count
            with m.moved(turn=(0, 0, 360 * j / count + half * (k % 2))):
                a = np.radians(np.linspace(-half * 0.68, half * 0.68, 7))
                outer, inner = (r + 0.016), (r - 0.016)
                outline = np.concatenate((np.column_stack((outer * np.cos(a), outer * np.sin(a))), np.column_stack((inner * np.cos(a), inner * np.sin(a)))[::-1]))
                m.prism(outline, 0.0012, 0.004, cast)
    m.prism(_circle(0.025, 24), 0.0012, 0.004, cast)
    return asset("manhole", [m.build("manhole", bevel_m=0.0012, bevel_segments=1)])


def drain() -> bpy.types.Collection:
    """A gutter grate, 0.66 m along x by 0.44 m, flush with the ground: its top lies at z = 0.004."""
    m, cast = MeshBuilder(), _worn_iron()
    m.box((-0.30, -0.19, 0.0), (0.30, 0.19, 0.0006), ink("drain pit", OBJECT, (0.004, 0.004, 0.004), 0.9))
    for y in (-0.205, 0.205):
        m.box((-0.33, y - 0.017, 0), (0.33, y + 0.017, 0.004), cast)
    for x in (-0.314, 0.314):
        m.box((x - 0.016, -0.188, 0), (x + 0.016, 0.188, 0.004), cast)
    for x in np.linspace(-0.274, 0.274, 15):
        with m.moved((x, 0, 0), (0, 0, 0)):
            m.prism(rounded(0.020, 0.374, 0.004), 0.0, 0.004, cast)
    m.box((-0.298, -0.012, 0.0), (0.298, 0.012, 0.0036), cast)
    return asset("drain", [m.build("drain", bevel_m=0.001, bevel_segments=1)])
