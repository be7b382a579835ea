"""Numbers of a map that measure nothing: one for the sky, one for no data, where no documentation names them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.coded import Numbers

NO_DATA = -99.0  # px; the usual marks, such as -999 and -9999, are no larger
FARTHEST_M = 10_000.0  # nothing beyond it is measured, and simulators write more for the sky
MIN_REPEATS = 20
MIN_VALUES = 100  # distinct ones; a map of a few planes may have its largest value alone
FAR_FACTOR = 3.0
LIMIT_SHARE = 0.005  # of the pixels at the depth where a program cuts
MANY = 1000  # distinct values, which a map in whole metres has not
SOME_VALUES = 5  # distinct ones; a mask has fewer


def sky_number(metres: NDArray[np.float32]) -> float | None:
    """Return the depth that stands for sky: the largest one, if it occurs again and again and stands alone.

    Args:
        metres: (H, W) depth [m], NaN where unknown.
    """
    known = metres[np.isfinite(metres)]
    largest = known.max(initial=0)
    if np.count_nonzero(known == largest) < MIN_REPEATS:
        return None
    rest = known[known < largest]
    if rest.size and largest > FAR_FACTOR * rest.max() and _has_many_values(rest):
        return float(largest)
    if _is_limit(float(largest)) and known.size - rest.size > LIMIT_SHARE * known.size and _has_many_values(rest, MANY):
        return float(largest)
    return float(largest) if largest >= FARTHEST_M else None


def _is_limit(metres: float) -> bool:
    """Return whether a depth is one at which programs cut: a round number, or the end of 15 or 16 bits."""
    ends = (32767.0, 65535.0)
    is_end = any(abs(metres * scale / end - 1) < 1e-5 for end in ends for scale in (100.0, 1000.0))
    return is_end or (metres >= 10 and metres % 10 == 0)


def far_number(values: NDArray[np.float32]) -> float | None:
    """Return the number that is no disparity: the largest one, again and again, wider than the map and far above all others.

    Args:
        values: (H, W) disparity [px], NaN where unknown.
    """
    known = values[np.isfinite(values)]
    largest = known.max(initial=0)
    rest = known[known < largest]
    if largest <= values.shape[1] or known.size - rest.size < MIN_REPEATS or rest.size < MIN_VALUES:
        return None
    return float(largest) if largest > FAR_FACTOR * rest.max() else None


def hole_of_a_search(values: NDArray[np.float32]) -> float | None:
    """Return the disparity by which OpenCV's matchers mark holes, once divided by 16: 1 px below their search.

    Args:
        values: (H, W) disparity [px], NaN where unknown.
    """
    known = values[np.isfinite(values)]
    lowest = known.min(initial=np.inf)
    rest = known[known > lowest]
    if not rest.size or lowest % 1 or known.size - rest.size < MIN_REPEATS or rest.min() - lowest < 1:
        return None
    sixteenths = rest[:: max(rest.size // 20_000, 1)] * np.float32(16)
    return float(lowest) if (sixteenths % 1 == 0).all() and (sixteenths % 2 == 1).any() else None


def measured(stored: Numbers, no_data: tuple[float, ...] = ()) -> NDArray[np.bool_]:
    """Return where a file is likely to hold measurements, before it is known what the numbers mean.

    Left out are NaN and infinity, the numbers that the file names for no data, and the smallest and the largest number where
    many pixels hold just this one, as holes and sky do. A map of few numbers keeps them all.

    Args:
        stored: (H, W), or (H, W, C), of which only NaN and infinity are left out.
        no_data: Numbers that the file itself says to mean "no data".

    Returns:
        (H, W).
    """
    numbers = stored if stored.ndim == 2 else stored[..., 0]
    known: NDArray[np.bool_] = np.isfinite(numbers)
    if stored.ndim == 3:
        return known
    for number in no_data:
        known &= numbers != np.asarray(number).astype(numbers.dtype)
    for pick in (np.min, np.max):
        found = numbers[known]
        if found.size:
            inner = known & (numbers != pick(found))
            count = np.count_nonzero(inner)
            if found.size - count >= MIN_REPEATS and count and _has_many_values(numbers[inner], SOME_VALUES):
                known = inner
    return known


def no_data_number(values: NDArray[np.float32]) -> float | None:
    """Return the number far below all others that stands for no data, such as -9999 beside disparities of both signs.

    Args:
        values: (H, W) disparity [px], NaN where unknown.
    """
    known = values[np.isfinite(values)]
    lowest = known.min(initial=0)
    rest = known[known > lowest]
    if lowest > NO_DATA or lowest != round(float(lowest)) or rest.size < MIN_VALUES or np.count_nonzero(known == lowest) < 2:
        return None
    gap, span = float(rest.min() - lowest), float(np.ptp(rest))
    return float(lowest) if gap > max(span, 1.0) else None


def _has_many_values(values: Numbers, at_least: int = MIN_VALUES) -> bool:
    sample = values[:: max(values.size // 20_000, 1)]
    return np.unique(sample).size >= at_least
