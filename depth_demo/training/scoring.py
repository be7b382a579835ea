"""Scores of a relative map: its errors after the best affine fit to the true inverse depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one map, or the mean of many.

    Attributes:
        abs_rel: Mean |fitted - true| / true, in inverse depth.
        delta1: Share of the pixels, 0 to 1, whose fitted and true values differ by less than a factor of 1.25.
        rank: Spearman's rank correlation with the truth, -1 to 1; 0 for a constant.
    """

    abs_rel: float
    delta1: float
    rank: float


def score(features: NDArray[np.floating], truth: Map, valid: NDArray[np.bool_]) -> Score:
    """Fit the truth by least squares from features and a constant, and return the score of the fit.

    Args:
        features: (H, W) for a map, or (K, H, W) for a surface with K + 1 parameters.
        truth: (H, W) inverse depth or disparity, in any unit. Values outside `valid` may be NaN.
        valid: (H, W) bool: the truth is known and positive.
    """
    fitted, true = fit(features, truth, valid), truth[valid].astype(np.float64)
    ratio = np.maximum(fitted, 1e-9) / true
    return Score(
        abs_rel=float(np.mean(np.abs(fitted - true) / true)),
        delta1=float(np.mean(np.maximum(ratio, 1 / ratio) < 1.25)),
        rank=_rank_correlation(fitted, true),
    )


def fit(features: NDArray[np.floating], truth: Map, valid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fit the truth by least squares from features and a constant, as `score` says. Return the N fitted values at `valid`."""
    columns = np.atleast_3d(features.T).T.reshape(-1, truth.size)[:, valid.ravel()].astype(np.float64)
    design = np.concatenate((columns, np.ones((1, columns.shape[1])))).T
    return design @ np.linalg.lstsq(design, truth[valid].astype(np.float64), rcond=None)[0]


def constant(shape: tuple[int, int]) -> Map:
    """Return a baseline without any information: (H, W) zeros."""
    return np.zeros(shape, np.float32)


def row_prior(shape: tuple[int, int]) -> Map:
    """Return a baseline that grows with the row: (H, W), -1 in the first row to 1 in the last."""
    return np.broadcast_to(np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None], shape)


def quadratic_surface(shape: tuple[int, int]) -> Map:
    """Return the terms x, y, x^2, xy and y^2 as (5, H, W), x and y from -1 to 1.

    With the constant, `score` fits six parameters to the truth of each image. No method that sees one photo can know them.
    """
    y, x = (np.linspace(-1, 1, side, dtype=np.float32) for side in shape)
    x, y = np.meshgrid(x, y)
    return np.stack((x, y, x * x, x * y, y * y))


def mean(scores: list[Score]) -> Score:
    """Return the mean of each score."""
    return Score(*(float(np.mean([getattr(one, name) for one in scores])) for name in ("abs_rel", "delta1", "rank")))


def _rank_correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return Spearman's rank correlation, with ties at their mean rank; 0 if either is constant."""
    return 0.0 if np.ptp(a) == 0 or np.ptp(b) == 0 else float(spearmanr(a, b).statistic)
