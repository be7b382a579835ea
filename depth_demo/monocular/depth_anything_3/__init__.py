"""Depth Anything 3 for one photo: MONO-LARGE and METRIC-LARGE (Lin et al., 2025). torch is imported by `load_network` only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from depth_demo.monocular.depth_anything.variants import Variant
from depth_demo.monocular.depth_anything_3.variants import VARIANTS

if TYPE_CHECKING:
    from torch import Tensor

    from depth_demo.monocular.depth_anything_3.network import DepthAnything3

__all__ = ["VARIANTS", "load_network"]


def load_network(checkpoint: Mapping[str, Tensor] | str | Path, variant: str | Variant) -> DepthAnything3:
    """Build a network from an official checkpoint. Every key and shape must fit; none is ignored.

    The files of both variants have the same keys and shapes, so nothing but their place tells them apart.

    Args:
        checkpoint: A state dict, or a `.safetensors` file of one.
        variant: "mono-large", "metric-large", or the sizes themselves.

    Returns:
        The network in evaluation mode, float32, on the CPU: (B, 3, H, W) normalised RGB to (B, 2, H, W), which `reading`
        reads.

    Raises:
        ValueError: If the variant is unknown or the checkpoint does not fit it.
        OSError: If the file cannot be read.
    """
    from depth_demo.monocular.depth_anything_3.network import build_network

    if isinstance(variant, str):
        if variant not in VARIANTS:
            raise ValueError(f"Unknown variant {variant!r}; there are {', '.join(VARIANTS)}.")
        variant = VARIANTS[variant]
    return build_network(checkpoint, variant)
