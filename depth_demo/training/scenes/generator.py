"""Synthetic photos with exact inverse depth: random scenes, seen by random cameras under random light."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from depth_demo.training.scenes.casting import Cameras, CutoutMasks, cast
from depth_demo.training.scenes.interiors import pile, room, tabletop
from depth_demo.training.scenes.primitives import Scene, collect, rotations
from depth_demo.training.scenes.shading import Light, shade
from depth_demo.training.scenes.streets import countryside, street
from depth_demo.training.scenes.textures import Atlas, paint_atlas, paint_masks

Layout = Callable[[np.random.Generator, Atlas, float], Scene]
LAYOUTS: dict[str, Layout] = {"street": street, "countryside": countryside, "room": room, "tabletop": tabletop, "pile": pile}
# Height and width of a picture [px], multiples of 16, and the share of each layout: wide pictures are mostly taken from cars.
SHAPES: dict[tuple[int, int], tuple[float, ...]] = {
    (256, 352): (0.36, 0.12, 0.21, 0.17, 0.14),
    (288, 288): (0.22, 0.13, 0.25, 0.22, 0.18),
    (192, 448): (0.62, 0.1, 0.11, 0.09, 0.08),
    (160, 576): (0.85, 0.15, 0.0, 0.0, 0.0),
}


@dataclass(frozen=True, slots=True)
class Samples:
    """A batch of S photos.

    Attributes:
        images: (S, 3, H, W) float32, gamma-encoded RGB from 0 to 1.
        inverse_depth: (S, H, W) float32 [1/m]; 0 is sky.
        layouts: Which layout each scene has.
    """

    images: Tensor
    inverse_depth: Tensor
    layouts: tuple[str, ...]


class Generator:
    """Makes samples from a seed; the same seed gives the same samples on the same kind of device."""

    def __init__(self, seed: int, device: torch.device | str = "cpu") -> None:
        self.rng = np.random.default_rng(seed)
        self.device = torch.device(device)
        self.renew()

    def renew(self) -> None:
        """Paint new textures and cut-outs; worth a few seconds after every few thousand scenes."""
        self.atlas = paint_atlas(self.rng, self.device)
        self.masks = CutoutMasks(torch.from_numpy(paint_masks(self.rng)).to(self.device))

    def samples(self, count: int, shape: tuple[int, int], layouts: Sequence[str] | None = None) -> Samples:
        """`count` scenes, or a few less: views of nothing but one surface are left out.

        Args:
            count: How many.
            shape: Height and width [px], multiples of 16.
            layouts: One name per scene; by default drawn as often as `SHAPES` says.
        """
        height, width = shape
        chosen = layouts or [str(name) for name in self.rng.choice(list(LAYOUTS), count, p=SHAPES[shape])]
        scenes = [LAYOUTS[name](self.rng, self.atlas, width / height) for name in chosen]
        primitives = collect(scenes, self.device)
        cameras = self._cameras(scenes, height, width)
        hits = cast(primitives, cameras, height, width, self.masks)
        inverse_depth = 1 / hits.depth
        kept = is_worth_seeing(inverse_depth)
        radiance = shade(primitives, cameras, hits, self._light(scenes, cameras), self.atlas, self.masks)
        images = self._develop(radiance.permute(0, 3, 1, 2))
        names = tuple(name for name, keep in zip(chosen, kept.tolist(), strict=True) if keep)
        return Samples(images[kept], inverse_depth[kept], names)

    def _numbers(self, values: object) -> Tensor:
        return torch.as_tensor(np.asarray(values, dtype=np.float32)).to(self.device)

    def _cameras(self, scenes: Sequence[Scene], height: int, width: int) -> Cameras:
        views = [scene.view for scene in scenes]
        half = self._numbers([view.half_width for view in views])
        step = 2 * half / width
        off_center = self._numbers(self.rng.normal(0, 0.03, (2, len(scenes))))
        return Cameras(
            position=self._numbers([view.position for view in views]),
            # A positive pitch looks up, and a rotation about x by a positive angle turns z down.
            rotation=rotations(self._numbers([(view.yaw, -view.pitch, view.roll) for view in views])),
            left=-half * (1 + off_center[0]) + step / 2,
            top=half * (height / width) * (1 + off_center[1]) - step / 2,
            step=step,
            near=self._numbers([scene.near for scene in scenes]),
        )

    def _light(self, scenes: Sequence[Scene], cameras: Cameras) -> Light:
        rng, count = self.rng, len(scenes)
        outdoors = np.array([scene.outdoors for scene in scenes])
        low = rng.random(count) < 0.25  # in the morning and the evening
        height = np.where(low, rng.uniform(0.04, 0.25, count), rng.uniform(0.2, 0.98, count))
        azimuth, elevation = rng.uniform(0, 2 * math.pi, count), np.arcsin(height)
        sun = np.stack((np.cos(elevation) * np.sin(azimuth), np.sin(elevation), np.cos(elevation) * np.cos(azimuth)), axis=1)
        overcast = rng.random(count) < 0.35
        strength = np.where(outdoors, np.where(overcast, rng.uniform(0, 0.25, count), rng.uniform(0.6, 2.2, count)),
                            rng.uniform(0.3, 2.0, count))  # fmt: skip
        ambient = np.where(outdoors, rng.uniform(0.25, 0.8, count), rng.uniform(0.2, 0.7, count))
        horizon = np.where(overcast[:, None], 1.0, [[0.85, 0.93, 1.0]]) * rng.uniform(0.5, 1.3, (count, 1))
        zenith = np.where(
            overcast[:, None], rng.uniform(0.7, 1.1, (count, 1)), [[0.25, 0.45, 0.85]] * rng.uniform(0.5, 1.2, (count, 1))
        )
        lamp = np.stack((rng.normal(0, 1.2, count), rng.uniform(0.5, 1.6, count), rng.uniform(-0.4, 2.2, count)), axis=1)
        warm = 1 + rng.normal(0, 0.08, (count, 3)) + np.array([0.06, 0, -0.06])
        return Light(
            outdoors=torch.from_numpy(outdoors).to(self.device),
            direction=self._numbers(sun),
            position=cameras.position + self._numbers(lamp),
            strength=self._numbers(strength[:, None] * warm),
            ambient=self._numbers(ambient[:, None] * (1 + rng.normal(0, 0.06, (count, 3)))),
            reach=self._numbers(rng.uniform(1.2, 6, count)),
            shadow=self._numbers(np.where(outdoors, rng.uniform(0.6, 1, count), rng.uniform(0.2, 0.95, count))),
            horizon=self._numbers(horizon * (1 + rng.normal(0, 0.04, (count, 3)))),
            zenith=self._numbers(zenith),
            haze=self._numbers(np.where(outdoors & (rng.random(count) < 0.5), np.exp(rng.uniform(-7.5, -4.2, count)), 0.0)),
        )

    def _develop(self, radiance: Tensor) -> Tensor:
        """Exposure on the brighter parts, a shoulder that saves highlights, gamma."""
        count = len(radiance)
        bright = radiance.mean(1).flatten(1)[:, ::17].quantile(0.85, dim=1)
        exposure = self._numbers(np.exp(self.rng.normal(-0.6, 0.35, count))) / bright.clamp(min=1e-3)
        exposed = radiance * exposure[:, None, None, None]
        shouldered = torch.where(exposed < 0.7, exposed, 0.7 + 0.3 * (1 - torch.exp(-(exposed - 0.7) / 0.3)))
        gamma = self._numbers(self.rng.uniform(1.8, 2.5, count))[:, None, None, None]
        return shouldered.clamp(0, 1) ** (1 / gamma)


def is_worth_seeing(inverse_depth: Tensor) -> Tensor:
    """(S, H, W) to (S,) bool: neither one flat surface nor a thing that covers the lens."""
    values = inverse_depth.flatten(1)[:, ::5]
    far, middle, near = values.quantile(torch.tensor([0.05, 0.5, 0.98], device=values.device), dim=1)
    return (near - far > 0.25 * near) & ((middle == 0) | (near < 14 * middle)) & (near < 1 / 0.3)


def shrink(samples: Samples, shape: tuple[int, int]) -> Samples:
    """Smaller pictures with smooth edges; inverse depth takes the nearest value, so that edges stay sharp."""
    images = F.interpolate(samples.images, shape, mode="bilinear", antialias=True)
    inverse_depth = F.interpolate(samples.inverse_depth[:, None], shape, mode="nearest-exact")[:, 0]
    return Samples(images, inverse_depth, samples.layouts)
