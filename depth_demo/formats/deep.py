"""Pictures of 10 to 14 bits and thermal counts, stored in 16 bits: stretch them to 8 bits by the range that they fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SAMPLES = 200_000
_DARK = 1 / 4  # of the largest number that the file could hold
_NARROW = 1 / 16  # of the same
_PERCENTILES = (0.1, 99.9)


@dataclass(frozen=True, slots=True)
class Band:
    """The numbers that become 0 and 255.

    Attributes:
        low, high: From and up to which number the pictures are stretched.
        maximum: The largest number that the file could hold.
    """

    low: int
    high: int
    maximum: int

    def stretch(self, values: NDArray[np.uint16]) -> NDArray[np.uint8]:
        """Return the same shape as uint8: `low` becomes 0, `high` becomes 255."""
        levels = np.arange(2**16, dtype=np.int64).clip(self.low, self.high) - self.low
        width = self.high - self.low
        return ((levels * 255 + width // 2) // width).astype(np.uint8)[values]

    def note(self, what: str) -> str:
        """Say in a sentence how the picture was stretched; it begins with `what`."""
        return f"{what} holds numbers from about {self.low} to {self.high} of {self.maximum}, stretched to 0 to 255."


def fills_range(views: Sequence[NDArray[np.unsignedinteger[Any]]], maximum: int) -> bool:
    """Say whether all views together use the range from 0 to `maximum` well."""
    low, high = _ends(views)
    return high >= maximum * _DARK and high - low >= maximum * _NARROW


def find_band(views: Sequence[NDArray[np.uint16]], maximum: int) -> Band | None:
    """Return the band that all views together fill; None where they use the range of the file well, or are of one grey.

    Args:
        views: (H, W) or (H, W, 3) uint16 each. Both views of a pair get one band, as they must stay alike.
        maximum: The largest number that the file could hold.
    """
    low, high = _ends(views)
    return None if high <= low or fills_range(views, maximum) else Band(low, high, maximum)


def _ends(views: Sequence[NDArray[np.unsignedinteger[Any]]]) -> tuple[int, int]:
    """Return the smallest and the largest number, without stray ones."""
    samples = [view.reshape(-1)[:: (view.size // _SAMPLES) | 1] for view in views]
    low, high = np.percentile(np.concatenate(samples), _PERCENTILES)
    return int(low), int(high)
