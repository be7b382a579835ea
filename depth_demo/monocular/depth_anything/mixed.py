"""Depth Anything with matrix products in 16 bits, for processors that have units for bfloat16.

A bfloat16 number has 8 significant bits. What is lost when weights and tokens are rounded to them is mostly lost in what
all tokens of an image share, as its products are large and always wrong in the same direction. So only differences from a
typical token m go through 16 bits, and m, a single token, through 32:

    W x = W16 (x - m)16 + W m

This is exact but for the rounding of W16, (x - m)16 and their product, whatever m is; it serves best near the mean. In the
attention it costs less than nothing: what the keys share changes no weight of a softmax and is left out, and what the values
share is added behind it, as the weights of a softmax sum to 1. Sums, norms, GELU and the residual tokens stay in float32.

So does the head, but for one residual unit: that of the finest level, which only adds detail to it. The other steps that
were tried there gain less, or are further off (docs/performance.md).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import TypeVar, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.depth_anything.dpt import FeatureFusion, ResidualConvUnit
from depth_demo.monocular.depth_anything.network import DepthAnything
from depth_demo.monocular.depth_anything.vit import Attention, Block

HALF = torch.bfloat16
EVERY = 13  # of the tokens, one tells what is typical; usual photos have 37, 49, 56 or 66 columns, no multiples of it
SMALL = 384  # width of the encoder up to which the attention's answers are rounded as they are
Module = TypeVar("Module", bound=nn.Module)


def typical(x: Tensor) -> Tensor:
    """Return the mean of some tokens, which costs less than that of all: (B, N, width) to (B, 1, width)."""
    return x[:, EVERY // 2 :: EVERY].mean(1, keepdim=True)


class MixedLinear(nn.Module):
    """A linear layer of this kind.

    Args:
        layer: The layer in float32. Its weights are shared.
        gain: What its 16-bit weights are multiplied by.
    """

    rounded: Tensor

    def __init__(self, layer: nn.Linear, gain: float = 1.0) -> None:
        super().__init__()
        self.weight, self.bias = layer.weight, layer.bias
        self.register_buffer("rounded", (layer.weight.detach() * gain).to(HALF))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, N, inputs) float32 to (B, N, outputs) float32."""
        shared = typical(x)
        return F.linear((x - shared).to(HALF), self.rounded).float() + F.linear(shared, self.weight, self.bias)


class MixedAttention(nn.Module):
    """The attention of a block of this kind, from an `Attention` in float32. `gain` is that of `mix`.

    What comes out of the softmax shares little once the values' part is taken out. Up to `SMALL` it goes on in 16 bits as it
    is, which saves a twentieth of the network's time. Base would be too far off on the photo of the trial by that.
    """

    queries: Tensor
    keys: Tensor
    values: Tensor
    out: Tensor

    def __init__(self, attention: Attention, gain: float = 1.0) -> None:
        super().__init__()
        self.heads, self.qkv, self.proj = attention.heads, attention.qkv, attention.proj
        # Queries are converted once more, so their products with the keys lose twice what `gain` makes up for.
        parts = attention.qkv.weight.detach().chunk(3)
        for name, weight, its_gain in zip(("queries", "keys", "values"), parts, (gain, gain**2, gain), strict=True):
            self.register_buffer(name, (weight * its_gain).to(HALF))
        self.register_buffer("out", (attention.proj.weight.detach() * gain).to(HALF))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, N, width) float32 to the same."""
        shared = typical(x)
        of_queries, _, of_values = F.linear(shared, self.qkv.weight, self.qkv.bias).chunk(3, dim=-1)
        x = (x - shared).to(HALF)
        queries = (F.linear(x, self.queries).float() + of_queries).to(HALF)
        queries, keys, values = map(self._heads, (queries, F.linear(x, self.keys), F.linear(x, self.values)))
        x = F.scaled_dot_product_attention(queries, keys, values).transpose(1, 2).flatten(2)
        if x.shape[-1] <= SMALL:
            return F.linear(x, self.out).float() + self.proj(of_values)
        shared = typical(x.float())
        return F.linear((x.float() - shared).to(HALF), self.out).float() + self.proj(shared + of_values)

    def _heads(self, x: Tensor) -> Tensor:
        """(B, N, width) to (B, heads, N, width / heads)."""
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)


class MixedUnit(nn.Module):
    """A residual unit of the head with its convolutions in 16 bits. `gain` is that of `mix`."""

    weight1: Tensor
    weight2: Tensor
    bias1: Tensor
    bias2: Tensor

    def __init__(self, unit: ResidualConvUnit, gain: float = 1.0) -> None:
        super().__init__()
        for number, layer, its_gain in ((1, unit.conv1, gain), (2, unit.conv2, 1.0)):  # what conv1 gives is not converted
            # OpenVINO 2026.4 takes 16-bit weights as contiguous, whatever their strides are.
            self.register_buffer(f"weight{number}", (layer.weight.detach() * its_gain).to(HALF).contiguous())
            self.register_buffer(f"bias{number}", cast("Tensor", layer.bias).detach().to(HALF))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, features, H, W) float32 to the same."""
        inner = F.conv2d(F.relu(x).to(HALF), self.weight1, self.bias1, padding=1)
        return x + F.conv2d(F.relu(inner), self.weight2, self.bias2, padding=1).float()


def mix(network: DepthAnything, gain: float = 1.0) -> DepthAnything:
    """Return the network with 16-bit products. Both share their float32 weights.

    Args:
        network: In float32, on the CPU.
        gain: How many times too small numbers become, on average, where the engine converts them to bfloat16. 1 for engines
            that round to the nearest.
    """
    mixed = _share(network)
    for block in cast("Iterable[Block]", mixed.pretrained.blocks):
        block.attn = MixedAttention(cast("Attention", block.attn), gain)
        for name in ("fc1", "fc2"):
            setattr(block.mlp, name, MixedLinear(getattr(block.mlp, name), gain))
    finest = cast("FeatureFusion", mixed.depth_head.scratch.refinenet1)
    finest.add_module("resConfUnit1", MixedUnit(finest.resConfUnit1, gain))
    return mixed.eval()


def _share(module: Module) -> Module:
    """Return a copy with the same weights, not with copies of them."""
    return copy.deepcopy(module, {id(weight): weight for weight in module.parameters()})
