"""Where a matcher answers although the views do not say: areas without texture, and patterns that repeat.

OpenCV's own checks pass both without a word. The tests here read the gradients along the rows, since only these tell
disparities apart. They look at one row in four and at blocks of columns, and so cost little beside the match.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import Mask, RgbImage, StereoPair
from depth_demo.stereo.matched import MatcherSettings

Grid = NDArray[np.float32]  # (h, w): one value for each block of pixels

STEP, TALL = 4, 800  # px; side of the blocks, and height of a picture from which they are twice as large
WIDE = 11  # blocks; over so many noise hardly correlates by chance
NEAR = (5, 1)  # blocks of one row
RELATED = 0.3  # correlation of the gradients below which the views share nothing
LOW_CONTRAST = 16.0  # mean squared gradient [grey values^2]; above, a low correlation has other causes, such as reflections
NOISE_MARGIN = 2.5  # what a small window may hold of noise, to a large one
ROUNDING = np.float32(0.05)  # mean squared gradient [grey values^2] that says nothing
SQUARE, FULL = 0.4, 0.9  # a large area: side to the height of the picture, and share of it without texture
SAME_SURFACE_PX, REACH = 2.0, 0.08  # step of disparity, and distance as share of the width
FIRST_CANDIDATES_PX = 1.5  # where all costs are equal, OpenCV answers with the smallest disparity, or this much more
PATTERN = 7  # blocks, which must look the same elsewhere
TIMES = 3  # a pattern that is seen so often within the search range repeats
AS_GOOD, AS_BAD = 0.85, 0.3  # of the way from the mean cost to the best one
MUCH_WORSE, LITTLE_WORSE = 1.25, 1  # of the best cost, and costs; a valley is not above
DISTINCT, DISTINCT_LEAST = 0.6, 4  # the mean cost exceeds the best one by so much: share, and costs
STRIP = 48  # blocks; rows that are compared at a time, to bound the memory
OUTSIDE = 255


@dataclass(frozen=True, slots=True, eq=False)
class Traps:
    """What to distrust.

    Attributes:
        blank: (H, W) bool: matched, but there is no texture that both views show.
        repeated: (H, W) bool: matched, but the same pattern is seen at least twice more within the search range.
    """

    blank: Mask
    repeated: Mask


def find_traps(pair: StereoPair, disparity: NDArray[np.float32], settings: MatcherSettings) -> Traps:
    """Find the matched pixels at which other disparities are as likely.

    Args:
        pair: The two views.
        disparity: (H, W) disparity of the left view [px], NaN in holes.
        settings: The range that was searched.
    """
    height, width = disparity.shape
    step = min(STEP if height < TALL else 2 * STEP, height, width)
    left, right = _sampled_rows(pair.left, step), _sampled_rows(pair.right, step)
    area, noise = _blank_area(left, right, disparity[step // 2 :: step, : width // step * step], step)
    blank = _to_the_row(pair.left, area, noise, step) if area.any() else np.zeros(disparity.shape, np.bool_)
    first = _varies_nowhere(pair.left) & (disparity <= settings.min_disparity + FIRST_CANDIDATES_PX)
    repeated = _repeated(left, right, settings, step)
    return Traps(first | blank, _enlarged(repeated, disparity.shape, step))


def _varies_nowhere(image: RgbImage) -> Mask:
    """Return (H, W) bool: whether every channel is constant in the 5x5 window around the pixel."""
    spread = cv2.morphologyEx(image, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))
    return np.asarray(cv2.inRange(spread, (0, 0, 0), (0, 0, 0))).view(np.bool_)


def _sampled_rows(image: RgbImage, step: int) -> NDArray[np.uint8]:
    """Return (h, W) grey: one row for each block; the columns are cut to whole blocks."""
    rows = image[step // 2 :: step, : image.shape[1] // step * step]
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(rows), cv2.COLOR_RGB2GRAY), np.uint8)


def _enlarged(mask: Mask, shape: tuple[int, ...], step: int) -> Mask:
    """Return (H, W): each block's value at all of its pixels."""
    rows, columns = (np.minimum(np.arange(size) // step, cells - 1) for size, cells in zip(shape, mask.shape, strict=True))
    return mask[rows][:, columns]


def _gradient(grey: NDArray[np.uint8], reach: int) -> Grid:
    """Return (h, W) float32: I(x + reach) - I(x - reach)."""
    kernel = np.zeros((1, 2 * reach + 1), np.float32)
    kernel[0, 0], kernel[0, -1] = -1, 1
    return np.asarray(cv2.filter2D(grey, cv2.CV_32F, kernel, borderType=cv2.BORDER_REPLICATE), np.float32)


def _blocks(values: Grid, step: int) -> Grid:
    """Average the columns of each block."""
    height, width = values.shape
    return np.asarray(cv2.resize(values, (width // step, height), interpolation=cv2.INTER_AREA), np.float32)


def _blank_area(left: NDArray[np.uint8], right: NDArray[np.uint8], answer: Grid, step: int) -> tuple[Mask, Grid]:
    """Find where the gradients around the matches have nothing in common, so that noise was matched with noise.

    Returns:
        (h, w) bool, with the blocks at the edges of such areas, and (h, w) the mean squared gradient of the noise; -1 where
        no such area is near.
    """
    seen = ~np.isnan(answer)
    shift = np.where(seen, answer, np.float32(0))
    rows, columns = np.indices(answer.shape, np.float32)
    ours = _gradient(left, 2)
    theirs = np.asarray(cv2.remap(_gradient(right, 2), columns - shift, rows, cv2.INTER_LINEAR), np.float32)
    near = _near_energy(ours, step)
    matched = seen.astype(np.float32)
    ours, theirs = ours * matched, theirs * matched
    share, both, own, other = (
        cv2.blur(_blocks(values, step), (WIDE, WIDE)) for values in (matched, ours * theirs, ours * ours, theirs * theirs)
    )
    share = np.maximum(share, np.float32(1e-3))
    energy = own / share
    correlation = both / share / np.sqrt((energy + ROUNDING) * (other / share + ROUNDING))
    unrelated = (correlation < RELATED) & (energy < LOW_CONTRAST)
    # A large window next to texture holds some of it: there, a small one tells whether there is more than the noise beyond.
    window = np.ones((2 * WIDE + 1,) * 2, np.uint8)
    noise = cv2.dilate(np.where(unrelated, energy, np.float32(-1)), window)
    blank = (near <= NOISE_MARGIN * noise + ROUNDING) & (noise >= 0)
    area = _large(blank) & ~_continued(np.fmax.reduce(answer.reshape(*blank.shape, step), axis=2), blank)
    at_its_edge = cv2.dilate(area.astype(np.uint8), np.ones((3, 1), np.uint8)) > 0
    return area | (at_its_edge & ~blank), noise


def _near_energy(gradient: Grid, step: int) -> Grid:
    """Return the mean squared gradient over a few blocks of one row."""
    return np.asarray(cv2.blur(_blocks(gradient * gradient, step), NEAR), np.float32)


def _to_the_row(image: RgbImage, area: Mask, noise: Grid, step: int) -> Mask:
    """Return (H, W) bool: the area up to the row, not the block, where texture begins."""
    height, width = image.shape[:2]
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)[:, : width // step * step]
    rows = np.minimum(np.arange(height) // step, len(area) - 1)
    blank = area[rows] & (_near_energy(_gradient(grey, 2), step) <= NOISE_MARGIN * noise[rows] + ROUNDING)
    return blank[:, np.minimum(np.arange(width) // step, area.shape[1] - 1)]


def _large(blank: Mask) -> Mask:
    """Return the part of a mask that large squares cover, in which nearly everything belongs to the mask."""
    side = 2 * int(blank.shape[0] * SQUARE / 2) + 1
    full = cv2.blur(blank.astype(np.float32), (side, side)) >= FULL
    covered = cv2.dilate(full.astype(np.uint8), np.ones((side, side), np.uint8))
    return np.asarray(blank & (covered > 0))


def _continued(answer: Grid, blank: Mask) -> Mask:
    """Return (h, w) bool: not far in the row, to the left or right, something with texture has the same disparity."""
    textured = cv2.morphologyEx((~blank & ~np.isnan(answer)).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    known = np.where(textured, answer, np.float32(np.nan))
    return _like_the_last(answer, known) | _like_the_last(answer[:, ::-1], known[:, ::-1])[:, ::-1]


def _like_the_last(answer: Grid, known: Grid) -> Mask:
    columns = np.arange(known.shape[1])
    source = np.maximum.accumulate(columns * ~np.isnan(known), axis=1)
    near: Mask = columns - source <= REACH * known.shape[1]
    return near & (np.abs(np.take_along_axis(known, source, axis=1) - answer) <= SAME_SURFACE_PX)


def _repeated(left: NDArray[np.uint8], right: NDArray[np.uint8], settings: MatcherSettings, step: int) -> Mask:
    """Return (h, w) bool: valleys as deep as that of the match lie elsewhere in the costs, with hills between."""
    ours, theirs = ((np.clip(_gradient(view, 1), -63, 63) + 63).astype(np.uint8) for view in (left, right))
    height, width = ours.shape
    found = np.zeros((height, width // step), np.bool_)
    halo = PATTERN // 2
    for top in range(0, height, STRIP):
        first, last = max(top - halo, 0), min(top + STRIP + halo, height)
        inner = slice(top - first, min(top + STRIP, height) - first)
        costs = _costs(ours[first:last], theirs[first:last], settings, step)[:, inner]
        found[top : top + STRIP] = _has_rivals(costs)
    return found


def _costs(left: NDArray[np.uint8], right: NDArray[np.uint8], settings: MatcherSettings, step: int) -> NDArray[np.uint8]:
    """Return (D, h, w): twice the mean absolute differences over a pattern's window; OUTSIDE where the right view ends."""
    height, width = left.shape
    costs = np.full((settings.num_disparities, height, width // step), OUTSIDE, np.uint8)
    for cost, (disparity, columns) in zip(costs, _overlaps(width, settings, step), strict=True):
        start, stop = columns.start, columns.stop
        if stop <= start:
            continue
        difference = cv2.absdiff(left[:, start:stop], right[:, start - disparity : stop - disparity])
        doubled = cv2.add(difference, difference)
        blocks = cv2.resize(doubled, ((stop - start) // step, height), interpolation=cv2.INTER_AREA)
        cost[:, start // step : stop // step] = cv2.blur(blocks, (PATTERN, PATTERN))
    return costs


def _overlaps(width: int, settings: MatcherSettings, step: int) -> Iterator[tuple[int, slice]]:
    """Return each searched disparity, and the whole blocks of the left view that lie within the right one."""
    for disparity in range(settings.min_disparity, settings.min_disparity + settings.num_disparities):
        yield disparity, slice(-(-max(disparity, 0) // step) * step, (width + min(disparity, 0)) // step * step)


def _has_rivals(costs: NDArray[np.uint8]) -> Mask:
    inside = costs != OUTSIDE
    mean = np.where(inside, costs, 0).sum(axis=0, dtype=np.float32) / np.maximum(inside.sum(axis=0), 1)
    best = costs.min(axis=0).astype(np.float32)
    gain = mean - best
    valley = np.minimum(mean - AS_GOOD * gain, MUCH_WORSE * best + LITTLE_WORSE).astype(np.uint8)
    hill = np.ceil(mean - AS_BAD * gain).astype(np.uint8)
    valleys, high = np.zeros(best.shape, np.uint8), np.ones(best.shape, np.bool_)
    for cost in costs:
        fresh = high & (cost <= valley)
        valleys += fresh
        high = (high & ~fresh) | (cost >= hill)
    return (gain >= DISTINCT * best + DISTINCT_LEAST) & (valleys >= TIMES)
