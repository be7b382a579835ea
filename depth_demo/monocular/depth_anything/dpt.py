"""The decoder of Depth Anything: a dense prediction transformer head (Ranftl et al., ICCV 2021).

Names follow the checkpoints: `projects` and `resize_layers` are the paper's reassemble step, `refinenet4..1` its
fusion, from coarse to fine, and `output_conv1/2` its head.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn


def upsample(x: Tensor, size: Sequence[int]) -> Tensor:
    return F.interpolate(x, tuple(size), mode="bilinear", align_corners=True)


def conv3x3(inputs: int, outputs: int, *, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=bias)


def last_layers(features: int) -> nn.Sequential:
    """Return the layers from a map of half the fusion's channels to one of one channel, before its activation."""
    return nn.Sequential(conv3x3(features // 2, 32), nn.ReLU(), nn.Conv2d(32, 1, kernel_size=1))


class ResidualConvUnit(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.conv1 = conv3x3(features, features)
        self.conv2 = conv3x3(features, features)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv2(F.relu(self.conv1(F.relu(x))))


class FeatureFusion(nn.Module):
    def __init__(self, features: int, *, has_skip: bool) -> None:
        super().__init__()
        if has_skip:
            self.resConfUnit1 = ResidualConvUnit(features)
        self.resConfUnit2 = ResidualConvUnit(features)
        self.out_conv = nn.Conv2d(features, features, 1)

    def forward(self, x: Tensor, skip: Tensor | None, size: Sequence[int]) -> Tensor:
        if skip is not None:
            x = x + self.resConfUnit1(skip)
        x = self.out_conv(self.resConfUnit2(x))  # 1x1 and upsampling commute, and before it is cheaper
        return upsample(x, size)


class Scratch(nn.Module):
    """Everything after the tokens have become maps. The name is the checkpoint's."""

    def __init__(self, features: int, out_channels: Sequence[int]) -> None:
        super().__init__()
        for level, channels in enumerate(out_channels, start=1):
            self.add_module(f"layer{level}_rn", conv3x3(channels, features, bias=False))
            self.add_module(f"refinenet{level}", FeatureFusion(features, has_skip=level < 4))
        self.output_conv1 = conv3x3(features, features // 2)
        self.output_conv2 = last_layers(features)

    def fuse(self, levels: Sequence[Tensor]) -> Tensor:
        """Fuse four maps, from fine to coarse, into one of `features` channels, twice as large as the finest."""
        levels = [self.narrow(index, level) for index, level in enumerate(levels)]
        x = levels[3]
        for index in (3, 2, 1, 0):
            x = self.step(index, x, levels)
        return x

    def narrow(self, index: int, level: Tensor) -> Tensor:
        """Bring the level of this index, from fine to coarse, to `features` channels."""
        return self.get_submodule(f"layer{index + 1}_rn")(level)

    def step(self, index: int, x: Tensor, levels: Sequence[Tensor]) -> Tensor:
        """Fuse what comes from the coarser levels with the level of this index, and enlarge it for the next finer one."""
        target = levels[index - 1].shape[2:] if index else [2 * side for side in x.shape[2:]]
        return self.get_submodule(f"refinenet{index + 1}")(x, levels[index] if index < 3 else None, target)


class DPTHead(nn.Module):
    """The head: four levels of tokens to one map.

    Args:
        width: Channels of the tokens.
        features: Channels of the fusion.
        out_channels: Channels of the four levels, from fine to coarse.
    """

    def __init__(self, width: int, features: int, out_channels: Sequence[int]) -> None:
        super().__init__()
        first, second, _, fourth = out_channels
        self.projects = nn.ModuleList(nn.Conv2d(width, channels, 1) for channels in out_channels)
        self.resize_layers = nn.ModuleList(
            (
                nn.ConvTranspose2d(first, first, 4, stride=4),
                nn.ConvTranspose2d(second, second, 2, stride=2),
                nn.Identity(),
                nn.Conv2d(fourth, fourth, 3, stride=2, padding=1),
            )
        )
        self.scratch = Scratch(features, out_channels)

    def forward(self, tokens: Sequence[Tensor], rows: int, columns: int, size: Sequence[int]) -> Tensor:
        """Map four (B, rows x columns, width) to the last layer's (B, H, W) of `size`, before its activation."""
        return self.scratch.output_conv2(self.at_full_size(tokens, rows, columns, size))[:, 0]

    def at_full_size(self, tokens: Sequence[Tensor], rows: int, columns: int, size: Sequence[int]) -> Tensor:
        """Map four (B, rows x columns, width) to what the last layers see: (B, features / 2, H, W) of `size`."""
        return upsample(self.scratch.output_conv1(self.scratch.fuse(self.reassemble(tokens, rows, columns))), size)

    def reassemble(self, tokens: Sequence[Tensor], rows: int, columns: int) -> list[Tensor]:
        """Map four (B, rows x columns, width) to four maps, from fine to coarse."""
        levels = []
        for index, level_tokens in enumerate(tokens):
            level = level_tokens.transpose(1, 2).reshape(len(level_tokens), -1, rows, columns)  # (B, width, rows, columns)
            levels.append(self.resize_layers[index](self.projects[index](level)))
        return levels
