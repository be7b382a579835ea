"""What is screwed onto a car: number plates, mirrors, handles, wipers, aerial, badge, exhaust, roof rails."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes.kit.mesh import MeshBuilder, Points
from examples.scenes.vehicles import car_parts as parts
from examples.scenes.vehicles.car_body import RINGS, pane_line
from examples.scenes.vehicles.car_materials import kit, lens
from examples.scenes.vehicles.car_models import Model
from examples.scenes.vehicles.car_shape import greenhouse, roof_height


def fittings(model: Model, coat: bpy.types.Material, rng: np.random.Generator) -> bpy.types.Object:
    """What is screwed on: plates, mirrors, handles."""
    b, shape = MeshBuilder(), model.shape
    letters = [rng.choice(list(choice)) for choice in ("123456789", *["AHKTX"] * 3, *["0123456789"] * 3)]
    with b.moved((0, shape.tail + model.plate_inset, model.plate_z), (-2, 0, 0)):
        parts.number_plate(b, "".join(letters))
    with b.moved((0, shape.nose, model.intake[2][1] + 0.05), (0, 0, 180)):
        parts.number_plate(b, "".join(letters))
    for side in (1, -1):
        with b.moved(scale=(side, 1, 1)):
            parts.mirror(b, model.mirror, coat)
            for y, z in model.handles:
                parts.handle(b, (shape.width / 2 - 0.016, y, z), coat)
    _tail_fittings(b, model)
    _roof_fittings(b, model, coat)
    if model.cargo:
        _cargo_fittings(b, model)
    return b.build("car fittings", bevel_m=0.002)


def _tail_fittings(b: MeshBuilder, model: Model) -> None:
    """Grip above the plate, badge and exhaust."""
    k, tail = kit(), model.shape.tail
    y = tail + model.plate_inset
    if not model.cargo:
        parts.pillow(b, (0, y + 0.008, model.plate_z + 0.108), (0.56, 0.05, 0.034), k.chrome, power=5)
        with b.moved((0, y - 0.004, model.plate_z + 0.165), (90, 0, 0)):
            b.lathe([(0.034, -0.02), (0.034, 0.004), (0.028, 0.008), (0.025, 0.004), (0.0, 0.004)], k.chrome, sides=32)
            b.box((-0.004, -0.026, 0.0), (0.004, 0.026, 0.007), k.chrome)
    with b.moved((0.48, tail + 0.13, model.shape.sill[0][1] - 0.005), (86, 0, 0)):
        b.lathe(
            [(0.032, -0.30), (0.036, 0.0), (0.038, 0.03), (0.034, 0.032), (0.032, 0.02), (0.030, -0.1)], k.chrome, sides=28
        )
        b.lathe([(0.031, -0.02), (0.0, -0.03)], k.gap, sides=20)
        b.tube([(0, -0.005, -0.28), (0, -0.02, -1.2)], 0.025, k.dark)
    b.tube([(-0.5, model.shape.axles[0], 0.26), (0.5, model.shape.axles[0], 0.26)], 0.045, k.dark)


def _roof_fittings(b: MeshBuilder, model: Model, coat: bpy.types.Material) -> None:
    """Aerial, third brake lamp, wipers."""
    k, shape = kit(), model.shape
    head = shape.back[1]
    z = float(roof_height(shape)(np.zeros(1), np.array([head + 0.12]))[0])
    with b.moved((0, head + 0.13, z), (-6, 0, 0)):
        parts.pillow(b, (0, 0, 0.005), (0.05, 0.17, 0.03), coat, power=3)
        b.prism([(-0.075, 0.01), (0.07, 0.01), (-0.045, 0.046), (-0.065, 0.044)], -0.008, 0.008, coat, axis="x")
    brake_lamp = lens("tail lens", (0.55, 0.012, 0.008))
    grid = greenhouse(shape)
    if model.spoiler:
        _spoiler(b, grid, coat)
        parts.pillow(b, (0, head - 0.125, z - 0.062), (0.36, 0.02, 0.018), brake_lamp, power=5)
        steps = [(0.001 + 0.42 * s, 0.10 + 0.05 * s) for s in np.linspace(0, 1, 9)]
        b.tube(pane_line(grid, steps, -1), 0.009, k.rubber, sides=6)
        parts.pillow(b, pane_line(grid, [(0.001, 0.085)], -1)[0], (0.07, 0.06, 0.05), k.trim, power=3)
    elif model.panes.back:
        parts.pillow(b, (0, head - 0.02, z - 0.085), (0.30, 0.05, 0.028), brake_lamp, power=5)
    for start, end in ((-0.02, -0.62), (0.55, 0.04)):
        steps = [(start + s * (end - start) or 0.001, 0.05 + 0.04 * s) for s in np.linspace(0, 1, 9)]
        b.tube(pane_line(grid, steps, 1), 0.008, k.rubber, sides=6)
    if model.rails:
        for side in (-1, 1):
            x = side * 0.41 * shape.roof_width
            y = np.linspace(head + 0.05, shape.screen[1] - 0.12, 25)
            lift = 0.045 * np.minimum(1, 8 * np.minimum(np.linspace(0, 1, 25), np.linspace(1, 0, 25)))
            b.tube(np.column_stack((np.full(25, x), y, roof_height(shape)(np.full(25, x), y) - 0.005 + lift)), 0.014, k.trim)


def _spoiler(b: MeshBuilder, grid: Points, coat: bpy.types.Material) -> None:
    """A lip that carries the roof on over the rear window."""
    edge = np.array([_roof_edge(grid, x) for x in np.linspace(0, 0.42, 13)])
    edge = np.concatenate((edge[:0:-1] * (-1, 1, 1), edge))
    length = (0.15 * (1 - np.linspace(-1, 1, len(edge)) ** 6) + 0.004)[:, None]
    section = ((0.25, 0.003), (-0.55, -0.014), (-0.97, -0.034), (-1.0, -0.042), (-0.95, -0.047), (0.0, -0.05))
    rows = np.stack([edge + length * (0, along, 0) + (0, 0, down) for along, down in section], axis=1)
    b.sheet(rows, coat, closed=True)


def _roof_edge(grid: Points, x: float) -> Points:
    """The point above the rear window at x where the roof begins to fall."""
    rim = grid[RINGS + 3]
    behind = np.flatnonzero((rim[:, 1] < rim[:, 1].mean()) & (rim[:, 0] >= 0))
    order = behind[np.argsort(rim[behind, 0])]
    return np.array([np.interp(x, rim[order, 0], rim[order, axis]) for axis in range(3)])


def _cargo_fittings(b: MeshBuilder, model: Model) -> None:
    """Hinges, grip and step of the rear doors of a van."""
    k, y = kit(), model.shape.tail + model.plate_inset
    for side in (-1, 1):
        for z in (0.62, 1.05, 1.95):
            x = 0.82 if z < 1.5 else 0.76
            parts.pillow(b, (side * x, y + 0.02, z), (0.07, 0.05, 0.07), k.plastic, power=4)
        b.tube([(side * 0.2, model.shape.tail - 0.01, 0.50), (side * 0.6, model.shape.tail - 0.01, 0.50)], 0.012, k.plastic)
    parts.pillow(b, (0.12, y, 1.0), (0.05, 0.05, 0.22), k.plastic, power=4)
    parts.pillow(b, (0.0, y - 0.01, 1.19), (0.02, 0.03, 0.03), k.plastic, power=4)
