"""Made views whose disparity is known: textures, stripes, blank areas."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import Mask, StereoPair
from depth_demo.stereo.settings import MODES, Mode, SgbmSettings

HEIGHT, WIDTH, SHIFT = 120, 360, 20
SEMI_GLOBAL: tuple[Mode, ...] = tuple(mode for mode in MODES if mode != "BM")
Grey = NDArray[np.float64]


def settings_for(mode: Mode, min_disparity: int = 0, num_disparities: int = 64) -> SgbmSettings:
    return SgbmSettings(mode, min_disparity, num_disparities, block_size=9 if mode == "BM" else 3)


def texture(random: np.random.Generator, height: int = HEIGHT, width: int = WIDTH + SHIFT, size: float = 1.2) -> Grey:
    blurred = cv2.GaussianBlur(random.normal(0, 1, (height, width)), (0, 0), size)
    return np.asarray(128 + 40 * blurred / blurred.std())


def photographed(canvas: Grey, noise: float, random: np.random.Generator) -> StereoPair:
    """Both views of a plane at disparity `SHIFT`, each with noise of its own."""
    width = canvas.shape[1] - SHIFT
    return views_of(canvas[:, :width], canvas[:, SHIFT:], noise, random)


def views_of(left: Grey, right: Grey, noise: float, random: np.random.Generator) -> StereoPair:
    def view(part: Grey) -> NDArray[np.uint8]:
        grey = np.clip(np.rint(part + random.normal(0, noise, part.shape)), 0, 255).astype(np.uint8)
        return np.repeat(grey[..., np.newaxis], 3, axis=2)

    return StereoPair(view(left), view(right))


def stripes(period: int, wave: str, height: int = HEIGHT, width: int = WIDTH + SHIFT) -> Grey:
    x = np.arange(width)
    row = np.sin(2 * np.pi * x / period) if wave == "sine" else np.where(x % period < period // 2, 1.0, -1.0)
    return np.asarray(np.tile(128 + 60 * row, (height, 1)))


def fence(period: int, disparity: int, noise: float, random: np.random.Generator) -> tuple[StereoPair, Mask]:
    """A fence of 200x80 px at this disparity before a textured wall at `SHIFT`; and (H, W) bool: where it is."""
    height, width, top, first = 160, 520, 40, 220
    wall, bars = texture(random, height, width + SHIFT), stripes(period, "square", 80, 200)
    left, right = wall[:, :width].copy(), wall[:, SHIFT:].copy()
    left[top : top + 80, first : first + 200] = bars
    right[top : top + 80, first - disparity : first - disparity + 200] = bars
    where = np.zeros((height, width), np.bool_)
    where[top + 4 : top + 76, first + 4 : first + 196] = True
    return views_of(left, right, noise, random), where
