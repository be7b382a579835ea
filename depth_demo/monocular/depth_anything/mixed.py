"""Depth Anything's encoder with matrix products in 16 bits, for processors that have units for bfloat16.

A bfloat16 number has 8 significant bits. What is lost when weights and tokens are rounded to them is mostly lost in what
all tokens of an image share, their mean m: its products are large and always wrong in the same direction. So only the
differences go through 16 bits, and the mean, a single token, through 32:

    W x = W16 (x - m)16 + W m

This is exact but for the rounding of W16, (x - m)16 and their product. In the attention it costs less than nothing: the
mean of the keys changes no weight of a softmax and is left out, and that of the values is added behind it, as the weights
of a softmax sum to 1. Sums, norms, GELU, the residual tokens and the head stay in float32.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import TypeVar, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.depth_anything.network import DepthAnything
from depth_demo.monocular.depth_anything.vit import Attention, Block

HALF = torch.bfloat16
Module = TypeVar("Module", bound=nn.Module)


class MixedLinear(nn.Module):
    """A linear layer of this kind.

    Args:
        layer: The layer in float32. Its weights are shared.
        gain: What its 16-bit weights are multiplied by, as a number, or one for each output: (outputs, 1).
    """

    rounded: Tensor

    def __init__(self, layer: nn.Linear, gain: float | Tensor = 1.0) -> None:
        super().__init__()
        self.weight, self.bias = layer.weight, layer.bias
        self.register_buffer("rounded", (layer.weight.detach() * gain).to(HALF))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, N, inputs) float32 to (B, N, outputs) float32."""
        mean = x.mean(1, keepdim=True)
        return self.of_differences(x - mean).float() + self.of_mean(mean)

    def of_differences(self, x: Tensor) -> Tensor:
        """Map (B, N, inputs) float32 to (B, N, outputs) bfloat16, without the bias."""
        return F.linear(x.to(HALF), self.rounded)

    def of_mean(self, x: Tensor) -> Tensor:
        """Map (B, 1, inputs) float32 to (B, 1, outputs) float32."""
        return F.linear(x, self.weight, self.bias)


class MixedAttention(nn.Module):
    """The attention of a block of this kind, from an `Attention` in float32. `gain` is that of `mix`."""

    def __init__(self, attention: Attention, gain: float = 1.0) -> None:
        super().__init__()
        self.heads = attention.heads
        # Queries are converted once more, so their products with the keys lose twice what `gain` makes up for.
        gains = torch.tensor([gain, gain**2, gain]).repeat_interleave(attention.proj.in_features)[:, None]
        self.qkv = MixedLinear(attention.qkv, gains)
        self.proj = MixedLinear(attention.proj, gain)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, N, width) float32 to the same."""
        batch, tokens, width = x.shape
        mean = x.mean(1, keepdim=True)
        differences = self.qkv.of_differences(x - mean)
        of_mean = self.qkv.of_mean(mean)
        queries = (differences[..., :width].float() + of_mean[..., :width]).to(HALF)
        queries = queries.view(batch, tokens, self.heads, width // self.heads).transpose(1, 2)
        pairs = differences[..., width:].view(batch, tokens, 2, self.heads, width // self.heads)
        keys, values = pairs.permute(2, 0, 3, 1, 4).unbind()
        x = F.scaled_dot_product_attention(queries, keys, values).float().transpose(1, 2).reshape(batch, tokens, width)
        mean = x.mean(1, keepdim=True)
        return self.proj.of_differences(x - mean).float() + self.proj.of_mean(mean + of_mean[..., 2 * width :])


def mix(network: DepthAnything, gain: float = 1.0) -> DepthAnything:
    """Return the network with 16-bit products in its encoder. Both share their float32 weights.

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
    return mixed.eval()


def _share(module: Module) -> Module:
    """Return a copy with the same weights, not with copies of them."""
    return copy.deepcopy(module, {id(weight): weight for weight in module.parameters()})
