"""What stands about outdoors: vehicles, trees, people, poles, signs, fences."""

from __future__ import annotations

import math

from depth_demo.training.scenes.workshop import Workshop, standing_at

RUBBER, GLASS = (0.03, 0.03, 0.03), (0.04, 0.05, 0.06)


def car(w: Workshop, x: float, z: float, yaw: float) -> None:
    """A saloon, estate, hatchback or van: body, cabin with raked windows, roof, wheels, lamps, plate."""
    place, turned = standing_at(x, z, yaw), (yaw, 0.0, 0.0)
    van = w.chance(0.2)
    half_width, half_length = w.uniform(0.82, 0.98), w.uniform(2.2, 2.9) if van else w.uniform(1.7, 2.4)
    body, floor = w.uniform(0.26, 0.36) * (1.3 if van else 1), w.uniform(0.18, 0.3)
    paint = w.grey(0.02, 0.9) if w.chance(0.65) else w.paint(0.5)
    belt = floor + 2 * body
    w.box(place(0, floor + body, 0), (half_width, body, half_length), turned, taper=(0.06, 0.03), **paint)
    cabin = w.uniform(0.45, 0.65) if van else w.uniform(0.25, 0.34)
    cabin_length = half_length * (w.uniform(0.8, 0.95) if van else w.uniform(0.48, 0.72))
    back = -(half_length - cabin_length) * (0.9 if w.chance(0.5) else w.uniform(0.2, 0.6))
    taper = (w.uniform(0.1, 0.25), 0.12 if van else w.uniform(0.2, 0.42))
    glass = {"color": tuple(w.uniform(0.4, 3.0) * value for value in GLASS)}
    w.box(place(0, belt + cabin, back), (half_width * 0.93, cabin, cabin_length), turned, taper=taper, **glass)
    roof = (half_width * 0.93 * (1 - taper[0]), 0.035, cabin_length * (1 - taper[1]) * 1.02)
    w.box(place(0, belt + 2 * cabin, back), roof, turned, **paint)
    if van and w.chance(0.7):  # closed sides
        w.box(place(0, belt + cabin, back - 0.25), (half_width * 0.95, cabin * 0.98, cabin_length * 0.8), turned,
              taper=taper, **paint)  # fmt: skip
    for right in (-1, 1):
        for ahead in (-0.62, 0.62):
            w.cylinder(place(right * half_width * 0.92, 0.31, ahead * half_length), (0.31, 0.11, 0.31),
                       (yaw, 0, math.pi / 2), color=RUBBER)  # fmt: skip
            w.cylinder(place(right * half_width * 0.96, 0.31, ahead * half_length), (0.18, 0.1, 0.18),
                       (yaw, 0, math.pi / 2), **w.grey(0.1, 0.6))  # fmt: skip
        for end, lamp in ((-1, (0.5, 0.03, 0.02)), (1, (0.8, 0.8, 0.75))):
            w.box(place(right * half_width * 0.74, floor + body * 1.3, end * half_length * 0.985), (0.17, 0.08, 0.05), turned,
                  color=lamp)  # fmt: skip
    for end in (-1, 1):
        w.box(place(0, floor + body * 0.75, end * half_length * 0.99), (0.26, 0.06, 0.03), turned, color=(0.7, 0.7, 0.65))
        w.box(
            place(0, floor + body * 0.3, end * half_length),
            (half_width * 0.95, body * 0.22, 0.06),
            turned,
            **w.grey(0.02, 0.3),
        )


def lorry(w: Workshop, x: float, z: float, yaw: float) -> None:
    """A lorry or bus: a tall box on wheels, with a cab or windows."""
    place, turned = standing_at(x, z, yaw), (yaw, 0.0, 0.0)
    half = (w.uniform(1.1, 1.25), w.uniform(1.0, 1.6), w.uniform(2.5, 5.5))
    skin = w.texture("plain", "print", "curtain wall", size=(2.0, 6.0)) if w.chance(0.6) else w.paint(0.3)
    w.box(place(0, 0.75 + half[1], 0), half, turned, **skin)
    w.box(
        place(0, 0.7 + half[1] * 0.75, half[2] + 0.8), (half[0], half[1] * 0.75, 0.85), turned, taper=(0, 0.15), **w.paint(0.4)
    )
    w.box(place(0, 0.8 + half[1] * 1.1, half[2] + 1.62), (half[0] * 0.9, half[1] * 0.25, 0.05), turned, color=GLASS)
    for right in (-1, 1):
        for ahead in (-0.8, -0.55, 1.1):
            w.cylinder(
                place(right * half[0] * 0.9, 0.48, ahead * half[2]), (0.48, 0.15, 0.48), (yaw, 0, math.pi / 2), color=RUBBER
            )


