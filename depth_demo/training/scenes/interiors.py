"""Rooms, table-tops and close-ups."""

from __future__ import annotations

import math

import numpy as np

from depth_demo.training.scenes.furniture import against_wall, furniture
from depth_demo.training.scenes.primitives import Scene, View
from depth_demo.training.scenes.props import person
from depth_demo.training.scenes.textures import Atlas
from depth_demo.training.scenes.things import ANY, clutter, thing
from depth_demo.training.scenes.workshop import Workshop


def room(rng: np.random.Generator, atlas: Atlas, aspect: float) -> Scene:
    """A room with furniture along its walls and about the floor."""
    half_room, depth, ceiling = float(rng.uniform(1.3, 4)), float(rng.uniform(2.2, 7)), float(rng.uniform(2.2, 3.2))
    half_width = math.tan(math.radians(float(rng.uniform(24, 40)))) * min(1.0, 0.55 + aspect / 4)
    x = float(rng.uniform(-0.6, 0.6)) * half_room
    view = View((x, float(rng.uniform(0.9, 1.75)), 0.0), float(rng.normal(0, 0.3)), float(rng.normal(-0.16, 0.12)),
                float(rng.normal(0, 0.03)), half_width)  # fmt: skip
    w = Workshop(rng, atlas, Scene(view, outdoors=False, near=0.35))
    _walls(w, half_room, depth, ceiling)
    for side in (-1, 0, 1):  # left wall, back wall, right wall
        for _ in range(w.integer(1, 4)):
            along = w.uniform(0.6, depth) if side else w.uniform(-0.8, 0.8) * half_room
            x, z, yaw = (side * half_room, along, -side * math.pi / 2) if side else (along, depth, 0.0)
            against_wall(w, x, z, yaw)
        for _ in range(w.integer(0, 3)):
            along = w.uniform(0.8, depth) if side else w.uniform(-0.85, 0.85) * half_room
            size = (w.uniform(0.15, 0.7), w.uniform(0.15, 0.6))
            center = (side * half_room, w.uniform(1.2, 1.8), along) if side else (along, w.uniform(1.2, 1.8), depth)
            half = (0.03, size[1], size[0]) if side else (size[0], size[1], 0.03)
            w.box(
                center,
                half,
                **w.texture("print", "plain", size=(2 * size[0], 2 * size[0])),
                emission=0.7 if w.chance(0.25) else 0.0,
            )
    for _ in range(w.integer(2, 8)):
        x, z = w.uniform(-0.8, 0.8) * half_room, w.uniform(1.0, max(1.3, depth - 0.6))
        if abs(x - view.position[0]) > 0.6 or z > 1.6:
            furniture(w, x, z, w.uniform(0, 6.3))
    if w.chance(0.2):
        person(w, w.uniform(-0.7, 0.7) * half_room, w.uniform(1.8, max(2, depth - 0.4)))
    if w.chance(0.4):
        clutter(
            w,
            w.uniform(-0.5, 0.5) * half_room,
            w.uniform(1.3, max(1.5, depth - 0.5)),
            0.0,
            w.uniform(0.3, 1),
            w.integer(2, 8),
            0.15,
        )
    return w.scene


def tabletop(rng: np.random.Generator, atlas: Atlas, aspect: float) -> Scene:
    """Things on a table in front of a wall or a board, as on a desk or in a still life."""
    half_width = math.tan(math.radians(float(rng.uniform(18, 34)))) * min(1.0, 0.55 + aspect / 4)
    eye, back = float(rng.uniform(0.1, 0.6)), float(rng.uniform(1.2, 3.2))
    aim = float(rng.uniform(-0.1, 0.35))  # how high above the table's far end the camera looks
    view = View((0.0, eye, 0.0), 0.0, math.atan2(aim - eye, back * 0.8), float(rng.normal(0, 0.03)), half_width)
    w = Workshop(rng, atlas, Scene(view, outdoors=False, near=0.3))
    w.box(
        (0, -1, 0), (w.uniform(0.8, 4), 1, back * w.uniform(0.9, 3)), (w.normal(0.2), 0, 0), **w.texture(*ANY, size=(0.2, 2))
    )
    w.box((0, -1.8, 0), (9, 1, 9), **w.texture("rough", "wood", "plain", size=(0.5, 2)))
    w.box((0, 1, back + 0.5), (8, 4, 0.5), (w.normal(0.25), w.normal(0.06), 0), **w.texture(*ANY, size=(0.3, 3)))
    for _ in range(w.integer(0, 2)):  # another board or a side wall
        center = (w.side() * w.uniform(0.3, 1.2), 0.5, back * w.uniform(0.7, 1))
        half = (w.uniform(0.2, 0.6), w.uniform(0.3, 1.5), 0.03)
        w.box(center, half, (w.normal(0.6), 0, 0), **w.texture(*ANY, size=(0.2, 1)))
    for _ in range(w.integer(5, 22)):
        z = w.uniform(0.65, back * 0.97)
        thing(w, w.uniform(-1, 1) * half_width * z, 0.0, z, half_width * z * w.uniform(0.08, 0.32))
    return w.scene


