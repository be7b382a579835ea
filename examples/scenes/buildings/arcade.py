"""A long building over an arcade of sandstone, with brick storeys set back above it."""

from __future__ import annotations

import itertools
from functools import cache

import bpy
import numpy as np

from examples.scenes.buildings import masonry, rooftop, stonework, windows
from examples.scenes.buildings.bays import Plan, clad, moulding_around, solid
from examples.scenes.buildings.brick_bays import paired_bay
from examples.scenes.kit.assets import asset, instance
from examples.scenes.kit.mesh import MeshBuilder, arc

BAY_M = 5.175  # 23 bricks
STOREY_M = 3.6  # 48 courses
SET_BACK_M = 0.8
TERRACE_M = 7.75  # height of the arcade without its balustrade
COURT_M = 2 * BAY_M  # depth of the courts between the wings
DEPTH_M = COURT_M + BAY_M
RADIUS, OUTER, SPRING = 1.38, 1.85, 3.75  # of the arches
PIER = 0.36  # half a pilaster
KINDS = ("door", "grille", "window", "grille", "shop")


def arcade(bays: int = 12, storeys: int = 7, seed: int = 0) -> bpy.types.Collection:
    """A sandstone floor of 7.75 m (8.7 m with its balustrade) below `storeys` brick storeys of 3.6 m.

    bays * 5.175 m long (the end piers stand out by another 0.5 m) and 16.3 m deep.
    """
    rng = np.random.default_rng(seed)
    length = bays * BAY_M
    parts = []
    first = int(rng.integers(len(KINDS)))
    for k in range(bays):
        x = (k + 0.5) * BAY_M
        parts.append(instance(_arch_bay(), (x, 0, 0)))
        parts.append(instance(_recess(KINDS[(first + k) % len(KINDS)]), (x, 1.0, 0)))
    parts += [instance(_pier(urn=k % 2 == 0), (k * BAY_M, 0, 0)) for k in range(bays + 1)]
    plan = _plan(bays)
    top = TERRACE_M + storeys * STOREY_M
    for k in range(storeys):
        kind = "piano" if k == 0 else "arched" if k == storeys - 1 else "plain"
        parts += clad(plan, BAY_M, TERRACE_M + k * STOREY_M, paired_bay(kind, BAY_M, STOREY_M), rng)
    parts += _corners(plan, storeys)
    parts.append(_body(plan, storeys))
    parts += rooftop.furnish((2, COURT_M), (length - 2, DEPTH_M - 1), top + 0.2, rng, tanks=2)
    return asset("arcade", parts)


