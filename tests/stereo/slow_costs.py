"""Costs of windows as they are defined, one window at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import StereoPair

Grey = NDArray[np.uint8]


def gray_pair(left: Grey, right: Grey) -> StereoPair:
    """Three equal channels: OpenCV's grey value of them is the value itself."""
    return StereoPair(np.repeat(left[..., np.newaxis], 3, axis=2), np.repeat(right[..., np.newaxis], 3, axis=2))


def random_pair(random: np.random.Generator, height: int = 9, width: int = 13) -> StereoPair:
    left, right = random.integers(0, 256, (2, height, width), dtype=np.uint8)
    return gray_pair(left, right)


def pixel(grey: Grey, y: int, x: int) -> float:
    """A view goes on with its edge pixels."""
    return float(grey[min(max(y, 0), grey.shape[0] - 1), min(max(x, 0), grey.shape[1] - 1)])


def square(grey: Grey, y: int, x: int, window: int) -> NDArray[np.float64]:
    half = window // 2
    return np.array([[pixel(grey, y + i, x + j) for j in range(-half, half + 1)] for i in range(-half, half + 1)])


def sad(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    return float(np.abs(left - right).sum())


def ssd(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    return float(((left - right) ** 2).sum())


def one_minus_zncc(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    left, right = left - left.mean(), right - right.mean()
    return 1 - float((left * right).sum() / np.sqrt((left**2).sum() * (right**2).sum()))


def slow_costs(
    pair: StereoPair, disparities: range, window: int, unlike: Callable[[NDArray[np.float64], NDArray[np.float64]], float]
) -> NDArray[np.float64]:
    """(D, H, W): every window of the left view against every window of the right one, one by one."""
    left, right = pair.left[..., 0], pair.right[..., 0]
    height, width = left.shape
    costs = np.full((len(disparities), height, width), np.inf)
    for index, y, x in np.ndindex(costs.shape):
        matched = x - disparities[index]
        if 0 <= matched < width:
            costs[index, y, x] = unlike(square(left, y, x, window), square(right, y, matched, window))
    return costs
