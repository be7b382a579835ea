"""The figures of the bundled scenes on every machine: matching, evaluation and fusion, with the bundled model.

A change here is a change of the product: say in its commit why the figures moved.
"""

from __future__ import annotations

import math
from functools import cache

import pytest

from depth_demo.comparison.results import Comparison
from depth_demo.examples import list_examples
from depth_demo.monocular.estimator import load_estimator
from depth_demo.pipeline import compare
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.wording.scores import FAIR_ROWS

NONE = math.nan
# Score: monocular, stereo, fused; OpenCV 5.0.0, torch 2.13, on the mode that "auto" takes for 1920x1200 (SGBM_3WAY).
FIGURES = {
    "466": {
        "ssim": (0.8194, 0.9845, 0.9845),
        "ssim_all": (0.8386, 0.6042, 0.9450),
        "coverage": (100.0, 79.5, 100.0),
        "epe": (6.57, 0.67, 0.67),
        "epe_all": (6.23, NONE, 1.18),
        "bad_1": (82.8, 10.5, 10.5),
        "bad_3": (52.4, 4.4, 4.4),
        "bad_3_all": (53.5, 23.9, 10.6),
        "d1_all": (47.0, 23.8, 10.4),
        "abs_rel": (0.385, 0.041, 0.041),
        "rmse": (31.05, 9.13, 9.13),
        "delta_1": (58.4, 95.8, 95.8),
    },
    "515": {
        "ssim": (0.9313, 0.9783, 0.9783),
        "ssim_all": (0.9128, 0.4778, 0.9068),
        "coverage": (100.0, 75.9, 100.0),
        "epe": (4.51, 0.93, 0.93),
        "epe_all": (4.34, NONE, 1.62),
        "bad_1": (87.6, 18.4, 18.4),
        "bad_3": (60.0, 8.0, 8.0),
        "bad_3_all": (56.6, 30.2, 16.3),
        "d1_all": (45.3, 30.0, 15.9),
        "abs_rel": (0.289, 0.054, 0.054),
        "rmse": (25.27, 6.59, 6.59),
        "delta_1": (68.3, 96.5, 96.5),
    },
}
REPORT = {  # SSIM of disparity and of depth, monocular and stereo
    "466": (0.7694, 0.1611, 0.6805, 0.7159),
    "515": (0.8557, 0.1043, 0.6293, 0.7769),
}


@cache
def compared(name: str) -> Comparison:
    example = next(example for example in list_examples() if example.name == name)
    settings = SgbmSettings(num_disparities=example.num_disparities)
    return compare(example.load(), load_estimator("depth-demo-tiny", device="cpu"), settings)


def tolerance(value: float) -> float:
    """A hundredth, and no less than what the last digit means."""
    return max(0.01 * abs(value), 0.003)


@pytest.mark.parametrize("name", FIGURES)
def test_fair_scores(name: str) -> None:
    comparison = compared(name)
    assert comparison.stereo is not None
    assert comparison.fused is not None
    judged = comparison.monocular.fair, comparison.stereo.fair, comparison.fused.fair
    rows = {row.key: row.value for row in FAIR_ROWS}
    for key, expected in FIGURES[name].items():
        found = [rows[key](scores) if scores else None for scores in judged]
        for value, wanted in zip(found, expected, strict=True):
            assert value == pytest.approx(wanted, abs=tolerance(wanted), nan_ok=True), key


@pytest.mark.parametrize("name", REPORT)
def test_report_scores(name: str) -> None:
    written = compared(name).as_written
    pairs = [(written[method].disparity, written[method].depth) for method in ("monocular", "stereo")]
    found = [scores.ssim if scores else NONE for pair in pairs for scores in pair]
    assert found == pytest.approx(list(REPORT[name]), abs=0.003)


@pytest.mark.parametrize("name", FIGURES)
def test_both_methods_fail_somewhere_and_it_is_boxed(name: str) -> None:
    assert [box.name for box in compared(name).failures] == ["M1", "M2", "M3", "M4", "S1", "S2", "S3", "S4", "S5"]
