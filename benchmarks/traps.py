"""What is believed of OpenCV's answer where the views say nothing: `python -m benchmarks.traps`.

Prints, for blank views, a grey sky and stripes, how much of OpenCV's answer passes the left-right check, how much passes all
checks, and how much of that is wrong. Each row takes the worst of its pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import Mask, StereoPair
from depth_demo.stereo.matching import keep_consistent, match_views
from depth_demo.stereo.settings import Mode, SgbmSettings

Grey = NDArray[np.float64]
Scene = tuple[StereoPair, Mask, SgbmSettings, int]  # views, where to look, settings, and the disparity there [px]

ALL: tuple[Mode, ...] = ("SGBM", "HH", "HH4", "SGBM_3WAY")
FULL: tuple[Mode, ...] = ("HH", "HH4")
SHIFT, HEIGHT, WIDTH = 20, 300, 640  # px
PERIODS = (8, 10, 16, 32)  # px
SEED = 2026


def main() -> None:
    random = np.random.default_rng(SEED)
    print("| scene | pairs | kept by the left-right check [%] | by all [%] | wrong of all pixels [%] | right but lost [%] |")
    print("|---|---|---|---|---|---|")
    for noise in (0.0, 1.0, 2.0):
        print_row(f"two blank views, noise {noise:g}", blank(noise, random))
    for noise in (0.0, 1.0, 2.0):
        print_row(f"grey sky over texture, noise {noise:g}; HH, HH4", sky(noise, random), anything_is_wrong=True)
    for period in PERIODS:
        print_row(f"stripes, period {period}, over the whole view", everywhere(period, random))
        print_row(f"stripes, period {period}, on a textured wall", fence(period, 0, random))
        print_row(f"stripes, period {period}, a period before the wall", fence(period, period, random))


def print_row(name: str, scenes: Iterator[Scene], *, anything_is_wrong: bool = False) -> None:
    rows = []
    for pair, where, settings, disparity in scenes:
        found = match_views(pair, settings)
        agreeing = keep_consistent(found.raw.values, found.left_right_diff, settings.left_right_max_diff)[where]
        kept = found.disparity.values[where]
        sure = np.zeros(kept.shape, np.bool_) if anything_is_wrong else np.abs(agreeing - disparity) <= 1
        valid = ~np.isnan(kept)
        shares = ~np.isnan(agreeing), valid, valid & ~sure, sure & ~valid
        rows.append([100 * float(share.mean()) for share in shares])
    print(f"| {name} | {len(rows)} | {' | '.join(f'{worst:.2f}' for worst in np.max(rows, axis=0))} |", flush=True)


def blank(noise: float, random: np.random.Generator) -> Iterator[Scene]:
    for mode in ALL:
        for first in (-64, -16, -1, 0):
            wall = np.full((HEIGHT, WIDTH), 128.0)
            pair = views(wall, wall, noise, random)
            yield pair, np.ones((HEIGHT, WIDTH), np.bool_), SgbmSettings(mode, first, 64), -9999


def sky(noise: float, random: np.random.Generator) -> Iterator[Scene]:
    for mode in FULL:
        for share in (0.4, 0.5):
            canvas, where = texture(random), np.zeros((HEIGHT, WIDTH), np.bool_)
            canvas[: int(share * HEIGHT)] = 190
            where[: int(share * HEIGHT)] = True
            yield views(canvas[:, :WIDTH], canvas[:, SHIFT:], noise, random), where, SgbmSettings(mode, 0, 64), SHIFT


def everywhere(period: int, random: np.random.Generator) -> Iterator[Scene]:
    where = np.zeros((HEIGHT, WIDTH), np.bool_)
    where[:, 128:] = True
    for settings in striped_settings():
        for wave in ("square", "sine"):
            bars = stripes(period, wave, HEIGHT, WIDTH + SHIFT)
            for noise in (1, 3, 10):
                yield views(bars[:, :WIDTH], bars[:, SHIFT:], noise, random), where, settings, SHIFT


def fence(period: int, before: int, random: np.random.Generator) -> Iterator[Scene]:
    """Stripes of 200x80 px, so much nearer than the wall around them [px]."""
    top, first, near = 100, 300, SHIFT + before
    for settings in striped_settings():
        for noise in (1, 3, 10):
            wall, bars = texture(random), stripes(period, "square", 80, 200)
            left, right = wall[:, :WIDTH].copy(), wall[:, SHIFT:].copy()
            left[top : top + 80, first : first + 200] = bars
            right[top : top + 80, first - near : first - near + 200] = bars
            where = np.zeros((HEIGHT, WIDTH), np.bool_)
            where[top + 4 : top + 76, first + 4 : first + 196] = True
            yield views(left, right, noise, random), where, settings, near


def striped_settings() -> Iterator[SgbmSettings]:
    for mode in ALL:
        yield replace(SgbmSettings(), mode=mode)


def texture(random: np.random.Generator) -> Grey:
    blurred = cv2.GaussianBlur(random.normal(0, 1, (HEIGHT, WIDTH + SHIFT)), (0, 0), 1.2)
    return np.asarray(128 + 40 * blurred / blurred.std())


def stripes(period: int, wave: str, height: int, width: int) -> Grey:
    signal = np.sin(2 * np.pi * (np.arange(width) + 0.5) / period)
    row = np.sign(signal) if wave == "square" else signal
    return np.asarray(np.tile(128 + 60 * row, (height, 1)))


def views(left: Grey, right: Grey, noise: float, random: np.random.Generator) -> StereoPair:
    """Both views, each with noise of its own [grey values]."""

    def view(grey: Grey) -> NDArray[np.uint8]:
        pixels = np.clip(np.rint(grey + random.normal(0, noise, grey.shape)), 0, 255).astype(np.uint8)
        return np.repeat(pixels[..., np.newaxis], 3, axis=2)

    return StereoPair(view(left), view(right))


if __name__ == "__main__":
    main()
