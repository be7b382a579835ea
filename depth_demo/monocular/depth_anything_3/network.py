"""Depth Anything 3 for one photo (Lin et al., "Depth Anything 3: Recovering the visual space from any views", 2025).

Encoder and head are those of V2, with three differences: the last layer norm has another epsilon, depth is an exponential,
and a second end of the head sees the sky. The parts for several views are not in the files of these variants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.depth_anything.dpt import DPTHead, last_layers
from depth_demo.monocular.depth_anything.folding import fold, unfold
from depth_demo.monocular.depth_anything.network import run_head, whole_patches
from depth_demo.monocular.depth_anything.variants import Variant
from depth_demo.monocular.depth_anything.vit import VisionTransformer
from depth_demo.monocular.weights import fitting_weights, give_weights

LAST_EPSILON = 1e-5  # the blocks keep V2's 1e-6
OFFICIAL_NAMES = {"pretrained.": "model.backbone.pretrained.", "depth_head.": "model.head."}  # ours to the files'


class DepthAndSkyHead(DPTHead):
    """V2's head with two ends on the same map: depth, and how much a pixel is sky."""

    def __init__(self, width: int, features: int, out_channels: Sequence[int]) -> None:
        super().__init__(width, features, out_channels)
        self.scratch.add_module("sky_output_conv2", last_layers(features))

    def forward(self, tokens: Sequence[Tensor], rows: int, columns: int, size: Sequence[int]) -> Tensor:
        """Map four (B, rows x columns, width) to (B, 2, H, W) of `size`: depth > 0, and sky from 0, about 1 where it is."""
        x = self.at_full_size(tokens, rows, columns, size)
        depth, sky = self.scratch.output_conv2(x), self.scratch.get_submodule("sky_output_conv2")(x)
        return torch.cat((depth.exp(), F.relu(sky)), dim=1)


class DepthAnything3(nn.Module):
    """The network: normalised RGB to depth (of MONO up to scale and shift, of METRIC for a focal length of 300 px) and sky."""

    def __init__(self, sizes: Variant) -> None:
        super().__init__()
        self.pretrained = VisionTransformer(sizes.width, sizes.depth, sizes.heads, sizes.taps, LAST_EPSILON)
        self.depth_head = DepthAndSkyHead(sizes.width, sizes.features, sizes.out_channels)

    def forward(self, image: Tensor, *weights: Tensor) -> Tensor:
        """Map (B, 3, H, W) to (B, 2, H, W). Both sides are multiples of 14. `weights` are those of `VisionTransformer`."""
        size = whole_patches(image)
        return run_head(self.depth_head, self.pretrained(image, *weights), size)


def build_network(checkpoint: Mapping[str, Tensor] | str | Path, sizes: Variant) -> DepthAnything3:
    """Build a network of these sizes, as `load_network` does."""
    with torch.device("meta"):  # no memory and no random numbers for weights that are replaced at once
        network = DepthAnything3(sizes)
    shapes = unfold(network.state_dict())
    ours = {_official(name): name for name in shapes}
    official = fitting_weights(checkpoint, {_official(name): value for name, value in shapes.items()}, ignored=())
    return give_weights(network, fold({ours[name]: value for name, value in official.items()}))


def _official(name: str) -> str:
    for part, official in OFFICIAL_NAMES.items():
        if name.startswith(part):
            return official + name.removeprefix(part)
    raise KeyError(name)
