"""The curves by hand, and what does not depend on the order of equals."""

from __future__ import annotations

import numpy as np
import pytest

from depth_demo.evaluation.risk_coverage import risk_coverage

ERRORS = np.array([3, 1, 4, 2], np.float32)


def test_an_uncertainty_that_knows_everything_is_the_oracle() -> None:
    curve = risk_coverage(ERRORS, 10 * ERRORS)
    np.testing.assert_allclose(curve.coverage, [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(curve.risk, [1, 1.5, 2, 2.5])
    np.testing.assert_allclose(curve.oracle, curve.risk)
    assert (curve.area, curve.oracle_area, curve.mean_error, curve.pixels) == (1.75, 1.75, 2.5, 4)


def test_the_worst_uncertainty_keeps_the_largest_errors() -> None:
    curve = risk_coverage(ERRORS, -ERRORS)
    np.testing.assert_allclose(curve.risk, [4, 3.5, 3, 2.5])
    assert (curve.area, curve.oracle_area) == (3.25, 1.75)


def test_equals_share_their_mean_error() -> None:
    np.testing.assert_allclose(risk_coverage(ERRORS, np.ones(4, np.float32)).risk, 2.5)
    two_groups = risk_coverage(ERRORS, np.array([0, 1, 0, 1], np.float32))  # means 3.5 and 1.5
    np.testing.assert_allclose(two_groups.risk, [3.5, 3.5, 8.5 / 3, 2.5])


def test_many_pixels_have_a_hundred_points(random: np.random.Generator) -> None:
    error = random.exponential(1, 500_000).astype(np.float32)
    curve = risk_coverage(error, error)
    assert curve.pixels == 500_000
    assert len(curve.coverage) == 100
    assert curve.mean_error == pytest.approx(1, abs=0.01)
    # The mean of the smallest share c of an exponential is 1 + (1 - c) ln(1 - c) / c.
    assert curve.oracle[49] == pytest.approx(1 + np.log(0.5), abs=0.01)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="lists of one length"):
        risk_coverage(ERRORS, ERRORS[:3])
    with pytest.raises(ValueError, match="lists of one length"):
        risk_coverage(ERRORS[:0], ERRORS[:0])
    with pytest.raises(ValueError, match="finite"):
        risk_coverage(ERRORS, np.array([1, 2, np.nan, 3], np.float32))
