"""Depth Anything V1 and V2 (Yang et al., CVPR 2024 and NeurIPS 2024). torch is imported by `load_network` only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from depth_demo.monocular.depth_anything.variants import VARIANTS, Variant

if TYPE_CHECKING:
    from torch import Tensor

    from depth_demo.monocular.depth_anything.network import DepthAnything

__all__ = ["VARIANTS", "Variant", "load_network"]


def load_network(
    checkpoint: Mapping[str, Tensor] | str | Path, variant: str | Variant, max_depth: float | None = None
) -> DepthAnything:
    """Build a network from an official checkpoint. Every key and shape must fit.

    Args:
        checkpoint: A state dict, or a `.pth` or `.safetensors` file of one.
        variant: "vits", "vitb", "vitl" (V2), "vits14", "vitb14", "vitl14" (V1), or the sizes themselves.
        max_depth: Metres at the top of a metric model's sigmoid; None for relative models.

    Returns:
        The network in evaluation mode, float32, on the CPU: (B, 3, H, W) normalised RGB to (B, H, W).

    Raises:
        ValueError: If the variant is unknown or the checkpoint does not fit it.
        OSError: If the file cannot be read.
    """
    from depth_demo.monocular.depth_anything.network import build_network

    if isinstance(variant, str):
        if variant not in VARIANTS:
            raise ValueError(f"Unknown variant {variant!r}; there are {', '.join(VARIANTS)}.")
        variant = VARIANTS[variant]
    return build_network(checkpoint, variant, max_depth)
