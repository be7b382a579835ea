"""Cars that stand along +y, seen from behind: saloon, hatchback, sport utility, delivery van and taxi."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import bpy
import numpy as np

from examples.scenes.kit.assets import asset
from examples.scenes.kit.materials import Colour
from examples.scenes.kit.mesh import MeshBuilder
from examples.scenes.vehicles import car_body as body
from examples.scenes.vehicles import car_details as details
from examples.scenes.vehicles.car_fittings import fittings
from examples.scenes.vehicles.car_materials import kit, paint
from examples.scenes.vehicles.car_models import HATCHBACK, SALOON, SUV, VAN, Model
from examples.scenes.vehicles.car_parts import pillow
from examples.scenes.vehicles.lettering import raised

STAND_IN: Colour = (0.5, 0.5, 0.5)


def sedan(colour: Colour = (0.35, 0.02, 0.02), seed: int = 0) -> bpy.types.Collection:
    """A saloon of 4.70 x 1.82 x 1.46 m."""
    return _car(SALOON, colour, seed)


def hatchback(colour: Colour = (0.03, 0.07, 0.16), seed: int = 0) -> bpy.types.Collection:
    """A small car of 4.10 x 1.76 x 1.48 m."""
    return _car(HATCHBACK, colour, seed)


def suv(colour: Colour = (0.02, 0.02, 0.022), seed: int = 0) -> bpy.types.Collection:
    """A sport utility car of 4.80 x 1.92 x 1.75 m with dark rear windows."""
    return _car(SUV, colour, seed)


def van(colour: Colour = (0.62, 0.62, 0.60), seed: int = 0) -> bpy.types.Collection:
    """A delivery van of 5.50 x 2.00 x 2.40 m with side windows only in front."""
    return _car(VAN, colour, seed)


def taxi(seed: int = 0) -> bpy.types.Collection:
    """A yellow saloon with a sign on its roof."""
    b, k = MeshBuilder(), kit()
    pillow(b, (0, -0.25, 1.475), (0.62, 0.22, 0.03), k.plastic, power=6)
    pillow(b, (0, -0.25, 1.545), (0.56, 0.17, 0.13), k.plate, power=5)
    for turn in (0, 180):
        with b.moved((0, -0.25, 1.545), (0, 0, turn)), b.moved((0, -0.086, 0)):
            raised(b, "TAXI", 0.085, k.plate_ink, thick_m=0.008)
    return _car(SALOON, (0.62, 0.33, 0.015), seed, [b.build("taxi sign")])


def _car(model: Model, colour: Colour, seed: int, more: Sequence[bpy.types.Object] = ()) -> bpy.types.Collection:
    rng = np.random.default_rng(seed)
    coat = paint(colour)
    things = [_painted(part, coat) for part in _unpainted(model)]
    things += [*details.running_gear(model, rng), *details.seats(model), fittings(model, coat, rng)]
    return asset(model.name, [*things, *more])


@cache
def _unpainted(model: Model) -> list[bpy.types.Object]:
    """The parts that all cars of a kind share, in a stand-in for the paint."""
    shape, coat = model.shape, paint(STAND_IN)
    tub = body.lower_skin(shape, coat)
    details.tail(tub, model, coat)
    details.sides(tub, model, coat)
    details.face(tub, model, coat)
    top = body.upper_skin(shape, coat, model.panes)
    if model.cargo:
        details.cargo_sides(tub, coat)
        details.rear_doors(top, coat)
        details.livery(tub, coat)
        details.livery(top, coat)
    things = [tub.build("car tub"), top.build("car top"), body.underside(shape).build("car underside")]
    return [*things, body.wheel_wells(shape, tub, coat), body.lining(shape), details.cabin(model)]


def _painted(part: bpy.types.Object, coat: bpy.types.Material) -> bpy.types.Object:
    """The same mesh with another paint."""
    twin = part.copy()
    for slot in twin.material_slots:
        if slot.material == paint(STAND_IN):
            slot.link, slot.material = "OBJECT", coat
    return twin
