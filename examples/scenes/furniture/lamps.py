"""Street lamps; the signs and signals that stand beside them come along from `signals`."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np

from examples.scenes.furniture.banners import HEIGHT_M, POSTERS, WIDTH_M, banner
from examples.scenes.furniture.finishes import glow, ink, metal, paint, stone
from examples.scenes.furniture.finishes import iron as cast_iron
from examples.scenes.furniture.graphics import arrow, band, draw, rounded, write
from examples.scenes.kit.assets import asset, instance
from examples.scenes.kit.labels import Label
from examples.scenes.kit.mesh import MeshBuilder, Points

POLE = Label.POLE
TOP_M, FOOT_M = 9.0, 0.95
BANNER_GAP_M = 0.17  # from the pole's axis to the cloth


def pole_grey() -> bpy.types.Material:
    return paint("lamp grey", POLE, (0.30, 0.315, 0.30), roughness=0.38, grime=0.35, rust=0.05)


def _square_rings(rings: list[tuple[float, float, float]]) -> Points:
    """(half width, z, corner radius) from bottom to top: rounded squares stacked to a surface."""
    return np.array([np.column_stack((rounded(2 * w, 2 * w, r, corner_points=5), np.full(20, z))) for w, z, r in rings])


def _foot(m: MeshBuilder, small: MeshBuilder) -> None:
    """The cast foot: a flared square pedestal with mouldings, a hand-hole cover and anchor bolts on a grout pad."""
    iron = cast_iron(label=POLE)
    m.prism(rounded(0.66, 0.66, 0.02), 0.0, 0.025, stone("grout", Label.PAVEMENT, (0.25, 0.24, 0.22)))
    rings = [
        (0.275, 0.02, 0.03), (0.275, 0.075, 0.03), (0.262, 0.09, 0.03), (0.25, 0.10, 0.03), (0.232, 0.16, 0.03),
        (0.168, 0.82, 0.03), (0.186, 0.84, 0.03), (0.19, 0.875, 0.03), (0.18, 0.90, 0.04),
        (0.155, 0.925, 0.05), (0.14, 0.95, 0.07), (0.125, 0.955, 0.07), (0.098, 0.955, 0.07),
    ]  # fmt: skip
    m.sheet(_square_rings(rings), iron, closed=True)
    for quarter in range(4):
        with small.moved(turn=(0, 0, 90 * quarter)):
            for x in (-0.24, 0.24):
                with small.moved((x * 0.93, -0.295, 0.0)):
                    small.lathe(
                        [
                            (0.022, 0.02),
                            (0.022, 0.03),
                            (0.014, 0.03),
                            (0.014, 0.045),
                            (0.009, 0.046),
                            (0.009, 0.07),
                            (0.001, 0.072),
                        ],
                        iron,
                        sides=6,
                    )
            with small.moved((0, -0.203, 0.46), (-5.54, 0, 0)):  # a raised frame on each flank; a cover in front
                for grow, depth in ((0.0, 0.02), (0.05, 0.01)) if quarter == 0 else ((0.05, 0.01),):
                    small.prism(rounded(0.16 + grow, 0.34 + 2 * grow, 0.03), -depth, 0.03, iron, axis="y")
                if quarter == 0:
                    for z in (-0.14, 0.14):
                        small.prism(rounded(0.024, 0.024, 0.0119, (0, z)), -0.026, 0.0, iron, axis="y")


def _radius(z: float) -> float:
    return 0.102 - (0.102 - 0.064) * (z - FOOT_M) / (TOP_M - FOOT_M)


def _collar(m: MeshBuilder, z: float, height_m: float, extra_m: float, material: bpy.types.Material) -> None:
    """A clamp round the pole."""
    r = _radius(z)
    e, h = extra_m, height_m / 2
    with m.moved((0, 0, z)):
        m.lathe(
            [(r - 0.01, -h), (r + e * 0.7, -h), (r + e, -h * 0.7), (r + e, h * 0.7), (r + e * 0.7, h), (r - 0.01, h)],
            material,
            sides=32,
        )


def _arm(m: MeshBuilder) -> None:
    """Two arched tubes from the pole to the luminaire, with struts between them."""
    grey, t = pole_grey(), np.linspace(0, 1, 28)
    ease = np.sin(np.pi / 2 * t)
    upper = np.column_stack((-0.05 - 3.02 * t, np.zeros_like(t), 8.72 + 0.62 * ease))
    lower = np.column_stack((-0.05 - 3.02 * t, np.zeros_like(t), 7.62 + 1.66 * np.sin(np.pi / 2 * t**0.8)))
    for path, start, end in ((upper, 0.036, 0.026), (lower, 0.04, 0.026)):
        m.tube(path, np.linspace(start, end, len(t)), grey, sides=14)
    for k in (4, 9, 15):
        m.tube((upper[k], lower[k]), 0.016, grey)
        for joint in (upper[k], lower[k]):
            with m.moved(joint):
                m.lathe([(0.03, -0.05), (0.044, -0.045), (0.044, 0.045), (0.03, 0.05)], grey, sides=16)
    for a, b in ((4, 9), (9, 15)):
        m.tube((lower[a], upper[b]), 0.010, grey)
    spigot = np.array(((-3.0, 0, 9.30), (-3.12, 0, 9.325), (-3.3, 0, 9.34)))
    m.tube(spigot, (0.04, 0.042, 0.04), grey, sides=14)
    for z in (8.72, 7.64):
        _collar(m, z, 0.26, 0.02, grey)


def _luminaire(m: MeshBuilder) -> None:
    """A cobra head, 0.8 m long: a cast lid over a glass bowl in a frame, at the end of the arm."""
    cast = paint("luminaire", POLE, (0.33, 0.34, 0.33), roughness=0.4)
    along, around = np.linspace(0, 1, 19), np.linspace(0, 2 * np.pi, 25)[:-1]
    half = 0.045 + 0.125 * np.sin(np.pi * np.clip(along * 0.92 + 0.02, 0, 1)) ** 0.8 * (0.55 + 0.45 * along)
    half[0], half[-1] = 0.05, 0.05
    shell = []
    for x, w, s in zip(-3.2 - 0.78 * along, half, along, strict=True):
        up = 0.055 + 0.075 * np.sin(np.pi * min(1, s * 1.05 + 0.02))
        z = np.where(np.sin(around) > 0, up, 0.045) * np.sin(around)
        shell.append(np.column_stack((np.full(24, x), -w * np.cos(around), 9.345 + z)))
    m.sheet(np.array(shell), cast, closed=True)
    m.add(shell[-1], [tuple(range(24))], cast)
    dome = np.radians(np.linspace(-90, 0, 9))
    with m.moved((-3.69, 0, 9.315), scale=(0.235, 0.12, 0.1)):
        m.lathe(np.column_stack((np.cos(dome) + 0.001, np.sin(dome))), glow("lamp bowl", POLE, (1.0, 0.86, 0.62), 0.6))
        m.lathe([(1.0, -0.22), (1.1, -0.22), (1.12, 0.1), (1.0, 0.2)], cast)
    with m.moved((-3.42, 0, 9.46)):
        m.lathe(
            [(0.04, -0.02), (0.04, 0.02), (0.034, 0.06), (0.001, 0.065)],
            ink("photocell", POLE, (0.05, 0.06, 0.09), 0.3),
            sides=20,
        )


@cache
def _banner_rods(bottom_m: float, height_m: float) -> bpy.types.Mesh:
    """Banner rods left and right with clamps and knobs."""
    m = MeshBuilder()
    width = height_m * WIDTH_M / HEIGHT_M
    grey, knob = pole_grey(), paint("banner knob", POLE, (0.28, 0.045, 0.02), roughness=0.35)
    reach = BANNER_GAP_M + width + 0.07
    for z in (bottom_m - 0.005, bottom_m + height_m + 0.005):
        _collar(m, z, 0.12, 0.015, grey)
        m.tube(((-reach, 0, z), (reach, 0, z)), 0.014, grey)
        for side in (-1, 1):
            with m.moved((side * reach, 0, z), (0, 90 * side, 0)):
                m.lathe(
                    [(0.015, -0.01), (0.024, 0.0), (0.03, 0.018), (0.027, 0.036), (0.015, 0.048), (0.001, 0.052)],
                    knob,
                    sides=16,
                )
            with m.moved((side * (_radius(z) + 0.03), 0, z), (0, 90 * side, 0)):
                m.lathe([(0.034, -0.03), (0.034, 0.0), (0.024, 0.03), (0.015, 0.06)], grey, sides=16)
            for x in np.linspace(BANNER_GAP_M + 0.02, BANNER_GAP_M + width - 0.02, 7):  # hem loops
                with m.moved((side * x, 0, z), (0, 90, 0)):
                    m.lathe(
                        [(0.014, -0.022), (0.0185, -0.02), (0.0185, 0.02), (0.014, 0.022)],
                        ink("hem", POLE, (0.03, 0.03, 0.035), 0.8),
                        sides=12,
                    )
    return m.build("banner rods").data


def _parking_sign(m: MeshBuilder, z: float) -> None:
    """A white plate lettered in green, strapped to the pole's front."""
    white, green = ink("sign white", POLE, (0.68, 0.7, 0.67)), ink("sign green", POLE, (0.01, 0.17, 0.075))
    with m.moved((0, -_radius(z) - 0.035, z), (0, 0, -8)):
        m.prism(rounded(0.32, 0.5, 0.03), 0.0, 0.003, metal("sign back", POLE, (0.45, 0.46, 0.47), brushed=False), axis="y")
        draw(m, rounded(0.318, 0.498, 0.03), white)
        band(
            m,
            rounded(0.288, 0.468, 0.022),
            rounded(0.302, 0.482, 0.026),
            green,
            warp=lambda xz: np.column_stack((xz[:, 0], np.full(len(xz), -0.0015), xz[:, 1])),
        )
        draw(
            m,
            rounded(0.28, 0.12, 0.012, (0, 0.168)),
            green,
            warp=lambda xz: np.column_stack((xz[:, 0], np.full(len(xz), -0.0015), xz[:, 1])),
        )
        with m.moved((0, -0.0012, 0)):
            write(m, "2 HR", (0.0, 0.132), 0.075, white, width_m=0.24)
            for text, height, base in (
                ("PARKING", 0.045, 0.035),
                ("8AM TO 6PM", 0.035, -0.025),
                ("EXCEPT SUNDAY", 0.028, -0.075),
            ):
                write(m, text, (0.0, base), height, green, width_m=0.25)
            arrow(m, (0.0, -0.16), 0.2, green, right=False)
    for dz in (-0.16, 0.16):
        _collar(m, z + dz, 0.03, 0.004, metal("strap", POLE, brushed=False))
        m.box(
            (-0.03, -_radius(z) - 0.026, z + dz - 0.015),
            (0.03, -_radius(z) + 0.01, z + dz + 0.015),
            metal("strap", POLE, brushed=False),
        )


