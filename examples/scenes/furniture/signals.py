"""Traffic lights, signs on posts and parking meters. Their faces look towards the viewer (-y)."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes.furniture.finishes import glow, ink, metal, paint
from examples.scenes.furniture.graphics import arrow, band, draw, flat, oval, rounded, write
from examples.scenes.kit.assets import asset
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import clear_glass
from examples.scenes.kit.mesh import MeshBuilder, arc

POLE = Label.POLE
LIGHTS = {"red": (0.9, 0.03, 0.02), "amber": (0.9, 0.4, 0.02), "green": (0.03, 0.8, 0.4)}


def _zinc() -> bpy.types.Material:
    return metal("galvanised steel", POLE, (0.42, 0.43, 0.44), roughness=0.45, brushed=False)


def _housing() -> bpy.types.Material:
    return paint("signal housing", POLE, (0.03, 0.032, 0.03), roughness=0.5, grime=0.35, rust=0.0)


def _visor(m: MeshBuilder, radius: float, depth: float) -> None:
    """A tunnel hood over a lens at the origin, open below, its lip cut back."""
    angles = np.radians(np.linspace(-50, 230, 29))
    for r, side in ((radius, 1), (radius - 0.004, -1)):
        lip = -depth * (0.45 + 0.55 * np.clip(np.sin(angles) * 0.5 + 0.5, 0, 1))
        back = np.column_stack((r * np.cos(angles), np.zeros_like(angles), r * np.sin(angles)))
        front = np.column_stack((r * np.cos(angles), lip, r * np.sin(angles)))
        m.sheet(np.array((back, front) if side > 0 else (front, back)), _housing())


def _signal_head(m: MeshBuilder, small: MeshBuilder, lit: str) -> None:
    """Three lamps on a backboard; 1.1 m high, hung from its top at the origin."""
    m.prism(rounded(0.62, 1.30, 0.08, (0, -0.57)), 0.03, 0.036, _housing(), axis="y")
    yellow = ink("signal border", POLE, (0.6, 0.36, 0.02))
    with small.moved((0, 0.029, 0)):
        band(small, rounded(0.54, 1.22, 0.05, (0, -0.57)), rounded(0.61, 1.29, 0.075, (0, -0.57)), yellow)
    for k, (name, colour) in enumerate(LIGHTS.items()):
        z = -0.19 - 0.38 * k
        m.prism(rounded(0.36, 0.365, 0.05, (0, z)), -0.10, 0.14, _housing(), axis="y")
        with small.moved((0, -0.102, z)):
            _visor(small, 0.158, 0.26)
            dark = tuple(0.12 * c + 0.01 for c in colour)
            shine = glow(
                f"signal {name} {name == lit}", POLE, colour, 2.2 if name == lit else 0.0, colour if name == lit else dark
            )
            with small.moved(turn=(90, 0, 0)):
                small.lathe([(0.15, 0.0), (0.12, 0.018), (0.07, 0.03), (0.002, 0.034)], shine)
    with m.moved((0, 0.02, 0)):
        m.lathe([(0.03, -0.03), (0.045, 0.0), (0.03, 0.06), (0.024, 0.10)], _housing(), sides=16)


def _walk_signal(m: MeshBuilder, small: MeshBuilder) -> None:
    """A pedestrian signal that shows a hand-orange man, in a hooded box around the origin."""
    m.prism(rounded(0.4, 0.4, 0.04), -0.09, 0.09, _housing(), axis="y")
    amber = glow("walk signal", POLE, (0.9, 0.25, 0.02), 4.0, (0.6, 0.2, 0.02))
    with small.moved((0, -0.091, 0)):
        draw(small, rounded(0.33, 0.33, 0.03), ink("walk pane", POLE, (0.008, 0.008, 0.009), 0.15))
        draw(small, oval((0.01, 0.11), 0.026), amber, warp=flat(0.002))
        for outline in (
            [(-0.035, 0.07), (-0.03, -0.02), (0.03, -0.02), (0.045, 0.07), (0.03, 0.08), (-0.02, 0.08)],
            [(-0.03, -0.02), (-0.06, -0.13), (-0.035, -0.135), (0.0, -0.03), (0.0, -0.02)],
            [(0.0, -0.02), (0.005, -0.03), (0.045, -0.13), (0.07, -0.12), (0.03, -0.02)],
            [(-0.035, 0.075), (-0.075, 0.0), (-0.06, -0.005), (-0.03, 0.04)],
            [(0.04, 0.075), (0.035, 0.045), (0.07, -0.005), (0.085, 0.005)],
        ):
            draw(small, outline, amber, warp=flat(0.002))
    for x in (-0.18, 0.18):
        m.box((x - 0.006, -0.2, -0.1), (x + 0.006, -0.08, 0.19), _housing())
    m.box((-0.186, -0.2, 0.178), (0.186, -0.08, 0.19), _housing())


def traffic_light(*, lit: str = "red") -> bpy.types.Collection:
    """A mast 6.3 m high whose arm holds a signal head 5 m to -x at 5 m above the road; a second head on the mast."""
    m, small, zinc = MeshBuilder(), MeshBuilder(), _zinc()
    m.prism(rounded(0.46, 0.46, 0.03), 0.0, 0.03, zinc)
    small.lathe(
        [
            (0.15, 0.03),
            (0.14, 0.05),
            (0.125, 0.08),
            (0.122, 1.0),
            (0.095, 6.2),
            (0.11, 6.2),
            (0.11, 6.24),
            (0.08, 6.28),
            (0.002, 6.3),
        ],
        zinc,
        sides=40,
    )
    for x, y in ((-0.18, -0.18), (0.18, -0.18), (0.18, 0.18), (-0.18, 0.18)):
        with small.moved((x, y, 0.03)):
            small.lathe([(0.03, 0), (0.03, 0.03), (0.016, 0.03), (0.016, 0.08), (0.001, 0.082)], zinc, sides=6)
    t = np.linspace(0, 1, 22)
    arm = np.column_stack((-0.05 - 5.2 * t, 0 * t, 5.55 + 0.75 * np.sin(np.pi / 2 * t)))
    small.tube(arm, np.linspace(0.085, 0.04, 22), zinc, sides=20)
    with small.moved((0, 0, 5.55)):
        small.lathe([(0.1, -0.2), (0.125, -0.19), (0.125, 0.19), (0.1, 0.2)], zinc)
    with m.moved((-5.0, -0.06, 6.22)), small.moved((-5.0, -0.06, 6.22)):
        _signal_head(m, small, lit)
    with m.moved((0.0, -0.32, 4.1)), small.moved((0.0, -0.32, 4.1)):
        _signal_head(m, small, lit)
    for z in (3.9, 3.15):
        small.tube(((0, -0.1, z), (0, -0.2, z)), 0.025, _housing())
    with m.moved((0.0, -0.26, 2.5)), small.moved((0.0, -0.26, 2.5)):
        _walk_signal(m, small)
    for z in (2.62, 2.38):
        small.tube(((0, -0.1, z), (0, -0.18, z)), 0.02, _housing())
    with m.moved((0, -0.135, 1.12)), small.moved((0, -0.172, 1.12)):  # push button with its notice
        m.prism(rounded(0.12, 0.3, 0.03), -0.036, 0.036, paint("button box", POLE, (0.5, 0.32, 0.02), roughness=0.5), axis="y")
        with small.moved((0, 0, -0.07), (90, 0, 0)):
            small.lathe(
                [(0.045, -0.005), (0.045, 0.01), (0.03, 0.012), (0.028, 0.024), (0.001, 0.026)],
                metal("button", POLE, brushed=True),
                sides=24,
            )
        draw(small, rounded(0.09, 0.1, 0.01, (0, 0.07)), ink("sign white", POLE, (0.68, 0.7, 0.67)))
        write(small, "PUSH", (0, 0.075), 0.02, ink("sign ink", POLE, (0.015, 0.015, 0.017)), width_m=0.07)
        arrow(small, (0, 0.045), 0.06, ink("sign ink", POLE, (0.015, 0.015, 0.017)), right=True)
    return asset("traffic light", [m.build("signals", bevel_m=0.008), small.build("signal parts")])


def _plate(m: MeshBuilder, width: float, height: float, radius: float = 0.03, colour: str = "white") -> None:
    """A sheet of aluminium around the origin, its face printed white (or green), with two bolts."""
    colours = {"white": (0.68, 0.7, 0.67), "green": (0.008, 0.13, 0.06)}
    m.prism(rounded(width, height, radius), 0.0, 0.003, _zinc(), axis="y")
    draw(m, rounded(width - 0.002, height - 0.002, radius), ink(f"sign {colour}", POLE, colours[colour]))


def _post(m: MeshBuilder, height: float) -> None:
    """A galvanised tube, 60 mm thick, with a cap and a flange."""
    m.lathe(
        [
            (0.07, 0.0),
            (0.07, 0.012),
            (0.04, 0.016),
            (0.03, 0.03),
            (0.03, height),
            (0.032, height),
            (0.026, height + 0.012),
            (0.001, height + 0.018),
        ],
        _zinc(),
        sides=24,
    )
    for a in np.radians((45, 135, 225, 315)):
        with m.moved((0.055 * np.cos(a), 0.055 * np.sin(a), 0.012)):
            m.lathe([(0.009, 0), (0.009, 0.008), (0.001, 0.009)], _zinc(), sides=6)


def _clip(m: MeshBuilder, heights: tuple[float, ...]) -> None:
    """Brackets between post and plate, and the bolt heads on the face."""
    for z in heights:
        m.box((-0.025, -0.045, z - 0.015), (0.025, -0.02, z + 0.015), _zinc())
        with m.moved((0, -0.049, z), (90, 0, 0)):
            m.lathe([(0.011, 0), (0.011, 0.005), (0.006, 0.008), (0.001, 0.009)], _zinc(), sides=12)


def _no_parking(m: MeshBuilder) -> None:
    red, black = ink("sign red", POLE, (0.5, 0.012, 0.015)), ink("sign ink", POLE, (0.015, 0.015, 0.017))
    with m.moved((0, -0.049, 2.35)):
        _plate(m, 0.34, 0.52)
        write(m, "P", (0.0, 0.005), 0.16, black, bold=0.03)
        with m.moved((0, -0.002, 0)):
            band(m, oval((0, 0.085), 0.105), oval((0, 0.085), 0.13), red)
            s = 0.078
            draw(
                m,
                np.array([(-s - 0.01, s - 0.01), (s - 0.01, -s - 0.01), (s + 0.01, -s + 0.01), (-s + 0.01, s + 0.01)])
                + np.array((0, 0.085)),
                red,
                warp=flat(0.0018),
            )
        write(m, "NO PARKING", (0, -0.115), 0.042, red, width_m=0.28)
        write(m, "ANY TIME", (0, -0.168), 0.036, red, width_m=0.26)
        arrow(m, (0, -0.215), 0.2, red, right=True)
        band(m, rounded(0.312, 0.492, 0.022), rounded(0.322, 0.502, 0.026), red)
    _post(m, 2.75)
    _clip(m, (2.2, 2.56))


def _street_name(m: MeshBuilder, rng: np.random.Generator) -> None:
    names = ["OLIVE ST", "GRAND AVE", "MARKET ST", "5TH AVE", "HARBOR BLVD", "UNION SQ", "PINE ST", "MISSION ST"]
    white = ink("sign white", POLE, (0.68, 0.7, 0.67))
    for name, turn, z in zip(rng.choice(names, 2, replace=False), (0, 90), (3.02, 3.27), strict=True):
        for side in (0, 180):
            with m.moved((0, 0, z), (0, 0, turn + side)), m.moved((0, -0.002, 0)):
                draw(m, rounded(0.95, 0.22, 0.03), ink("sign green", POLE, (0.008, 0.13, 0.06)))
                band(m, rounded(0.915, 0.185, 0.02), rounded(0.93, 0.2, 0.024), white, warp=flat(0.0014))
                write(m, str(name), (0, -0.05), 0.1, white, width_m=0.84)
        with m.moved((0, 0, z), (0, 0, turn)):
            m.prism(rounded(0.952, 0.222, 0.03), -0.002, 0.002, _zinc(), axis="y")
            m.box((-0.03, -0.012, -0.14), (0.03, 0.012, -0.10), _zinc())
    _post(m, 2.88)


def _stop(m: MeshBuilder) -> None:
    red, white = ink("sign red", POLE, (0.5, 0.012, 0.015)), ink("sign white", POLE, (0.68, 0.7, 0.67))
    corners = np.radians(np.arange(22.5, 360, 45))
    octagon = np.column_stack((np.cos(corners), np.sin(corners))) / np.cos(np.radians(22.5))
    with m.moved((0, -0.049, 2.45)):
        m.prism(0.375 * octagon, 0.0, 0.003, _zinc(), axis="y")
        draw(m, 0.374 * octagon, red)
        band(m, 0.345 * octagon, 0.366 * octagon, white, warp=flat(0.0014))
        write(m, "STOP", (0, -0.125), 0.25, white, width_m=0.6, bold=0.022)
    _post(m, 2.9)
    _clip(m, (2.2, 2.7))


def street_sign(kind: str = "no_parking", *, seed: int = 0) -> bpy.types.Collection:
    """A sign on a thin post, 2.8 to 3.4 m high: "no_parking", "street_name" (two crossed blades) or "stop"."""
    m = MeshBuilder()
    if kind == "street_name":
        _street_name(m, np.random.default_rng(seed))
    else:
        {"no_parking": _no_parking, "stop": _stop}[kind](m)
    return asset(f"sign {kind}", [m.build(f"sign {kind}")])


def parking_meter() -> bpy.types.Collection:
    """A single-space meter, 1.5 m high."""
    m, small = MeshBuilder(), MeshBuilder()
    body = paint("meter", POLE, (0.07, 0.08, 0.085), roughness=0.4)
    small.lathe(
        [(0.09, 0.0), (0.09, 0.015), (0.05, 0.03), (0.032, 0.06), (0.03, 1.08), (0.042, 1.09), (0.05, 1.13), (0.06, 1.15)],
        _zinc(),
        sides=24,
    )
    profile = [(-0.075, 1.14), (0.075, 1.14), (0.085, 1.2), (0.088, 1.38)]
    dome = arc(0.088, 0, 180, 15, (0.0, 1.40))
    m.prism(np.concatenate((profile, dome, [(-0.088, 1.38), (-0.085, 1.2)])), -0.06, 0.06, body, axis="y")
    m.prism(rounded(0.12, 0.14, 0.012, (0, 1.23)), -0.066, -0.05, metal("meter door", POLE), axis="y")
    with small.moved((0, -0.0605, 0)):
        draw(small, arc(0.072, 0, 180, 17, (0.0, 1.385)), ink("meter dial", POLE, (0.5, 0.5, 0.46)))
        write(small, "0:45", (0, 1.40), 0.025, ink("sign ink", POLE, (0.015, 0.015, 0.017)))
        draw(small, rounded(0.13, 0.03, 0.005, (0, 1.35)), ink("meter label", POLE, (0.03, 0.12, 0.35)))
    with small.moved((0, -0.066, 0)):
        draw(small, rounded(0.006, 0.04, 0.002, (0.025, 1.25)), ink("sign ink", POLE, (0.015, 0.015, 0.017)))
    with small.moved((-0.02, -0.066, 1.22), (90, 0, 0)):
        small.lathe([(0.022, 0), (0.02, 0.015), (0.001, 0.016)], metal("button", POLE, brushed=True), sides=20)
    with small.moved((0, -0.066, 0)):
        draw(small, arc(0.078, 0, 180, 17, (0.0, 1.385)), clear_glass())
    return asset("parking meter", [m.build("meter head", bevel_m=0.008), small.build("meter post")])
