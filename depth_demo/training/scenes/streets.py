"""Streets and open country, seen from a car, from the pavement, or by somebody who crosses."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from depth_demo.training.scenes.avenues import line_avenue
from depth_demo.training.scenes.primitives import Scene, View
from depth_demo.training.scenes.props import bicycle, car, fence, lorry, person, pole, rubbish_bin, tree
from depth_demo.training.scenes.textures import Atlas
from depth_demo.training.scenes.workshop import Workshop

FAR = 160.0  # m, where streets end
SETBACK = {"avenue": (2.5, 8), "city": (1.5, 5), "canyon": (1.5, 5), "suburb": (3, 14), "country": (3, 14)}  # m, of the fronts


def street(rng: np.random.Generator, atlas: Atlas, aspect: float) -> Scene:
    """A street between two rows of buildings, gardens or nothing."""
    style = str(rng.choice(["avenue", "city", "suburb", "canyon", "country"], p=[0.35, 0.25, 0.18, 0.1, 0.12]))
    half_road = float(rng.uniform(5, 12) if style == "avenue" else rng.uniform(2.6, 8))
    driving = bool(rng.random() < 0.7)
    half_width = math.tan(math.radians(float(rng.uniform(25, 48 if driving else 38)))) * min(1.0, 0.5 + aspect / 4)
    x = (
        float(rng.uniform(-0.6, 0.6)) * half_road
        if driving
        else float(rng.choice([-1, 1])) * (half_road + float(rng.uniform(0.3, 2.5)))
    )
    yaw = float(rng.normal(0, 0.08)) if driving else float(rng.normal(0, 0.45))
    view = View(
        (x, float(rng.uniform(1.1, 2.2)), 0.0), yaw, float(rng.normal(-0.03, 0.06)), float(rng.normal(0, 0.015)), half_width
    )
    w = Workshop(rng, atlas, Scene(view, outdoors=True, near=0.7))
    _ground(w, half_road)
    for side in (-1, 1):
        setback = w.uniform(*SETBACK[style])
        _pavement(w, half_road, side, setback)
        if style == "avenue":
            line_avenue(w, half_road, side, setback)
        else:
            _buildings(w, half_road + setback, side, style)
        _street_furniture(w, half_road, side, setback)
        _parked(w, half_road, side)
    for _ in range(w.integer(0, 4)):
        z = w.uniform(6, 60)
        lane = w.uniform(0.2, 0.7) * half_road * w.side()
        (lorry if w.chance(0.12) and z > 14 else car)(w, lane, z, w.normal(0.05) + (0 if lane > 0 else math.pi))
    if w.chance(0.35):  # what closes the view
        w.box(
            (w.normal(10), 0, FAR),
            (w.uniform(10, 60), w.uniform(4, 30), 5),
            **w.texture("facade", "rough", "foliage", size=(8, 20)),
        )
    _hills(w)
    return w.scene


def countryside(rng: np.random.Generator, atlas: Atlas, aspect: float) -> Scene:
    """Fields, parks and yards: trees, fences, sheds, people, posts on open ground."""
    half_width = math.tan(math.radians(float(rng.uniform(22, 40)))) * min(1.0, 0.5 + aspect / 4)
    eye, pitch, roll = float(rng.uniform(0.8, 2.2)), float(rng.normal(-0.08, 0.1)), float(rng.normal(0, 0.03))
    w = Workshop(rng, atlas, Scene(View((0.0, eye, 0.0), 0.0, pitch, roll, half_width), outdoors=True, near=0.6))
    w.box((0, -1, 0), (900, 1, 900), **w.texture("foliage", "rough", "masonry", size=(0.8, 4)), casts_shadow=False)
    if w.chance(0.5):
        path = ((w.normal(3), -0.98, 40), (w.uniform(0.6, 2), 1, 60), (w.normal(0.5), 0, 0))
        w.box(*path, **w.texture("rough", "masonry", size=(1, 3)), casts_shadow=False)
    names = list(ABOUT)
    for _ in range(w.integer(3, 16)):
        z = float(np.exp(rng.uniform(math.log(2.2), math.log(50))))
        x = w.uniform(-1, 1) * half_width * z * 1.1
        _, nearest, make = ABOUT[str(rng.choice(names, p=[ABOUT[name][0] for name in names]))]
        if z > nearest:
            make(w, x, z)
    if w.chance(0.6):
        for _ in range(w.integer(3, 12)):
            tree(w, w.uniform(-1, 1) * 60, w.uniform(45, 90))
    _hills(w)
    return w.scene


def _rock(w: Workshop, x: float, z: float) -> None:
    size = w.uniform(0.2, 0.9)
    turn = (w.uniform(0, 6), 0, w.normal(0.3))
    w.ellipsoid((x, size * 0.3, z), (size, size * 0.7, size), turn, **w.texture("rough", size=(0.5, 2)))


ABOUT: dict[str, tuple[float, float, Callable[[Workshop, float, float], None]]] = {
    "tree": (0.26, 3, tree),
    "person": (0.12, 0, person),
    "pole": (0.1, 0, lambda w, x, z: pole(w, x, z, w.side())),
    "bin": (0.12, 0, rubbish_bin),
    "shed": (0.1, 7, lambda w, x, z: house(w, x, z + 4, w.uniform(2, 5), w.uniform(1.2, 3), w.uniform(2, 4), w.normal(0.5))),
    "car": (0.08, 5, lambda w, x, z: car(w, x, z, w.uniform(0, 6))),
    "fence": (0.1, 3, lambda w, x, z: fence(w, x, z, w.uniform(3, 25), w.uniform(-0.6, 0.6) + math.pi / 2)),
    "rock": (0.07, 0, _rock),
    "bicycle": (0.05, 0, lambda w, x, z: bicycle(w, x, z, w.uniform(0, 6))),
}  # in the country: how often, from which distance [m], and how


def house(w: Workshop, x: float, z: float, half_width: float, half_height: float, half_depth: float, yaw: float = 0.0) -> None:
    """Walls, sometimes with a gabled roof, a door and a chimney."""
    walls = w.texture("facade", "facade", "facade", "curtain wall", "masonry", "rough", size=(4, 11))
    w.box((x, half_height, z), (half_width, half_height, half_depth), (yaw, 0, 0), **walls)
    if half_height < 5 and w.chance(0.7):
        rise, along = w.uniform(0.6, 2.2), w.chance(0.5)
        taper = (0.97, 0.0) if along else (0.0, 0.97)
        tiles = w.texture("masonry", "stripes", "rough", size=(1.5, 4), dark=0.3)
        w.box((x, 2 * half_height + rise, z), (half_width * 1.06, rise, half_depth * 1.06), (yaw, 0, 0), taper=taper, **tiles)
        if w.chance(0.4):
            w.box((x + w.normal(1), 2 * half_height + 2 * rise, z), (0.3, 0.7, 0.3), **w.texture("masonry", size=(0.6, 1.5)))


def _ground(w: Workshop, half_road: float) -> None:
    w.box((0, -1.02, 0), (900, 1, 900), **w.texture("foliage", "rough", "masonry", size=(1, 5)), casts_shadow=False)
    asphalt = (
        w.texture("road", size=(2 * half_road, 2 * half_road))
        if w.chance(0.75)
        else w.texture("rough", "masonry", size=(1, 6))
    )
    w.box((0, -1, 55), (half_road, 1, 75), **asphalt, casts_shadow=False)
    w.box((0, -1.015, 55), (2.5 * half_road, 1, 75), **w.texture("rough", size=(1, 6)), casts_shadow=False)


def _pavement(w: Workshop, half_road: float, side: int, setback: float) -> None:
    if w.chance(0.85):
        kerb = w.uniform(0.06, 0.18)
        half = (setback + 3) / 2
        w.box(
            (side * (half_road + half), kerb - 1, 60),
            (half, 1, 80),
            **w.texture("masonry", "rough", size=(0.8, 4)),
            casts_shadow=False,
        )


def _buildings(w: Workshop, edge: float, side: int, style: str) -> None:
    z = w.uniform(-15, 5)
    low, high, share = {"city": (3, 11, 0.9), "suburb": (2, 4, 0.75), "canyon": (8, 30, 0.97), "country": (1.5, 3.5, 0.15)}[
        style
    ]
    while z < FAR:
        length = w.uniform(3, 11)
        if w.chance(share):
            depth, height = w.uniform(4, 9), w.uniform(low, high)
            x = side * (edge + depth + abs(w.normal(0.6)))
            house(w, x, z + length, depth, height, length)
            _front(w, side * (edge - 0.2), z, length, height, side)
        elif w.chance(0.5):
            tree(w, side * (edge + w.uniform(1, 6)), z + length)
        z += 2 * length + (w.uniform(0, 1) if style in {"city", "canyon"} else w.uniform(1, 12))


def _front(w: Workshop, x: float, z: float, length: float, height: float, side: int) -> None:
    """Awnings, balconies, steps and signs that stand out from a front."""
    for _ in range(w.integer(0, 3)):
        at = z + w.uniform(0.2, 1.8) * length
        kind = w.integer(0, 3)
        if kind == 0:
            w.box(
                (x - side * 0.5, w.uniform(2.4, 3.2), at),
                (0.8, 0.05, w.uniform(0.8, 2.5)),
                (0, 0, side * 0.25),
                **w.paint(0.5),
            )
        elif kind == 1:
            up = w.uniform(0.3, 0.9) * 2 * height
            w.box((x - side * 0.4, up, at), (0.6, 0.08, w.uniform(0.8, 2)), **w.grey(0.2, 0.7))
            w.box((x - side * 0.95, up + 0.5, at), (0.03, 0.5, w.uniform(0.8, 2)), **w.grey(0.05, 0.4), **w.bars(1.0))
        elif kind == 2:
            w.box(
                (x - side * 0.5, w.uniform(2.5, 4.5), at),
                (0.45, w.uniform(0.2, 0.9), 0.05),
                **w.texture("print", size=(0.6, 2)),
            )
        else:
            w.box((x - side * 0.5, 0.2, at), (0.7, 0.25, w.uniform(0.6, 1.6)), **w.texture("masonry", "rough", size=(0.6, 2)))


def _street_furniture(w: Workshop, half_road: float, side: int, setback: float) -> None:
    kerb_x = side * (half_road + 0.5)
    if w.chance(0.65):
        step, z, x = w.uniform(7, 20), w.uniform(3, 14), side * (half_road + w.uniform(0.6, max(1.0, setback)))
        for index in range(w.integer(1, 6)):
            tree(w, x + w.normal(0.3), z + index * step + w.normal(0.8))
    if w.chance(0.75):
        step, z = w.uniform(9, 30), w.uniform(3, 22)
        for index in range(w.integer(1, 5)):
            pole(w, kerb_x, z + index * step, -side)
    if w.chance(0.35):
        fence(w, side * (half_road + w.uniform(0.4, max(0.8, setback))), w.uniform(8, 40), w.uniform(6, 50))
    for _ in range(w.integer(0, 4)):
        place = w.rng.choice(["bin", "person", "person", "bicycle"])
        x, z = side * (half_road + w.uniform(0.4, setback + 0.5)), w.uniform(3.5, 35)
        if place == "bin":
            rubbish_bin(w, x, z)
        elif place == "person":
            person(w, x, z)
        else:
            bicycle(w, x, z, w.uniform(0, 6))
    if w.chance(0.2):
        person(w, w.uniform(-1, 1) * half_road, w.uniform(5, 30))


def _parked(w: Workshop, half_road: float, side: int) -> None:
    if not w.chance(0.65):
        return
    x, z = side * (half_road - w.uniform(-0.6, 1.3)), w.uniform(2, 12)
    for _ in range(w.integer(1, 9)):
        if abs(x - w.scene.view.position[0]) > 2.2 or z > 7:
            car(w, x + w.normal(0.12), z, w.normal(0.04) + (0 if w.chance(0.6) else math.pi))
        z += w.uniform(4.8, 8)


def _hills(w: Workshop) -> None:
    if w.chance(0.4):
        for _ in range(w.integer(1, 4)):
            w.ellipsoid((w.uniform(-400, 400), 0, w.uniform(300, 700)), (w.uniform(80, 300), w.uniform(15, 70), 80),
                        **w.texture("foliage", "rough", size=(40, 90)), casts_shadow=False)  # fmt: skip
