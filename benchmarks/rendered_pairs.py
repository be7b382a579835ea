"""Stereo pairs of the training scenes: two cameras side by side, exact truth, noise of one grey value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from depth_demo.geometry import DepthKind, DepthMap, StereoPair
from depth_demo.training.scenes.casting import cast
from depth_demo.training.scenes.generator import LAYOUTS, Generator, is_worth_seeing
from depth_demo.training.scenes.primitives import collect
from depth_demo.training.scenes.shading import shade

HEIGHT, WIDTH, FINER = 384, 640, 2  # px; rendered so many times finer, then averaged
NEAREST_PX = 90.0  # disparity of the nearest hundredth of the pixels
NOISE = 1.0  # grey values


class PairGenerator(Generator):
    """Makes pairs from a seed."""

    def pairs(self, count: int) -> Iterator[StereoPair]:
        """So many pairs, each layout in turn."""
        names, made = list(LAYOUTS), 0
        while made < count:
            pair = self._pair(names[made % len(names)])
            if pair is not None:
                made += 1
                yield pair

    def _pair(self, layout: str) -> StereoPair | None:
        height, width = FINER * HEIGHT, FINER * WIDTH
        scene = LAYOUTS[layout](self.rng, self.atlas, width / height)
        bodies, left = collect([scene], self.device), self._cameras([scene], height, width)
        hits, light = cast(bodies, left, height, width, self.masks), self._light([scene], left)
        inverse_depth = 1 / hits.depth
        if not is_worth_seeing(inverse_depth)[0]:
            return None
        focal_px = 1 / (FINER * float(left.step[0]))
        baseline = NEAREST_PX / (focal_px * float(np.percentile(inverse_depth.numpy(), 99)))
        right = replace(left, position=left.position + baseline * left.rotation[:, :, 0])
        seen = hits, cast(bodies, right, height, width, self.masks)
        views = [shade(bodies, eye, hit, light, self.atlas, self.masks) for eye, hit in zip((left, right), seen, strict=True)]
        both = self._develop(torch.cat(views, dim=2).permute(0, 3, 1, 2))  # one exposure
        small = torch.nn.functional.avg_pool2d(both, FINER)[0].permute(1, 2, 0).numpy()
        grey = 255 * small + self.rng.normal(0, NOISE, small.shape)
        pixels = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
        disparity = focal_px * baseline * torch.nn.functional.avg_pool2d(inverse_depth, FINER)[0].numpy()
        truth = DepthMap(np.where(disparity > 0, disparity, np.nan).astype(np.float32), DepthKind.DISPARITY)
        return StereoPair(pixels[:, :WIDTH].copy(), pixels[:, WIDTH:].copy(), None, truth, layout)