def bicycle(w: Workshop, x: float, z: float, yaw: float) -> None:
    """Two thin wheels and a frame of rods; parked or ridden by nobody."""
    place = standing_at(x, z, yaw)
    paint = w.paint(0.5)
    for ahead in (-0.52, 0.52):
        w.cylinder(place(0, 0.34, ahead), (0.34, 0.02, 0.34), (yaw, 0, math.pi / 2), color=RUBBER, **w.mesh(0.25))
    for start, end in (((0, 0.34, -0.52), (0, 0.85, -0.2)), ((0, 0.34, 0.52), (0, 0.95, 0.38)), ((0, 0.3, 0), (0, 0.85, 0.4)),
                       ((0, 0.3, 0), (0, 0.85, -0.2)), ((0, 0.8, -0.2), (0, 0.85, 0.4))):  # fmt: skip
        w.rod(place(*start), place(*end), 0.022, **paint)
    w.rod(place(-0.28, 1.0, 0.38), place(0.28, 1.0, 0.38), 0.02, color=RUBBER)
    w.box(place(0, 0.9, -0.22), (0.08, 0.03, 0.13), (yaw, 0, 0), color=RUBBER)


def person(w: Workshop, x: float, z: float, y: float = 0.0) -> None:
    """A standing or walking person."""
    yaw, height = w.uniform(0, 6.3), w.uniform(1.5, 1.92)
    place, size = standing_at(x, z, yaw, y), height / 1.75
    trousers, coat = w.paint(0.2, 0, 0.6), w.paint(0.35)
    stride = w.uniform(0, 0.2)
    for right in (-1, 1):
        w.rod(
            place(right * 0.1 * size, 0.86 * size, 0),
            place(right * 0.11 * size, 0.04, right * stride),
            0.085 * size,
            **trousers,
        )
        w.rod(
            place(right * 0.2 * size, 1.4 * size, 0),
            place(right * 0.27 * size, 0.85 * size, -right * stride * 0.7),
            0.05,
            **coat,
        )
    w.ellipsoid(place(0, 1.15 * size, 0), (0.21 * size, 0.36 * size, 0.14 * size), (yaw, 0, 0), **coat)
    skin = w.uniform(0.08, 0.5)
    w.ellipsoid(place(0, 1.62 * size, 0), (0.09 * size, 0.13 * size, 0.11 * size), color=(skin, skin * 0.75, skin * 0.6))
    w.ellipsoid(place(0, 1.67 * size, -0.02), (0.1 * size, 0.1 * size, 0.11 * size), **w.grey(0.01, 0.2))


def tree(w: Workshop, x: float, z: float) -> None:
    """A leafy crown of perforated ellipsoids on a trunk with branches, or a bare tree, or a conifer, or a palm."""
    trunk = w.uniform(1.5, 4.5)
    radius = w.uniform(0.08, 0.3)
    lean = w.normal(0.15)
    top = (x + lean, trunk + 1.0, z)
    bark = w.texture("rough", "wood", size=(0.4, 1.0), dark=0.3) | {"color": (0.3, 0.25, 0.2)}
    w.rod((x, -0.1, z), top, radius, **bark)
    kind = w.rng.choice(["leafy", "bare", "conifer", "bush"], p=[0.62, 0.13, 0.13, 0.12])
    spread = w.uniform(1.0, 3.0)
    for _ in range(w.integer(3, 6) if kind in {"leafy", "bare"} else 0):
        end = (top[0] + w.normal(spread * 0.6), top[1] + w.uniform(0.5, 1.2) * spread, z + w.normal(spread * 0.6))
        w.rod(top, end, radius * w.uniform(0.15, 0.35), **bark)
    leaves = w.texture("foliage", size=(0.6, 2.5), dark=0.4)
    if kind == "leafy":
        for _ in range(w.integer(4, 9)):
            center = (top[0] + w.normal(spread * 0.45), top[1] + w.uniform(0.1, 1.4) * spread, z + w.normal(spread * 0.45))
            size = spread * w.uniform(0.35, 0.8)
            w.ellipsoid(center, (size, size * w.uniform(0.6, 1), size), (w.uniform(0, 6), 0, w.normal(0.3)), **leaves,
                        **w.leaves((0.8, 2.5)))  # fmt: skip
    elif kind == "conifer":
        for tier in range(4):
            w.cylinder((x, trunk * 0.5 + tier * spread * 0.6, z), (spread * (1 - 0.2 * tier) * 0.6, spread * 0.5,
                       spread * (1 - 0.2 * tier) * 0.6), taper=(0.95, 0.95), **leaves, **w.leaves((0.8, 1.6)))  # fmt: skip
    elif kind == "bush":
        for _ in range(w.integer(2, 5)):
            size = w.uniform(0.4, 1.2)
            w.ellipsoid(
                (x + w.normal(0.7), size * 0.6, z + w.normal(0.7)), (size, size * 0.8, size), **leaves, **w.leaves((0.5, 1.5))
            )


