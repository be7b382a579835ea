"""Round a map to the levels of a 16-bit picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.encodings import KITTI_SCALE
from depth_demo.geometry import DepthMap

LEVELS = 65_535  # 0 is kept for "no measurement"
FINE_STEP = 1e-3  # of the median value; a coarser step would show
PER_UNIT = (KITTI_SCALE, *(10**power for power in range(6, -1, -1)))  # the first that is fine enough and fits is taken
ENOUGH = 2**17  # values that fix a median well enough


def quantize(depth_map: DepthMap) -> tuple[NDArray[np.uint16], float, float]:
    """Round a map to 65,535 levels, so that value = stored * scale + offset.

    Pixels and metres are stored as KITTI does, value * 256, which many programs recognise, while its step is less than
    0.1 % of the median and all values fit. Otherwise value * 1,000,000, or the next lower power of ten for which both
    hold. A value below one step is then stored as one step, as 0 is taken. Where no such scale holds all values, and for
    maps without a unit, the levels are spread from the smallest value to the largest.

    Returns:
        (H, W) uint16 from 1 up, 0 for NaN; then scale and offset.
    """
    valid = depth_map.valid
    known = depth_map.values[valid]
    if not known.size:
        return np.zeros(depth_map.shape, np.uint16), 1.0, 0.0
    low, high = float(known.min()), float(known.max())
    per_unit = (
        _stored_per_unit(low, high, float(np.median(known[:: known.size // ENOUGH + 1]))) if depth_map.kind.unit else None
    )
    if per_unit:
        scale, offset = 1 / per_unit, 0.0
    else:
        scale = (high - low) / (LEVELS - 1) or 1.0
        offset = low - scale
    levels = np.rint((np.nan_to_num(depth_map.values, nan=low).astype(np.float64) - offset) / scale)
    return np.where(valid, np.clip(levels, 1, LEVELS), 0).astype(np.uint16), scale, offset


def _stored_per_unit(low: float, high: float, median: float) -> int | None:
    """Return the stored number per px or m; None where no usual one is fine enough and holds all values."""
    for per_unit in PER_UNIT:
        if low >= 0 and high * per_unit <= LEVELS and median * FINE_STEP * per_unit > 1:
            return per_unit
    return None
