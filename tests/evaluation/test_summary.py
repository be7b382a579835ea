"""Medians, quartiles and bootstrap intervals of many pairs, against resamples that are really drawn."""

from __future__ import annotations

import numpy as np
import pytest

from depth_demo.evaluation.summary import lead, summarize


@pytest.mark.parametrize("count", [2, 3, 14, 15, 200])
def test_the_interval_is_that_of_resamples(count: int, random: np.random.Generator) -> None:
    scores = random.gamma(2, 5, count)
    found = summarize(scores)
    drawn = np.median(random.choice(scores, (20_000, count)), axis=1)
    assert found is not None
    assert found.pairs == count
    assert (found.median, found.low, found.high) == tuple(np.quantile(scores, (0.5, 0.25, 0.75)))
    assert np.mean(drawn < found.sure_low - 1e-9) < 0.03
    assert np.mean(drawn < found.sure_low + 1e-9) > 0.02
    assert np.mean(drawn > found.sure_high + 1e-9) < 0.03
    assert np.mean(drawn > found.sure_high - 1e-9) > 0.02


def test_pairs_without_a_score_are_left_out() -> None:
    found = summarize(np.array([np.nan, 3, np.nan]))
    assert found is not None
    assert (found.pairs, found.median, found.sure_low, found.sure_high) == (1, 3, 3, 3)
    assert summarize(np.array([np.nan])) is None
    assert summarize(np.array([])) is None


def test_who_is_ahead_is_counted_pair_by_pair() -> None:
    first, second = np.array([1.0, 2, 3, 4, np.nan, 5]), np.array([2.0, 1, 3, 5, 1, np.nan])
    found = lead(first, second, larger_is_better=False)
    assert found is not None
    assert (found.ahead, found.pairs) == (2, 3)  # one is equal, two lack a score
    other = lead(first, second, larger_is_better=True)
    assert other is not None
    assert other.ahead == 1
    assert lead(first, first, larger_is_better=True) is None


def test_few_pairs_leave_open_who_is_ahead_and_many_do_not() -> None:
    few, many = (lead(np.tile([2.0, 2, 0], n), np.ones(3 * n), larger_is_better=True) for n in (1, 100))
    assert few is not None
    assert many is not None
    assert few.sure_low < 50 < few.sure_high
    assert 50 < many.sure_low < 200 / 3 < many.sure_high


def test_ten_of_ten_pairs_leave_room_for_another() -> None:
    found = lead(np.full(10, 1.0), np.full(10, 2.0), larger_is_better=False)
    assert found is not None
    assert found.sure_low == pytest.approx(72.2, abs=0.1)  # Wilson's interval for 10 of 10
    assert found.sure_high == pytest.approx(100)
