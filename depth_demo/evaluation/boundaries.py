"""How well a map finds outlines: the scale-invariant boundary F1 of Depth Pro (Bochkovskii et al., 2024), written anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

THRESHOLDS = np.linspace(5, 25, 10)  # %: how much farther the neighbour is


def boundary_f1(predicted: NDArray[np.float32], truth: NDArray[np.float32], valid: NDArray[np.bool_]) -> float:
    """Return how well occluding contours agree, from 0 to 1.

    A contour of threshold t lies between two neighbours if one is more than t % farther than the other. Contours agree if
    they lie between the same pixels, with the same side nearer. The F1 of ten thresholds from 5 to 25 % count in proportion to
    the threshold, as far as the truth has a contour of that threshold.
    The ratio of two depths is that of two inverse depths the other way round, so both maps may be either, in any unit.

    Args:
        predicted: (H, W) positive depth, or positive inverse depth without a shift.
        truth: (H, W) of the same kind.
        valid: (H, W) bool. Pairs with a pixel outside do not count.

    Returns:
        F1; NaN if the truth has no contour at any threshold.

    Raises:
        ValueError: If a valid value is not positive, or the shapes differ.
    """
    if not predicted.shape == truth.shape == valid.shape:
        raise ValueError(f"The maps must have one shape, not {predicted.shape}, {truth.shape} and {valid.shape}.")
    if min(predicted[valid].min(initial=1), truth[valid].min(initial=1)) <= 0:
        raise ValueError("Boundaries compare ratios: every valid value must be positive.")
    steps = [(_steps(predicted, valid, axis), _steps(truth, valid, axis)) for axis in (0, 1)]
    found, true = (np.concatenate(parts) for parts in zip(*steps, strict=True))
    used = THRESHOLDS[np.log1p(THRESHOLDS / 100) < np.abs(true).max(initial=0)]
    if not used.size:
        return float("nan")
    return float(np.average([_f1(found, true, np.log1p(threshold / 100)) for threshold in used], weights=used))


def _steps(values: NDArray[np.float32], valid: NDArray[np.bool_], axis: int) -> NDArray[np.float64]:
    """Return the logarithms of the ratios of all valid neighbours along an axis, (N,)."""
    logs = np.log(np.where(valid, values, 1).astype(np.float64))
    count = values.shape[axis]
    both = np.take(valid, range(1, count), axis) & np.take(valid, range(count - 1), axis)
    return np.diff(logs, axis=axis)[both]


def _f1(found: NDArray[np.float64], true: NDArray[np.float64], least: float) -> float:
    shared = int(((found > least) & (true > least)).sum() + ((found < -least) & (true < -least)).sum())
    total = int((np.abs(found) > least).sum() + (np.abs(true) > least).sum())
    return 2 * shared / total  # harmonic mean of precision and recall
