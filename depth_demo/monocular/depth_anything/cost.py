"""What one forward pass of Depth Anything costs. No torch: how long it takes is said before torch is imported."""

from __future__ import annotations

from depth_demo.monocular.depth_anything.variants import PATCH_SIZE, VARIANTS, Variant
from depth_demo.monocular.input_size import NetworkSize

# Every run reads all weights once. A token uses each once, so that counts as so many tokens more (measured: 0 to 100).
READING_TOKENS = 32


def encoder_multiply_adds(width: int, depth: int, patches: int) -> float:
    """Count the multiply-adds of one forward pass of the encoder."""
    tokens = patches + 1
    linear = 12 * tokens * width**2  # qkv and proj 4, the MLP 8
    attention = 2 * tokens**2 * width
    return 3 * PATCH_SIZE**2 * width * patches + depth * (linear + attention)


def multiply_adds(variant: Variant, size: NetworkSize) -> float:
    """Count the multiply-adds of one forward pass as published, which upsamples before the 1x1 convolutions of the fusion."""
    rows, columns = size.height // PATCH_SIZE, size.width // PATCH_SIZE
    patches, coarse = rows * columns, -(-rows // 2) * -(-columns // 2)
    grids = (16 * patches, 4 * patches, patches, coarse)  # pixels of the four levels, from fine to coarse
    width, features, outputs = variant.width, variant.features, variant.out_channels
    encoder = encoder_multiply_adds(width, variant.depth, patches)
    first, second, _, fourth = outputs
    resizing = patches * (16 * first**2 + 4 * second**2) + 9 * coarse * fourth**2
    levels = sum(9 * grid * channels * features for grid, channels in zip(grids, outputs, strict=True))
    fusion = 9 * features**2 * (4 * sum(grids[:3]) + 2 * coarse) + features**2 * 85 * patches
    ends = 9 * features * (features // 2) * 64 * patches + (9 * (features // 2) * 32 + 32) * size.height * size.width
    return encoder + patches * width * sum(outputs) + resizing + levels + fusion + ends


def run_cost(size: NetworkSize, variant: str) -> float:
    """Return the multiply-adds of a run, the reading of all weights included.

    Args:
        size: Of the network's input.
        variant: Key of `VARIANTS`.
    """
    sizes = VARIANTS[variant]
    return multiply_adds(sizes, size) + READING_TOKENS * 12 * sizes.width**2 * sizes.depth
