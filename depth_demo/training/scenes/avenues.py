"""What makes an avenue of a street: tall fronts with ledges, arcades and shops, palms, banners, stalls and fire escapes."""

from __future__ import annotations

import math

from depth_demo.training.scenes.primitives import Vector
from depth_demo.training.scenes.workshop import Finish, Workshop, standing_at

END = 160.0  # m, where avenues end


def line_avenue(w: Workshop, half_road: float, side: int, setback: float) -> None:
    """Line one side of a road with tall houses, and its pavement with palms or lamp posts, stalls and motorcycles."""
    front = side * (half_road + setback)
    z, usual = w.uniform(-15, 3), w.uniform(9, 34)
    while z < END:
        length = w.uniform(9, 32)
        if w.chance(0.94):
            tall_house(w, front + side * abs(w.normal(0.4)), side, z, length, usual * w.uniform(0.6, 1.5))
        z += length + (w.uniform(6, 16) if w.chance(0.15) else w.uniform(0, 0.6))
    if w.chance(0.35):
        z, step = w.uniform(3, 14), w.uniform(8, 18)
        for index in range(w.integer(2, 6)):
            palm(w, side * (half_road + w.uniform(0.7, 1.3)), z + index * step)
    if w.chance(0.5):
        z, step = w.uniform(4, 16), w.uniform(12, 30)
        for index in range(w.integer(1, 4)):
            banner_pole(w, side * (half_road + 0.6), z + index * step)
    for _ in range(w.integer(0, 2) if w.chance(0.4) else 0):
        stall(w, side * (half_road + w.uniform(1.2, setback)), w.uniform(6, 35))
    if w.chance(0.25):
        motorcycle(w, side * (half_road - w.uniform(0.3, 1)), w.uniform(5, 25), w.normal(0.2))


def tall_house(w: Workshop, front: float, side: int, start: float, length: float, height: float) -> None:
    """Build a house of several floors: walls, ledges, an upper storey that steps back, and a ground floor.

    Args:
        w: The scene.
        front: Where its front is, across the road [m].
        side: 1 to the right of the road, -1 to the left.
        start: Where it begins along the road [m].
        length: Along the road [m].
        height: Of its walls [m].
    """
    depth, middle = w.uniform(5, 14), start + length / 2
    walls = w.texture("facade", "facade", "facade", "curtain wall", "masonry", size=(5, 13))
    w.box((front + side * depth, height / 2, middle), (depth, height / 2, length / 2), **walls)
    stone = w.grey(0.15, 0.8) if w.chance(0.5) else w.texture("rough", "masonry", size=(1, 3))
    for _ in range(w.integer(0, 3)):
        out = w.uniform(0.1, 0.5)
        w.box((front, height * w.uniform(0.2, 0.9), middle), (out, w.uniform(0.08, 0.3), length / 2), **stone)
    if w.chance(0.6):  # a cornice
        w.box((front + side * depth, height + 0.2, middle), (depth + w.uniform(0.2, 0.9), 0.3, length / 2 + 0.2), **stone)
    if w.chance(0.25):
        back = depth * w.uniform(0.5, 0.8)
        rise = w.uniform(3, 20)
        w.box((front + side * (depth + 2), height + rise, middle), (back, rise, length * w.uniform(0.25, 0.45)), **walls)
    ground_floor = w.rng.choice(["arcade", "shops", "steps", "plain"], p=[0.25, 0.35, 0.1, 0.3])
    if ground_floor == "arcade":
        arcade(w, front, side, start, length)
    elif ground_floor == "shops":
        shops(w, front, side, start, length)
    elif ground_floor == "steps":
        w.box((front - side * 0.6, 0.25, middle), (0.9, 0.3, length * 0.2), **w.texture("masonry", "rough", size=(0.6, 2)))
    if w.chance(0.25) and height > 9:
        fire_escape(w, front, side, start + length * w.uniform(0.2, 0.8), height)


