from __future__ import annotations

import numpy as np
import pytest

from depth_demo.training.scoring import Score, constant, mean, quadratic_surface, row_prior, score

TRUTH = np.array([[1.0, 2.0], [3.0, 5.0]], np.float32)
ALL = np.ones((2, 2), bool)


def test_any_scale_and_shift_of_the_truth_is_perfect() -> None:
    for scale in (3.0, -0.5):  # a map upside down is fitted too: a falling score would hide behind the fit
        perfect = score(scale * TRUTH + 7, TRUTH, ALL)
        assert perfect.abs_rel == pytest.approx(0, abs=1e-6)
        assert perfect.delta1 == 1
        assert perfect.rank == pytest.approx(1)


def test_a_constant_is_fitted_by_the_mean() -> None:
    """The mean of 1, 2, 3, 5 is 2.75: errors 1.75, 0.75, 0.25, 2.25 relative to each; only 3 is within 1.25."""
    found = score(constant((2, 2)), TRUTH, ALL)
    assert found.abs_rel == pytest.approx((1.75 + 0.375 + 0.25 / 3 + 0.45) / 4)
    assert found.delta1 == pytest.approx(0.25)
    assert found.rank == 0


def test_the_row_prior_fits_a_plane_that_rises_with_the_row() -> None:
    """Row means are 1.5 and 4, and the least-squares line goes through both."""
    found = score(row_prior((2, 2)), TRUTH, ALL)
    assert found.abs_rel == pytest.approx((0.5 + 0.25 + 1 / 3 + 0.2) / 4)
    # Ranks with ties at their mean: 1.5, 1.5, 3.5, 3.5 beside 1, 2, 3, 4 correlate by 4 / sqrt(4 x 5).
    assert found.rank == pytest.approx(4 / np.sqrt(20))


def test_the_quadratic_surface_fits_any_quadric() -> None:
    y, x = np.mgrid[-1:1:5j, -1:1:7j].astype(np.float32)
    truth = 9 + x - 2 * y + 0.5 * x * x - x * y + 0.3 * y * y
    assert score(quadratic_surface((5, 7)), truth, np.ones((5, 7), bool)).abs_rel == pytest.approx(0, abs=1e-6)


def test_pixels_without_truth_are_not_looked_at() -> None:
    predicted, truth, valid = TRUTH.copy(), TRUTH.copy(), ALL.copy()
    predicted[0, 0], truth[0, 0], valid[0, 0] = np.nan, np.nan, False
    assert score(predicted, truth, valid).abs_rel == pytest.approx(0, abs=1e-6)


def test_the_mean_of_scores() -> None:
    assert mean([Score(1, 0, 0.5), Score(3, 1, 0.5)]) == Score(2, 0.5, 0.5)
