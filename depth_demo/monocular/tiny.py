"""The first version of Depth Demo Tiny: Depth Anything's decoder on a small convolutional encoder, for far fewer images.

A transformer has to learn that neighbours belong together; a convolution starts with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.depth_anything.dpt import Scratch, upsample
from depth_demo.monocular.weights import fitting_weights, give_weights

STEM = 24
WIDTHS = (48, 96, 160, 256)  # channels at 1/4, 1/8, 1/16 and 1/32 of the input's size
BLOCKS = (1, 2, 3, 2)
FEATURES = 32

IGNORED_KEYS = {".num_batches_tracked": "only training counts batches"}


class ConvNorm(nn.Sequential):
    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__(nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outputs))


class ResidualBlock(nn.Module):
    """A block of a residual network (He et al., CVPR 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ConvNorm(channels, channels)
        self.second = ConvNorm(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(F.relu(self.first(x))))


class ConvEncoder(nn.Module):
    """The encoder: images to four maps at 1/4 to 1/32 of their size."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNorm(5, STEM, stride=2)
        inputs = (STEM, *WIDTHS[:-1])
        self.stages = nn.ModuleList(
            nn.Sequential(ConvNorm(before, width, stride=2), nn.ReLU(), *(ResidualBlock(width) for _ in range(blocks)))
            for before, width, blocks in zip(inputs, WIDTHS, BLOCKS, strict=True)
        )

    def forward(self, image: Tensor) -> list[Tensor]:
        x = F.relu(self.stem(torch.cat((image, pixel_positions(image)), dim=1)))
        levels = []
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        return levels


class TinyDepth(nn.Module):
    """The network: normalised RGB to relative inverse depth."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = ConvEncoder()
        self.scratch = Scratch(FEATURES, WIDTHS)

    def forward(self, image: Tensor) -> Tensor:
        """Map (B, 3, H, W), both sides at least 32 px, to (B, H, W), not negative."""
        return F.relu(self.decode(self.encode(image), image.shape[2:]))

    def encode(self, image: Tensor) -> list[Tensor]:
        """Map (B, 3, H, W) to the encoder's four levels."""
        return self.encoder(image)

    def decode(self, levels: Sequence[Tensor], size: Sequence[int]) -> Tensor:
        """Map the levels to (B, H, W) before the last ReLU, which gives negative values no gradient in training."""
        x = self.scratch.output_conv1(self.scratch.fuse(levels))
        with torch.autocast(x.device.type, enabled=False):  # 16 bits here would show as steps in the map
            x = self.scratch.output_conv2(x.float())  # at half size, where it costs a quarter
        return upsample(x, size)[:, 0]


def pixel_positions(image: Tensor) -> Tensor:
    """Return (B, 2, H, W): row and column of each pixel, from -1 to 1. The ground is mostly at the bottom of a photo."""
    rows, columns = (torch.linspace(-1, 1, side, device=image.device, dtype=image.dtype) for side in image.shape[2:])
    grid = torch.stack(torch.meshgrid(rows, columns, indexing="ij"))  # (2, H, W)
    return grid.expand(len(image), -1, -1, -1)


def load_tiny(checkpoint: Mapping[str, Tensor] | str | Path) -> TinyDepth:
    """Build the network from a state dict, or a file of one. Every key and shape must fit.

    Returns:
        The network in evaluation mode, float32, on the CPU.

    Raises:
        ValueError: If the checkpoint does not fit.
        OSError: If the file cannot be read.
    """
    with torch.device("meta"):
        network = TinyDepth()
    fitting = fitting_weights(checkpoint, network.state_dict(), IGNORED_KEYS)
    # Copied, because the file may be mapped: whoever changed it would change the network, or end the process.
    return give_weights(network, {name: value.to(torch.float32, copy=True) for name, value in fitting.items()})