@cache
def _lamp() -> bpy.types.Collection:
    """The lamp without its banners."""
    m, small = MeshBuilder(), MeshBuilder()
    grey = pole_grey()
    _foot(m, small)
    small.lathe([(_radius(z), z) for z in np.linspace(FOOT_M - 0.02, TOP_M, 12)], grey, sides=48)
    _collar(m, FOOT_M + 0.03, 0.09, 0.02, grey)
    cap = [(0.07, -0.02), (0.085, -0.02), (0.085, 0.03), (0.06, 0.06), (0.035, 0.09)]
    finial = [(0.05, 0.12), (0.055, 0.15), (0.04, 0.19), (0.012, 0.23), (0.002, 0.30)]
    with m.moved((0, 0, TOP_M)):
        m.lathe(cap + finial, grey)
    _arm(small)
    _luminaire(small)
    _parking_sign(small, 2.6)
    return asset("lamp", [m.build("lamp", bevel_m=0.006), small.build("lamp parts")])


def street_lamp(
    *, banners: bool = True, seed: int = 0, banner_bottom_m: float = 4.0, banner_height_m: float = HEIGHT_M
) -> bpy.types.Collection:
    """A city lamp, 9.4 m high, its arm reaching 4 m to -x.

    Args:
        banners: two of them, left and right of the pole.
        seed: 0 shows the two museum posters, others a random pair.
        banner_bottom_m: above the ground.
        banner_height_m: the width follows (3 : 8).
    """
    parts = [instance(_lamp())]
    if banners:
        parts.append(bpy.data.objects.new("banner rods", _banner_rods(banner_bottom_m, banner_height_m)))
        scale = banner_height_m / HEIGHT_M
        pair = (0, 1) if seed == 0 else np.random.default_rng(seed).choice(len(POSTERS), 2, replace=False)
        for k, (index, x) in enumerate(zip(pair, (-BANNER_GAP_M - scale * WIDTH_M, BANNER_GAP_M), strict=True)):
            cloth = banner(int(index), seed=2 * seed + k)
            cloth.location, cloth.scale = (x, 0, banner_bottom_m), (scale, 1, scale)
            parts.append(cloth)
    return asset("street lamp", parts)
