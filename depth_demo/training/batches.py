"""Batches from blocks of synthetic samples: random samples of one shape, cropped, flipped and resized."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from depth_demo.training.store import Block, find_blocks, read_block

SMALLEST_CROP = 0.65  # of each side


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of B samples of one size.

    Attributes:
        images: (B, 3, H, W) float32 RGB from 0 to 1.
        inverse_depth: (B, H, W) float32 [1/m]; 0 is sky, NaN in photos without labels.
        layouts: (B,) int64 index into `LAYOUTS`.
    """

    images: Tensor
    inverse_depth: Tensor
    layouts: Tensor


class Samples:
    """The samples of one seed on disk, of all layouts or some.

    Args:
        folder: Folder that `store.make_blocks` wrote.
        seed: Seed of the blocks.
        layouts: Indices into `LAYOUTS`; None for all.

    Attributes:
        blocks: The blocks in order.
        chosen: Index of the block and of the sample in it, by shape (height, width).

    Raises:
        ValueError: If there are no such samples.
    """

    def __init__(self, folder: Path, seed: int, layouts: frozenset[int] | None = None) -> None:
        self.blocks: list[Block] = []
        self.chosen: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for shape, paths in find_blocks(folder, seed).items():
            for path in paths:
                block = read_block(path)
                wanted = (
                    range(len(block.layouts)) if layouts is None else np.flatnonzero(np.isin(block.layouts, list(layouts)))
                )
                self.chosen.setdefault(shape, []).extend((len(self.blocks), int(index)) for index in wanted)
                self.blocks.append(block)
        if not any(self.chosen.values()):
            raise ValueError(
                f"{folder} holds no samples of seed {seed}: make some with `python -m depth_demo.training scenes`."
            )

    def __len__(self) -> int:
        return sum(len(chosen) for chosen in self.chosen.values())

    def read(self, chosen: list[tuple[int, int]]) -> Batch:
        """Return the chosen samples, as pairs of block and sample. They must have one shape."""
        return _in_floats(self._stored(chosen))

    def _stored(self, chosen: list[tuple[int, int]]) -> Batch:
        """Return samples as they are stored: images of whole numbers, and 16 bits for inverse depth."""
        images = np.stack([self.blocks[block].images[index] for block, index in chosen])
        inverse_depth = np.stack([self.blocks[block].inverse_depth[index] for block, index in chosen])
        layouts = np.array([self.blocks[block].layouts[index] for block, index in chosen], dtype=np.int64)
        return Batch(
            images=torch.from_numpy(images).permute(0, 3, 1, 2),
            inverse_depth=torch.from_numpy(inverse_depth),
            layouts=torch.from_numpy(layouts),
        )

    def draw(self, rng: np.random.Generator, size: int, scale: float, multiple: int) -> Batch:
        """Return a random batch of one shape. Shapes with more samples are drawn more often.

        Args:
            rng: Source of randomness.
            size: Samples in the batch.
            scale: Image size relative to the stored size.
            multiple: Both sides are multiples of this [px].
        """
        shapes = list(self.chosen)
        share = np.array([len(self.chosen[shape]) for shape in shapes])
        shape = shapes[int(rng.choice(len(shapes), p=share / share.sum()))]
        pool = self.chosen[shape]
        batch = self._stored([pool[int(index)] for index in rng.integers(0, len(pool), size)])
        return _in_floats(resize(crop_and_flip(batch, rng), scaled_size(shape, scale, multiple)))

    def in_order(self, size: int) -> Iterator[Batch]:
        """Yield every sample once, uncropped, in batches of at most `size`."""
        for chosen in self.chosen.values():
            for start in range(0, len(chosen), size):
                yield self.read(chosen[start : start + size])


def crop_and_flip(batch: Batch, rng: np.random.Generator) -> Batch:
    """Return crops of one random size at random places. Half of them are mirrored."""
    count, _, height, width = batch.images.shape
    share = rng.uniform(SMALLEST_CROP, 1) if rng.random() < 0.8 else 1.0
    rows, columns = round(height * share), round(width * share)
    images: list[Tensor] = []
    inverse_depth: list[Tensor] = []
    for index in range(count):
        top, left = int(rng.integers(0, height - rows + 1)), int(rng.integers(0, width - columns + 1))
        window = (..., slice(top, top + rows), slice(left, left + columns))
        mirrored = rng.random() < 0.5
        for source, target in ((batch.images, images), (batch.inverse_depth, inverse_depth)):
            part = source[index][window]
            target.append(part.flip(-1) if mirrored else part)
    return Batch(torch.stack(images), torch.stack(inverse_depth), batch.layouts)


def scaled_size(shape: tuple[int, int], scale: float, multiple: int) -> tuple[int, int]:
    """Return `shape` times `scale`. Each side is a multiple of `multiple`, and at least 2 x `multiple`."""
    height, width = (max(2, round(side * scale / multiple)) * multiple for side in shape)
    return height, width


def resize(batch: Batch, size: tuple[int, int]) -> Batch:
    """Return the batch at another size (height, width). Inverse depth takes nearest values, so its edges stay sharp."""
    if batch.images.shape[2:] == size:
        return batch
    images = F.interpolate(batch.images, size, mode="bilinear", antialias=True)  # several times as fast in whole numbers
    if images.is_floating_point():
        images = images.clamp(0, 1)
    inverse_depth = F.interpolate(batch.inverse_depth[:, None].float(), size, mode="nearest-exact")[:, 0]
    return Batch(images, inverse_depth, batch.layouts)


def _in_floats(batch: Batch) -> Batch:
    return Batch(batch.images.float() / 255, batch.inverse_depth.float(), batch.layouts)
