"""Small objects: what stands on tables, shelves and floors."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from depth_demo.training.scenes.workshop import Finish, Workshop

ANY = ("rough", "plain", "masonry", "wood", "stripes", "print")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an object stands, how large it is, and what it looks like.

    Attributes:
        x, y, z: Its foot [m].
        yaw: Its turn.
        size: About half its width [m].
        a, b: Two lengths near `size`, for its proportions.
        finish: Its surface.
    """

    x: float
    y: float
    z: float
    yaw: float
    size: float
    a: float
    b: float
    finish: Finish


def thing(w: Workshop, x: float, y: float, z: float, size: float) -> None:
    """One object of about `size` [m] whose foot is at (x, y, z)."""
    finish = w.paint(0.35) if w.chance(0.4) else w.texture(*ANY, size=(size, size * 4))
    yaw = w.uniform(0, 6.3)
    names = list(THINGS)
    make = THINGS[str(w.rng.choice(names, p=[THINGS[name][0] for name in names]))][1]
    a, b = size * w.uniform(0.5, 1.1), size * w.uniform(0.4, 1.4)
    make(w, Spot(x, y, z, yaw, size, a, b, finish))


def clutter(w: Workshop, x: float, z: float, y: float, radius: float, count: int, size: float) -> None:
    """Objects about (x, y, z), the smaller ones in front."""
    for _ in range(count):
        distance = w.uniform(-1, 1)
        here = size * w.uniform(0.4, 1.5) * (1.2 + 0.5 * distance)
        thing(w, x + w.normal(radius * 0.5), y, z + distance * radius, here)


def _box(w: Workshop, s: Spot) -> None:
    w.box((s.x, s.y + s.b, s.z), (s.a, s.b, s.size * w.uniform(0.3, 1)), (s.yaw, 0, 0), **s.finish)


def _books(w: Workshop, s: Spot) -> None:
    for level in range(w.integer(1, 4)):
        center, turn = (s.x, s.y + s.size * 0.16 * (level + 0.5), s.z), s.yaw + w.normal(0.3)
        w.box(center, (s.a, s.size * 0.08, s.a * 0.7), (turn, 0, 0), **w.paint(0.4))


def _ball(w: Workshop, s: Spot) -> None:
    w.ellipsoid((s.x, s.y + s.a, s.z), (s.a, s.a, s.a), (s.yaw, w.uniform(0, 3), 0), **s.finish)


def _can(w: Workshop, s: Spot) -> None:
    share = w.uniform(-0.2, 0.2)
    half = (s.a * 0.6, s.b, s.a * 0.6)
    w.cylinder((s.x, s.y + s.b, s.z), half, (s.yaw, 0, 0), taper=(share, share), **s.finish)


def _cone(w: Workshop, s: Spot) -> None:
    w.cylinder((s.x, s.y + s.b * 1.3, s.z), (s.a * 0.7, s.b * 1.3, s.a * 0.7), taper=(0.97, 0.97), **s.finish)


def _bottle(w: Workshop, s: Spot) -> None:
    w.cylinder((s.x, s.y + s.b, s.z), (s.a * 0.4, s.b, s.a * 0.4), **s.finish)
    w.cylinder((s.x, s.y + 2.2 * s.b, s.z), (s.a * 0.4, s.b * 0.2, s.a * 0.4), taper=(0.6, 0.6), **s.finish)
    w.cylinder((s.x, s.y + 2.6 * s.b, s.z), (s.a * 0.16, s.b * 0.3, s.a * 0.16), **s.finish)


def _board(w: Workshop, s: Spot) -> None:
    turn = (w.normal(0.6), w.normal(0.2), w.normal(0.15))
    w.box((s.x, s.y + s.b * 1.4, s.z), (s.a, s.b * 1.4, s.size * 0.04), turn, **s.finish)


def _stick(w: Workshop, s: Spot) -> None:
    end = (s.x + w.normal(s.size), s.y + 3 * s.size, s.z + w.normal(s.size))
    w.rod((s.x, s.y, s.z), end, s.size * w.uniform(0.04, 0.12), **s.finish)


def _plant(w: Workshop, s: Spot) -> None:
    half = s.a * 0.5
    w.cylinder((s.x, s.y + half, s.z), (half, half, half), taper=(-0.3, -0.3), **w.paint(0.3))
    leaves = w.texture("foliage", size=(s.size, s.size * 3))
    for _ in range(w.integer(2, 5)):
        center = (s.x + w.normal(s.a * 0.4), s.y + s.a * w.uniform(1.2, 2.4), s.z + w.normal(s.a * 0.4))
        half_size, turn = (s.a * 0.7, s.a * 0.6, s.a * 0.7), (w.uniform(0, 6), 0.0, 0.0)
        w.ellipsoid(center, half_size, turn, **leaves, **w.leaves((s.size, s.size * 2)))


def _lamp(w: Workshop, s: Spot) -> None:
    w.cylinder((s.x, s.y + s.b, s.z), (s.a * 0.1, s.b, s.a * 0.1), **w.grey(0.05, 0.5))
    shade = (s.a * 0.8, s.b * 0.5, s.a * 0.8)
    w.cylinder((s.x, s.y + 2.2 * s.b, s.z), shade, taper=(0.45, 0.45), color=(0.9, 0.85, 0.7), emission=0.5)


def _cup(w: Workshop, s: Spot) -> None:
    w.cylinder((s.x, s.y + s.a * 0.7, s.z), (s.a * 0.6, s.a * 0.7, s.a * 0.6), taper=(-0.15, -0.15), **s.finish)
    handle = (s.a * 0.3, s.a * 0.06, s.a * 0.3)
    w.cylinder((s.x + s.a * 0.7, s.y + s.a * 0.7, s.z), handle, (0, math.pi / 2, 0), **s.finish, **w.mesh(s.a))


def _bust(w: Workshop, s: Spot) -> None:
    w.ellipsoid((s.x, s.y + s.a * 0.9, s.z), (s.a * 0.8, s.a * 0.9, s.a * 0.5), (s.yaw, 0, 0), **s.finish)
    w.ellipsoid((s.x, s.y + s.a * 2.1, s.z), (s.a * 0.4, s.a * 0.5, s.a * 0.45), (s.yaw, 0, 0), **s.finish)


THINGS: dict[str, tuple[float, Callable[[Workshop, Spot], None]]] = {
    "box": (0.18, _box),
    "books": (0.12, _books),
    "ball": (0.08, _ball),
    "can": (0.12, _can),
    "cone": (0.08, _cone),
    "bottle": (0.08, _bottle),
    "board": (0.08, _board),
    "stick": (0.06, _stick),
    "plant": (0.06, _plant),
    "lamp": (0.05, _lamp),
    "cup": (0.05, _cup),
    "bust": (0.04, _bust),
}  # how often, and how
