"""Matching costs: how unlike a window of the left view and the window `disparity` px farther left on the right view are.

Grey values are compared. Beyond its border a view goes on with its edge pixels, so that every window is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import RgbImage, StereoPair

Cost = Literal["SAD", "SSD", "ZNCC", "census"]
COSTS: tuple[Cost, ...] = get_args(Cost)
CENSUS_HEIGHT, CENSUS_WIDTH = 7, 9  # 62 comparisons with the centre fit 64 bits
MAX_WINDOW = 31  # px; anything wider is hardly local
Costs = NDArray[np.float32]
CostFunction = Callable[[slice], NDArray[Any]]  # columns of the extended right view -> costs of the extended left one


def cost_slices(pair: StereoPair, cost: Cost, disparities: range, window: int = 1) -> Iterator[Costs]:
    """Compute the costs of one disparity after the other, so that memory holds one at a time.

    - SAD, SSD: absolute and squared differences of the grey values, summed over the window.
    - ZNCC: 1 - zero-mean normalised cross-correlation, 0 to 2; a window without contrast correlates with nothing (1).
    - census: Hamming distance of the census transforms (Zabih and Woodfill, ECCV 1994), summed over the window.

    Args:
        pair: The two views.
        cost: One of `COSTS`.
        disparities: Which [px], in steps of 1.
        window: Side of the square around the pixel [px]; odd.

    Returns:
        Per disparity (H, W) float32 in the left view; infinite where the match would lie outside the right view.

    Raises:
        ValueError: If the cost is unknown, the window is even or too large, or no disparity fits the width.
    """
    height, width = pair.left.shape[:2]
    _check(cost, disparities, window, width)
    margin, reach = window // 2, max(abs(disparities[0]), abs(disparities[-1]))
    left = _extended(pair.left, margin, margin)
    right = _extended(pair.right, margin, margin + reach)
    compare = _COST_FUNCTIONS[cost](left, right, window)

    def costs_at(disparity: int) -> Costs:
        whole = compare(slice(reach - disparity, reach - disparity + left.shape[1]))
        costs = np.array(whole[margin : margin + height, margin : margin + width], np.float32)
        costs[:, : max(disparity, 0)] = np.inf
        costs[:, width + min(disparity, 0) :] = np.inf
        return costs

    return map(costs_at, disparities)


def cost_volume(pair: StereoPair, cost: Cost, disparities: range, window: int = 1) -> Costs:
    """Return all of `cost_slices`: (D, H, W) float32; 4 bytes x disparities x pixels."""
    volume = np.empty((len(disparities), *pair.left.shape[:2]), np.float32)
    for level, costs in zip(volume, cost_slices(pair, cost, disparities, window), strict=True):
        level[:] = costs
    return volume


def seen_from_right(costs: Costs, disparity: int) -> Costs:
    """Return the costs of one disparity by their place x - d in the right view; infinite outside the left view."""
    return np.roll(costs, -disparity, axis=1)  # what is rolled over the edge is infinite already


def census_transform(image: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return (H, W) uint64: a bit for each neighbour in the 9x7 window that is darker than the pixel."""
    height, width = image.shape
    rows, columns = CENSUS_HEIGHT // 2, CENSUS_WIDTH // 2
    around = cv2.copyMakeBorder(image, rows, rows, columns, columns, cv2.BORDER_REPLICATE)
    code = np.zeros((height, width), np.uint64)
    for y, x in np.ndindex(CENSUS_HEIGHT, CENSUS_WIDTH):
        if (y, x) != (rows, columns):
            code = (code << np.uint64(1)) | (around[y : y + height, x : x + width] < image)
    return code


def _check(cost: Cost, disparities: range, window: int, width: int) -> None:
    if cost not in COSTS:
        raise ValueError(f"The cost must be one of {', '.join(COSTS)}, not {cost!r}.")
    smallest = 3 if cost == "ZNCC" else 1
    if window % 2 == 0 or not smallest <= window <= MAX_WINDOW:
        raise ValueError(f"The window of {cost} must be odd, from {smallest} to {MAX_WINDOW} px, not {window}.")
    if not disparities or disparities.step != 1 or max(disparities[-1], -disparities[0]) >= width:
        raise ValueError(f"The disparities must be a range in steps of 1 within the width of {width} px, not {disparities}.")


def _extended(view: RgbImage, rows: int, columns: int) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(view, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.copyMakeBorder(grey, rows, rows, columns, columns, cv2.BORDER_REPLICATE), np.uint8)


def _window_sum(values: NDArray[Any], window: int, depth: int = cv2.CV_32F) -> NDArray[Any]:
    return cv2.boxFilter(values, depth, (window, window), normalize=False)


def _sad(left: NDArray[np.uint8], right: NDArray[np.uint8], window: int) -> CostFunction:
    return lambda columns: _window_sum(cv2.absdiff(left, right[:, columns]), window)


def _ssd(left: NDArray[np.uint8], right: NDArray[np.uint8], window: int) -> CostFunction:
    return lambda columns: _window_sum(np.square(cv2.absdiff(left, right[:, columns]), dtype=np.float32), window)


def _census(left: NDArray[np.uint8], right: NDArray[np.uint8], window: int) -> CostFunction:
    left_code, right_code = census_transform(left), census_transform(right)
    return lambda columns: _window_sum(np.bitwise_count(left_code ^ right_code[:, columns]), window)


def _zncc(left: NDArray[np.uint8], right: NDArray[np.uint8], window: int) -> CostFunction:
    left_values, left_sum, left_scale = _standardised(left, window)
    right_values, right_sum, right_scale = _standardised(right, window)
    left_mean = left_sum / window**2

    def compare(columns: slice) -> NDArray[np.float64]:
        products = _window_sum(left_values * right_values[:, columns], window, cv2.CV_64F)
        return 1 - (products - left_mean * right_sum[:, columns]) * left_scale * right_scale[:, columns]

    return compare


def _standardised(image: NDArray[np.uint8], window: int) -> tuple[Costs, NDArray[np.float64], NDArray[np.float64]]:
    """Return grey values, their window sums, and 1 / sqrt(sum of squared deviations), 0 where there is no contrast.

    Sums are float64: on a bright wall the deviations are a millionth of the squares.
    """
    values = image.astype(np.float32)
    sums = _window_sum(values, window, cv2.CV_64F)
    squares = _window_sum(values * values, window, cv2.CV_64F) - sums**2 / window**2
    contrast = squares > 0.5  # one pixel that differs by 1 makes (n - 1) / n
    return values, sums, np.where(contrast, 1 / np.sqrt(np.where(contrast, squares, 1)), 0)


_COST_FUNCTIONS = {"SAD": _sad, "SSD": _ssd, "ZNCC": _zncc, "census": _census}
