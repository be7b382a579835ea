"""Windows for any building: sash and casement windows, shop windows and doors.

Each stands in its opening: x from -width / 2 to width / 2, z from 0 (the sill) to its height, the outer face of the frame
at y = 0, the rest behind. Put it 0.1 .. 0.25 m behind the face of the wall. `variant` picks what hangs behind the panes
(`random_variant` draws one as often as it is seen in a street); equal arguments give the same collection, so that
thousands of windows share a few meshes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import bpy
import numpy as np

from examples.scenes.buildings.shop_display import display
from examples.scenes.kit.assets import asset
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import Colour, Nodes, Socket, clear_glass, new_material, plain
from examples.scenes.kit.mesh import MeshBuilder

WHITE_PAINT: Colour = (0.62, 0.6, 0.54)
DARK_PAINT: Colour = (0.035, 0.04, 0.04)


@dataclass(frozen=True)
class Look:
    """What one sees in a window; lengths are shares of its width and height."""

    often: float  # weight among the variants
    behind: str = "dark"  # the pane where nothing hangs: dark or lit
    blind: float = 0.0  # lowered from the top by this
    curtain: float = 0.0  # drawn in from each side by this
    cover: str = "roller"  # the kind of blind: roller or slats
    opened: float = 0.0  # the lower sash is pushed up by this share of its height
    cooler: bool = False  # an air conditioner stands in the lower sash


LOOKS = (
    Look(6),
    Look(4, blind=0.28),
    Look(4, blind=0.52, cover="slats"),
    Look(3, curtain=0.22),
    Look(3, blind=0.4, curtain=0.14),
    Look(2, blind=1.0, cover="slats"),
    Look(1.5, blind=0.12, opened=0.45),
    Look(1.5, blind=0.2, cooler=True),
    Look(0.8, behind="lit", curtain=0.2),
    Look(1.5, blind=0.72),
)


def random_variant(rng: np.random.Generator) -> int:
    """A number for `variant`: plain dark windows are frequent, lit ones rare."""
    often = np.array([look.often for look in LOOKS])
    return int(rng.choice(len(LOOKS), p=often / often.sum()))


@cache
def sash_window(
    width_m: float = 1.1, height_m: float = 1.9, variant: int = 0, colour: Colour = WHITE_PAINT, bars: int = 0
) -> bpy.types.Collection:
    """Two sashes one above the other, the lower one behind; `bars` upright glazing bars in each."""
    look = LOOKS[variant % len(LOOKS)]
    paint = frame_paint(colour)
    frame, half, middle = 0.055, width_m / 2, height_m * 0.5
    m, panes = MeshBuilder(), MeshBuilder()
    _frame(m, (-half, 0), (half, height_m), (0.0, 0.13), frame, paint)
    lift = look.opened * middle
    inner = half - frame
    sashes = ((middle - 0.02, height_m - frame, 0.025), (frame + lift, middle + 0.02 + lift, 0.068))
    for low, high, y in sashes:
        _frame(m, (-inner, low), (inner, high), (y, y + 0.04), 0.045, paint)
        for x in np.linspace(-inner, inner, bars + 2)[1:-1]:
            m.box((x - 0.011, y + 0.004, low + 0.04), (x + 0.011, y + 0.03, high - 0.04), paint)
        _glaze(panes, (-inner + 0.04, low + 0.04), (inner - 0.04, high - 0.04), y + 0.02, look, width_m, height_m)
    m.box((-half, 0.125, 0), (half, 0.13, height_m), pane("dark"))  # the room, where a sash is open
    if look.cooler:
        _cooler(m, frame)
    return asset("sash window", [m.build("sash window", bevel_m=0.004, bevel_segments=1), panes.build("panes")])


@cache
def casement_window(
    width_m: float = 1.2, height_m: float = 1.8, variant: int = 0, colour: Colour = WHITE_PAINT, transom: float = 0.72
) -> bpy.types.Collection:
    """Two leaves side by side below a fixed light (transom: its share of the height; 1 for none)."""
    look = LOOKS[variant % len(LOOKS)]
    paint = frame_paint(colour)
    frame, half, bar = 0.06, width_m / 2, height_m * transom
    m, panes = MeshBuilder(), MeshBuilder()
    _frame(m, (-half, 0), (half, height_m), (0.0, 0.12), frame, paint)
    lights = [(-half + frame, frame, -0.004, bar - 0.02), (0.004, frame, half - frame, bar - 0.02)]
    if transom < 1:
        m.box((-half + frame, -0.01, bar - 0.025), (half - frame, 0.1, bar + 0.035), paint)
        lights += [(-half + frame, bar + 0.03, 0.0, height_m - frame), (0.0, bar + 0.03, half - frame, height_m - frame)]
    else:
        lights = [(x0, z0, x1, height_m - frame) for x0, z0, x1, _ in lights]
    for x0, z0, x1, z1 in lights:
        _frame(m, (x0, z0), (x1, z1), (0.015, 0.06), 0.048, paint)
        _glaze(panes, (x0 + 0.045, z0 + 0.045), (x1 - 0.045, z1 - 0.045), 0.04, look, width_m, height_m)
    m.box((-half, 0.11, 0), (half, 0.12, height_m), pane("dark"))
    return asset("casement window", [m.build("casement window", bevel_m=0.004, bevel_segments=1), panes.build("panes")])


@cache
def shop_window(
    width_m: float = 3.2, height_m: float = 2.9, seed: int = 0, colour: Colour = DARK_PAINT, riser_m: float = 0.45
) -> bpy.types.Collection:
    """A pane to see through in a painted frame above a stall riser, before a lit display 1.5 m deep."""
    rng = np.random.default_rng(seed)
    paint = plain("shop paint", Label.BUILDING, colour, 0.35, wear=0.2)
    half, top = width_m / 2, height_m * 0.82
    m = MeshBuilder()
    _frame(m, (-half, riser_m), (half, height_m), (0.0, 0.12), 0.07, paint)
    m.box((-half, 0.0, 0), (half, 0.12, riser_m), paint)
    m.box((-half, -0.05, riser_m - 0.03), (half, 0.13, riser_m + 0.02), paint)
    panels = max(1, round(width_m / 1.1))
    for k in range(panels):
        x0, x1 = (-half + width_m * share / panels for share in (k, k + 1))
        _frame(m, (x0 + 0.06, 0.06), (x1 - 0.06, riser_m - 0.07), (-0.018, 0.01), 0.05, paint)
    m.box((-half, -0.005, top - 0.03), (half, 0.1, top + 0.03), paint)
    for x in np.linspace(-half, half, panels + 1)[1:-1]:
        m.box((x - 0.022, 0.01, top), (x + 0.022, 0.09, height_m - 0.05), paint)
    if width_m > 2.6:
        m.box((-0.025, 0.0, riser_m), (0.025, 0.1, top), paint)
    glass = MeshBuilder()
    _pane(glass, (-half + 0.06, riser_m), (half - 0.06, height_m - 0.06), 0.05, clear_glass())
    room = MeshBuilder()
    display(room, half, riser_m, height_m, rng)
    parts = [
        m.build("shop window", bevel_m=0.006),
        room.build("display", bevel_m=0.006, bevel_segments=1),
        glass.build("glass"),
    ]
    return asset("shop window", parts)


@cache
def door(
    width_m: float = 1.1,
    height_m: float = 2.9,
    colour: Colour = (0.05, 0.022, 0.012),
    leaves: int = 1,
    *,
    glazed: bool = False,
) -> bpy.types.Collection:
    """A panelled door below a fanlight; glazed: its upper panels are glass."""
    paint = plain("door paint", Label.BUILDING, colour, 0.35, wear=0.25)
    brass = plain("brass", Label.BUILDING, (0.6, 0.42, 0.16), 0.3, 1.0)
    half, leaf_top = width_m / 2, min(2.25, height_m - 0.05) if height_m < 3.4 else height_m * 0.72
    m, panes = MeshBuilder(), MeshBuilder()
    _frame(m, (-half, 0), (half, height_m), (0.0, 0.16), 0.07, paint)
    m.box((-half + 0.07, 0.0, leaf_top), (half - 0.07, 0.14, leaf_top + 0.07), paint)
    _pane(panes, (-half + 0.07, leaf_top + 0.07), (half - 0.07, height_m - 0.07), 0.08, pane("dark"))
    edges = np.linspace(-half + 0.07, half - 0.07, leaves + 1)
    for side, (x0, x1) in enumerate(pairwise(edges)):
        m.box((x0 + 0.003, 0.08, 0.01), (x1 - 0.003, 0.12, leaf_top - 0.003), paint)
        levels = ((0.02, 0.32), (0.32, 0.42), (0.42, 0.995))
        for k, (low, high) in enumerate(levels):
            z0, z1 = low * leaf_top, high * leaf_top
            _frame(m, (x0 + 0.003, z0), (x1 - 0.003, z1), (0.05, 0.09), 0.1, paint)
            if glazed and k == 2:
                _pane(panes, (x0 + 0.1, z0 + 0.1), (x1 - 0.1, z1 - 0.1), 0.075, pane("dark"))
            else:
                m.box((x0 + 0.16, 0.062, z0 + 0.145), (x1 - 0.16, 0.09, z1 - 0.145), paint)
        x = x1 - 0.06 if side == 0 else x0 + 0.06
        m.box((x - 0.02, 0.04, 0.95), (x + 0.02, 0.06, 1.2), brass)
        m.tube([(x, 0.06, 1.02), (x, 0.0, 1.02)], 0.022, brass, sides=8)
    m.box((-half - 0.05, -0.3, -0.15), (half + 0.05, 0.1, 0.01), plain("door step", Label.BUILDING, (0.3, 0.28, 0.25), 0.8))
    return asset("door", [m.build("door", bevel_m=0.006), panes.build("panes")])


def frame_paint(colour: Colour = DARK_PAINT) -> bpy.types.Material:
    """Gloss paint on wood."""
    return plain("window paint", Label.BUILDING, colour, 0.45, wear=0.12)


@cache
def pane(kind: str) -> bpy.types.Material:
    """A pane and what is close behind it in one surface: dark, lit, roller, slats or curtain. Mirrors like two glass faces."""
    material, n = new_material(f"pane {kind}", Label.GLASS)
    x, _, z = n.new("SeparateXYZ", Vector=n.position).outputs
    waves = n.bump(n.noise(1.3, detail=1, at=n.world_position), 0.006)
    glow: Socket | float = 0.0
    if kind == "dark":
        depth = n.math("POWER", n.random, 2.0)
        gloom = n.level(n.noise(0.8, detail=2, at=n.world_position), 0.35, 0.65, 0.3, 1.0)
        base = n.mix(n.math("MULTIPLY", depth, gloom), (0.006, 0.007, 0.008), (0.06, 0.058, 0.052))
    elif kind == "lit":
        base, glow = n.ramp(n.level(z, 0.2, 2.2), [(0, (0.12, 0.07, 0.035)), (1, (0.75, 0.5, 0.26))]), 0.7
    else:
        base = _cloth(n, kind, x, z)
    dirt = n.level(n.noise(1.7, detail=6, at=n.world_position), 0.4, 0.75, 0.015, 0.09)
    shader = n.surface(
        Base_Color=base, Roughness=dirt, Coat_Weight=1.0, Coat_Roughness=0.02, Normal=waves, Coat_Normal=waves,
        Emission_Color=base, Emission_Strength=glow,
    )  # fmt: skip
    n.finish(shader)
    material.cycles.emission_sampling = "NONE"
    return material


def _cloth(n: Nodes, kind: str, x: Socket, z: Socket) -> Socket:
    """The colour of a blind or curtain in the shade behind a pane; it differs from window to window."""
    tint = n.ramp(n.random, [(0, (0.3, 0.28, 0.23)), (0.5, (0.4, 0.36, 0.27)), (1, (0.22, 0.21, 0.2))])
    if kind == "slats":
        shade = n.level(n.math("SINE", n.math("MULTIPLY", z, 2 * np.pi / 0.06)), -1, 1, 0.45, 1.0)
    elif kind == "curtain":
        folds = n.math("ADD", n.math("MULTIPLY", x, 55.0), n.math("MULTIPLY", n.noise(2.0), 9.0))
        shade = n.level(n.math("SINE", folds), -1, 1, 0.35, 1.0)
    else:
        shade = n.level(n.noise(3.0), 0.3, 0.7, 0.85, 1.0)
    return n.mix(1.0, tint, n.new("CombineColor", Red=shade, Green=shade, Blue=shade).outputs[0], "MULTIPLY")


def _frame(
    m: MeshBuilder,
    low: tuple[float, float],
    high: tuple[float, float],
    depth: tuple[float, float],
    bar: float,
    material: bpy.types.Material,
) -> None:
    """Four bars around the rectangle between (x, z) corners."""
    (x0, z0), (x1, z1), (y0, y1) = low, high, depth
    m.box((x0, y0, z0), (x0 + bar, y1, z1), material)
    m.box((x1 - bar, y0, z0), (x1, y1, z1), material)
    m.box((x0 + bar, y0, z0), (x1 - bar, y1, z0 + bar), material)
    m.box((x0 + bar, y0, z1 - bar), (x1 - bar, y1, z1), material)


def _pane(m: MeshBuilder, low: tuple[float, float], high: tuple[float, float], y: float, material: bpy.types.Material) -> None:
    """One sheet facing -y."""
    (x0, z0), (x1, z1) = low, high
    m.add([(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)], [(0, 1, 2, 3)], material)


def _glaze(
    m: MeshBuilder, low: tuple[float, float], high: tuple[float, float], y: float, look: Look, width_m: float, height_m: float
) -> None:
    """A pane, cut where a blind or a curtain begins."""
    gap, hem = (0.5 - look.curtain) * width_m, (1 - look.blind) * height_m
    columns = np.unique(np.clip([low[0], -gap, gap, high[0]], low[0], high[0]))
    rows = np.unique(np.clip([low[1], hem, high[1]], low[1], high[1]))
    for x0, x1 in pairwise(columns):
        for z0, z1 in pairwise(rows):
            kind = look.cover if z0 + z1 > 2 * hem else "curtain" if abs(x0 + x1) > 2 * gap else look.behind
            _pane(m, (x0, z0), (x1, z1), y, pane(kind))


def _cooler(m: MeshBuilder, sill_m: float) -> None:
    """A window air conditioner that stands out over the sill."""
    shell = plain("cooler shell", Label.BUILDING, (0.5, 0.49, 0.45), 0.5, wear=0.3)
    dark = plain("cooler grille", Label.BUILDING, (0.06, 0.06, 0.06), 0.6)
    m.box((-0.28, -0.3, sill_m), (0.28, 0.1, sill_m + 0.38), shell)
    m.box((-0.25, -0.304, sill_m + 0.03), (0.25, -0.2, sill_m + 0.35), dark)
    for z in np.linspace(sill_m + 0.05, sill_m + 0.33, 9):
        m.box((-0.25, -0.315, z), (0.25, -0.3, z + 0.012), shell)
