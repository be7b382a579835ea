"""The official network, written out from the published description: its layout, random weights, and a slow forward pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
import torch.nn.functional as F
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


# The published forward pass, step by step: whole matrices of attention, every norm, scale and upsampling in its place.

Weights = Mapping[str, Tensor]


def official_depth(
    weights: Weights, variant: Variant, image: Tensor, positions: Tensor, max_depth: float | None = None
) -> Tensor:
    """(B, 3, H, W) to (B, H, W); `positions` are those of `official_positions`."""
    rows, columns = (side // 14 for side in image.shape[2:])
    x = layer(weights, "pretrained.patch_embed.proj", image, stride=14).flatten(2).transpose(1, 2)
    x = torch.cat((weights["pretrained.cls_token"].expand(len(x), -1, -1), x), dim=1) + positions
    tapped = []
    for index in range(variant.depth):
        block = f"pretrained.blocks.{index}"
        x = x + weights[f"{block}.ls1.gamma"] * attention(
            weights, f"{block}.attn", norm(weights, f"{block}.norm1", x), variant.heads
        )
        hidden = F.gelu(layer(weights, f"{block}.mlp.fc1", norm(weights, f"{block}.norm2", x)))
        x = x + weights[f"{block}.ls2.gamma"] * layer(weights, f"{block}.mlp.fc2", hidden)
        if index in variant.taps:
            tokens = norm(weights, "pretrained.norm", x)[:, 1:]
            tapped.append(tokens.transpose(1, 2).reshape(len(x), -1, rows, columns))
    x = official_head(weights, tapped, image.shape[2:])
    return x.relu() if max_depth is None else max_depth * x.sigmoid()


def official_positions(weights: Weights, rows: int, columns: int) -> Tensor:
    """The position embedding for a grid: (1, 1 + rows x columns, width)."""
    embedding = weights["pretrained.pos_embed"]
    if (rows, columns) == (37, 37):
        return embedding
    grid = embedding[:, 1:].reshape(1, 37, 37, -1).permute(0, 3, 1, 2)
    grid = F.interpolate(grid, scale_factor=((rows + 0.1) / 37, (columns + 0.1) / 37), mode="bicubic")
    return torch.cat((embedding[:, :1], grid.flatten(2).transpose(1, 2)), dim=1)


def attention(weights: Weights, name: str, x: Tensor, heads: int) -> Tensor:
    batch, tokens, _ = x.shape
    q, k, v = layer(weights, f"{name}.qkv", x).reshape(batch, tokens, 3, heads, -1).permute(2, 0, 3, 1, 4)
    probabilities = (q * q.shape[-1] ** -0.5 @ k.transpose(-2, -1)).softmax(dim=-1)  # (B, heads, N, N)
    return layer(weights, f"{name}.proj", (probabilities @ v).transpose(1, 2).flatten(2))


def official_head(weights: Weights, levels: Sequence[Tensor], size: Sequence[int]) -> Tensor:
    scratch = "depth_head.scratch"
    maps = [layer(weights, f"depth_head.projects.{level}", x) for level, x in enumerate(levels)]
    for level, stride in ((0, 4), (1, 2)):
        name = f"depth_head.resize_layers.{level}"
        maps[level] = F.conv_transpose2d(maps[level], weights[f"{name}.weight"], weights[f"{name}.bias"], stride)
    maps[3] = layer(weights, "depth_head.resize_layers.3", maps[3], stride=2, padding=1)
    maps = [layer(weights, f"{scratch}.layer{level}_rn", x, padding=1) for level, x in enumerate(maps, start=1)]
    x = maps[3]
    for level in (4, 3, 2, 1):
        fusion = f"{scratch}.refinenet{level}"
        if level < 4:
            x = x + residual_unit(weights, f"{fusion}.resConfUnit1", maps[level - 1])
        x = residual_unit(weights, f"{fusion}.resConfUnit2", x)
        target = maps[level - 2].shape[2:] if level > 1 else (2 * x.shape[2], 2 * x.shape[3])
        x = layer(weights, f"{fusion}.out_conv", F.interpolate(x, target, mode="bilinear", align_corners=True))
    x = layer(weights, f"{scratch}.output_conv1", x, padding=1)
    x = F.interpolate(x, tuple(size), mode="bilinear", align_corners=True)
    x = layer(weights, f"{scratch}.output_conv2.0", x, padding=1).relu()
    return layer(weights, f"{scratch}.output_conv2.2", x)[:, 0]


def residual_unit(weights: Weights, name: str, x: Tensor) -> Tensor:
    hidden = layer(weights, f"{name}.conv1", x.relu(), padding=1).relu()
    return layer(weights, f"{name}.conv2", hidden, padding=1) + x


def layer(weights: Weights, name: str, x: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    weight, bias = weights[f"{name}.weight"], weights.get(f"{name}.bias")
    return F.conv2d(x, weight, bias, stride, padding) if weight.ndim == 4 else F.linear(x, weight, bias)


def norm(weights: Weights, name: str, x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], weights[f"{name}.weight"], weights[f"{name}.bias"], eps=1e-6)