def arcade(w: Workshop, front: float, side: int, start: float, length: float) -> None:
    """Put a walk with pillars and a beam in front of a house; its back is dark."""
    height, out = w.uniform(3, 5.5), w.uniform(0.15, 1.8)
    step, thick = w.uniform(2.2, 5), w.uniform(0.2, 0.5)
    stone = w.texture("masonry", "rough", size=(0.8, 3))
    x = front - side * out
    w.box((front - side * 0.02, height / 2, start + length / 2), (0.03, height / 2, length / 2), **w.grey(0.02, 0.15))
    w.box((x + side * out / 2, height, start + length / 2), (out / 2 + thick, w.uniform(0.3, 0.9), length / 2), **stone)
    for index in range(min(8, int(length / step) + 1)):
        z = start + min(length, index * step)
        if w.chance(0.5):
            w.box((x, height / 2, z), (thick, height / 2, thick), **stone)
        else:
            w.cylinder((x, height / 2, z), (thick, height / 2, thick), taper=(0.1, 0.1), **stone)


def shops(w: Workshop, front: float, side: int, start: float, length: float) -> None:
    """Put shop windows, their signs and awnings on the ground floor of a house."""
    count = max(1, min(4, int(length / 5)))
    for index in range(count):
        half = length / count / 2
        z = start + (2 * index + 1) * half
        window = {"color": (0.03, 0.04, 0.05)} if w.chance(0.4) else w.texture("print", size=(2, 4))
        w.box((front - side * 0.03, 1.5, z), (0.05, 1.2, half * 0.85), **window)
        w.box((front - side * 0.1, w.uniform(2.9, 3.3), z), (0.15, 0.3, half * 0.95), **w.paint(0.4))
        if w.chance(0.4):
            out = w.uniform(0.6, 1.3)
            cloth = w.texture("stripes", size=(1, 2)) if w.chance(0.4) else w.paint(0.5)
            w.box((front - side * out, 2.7, z), (out, 0.05, half * 0.85), (0, 0, side * 0.3), **cloth)


def fire_escape(w: Workshop, front: float, side: int, z: float, height: float) -> None:
    """Hang platforms with railings and ladders on a front."""
    iron, half = w.grey(0.01, 0.1), w.uniform(1.2, 2.2)
    for index in range(min(5, int(height / 3.2) - 1)):
        up = 3.8 + 3.2 * index
        w.box((front - side * 0.6, up, z), (0.6, 0.04, half), **iron)
        w.box((front - side * 1.2, up + 0.5, z), (0.02, 0.5, half), **iron, **w.bars(1.0))
        lean = 1 if index % 2 else -1
        x, along = front - side * 0.9, lean * half * 0.8
        w.rod((x, up, z - along), (x, up + 3.2, z + along), 0.06, **iron)


def palm(w: Workshop, x: float, z: float) -> None:
    """Grow a palm: a slim trunk, and fronds that arch outwards and down."""
    height, radius = w.uniform(5, 14), w.uniform(0.13, 0.3)
    lean = w.normal(0.5)
    bark = w.texture("rough", "stripes", size=(0.4, 1.0), dark=0.3) | {"color": (0.35, 0.3, 0.25)}
    w.rod((x, -0.1, z), (x + lean, height, z), radius, **bark)
    leaves = w.texture("foliage", size=(0.6, 2), dark=0.4)
    reach = w.uniform(1.2, 2.6)
    for index in range(w.integer(7, 12)):
        place = standing_at(x + lean, z, 0.6 * index + w.normal(0.2), height)
        rise = w.uniform(-0.3, 0.9) * reach
        bend = place(0, rise * 0.6, reach * 0.5)
        tip = place(0, rise - w.uniform(0.5, 1.2) * reach, reach)
        for begin, end in ((place(0, 0, 0), bend), (bend, tip)):
            _frond(w, begin, end, reach * 0.13, leaves)
    w.ellipsoid((x + lean, height, z), (0.3, 0.4, 0.3), **leaves)


