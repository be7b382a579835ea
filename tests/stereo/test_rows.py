"""How row gaps change over the picture is measured, whatever single matches do, and told in words."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.examples import list_examples
from depth_demo.geometry import StereoPair
from depth_demo.stereo.features import match_features
from depth_demo.stereo.preflight import Status, check_rows
from depth_demo.stereo.rectification.rows import RowQuality, measure_rows, trend_in_words

SHAPE = (1200, 1920)
COUNT = 500


def places() -> NDArray[np.float64]:
    return np.random.default_rng(1).uniform((0, 0), SHAPE[::-1], (COUNT, 2))


def measured(gap: NDArray[np.float64], false_share: float = 0.15) -> RowQuality:
    """With noise of 0.3 px, and false matches among them."""
    random = np.random.default_rng(2)
    noisy = gap + random.normal(0, 0.3, COUNT)
    false = random.choice(COUNT, int(false_share * COUNT), replace=False)
    noisy[false] += random.uniform(-40, 40, len(false))
    return measure_rows(places(), noisy, SHAPE)


def test_rows_that_agree() -> None:
    rows = measured(np.zeros(COUNT))
    assert rows.agrees
    assert rows.smooth_p95_px < 0.15
    assert rows.p95_px > 5  # false matches are shown, not judged
    assert trend_in_words(rows) == ""


@pytest.mark.parametrize(("roll", "words"), [(0.1, "0.10"), (-0.8, "0.8"), (2.0, "2.0")])
def test_a_roll_is_told_in_degrees(roll: float, words: str) -> None:
    rows = measured(math.tan(math.radians(roll)) * (places()[:, 0] - 960), false_share=0)
    assert rows.roll_degrees == pytest.approx(roll, abs=0.005)
    assert not rows.agrees
    way = "clockwise" if roll > 0 else "counterclockwise"
    assert trend_in_words(rows).startswith(f"The right camera is rolled {way} by {words} degrees.")


@pytest.mark.parametrize(("shift", "agrees"), [(0.3, True), (0.7, False), (-1.0, False), (3.0, False)])
def test_half_a_pixel_is_the_limit(shift: float, agrees: bool) -> None:  # noqa: FBT001
    rows = measured(np.full(COUNT, shift))
    assert rows.constant_px == pytest.approx(shift, abs=0.12)
    assert rows.agrees == agrees
    if not agrees:
        assert f"shows points {abs(rows.constant_px):.1f} px {'lower' if shift > 0 else 'higher'}" in trend_in_words(rows)


def test_a_larger_right_view() -> None:
    rows = measured(0.01 * (places()[:, 1] - 600))
    assert rows.along_y_px == pytest.approx(6, abs=0.2)
    assert "From the middle to the lower edge the gap changes by +6.0 px, as if the right view were larger." in trend_in_words(
        rows
    )


def test_a_bow() -> None:
    x, y = ((places() - (960, 600)) / (960, 600)).T
    assert measured(2 * x * y).bow_px > 1
    assert measured(2 * x).bow_px < 0.3


def test_few_matches_have_straight_trends() -> None:
    few = places()[:35]
    rows = measure_rows(few, 0.002 * (few[:, 0] - 960), SHAPE)
    assert (rows.bow_px, rows.matches) == (0, 35)
    assert rows.along_x_px == pytest.approx(1.92, abs=0.01)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (np.array([[1, 0, 0], [0, 1, 0.0]]), Status.GOOD),
        (np.array([[1, 0, 0], [0, 1, 0.75]]), Status.BAD),
        (cv2.getRotationMatrix2D((959.5, 599.5), 0.1, 1), Status.BAD),
    ],
    ids=["untouched", "three quarters of a pixel down", "rolled by a tenth of a degree"],
)
@pytest.mark.parametrize("number", [0, 1])
def test_what_costs_the_bundled_pairs_seven_points_is_noticed(
    change: NDArray[np.float64], status: Status, number: int
) -> None:
    pair = list_examples()[number].load()
    right = cv2.warpAffine(pair.right, change, SHAPE[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    finding = check_rows(match_features(StereoPair(pair.left, np.asarray(right, np.uint8))), SHAPE)
    assert finding.status is status, finding.text
