"""Parked and moving cars, seen from behind: y runs forward from the tail to the nose."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes import car_body as body
from examples.scenes import car_parts as parts
from examples.scenes.assets import asset, instance
from examples.scenes.car_materials import kit, lens, paint
from examples.scenes.car_shape import SALOON, Shape
from examples.scenes.materials import Colour
from examples.scenes.mesh import MeshBuilder
from examples.scenes.skin import Skin, both, drawn, within

SALOON_PANES = body.Panes(sides=((-1.16, -0.78), (-0.74, -0.08), (-0.01, 0.78)), upright=(False,) * 3)


def sedan(colour: Colour = (0.35, 0.02, 0.02), seed: int = 0) -> bpy.types.Collection:
    """A saloon of 4.70 x 1.82 x 1.46 m."""
    rng = np.random.default_rng(seed)
    shape, coat = SALOON, paint(colour)
    skin = body.lower_skin(shape, coat)
    saloon_tail(skin, shape, coat)
    saloon_sides(skin, shape, coat)
    face(skin, shape, coat)
    things = [skin.build("saloon tub"), body.wheel_wells(shape, skin, coat), body.underside(shape).build("saloon underside")]
    things += [body.upper_skin(shape, coat, SALOON_PANES).build("saloon top"), body.lining(shape)]
    things += [*running_gear(shape, rng), *cabin(shape), extras(shape, coat, rng)]
    return asset("saloon", things)


def saloon_tail(skin: Skin, shape: Shape, coat: bpy.types.Material) -> None:
    """Lamps, bumper, boot lid of a saloon."""
    k, tail = kit(), within(1, high=-1.7)
    behind = within(1, high=shape.tail + 0.45)
    skin.paint(within(2, high=0.365), k.plastic, limit=behind, on=coat)
    lamp = drawn([(0.47, 0.735), (1.0, 0.72), (1.0, 0.925), (0.56, 0.915)], "end", radius_m=0.04)
    skin.paint(lamp, k.trim, high=0.005, limit=behind, on=coat)
    skin.paint(lamp, lens("tail lens", (0.33, 0.008, 0.006)), limit=behind)
    white = drawn([(0.50, 0.775), (0.66, 0.77), (0.66, 0.815), (0.515, 0.815)], "end", radius_m=0.02)
    skin.paint(white, lens("reverse lens", (0.55, 0.55, 0.55), 0.008), limit=behind)
    lid = drawn([(-1, 0.655), (0.60, 0.655), (0.635, 0.83), (0.70, 1.3), (-1, 1.3)], "end", radius_m=0.06)
    body.gap(skin, lid, both(tail, within(2, low=0.6)), coat)
    body.gap(skin, within(2, high=0.648), both(within(1, high=shape.axles[0] - 0.1), within(2, low=0.5)), coat)
    recess = drawn([(-1, 0.70), (0.27, 0.70), (0.30, 0.885), (-1, 0.885)], "end", radius_m=0.03)
    skin.paint(recess, k.gap, high=0.003, limit=behind, on=coat)
    skin.paint(recess, paint_shadow(coat), limit=behind)
    reflector = drawn([(0.60, 0.44), (0.76, 0.44), (0.76, 0.468), (0.60, 0.468)], "end", radius_m=0.01)
    skin.paint(reflector, lens("reflector", (0.28, 0.01, 0.008), 0.006), limit=behind)


def paint_shadow(coat: bpy.types.Material) -> bpy.types.Material:
    return coat


def saloon_sides(skin: Skin, shape: Shape, coat: bpy.types.Material) -> None:
    """Doors, sills and the fuel flap."""
    k = kit()
    beside = both(within(1, -1.9, 1.6), lambda points: 0.62 - np.abs(points[:, 0]))
    skin.paint(within(2, high=0.255), k.plastic, limit=within(1, *shape.axles), on=coat)
    front = [(-0.06, 0.275), (0.93, 0.275), (0.99, 0.60), (0.93, 1.1), (-0.06, 1.1)]
    rear = [(-0.06, 0.275), (-0.06, 1.1), (-1.14, 1.1), (-1.10, 0.80), (-0.90, 0.55), (-0.86, 0.275)]
    for door in (front, rear):
        body.gap(skin, drawn(door, "side", radius_m=0.07), beside, coat)
    flap = drawn([(-1.66, 0.80), (-1.49, 0.80), (-1.49, 0.95), (-1.66, 0.95)], "side", radius_m=0.05)
    body.gap(skin, flap, both(beside, within(0, low=0)), coat)
    body.gap(skin, within(1, low=1.83), both(within(2, 0.3, 0.62), within(1, 1.6)), coat)


def face(skin: Skin, shape: Shape, coat: bpy.types.Material) -> None:
    """Head lamps, grille, front bumper and bonnet."""
    k = kit()
    ahead = within(1, low=shape.nose - 0.62)
    bonnet = drawn([(-1, 0.9), (0.74, 0.9), (0.70, 1.7), (0.58, 2.22), (-1, 2.24)], "top", radius_m=0.12)
    body.gap(skin, bonnet, within(1, low=0.9), coat)
    lamp = drawn([(0.50, 0.60), (1.0, 0.66), (1.0, 0.765), (0.56, 0.70)], "end", radius_m=0.03)
    skin.paint(lamp, k.trim, high=0.006, limit=ahead, on=coat)
    skin.paint(lamp, lens("head lens", (0.5, 0.52, 0.54), 0.03), limit=ahead)
    grille = drawn([(-1, 0.44), (0.40, 0.44), (0.46, 0.60), (-1, 0.61)], "end", radius_m=0.04)
    skin.paint(grille, k.chrome, high=0.014, limit=ahead, on=coat)
    skin.paint(grille, k.gap, limit=ahead)
    intake = drawn([(-1, 0.25), (0.62, 0.25), (0.70, 0.36), (-1, 0.37)], "end", radius_m=0.03)
    skin.paint(intake, k.plastic, limit=ahead)
    skin.paint(within(2, high=0.23), k.plastic, limit=ahead, on=coat)


def running_gear(shape: Shape, rng: np.random.Generator) -> list[bpy.types.Object]:
    """Four wheels."""
    wheel = parts.wheel(shape.wheel_radius)
    track = shape.width / 2 - 0.13
    turns = [(side, axle, rng.uniform(0, 360)) for side in (-1, 1) for axle in shape.axles]
    return [
        instance(wheel, (side * track, axle, shape.wheel_radius), (turn, 90 * side, 0)) for side, axle, turn in turns
    ]


def cabin(shape: Shape) -> list[bpy.types.Object]:
    """Seats, dashboard, steering wheel and parcel shelf."""
    k, b = kit(), MeshBuilder()
    seat, bench = parts.seat(), parts.seat(bench=True)
    foot = shape.screen[0]
    parts.pillow(b, (0, foot - 0.33, 0.80), (1.42, 0.62, 0.30), k.interior, power=5)
    parts.pillow(b, (-0.36, foot - 0.56, 0.93), (0.40, 0.22, 0.10), k.interior, power=3)
    parts.pillow(b, (0, foot - 0.62, 0.80), (0.28, 0.06, 0.16), k.trim, power=5)
    parts.pillow(b, (0, 0.05, 0.50), (0.22, 0.95, 0.28), k.interior, power=5)
    parts.steering_wheel(b, (-0.36, foot - 0.74, 0.87))
    b.box((-0.66, shape.back[0] + 0.12, 0.86), (0.66, shape.back[0] + 0.46, 0.93), k.cloth)
    for x in (-0.36, 0.36):
        parts.pillow(b, (x, shape.back[0] + 0.3, 0.935), (0.24, 0.16, 0.02), k.plastic, power=3)
    parts.pillow(b, (0, shape.screen[1] + 0.06, 1.335), (0.24, 0.03, 0.065), k.trim, power=4)
    for side in (-1, 1):
        parts.pillow(b, (side * 0.36, shape.screen[1] - 0.02, 1.385), (0.42, 0.17, 0.02), k.cloth_pale, power=5)
    seats = [instance(seat, (x, -0.30, 0.40)) for x in (-0.36, 0.36)] + [instance(bench, (0, -1.12, 0.42))]
    return [b.build("cabin", bevel_m=0.01), *seats]


def extras(shape: Shape, coat: bpy.types.Material, rng: np.random.Generator) -> bpy.types.Object:
    """What is screwed on: plates, mirrors, handles, badge, exhaust, antenna, wipers, third brake lamp."""
    k, b = kit(), MeshBuilder()
    text = "".join(rng.choice(list("23456789")) for _ in range(1)) + "".join(rng.choice(list("AHKTX")) for _ in range(3))
    text += "".join(rng.choice(list("0123456789")) for _ in range(3))
    with b.moved((0, shape.tail + 0.055, 0.785), (-2, 0, 0)):
        parts.number_plate(b, text)
    with b.moved((0, -shape.tail + 0.0, 0.40), (0, 0, 180)):
        parts.number_plate(b, text)
    for side in (1, -1):
        with b.moved(scale=(side, 1, 1)):
            parts.mirror(b, (0.80, 0.72, 1.0), coat)
            for y in (-0.97, 0.12):
                parts.handle(b, (0.892, y, 0.845), coat)
    return b.build("car fittings", bevel_m=0.002)
