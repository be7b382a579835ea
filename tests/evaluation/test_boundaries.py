from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.evaluation.boundaries import boundary_f1

EVERYWHERE = np.ones((1, 4), dtype=bool)


def row(*values: float) -> NDArray[np.float32]:
    return np.array([values], dtype=np.float32)


TRUTH = row(1, 1, 2, 2)  # one contour, of 100 %, between the second and the third


@pytest.mark.parametrize(
    ("predicted", "expected"),
    [
        (row(1, 1, 2, 2), 1.0),
        (row(3, 3, 6, 6), 1.0),  # in another unit
        (row(1, 1, 1.3, 1.3), 1.0),  # above the largest threshold, 25 %
        (row(1, 2, 2, 2), 0.0),  # beside the true one
        (row(2, 2, 1, 1), 0.0),  # the wrong side is nearer
        (row(1, 1, 1, 1), 0.0),
        # One right and one wrong: precision 1/2, recall 1.
        (row(1, 2, 4, 4), 2 / 3),
        # 15 % is above the thresholds 5, 7 2/9, 9 4/9, 11 2/3 and 13 8/9, which make 47 2/9 of the sum of all ten, 150.
        (row(1, 1, 1.15, 1.15), 47.2222 / 150),
    ],
)
def test_scores_worked_out_by_hand(predicted: NDArray[np.float32], expected: float) -> None:
    assert boundary_f1(predicted, TRUTH, EVERYWHERE) == pytest.approx(expected, abs=1e-5)
    assert boundary_f1(np.float32(1) / predicted, np.float32(1) / TRUTH, EVERYWHERE) == pytest.approx(
        expected, abs=1e-5
    )  # inverse depth
    assert boundary_f1(predicted.T, TRUTH.T, EVERYWHERE.T) == pytest.approx(expected, abs=1e-5)  # from above to below


def test_pairs_without_truth_do_not_count() -> None:
    predicted, known = row(1, 1, 2, 9), EVERYWHERE.copy()
    assert boundary_f1(predicted, TRUTH, known) < 1
    known[0, 3] = False
    assert boundary_f1(predicted, TRUTH, known) == 1
    holed = np.where(known, TRUTH, np.nan).astype(np.float32)
    assert boundary_f1(predicted, holed, known) == 1


def test_thresholds_that_the_truth_never_passes_do_not_count() -> None:
    """Of 8 % the thresholds 5 and 7 2/9 remain. A contour of 6 % in its place is found at the first only."""
    truth = row(1, 1, 1.08, 1.08)
    assert boundary_f1(truth, truth, EVERYWHERE) == 1
    assert boundary_f1(row(1, 1, 1.06, 1.06), truth, EVERYWHERE) == pytest.approx(5 / (5 + 65 / 9))


def test_a_truth_without_outlines_has_no_score() -> None:
    assert np.isnan(boundary_f1(TRUTH, row(1, 1.02, 1.04, 1.06), EVERYWHERE))
    assert np.isnan(boundary_f1(TRUTH, TRUTH, np.zeros_like(EVERYWHERE)))


def test_values_without_a_ratio_and_maps_of_two_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="every valid value must be positive"):
        boundary_f1(row(0, 1, 2, 2), TRUTH, EVERYWHERE)
    with pytest.raises(ValueError, match=r"one shape, not \(4, 1\), \(1, 4\) and \(1, 4\)"):
        boundary_f1(TRUTH.T, TRUTH, EVERYWHERE)
