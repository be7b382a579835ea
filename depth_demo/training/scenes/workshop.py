"""Short ways to put bodies with random finishes into a scene."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from depth_demo.training.scenes.primitives import Color, Primitive, Scene, Shape, Vector
from depth_demo.training.scenes.textures import BARS, LEAVES, MESH, Atlas, color

Place = Callable[[float, float, float], Vector]
Finish = dict[str, Any]  # keyword arguments of Primitive that say what a surface looks like


@dataclass(frozen=True, slots=True)
class Workshop:
    """A scene under construction, with its dice and its textures."""

    rng: np.random.Generator
    atlas: Atlas
    scene: Scene

    def uniform(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def normal(self, deviation: float) -> float:
        return float(self.rng.normal(0, deviation))

    def integer(self, low: int, high: int) -> int:
        """From `low` to `high`, both included."""
        return int(self.rng.integers(low, high + 1))

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def side(self) -> int:
        return 1 if self.chance(0.5) else -1

    def box(self, center: Vector, half_size: Vector, rotation: Vector = (0, 0, 0), **rest: Any) -> None:  # noqa: ANN401
        self.scene.bodies.append(Primitive(Shape.BOX, center, half_size, rotation, **rest))

    def ellipsoid(self, center: Vector, half_size: Vector, rotation: Vector = (0, 0, 0), **rest: Any) -> None:  # noqa: ANN401
        self.scene.bodies.append(Primitive(Shape.ELLIPSOID, center, half_size, rotation, **rest))

    def cylinder(self, center: Vector, half_size: Vector, rotation: Vector = (0, 0, 0), **rest: Any) -> None:  # noqa: ANN401
        self.scene.bodies.append(Primitive(Shape.CYLINDER, center, half_size, rotation, **rest))

    def rod(self, start: Vector, end: Vector, radius: float, **rest: Any) -> None:  # noqa: ANN401
        """A thin cylinder from point to point."""
        run = np.subtract(end, start)
        length = float(np.linalg.norm(run))
        yaw, pitch = math.atan2(run[0], run[2]), math.acos(float(np.clip(run[1] / max(length, 1e-6), -1, 1)))
        middle = tuple(float(value) for value in (np.add(start, end)) / 2)
        self.cylinder((middle[0], middle[1], middle[2]), (radius, length / 2, radius), (yaw, pitch, 0), **rest)

    def paint(self, saturation: float = 0.2, low: float = 0.0, high: float = 1.0) -> Finish:
        """One colour, its brightness moved into a range."""
        r, g, b = (float(value) for value in np.clip(low + (high - low) * color(self.rng, saturation), 0.01, 1))
        return {"color": (r, g, b)}

    def grey(self, low: float, high: float) -> Finish:
        value = self.uniform(low, high)
        return {"color": (value, value, value)}

    def texture(self, *kinds: str, size: tuple[float, float], dark: float = 0.6) -> Finish:
        """A texture of one of these kinds, `size` metres before it repeats, lightly tinted."""
        return {
            "texture": self.atlas.choose(self.rng, *kinds),
            "texture_size": self.uniform(*size),
            "color": self.tint(dark),
        }

    def tint(self, dark: float = 0.6) -> Color:
        r, g, b = (float(value) for value in np.clip(self.uniform(dark, 1.2) * (1 + self.rng.normal(0, 0.04, 3)), 0.05, 1.3))
        return r, g, b

    def leaves(self, size: tuple[float, float]) -> Finish:
        return {"cutout": self.integer(0, LEAVES - 1), "cutout_size": self.uniform(*size)}

    def bars(self, size: float) -> Finish:
        return {"cutout": LEAVES + self.integer(0, BARS - 1), "cutout_size": size}

    def mesh(self, size: float) -> Finish:
        return {"cutout": LEAVES + BARS + self.integer(0, MESH - 1), "cutout_size": size}


def standing_at(x: float, z: float, yaw: float = 0.0, y: float = 0.0) -> Place:
    """From coordinates of something that stands at (x, y, z), turned by `yaw`, to the world's."""
    cos, sin = math.cos(yaw), math.sin(yaw)

    def place(right: float, up: float, ahead: float) -> Vector:
        return x + cos * right + sin * ahead, y + up, z - sin * right + cos * ahead

    return place
