"""Patterns that the right view shows several times within the search range, such as stripes."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import Mask, StereoPair
from depth_demo.stereo.blocks import (
    SAME_SURFACE_PX,
    Grid,
    Rows,
    block_means,
    block_side,
    enlarged,
    gradient,
    largest_of_blocks,
    last_known,
    sampled_answer,
    sampled_rows,
)
from depth_demo.stereo.matched import MatcherSettings

PATTERN = 7  # blocks, which must look the same elsewhere
TIMES = 3  # a pattern that is seen so often within the search range repeats
AS_GOOD, AS_BAD = 0.85, 0.3  # of the way from the mean cost to the best one
MUCH_WORSE, LITTLE_WORSE = 1.25, 4  # of the best cost, and costs; a valley is not above
DISTINCT, DISTINCT_LEAST = 0.6, 4  # the mean cost exceeds the best one by so much: share, and costs
STRIP = 48  # blocks; rows that are compared at a time, to bound the memory
OUTSIDE = 255
FIT = (1, 5)  # blocks and rows, over which gradients are compared
MISFIT, MISFIT_LEAST = 0.4, 4.0  # share of both gradients, and grey values, by which those of another place differ


def repeated_pixels(pair: StereoPair, disparity: Grid, settings: MatcherSettings) -> Mask:
    """Find patterns that repeat, unless they continue, row by row, a surface beside them that does not.

    Args:
        pair: The two views.
        disparity: (H, W) disparity of the left view [px], NaN in holes.
        settings: The range that was searched.

    Returns:
        (H, W) bool.
    """
    step = block_side(*disparity.shape)
    left, right = sampled_rows(pair.left, step), sampled_rows(pair.right, step)
    seen = _times_seen(left, right, settings, step)
    repeated = seen >= TIMES
    if repeated.any():
        answer = largest_of_blocks(sampled_answer(disparity, step), step)
        repeated &= ~_settled(left, right, answer, seen, step)
    return enlarged(repeated, disparity.shape, step)


def _settled(left: Rows, right: Rows, answer: Grid, seen: NDArray[np.uint8], step: int) -> Mask:
    """Return (h, w) bool: nothing between the block and one whose pattern is unique speaks against one common surface.

    A fence whose match slipped by a period to the disparity of what is behind does not fit there at its ends.
    """
    unique = (
        cv2.morphologyEx(((seen == 1) & ~np.isnan(answer)).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    )
    gradients = gradient(left, 1), gradient(right, 1)
    settled = np.zeros(answer.shape, np.bool_)
    for way in (slice(None), slice(None, None, -1)):
        surface = last_known(answer[:, way])[:, way]
        surface = np.where(np.isnan(surface), surface, cv2.medianBlur(np.nan_to_num(surface), 5))
        broken = _misfits(*gradients, surface, step) | ~(np.abs(answer - surface) <= SAME_SURFACE_PX) & ~np.isnan(answer)
        broken[:, 1:] |= ~(np.abs(np.diff(surface, axis=1)) <= SAME_SURFACE_PX)
        anchors, breaks = (unique & ~broken)[:, way], broken[:, way]
        settled |= (_last(anchors) > _last(breaks))[:, way]
    return settled


def _last(mask: Mask) -> NDArray[np.int64]:
    """Return (h, w): the column of the last True to the left, itself included; -1 for none."""
    return np.maximum.accumulate(np.where(mask, np.arange(mask.shape[1]), -1), axis=1)


def _misfits(left: Grid, right: Grid, surface: Grid, step: int) -> Mask:
    """Return (h, w) bool: at the disparity of the surface [px], the gradients (h, W) of the right view are other ones."""
    rows, columns = np.indices(left.shape, np.float32)
    shift = np.repeat(np.nan_to_num(surface), step, axis=1)
    there = np.asarray(cv2.remap(right, columns - shift, rows, cv2.INTER_LINEAR), np.float32)
    apart, both = (cv2.blur(block_means(v, step), FIT) for v in (cv2.absdiff(left, there), np.abs(left) + np.abs(there)))
    return np.asarray((apart > MISFIT * both + MISFIT_LEAST) | np.isnan(surface))


def _times_seen(left: Rows, right: Rows, settings: MatcherSettings, step: int) -> NDArray[np.uint8]:
    """Return (h, w): how many valleys of the costs are as deep as the deepest, with hills between; 0 for flat costs."""
    ours, theirs = ((2 * np.clip(gradient(view, 1), -63, 63) + 126).astype(np.uint8) for view in (left, right))
    height, width = ours.shape
    found = np.zeros((height, width // step), np.uint8)
    halo = PATTERN // 2
    for top in range(0, height, STRIP):
        first, last = max(top - halo, 0), min(top + STRIP + halo, height)
        inner = slice(top - first, min(top + STRIP, height) - first)
        costs = _costs(ours[first:last], theirs[first:last], settings, step)[:, inner]
        found[top : top + STRIP] = _count_valleys(costs)
    return found


def _costs(left: Rows, right: Rows, settings: MatcherSettings, step: int) -> NDArray[np.uint8]:
    """Return (D, h, w): mean differences of doubled gradients over a pattern's window; OUTSIDE where the right view ends."""
    height, width = left.shape
    costs = np.full((settings.num_disparities, height, width // step), OUTSIDE, np.uint8)
    for cost, (disparity, columns) in zip(costs, _overlaps(width, settings, step), strict=True):
        start, stop = columns.start, columns.stop
        if stop <= start:
            continue
        difference = cv2.absdiff(left[:, start:stop], right[:, start - disparity : stop - disparity])
        blocks = cv2.resize(difference, ((stop - start) // step, height), interpolation=cv2.INTER_AREA)
        cost[:, start // step : stop // step] = cv2.blur(blocks, (PATTERN, PATTERN))
    return costs


def _overlaps(width: int, settings: MatcherSettings, step: int) -> Iterator[tuple[int, slice]]:
    """Return each searched disparity, and the whole blocks of the left view that lie within the right one."""
    for disparity in range(settings.min_disparity, settings.min_disparity + settings.num_disparities):
        yield disparity, slice(-(-max(disparity, 0) // step) * step, (width + min(disparity, 0)) // step * step)


def _count_valleys(costs: NDArray[np.uint8]) -> NDArray[np.uint8]:
    outside = (costs[:, 0] == OUTSIDE).sum(axis=0)  # the same in every row
    mean = (costs.sum(axis=0, dtype=np.float32) - OUTSIDE * outside) / np.maximum(len(costs) - outside, 1)
    best = costs.min(axis=0).astype(np.float32)
    gain = mean - best
    valley = np.minimum(mean - AS_GOOD * gain, MUCH_WORSE * best + LITTLE_WORSE).astype(np.uint8)
    hill = np.ceil(mean - AS_BAD * gain).astype(np.uint8)
    valleys, high = np.zeros(best.shape, np.uint8), np.ones(best.shape, np.bool_)
    for cost in costs:
        fresh = high & (cost <= valley)
        valleys += fresh
        high = (high & ~fresh) | (cost >= hill)
    return valleys * (gain >= DISTINCT * best + DISTINCT_LEAST)
