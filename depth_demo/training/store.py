"""Blocks of synthetic samples on disk. Several processes can write them, and reading maps them into memory."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from depth_demo.training.scenes.generator import LAYOUTS, SHAPES, Generator

BLOCK = 512  # scenes that share one set of textures
AT_ONCE = 16  # scenes that are rendered together


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """N samples of one shape, mapped into memory.

    Attributes:
        images: (N, H, W, 3) uint8 RGB.
        inverse_depth: (N, H, W) float16 [1/m]; 0 is sky.
        layouts: (N,) uint8 index into `LAYOUTS`.
    """

    images: NDArray[np.uint8]
    inverse_depth: NDArray[np.float16]
    layouts: NDArray[np.uint8]


def make_blocks(folder: Path, blocks: int, seed: int, processes: int, count: int = BLOCK) -> Iterator[int]:
    """Render the blocks that are missing, and yield the number of each block when it is complete.

    The content of a block depends on its number and the seed only. So a run may be interrupted, or spread over machines.

    Args:
        folder: Folder for the blocks. It is created if needed.
        blocks: Number of blocks.
        seed: Seed of the scenes.
        processes: Number of processes.
        count: Scenes in a block.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        jobs = {pool.submit(make_block, folder, number, seed, count): number for number in range(blocks)}
        for job in as_completed(jobs):
            job.result()
            yield jobs[job]


def make_block(folder: Path, number: int, seed: int, count: int = BLOCK) -> None:
    """Render one block of `count` scenes and write it, unless its file exists. Scenes that show too little are left out."""
    shape = list(SHAPES)[number % len(SHAPES)]
    path = folder / f"{number:04d}-{shape[0]}x{shape[1]}-{seed}.block"
    if path.exists():
        return
    torch.set_num_threads(1)
    generator = Generator(seed * 1_000_003 + number)
    images, inverse_depth, layouts = [], [], []
    for _ in range(count // AT_ONCE):
        samples = generator.samples(AT_ONCE, shape)
        images.append((samples.images.permute(0, 2, 3, 1) * 255).round().byte().numpy())
        inverse_depth.append(samples.inverse_depth.half().numpy())
        layouts += [list(LAYOUTS).index(name) for name in samples.layouts]
    part = path.with_suffix(f".{os.getpid()}")
    with part.open("wb") as stream:
        np.save(stream, np.concatenate(images))
        np.save(stream, np.concatenate(inverse_depth))
        np.save(stream, np.array(layouts, dtype=np.uint8))
    part.rename(path)


def read_block(path: Path) -> Block:
    """Map a block into memory. The file is read only where its arrays are used."""
    arrays, position = [], 0
    for _ in range(3):
        with path.open("rb") as stream:
            stream.seek(position)
            version = np.lib.format.read_magic(stream)
            read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, dtype = read_header(stream)
            start = stream.tell()
        arrays.append(np.memmap(path, dtype=dtype, mode="r", offset=start, shape=shape))
        position = start + arrays[-1].nbytes
    return Block(*arrays)


def find_blocks(folder: Path, seed: int) -> dict[tuple[int, int], list[Path]]:
    """Return the files of the blocks of a seed in order, by shape (height, width)."""
    found: dict[tuple[int, int], list[Path]] = {}
    for path in sorted(folder.glob(f"*-{seed}.block")):
        numbers = re.fullmatch(r"\d+-(\d+)x(\d+)-\d+", path.stem)
        if numbers:
            found.setdefault((int(numbers[1]), int(numbers[2])), []).append(path)
    return found
