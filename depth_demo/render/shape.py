"""Distances to draw for any kind of map, and the percentiles that colours and limits rest on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import Calibration, DepthKind, DepthMap, disparity_to_depth

ENOUGH = 2**17  # values that fix a percentile well enough for colours


def surface_depth(
    depth_map: DepthMap, calibration: Calibration | None = None, unit_px: float | None = None
) -> tuple[NDArray[np.float32], str]:
    """Return distances to draw for any kind of map, and their unit: "m" where metres are known, else "" (`shape_depth`)."""
    if depth_map.kind is DepthKind.METRIC_DEPTH:
        return depth_map.values, "m"
    if depth_map.kind is DepthKind.DISPARITY and calibration is not None:
        return disparity_to_depth(depth_map, calibration).values, "m"
    return shape_depth(depth_map, unit_px), ""


def shape_depth(depth_map: DepthMap, unit_px: float | None = None) -> NDArray[np.float32]:
    """Return a depth-like map without metres, to show the shape of a map that has none.

    A map known up to scale and shift says nothing about how far the farthest point is, so the range is a choice: the
    farthest 1 % is put five times as far away as the nearest 1 %. Disparity has no free shift, and is only inverted.

    Args:
        depth_map: Relative inverse depth, relative depth, or disparity.
        unit_px: The disparity [px] that is put at distance 1, to draw several maps alike; None takes the nearest 1 %.

    Returns:
        (H, W) float32 in arbitrary units, larger is farther, NaN where there is no measurement.

    Raises:
        ValueError: If the map is metric depth, which needs no such choice.
    """
    depth_map.require(DepthKind.RELATIVE_INVERSE_DEPTH, DepthKind.RELATIVE_DEPTH, DepthKind.DISPARITY)
    values = depth_map.values
    if depth_map.is_empty:
        return values.copy()
    far, near = percentiles(values, 1, 99)
    if depth_map.kind is DepthKind.RELATIVE_DEPTH:
        near, far = far, near
        return np.maximum(1 + 4 * (values - np.float32(near)) / np.float32(max(far - near, 1e-12)), np.float32(0.1))
    if depth_map.kind is DepthKind.DISPARITY:
        with np.errstate(divide="ignore", over="ignore"):
            depth = (unit_px or max(near, 1e-6)) / values
        return np.where((depth > 0) & np.isfinite(depth), depth, np.nan).astype(np.float32)
    depth = values - np.float32(far)  # in place from here on: fresh memory costs more than the arithmetic
    depth *= np.float32(0.8 / max(near - far, 1e-12))  # 0 = far, 0.8 = near
    np.maximum(depth, 0, out=depth)
    depth += np.float32(0.2)
    return np.reciprocal(depth, out=depth)


def percentiles(values: NDArray[np.float32], *ranks: float) -> tuple[float, ...]:
    """Return percentiles of the finite values, for colours and limits. Of many, every n-th row and column is enough.

    Raises:
        ValueError: If no value is finite.
    """
    step = max(int(np.sqrt(values.size / ENOUGH)), 1)
    known = values[::step, ::step]
    known = known[np.isfinite(known)]
    if step > 1 and known.size < ENOUGH // 16:  # a sparse map
        known = values[np.isfinite(values)]
    if known.size == 0:
        raise ValueError("There is no finite value to take percentiles of.")
    return tuple(float(value) for value in np.percentile(known, ranks))
