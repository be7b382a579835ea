"""Furniture: along walls and about the floor."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from depth_demo.training.scenes.primitives import Vector
from depth_demo.training.scenes.things import ANY, clutter, thing
from depth_demo.training.scenes.workshop import Finish, Place, Workshop, standing_at


@dataclass(frozen=True, slots=True)
class Site:
    """A place at a wall: `place` has the wall behind it at 0 and the room towards negative z.

    Attributes:
        place: From its coordinates to the room's.
        yaw: Its turn.
        finish: Of what stands there.
        half, height: Half its width, and half its height [m].
    """

    place: Place
    yaw: float
    finish: Finish
    half: float
    height: float

    @property
    def turned(self) -> Vector:
        return (self.yaw, 0.0, 0.0)


def against_wall(w: Workshop, x: float, z: float, yaw: float) -> None:
    """One piece with its back at (x, z), its front towards -z when `yaw` is 0."""
    finish = w.texture("wood", "plain", "rough", size=(0.5, 2)) if w.chance(0.7) else w.paint(0.2)
    half, height = w.uniform(0.3, 1.0), w.uniform(0.35, 1.05)
    kind = str(w.rng.choice(list(AT_WALLS)))
    AT_WALLS[kind](w, Site(standing_at(x, z, yaw), yaw, finish, half, height))


def _cupboard(w: Workshop, s: Site) -> None:
    w.box(s.place(0, s.height, -0.25), (s.half, s.height, 0.25), s.turned, **s.finish)
    for index in range(w.integer(1, 3)):
        door = s.place(s.half * (index - 1) * 0.6, s.height, -0.51)
        w.box(door, (s.half * 0.27, s.height * 0.9, 0.015), s.turned, **s.finish)
    if w.chance(0.6):
        x, _, z = s.place(0, 0, -0.25)
        clutter(w, x, z, 2 * s.height, 0.15, w.integer(1, 4), 0.12)


def _shelf(w: Workshop, s: Site) -> None:
    for board in range(w.integer(2, 6)):
        up = 0.2 + 0.36 * board
        w.box(s.place(0, up, -0.15), (s.half, 0.015, 0.15), s.turned, **s.finish)
        books = (s.place(w.normal(0.2), up + 0.13, -0.14), (s.half * w.uniform(0.2, 0.7), 0.12, 0.1))
        w.box(*books, s.turned, **w.texture("stripes", size=(0.3, 0.8)))
    for right in (-1, 1):
        w.box(s.place(right * s.half, 1.0, -0.15), (0.015, 1.0, 0.15), s.turned, **s.finish)


def _seat(w: Workshop, s: Site, deep: float, least: float, *, arms: bool) -> None:
    """A sofa or a bed."""
    cloth = w.texture("plain", "stripes", "print", "rough", size=(0.6, 2)) if w.chance(0.7) else w.paint(0.3)
    half = max(s.half, least)
    w.box(s.place(0, 0.22, -deep), (half, 0.22, deep), s.turned, **cloth)
    w.box(s.place(0, 0.45, -0.12), (half, 0.45, 0.12), s.turned, **cloth)
    for right in (-1, 1):
        if arms:
            w.box(s.place(right * half, 0.3, -deep), (0.1, 0.32, deep), s.turned, **cloth)
        cushion = s.place(right * half * 0.5, 0.55, -0.35)
        w.ellipsoid(cushion, (0.24, 0.18, 0.12), s.turned, **w.texture(*ANY, size=(0.3, 1)))


def _sofa(w: Workshop, s: Site) -> None:
    _seat(w, s, 0.4, 0.6, arms=True)


def _bed(w: Workshop, s: Site) -> None:
    _seat(w, s, 0.95, 0.7, arms=False)


def _curtain(w: Workshop, s: Site) -> None:
    for fold in range(6):
        w.cylinder(s.place(s.half * (fold / 3 - 1), 1.2, -0.08), (s.half / 5, 1.2, 0.05), s.turned, **s.finish)


def _desk(w: Workshop, s: Site) -> None:
    x, _, z = s.place(0, 0, -0.4)
    table(w, x, z, s.yaw)


AT_WALLS: dict[str, Callable[[Workshop, Site], None]] = {
    "cupboard": _cupboard,
    "shelf": _shelf,
    "sofa": _sofa,
    "bed": _bed,
    "curtain": _curtain,
    "desk": _desk,
}


def furniture(w: Workshop, x: float, z: float, yaw: float) -> None:
    """A chair, a table with chairs, an armchair, a standing lamp, or something on the floor."""
    kind = w.rng.choice(["chair", "table", "armchair", "lamp", "things"], p=[0.35, 0.25, 0.15, 0.1, 0.15])
    if kind == "chair":
        chair(w, x, z, yaw)
    elif kind == "table":
        table(w, x, z, yaw)
        for _ in range(w.integer(0, 3)):
            turn = w.uniform(0, 6.3)
            chair(w, x + 0.9 * math.sin(turn), z + 0.9 * math.cos(turn), turn)
    elif kind == "armchair":
        armchair(w, x, z, yaw)
    elif kind == "lamp":
        standing_lamp(w, x, z)
    else:
        thing(w, x, 0.0, z, w.uniform(0.12, 0.35))


def armchair(w: Workshop, x: float, z: float, yaw: float) -> None:
    """Upholstered blocks."""
    place, cloth = standing_at(x, z, yaw), w.texture("plain", "rough", "print", size=(0.5, 2))
    w.box(place(0, 0.22, 0), (0.35, 0.22, 0.35), (yaw, 0, 0), **cloth)
    w.box(place(0, 0.5, 0.35), (0.38, 0.5, 0.1), (yaw, 0.15, 0), **cloth)
    for right in (-1, 1):
        w.box(place(right * 0.4, 0.32, 0), (0.08, 0.32, 0.38), (yaw, 0, 0), **cloth)


def standing_lamp(w: Workshop, x: float, z: float) -> None:
    """Pole, foot, shade."""
    w.cylinder((x, 0.75, z), (0.02, 0.75, 0.02), **w.grey(0.05, 0.6))
    w.cylinder((x, 0.01, z), (0.15, 0.02, 0.15), **w.grey(0.05, 0.6))
    w.cylinder((x, 1.6, z), (0.2, 0.14, 0.2), taper=(0.4, 0.4), color=(0.95, 0.9, 0.75), emission=0.7)


def chair(w: Workshop, x: float, z: float, yaw: float) -> None:
    """Seat, back, four legs."""
    place, finish = standing_at(x, z, yaw), w.texture("wood", "plain", size=(0.4, 1.5)) if w.chance(0.6) else w.paint(0.3)
    seat, half = w.uniform(0.4, 0.48), w.uniform(0.18, 0.24)
    w.box(place(0, seat, 0), (half, 0.025, half), (yaw, 0, 0), **finish)
    back = w.bars(0.4) if w.chance(0.5) else {}
    w.box(place(0, seat + 0.28, half), (half, 0.24, 0.015), (yaw, 0.1, 0), **finish, **back)
    for right in (-1, 1):
        for ahead in (-1, 1):
            top = seat + (0.45 if ahead > 0 else 0)
            leg = (place(right * half * 0.9, 0, ahead * half * 0.95), place(right * half * 0.9, top, ahead * half))
            w.rod(*leg, 0.018, **finish)


def table(w: Workshop, x: float, z: float, yaw: float) -> None:
    """A top on four legs or one foot, with things on it."""
    finish = w.texture("wood", "plain", "rough", size=(0.5, 2)) if w.chance(0.7) else w.paint(0.2)
    place = standing_at(x, z, yaw)
    height, half, deep = w.uniform(0.4, 0.78), w.uniform(0.35, 0.9), w.uniform(0.3, 0.5)
    if w.chance(0.75):
        w.box(place(0, height, 0), (half, 0.025, deep), (yaw, 0, 0), **finish)
        for right in (-1, 1):
            for ahead in (-1, 1):
                leg = place(right * half * 0.92, height / 2, ahead * deep * 0.9)
                w.box(leg, (0.03, height / 2, 0.03), (yaw, 0, 0), **finish)
    else:
        w.cylinder(place(0, height, 0), (deep * 1.2, 0.025, deep * 1.2), **finish)
        w.cylinder(place(0, height / 2, 0), (0.05, height / 2, 0.05), **finish)
    clutter(w, x, z, height + 0.025, min(half, deep) * 0.7, w.integer(0, 6), 0.1)
