"""Curves as measured, and what they say."""

from __future__ import annotations

import numpy as np

from depth_demo.comparison.uncertainty import Uncertainty
from depth_demo.evaluation.risk_coverage import risk_coverage
from depth_demo.render.risk_curves import render_risk_curves, uncertainty_in_words

ERRORS = np.array([3, 1, 4, 2], np.float32)
HALF_SURE = risk_coverage(ERRORS, np.array([1, 0, 1, 1], np.float32))  # risks 1, 2, 7 / 3 and 2.5; area 47 / 24
MAP = np.zeros((1, 1), np.float32)


def test_two_lines_per_method() -> None:
    figure = render_risk_curves(Uncertainty(MAP, MAP, risk_coverage(ERRORS, ERRORS), HALF_SURE))
    assert len(figure.data) == 4
    assert list(figure.data[2].x) == [25, 50, 75, 100]
    np.testing.assert_allclose(figure.data[2].y, [1, 2, 7 / 3, 2.5])
    np.testing.assert_allclose(figure.data[3].y, [1, 1.5, 2, 2.5])


def test_in_words() -> None:
    said = uncertainty_in_words(Uncertainty(MAP, MAP, risk_coverage(ERRORS, -ERRORS), HALF_SURE))
    stereo, monocular = said.split("\n\n")
    assert "1.75 px, by chance 2.50 px: it is no better than chance" in stereo
    assert "1.96 px, with an oracle 1.75 px, by chance 2.50 px: it goes 72 % of the way" in monocular  # 13 / 18
    alone = uncertainty_in_words(Uncertainty(None, MAP, None, None))
    assert alone == (
        "Without ground truth there are no curves: nobody knows the errors.\n\n"
        "Stereo was matched in one direction only, so it has no left-right difference."
    )
