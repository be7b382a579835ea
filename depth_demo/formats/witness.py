"""What a pair itself says about its disparity: a coarse match of both views, where it is sure.

This decides between the readings of a truth file. It scores nothing, so that speed counts more than detail.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import RgbImage, StereoPair

WORKING_WIDTH = 640
SHARE_BELOW, SHARE_ABOVE = 0.1, 0.45  # of the width that is searched for negative and positive disparities
BLOCK = 5
MIN_CONTRAST = 8  # grey levels along a row within a block
MAX_POINTS = 12_000
ENOUGH = 0.05  # share of the small copy
SPARSE = 0.05  # share of the pixels; below it every number of a truth is looked up
OFF_PX = 1.0  # between both directions, on the small copies

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """Points of one view whose disparity is sure.

    Attributes:
        rows, columns: (N,) places [px] in the full picture.
        disparity: (N,) [px] of the full picture.
        step_px: One pixel of the small copy, which the disparities are as exact as [px].
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    disparity: NDArray[np.float32]
    step_px: float

    def agreement(self, disparity: NDArray[np.floating]) -> tuple[float, int]:
        """Return the share of the points with a value that have nearly this disparity, and how many have a value.

        Args:
            disparity: (N,) [px] at the points, NaN where there is none.
        """
        known = np.isfinite(disparity)
        count = int(np.count_nonzero(known))
        with np.errstate(invalid="ignore"):
            near = np.abs(disparity - self.disparity) <= np.maximum(self.step_px, 0.04 * np.abs(self.disparity))
        return (float(np.count_nonzero(near & known)) / count if count else 0.0), count


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """The coarse match of one view.

    Attributes:
        disparity: (h, w) [px] of the small copy, NaN where it is not sure.
        shape: Height and width of the full picture [px].
    """

    disparity: NDArray[np.float32]
    shape: tuple[int, int]

    @property
    def is_telling(self) -> bool:
        """Whether enough of the view is matched to doubt a truth; what little is matched of a plain view is often wrong."""
        return bool(np.isfinite(self.disparity).mean() >= ENOUGH)

    def points(self, known: NDArray[np.bool_]) -> Witness:
        """Return the sure points at which a truth holds a number.

        Args:
            known: Where it does, at its own size.
        """
        small, step = self.disparity.shape, self.shape[1] / self.disparity.shape[1]
        if np.count_nonzero(known) < SPARSE * known.size:
            rows, columns = _resized(np.nonzero(known), known.shape, self.shape)
        else:
            rows, columns = _resized(np.nonzero(np.isfinite(self.disparity)), small, self.shape)
            kept = known[_resized((rows, columns), self.shape, known.shape)]
            rows, columns = rows[kept], columns[kept]
        found = self.disparity[_resized((rows, columns), self.shape, small)] * np.float32(step)
        sure = np.flatnonzero(np.isfinite(found))
        if sure.size > MAX_POINTS:
            sure = sure[np.linspace(0, sure.size - 1, MAX_POINTS).astype(np.intp)]
        return Witness(rows[sure], columns[sure], found[sure], step)


def _resized(places: tuple[NDArray[np.intp], ...], shape: tuple[int, ...], other: tuple[int, ...]) -> tuple[Places, Places]:
    """Return the rows and columns, in a picture of another shape, of the middles of pixels."""
    rows, columns = ((2 * place + 1) * there // (2 * here) for place, here, there in zip(places, shape, other, strict=True))
    return rows, columns


def witnesses(pair: StereoPair) -> tuple[Match, Match]:
    """Return the match of the left view, and of the right view (whose disparity is that of the left one's point)."""
    height, width = pair.left.shape[:2]
    factor = min(1.0, WORKING_WIDTH / width)
    size = (max(round(width * factor), 32), max(round(height * factor), 8))
    left, right = (
        np.asarray(cv2.resize(view, size, interpolation=cv2.INTER_AREA), np.uint8) for view in (pair.left, pair.right)
    )
    lowest = -round(SHARE_BELOW * size[0])
    count = max(round((SHARE_BELOW + SHARE_ABOVE) * size[0]) // 16 * 16, 16)
    of_left = _disparity(left, right, lowest, count)
    of_right = np.fliplr(_disparity(np.ascontiguousarray(right[:, ::-1]), np.ascontiguousarray(left[:, ::-1]), lowest, count))
    sure_left = _consistent(of_left, of_right, -1) & _textured(left)
    sure_right = _consistent(of_right, of_left, 1) & _textured(right)
    of_left[~sure_left], of_right[~sure_right] = np.nan, np.nan
    return Match(of_left, (height, width)), Match(of_right, (height, width))


def _disparity(left: RgbImage, right: RgbImage, lowest: int, count: int) -> NDArray[np.float32]:
    """Return (H, W) disparity [px], NaN where there is none; the borders, which OpenCV leaves out, are matched too."""
    after, before = max(lowest + count, 0), max(-lowest, 0)
    padded = [cv2.copyMakeBorder(view, 0, 0, after, before, cv2.BORDER_REPLICATE) for view in (left, right)]
    channels = BLOCK * BLOCK * 3
    matcher = cv2.StereoSGBM.create(
        minDisparity=lowest, numDisparities=count, blockSize=BLOCK, P1=4 * channels, P2=16 * channels, uniquenessRatio=10,
        preFilterCap=31, speckleWindowSize=60, speckleRange=2, mode=cv2.STEREO_SGBM_MODE_SGBM_3WAY,
    )  # fmt: skip
    found = matcher.compute(*padded)[:, after : after + left.shape[1]].astype(np.float32) / 16
    found[found < lowest] = np.nan
    return found


def _consistent(own: NDArray[np.float32], other: NDArray[np.float32], sign: int) -> NDArray[np.bool_]:
    """Return where the other direction answers nearly the same; `sign` leads from a column here to the one there."""
    height, width = own.shape
    columns = np.arange(width) + sign * np.nan_to_num(np.rint(own)).astype(np.int64)
    inside = (columns >= 0) & (columns < width)
    there = other[np.arange(height)[:, np.newaxis], np.clip(columns, 0, width - 1)]
    return inside & (np.abs(there - own) <= OFF_PX)


def _textured(view: RgbImage) -> NDArray[np.bool_]:
    grey = cv2.cvtColor(view, cv2.COLOR_RGB2GRAY)
    contrast = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((1, BLOCK), np.uint8))
    return np.asarray(contrast) >= MIN_CONTRAST
