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
        "ssim": (0.8161, 0.9844, 0.9844),
        "ssim_all": (0.8372, 0.6089, 0.9447),
        "coverage": (100.0, 79.9, 100.0),
        "epe": (6.59, 0.68, 0.68),
        "epe_all": (6.24, NONE, 1.19),
        "bad_1": (82.9, 10.3, 10.3),
        "bad_3": (53.1, 4.3, 4.3),
        "bad_3_all": (53.9, 23.5, 10.5),
        "d1_all": (47.3, 23.5, 10.3),
        "abs_rel": (0.389, 0.043, 0.043),
        "rmse": (31.32, 9.22, 9.22),
        "delta_1": (58.2, 95.7, 95.7),
    },
    "515": {
        "ssim": (0.9300, 0.9782, 0.9782),
        "ssim_all": (0.9132, 0.4792, 0.9065),
        "coverage": (100.0, 76.1, 100.0),
        "epe": (4.51, 0.93, 0.93),
        "epe_all": (4.34, NONE, 1.63),
        "bad_1": (87.6, 18.2, 18.2),
        "bad_3": (59.9, 8.0, 8.0),
        "bad_3_all": (56.6, 30.0, 16.3),
        "d1_all": (45.3, 29.8, 15.8),
        "abs_rel": (0.290, 0.055, 0.055),
        "rmse": (25.53, 6.76, 6.76),
        "delta_1": (68.2, 96.4, 96.4),
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