def _plan(bays: int) -> Plan:
    """The outer wall of the brick storeys: wings of four bays, and courts one bay wide between them."""
    wings = max(1, (bays + 1) // 5)
    cuts = np.linspace(0, bays + 1, wings + 1).astype(int)
    front, back, behind = SET_BACK_M, SET_BACK_M + COURT_M, SET_BACK_M + DEPTH_M
    path: list[tuple[float, float]] = [(0.0, behind)]
    for start, end in zip(cuts[:-1], cuts[1:] - 1, strict=True):
        x0, x1 = start * BAY_M, end * BAY_M
        path += [(x0, back), (x0, front), (x1, front), (x1, back)] if start else [(x0, front), (x1, front), (x1, back)]
    return [*path[:-1], (bays * BAY_M, behind)]


def _body(plan: Plan, storeys: int) -> bpy.types.Object:
    """What goes around the whole building: string courses, the great cornice, back wall, core and roof."""
    m = MeshBuilder()
    stone, wall = masonry.sandstone(), masonry.brick()
    top = TERRACE_M + storeys * STOREY_M
    for k in range(1, storeys):
        scale = 1.5 if k in (1, storeys - 1) else 1.0
        band = [(out * 0.15 * scale, (up - 0.5) * 0.2 * scale) for out, up in stonework.STRING]
        moulding_around(m, plan, TERRACE_M + k * STOREY_M, [(-0.02, band[0][1]), *band], stone)
    moulding_around(m, plan, TERRACE_M, [(0.2, 0.0), (0.2, 0.5), (0.15, 0.56), (0.0, 0.6)], stone)
    frieze = [(0.0, -0.12), (0.16, -0.1), (0.16, 0.0), (0.12, 0.02), (0.12, 0.5)]
    cornice = [(0.12 + out * 0.85, 0.5 + up * 0.65) for out, up in stonework.CORNICE[:-1]]
    parapet = [(0.1, 1.2), (0.1, 1.85), (0.18, 1.88), (0.18, 2.0), (-0.3, 2.02), (-0.3, -0.1)]
    moulding_around(m, plan, top, [*frieze, *cornice, *parapet], stone)
    solid(m, plan, 0.42, TERRACE_M - 0.1, top, wall)
    solid(m, plan, 0.25, top, top + 0.2, masonry.roofing())
    (x0, y), (x1, _) = plan[0], plan[-1]
    m.add([(x0, y, 0), (x0, y, top + 2), (x1, y, top + 2), (x1, y, 0)], [(0, 1, 2, 3)], wall)
    blocks = masonry.sandstone(block_m=(0.9, 0.45))
    m.box((x0, 1.3, 0), (x1, y, TERRACE_M - 0.02), blocks)
    for end, inner in ((x0, x0 + 0.8), (x1, x1 - 0.8)):
        m.box((end, 1.0, 0), (inner, 1.32, TERRACE_M - 0.02), blocks)
    m.box((x0 - 0.15, -0.1, TERRACE_M - 0.06), (x1 + 0.15, SET_BACK_M + 0.4, TERRACE_M), stone)
    for start, end in _courts(plan):
        m.box((start, SET_BACK_M, TERRACE_M), (end, SET_BACK_M + COURT_M + 0.4, TERRACE_M + 0.03), masonry.roofing())
    return m.build("body")


def _courts(plan: Plan) -> list[tuple[float, float]]:
    """(x from, x to) of the courts: where the wall runs along their back."""
    back = SET_BACK_M + COURT_M
    return [(a[0], b[0]) for a, b in itertools.pairwise(plan) if a[1] == b[1] == back]


def _corners(plan: Plan, storeys: int) -> list[bpy.types.Object]:
    """Quoins at the outer corners, and the brackets of the cornice along all sides."""
    parts = []
    top = TERRACE_M + storeys * STOREY_M
    for (x0, y0), (x1, y1) in itertools.pairwise(plan):
        length = np.hypot(x1 - x0, y1 - y0)
        turn = float(np.degrees(np.arctan2(y1 - y0, x1 - x0)))
        for share in (np.arange(n := round(length / BAY_M)) + 0.5) / n:
            parts.append(instance(_brackets(), (x0 + share * (x1 - x0), y0 + share * (y1 - y0), top), (0, 0, turn)))
    for k, (x, y) in enumerate(plan):
        if y != SET_BACK_M:
            continue
        mirror = 1 if plan[k + 1][1] == y else -1
        parts += [instance(_quoins(), (x, y, TERRACE_M + s * STOREY_M), scale=(mirror, 1, 1)) for s in range(storeys)]
    return parts


@cache
def _quoins() -> bpy.types.Collection:
    m = MeshBuilder()
    with m.moved((-0.12, -0.12, 0)):
        stonework.quoins(m, 0, STOREY_M, masonry.sandstone())
    return asset("quoins", [m.build("quoins", bevel_m=0.02)])


@cache
def _brackets() -> bpy.types.Collection:
    """Under the great cornice, one bay of it: panels, brackets and dentils."""
    m, stone = MeshBuilder(), masonry.sandstone()
    with m.moved((0, -0.12, 0)):
        for x in np.linspace(-BAY_M / 2, BAY_M / 2, 8)[:-1] + BAY_M / 14:
            stonework.bracket(m, x, 0.78, 0.2, 0.7, 0.6, stone)
            m.box((x + 0.17, -0.03, 0.1), (x + BAY_M / 7 - 0.17, 0.02, 0.42), stone)
        stonework.dentils(m, -BAY_M / 2, BAY_M / 2, 0.55, 0.09, 0.3, stone)
    return asset("brackets", [m.build("brackets", bevel_m=0.01, bevel_segments=1)])


@cache
def _arch_bay() -> bpy.types.Collection:
    """One arch with its columns, spandrels, frieze, cornice and balustrade; all around x = 0."""
    stone, half, pier = masonry.sandstone(), BAY_M / 2, BAY_M / 2 - PIER
    m, carved = MeshBuilder(), MeshBuilder()
    for side in (-1, 1):
        with m.moved(scale=(side, 1, 1)):
            m.box((RADIUS, -0.08, 0), (half, 1.05, 0.5), stone)
            m.box((RADIUS - 0.03, -0.11, 0), (half, 0.3, 0.16), stone)
            stonework.rustication(m, (OUTER, 0.5), (pier, SPRING - 0.28), 0.46, stone)
            stonework.rustication(m, (0.32, SPRING), (pier, 6.15), 0.4, stone, arch=(OUTER + 0.15, SPRING))
            m.box((RADIUS, 0.34, 0.5), (OUTER, 1.05, SPRING), stone)
            m.box((OUTER, 0.05, 0.5), (half, 1.05, SPRING), stone)
            wall = [(half, SPRING), (half, 7.7), (0, 7.7), *arc(RADIUS + 0.1, 90, 0, 12, (0, SPRING))]
            m.prism(wall, 0.05, 1.05, stone, axis="y")
            stonework.moulding(m, RADIUS - 0.04, pier + 0.1, SPRING - 0.24, 0.24, 0.12, stone, back_m=0.4)
        with carved.moved((side * (RADIUS + 0.24), 0.1, 0.5)):
            stonework.column(carved, 0.155, SPRING - 0.74, stone)
    stonework.voussoirs(m, RADIUS + 0.07, OUTER, SPRING, -0.03, 0.3, 13, stone)
    soffit = [(RADIUS, 1.04), (RADIUS, 0.34), (RADIUS + 0.02, 0.3), (RADIUS + 0.1, 0.24), (RADIUS + 0.1, 0.1)]
    hood = [(0.0, -0.03), (0.0, -0.08), (0.05, -0.15), (0.11, -0.16), (0.15, -0.11), (0.17, -0.05), (0.17, 0.05)]
    stonework.arch_moulding(m, soffit, SPRING, stone)
    stonework.arch_moulding(m, [(OUTER + r, y) for r, y in hood], SPRING, stone)
    stonework.keystone(m, SPRING + RADIUS - 0.03, 6.1, 0.46, 0.16, stone)
    _entablature(m, carved, -pier, pier, stone)
    with m.moved((0, 0, TERRACE_M)):
        stonework.balustrade(m, -pier, pier, 0.9, stone)
    return asset("arch bay", [m.build("arch bay", bevel_m=0.014), carved.build("columns and frieze")])


def _entablature(m: MeshBuilder, carved: MeshBuilder, start: float, end: float, stone: bpy.types.Material) -> None:
    """Architrave, carved frieze, dentils and cornice between start and end."""
    steps = ((0.3, 0), (0.3, 0.3), (0.5, 0.32), (0.5, 0.62), (0.6, 0.65), (1, 0.85), (1, 1), (0, 1))
    stonework.moulding(m, start, end, 6.15, 0.26, 0.1, stone, profile=steps)
    m.box((start, 0.0, 6.41), (end, 0.1, 7.2), stone)
    for z in (6.44, 7.1):
        m.box((start, -0.05, z), (end, 0.05, z + 0.05), stone)
    with carved.moved((0, -0.01, 0)):
        stonework.relief(carved, (start, 6.5), (end, 7.09), 0.075, stone)
    stonework.moulding(m, start, end, 7.17, 0.58, 0.5, stone)
    stonework.dentils(m, start, end, 7.25, 0.11, 0.2, stone)


@cache
def _pier(*, urn: bool) -> bpy.types.Collection:
    """The pilaster between two arches, with the entablature stepping forward over it and a pedestal on top."""
    stone = masonry.sandstone()
    m, carved = MeshBuilder(), MeshBuilder()
    out = 0.2
    m.box((-PIER - 0.12, -out - 0.12, 0), (PIER + 0.12, 0.2, 0.42), stone)
    m.box((-PIER - 0.07, -out - 0.07, 0.42), (PIER + 0.07, 0.2, 0.62), stone)
    with m.moved((0, -out, 0)):
        stonework.moulding(m, -PIER - 0.05, PIER + 0.05, 0.62, 0.2, 0.06, stone, profile=stonework.BASE, back_m=0.3)
        joints = np.linspace(0.82, 5.5, 10)
        for k in range(9):
            m.box((-PIER, 0, joints[k] + 0.008), (PIER, 0.3, joints[k + 1] - 0.008), stone)
            if k % 2:
                m.box((-PIER + 0.1, -0.025, joints[k] + 0.09), (PIER - 0.1, 0.1, joints[k + 1] - 0.09), stone)
        stonework.moulding(m, -PIER - 0.03, PIER + 0.03, 5.5, 0.12, 0.06, stone, profile=stonework.STRING, back_m=0.3)
        m.box((-PIER, -0.01, 5.6), (PIER, 0.3, 6.05), stone)
        for x in np.linspace(-PIER + 0.1, PIER - 0.1, 4):
            with carved.moved((x, -out, 5.62)):
                stonework.leaf(carved, 0.02, 0.4, 0.11, stone)
        m.box((-PIER - 0.1, -0.13, 6.03), (PIER + 0.1, 0.3, 6.15), stone)
        _entablature(m, carved, -PIER - 0.02, PIER + 0.02, stone)
    m.box((-PIER - 0.02, -out + 0.02, 6.15), (PIER + 0.02, 0.2, 7.7), stone)
    with m.moved((0, -0.06, TERRACE_M)):
        m.box((-0.36, -0.24, -0.06), (0.36, 0.24, 0.16), stone)
        m.box((-0.3, -0.18, 0.1), (0.3, 0.18, 0.76), stone)
        m.box((-0.2, -0.21, 0.24), (0.2, 0.1, 0.64), stone)
        m.box((-0.38, -0.26, 0.76), (0.38, 0.26, 0.93), stone)
    if urn:
        with carved.moved((0, -0.06, TERRACE_M + 0.93)):
            shape = [(0.17, 0), (0.17, 0.08), (0.08, 0.14), (0.08, 0.2), (0.22, 0.34), (0.28, 0.5), (0.27, 0.6), (0.19, 0.7),
                     (0.25, 0.76), (0.25, 0.8), (0.1, 0.88), (0.05, 0.98), (0.0, 1.02)]  # fmt: skip
            carved.lathe(shape, stone, sides=20)
    return asset("pier", [m.build("pier", bevel_m=0.012), carved.build("pier carving")])


@cache
def _recess(kind: str) -> bpy.types.Collection:
    """What closes an arch, 1 m behind its face: a fanlight above a door, a window behind bars or a shop front."""
    stone, paint = masonry.sandstone(), windows.frame_paint()
    m, panes, parts = MeshBuilder(), MeshBuilder(), []
    width, sill, top = {"door": (1.9, 0.12, 3.45), "shop": (2.5, 0.12, 3.5)}.get(kind, (1.9, 1.05, 3.4))
    half = width / 2
    for side in (-1, 1):
        m.box((side * half, 0, 0), (side * (RADIUS + 0.1), 0.3, SPRING), stone)
        m.box((side * half, -0.06, sill), (side * (half + 0.16), 0.1, top + 0.1), stone)
    m.box((-half - 0.2, -0.05, top), (half + 0.2, 0.3, top + 0.14), stone)
    m.box((-RADIUS - 0.1, 0.02, top), (RADIUS + 0.1, 0.3, SPRING), stone)
    stonework.moulding(m, -RADIUS, RADIUS, SPRING - 0.2, 0.2, 0.12, stone)
    m.box((-half, -0.1, 0), (half, 0.3, sill), stone)
    if kind == "door":
        parts.append(instance(windows.door(width, top - sill, leaves=2, glazed=True), (0, 0.12, sill)))
    elif kind == "shop":
        parts.append(instance(windows.casement_window(width, top - sill, 0, windows.DARK_PAINT), (0, 0.1, sill)))
    else:
        m.box((-half - 0.2, -0.16, sill - 0.13), (half + 0.2, 0.2, sill), stone)
        m.box((-half + 0.05, -0.04, 0.25), (half - 0.05, 0.1, sill - 0.25), stone)
        parts.append(instance(windows.casement_window(width, top - sill, 1, windows.DARK_PAINT), (0, 0.14, sill)))
    if kind == "grille":
        _grille(m, half, sill, top)
    _fanlight(m, panes, paint)
    m.box((-RADIUS - 0.1, 0.29, 0), (RADIUS + 0.1, 0.31, SPRING + RADIUS), masonry.brick())
    return asset(f"recess {kind}", [m.build("recess", bevel_m=0.01, bevel_segments=1), panes.build("fanlight"), *parts])


def _fanlight(m: MeshBuilder, panes: MeshBuilder, paint: bpy.types.Material) -> None:
    """A half round window with spokes in the arch."""
    stonework.arch_moulding(m, [(RADIUS - 0.12, 0.14), (RADIUS - 0.12, 0.0), (RADIUS + 0.02, 0.0)], SPRING, paint)
    m.box((-RADIUS, 0.0, SPRING), (RADIUS, 0.14, SPRING + 0.09), paint)
    hub = 0.45
    stonework.arch_moulding(m, [(hub - 0.03, 0.08), (hub - 0.03, 0.03), (hub + 0.03, 0.03), (hub + 0.03, 0.08)], SPRING, paint)
    for angle in np.linspace(0, 180, 8)[1:-1]:
        with m.moved((0, 0, SPRING), (0, -angle, 0)):
            m.box((hub, 0.03, -0.02), (RADIUS - 0.05, 0.08, 0.02), paint)
    outline = arc(RADIUS, 0, 180, 25, (0, SPRING))
    panes.add([(x, 0.09, z) for x, z in outline], [tuple(range(25))], windows.pane("dark"))


def _grille(m: MeshBuilder, half: float, sill: float, top: float) -> None:
    """Wrought bars with spear points and rings before a window."""
    iron, y = masonry.iron(), -0.22
    for z in (sill + 0.12, sill + 0.75, top - 0.45):
        m.box((-half, y - 0.02, z), (half, y + 0.02, z + 0.035), iron)
    for x in np.linspace(-half, half, 15):
        m.tube([(x, y, sill + 0.02), (x, y, top - 0.3)], 0.011, iron, sides=5)
        m.tube([(x, y, top - 0.3), (x, y, top - 0.26), (x, y, top - 0.16)], [0.011, 0.026, 0.002], iron, sides=5)
    for x in np.linspace(-half, half, 8)[:-1] + half / 7:
        ring = arc(0.06, 0, 360, 13, (x, sill + 0.84))
        m.tube([(a, y, b) for a, b in ring], 0.008, iron, sides=4)
    for x in (-half, half):
        for z in (sill + 0.14, top - 0.43):
            m.tube([(x, y, z), (x, 0.02, z)], 0.014, iron, sides=5)