def pole(w: Workshop, x: float, z: float, towards_road: int) -> None:
    """A lamp post, a traffic light, a sign on a post, a bollard, or a mast with wires."""
    kind = w.rng.choice(["lamp", "lights", "sign", "bollard", "mast"], p=[0.3, 0.15, 0.3, 0.1, 0.15])
    metal, height = w.grey(0.05, 0.6), {"lamp": 7.0, "lights": 3.6, "sign": 2.6, "bollard": 0.9, "mast": 8.5}[kind]
    height *= w.uniform(0.8, 1.2)
    radius = w.uniform(0.03, 0.08) if kind in {"sign", "lights"} else w.uniform(0.06, 0.14)
    w.cylinder((x, height / 2, z), (radius, height / 2, radius), taper=(0.3, 0.3), **metal)
    reach = towards_road * w.uniform(0.6, 2.2)
    if kind == "lamp":
        w.rod((x, height, z), (x + reach, height + 0.15, z), radius * 0.6, **metal)
        w.ellipsoid((x + reach, height + 0.05, z), (0.35, 0.08, 0.15), **w.grey(0.3, 0.9))
    elif kind == "lights":
        w.box((x, height, z), (0.15, 0.45, 0.12), **w.grey(0.01, 0.08))
        lamp = ((0.9, 0.05, 0.02), (0.9, 0.6, 0.05), (0.05, 0.8, 0.3))[w.integer(0, 2)]
        w.ellipsoid((x, height + w.uniform(-0.28, 0.28), z - 0.1), (0.1, 0.1, 0.05), color=lamp, emission=0.8)
    elif kind == "sign":
        face = w.paint(0.6) if w.chance(0.5) else w.texture("print", size=(0.5, 1.0))
        turn = w.normal(0.3)
        if w.chance(0.5):
            w.cylinder(
                (x, height, z - 0.06), (w.uniform(0.25, 0.4), 0.02, w.uniform(0.25, 0.4)), (turn, math.pi / 2, 0), **face
            )
        else:
            w.box((x, height, z - 0.06), (w.uniform(0.2, 0.8), w.uniform(0.2, 0.5), 0.02), (turn, 0, 0), **face)
    elif kind == "mast":
        w.box((x, height - 0.6, z), (0.9, 0.06, 0.06), **metal)
        for offset in (-0.7, 0.7):
            w.rod(
                (x + offset, height - 0.5, z),
                (x + offset + w.normal(1), height - w.uniform(0.3, 1), z + 35),
                0.015,
                **w.grey(0.01, 0.1),
            )


def fence(w: Workshop, x: float, z: float, length: float, yaw: float = 0.0) -> None:
    """Bars, mesh, planks, a hedge or a low wall, along z when `yaw` is 0."""
    kind = w.rng.choice(["bars", "mesh", "planks", "hedge", "wall", "rail"])
    half_height = w.uniform(0.4, 1.0)
    place = standing_at(x, z, yaw)
    half = (0.02, half_height, length / 2)
    if kind == "rail":
        for up in (0.45, 0.75):
            w.box(place(0, up, 0), (0.04, 0.12, length / 2), (yaw, 0, 0), **w.grey(0.3, 0.8))
        for index in range(int(length / 3)):
            w.cylinder(place(0, 0.4, index * 3 - length / 2), (0.06, 0.4, 0.06), **w.grey(0.2, 0.5))
        return
    finish = {
        "bars": lambda: w.grey(0.01, 0.4) | w.bars(2 * half_height),
        "mesh": lambda: w.grey(0.05, 0.5) | w.mesh(0.5),
        "planks": lambda: w.texture("wood", "stripes", size=(1.0, 3.0)),
        "hedge": lambda: w.texture("foliage", size=(0.7, 2.0), dark=0.4),
        "wall": lambda: w.texture("masonry", "rough", size=(0.8, 3.0)),
    }[kind]()
    thick = w.uniform(0.15, 0.5) if kind in {"hedge", "wall"} else 0.02
    w.box(place(0, half_height, 0), (thick, *half[1:]), (yaw, 0, 0), **finish)


def rubbish_bin(w: Workshop, x: float, z: float) -> None:
    """A bin, a box, a barrel or a planter."""
    size, height = w.uniform(0.2, 0.45), w.uniform(0.3, 0.6)
    finish = w.paint(0.35) if w.chance(0.6) else w.texture("rough", "print", "wood", size=(0.5, 1.5))
    if w.chance(0.5):
        w.box(
            (x, height, z),
            (size, height, size * w.uniform(0.6, 1.2)),
            (w.uniform(0, 6), 0, 0),
            taper=(w.uniform(-0.2, 0.1),) * 2,
            **finish,
        )
        w.box((x, 2 * height, z), (size * 1.1, 0.05, size), **w.grey(0.02, 0.4))
    else:
        w.cylinder((x, height, z), (size, height, size), **finish)
    if w.chance(0.25):
        w.ellipsoid(
            (x, 2 * height + 0.15, z), (size, 0.3, size), **w.texture("foliage", size=(0.4, 1.0)), **w.leaves((0.3, 0.8))
        )
