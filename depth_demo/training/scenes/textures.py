"""Textures for synthetic scenes: noise, masonry, facades, wood, foliage and prints, as tiling pictures with mip maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.floating]
SIZE = 128  # texels per side
LEVELS = 7


class Atlas:
    """K tiling textures, each at 7 sizes from 128 to 2 texels.

    Args:
        pictures: (K, 128, 128, 3) float32, linear RGB.
        kinds: For each picture, what it shows.
    """

    def __init__(self, pictures: Array, kinds: Sequence[str], device: torch.device | str = "cpu") -> None:
        self.indices = {kind: np.flatnonzero(np.asarray(kinds) == kind) for kind in dict.fromkeys(kinds)}
        mips, level = [], torch.from_numpy(pictures).permute(0, 3, 1, 2)
        for _ in range(LEVELS):
            mips.append(level.permute(0, 2, 3, 1).reshape(-1, 3))
            level = torch.nn.functional.avg_pool2d(level, 2)
        sizes = [len(mip) for mip in mips]
        self.texels = torch.cat(mips).to(device)
        self.offsets = torch.tensor([0, *np.cumsum(sizes)[:-1]], device=device)

    def choose(self, rng: np.random.Generator, *kinds: str) -> int:
        """Index of a random texture of one of these kinds."""
        return int(rng.choice(self.indices[kinds[int(rng.integers(len(kinds)))]]))

    def sample(self, index: Tensor, u: Tensor, v: Tensor, texels_per_pixel: Tensor) -> Tensor:
        """(N, 3) colours: bilinear in the level at which a texel is about as large as a pixel."""
        level = texels_per_pixel.clamp(1, 2 ** (LEVELS - 1)).log2().round().long()
        size = SIZE >> level
        x, y = u * size - 0.5, v * size - 0.5
        column, row = x.floor(), y.floor()
        right, down = (x - column)[:, None], (y - row)[:, None]
        first = self.offsets[level] + index * size * size
        mask = size - 1  # sizes are powers of two
        left_column, right_column = column.long() & mask, (column.long() + 1) & mask
        top, bottom = first + (row.long() & mask) * size, first + ((row.long() + 1) & mask) * size
        upper = self.texels[top + left_column].lerp(self.texels[top + right_column], right)
        lower = self.texels[bottom + left_column].lerp(self.texels[bottom + right_column], right)
        return upper.lerp(lower, down)


@dataclass(frozen=True, slots=True)
class Painter:
    """Draws tiling pictures of `size` texels per side."""

    rng: np.random.Generator
    size: int = SIZE

    def grid(self) -> tuple[Array, Array]:
        """Row and column coordinates from 0 to 1."""
        row, column = np.mgrid[0 : self.size, 0 : self.size].astype(np.float32) / self.size
        return row, column

    def noise(self, roughness: float, stretch: float = 1.0) -> Array:
        """Fractal noise, mean 0 and deviation 1; amplitudes fall with frequency to the power of `roughness`."""
        frequency = np.fft.fftfreq(self.size)
        radius = np.hypot(frequency[:, None], frequency[None] * stretch)
        radius[0, 0] = 1
        spectrum = np.fft.fft2(self.rng.standard_normal((self.size, self.size))) * radius**-roughness
        picture = np.fft.ifft2(spectrum).real
        return ((picture - picture.mean()) / (picture.std() + 1e-6)).astype(np.float32)

    def grain(self, roughness: float, low: float, high: float) -> Array:
        """Noise as a factor around 1."""
        return np.maximum(1 + self.noise(roughness) * self.rng.uniform(low, high), 0.05)[..., None]

    def cells(self, across: int, down: int, *, shifted: bool) -> tuple[Array, Array, Array]:
        """Coordinates inside each cell of a wall or floor, and a random tone from 0 to 1 per cell."""
        row, column = self.grid()
        course = np.floor(row * down)
        across_now = column * across + (0.5 * (course % 2) if shifted else 0)
        tones = self.rng.random((down, across)).astype(np.float32)
        tone = tones[course.astype(int), np.floor(across_now).astype(int) % across]
        return row * down % 1, across_now % 1, tone


def color(rng: np.random.Generator, saturation: float = 0.12) -> Array:
    """A random colour; most surfaces of the world are nearly grey, so the chroma is drawn from a long-tailed distribution."""
    grey = rng.uniform(0.04, 0.9) ** 1.3
    chroma = rng.normal(0, 1, 3) * min(rng.exponential(saturation), 0.45)
    return np.clip(grey * (1 + chroma - chroma.mean()), 0.02, 0.95).astype(np.float32)


def _mix(a: Array, b: Array, share: Array) -> Array:
    return a + (b - a) * share[..., None]


def rough(p: Painter) -> Array:
    """Plaster, asphalt, stone, soil: noise between two close colours."""
    base = color(p.rng)
    other = np.clip(base * p.rng.uniform(0.6, 1.5), 0, 1)
    return _mix(base, other, np.clip(0.5 + 0.25 * p.noise(p.rng.uniform(0.3, 1.8)), 0, 1)) * p.grain(0.2, 0, 0.15)


def plain(p: Painter) -> Array:
    """Paint with a trace of dirt."""
    return np.broadcast_to(color(p.rng, 0.2), (p.size, p.size, 3)) * p.grain(1.6, 0, 0.08)


def masonry(p: Painter) -> Array:
    """Bricks, blocks, tiles or slabs with joints."""
    down = int(p.rng.integers(3, 13))
    brick = p.rng.random() < 0.6
    across = max(2, round(down * p.rng.uniform(0.3, 0.6))) if brick else down
    row, column, tone = p.cells(across, down, shifted=brick)
    joint = p.rng.uniform(0.03, 0.1)
    base, mortar = color(p.rng, 0.2), color(p.rng, 0.05)
    stones = base * (0.75 + 0.5 * tone[..., None]) * p.grain(0.6, 0, 0.2)
    in_joint = (row < joint) | (column < joint * across / down)
    return np.where(in_joint[..., None], mortar, stones)


def facade(p: Painter) -> Array:
    """Rows of windows: frames, panes of different brightness, sills, and a band between the floors."""
    down, across = int(p.rng.integers(2, 5)), int(p.rng.integers(2, 6))
    row, column, tone = p.cells(across, down, shifted=False)
    left, top = p.rng.uniform(0.1, 0.32), p.rng.uniform(0.1, 0.3)
    bottom = p.rng.uniform(0.7, 0.92)
    wall = masonry(p) if p.rng.random() < 0.35 else rough(p)
    inside = (column > left) & (column < 1 - left) & (row > top) & (row < bottom)
    frame = 0.02 + 0.03 * p.rng.random()
    bar = (np.abs(column - 0.5) < frame / 2) | (np.abs(row - p.rng.uniform(0.35, 0.6)) < frame / 2)
    rim = inside & ((column < left + frame) | (column > 1 - left - frame) | (row < top + frame) | (row > bottom - frame) | bar)
    glass = color(p.rng, 0.05) * p.rng.uniform(0.1, 0.6)
    panes = glass * (0.4 + 1.4 * tone[..., None] + 0.5 * (1 - row[..., None]))
    picture = np.where(inside[..., None], panes, wall)
    picture = np.where(rim[..., None], color(p.rng, 0.05), picture)
    sill = (row > bottom) & (row < bottom + 0.04) & (column > left - 0.03) & (column < 1 - left + 0.03)
    picture = np.where(sill[..., None], picture * p.rng.uniform(0.6, 1.5), picture)
    if p.rng.random() < 0.4:
        picture = np.where((row > 0.96)[..., None], picture * p.rng.uniform(0.6, 1.4), picture)
    return picture


def curtain_wall(p: Painter) -> Array:
    """Glass fronts: bands or panels with thin mullions."""
    down, across = int(p.rng.integers(2, 7)), int(p.rng.integers(3, 10))
    row, column, tone = p.cells(across, down, shifted=False)
    glass = color(p.rng, 0.15) * 0.7
    picture = glass * (0.6 + 0.8 * tone[..., None])
    mullion = (column < 0.06) | (row < p.rng.uniform(0.05, 0.45))
    return np.where(mullion[..., None], color(p.rng, 0.05), picture)


def wood(p: Painter) -> Array:
    """Grain along one axis, sometimes as boards."""
    base = np.array([0.45, 0.27, 0.14]) * p.rng.uniform(0.3, 1.7) if p.rng.random() < 0.7 else color(p.rng)
    picture = np.clip(base, 0.02, 0.9) * (1 + 0.18 * p.noise(1.3, p.rng.uniform(6, 14)))[..., None]
    if p.rng.random() < 0.5:
        row, _, tone = p.cells(1, int(p.rng.integers(3, 9)), shifted=False)
        picture = picture * (0.8 + 0.4 * tone[..., None]) * np.where(row < 0.05, 0.45, 1.0)[..., None]
    picture = np.maximum(picture, 0.01).astype(np.float32)
    return picture if p.rng.random() < 0.5 else picture.transpose(1, 0, 2)


def foliage(p: Painter) -> Array:
    """Leaves, hedges, grass: bright and dark greens, some brown or yellow."""
    bright = np.array([0.22, 0.33, 0.07]) * p.rng.uniform(0.4, 1.5) * (1 + p.rng.normal(0, 0.12, 3))
    if p.rng.random() < 0.2:
        bright = bright * np.array([1.9, 1.0, 0.8])
    dark = bright * p.rng.uniform(0.1, 0.5)
    return np.clip(_mix(dark, bright, np.clip(0.5 + 0.35 * p.noise(p.rng.uniform(0.3, 1.0)), 0, 1)), 0.005, 1)


def stripes(p: Painter) -> Array:
    """Corrugated iron, blinds, books on a shelf, cloth."""
    row, column = p.grid()
    axis = column if p.rng.random() < 0.6 else row
    count = int(p.rng.integers(4, 26))
    if p.rng.random() < 0.5:
        wave = 0.5 + 0.5 * np.sin(2 * np.pi * count * axis)
        base = color(p.rng)
        return _mix(base, base * p.rng.uniform(0.3, 0.8), wave.astype(np.float32))
    colors = np.stack([color(p.rng, 0.3) for _ in range(count)])
    return colors[np.floor(axis * count).astype(int)] * p.grain(0.8, 0, 0.15)


def print_(p: Painter) -> Array:
    """Posters, labels, signs, pictures: rectangles, discs and lines of writing."""
    picture = np.ascontiguousarray(np.broadcast_to(color(p.rng, 0.3), (p.size, p.size, 3)), dtype=np.float32)
    for _ in range(int(p.rng.integers(2, 14))):
        x, y, w, h = (int(value) for value in p.rng.integers(4, p.size, 4))
        ink = [float(value) for value in color(p.rng, 0.4)]
        form = p.rng.random()
        if form < 0.4:
            cv2.rectangle(picture, (x, y), (x + w // 2, y + h // 3), ink, -1)
        elif form < 0.6:
            cv2.circle(picture, (x, y), 2 + w // 6, ink, -1, cv2.LINE_AA)
        else:
            for line in range(int(p.rng.integers(1, 6))):
                cv2.line(picture, (x // 2, y + 7 * line), (x // 2 + w // 2, y + 7 * line), ink, 2)
    return picture * p.grain(1.5, 0, 0.1)


def road(p: Painter) -> Array:
    """Asphalt, one width across (the middle of the road is at the picture's edge) and one dash long: lanes, wheel tracks."""
    row, column = p.grid()
    grey = p.rng.uniform(0.12, 0.5)
    picture = (grey * (1 + p.rng.normal(0, 0.03, 3)))[None, None] * p.grain(p.rng.uniform(0.2, 1.2), 0.03, 0.15)
    lanes = int(p.rng.integers(1, 5))
    track = np.cos(4 * np.pi * column * lanes) * p.rng.uniform(0, 0.12)
    picture = picture * (1 + track)[..., None]
    paint = np.array([0.8, 0.65, 0.15]) if p.rng.random() < 0.2 else np.array([0.8, 0.8, 0.78])
    if p.rng.random() < 0.75:
        for lane in range(1, lanes):
            line = np.abs(column - lane / lanes) < 0.008
            dashed = (row < p.rng.uniform(0.3, 0.6)) if p.rng.random() < 0.7 else np.ones_like(row, dtype=bool)
            picture = np.where((line & dashed)[..., None], paint, picture)
    if p.rng.random() < 0.5:
        edge = np.abs(np.abs(column - 0.5) - p.rng.uniform(0.44, 0.48)) < 0.007
        picture = np.where(edge[..., None], paint, picture)
    return np.roll(picture, p.size // 2, axis=1)


KINDS: dict[str, tuple[Callable[[Painter], Array], int]] = {
    "rough": (rough, 40),
    "plain": (plain, 24),
    "masonry": (masonry, 28),
    "facade": (facade, 48),
    "curtain wall": (curtain_wall, 12),
    "wood": (wood, 24),
    "foliage": (foliage, 28),
    "stripes": (stripes, 20),
    "print": (print_, 28),
    "road": (road, 28),
}  # and how many of each


def paint_atlas(rng: np.random.Generator, device: torch.device | str = "cpu") -> Atlas:
    """A new set of textures."""
    painter = Painter(rng)
    kinds = [kind for kind, (_, count) in KINDS.items() for _ in range(count)]
    pictures = np.stack([np.clip(KINDS[kind][0](painter), 0, 1).astype(np.float32) for kind in kinds])
    return Atlas(pictures, kinds, device)


MASK_SIZE = 64
LEAVES, BARS, MESH = 12, 4, 4  # how many masks of each kind, in this order


def paint_masks(rng: np.random.Generator) -> NDArray[np.bool_]:
    """(20, 64, 64) bool, tiling: foliage with gaps, then vertical bars, then wire mesh."""
    painter = Painter(rng, MASK_SIZE)
    row, column = painter.grid()
    masks = [painter.noise(rng.uniform(0.5, 1.3)) > rng.uniform(-0.9, 0.1) for _ in range(LEAVES)]
    for _ in range(BARS):
        rails = (row < 0.06) | (np.abs(row - 0.93) < 0.03)
        masks.append((column * int(rng.integers(4, 9)) % 1 < rng.uniform(0.15, 0.35)) | rails)
    for _ in range(MESH):
        count = int(rng.integers(3, 6))
        masks.append(((row + column) * count % 1 < 0.2) | ((row - column) * count % 1 < 0.2))
    return np.stack(masks)
