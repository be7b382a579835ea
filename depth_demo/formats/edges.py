"""Do the steps of a truth lie where those of the pictures do? Both views answer by their colours, where a shift decides."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.evidence import Evidence
from depth_demo.formats.readings import Reading
from depth_demo.formats.witness import Witness

WORKING_WIDTH = 960  # px of the small copies on which this is measured
MOVES = (2, 3, 4, 6, 8)  # px; edges of published truths are off by one
STEP = 4  # px of disparity by which an edge stands out
DIFFERENT = 3  # px by which two disparities of one pixel must differ to be told apart
MOST_POINTS = 8000
FEWEST_POINTS = 1500
CLEARLY = 4  # grey levels by which one place must look more alike than the other
NET_GAIN = 0.035  # of all points near edges; the twelve right truths reach 0.016
RATIO = 0.62  # of the points that decide
ENOUGH = 20  # points of a quarter that decide, for the quarter to count
MOST_QUARTERS = 3
_WAYS = ((0, 1), (0, -1), (1, 0), (-1, 0))
_PATCH = tuple(product((-1, 0, 1), repeat=2))
Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Move:
    """A place at which a truth fits better.

    Attributes:
        down, right: From a pixel to that whose truth fits it [px of the views].
        better, worse: How many points near edges look more alike there, and here.
    """

    down: int
    right: int
    better: int
    worse: int


def better_place(evidence: Evidence, reading: Reading) -> Move | None:
    """Return where a dense truth fits clearly better than where it stands; None where it does not."""
    height, width = evidence.pair.left.shape[:2]
    step = max(width / WORKING_WIDTH, 1.0)
    shape = round(height / step), round(width / step)
    disparity = _small_map(evidence, reading, shape, step)
    if disparity is None:
        return None
    rows, columns = _near_edges(disparity)
    if rows.size < FEWEST_POINTS:
        return None
    if rows.size > MOST_POINTS:
        kept = np.linspace(0, rows.size - 1, MOST_POINTS).astype(np.intp)
        rows, columns = rows[kept], columns[kept]
    left, right = (_smooth(view, shape) for view in (evidence.pair.left, evidence.pair.right))
    quarter = 2 * (rows > np.median(rows)) + (columns > np.median(columns))
    here = disparity[rows, columns]
    unlike_here = _unlikeness(left, right, rows, columns, here)
    found: list[Move] = []
    for move, way in product(MOVES, _WAYS):
        down, across = move * way[0], move * way[1]
        there = _looked_up(disparity, rows + down, columns + across)
        with np.errstate(invalid="ignore"):
            decides = np.abs(there - here) > DIFFERENT
            gain = unlike_here - _unlikeness(left, right, rows, columns, there)
            better, worse = (np.bincount(quarter[decides & (sign * gain > CLEARLY)], minlength=4) for sign in (1, -1))
        if _is_clear(better, worse, rows.size):
            found.append(Move(round(down * step), round(across * step), int(better.sum()), int(worse.sum())))
    return max(found, key=lambda move: move.better - 2 * move.worse, default=None)


def _is_clear(better: NDArray[np.intp], worse: NDArray[np.intp], count: int) -> bool:
    """Return whether a place fits better on the whole, and in no quarter of the points worse: one object proves no move.

    Args:
        better, worse: (4,) points in each quarter that look more alike there, and here.
        count: Of all points near edges.
    """
    asked = better + worse >= ENOUGH
    agree = np.count_nonzero(asked) >= MOST_QUARTERS and bool((better > worse)[asked].all())
    gain, ratio = (better.sum() - worse.sum()) / count, better.sum() / max(int((better + worse).sum()), 1)
    return bool(agree and gain >= NET_GAIN and ratio >= RATIO)


def _small_map(evidence: Evidence, reading: Reading, shape: tuple[int, int], step: float) -> Map | None:
    """Return (h, w) disparity [px of the small copy]; None where a reading gives none."""
    height, width = evidence.pair.left.shape[:2]
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].reshape(2, -1)
    places = Witness((2 * rows + 1) * height // (2 * shape[0]), (2 * columns + 1) * width // (2 * shape[1]), *_NOTHING)
    found = Evidence(evidence.stored, evidence.known, evidence.pair, evidence.match, places).disparity(reading)
    if found is None:
        return None
    with np.errstate(invalid="ignore"):
        found[~(np.abs(found) < width)] = np.nan
    return (found / np.float32(step)).reshape(shape)


_NOTHING = np.zeros(0, np.float32), 1.0


def _near_edges(disparity: Map) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows and columns of pixels with truth all around and a step among it."""
    reach = np.ones((2 * MOVES[-1] + 1,) * 2, np.uint8)
    known = np.isfinite(disparity)
    highest = np.asarray(cv2.dilate(np.where(known, disparity, -np.inf).astype(np.float32), reach))
    lowest = np.asarray(cv2.erode(np.where(known, disparity, np.inf).astype(np.float32), reach))
    with np.errstate(invalid="ignore", over="ignore"):  # where nothing is known nearby
        rows, columns = np.nonzero(known & (highest - lowest > STEP))
    return rows, columns


def _smooth(view: NDArray[np.uint8], shape: tuple[int, int]) -> Map:
    small = cv2.resize(view, shape[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 0.8), np.float32)


def _looked_up(disparity: Map, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Map:
    height, width = disparity.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    found = disparity[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
    return np.where(inside, found, np.float32(np.nan))


def _unlikeness(left: Map, right: Map, rows: NDArray[np.intp], columns: NDArray[np.intp], disparity: Map) -> Map:
    """Return the mean difference of 3x3 pixels around each point and its match [grey levels], NaN outside the views."""
    height, width = left.shape
    target = columns - disparity
    with np.errstate(invalid="ignore"):
        inside = (target >= 1) & (target < width - 3) & (rows >= 1) & (rows < height - 1)
    inside &= (columns >= 1) & (columns < width - 1)
    target = np.where(inside, target, 1)
    row, column = np.clip(rows, 1, height - 2), np.clip(columns, 1, width - 2)
    before = target.astype(np.intp)
    share = (target - before).astype(np.float32)
    total = np.zeros(rows.size, np.float32)
    for down, across in _PATCH:
        seen = right[row + down, before + across] * (1 - share) + right[row + down, before + across + 1] * share
        total += np.abs(left[row + down, column + across] - seen)
    return np.where(inside, total / np.float32(len(_PATCH)), np.float32(np.nan))
