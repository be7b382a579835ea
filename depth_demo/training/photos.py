"""Photos without labels, for the student."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from depth_demo.formats.photos import load_photo
from depth_demo.geometry import RgbImage
from depth_demo.training.batches import Batch, scaled_size
from depth_demo.training.scenes.generator import SHAPES

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".avif"})


class Photos:
    """All photos in a folder and its subfolders. They are drawn like `Samples`.

    Raises:
        ValueError: If there are none.
    """

    def __init__(self, folder: Path) -> None:
        self.paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
        if not self.paths:
            raise ValueError(f"{folder} holds no photos ({', '.join(sorted(SUFFIXES))}).")

    def __len__(self) -> int:
        return len(self.paths)

    def draw(self, rng: np.random.Generator, size: int, scale: float, multiple: int) -> Batch:
        """Return a random batch of one shape: the largest crops that fit, half of them mirrored. Inverse depth is NaN."""
        shape = list(SHAPES)[int(rng.integers(len(SHAPES)))]
        height, width = scaled_size(shape, scale, multiple)
        photos = [load_photo(str(self.paths[int(index)])).pixels for index in rng.integers(0, len(self.paths), size)]
        images = torch.stack([_crop(photo, height, width, rng) for photo in photos])
        return Batch(images, torch.full((size, height, width), torch.nan), torch.zeros(size, dtype=torch.long))


def _crop(photo: RgbImage, height: int, width: int, rng: np.random.Generator) -> Tensor:
    """Return the largest crop of this aspect at a random place, (3, height, width) from 0 to 1."""
    scale = min(photo.shape[0] / height, photo.shape[1] / width)
    rows, columns = round(height * scale), round(width * scale)
    top, left = (int(rng.integers(0, whole - part + 1)) for whole, part in zip(photo.shape, (rows, columns), strict=False))
    part = torch.from_numpy(photo[top : top + rows, left : left + columns].copy()).permute(2, 0, 1).float() / 255
    image = F.interpolate(part[None], (height, width), mode="bilinear", antialias=True)[0].clamp(0, 1)
    return image.flip(-1) if rng.random() < 0.5 else image
