"""Depth Anything V1 and V2 (Yang et al., CVPR 2024 and NeurIPS 2024) as one network that loads the official files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.depth_anything.dpt import DPTHead
from depth_demo.monocular.depth_anything.folding import fold, unfold
from depth_demo.monocular.depth_anything.variants import PATCH_SIZE, Variant
from depth_demo.monocular.depth_anything.vit import VisionTransformer
from depth_demo.monocular.weights import fitting_weights, give_weights

# In the official files, and never used by the official forward pass.
IGNORED_KEYS = {
    "pretrained.mask_token": "only training masks patches",
    "depth_head.scratch.refinenet4.resConfUnit1.": "the coarsest fusion has nothing to fuse with",
}


class DepthAnything(nn.Module):
    """The network: normalised RGB to relative inverse depth, or to metres when `max_depth` [m] is given."""

    def __init__(self, variant: Variant, max_depth: float | None = None) -> None:
        super().__init__()
        self.pretrained = VisionTransformer(variant.width, variant.depth, variant.heads, variant.taps)
        self.depth_head = DPTHead(variant.width, variant.features, variant.out_channels)
        self.max_depth = max_depth

    def forward(self, image: Tensor, *weights: Tensor) -> Tensor:
        """Map (B, 3, H, W) to (B, H, W). Both sides are multiples of 14. `weights` are those of `VisionTransformer`."""
        x = self.decode(self.encode(image, *weights), whole_patches(image))
        return F.relu(x) if self.max_depth is None else self.max_depth * torch.sigmoid(x)

    def encode(self, image: Tensor, *weights: Tensor) -> list[Tensor]:
        """Map (B, 3, H, W) to four levels of tokens, (B, H/14 x W/14, width) each."""
        return self.pretrained(image, *weights)

    def decode(self, levels: Sequence[Tensor], size: Sequence[int]) -> Tensor:
        """Map the levels to (B, H, W) before the last activation."""
        return run_head(self.depth_head, levels, size)


def whole_patches(image: Tensor) -> tuple[int, int]:
    """Return the height and the width of (B, 3, H, W).

    Raises:
        ValueError: Unless both are multiples of 14.
    """
    height, width = image.shape[2:]
    if height % PATCH_SIZE or width % PATCH_SIZE:
        raise ValueError(f"Both sides must be multiples of {PATCH_SIZE}, not {height}x{width} (H x W).")
    return height, width


def run_head(head: nn.Module, levels: Sequence[Tensor], size: Sequence[int]) -> Tensor:
    """Run a head on the levels of an encoder, in 32 bits."""
    height, width = size
    with torch.autocast(levels[0].device.type, enabled=False):  # 16 bits in the head would show as steps in the map
        tokens = [level.float() for level in levels]
        values: Tensor = head(tokens, height // PATCH_SIZE, width // PATCH_SIZE, (height, width))
    return values


def build_network(
    checkpoint: Mapping[str, Tensor] | str | Path, variant: Variant, max_depth: float | None = None
) -> DepthAnything:
    """Build a network of these sizes, as `load_network` does."""
    with torch.device("meta"):  # no memory and no random numbers for weights that are replaced at once
        network = DepthAnything(variant, max_depth)
    return give_weights(network, fold(fitting_weights(checkpoint, unfold(network.state_dict()), IGNORED_KEYS)))
