"""Numbers of a map that measure nothing: one for the sky, one for no data, where no documentation names them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NO_DATA = -99.0  # px; the usual marks, such as -999 and -9999, are no larger
FARTHEST_M = 10_000.0  # nothing beyond it is measured, and simulators write more for the sky
MIN_REPEATS = 20
MIN_VALUES = 100  # distinct ones; a map of a few planes may have its largest value alone
FAR_FACTOR = 3.0


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
    return float(largest) if largest >= FARTHEST_M else None


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


def _has_many_values(values: NDArray[np.float32]) -> bool:
    sample = values[:: max(values.size // 20_000, 1)]
    return np.unique(sample).size >= MIN_VALUES
