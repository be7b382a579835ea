"""What one run of Video Depth Anything costs. No torch: how long it takes is said before torch is imported."""

from __future__ import annotations

from depth_demo.monocular.depth_anything import cost as before
from depth_demo.monocular.depth_anything.variants import PATCH_SIZE
from depth_demo.monocular.input_size import NetworkSize
from depth_demo.monocular.video_depth_anything.variants import VARIANTS


def multiply_adds(variant: str, size: NetworkSize, frames: int = 1) -> float:
    """Count the multiply-adds of one forward pass over a clip of so many frames, as published."""
    sizes = VARIANTS[variant]
    rows, columns = size.height // PATCH_SIZE, size.width // PATCH_SIZE
    patches, coarse = rows * columns, -(-rows // 2) * -(-columns // 2)
    widths = (*sizes.out_channels[2:], sizes.features, sizes.features)
    places = zip((patches, coarse, patches, 4 * patches), widths, strict=True)
    # Into and out of the module 2, two attentions 4 each, the gated layers 12; and each frame looks at all, twice.
    motion = sum(pixels * (22 * width**2 + 4 * frames * width) for pixels, width in places)
    return frames * (before.multiply_adds(sizes, size) + motion)


def run_cost(size: NetworkSize, variant: str) -> float:
    """Return the multiply-adds for one frame, the reading of all weights included.

    Args:
        size: Of the network's input.
        variant: Key of `VARIANTS`.
    """
    sizes = VARIANTS[variant]
    return multiply_adds(variant, size) + before.READING_TOKENS * 12 * sizes.width**2 * sizes.depth
