"""EfficientNet-Lite0 once more, from the published names, with its normalisation and TensorFlow's padding spelt out."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from depth_demo.monocular.efficientnet import fold
from depth_demo.monocular.tiny_lite import adaptable_tiny_lite

# Kernel, stride, channels in, channels inside, channels out of the sixteen blocks, as the published tensors have them.
BLOCKS = [
    (3, 1, 32, 32, 16),
    (3, 2, 16, 96, 24), (3, 1, 24, 144, 24),
    (5, 2, 24, 144, 40), (5, 1, 40, 240, 40),
    (3, 2, 40, 240, 80), (3, 1, 80, 480, 80), (3, 1, 80, 480, 80),
    (5, 1, 80, 480, 112), (5, 1, 112, 672, 112), (5, 1, 112, 672, 112),
    (5, 2, 112, 672, 192), (5, 1, 192, 1152, 192), (5, 1, 192, 1152, 192), (5, 1, 192, 1152, 192),
    (3, 1, 192, 1152, 320),
]  # fmt: skip
TAPPED = (0, 2, 4, 10, 15)


def shapes() -> dict[str, tuple[int, ...]]:
    """The names and shapes of the published file, without its classifier."""
    found: dict[str, tuple[int, ...]] = {"_conv_stem.weight": (32, 3, 3, 3), **_norm("_bn0", 32)}
    for index, (side, _, inputs, inner, outputs) in enumerate(BLOCKS):
        at = f"_blocks.{index}"
        if index:
            found |= {f"{at}._expand_conv.weight": (inner, inputs, 1, 1), **_norm(f"{at}._bn0", inner)}
        found |= {f"{at}._depthwise_conv.weight": (inner, 1, side, side), **_norm(f"{at}._bn1", inner)}
        found |= {f"{at}._project_conv.weight": (outputs, inner, 1, 1), **_norm(f"{at}._bn2", outputs)}
    return found


def _norm(name: str, channels: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.{part}": (channels,) for part in ("weight", "bias", "running_mean", "running_var")}


def random_checkpoint(seed: int = 0) -> dict[str, Tensor]:
    """Weights of those shapes that keep the variance from layer to layer."""
    generator = torch.Generator().manual_seed(seed)

    def weights(name: str, shape: tuple[int, ...]) -> Tensor:
        noise = torch.rand(shape, generator=generator)
        if len(shape) == 4:
            return (noise - 0.5) * (24 / noise[0].numel()) ** 0.5
        return 0.5 + noise if name.endswith((".weight", ".running_var")) else 0.4 * (noise - 0.5)

    return {name: weights(name, shape) for name, shape in shapes().items()}


def random_tiny_lite(seed: int = 1) -> dict[str, Tensor]:
    """Weights of a network on that encoder, as a training leaves them: the encoder is adapted."""
    generator = torch.Generator().manual_seed(seed)
    network = adaptable_tiny_lite(None, fold(random_checkpoint()))

    def weights(name: str, value: Tensor) -> Tensor:
        noise = torch.rand(value.shape, generator=generator)
        if name.startswith("encoder"):
            return value + 0.02 * (noise - 0.5)
        return (noise - 0.5) * (24 / noise[0].numel()) ** 0.5 if noise.ndim == 4 else 0.2 * noise

    return {name: weights(name, value).half() for name, value in network.state_dict().items()}


def levels(checkpoint: Mapping[str, Tensor], image: Tensor) -> list[Tensor]:
    """The maps after the tapped blocks."""
    x = F.relu6(normalised(checkpoint, "_bn0", same(image, checkpoint["_conv_stem.weight"], 2)))
    found = []
    for index, (_, stride, inputs, inner, outputs) in enumerate(BLOCKS):
        at, y = f"_blocks.{index}", x
        if index:
            y = F.relu6(normalised(checkpoint, f"{at}._bn0", same(y, checkpoint[f"{at}._expand_conv.weight"], 1)))
        y = same(y, checkpoint[f"{at}._depthwise_conv.weight"], stride, inner)
        y = F.relu6(normalised(checkpoint, f"{at}._bn1", y))
        y = normalised(checkpoint, f"{at}._bn2", same(y, checkpoint[f"{at}._project_conv.weight"], 1))
        x = x + y if stride == 1 and inputs == outputs else y
        found += [x] if index in TAPPED else []
    return found


def logits(checkpoint: Mapping[str, Tensor], level: Tensor) -> Tensor:
    """The classifier of the published file on the last map."""
    x = F.relu6(normalised(checkpoint, "_bn1", F.conv2d(level, checkpoint["_conv_head.weight"])))
    return F.linear(x.mean((2, 3)), checkpoint["_fc.weight"], checkpoint["_fc.bias"])


def same(x: Tensor, kernel: Tensor, stride: int, groups: int = 1) -> Tensor:
    """TensorFlow's padding SAME: ceil(side / stride) outputs. Half of what they need is added before, the odd one after."""
    sides = []
    for length in x.shape[:1:-1]:  # the last axis first, as `F.pad` takes them
        side = kernel.shape[-1]
        total = max((math.ceil(length / stride) - 1) * stride + side - length, 0)
        sides += [total // 2, total - total // 2]
    return F.conv2d(F.pad(x, sides), kernel, None, stride, groups=groups)


def normalised(checkpoint: Mapping[str, Tensor], name: str, x: Tensor) -> Tensor:
    """Batch normalisation with the statistics of the file."""
    weight, bias, mean, variance = (
        checkpoint[f"{name}.{part}"][:, None, None] for part in ("weight", "bias", "running_mean", "running_var")
    )
    return (x - mean) / torch.sqrt(variance + 1e-3) * weight + bias
