"""What synthetic scenes are made of: tapered boxes, ellipsoids and tapered cylinders, many scenes in one set of tensors.

World axes: x right, y up, z away from the camera; metres and radians throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

Color = tuple[float, float, float]  # linear RGB
Vector = tuple[float, float, float]


class Shape(IntEnum):
    """The bodies, in local coordinates from -1 to 1; a taper narrows x and z towards the top by its share."""

    BOX = 0
    ELLIPSOID = 1
    CYLINDER = 2


class Primitive(NamedTuple):
    """One body.

    Attributes:
        shape: What it is.
        center, half_size: In metres.
        rotation: Yaw about y, then pitch about x, then roll about z, of the body's own axes.
        taper: Share by which x and z are narrower at the top.
        color: Multiplies the texture, or stands alone where `texture` is -1.
        texture, texture_size: Index in the atlas, and how many metres it spans before it repeats.
        cutout, cutout_size: The same for the mask that says where the body is solid; -1 is solid throughout.
        emission: Light of its own, as a share of its colour.
        casts_shadow: Whether it does.
    """

    shape: Shape
    center: Vector
    half_size: Vector
    rotation: Vector = (0.0, 0.0, 0.0)
    taper: tuple[float, float] = (0.0, 0.0)
    color: Color = (1.0, 1.0, 1.0)
    texture: int = -1
    texture_size: float = 1.0
    cutout: int = -1
    cutout_size: float = 1.0
    emission: float = 0.0
    casts_shadow: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """Where a scene is seen from.

    Attributes:
        position: In metres.
        yaw, pitch, roll: Positive pitch looks up.
        half_width: Tangent of half the horizontal angle of view.
    """

    position: Vector
    yaw: float
    pitch: float
    roll: float
    half_width: float


@dataclass(frozen=True, slots=True)
class Scene:
    """Bodies, a view, and the kind of light.

    Attributes:
        view: The camera.
        outdoors: Sun and sky; else a lamp or a window.
        near: Nothing is nearer to the camera than this [m]: bodies are cut there.
        bodies: Filled by the layouts.
    """

    view: View
    outdoors: bool
    near: float
    bodies: list[Primitive] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Primitives:
    """The N bodies of S scenes as tensors; the first axis is N.

    Attributes:
        scene: (N,) int64, which scene a body belongs to.
        shape: (N,) int64.
        center, half_size, color: (N, 3) float32.
        rotation: (N, 3, 3), the body's axes as columns.
        taper: (N, 2).
        texture, cutout: (N,) int64.
        texture_size, cutout_size, emission: (N,) float32.
        casts_shadow: (N,) bool.
    """

    scene: Tensor
    shape: Tensor
    center: Tensor
    half_size: Tensor
    rotation: Tensor
    taper: Tensor
    color: Tensor
    texture: Tensor
    texture_size: Tensor
    cutout: Tensor
    cutout_size: Tensor
    emission: Tensor
    casts_shadow: Tensor


def collect(scenes: Sequence[Scene], device: torch.device | str = "cpu") -> Primitives:
    """The bodies of all scenes, in order."""
    bodies = [body for scene in scenes for body in scene.bodies]
    columns = dict(zip(Primitive._fields, zip(*bodies, strict=True), strict=True))

    def numbers(name: str) -> Tensor:
        return torch.from_numpy(np.asarray(columns[name], dtype=np.float32)).to(device)

    def integers(name: str) -> Tensor:
        return torch.from_numpy(np.asarray(columns[name], dtype=np.int64)).to(device)

    scene = np.repeat(np.arange(len(scenes)), [len(scene.bodies) for scene in scenes])
    return Primitives(
        scene=torch.from_numpy(scene).to(device),
        shape=integers("shape"),
        center=numbers("center"),
        half_size=numbers("half_size"),
        rotation=rotations(numbers("rotation")),
        taper=numbers("taper"),
        color=numbers("color"),
        texture=integers("texture"),
        texture_size=numbers("texture_size"),
        cutout=integers("cutout"),
        cutout_size=numbers("cutout_size"),
        emission=numbers("emission"),
        casts_shadow=integers("casts_shadow").bool(),
    )


def rotations(angles: Tensor) -> Tensor:
    """(N, 3) yaw, pitch and roll to (N, 3, 3): R = yaw about y, times pitch about x, times roll about z."""
    cos, sin = angles.cos(), angles.sin()
    one, zero = torch.ones_like(cos[:, 0]), torch.zeros_like(cos[:, 0])

    def matrix(*rows: Sequence[Tensor]) -> Tensor:
        return torch.stack([torch.stack(tuple(row), dim=-1) for row in rows], dim=-2)

    yaw = matrix((cos[:, 0], zero, sin[:, 0]), (zero, one, zero), (-sin[:, 0], zero, cos[:, 0]))
    pitch = matrix((one, zero, zero), (zero, cos[:, 1], -sin[:, 1]), (zero, sin[:, 1], cos[:, 1]))
    roll = matrix((cos[:, 2], -sin[:, 2], zero), (sin[:, 2], cos[:, 2], zero), (zero, zero, one))
    return yaw @ pitch @ roll
