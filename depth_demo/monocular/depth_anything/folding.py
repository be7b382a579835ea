"""Official checkpoints to the lean network's weights, and back.

What a layer norm, a layer scale or a bias does to every token is done once to the linear layer beside it. All of it is
exact but for rounding. Names stay the official ones; what is folded away has none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import torch
from torch import Tensor

POSITIONS, CLASS_TOKEN = "pretrained.pos_embed", "pretrained.cls_token"
PATCH_BIAS = "pretrained.patch_embed.proj.bias"
AFTER_LAST_NORM = tuple(f"depth_head.projects.{level}" for level in range(4))  # the layers that it feeds


def fold(official: Mapping[str, Tensor], after_last_norm: Sequence[str] = AFTER_LAST_NORM) -> dict[str, Tensor]:
    """Return the lean network's weights, float32, from those of an official checkpoint that are used.

    They share no memory with `official`, which may be a mapped file.

    Args:
        official: Weights by their names.
        after_last_norm: Names of the layers that the encoder's last layer norm feeds.
    """
    lean = {
        name: value.to(torch.float32, copy=True, memory_format=torch.contiguous_format) for name, value in official.items()
    }
    # The weights of a resampling sum to 1: the patches' bias may be added to the embedding before it.
    lean[POSITIONS][:, 1:] += lean.pop(PATCH_BIAS)
    lean[POSITIONS][:, :1] += lean.pop(CLASS_TOKEN)
    for norm, layers in _norms(lean, after_last_norm):
        gain, bias = lean.pop(f"{norm}.weight"), lean.pop(f"{norm}.bias")
        for layer in layers:
            weight = lean[f"{layer}.weight"].flatten(1)  # a view; a 1x1 convolution is a linear layer as well
            lean[f"{layer}.bias"] += weight @ bias
            weight *= gain
    for scale, layer in _scales(lean):
        gamma = lean.pop(f"{scale}.gamma")
        lean[f"{layer}.bias"] *= gamma
        lean[f"{layer}.weight"] *= gamma[:, None]
    return {name: value.contiguous(memory_format=_layout(value)) for name, value in lean.items()}


def unfold(lean: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return an official checkpoint of the same network, whose norms and scales change nothing.

    Of meta tensors, its shapes are returned.
    """
    width = lean[POSITIONS].shape[-1]
    ones, zeros = (lean[POSITIONS].new_full((width,), value) for value in (1, 0))
    official = dict(lean) | {CLASS_TOKEN: zeros.view(1, 1, width), PATCH_BIAS: zeros}
    for norm, _ in _norms(lean, ()):
        official |= {f"{norm}.weight": ones, f"{norm}.bias": zeros}
    return official | {f"{scale}.gamma": ones for scale, _ in _scales(lean)}


def _norms(names: Collection[str], after_last_norm: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Every layer norm, and the layers that it feeds."""
    yield "pretrained.norm", after_last_norm
    for block in _blocks(names):
        yield f"{block}.norm1", (f"{block}.attn.qkv",)
        yield f"{block}.norm2", (f"{block}.mlp.fc1",)


def _scales(names: Collection[str]) -> Iterator[tuple[str, str]]:
    """Every layer scale, and the layer that feeds it."""
    for block in _blocks(names):
        yield f"{block}.ls1", f"{block}.attn.proj"
        yield f"{block}.ls2", f"{block}.mlp.fc2"


def _blocks(names: Collection[str]) -> list[str]:
    last = ".attn.qkv.weight"
    return [name.removesuffix(last) for name in names if name.endswith(last)]


def _layout(weight: Tensor) -> torch.memory_format:
    """Tokens are maps with their channels last, so convolutions keep theirs last too."""
    return torch.channels_last if weight.ndim == 4 else torch.contiguous_format
