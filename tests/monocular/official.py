"""The layout of the official checkpoints, written out from the published description, with random weights."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from depth_demo.monocular.depth_anything import Variant


def official_shapes(variant: Variant) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every key of an official file with its shape, the two unused groups included."""
    width, features = variant.width, variant.features

    def linear(name: str, outputs: int, *inputs: int, bias: bool = True) -> Iterator[tuple[str, tuple[int, ...]]]:
        yield f"{name}.weight", (outputs, *inputs)
        if bias:
            yield f"{name}.bias", (outputs,)

    def norm(name: str) -> Iterator[tuple[str, tuple[int, ...]]]:
        yield f"{name}.weight", (width,)
        yield f"{name}.bias", (width,)

    yield "pretrained.cls_token", (1, 1, width)
    yield "pretrained.pos_embed", (1, 1 + 37 * 37, width)
    yield "pretrained.mask_token", (1, width)
    yield from linear("pretrained.patch_embed.proj", width, 3, 14, 14)
    for index in range(variant.depth):
        block = f"pretrained.blocks.{index}"
        yield from norm(f"{block}.norm1")
        yield from linear(f"{block}.attn.qkv", 3 * width, width)
        yield from linear(f"{block}.attn.proj", width, width)
        yield f"{block}.ls1.gamma", (width,)
        yield from norm(f"{block}.norm2")
        yield from linear(f"{block}.mlp.fc1", 4 * width, width)
        yield from linear(f"{block}.mlp.fc2", width, 4 * width)
        yield f"{block}.ls2.gamma", (width,)
    yield from norm("pretrained.norm")
    for level, channels in enumerate(variant.out_channels):
        yield from linear(f"depth_head.projects.{level}", channels, width, 1, 1)
        yield from linear(f"depth_head.scratch.layer{level + 1}_rn", features, channels, 3, 3, bias=False)
    first, second, _, fourth = variant.out_channels
    yield from linear("depth_head.resize_layers.0", first, first, 4, 4)
    yield from linear("depth_head.resize_layers.1", second, second, 2, 2)
    yield from linear("depth_head.resize_layers.3", fourth, fourth, 3, 3)
    for level in (1, 2, 3, 4):
        fusion = f"depth_head.scratch.refinenet{level}"
        yield from linear(f"{fusion}.out_conv", features, features, 1, 1)
        for unit in ("resConfUnit1", "resConfUnit2"):
            for conv in ("conv1", "conv2"):
                yield from linear(f"{fusion}.{unit}.{conv}", features, features, 3, 3)
    yield from linear("depth_head.scratch.output_conv1", features // 2, features, 3, 3)
    yield from linear("depth_head.scratch.output_conv2.0", 32, features // 2, 3, 3)
    yield from linear("depth_head.scratch.output_conv2.2", 1, 32, 1, 1)


def random_state_dict(variant: Variant, seed: int = 0) -> dict[str, Tensor]:
    """An official-looking state dict in which nothing is zero or one: a part that is skipped or swapped shows."""
    generator = torch.Generator().manual_seed(seed)

    def weights(name: str, shape: tuple[int, ...]) -> Tensor:
        noise = torch.randn(shape, generator=generator)
        if "norm" in name and name.endswith("weight"):
            return 1 + 0.2 * noise
        if name.endswith("gamma"):
            return 0.5 + 0.2 * noise
        if len(shape) > 1 and name.endswith("weight"):
            return noise / (shape[1] * torch.tensor(shape[2:]).prod()) ** 0.5
        return 0.2 * noise

    state_dict = {name: weights(name, shape) for name, shape in official_shapes(variant)}
    state_dict["depth_head.scratch.output_conv2.2.bias"] += 1  # lifts most of the map over the last ReLU
    return state_dict
