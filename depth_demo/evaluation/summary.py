"""Scores of many pairs in a few numbers: the median, the quartiles, and how far other pairs could have moved the median."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 20_000
INTERVAL_PERCENT = 95
WILSON_Z = 1.96  # standard deviations of the same interval


@dataclass(frozen=True, slots=True)
class Spread:
    """One score over many pairs.

    Attributes:
        pairs: How many have this score.
        median: Of their scores.
        low, high: Quartiles: a quarter of the scores are below, a quarter above.
        sure_low, sure_high: Bootstrap interval of the median over pairs, 95 % (Efron, 1979, percentile method). It says what
            other pairs of the same kind could have given; of few pairs it is wide.
    """

    pairs: int
    median: float
    low: float
    high: float
    sure_low: float
    sure_high: float


def summarize(scores: NDArray[np.float64]) -> Spread | None:
    """Summarize (N,) scores, one a pair; NaN is a pair without this score. None where no pair has it.

    The medians of resamples are drawn without the resamples: in a sorted list, the middle of N draws with replacement is at
    N times the middle of N uniform numbers, which is beta distributed.
    """
    values = np.sort(scores[np.isfinite(scores)])
    count = len(values)
    if not count:
        return None
    low, median, high = np.quantile(values, (0.25, 0.5, 0.75))
    random, middle = np.random.default_rng(0), (count + 1) // 2
    first = random.beta(middle, count - middle + 1, RESAMPLES)
    medians = _at(values, first)
    if count % 2 == 0:  # the mean of the two in the middle; the second is the smallest of those above the first
        second = first + (1 - first) * random.beta(1, count - middle, RESAMPLES)
        medians = (medians + _at(values, second)) / 2
    outside = (100 - INTERVAL_PERCENT) / 2
    sure_low, sure_high = np.percentile(medians, (outside, 100 - outside))
    return Spread(count, float(median), float(low), float(high), float(sure_low), float(sure_high))


def _at(values: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[np.minimum((share * len(values)).astype(np.intp), len(values) - 1)]


@dataclass(frozen=True, slots=True)
class Lead:
    """In how many pairs one of two methods is ahead.

    Attributes:
        ahead: Pairs in which the first is better.
        pairs: Pairs in which both have the score and differ.
        sure_low, sure_high: 95 % interval of the share over pairs [%] (Wilson, 1927). A bootstrap would be sure of everything
            where all pairs agree.
    """

    ahead: int
    pairs: int
    sure_low: float
    sure_high: float


def lead(first: NDArray[np.float64], second: NDArray[np.float64], *, larger_is_better: bool) -> Lead | None:
    """Compare two methods pair by pair.

    Args:
        first, second: (N,) scores of the same pairs, NaN where there is none.
        larger_is_better: Who is ahead.

    Returns:
        None where no pair has both scores, or both are always equal.
    """
    gain = (first - second) * (1 if larger_is_better else -1)
    pairs, ahead = int(np.count_nonzero(np.isfinite(gain) & (gain != 0))), int(np.count_nonzero(gain > 0))
    if not pairs:
        return None
    share, spread = ahead / pairs, WILSON_Z**2 / pairs
    middle, half = share + spread / 2, WILSON_Z * math.sqrt(share * (1 - share) / pairs + spread / (4 * pairs))
    return Lead(ahead, pairs, *(100 * (middle + side * half) / (1 + spread) for side in (-1, 1)))