def _frond(w: Workshop, begin: Vector, end: Vector, half_width: float, leaves: Finish) -> None:
    run = [after - before for before, after in zip(begin, end, strict=True)]
    length = math.hypot(*run)
    middle = ((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2, (begin[2] + end[2]) / 2)
    turn = (math.atan2(run[0], run[2]), math.acos(run[1] / length), 0.0)
    w.ellipsoid(middle, (half_width, length * 0.55, half_width * 0.35), turn, **leaves, **w.leaves((0.4, 0.8)))


def banner_pole(w: Workshop, x: float, z: float) -> None:
    """Put up a lamp post that carries one or two banners."""
    height, radius = w.uniform(5, 9), w.uniform(0.07, 0.16)
    metal = w.grey(0.05, 0.6)
    w.cylinder((x, height / 2, z), (radius, height / 2, radius), taper=(0.2, 0.2), **metal)
    w.cylinder((x, 0.4, z), (radius * 2.4, 0.45, radius * 2.4), taper=(0.4, 0.4), **metal)
    top, drop, half = height * w.uniform(0.7, 0.98), w.uniform(0.6, 1.3), w.uniform(0.25, 0.5)
    for right in (-1, 1) if w.chance(0.6) else (w.side(),):
        cloth = w.texture("print", size=(0.8, 2)) if w.chance(0.6) else w.paint(0.6)
        w.box((x + right * (half + 0.15), top - drop, z), (half, drop, 0.015), (w.normal(0.1), 0, 0), **cloth)
        w.box((x + right * half, top + 0.02, z), (half + 0.1, 0.02, 0.02), **metal)


def stall(w: Workshop, x: float, z: float) -> None:
    """Set up a cart or a table under one or two parasols."""
    half = (w.uniform(0.5, 1.0), w.uniform(0.35, 0.6), w.uniform(0.4, 0.8))
    w.box((x, half[1] + 0.25, z), half, (w.uniform(0, 6), 0, 0), **w.texture("print", "stripes", "wood", size=(0.6, 2)))
    for right in (-1, 1) if w.chance(0.4) else (0,):
        at, up = x + right * 0.9, w.uniform(2.0, 2.7)
        w.rod((at, 0, z), (at, up, z), 0.03, **w.grey(0.1, 0.7))
        w.cylinder((at, up, z), (w.uniform(0.8, 1.4), 0.22, 1.1), taper=(0.97, 0.97), **w.paint(0.6))


def motorcycle(w: Workshop, x: float, z: float, yaw: float) -> None:
    """Park a motorcycle: two wheels, an engine, a tank, a seat, a fork with a lamp, and bars."""
    place, turned = standing_at(x, z, yaw), (yaw, 0.0, 0.0)
    paint, iron = w.paint(0.5), w.grey(0.05, 0.6)
    for ahead in (-0.7, 0.7):
        w.cylinder(place(0, 0.32, ahead), (0.32, 0.07, 0.32), (yaw, 0, math.pi / 2), color=(0.03, 0.03, 0.03))
        w.cylinder(place(0, 0.32, ahead), (0.2, 0.075, 0.2), (yaw, 0, math.pi / 2), **w.grey(0.2, 0.7))
    w.box(place(0, 0.42, 0), (0.17, 0.2, 0.26), turned, **iron)
    w.ellipsoid(place(0, 0.8, 0.15), (0.17, 0.15, 0.3), turned, **paint)
    w.box(place(0, 0.75, -0.4), (0.14, 0.06, 0.35), turned, color=(0.02, 0.02, 0.02))
    for right in (-0.1, 0.1):
        w.rod(place(right, 0.32, 0.7), place(right, 0.95, 0.45), 0.03, **iron)
        w.rod(place(2 * right, 0.35, -0.75), place(1.5 * right, 0.35, 0.1), 0.045, **iron)
    w.rod(place(-0.38, 1.02, 0.38), place(0.38, 1.02, 0.38), 0.02, **iron)
    w.ellipsoid(place(0, 0.88, 0.56), (0.1, 0.1, 0.07), turned, **w.grey(0.5, 0.9))
    w.box(place(0, 0.67, 0.7), (0.08, 0.02, 0.25), turned, **paint)
