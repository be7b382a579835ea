"""Do two pictures show one scene from two places? Found by matching patches along rows of small copies."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.shrinking import halved
from depth_demo.geometry import RgbImage

COMPARED_SIDE = 320  # px, the longer one of the copies
_PATCH = 24  # px
_ROWS = 4  # px that a patch may stand higher or lower
_REACH = 1 / 4  # of the width, to either side
_MIN_CONTRAST = 6  # of 255: flat patches match anywhere
_MIN_CORRELATION = 0.75
_LEAD = 0.1  # of the best correlation over the next best place: regular patterns match at many places
# Halves of 13 published pairs and of 7 files with both views: 0.54 to 0.93 of at least 17 patches. Halves of 357 photos and
# screenshots, cut both ways: up to 0.41, and the best two of these differ in rows by more than 2 px.
_MIN_PATCHES = 12
_MIN_SHARE = 0.45
_MAX_ROW_SPREAD = 2.0  # px
_MOVED = 0.05  # share of the matches that must have moved: copies of one picture are no pair
_UPPER, _LOWER = 0.35, 0.7  # of the height: far and near, where the ground is below and the distance above


class NoPairError(ValueError):
    """The file does not hold both views of a pair, as most photos do not; the message says what was looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """How much of the first picture was found in the second one, in pixels of the small copies.

    Attributes:
        patches: How many patches have texture.
        share: How many of these were found, 0 to 1.
        height: (N,) where they stand, 0 at the top to 1 at the bottom.
        shift: (N,) how far to the left they have moved.
        row_gap: (N,) how far down.
    """

    patches: int
    share: float
    height: NDArray[np.float64]
    shift: NDArray[np.float64]
    row_gap: NDArray[np.float64]

    @property
    def is_pair(self) -> bool:
        """Whether both pictures show one scene from two places that differ along the rows."""
        if self.patches < _MIN_PATCHES or self.share < _MIN_SHARE:
            return False
        spread = float(np.percentile(np.abs(self.row_gap - np.median(self.row_gap)), 75))
        return spread <= _MAX_ROW_SPREAD and bool(np.mean(self.shift != 0) > _MOVED)

    @property
    def near_minus_far(self) -> float | None:
        """How much farther left the lower part has moved than the upper part, as a share of the width; None if unknown."""
        near, far = self.shift[self.height > _LOWER], self.shift[self.height < _UPPER]
        if min(len(near), len(far)) < _MIN_PATCHES // 3:
            return None
        return float(np.median(near) - np.median(far)) / COMPARED_SIDE


def compare_pictures(first: RgbImage, second: RgbImage) -> Likeness:
    """Look for patches of the first picture in the same rows of the second.

    Args:
        first: (H, W, 3) uint8 RGB.
        second: The same; it is brought to the size of the first.
    """
    scale = min(1.0, COMPARED_SIDE / max(first.shape[:2]))
    size = max(round(first.shape[1] * scale), 1), max(round(first.shape[0] * scale), 1)
    here, there = (_small_grey(picture, size) for picture in (first, second))
    width, height = size
    reach, textured = int(width * _REACH), 0
    found: list[tuple[float, float, float]] = []
    for y in range(_ROWS, height - _PATCH - _ROWS + 1, _PATCH):
        for x in range(0, width - _PATCH + 1, _PATCH):
            patch = here[y : y + _PATCH, x : x + _PATCH]
            if patch.std() < _MIN_CONTRAST:
                continue
            textured += 1
            start = max(x - reach, 0)
            place = _find(patch, there[y - _ROWS : y + _PATCH + _ROWS, start : x + _PATCH + reach])
            if place is not None:
                found.append(((y + _PATCH / 2) / height, x - start - place[0], place[1] - _ROWS))
    table = np.array(found, np.float64).reshape(-1, 3)
    return Likeness(textured, len(table) / max(textured, 1), *table.T)


def _find(patch: NDArray[np.uint8], strip: NDArray[np.uint8]) -> tuple[int, int] | None:
    """Return column and row of the one place in a strip that looks like the patch; None if none does, or several do."""
    scores = cv2.matchTemplate(strip, patch, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(scores)
    scores[:, max(x - _PATCH // 4, 0) : x + _PATCH // 4 + 1] = -1
    return (int(x), int(y)) if best > _MIN_CORRELATION and scores.max() < best - _LEAD else None


def _small_grey(picture: RgbImage, size: tuple[int, int]) -> NDArray[np.uint8]:
    width, height = size
    small = cv2.resize(halved(picture, 2 * width, 2 * height), size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)


def hint_on_order(likeness: Likeness) -> str:
    """Say whether near points lie farther left in the right view than far ones; "" where that cannot be told.

    Taken from the lower and the upper part of the pictures, so it is no more than a hint.
    """
    difference = likeness.near_minus_far
    if difference is None or abs(difference) < 1 / COMPARED_SIDE:
        return ""
    if difference > 0:
        return "The lower part has moved as near things do if this order is right."
    return "A hint against this order: the lower part has moved as near things do if the views are exchanged."
