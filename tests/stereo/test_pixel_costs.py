"""The costs of one pixel are those of the whole pair, also at its borders."""

from __future__ import annotations

import numpy as np
import pytest

from depth_demo.geometry import StereoPair
from depth_demo.stereo.reference.costs import COSTS, cost_volume
from depth_demo.stereo.reference.semi_global import aggregate_semi_globally
from depth_demo.stereo.why.pixel_costs import PATCH, WINDOW, aggregated_costs, pixel_costs
from tests.support import patches


@pytest.fixture(scope="module")
def pair() -> StereoPair:
    random = np.random.default_rng(3)
    return patches.scene(random, patches.texture(random), 20)[0]


@pytest.mark.parametrize(
    ("disparities", "x", "y"),
    [
        (range(32), 90, 20),
        (range(-8, 24), 0, 0),
        (range(12, 40), patches.WIDTH - 1, patches.HEIGHT - 1),
        (range(-8, 24), 45, 3),
    ],
)
def test_a_crop_has_the_costs_of_the_whole(pair: StereoPair, disparities: range, x: int, y: int) -> None:
    costs = pixel_costs(pair, x, y, disparities)
    if np.isinf(costs.curves["SAD"]).all():
        assert x - disparities[0] < 0
    for cost in COSTS:
        np.testing.assert_allclose(costs.curves[cost], cost_volume(pair, cost, disparities, WINDOW)[:, y, x], atol=1e-6)


def test_the_way_back_reads_the_left_view_from_the_best_match(pair: StereoPair) -> None:
    disparities, x, y = range(32), 90, 20
    costs = pixel_costs(pair, x, y, disparities)
    volume = cost_volume(pair, "ZNCC", disparities, WINDOW)
    best = costs.best("ZNCC")
    assert best == 20  # the plane's
    expected = [volume[d, y, x - best + d] for d in disparities]
    np.testing.assert_allclose(costs.back, expected, atol=1e-6)
    assert costs.at("ZNCC", 19.6) == costs.curves["ZNCC"][20]
    assert np.isnan(costs.at("ZNCC", 40))
    assert np.isnan(costs.at("ZNCC", np.nan))


def test_semi_global_costs_of_a_patch(pair: StereoPair) -> None:
    x, y = 100, patches.HEIGHT // 2
    columns = slice(x - PATCH, x + PATCH + 1)
    whole = cost_volume(pair, "census", range(32))[:, :, columns]  # the pair is lower than a patch
    expected = aggregate_semi_globally(whole)[:, y, PATCH]
    found = aggregated_costs(pair, x, y, range(32))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert found.argmin() == 20
