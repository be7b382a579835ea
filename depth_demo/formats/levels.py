"""Round a map to the levels of a 16-bit picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.encodings import KITTI_SCALE
from depth_demo.geometry import DepthMap

LEVELS = 65_535  # 0 is kept for "no measurement"
FINE_STEP = 1e-3  # of the median value; a coarser step would show
PER_UNIT = (KITTI_SCALE, *(10**power for power in range(6, -1, -1)))  # the first that is fine enough and fits is taken
ENOUGH = 2**17  # values that fix a median well enough
BAND = 256  # rows


def quantize(depth_map: DepthMap) -> tuple[NDArray[np.uint16], float, float]:
    """Round a map to 65,535 levels, so that value = stored * scale + offset.

    Pixels and metres are stored as KITTI does, value * 256, which many programs recognise, while its step is less than
    0.1 % of the median and all values fit. Otherwise value * 1,000,000, or the next lower power of ten for which both
    hold. A value below one step is then stored as one step, as 0 is taken. Where no such scale holds all values, and for
    maps without a unit, the levels are spread from the smallest value to the largest.

    Returns:
        (H, W) uint16 from 1 up, 0 for NaN; then scale and offset.
    """
    values = depth_map.values
    stored = np.zeros(values.shape, np.uint16)
    low, high = float(np.fmin.reduce(values, axis=None)), float(np.fmax.reduce(values, axis=None))  # of what is no NaN
    if np.isnan(low):
        return stored, 1.0, 0.0
    if depth_map.kind.unit and (per_unit := _stored_per_unit(low, high, _median(values))):
        scale, offset = 1 / per_unit, 0.0
    else:
        scale = (high - low) / (LEVELS - 1) or 1.0
        offset = low - scale
    for band in row_bands(len(values)):
        levels = np.rint((values[band].astype(np.float64) - offset) / scale)
        stored[band] = np.nan_to_num(np.clip(levels, 1, LEVELS))
    return stored, scale, offset


def row_bands(height: int) -> Iterator[slice]:
    """Yield the rows of a large map a few at a time: what is computed from them needs little memory."""
    return (slice(start, start + BAND) for start in range(0, height, BAND))


def _median(values: NDArray[np.float32]) -> float:
    some = values.ravel()[:: values.size // ENOUGH + 1]
    some = some if np.isfinite(some).any() else values
    return float(np.nanmedian(some))


def _stored_per_unit(low: float, high: float, median: float) -> int | None:
    """Return the stored number per px or m; None where no usual one is fine enough and holds all values."""
    for per_unit in PER_UNIT:
        if low >= 0 and high * per_unit <= LEVELS and median * FINE_STEP * per_unit > 1:
            return per_unit
    return None