def pile(rng: np.random.Generator, atlas: Atlas, aspect: float) -> Scene:
    """Layers of objects and boards from a wall forwards, filling the frame; the ground is often out of sight."""
    half_width = math.tan(math.radians(float(rng.uniform(14, 30)))) * min(1.0, 0.55 + aspect / 4)
    view = View((0.0, 0.0, 0.0), 0.0, float(rng.normal(-0.03, 0.05)), float(rng.normal(0, 0.03)), half_width)
    w = Workshop(rng, atlas, Scene(view, outdoors=False, near=0.4))
    back = w.uniform(2, 5)
    w.box((0, 0, back + 0.5), (12, 12, 0.5), (w.normal(0.3), w.normal(0.1), 0), **w.texture(*ANY, size=(0.4, 4)))
    ground = -half_width * back * w.uniform(0.25, 1.0) / aspect
    w.box((0, ground - 1, 0), (9, 1, back * 2), **w.texture(*ANY, size=(0.3, 2)))
    for _ in range(w.integer(4, 14)):
        z = float(np.exp(rng.uniform(math.log(back * 0.35), math.log(back * 0.97))))
        size = z * half_width * w.uniform(0.1, 0.45)
        x = w.uniform(-1.1, 1.1) * half_width * z
        step = max(0.0, w.uniform(-0.6, 1.0)) * half_width * z / aspect  # nothing floats: it stands on something
        if step > 0:
            w.box((x, ground + step / 2, z), (size * w.uniform(0.7, 1.8), step / 2, size), (w.normal(0.5), 0, 0),
                  **w.texture(*ANY, size=(0.3, 1.5)))  # fmt: skip
        thing(w, x, ground + step, z, size)
    return w.scene


def _walls(w: Workshop, half_room: float, depth: float, ceiling: float) -> None:
    paint = w.texture("plain", "rough", "plain", "masonry", "stripes", size=(1, 4), dark=0.7)
    other = paint if w.chance(0.6) else w.texture("plain", "rough", "wood", "print", size=(1, 4))
    w.box((0, -0.5, 3), (9, 0.5, 12), **w.texture("wood", "masonry", "rough", "plain", size=(0.6, 3)), casts_shadow=False)
    w.box((0, ceiling + 0.5, 3), (9, 0.5, 12), **w.grey(0.5, 0.95), casts_shadow=False)
    w.box((0, 1, depth + 0.5), (9, 4, 0.5), **other, casts_shadow=False)
    w.box((0, 1, -4.5), (9, 4, 0.5), **paint, casts_shadow=False)
    for side in (-1, 1):
        w.box((side * (half_room + 0.5), 1, 3), (0.5, 4, 12), **paint, casts_shadow=False)
        w.box((side * half_room, 0.05, 3), (0.02, 0.06, 12), **w.grey(0.2, 0.9), casts_shadow=False)
    if w.chance(0.5):  # a door or an opening with something behind
        w.box(
            (w.uniform(-0.8, 0.8) * half_room, 1, depth),
            (w.uniform(0.4, 0.55), 1.02, 0.04),
            **w.texture("wood", "plain", size=(1, 2)),
        )
    if w.chance(0.3):
        w.box((w.uniform(-1, 1) * half_room, ceiling, depth * 0.6), (0.5, 0.06, 0.5), color=(1, 1, 0.95), emission=2.0)
