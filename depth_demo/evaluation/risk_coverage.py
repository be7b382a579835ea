"""Does a method know where it is wrong? Errors of the pixels that are kept when the least certain ones are dropped.

The risk-coverage curve of selective prediction (Geifman and El-Yaniv, NeurIPS 2017); in depth estimation its area above
the oracle's is the area under the sparsification error, AUSE (Ilg et al., ECCV 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_SAMPLES = 200_000
POINTS = 100


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """Mean error over the most certain share of the pixels.

    Attributes:
        coverage: (P,) shares that are kept, from 1 / P to 1.
        risk: (P,) their mean error [px] when sorted by uncertainty.
        oracle: (P,) the same when sorted by the error itself: no uncertainty can do better.
        pixels: How many pixels there are.
    """

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    oracle: NDArray[np.float64]
    pixels: int

    @property
    def area(self) -> float:
        """Mean of the risk over all coverages [px]; the mean error for an uncertainty that says nothing."""
        return float(self.risk.mean())

    @property
    def oracle_area(self) -> float:
        return float(self.oracle.mean())

    @property
    def mean_error(self) -> float:
        """Over all pixels [px]: the risk at full coverage."""
        return float(self.risk[-1])


def risk_coverage(error: NDArray[np.float32], uncertainty: NDArray[np.float32]) -> RiskCoverage:
    """Compute both curves at up to 100 coverages.

    Args:
        error: (N,) |d - d*| [px].
        uncertainty: (N,), larger is less certain; among equals the mean error of all of them counts, whatever their order.

    Raises:
        ValueError: If there is no pixel, or a number is not finite. Of more than 200,000, evenly spread ones are used.
    """
    if not error.size or error.shape != uncertainty.shape:
        raise ValueError(f"Errors and uncertainties must be lists of one length, not {error.shape} and {uncertainty.shape}.")
    step = -(-error.size // MAX_SAMPLES)
    errors, doubts = error[::step].astype(np.float64), uncertainty[::step]
    if not (np.isfinite(errors).all() and np.isfinite(doubts).all()):
        raise ValueError("Errors and uncertainties must be finite numbers.")
    kept = np.unique(np.ceil(np.linspace(0, errors.size, POINTS + 1)[1:]).astype(np.intp))
    _, group = np.unique(doubts, return_inverse=True)
    shared = (np.bincount(group, errors) / np.bincount(group))[group]
    risk, oracle = (np.cumsum(a)[kept - 1] / kept for a in (shared[np.argsort(group, kind="stable")], np.sort(errors)))
    return RiskCoverage(kept / errors.size, risk, oracle, error.size)
