"""Small random stereo pairs in which it is known why matching fails at one pixel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthMap, StereoPair
from depth_demo.stereo.matching import match_views
from depth_demo.stereo.settings import SgbmSettings
from tests.conftest import disparity_map

HEIGHT, WIDTH, SPARE = 40, 176, 100
SETTINGS = SgbmSettings(num_disparities=48)
UNFILTERED = SgbmSettings(
    num_disparities=48, uniqueness_ratio=0, speckle_window_size=0, disp12_max_diff=1024, left_right_max_diff=-1
)
Grey = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A pair whose pixel (x, y) fails, or not, for a known reason."""

    pair: StereoPair
    truth: DepthMap
    x: int
    y: int
    settings: SgbmSettings = SETTINGS
    answer: float = np.nan

    @property
    def right(self) -> bool:
        return bool(abs(self.answer - self.truth.values[self.y, self.x]) <= 3)


def texture(random: np.random.Generator, width: int = WIDTH + SPARE, height: int = HEIGHT) -> Grey:
    blurred = cv2.GaussianBlur(random.normal(0, 1, (height, width)), (0, 0), random.uniform(0.6, 1.5))
    return 128 + random.uniform(20, 45) * blurred / blurred.std()


def scene(
    random: np.random.Generator,
    canvas: Grey,
    far: int,
    near: tuple[int, slice, slice] | None = None,
    noise: float = 2.0,
    settings: SgbmSettings = SETTINGS,
) -> tuple[StereoPair, DepthMap]:
    """A plane at disparity `far`, and in front of it a rectangle (disparity, rows, columns of the left view)."""
    left, right = canvas[:, :WIDTH].copy(), canvas[:, far : far + WIDTH].copy()
    truth = np.full((HEIGHT, WIDTH), far, np.float32)
    if near:
        disparity, rows, columns = near
        surface = texture(random)[rows, columns]
        left[rows, columns] = surface
        right[rows, columns.start - disparity : columns.stop - disparity] = surface
        truth[rows, columns] = disparity

    def photographed(view: Grey) -> NDArray[np.uint8]:
        grey = np.clip(view + random.normal(0, noise, view.shape), 0, 255).astype(np.uint8)
        return np.repeat(grey[..., np.newaxis], 3, axis=2)

    return StereoPair(photographed(left), photographed(right)), disparity_map(truth)


def somewhere(random: np.random.Generator) -> tuple[int, int]:
    return int(random.integers(80, WIDTH - 20)), int(random.integers(12, HEIGHT - 12))


def plain(random: np.random.Generator) -> Patch:
    return Patch(*scene(random, texture(random), int(random.integers(2, 45))), *somewhere(random))


def flat(random: np.random.Generator) -> Patch:
    """Next to no texture, but for noise, or a shade that grows evenly."""
    slope = random.uniform(0, 1.2) * np.arange(WIDTH + SPARE) - 128
    canvas = np.tile(128 + slope * random.integers(0, 2), (HEIGHT, 1))
    pair = scene(random, canvas, int(random.integers(2, 45)), noise=random.uniform(0, 2))
    return Patch(*pair, *somewhere(random))


def repetitive(random: np.random.Generator) -> Patch:
    """One piece of texture, again and again along the row."""
    period = int(random.integers(6, 20))
    piece = texture(random, width=period)
    canvas = np.tile(piece, (1, (WIDTH + SPARE) // period + 1))
    return Patch(*scene(random, canvas, int(random.integers(2, 45))), *somewhere(random))


def outside(random: np.random.Generator) -> Patch:
    return Patch(*scene(random, texture(random), int(random.integers(52, 80))), *somewhere(random))


def occluded(random: np.random.Generator) -> Patch:
    """Left of something near, within what the right camera does not see."""
    far, step = int(random.integers(2, 14)), int(random.integers(10, 30))
    start = int(random.integers(100, 120))
    rows, columns = slice(0, HEIGHT), slice(start, start + 40)
    pair = scene(random, texture(random), far, (far + step, rows, columns))
    return Patch(*pair, int(random.integers(start - step + 2, start - 2)), int(random.integers(12, HEIGHT - 12)))


def removed(random: np.random.Generator) -> Patch:
    """Where SGBM is right until a strict uniqueness, or a filter of large speckles, takes the answer away."""
    if random.integers(0, 2):
        settings = SgbmSettings(num_disparities=48, uniqueness_ratio=int(random.integers(85, 99)))
        pair = scene(random, texture(random), int(random.integers(2, 45)), noise=random.uniform(4, 10))
        return Patch(*pair, *somewhere(random), settings)
    settings = SgbmSettings(num_disparities=48, speckle_window_size=900, speckle_range=2)
    far, size = int(random.integers(2, 20)), int(random.integers(16, 24))
    x, y = int(random.integers(90, 120)), int(random.integers(0, HEIGHT - size))
    near = far + int(random.integers(6, 20)), slice(y, y + size), slice(x, x + size)
    return Patch(*scene(random, texture(random), far, near), x + size // 2, y + size // 2, settings)


def cases(draw: Callable[[np.random.Generator], Patch], count: int, *, fails: bool = True) -> Iterator[Patch]:
    """As many patches as wanted at which OpenCV fails, or answers right."""
    random = np.random.default_rng(5)
    while count:
        patch = draw(random)
        answer = float(match_views(patch.pair, patch.settings).disparity.values[patch.y, patch.x])
        patch = Patch(patch.pair, patch.truth, patch.x, patch.y, patch.settings, answer)
        if patch.right is fails or (draw is removed and not _right_before_the_filters(patch)):
            continue
        count -= 1
        yield patch


def _right_before_the_filters(patch: Patch) -> bool:
    raw = match_views(patch.pair, UNFILTERED).raw.values[patch.y, patch.x]
    return bool(np.isnan(patch.answer) and abs(raw - patch.truth.values[patch.y, patch.x]) <= 3)
