"""How good a relative map is, whatever its scale and shift: errors after the best affine fit to the true inverse depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Score:
    """Of one map or the mean of many.

    Attributes:
        abs_rel: Mean |fitted - true| / true, in inverse depth.
        delta1: Share of the pixels whose fitted and true values differ by less than a factor of 1.25.
        rank: Spearman's rank correlation with the truth.
    """

    abs_rel: float
    delta1: float
    rank: float


def score(features: NDArray[np.floating], truth: Map, valid: NDArray[np.bool_]) -> Score:
    """Fit `truth` by least squares from features and a constant, and measure what is left.

    Args:
        features: (H, W) for a map, or (K, H, W) for a surface with K + 1 parameters.
        truth: (H, W) inverse depth or disparity.
        valid: (H, W) bool, where the truth is known and positive.
    """
    columns = np.atleast_3d(features.T).T.reshape(-1, truth.size)[:, valid.ravel()].astype(np.float64)
    true = truth[valid].astype(np.float64)
    design = np.concatenate((columns, np.ones((1, true.size)))).T
    fitted = design @ np.linalg.lstsq(design, true, rcond=None)[0]
    ratio = np.maximum(fitted, 1e-9) / true
    return Score(
        abs_rel=float(np.mean(np.abs(fitted - true) / true)),
        delta1=float(np.mean(np.maximum(ratio, 1 / ratio) < 1.25)),
        rank=_rank_correlation(fitted, true),
    )


def constant(shape: tuple[int, int]) -> Map:
    """A baseline that knows nothing."""
    return np.zeros(shape, np.float32)


def row_prior(shape: tuple[int, int]) -> Map:
    """A baseline: inverse depth grows with the row, fitted per image."""
    return np.broadcast_to(np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None], shape)


def quadratic_surface(shape: tuple[int, int]) -> Map:
    """An oracle of six parameters per image: (5, H, W) x, y, x^2, xy, y^2."""
    y, x = (np.linspace(-1, 1, side, dtype=np.float32) for side in shape)
    x, y = np.meshgrid(x, y)
    return np.stack((x, y, x * x, x * y, y * y))


def mean(scores: list[Score]) -> Score:
    """Of many maps."""
    return Score(*(float(np.mean([getattr(one, name) for one in scores])) for name in ("abs_rel", "delta1", "rank")))


def _rank_correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    ranks = [np.unique(values, return_inverse=True)[1].astype(np.float64) for values in (a, b)]
    ranks = [_average_ranks(values) for values in ranks]
    deviations = [values - values.mean() for values in ranks]
    scale = float(np.sqrt((deviations[0] ** 2).sum() * (deviations[1] ** 2).sum()))
    return float((deviations[0] * deviations[1]).sum() / scale) if scale > 0 else 0.0


def _average_ranks(codes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks of dense codes, ties at their mean."""
    index = codes.astype(np.int64)
    counts = np.bincount(index)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[index]
