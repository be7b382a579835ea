"""Our own matchers against slow statements of what they minimise, on exact planes, and within their time."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise, product

import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.examples import Example
from depth_demo.geometry import StereoPair
from depth_demo.stereo.matching import left_right_consistent
from depth_demo.stereo.reference.costs import Cost, cost_volume
from depth_demo.stereo.reference.local import local_winners, match_local
from depth_demo.stereo.reference.scan_lines import best_rows, cheapest_rows, match_scan_lines
from depth_demo.stereo.reference.semi_global import DIRECTIONS, P1, P2, aggregate_path, aggregate_semi_globally
from tests.conftest import PAIRS
from tests.stereo.slow_costs import one_minus_zncc, random_pair, sad, slow_costs

DISPARITIES = range(64)


@pytest.mark.parametrize(
    ("cost", "unlike", "disparities"),
    [("SAD", sad, range(5)), ("ZNCC", one_minus_zncc, range(-3, 2)), ("SAD", sad, range(2, 6))],
)
def test_the_local_winner_has_the_least_cost(
    random: np.random.Generator, cost: Cost, unlike: Callable[..., float], disparities: range
) -> None:
    pair = random_pair(random)
    costs = slow_costs(pair, disparities, 3, unlike)
    reachable = np.isfinite(costs).any(axis=0)
    expected = np.where(reachable, costs.argmin(axis=0) + disparities[0], np.nan)
    np.testing.assert_array_equal(local_winners(pair, cost, 3, disparities)[0], expected)


def mirrored(pair: StereoPair) -> StereoPair:
    """The right view as a left one."""
    return StereoPair(pair.right[:, ::-1].copy(), pair.left[:, ::-1].copy())


def test_the_check_is_a_second_match_from_right_to_left(random: np.random.Generator) -> None:
    pair = random_pair(random, 12, 30)
    left, right = local_winners(pair, "SAD", 3, range(6))
    np.testing.assert_array_equal(right, local_winners(mirrored(pair), "SAD", 3, range(6))[0][:, ::-1])
    agrees = left_right_consistent(left, right, 1)
    assert 0 < agrees.sum() < agrees.size
    np.testing.assert_array_equal(match_local(pair, "SAD", 3, range(6)).values, np.where(agrees, left, np.nan))


def test_a_scan_line_is_the_best_of_all_its_paths(random: np.random.Generator) -> None:
    """Three rows of 5 pixels and 3 disparities: each of the 243 ways through a row is tried."""
    p1, p2 = 0.2, 0.45
    costs = random.random((3, 3, 5)).astype(np.float32)
    penalty = {0: 0.0, 1: p1, 2: p2}

    def energy(row: int, way: tuple[int, ...]) -> float:
        data = sum(float(costs[d, row, x]) for x, d in enumerate(way))
        return data + sum(penalty[abs(a - b)] for a, b in pairwise(way))

    best = [min(product(range(3), repeat=5), key=lambda way, row=row: energy(row, way)) for row in range(3)]  # type: ignore[misc]
    np.testing.assert_array_equal(cheapest_rows(costs, p1, p2), best)
    assert any(costs[:, row].argmin(axis=0).tolist() != list(way) for row, way in enumerate(best))  # the penalties matter


def slow_aggregation(costs: NDArray[np.float32], direction: tuple[int, int], p1: float, p2: float) -> NDArray[np.float64]:
    """Equation 13 of Hirschmuller 2008, read aloud."""
    levels, height, width = costs.shape

    @cache
    def reached(y: int, x: int, d: int) -> float:
        before_y, before_x = y - direction[0], x - direction[1]
        if not (0 <= before_y < height and 0 <= before_x < width):
            return float(costs[d, y, x])
        before = [reached(before_y, before_x, k) for k in range(levels)]
        steps = [before[d], min(before) + p2, *(before[k] + p1 for k in (d - 1, d + 1) if 0 <= k < levels)]
        return float(costs[d, y, x]) + min(steps) - min(before)

    return np.array([[[reached(y, x, d) for x in range(width)] for y in range(height)] for d in range(levels)])


@pytest.mark.parametrize("shape", [(5, 6, 7), (3, 1, 8), (3, 8, 1), (1, 4, 4)], ids=str)
def test_semi_global_aggregation_equals_the_recursion(random: np.random.Generator, shape: tuple[int, int, int]) -> None:
    costs = (60 * random.random(shape)).astype(np.float32)
    assert len(set(DIRECTIONS)) == 8
    expected = sum(slow_aggregation(costs, direction, P1, P2) for direction in DIRECTIONS)
    np.testing.assert_allclose(aggregate_semi_globally(costs), expected, rtol=1e-5)


def test_where_there_is_no_match_there_is_no_aggregated_cost(random: np.random.Generator) -> None:
    costs = cost_volume(random_pair(random), "census", range(4))
    np.testing.assert_array_equal(np.isinf(aggregate_semi_globally(costs)), np.isinf(costs))


@pytest.mark.parametrize(("p1", "p2"), [(9, 3), (-1, 3)])
def test_impossible_penalties_are_refused(p1: float, p2: float) -> None:
    with pytest.raises(ValueError, match=f"0 <= p1 <= p2, but p1 is {p1} and p2 is {p2}"):
        aggregate_path(np.zeros((2, 3, 3), np.float32), (0, 1), p1, p2)


def semi_global(pair: StereoPair, disparities: range) -> NDArray[np.intp]:
    return aggregate_semi_globally(cost_volume(pair, "census", disparities)).argmin(axis=0)


@pytest.mark.parametrize("example", PAIRS, ids=lambda example: example.name)
def test_each_finds_exact_planes_to_the_pixel(example: Example) -> None:
    pair = example.load()
    assert pair.ground_truth is not None
    matches = [
        match_local(pair, "SAD", 9, DISPARITIES),
        match_local(pair, "ZNCC", 9, DISPARITIES),
        match_scan_lines(pair, DISPARITIES),
    ]
    for disparity in matches:
        error = np.abs(disparity.values - pair.ground_truth.values)[disparity.valid]
        assert disparity.valid.mean() > 0.8
        assert np.mean(error > 1) < 0.03
    ours = np.abs(semi_global(pair, DISPARITIES) - pair.ground_truth.values)[matches[2].valid]
    assert np.mean(ours > 1) < 0.02


def test_without_the_check_scan_lines_answer_wherever_the_match_is_in_the_view() -> None:
    disparity = best_rows(cost_volume(PAIRS[0].load(), "census", DISPARITIES), DISPARITIES)
    answered = ~np.isnan(disparity)
    columns = np.arange(disparity.shape[1])
    assert (disparity <= columns)[answered].all()
    assert answered[:, DISPARITIES[-1] :].all()
    assert not answered[:, :6].all()  # nothing there is farther than 6 px
