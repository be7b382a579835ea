"""What tells one car from another: lamps, grille, doors drawn on its skin, and the things inside and screwed on."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes.kit.assets import instance
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import plain
from examples.scenes.kit.mesh import MeshBuilder, Points, arc
from examples.scenes.vehicles import car_parts as parts
from examples.scenes.vehicles.car_body import arches, gap
from examples.scenes.vehicles.car_materials import clear_pane, kit, lens
from examples.scenes.vehicles.car_models import Model
from examples.scenes.vehicles.car_shape import roof_height
from examples.scenes.vehicles.lettering import strokes
from examples.scenes.vehicles.skin import Field, Skin, both, drawn, within


def tail(skin: Skin, model: Model, coat: bpy.types.Material) -> None:
    """Lamps, bumper and lid."""
    k, shape = kit(), model.shape
    behind = within(1, high=shape.tail + 0.36)
    skin.paint(within(2, high=model.cladding + 0.11), k.plastic, limit=within(1, high=shape.axles[0]), on=coat)
    lamp = drawn(model.tail_lamp, "end", radius_m=0.04)
    skin.paint(lamp, k.gap, high=0.009, limit=behind, on=coat)
    skin.paint(lamp, lens("tail lens", (0.55, 0.012, 0.008)), limit=behind)
    low = model.tail_lamp[0]
    white = [(low[0] + dx, low[1] + dz) for dx, dz in ((0.03, 0.04), (0.19, 0.035), (0.19, 0.08), (0.045, 0.08))]
    skin.paint(drawn(white, "end", radius_m=0.02), lens("reverse lens", (0.55, 0.55, 0.55), 0.008), limit=behind)
    lid_zone = both(within(1, high=shape.tail + 0.65), within(2, low=model.bumper_z - 0.05))
    gap(skin, drawn(model.tail_lid, "end", radius_m=0.06), lid_zone, coat)
    gap(skin, within(2, high=model.bumper_z), within(1, high=shape.axles[0] - 0.1), coat)
    skin.paint(drawn(model.tail_recess, "end", radius_m=0.03), k.gap, low=0.0, high=0.004, limit=behind, on=coat)
    z = shape.wheel_radius + 0.115
    reflector = drawn([(0.60, z), (0.76, z), (0.76, z + 0.03), (0.60, z + 0.03)], "end", radius_m=0.01)
    skin.paint(reflector, lens("reflector", (0.28, 0.01, 0.008), 0.006), limit=behind)


def sides(skin: Skin, model: Model, coat: bpy.types.Material) -> None:
    """Doors, sills and the fuel flap."""
    shape = model.shape
    beside = both(within(1, shape.tail + 0.4, shape.nose - 0.7), lambda points: 0.66 - np.abs(points[:, 0]))
    skin.paint(within(2, high=model.cladding), kit().plastic, limit=within(1, *shape.axles), on=coat)
    if model.arch_trim_m:
        skin.paint(arches(shape), kit().plastic, high=model.arch_trim_m, limit=within(2, high=1.0), on=coat)
    for door in model.doors:
        gap(skin, drawn(door, "side", radius_m=0.07), beside, coat)
    y, z = shape.axles[0] - 0.22, shape.top[0][1] - 0.11
    flap = drawn(
        [(y - 0.08, z - 0.07), (y + 0.08, z - 0.07), (y + 0.08, z + 0.06), (y - 0.08, z + 0.06)], "side", radius_m=0.05
    )
    gap(skin, flap, both(beside, within(0, low=0)), coat)


def face(skin: Skin, model: Model, coat: bpy.types.Material) -> None:
    """Head lamps, grille, front bumper and bonnet."""
    k, shape = kit(), model.shape
    ahead, half = within(1, low=shape.nose - 0.62), shape.width / 2
    foot, nose = shape.screen[0], shape.nose
    rim = [
        (-1, foot - 0.2),
        (half - 0.14, foot - 0.2),
        (half - 0.16, nose - 0.6),
        (half - 0.33, nose - 0.13),
        (-1, nose - 0.11),
    ]
    gap(skin, drawn(rim, "top", radius_m=0.12), both(within(1, low=foot - 0.1), within(2, low=0.6)), coat)
    _head_lamp(skin, model, coat, ahead)
    grille = drawn(model.grille, "end", radius_m=0.04)
    skin.paint(grille, k.chrome, high=0.014, limit=ahead, on=coat)
    skin.paint(grille, k.gap, limit=ahead)
    for z in np.arange(model.grille[0][1] + 0.022, model.grille[2][1], 0.034):
        skin.paint(within(2, z, z + 0.012), k.trim, limit=ahead, on=k.gap)
    skin.paint(drawn(model.intake, "end", radius_m=0.03), k.plastic, limit=ahead)
    skin.paint(within(2, high=model.cladding - 0.02), k.plastic, limit=ahead, on=coat)
    gap(skin, within(1, low=shape.axles[1] + shape.arch_radius + 0.06), both(within(2, 0.3, 0.62), within(1, 1.6)), coat)


def _head_lamp(skin: Skin, model: Model, coat: bpy.types.Material, ahead: Field) -> None:
    """A dark housing behind glossy plastic with two projectors and a strip of daytime light."""
    k, glow = kit(), lens("head lens", (0.62, 0.64, 0.66), 0.03)
    lamp = drawn(model.head_lamp, "end", radius_m=0.03)
    skin.paint(lamp, k.gap, high=0.004, limit=ahead, on=coat)
    skin.paint(lamp, lens("lamp housing", (0.11, 0.115, 0.12), 0.02), limit=ahead)
    inner, _, outer, upper = (np.array(corner) for corner in model.head_lamp)
    strip = drawn(model.head_lamp, "end", radius_m=0.03)
    skin.paint(strip, glow, low=-0.021, high=-0.007, limit=both(ahead, lambda p: p[:, 2] - (inner[1] + 0.035)))
    middle = (inner + upper) / 2
    for share, radius in ((0.0, 0.040), (0.21, 0.038)):
        x = middle[0] + 0.08 + share * (outer[0] - middle[0]) / 0.75
        disc = drawn(arc(radius, 0, 360, 25, (x, middle[1] + 0.013 + share * 0.12))[:-1], "end")
        skin.paint(disc, k.chrome, high=0.007, limit=both(ahead, lamp))
        skin.paint(disc, glow, limit=both(ahead, lamp))


def cargo_sides(skin: Skin, coat: bpy.types.Material) -> None:
    """Rubbing strip and the rail of the sliding door of a van."""
    k = kit()
    skin.paint(within(2, 0.60, 0.70), k.plastic, limit=both(within(1, -2.45, 2.0), lambda p: 0.8 - np.abs(p[:, 0])), on=coat)
    rail = drawn([(-2.3, 0.985), (-0.84, 0.985), (-0.84, 1.015), (-2.3, 1.015)], "side", radius_m=0.012)
    skin.paint(rail, k.gap, limit=within(0, low=0.8), on=coat)


def livery(skin: Skin, coat: bpy.types.Material) -> None:
    """Stripes and a word on the sides of a van."""
    blue = plain("van livery", Label.VEHICLE, (0.02, 0.07, 0.22), 0.3, coat=0.8)
    red = plain("van livery red", Label.VEHICLE, (0.38, 0.03, 0.02), 0.3, coat=0.8)
    for side in (-1, 1):
        beside = within(0, low=0.8) if side > 0 else within(0, high=-0.8)
        for ends in strokes("EXPRESS", 0.26):
            first, second = (end * (side, 1) + (-0.55, 1.55) for end in ends)
            _stroke(skin, (first, second), beside, blue, coat)
    for start, width, colour in ((-2.32, 0.16, blue), (-2.10, 0.07, red)):
        stripe = [(start, 0.70), (start + width, 0.70), (start + width + 0.5, 2.14), (start + 0.5, 2.14)]
        skin.paint(drawn(stripe, "side"), colour, limit=lambda points: 0.8 - np.abs(points[:, 0]), on=coat)


def _stroke(
    skin: Skin, ends: tuple[Points, Points], limit: Field, material: bpy.types.Material, coat: bpy.types.Material
) -> None:
    """A straight stroke in side view, which may be narrower than the triangles of the skin."""
    thick = 0.020
    middle, half = (ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2
    reach = float(np.linalg.norm(half))
    along = half / reach
    across = np.array((-along[1], along[0]))
    length: Field = lambda points: np.abs((points[:, 1:] - middle) @ along) - reach - thick
    skin.paint(
        lambda points: (points[:, 1:] - middle) @ across, material, low=-thick, high=thick, limit=both(length, limit), on=coat
    )


def rear_doors(skin: Skin, coat: bpy.types.Material) -> None:
    """The upper part of the rear doors of a van, with their windows."""
    k, behind = kit(), within(1, high=-2.4)
    gap(skin, drawn([(0.0, 0.9), (0.78, 0.9), (0.72, 2.2), (0.0, 2.2)], "end", radius_m=0.05), behind, coat)
    pane = drawn([(0.11, 1.32), (0.70, 1.32), (0.66, 1.92), (0.11, 1.92)], "end", radius_m=0.06)
    skin.paint(pane, k.rubber, high=0.022, limit=behind)
    skin.paint(pane, clear_pane(), limit=behind)


def running_gear(model: Model, rng: np.random.Generator) -> list[bpy.types.Object]:
    """Four wheels."""
    shape = model.shape
    radius = shape.wheel_radius
    wheel = parts.wheel(radius, 0.225 if radius > 0.35 else 0.205, radius - 0.11, model.spokes)
    track = shape.width / 2 - 0.14
    steer = float(np.clip(rng.normal(0, 3), -7, 7))
    wheels = []
    for side in (-1, 1):
        for axle in shape.axles:
            turn = (0 if side > 0 else 180) + steer * (axle > 0)
            wheels.append(instance(wheel, (side * track, axle, radius), (rng.uniform(0, 360), 0, turn)))
    return wheels


def cabin(model: Model) -> bpy.types.Object:
    """Dashboard, steering wheel and parcel shelf."""
    k, b, shape = kit(), MeshBuilder(), model.shape
    belt = shape.top[len(shape.top) // 2][1]
    front, dash = model.seats_y[0], model.seats_y[0] + 0.94
    parts.pillow(b, (0, dash, belt - 0.14), (shape.belt_width - 0.24, 0.62, 0.28), k.interior, power=5)
    if shape.screen[0] - dash > 0.3:
        parts.pillow(
            b,
            (0, (shape.screen[0] + dash) / 2, belt - 0.10),
            (shape.belt_width - 0.35, shape.screen[0] - dash, 0.14),
            k.interior,
        )
    parts.pillow(b, (-0.36, dash - 0.23, belt - 0.01), (0.40, 0.22, 0.10), k.interior, power=3)
    parts.pillow(b, (0, dash - 0.29, belt - 0.14), (0.28, 0.06, 0.16), k.trim, power=5)
    parts.pillow(b, (0, front + 0.35, model.seat_z + 0.10), (0.22, 0.95, 0.28), k.interior, power=5)
    parts.steering_wheel(b, (-0.36, dash - 0.41, belt - 0.06))
    if model.shelf:
        back = shape.back[0]
        b.box((-0.66, back + 0.12, belt - 0.06), (0.66, back + 0.50, belt - 0.01), k.cloth)
        for x in (-0.36, 0.36):
            parts.pillow(b, (x, back + 0.3, belt - 0.005), (0.24, 0.16, 0.02), k.plastic, power=3)
    y = shape.screen[1] - 0.10
    head = float(roof_height(shape)(np.array([0.33]), np.array([y]))[0]) - 0.55 * shape.roof_radius
    parts.pillow(b, (0, y + 0.12, head - 0.06), (0.24, 0.03, 0.065), k.trim, power=4)
    for side in (-1, 1):
        parts.pillow(b, (side * 0.33, y, head - 0.01), (0.40, 0.17, 0.02), k.cloth_pale, power=5)
    return b.build("cabin", bevel_m=0.01)


def seats(model: Model) -> list[bpy.types.Object]:
    """Two front seats and the benches behind."""
    front, *rear = model.seats_y
    places = [(x, front, model.seat_z) for x in (-0.36, 0.36)]
    return [instance(parts.seat(), place) for place in places] + [instance(parts.bench(), (0, y, model.seat_z)) for y in rear]
