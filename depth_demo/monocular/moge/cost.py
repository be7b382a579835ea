"""What one forward pass of MoGe-2 costs. No torch: how long it takes is said before torch is imported."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from depth_demo.monocular.depth_anything.cost import READING_TOKENS, encoder_multiply_adds
from depth_demo.monocular.depth_anything.variants import PATCH_SIZE
from depth_demo.monocular.input_size import NetworkSize
from depth_demo.monocular.moge.variants import VARIANTS, Variant


def multiply_adds(variant: Variant, size: NetworkSize) -> float:
    """Count the multiply-adds of one forward pass, without the head of surface normals."""
    patches, width, channels = size.height * size.width // PATCH_SIZE**2, variant.width, variant.channels
    encoder = encoder_multiply_adds(width, variant.depth, patches) + len(variant.taps) * width * channels[0] * patches
    neck = _stack((channels[0] + 2, 2, 2, 2, 2), channels)
    heads = sum(_stack(channels, channels) + 256 * channels[4] * outputs for outputs in (3, 1))
    return encoder + (neck + heads) * patches + 2 * width**2 + width


def run_cost(size: NetworkSize, variant: str) -> float:
    """Return the multiply-adds of a run, the reading of all weights included.

    Args:
        size: Of the network's input.
        variant: Key of `VARIANTS`.
    """
    sizes = VARIANTS[variant]
    return multiply_adds(sizes, size) + READING_TOKENS * 12 * sizes.width**2 * sizes.depth


def _stack(inputs: Sequence[int], channels: Sequence[int]) -> int:
    """Count those of a stack for each patch: level n has 4^n pixels for it."""
    total = sum(4**level * there * here for level, (there, here) in enumerate(zip(inputs, channels, strict=True)))
    for level, (coarse, fine) in enumerate(pairwise(channels)):
        pixels = 4 ** (level + 1)
        if level < 3:
            total += pixels * (coarse * fine + 9 * fine**2 + 18 * fine**2)  # enlarging, smoothing, and a residual block
        else:
            total += pixels * 9 * coarse * fine
    return total
