"""Video Depth Anything, written out from its description: the official names, and a slow forward pass.

All frames pass through every part together, and what the motion modules do is written for one pixel after the other's eye:
plain products, and a softmax for each head.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.depth_anything import Variant
from tests.support.depth_anything_3 import enlarged, refine, residual_unit
from tests.support.plain_encoder import Encoder, random_weights, spread

# A group norm has several channels in each group, or it would blow up what rounding leaves of a few pixels.
TINY = Variant(32, 4, 2, (0, 1, 2, 3), 64, (8, 16, 64, 128))
FRAMES, HEADS = 32, 8


def attention(width: int) -> nn.ModuleDict:
    layers: dict[str, nn.Module] = {name: nn.Linear(width, width, bias=False) for name in ("to_q", "to_k", "to_v")}
    places = nn.Module()
    places.register_buffer("pe", torch.zeros(1, FRAMES, width))
    return nn.ModuleDict(layers | {"pos_encoder": places, "to_out": nn.ModuleDict({"0": nn.Linear(width, width)})})


def motion_module(width: int) -> nn.ModuleDict:
    gated = nn.ModuleDict({"proj": nn.Linear(width, 8 * width)})
    block = {
        "attention_blocks": nn.ModuleList(attention(width) for _ in range(2)),
        "norms": nn.ModuleList(nn.LayerNorm(width) for _ in range(2)),
        "ff": nn.ModuleDict({"net": nn.ModuleDict({"0": gated, "2": nn.Linear(4 * width, width)})}),
        "ff_norm": nn.LayerNorm(width),
    }
    transformer = {
        "norm": nn.GroupNorm(32, width, eps=1e-6),
        "proj_in": nn.Linear(width, width),
        "transformer_blocks": nn.ModuleList([nn.ModuleDict(block)]),
        "proj_out": nn.Linear(width, width),
    }
    return nn.ModuleDict({"temporal_transformer": nn.ModuleDict(transformer)})


def attend(layers: nn.Module, x: Tensor) -> Tensor:
    """(T, width) of one pixel to the same."""
    x = x + layers.get_buffer("pos_encoder.pe")[0, : len(x)]
    size, heads = x.shape[1] // HEADS, []
    for head in range(HEADS):
        rows = slice(head * size, (head + 1) * size)
        q, k, v = (x @ layers.get_parameter(f"{name}.weight")[rows].T for name in ("to_q", "to_k", "to_v"))
        heads.append((q @ k.T / size**0.5).softmax(dim=1) @ v)
    return layers.get_submodule("to_out.0")(torch.cat(heads, dim=1))


def move(module: nn.Module, x: Tensor) -> Tensor:
    """(T, channels, h, w) to the same."""
    part = module.get_submodule("temporal_transformer")
    block = part.get_submodule("transformer_blocks.0")
    normed, moved = part.get_submodule("norm")(x), torch.empty_like(x)
    for row in range(x.shape[2]):
        for column in range(x.shape[3]):
            pixel = part.get_submodule("proj_in")(normed[:, :, row, column])
            for number in ("0", "1"):
                seen = block.get_submodule(f"norms.{number}")(pixel)
                pixel = pixel + attend(block.get_submodule(f"attention_blocks.{number}"), seen)
            wide = block.get_submodule("ff.net.0.proj")(block.get_submodule("ff_norm")(pixel))
            half = wide.shape[1] // 2
            pixel = pixel + block.get_submodule("ff.net.2")(wide[:, :half] * F.gelu(wide[:, half:]))
            moved[:, :, row, column] = part.get_submodule("proj_out")(pixel)
    return x + moved


class Head(nn.Module):
    def __init__(self, sizes: Variant) -> None:
        super().__init__()
        features, (first, second, third, fourth) = sizes.features, sizes.out_channels
        self.projects = nn.ModuleList(nn.Conv2d(sizes.width, channels, 1) for channels in sizes.out_channels)
        layers = {
            "0": nn.ConvTranspose2d(first, first, 4, stride=4),
            "1": nn.ConvTranspose2d(second, second, 2, stride=2),
            "3": nn.Conv2d(fourth, fourth, 3, stride=2, padding=1),
        }
        self.resize_layers = nn.ModuleDict(layers)
        scratch: dict[str, nn.Module] = {}
        for level, channels in enumerate((first, second, third, fourth), start=1):
            scratch[f"layer{level}_rn"] = nn.Conv2d(channels, features, 3, padding=1, bias=False)
            units = {f"resConfUnit{unit}": residual_unit(features) for unit in (1, 2)}  # that of the fourth is never used
            scratch[f"refinenet{level}"] = nn.ModuleDict({**units, "out_conv": nn.Conv2d(features, features, 1)})
        scratch["output_conv1"] = nn.Conv2d(features, features // 2, 3, padding=1)
        scratch["output_conv2"] = nn.Sequential(nn.Conv2d(features // 2, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 1, 1))
        self.scratch = nn.ModuleDict(scratch)
        self.motion_modules = nn.ModuleList(motion_module(width) for width in (third, fourth, features, features))

    def forward(self, levels: list[Tensor], height: int, width: int) -> Tensor:
        """Map four (T, width, H/14, W/14) to (T, H, W)."""
        first, second, third, fourth = (project(x) for project, x in zip(self.projects, levels, strict=True))
        maps = {
            1: spread(self.resize_layers["0"], first),
            2: spread(self.resize_layers["1"], second),
            3: move(self.motion_modules[0], third),
            4: move(self.motion_modules[1], self.resize_layers["3"](fourth)),
        }
        maps = {level: self.scratch[f"layer{level}_rn"](x) for level, x in maps.items()}
        x = torch.zeros_like(maps[4])
        for level in (4, 3, 2, 1):
            fusion = self.scratch[f"refinenet{level}"]
            x = x + (refine(fusion.get_submodule("resConfUnit1"), maps[level]) if level < 4 else maps[4])
            x = refine(fusion.get_submodule("resConfUnit2"), x)
            rows, columns = maps[level - 1].shape[2:] if level > 1 else (2 * side for side in x.shape[2:])
            x = fusion.get_submodule("out_conv")(enlarged(x, rows, columns))
            if level > 2:
                x = move(self.motion_modules[6 - level], x)
        x = enlarged(self.scratch["output_conv1"](x), height, width)
        return self.scratch["output_conv2"](x).relu()[:, 0]


class Official(nn.Module):
    """Has the names of the official files."""

    def __init__(self, sizes: Variant) -> None:
        super().__init__()
        self.pretrained = Encoder(sizes.width, sizes.depth, sizes.heads, sizes.taps, last_epsilon=1e-6)
        self.pretrained.mask_token = nn.Parameter(torch.zeros(1, sizes.width))
        self.head = Head(sizes)

    def forward(self, frames: Tensor) -> Tensor:
        return self.head([level for level, _ in self.pretrained(frames)], *frames.shape[2:])


def official_shapes(sizes: Variant) -> dict[str, Tensor]:
    """Every key of an official file, with a tensor of its shape that takes no memory."""
    with torch.device("meta"):
        return Official(sizes).state_dict()


def random_state_dict(sizes: Variant, seed: int = 0) -> dict[str, Tensor]:
    """An official-looking state dict: its answers are not cut off at 0 in most places, and the order of the frames counts."""
    weights = random_weights(official_shapes(sizes), seed)
    for name in weights:
        if name.endswith("pos_encoder.pe"):
            weights[name] *= weights[name][0].numel() ** 0.5
    weights["head.scratch.output_conv2.2.bias"] += 0.5
    return weights


def official_answer(state_dict: Mapping[str, Tensor], sizes: Variant, frames: Tensor) -> Tensor:
    """(T, 3, H, W) to (T, H, W)."""
    network = Official(sizes).eval()
    network.load_state_dict(state_dict, strict=True)
    with torch.inference_mode():
        return network(frames)
