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
        "ssim": (0.8122, 0.9860, 0.9860),
        "ssim_all": (0.8392, 0.6098, 0.9460),
        "coverage": (100.0, 79.9, 100.0),
        "epe": (5.19, 0.63, 0.63),
        "epe_all": (4.83, NONE, 1.15),
        "bad_1": (78.6, 10.2, 10.2),
        "bad_3": (41.4, 4.3, 4.3),
        "bad_3_all": (42.5, 23.6, 10.6),
        "d1_all": (39.0, 23.5, 10.4),
        "abs_rel": (0.655, 0.039, 0.039),
        "rmse": (36.60, 8.98, 8.98),
        "delta_1": (58.9, 95.9, 95.9),
    },
    "515": {
        "ssim": (0.9602, 0.9798, 0.9798),
        "ssim_all": (0.9370, 0.4795, 0.9077),
        "coverage": (100.0, 76.0, 100.0),
        "epe": (3.72, 0.90, 0.90),
        "epe_all": (4.05, NONE, 1.60),
        "bad_1": (84.0, 18.0, 18.0),
        "bad_3": (51.7, 7.9, 7.9),
        "bad_3_all": (57.1, 30.0, 16.3),
        "d1_all": (49.9, 29.8, 15.8),
        "abs_rel": (0.174, 0.053, 0.053),
        "rmse": (14.67, 6.51, 6.51),
        "delta_1": (75.1, 96.5, 96.5),
    },
}
REPORT = {  # SSIM of disparity and of depth, monocular and stereo
    "466": (0.6815, 0.1678, 0.6805, 0.7159),
    "515": (0.8073, 0.1125, 0.6293, 0.7769),
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


@pytest.mark.parametrize(("name", "monocular", "stereo"), [("466", 5, 5), ("515", 4, 5)])
def test_both_methods_fail_somewhere_and_it_is_boxed(name: str, monocular: int, stereo: int) -> None:
    expected = [f"{letter}{rank}" for letter, count in (("M", monocular), ("S", stereo)) for rank in range(1, count + 1)]
    assert [box.name for box in compared(name).failures] == expected
