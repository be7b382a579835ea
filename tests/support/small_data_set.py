"""A data set of small pairs with exact truth, in the layout of folders, which is scored in a fraction of a second a pair."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.support.handmade_files import encoded, pfm

HEIGHT, WIDTH, RANGE_PX = 64, 112, 16
CAMERA = f"cam0=[100 0 {WIDTH / 2}; 0 100 {HEIGHT / 2}; 0 0 1]\ndoffs=0\nbaseline=100\nwidth={WIDTH}\nheight={HEIGHT}\n"


def add_pair(root: Path, name: str, near_px: int = 9) -> Path:
    """A wall of random dots, 3 px of disparity away, with a square of `near_px` before it."""
    random = np.random.default_rng(sum(name.encode()))
    disparity = np.full((HEIGHT, WIDTH), 3)
    disparity[16:48, 40:90] = near_px
    right = random.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    columns = np.arange(WIDTH) - disparity
    left = np.take_along_axis(right, np.maximum(columns, 0)[..., np.newaxis], axis=1)
    place = root / name
    place.mkdir(parents=True)
    (place / "left.png").write_bytes(encoded(left, format="PNG"))
    (place / "right.png").write_bytes(encoded(right, format="PNG"))
    (place / "disparity.pfm").write_bytes(pfm(disparity.astype(np.float32)))
    (place / "calib.txt").write_text(CAMERA)
    return place


def small_data_set(root: Path, *names: str) -> Path:
    """A folder with a pair for each name."""
    for number, name in enumerate(names):
        add_pair(root, name, 7 + number)
    return root
