"""MoGe-2: metric depth and the camera from one photo (Wang et al., 2025). torch is imported by `load_network` only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from depth_demo.monocular.moge.variants import VARIANTS, Variant

if TYPE_CHECKING:
    from depth_demo.monocular.moge.network import MoGe2

__all__ = ["VARIANTS", "Variant", "load_network"]


def load_network(checkpoint: Mapping[str, object] | str | Path, variant: str | Variant) -> MoGe2:
    """Build a network from an official checkpoint. Every key and shape must fit, and so must the sizes that it states.

    Args:
        checkpoint: What an official file holds, "model_config" and "model", or a state dict; or a `.pt` or `.safetensors`
            file of one. A pickle is read without running any code in it.
        variant: "vits-normal", or the sizes themselves.

    Returns:
        The network in evaluation mode, float32, on the CPU: (B, 3, H, W) normalised RGB to (B, 5, 16/14 H, 16/14 W), which
        `reading` reads.

    Raises:
        ValueError: If the variant is unknown or the checkpoint does not fit it.
        OSError: If the file cannot be read.
    """
    from depth_demo.monocular.moge.network import build_network

    if isinstance(variant, str):
        if variant not in VARIANTS:
            raise ValueError(f"Unknown variant {variant!r}; there are {', '.join(VARIANTS)}.")
        variant = VARIANTS[variant]
    return build_network(checkpoint, variant)
