"""Depth Demo Tiny 2: the decoder of Depth Anything on an encoder that has seen ImageNet's photos.

Its file holds the decoder and what adapts the encoder. The encoder itself is read from the package that publishes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.depth_anything.dpt import Scratch, conv3x3, upsample
from depth_demo.monocular.efficientnet import RANK, TAP_WIDTHS, LiteEncoder, pretrained_weights
from depth_demo.monocular.encoder_package import MEAN, STD
from depth_demo.monocular.input_size import Preprocessing
from depth_demo.monocular.tiny import pixel_positions
from depth_demo.monocular.weights import fitting_weights

FEATURES = 32
PREPROCESSING = Preprocessing(mean=MEAN, std=STD, short_side=252, longest=2.35, resampling="area")


class Details(nn.Module):
    """What puts the outlines of the finest level, at half the image's size, into the decoder's map."""

    def __init__(self, features: int, inputs: int) -> None:
        super().__init__()
        self.look = conv3x3(inputs, features)
        self.correct = conv3x3(2 * features, features)

    def forward(self, x: Tensor, finest: Tensor) -> Tensor:
        return x + self.correct(F.relu(torch.cat((x, self.look(finest)), dim=1)))


class TinyLite(nn.Module):
    """The network: RGB, (value - 127) / 128, to relative inverse depth.

    Args:
        pretrained: Weights of the encoder, from `efficientnet.pretrained_weights`.
        rank: Rank of what adapts the encoder.
    """

    def __init__(self, pretrained: Mapping[str, Tensor], rank: int = RANK) -> None:
        super().__init__()
        self.encoder = LiteEncoder(pretrained, rank)
        self.scratch = Scratch(FEATURES, [width + 2 for width in TAP_WIDTHS[1:]])
        self.details = Details(FEATURES // 2, TAP_WIDTHS[0])

    def forward(self, image: Tensor) -> Tensor:
        """Map (B, 3, H, W) to (B, H, W), not negative."""
        return F.relu(self.decode(self.encode(image), image.shape[2:]))

    def encode(self, image: Tensor) -> list[Tensor]:
        """Map (B, 3, H, W) to the encoder's five levels."""
        return self.encoder(image)

    def decode(self, levels: Sequence[Tensor], size: Sequence[int]) -> Tensor:
        """Map the levels to (B, H, W) before the last ReLU, which gives negative values no gradient in training."""
        placed = [torch.cat((level, pixel_positions(level)), dim=1) for level in levels[1:]]
        x = self.details(upsample(self.scratch.output_conv1(self.scratch.fuse(placed)), levels[0].shape[2:]), levels[0])
        with torch.autocast(x.device.type, enabled=False):  # 16 bits here would show as steps in the map
            x = self.scratch.output_conv2(x.float())
        return upsample(x, size)[:, 0]


def load_tiny_lite(checkpoint: Mapping[str, Tensor] | str | Path, pretrained: Mapping[str, Tensor] | None = None) -> TinyLite:
    """Build the network from a state dict, or a file of one, and the package's encoder. Every key and shape must fit.

    Args:
        checkpoint: Of the decoder and of what adapts the encoder.
        pretrained: The encoder's weights, from `fold`; None takes those of the package.

    Returns:
        The network in evaluation mode, float32, on the CPU, with the adaptation merged into the encoder.

    Raises:
        ValueError: If the checkpoint does not fit.
        WeightsUnavailableError: If the package with the encoder is not installed, or its file is another one.
        OSError: If the file cannot be read.
    """
    network = adaptable_tiny_lite(checkpoint, pretrained)
    network.encoder.merge()
    return network.eval().requires_grad_(requires_grad=False)


def adaptable_tiny_lite(
    checkpoint: Mapping[str, Tensor] | str | Path | None = None, pretrained: Mapping[str, Tensor] | None = None
) -> TinyLite:
    """Build the network as it is trained. Arguments and errors are those of `load_tiny_lite`; None makes new weights."""
    network = TinyLite(pretrained_weights() if pretrained is None else pretrained)
    if checkpoint is not None:
        fitting = fitting_weights(checkpoint, network.state_dict(), ())
        network.load_state_dict({name: value.float() for name, value in fitting.items()})
    return network
