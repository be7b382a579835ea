"""Video Depth Anything (Chen et al., CVPR 2025). torch is imported by `load_network` only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from depth_demo.monocular.depth_anything.variants import Variant
from depth_demo.monocular.video_depth_anything.variants import VARIANTS

if TYPE_CHECKING:
    from torch import Tensor

    from depth_demo.monocular.video_depth_anything.network import VideoDepthAnything

__all__ = ["VARIANTS", "load_network"]


def load_network(checkpoint: Mapping[str, Tensor] | str | Path, variant: str | Variant) -> VideoDepthAnything:
    """Build a network from an official checkpoint. Every key and shape must fit.

    Args:
        checkpoint: A state dict, or a `.pth` or `.safetensors` file of one.
        variant: "vits", or the sizes themselves.

    Returns:
        The network in evaluation mode, float32, on the CPU: (T, 3, H, W) normalised RGB, up to 32 frames of one clip in their
        order, to (T, H, W) relative inverse depth with one scale and shift for all.

    Raises:
        ValueError: If the variant is unknown or the checkpoint does not fit it.
        OSError: If the file cannot be read.
    """
    from depth_demo.monocular.video_depth_anything.network import build_network

    if isinstance(variant, str):
        if variant not in VARIANTS:
            raise ValueError(f"Unknown variant {variant!r}; there are {', '.join(VARIANTS)}.")
        variant = VARIANTS[variant]
    return build_network(checkpoint, variant)
