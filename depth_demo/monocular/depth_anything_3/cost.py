"""What one forward pass of Depth Anything 3 costs. No torch: how long it takes is said before torch is imported."""

from __future__ import annotations

from depth_demo.monocular.depth_anything import cost as before
from depth_demo.monocular.depth_anything_3.variants import VARIANTS
from depth_demo.monocular.input_size import NetworkSize


def multiply_adds(size: NetworkSize) -> float:
    """Count the multiply-adds of one forward pass as published: those of V2's Large, and of the end that sees the sky."""
    sizes = VARIANTS["mono-large"]
    sky = (9 * (sizes.features // 2) * 32 + 32) * size.height * size.width
    return before.multiply_adds(sizes, size) + sky


def run_cost(size: NetworkSize) -> float:
    """Return the multiply-adds of a run, the reading of all weights included.

    Args:
        size: Of the network's input.
    """
    sizes = VARIANTS["mono-large"]
    return multiply_adds(size) + before.READING_TOKENS * 12 * sizes.width**2 * sizes.depth
