"""A pair is judged by what was done to it, no real pair is blamed by mistake, and the suggested range holds the truth."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.datasets import Sample
from depth_demo.examples import list_examples
from depth_demo.formats.photos import load_photo
from depth_demo.geometry import RgbImage, StereoPair
from depth_demo.pipeline import match
from depth_demo.stereo.preflight import (
    Finding,
    Preflight,
    SearchRange,
    Status,
    check_not_swapped,
    check_range,
    check_size,
    clearly_in_order,
    inspect_pair,
    row_warning,
    suggest_range,
)
from depth_demo.stereo.settings import SgbmSettings
from tests.conftest import PAIRS, disparity_map
from tests.support.real_pairs import REAL_SAMPLES

SAMPLES = [*(example.sample for example in (*PAIRS, *list_examples())), *REAL_SAMPLES.values()]
ALL_GOOD = {"Order": Status.GOOD, "Rows": Status.GOOD, "Exposure": Status.GOOD}
each_pair = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)


@each_pair
def test_only_swapped_views_are_refused(sample: Sample) -> None:
    pair = sample.load()
    check_not_swapped(pair)
    with pytest.raises(ValueError, match="Left and right look swapped"):
        check_not_swapped(StereoPair(pair.right, pair.left))


def test_nearly_the_same_image_twice_is_not_called_swapped() -> None:
    image = load_photo(PAIRS[0].left).pixels
    again = np.maximum(image, 1)  # as after another encoding
    check_not_swapped(StereoPair(image, again))
    preflight = inspect_pair(StereoPair(image, again))
    assert statuses(preflight) == ALL_GOOD | {"Order": Status.UNKNOWN}
    assert preflight.suggestion == SearchRange(0, 16)


# Pairs of which everything is known: the right view is the left one moved by whole pixels and multiplied.


def texture(height: int, width: int) -> NDArray[np.uint8]:
    noise = np.random.default_rng(0).normal(size=(height, width, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 1.5)
    return np.clip(128 + 40 * smooth / smooth.std(), 0, 255).astype(np.uint8)


def moved_pair(disparity: int, lower: int = 0, gain: float = 1.0, height: int = 240, width: int = 480) -> StereoPair:
    """What the left view has at (x, y) the right one has at (x - disparity, y + lower)."""
    rim = 64
    scene = texture(height + 2 * rim, width + 2 * rim)
    left = scene[rim : rim + height, rim : rim + width]
    right = scene[rim - lower : rim - lower + height, rim + disparity : rim + disparity + width]
    return StereoPair(left, np.rint(gain * right).astype(np.uint8))


def find(preflight: Preflight, subject: str) -> Finding:
    return next(finding for finding in preflight.findings if finding.subject == subject)


def statuses(preflight: Preflight) -> dict[str, Status]:
    return {finding.subject: finding.status for finding in preflight.findings}


def test_a_pair_that_is_as_it_should_be() -> None:
    preflight = inspect_pair(moved_pair(24))
    assert statuses(preflight) == ALL_GOOD
    assert find(preflight, "Rows").text.startswith("Rows agree within 0.0 px (")
    assert "100 % of" in find(preflight, "Order").text
    assert find(preflight, "Exposure").text == "The right view is 1.00 times as bright as the left."
    assert preflight.disparities == pytest.approx((24, 24), abs=0.1)
    assert preflight.suggestion == SearchRange(17, 16)


def test_one_picture_twice() -> None:
    left = moved_pair(24).left
    preflight = inspect_pair(StereoPair(left, left))
    assert statuses(preflight) == {"Views": Status.BAD}
    assert (preflight.suggestion, len(preflight.row_gap)) == (None, 0)


def test_rows_are_warned_of_only_where_they_differ() -> None:
    assert "3.0 px lower" in row_warning(moved_pair(24, 3))
    assert row_warning(moved_pair(24)) == ""
    flat = np.full((240, 480, 3), 99, np.uint8)
    assert row_warning(StereoPair(flat, flat)) == ""  # nothing can be said


@pytest.mark.parametrize(("lower", "words"), [(3, "3.0 px lower"), (-2, "2.0 px higher"), (9, "9.0 px lower")])
@pytest.mark.parametrize("width", [480, 1600])  # the second is judged on a copy of half the size
def test_rows_that_differ(lower: int, words: str, width: int) -> None:
    preflight = inspect_pair(moved_pair(24, lower, width=width))
    assert statuses(preflight) == ALL_GOOD | {"Rows": Status.BAD}
    assert words in find(preflight, "Rows").text
    assert np.median(preflight.row_gap) == pytest.approx(lower, abs=0.04)


def test_rows_that_differ_by_less_than_a_pixel() -> None:
    """Half the size halves the gap of one row; area averaging by two keeps it exact."""
    double = moved_pair(24, lower=1, height=480, width=960)
    left, right = (
        cv2.resize(view, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for view in (double.left, double.right)
    )
    preflight = inspect_pair(StereoPair(left.astype(np.uint8), right.astype(np.uint8)))
    assert find(preflight, "Rows").text.startswith("Rows agree within 0.5 px (")


def test_a_turned_view_is_not_called_shifted() -> None:
    pair = moved_pair(24)
    turn = cv2.getRotationMatrix2D((240, 120), 1.5, 1.0)
    turned = np.asarray(cv2.warpAffine(pair.right, turn, (480, 240), borderMode=cv2.BORDER_REFLECT), np.uint8)
    rows = find(inspect_pair(StereoPair(pair.left, turned)), "Rows")
    assert rows.status is Status.BAD
    assert "some up and some down" in rows.text


@pytest.mark.parametrize(
    ("gain", "status", "words"),
    [(0.5, Status.BAD, "0.50 times"), (0.8, Status.GOOD, "0.80 times"), (0.65, Status.BAD, "0.65 times")],
)
def test_exposure(gain: float, status: Status, words: str) -> None:
    preflight = inspect_pair(moved_pair(24, gain=gain))
    assert statuses(preflight) == ALL_GOOD | {"Exposure": status}
    assert words in find(preflight, "Exposure").text


def test_a_brighter_right_view() -> None:
    pair = moved_pair(-24, gain=0.5)
    preflight = inspect_pair(StereoPair(pair.right, pair.left))
    assert statuses(preflight) == ALL_GOOD | {"Exposure": Status.BAD}
    assert "2.00 times" in find(preflight, "Exposure").text


def test_swapped_views() -> None:
    preflight = inspect_pair(moved_pair(-24))
    assert statuses(preflight) == ALL_GOOD | {"Order": Status.BAD}
    assert find(preflight, "Order").text.startswith("The views look swapped: 100 % of ")
    assert preflight.suggestion == SearchRange(-31, 16)  # for cameras that look inwards after all


def inward_pair() -> StereoPair:
    """A ground below and a distance above, seen by cameras that look inwards: all disparities are negative."""
    bands = [moved_pair(disparity, height=80) for disparity in (-44, -38, -33)]
    left, right = (np.vstack([getattr(band, side) for band in bands]) for side in ("left", "right"))
    return StereoPair(left, right)


def test_cameras_that_look_inwards_to_the_end_get_a_range_below_zero_and_are_matched() -> None:
    pair = inward_pair()
    preflight = inspect_pair(pair)
    assert statuses(preflight) == ALL_GOOD | {"Order": Status.COSTLY}
    assert "the cameras look inwards" in find(preflight, "Order").text
    assert not preflight.swapped
    search = preflight.suggestion
    assert search is not None
    assert search.min_disparity <= -44
    assert -33 <= search.min_disparity + search.num_disparities - 1 < 0
    settings = SgbmSettings(min_disparity=search.min_disparity, num_disparities=search.num_disparities)
    found = match(pair, settings).disparity
    assert found.valid.mean() > 0.6
    for band, disparity in enumerate((-44, -38, -33)):
        assert np.nanmedian(found.values[80 * band + 20 : 80 * band + 60]) == pytest.approx(disparity, abs=0.5)


def test_inward_views_that_are_swapped_have_no_negative_disparities() -> None:
    pair = inward_pair()
    assert find(inspect_pair(StereoPair(pair.right, pair.left)), "Order").status is Status.GOOD


def test_cameras_that_look_inwards_get_a_negative_range() -> None:
    near, far = moved_pair(20), moved_pair(-30)
    halves = [np.vstack([getattr(far, side), getattr(near, side)]) for side in ("left", "right")]
    preflight = inspect_pair(StereoPair(halves[0], halves[1]))
    assert statuses(preflight) == ALL_GOOD
    assert preflight.disparities == pytest.approx((-30, 20), abs=0.5)  # the dense match is of a copy
    assert preflight.suggestion == SearchRange(-36, 64)  # margin 3.5: -34..24, 59 candidates, 5 to spare, 2 of them below


@pytest.mark.parametrize("kind", ["flat", "slope", "unrelated", "unrelated streets"])
def test_where_nothing_can_be_said_nothing_is_said(kind: str) -> None:
    def views() -> tuple[RgbImage, RgbImage]:
        if kind == "unrelated":
            return load_photo(PAIRS[0].left).pixels, load_photo(PAIRS[1].right).pixels
        if kind == "unrelated streets":
            first, second = list_examples()
            return load_photo(first.left).pixels, load_photo(second.right).pixels
        row = np.full(300, 90) if kind == "flat" else np.linspace(40, 200, 300)
        image = np.broadcast_to(row[np.newaxis, :, np.newaxis], (200, 300, 3)).astype(np.uint8)
        return image, image + np.uint8(1)

    preflight = inspect_pair(StereoPair(*views()))
    assert statuses(preflight) == {"Matches": Status.UNKNOWN}
    assert preflight.disparities is None
    assert preflight.suggestion is None


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (24, 24, SearchRange(17, 16)),  # margin 1: 23..25, 13 to spare, 6 of them below
        (8.8, 29, SearchRange(4, 32)),  # margin 2.01: 6..32, 27 candidates, 5 to spare, 2 of them below
        (0, 148.5, SearchRange(0, 160)),  # margin 8.4, but nothing below 0: 0..157
        (0, 0, SearchRange(0, 16)),
        (-40, 10, SearchRange(-46, 64)),  # margin 3.5: -44..14, 59 candidates, 5 to spare, 2 of them below
    ],
)
def test_suggested_ranges(low: float, high: float, expected: SearchRange) -> None:
    assert suggest_range(low, high) == expected


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        (SgbmSettings(), Status.GOOD),
        (SgbmSettings(min_disparity=10, num_disparities=32), Status.GOOD),
        (SgbmSettings(min_disparity=11, num_disparities=64), Status.BAD),
        (SgbmSettings(num_disparities=32), Status.BAD),
    ],
)
def test_settings_that_miss_disparities(settings: SgbmSettings, status: Status) -> None:
    finding = check_range((10.0, 40.0), settings, 2000)
    assert finding.status is status
    assert finding.text.startswith("The scene's disparities are 10 to 40 px")


LOOKED_FOR = "The settings look for 0 to 127 px"


@pytest.mark.parametrize(
    ("width", "low", "text"),
    [
        (
            711,
            12.0,
            ". The settings look for 0 to 127 px, which loses 18 % of the picture at its edges; 7 to 54 px loses about 8 %.",
        ),
        (1281, 12.0, "; the settings look for 0 to 127 px."),  # which loses 9.99 %
        (711, -12.0, ", but the settings look for 0 to 127 px."),
    ],
)
def test_settings_that_cost_a_tenth_of_the_picture(width: int, low: float, text: str) -> None:
    finding = check_range((low, 49.0), SgbmSettings(), width)
    assert finding.text == f"The scene's disparities are {low:.0f} to 49 px{text}"
    assert (finding.status is Status.COSTLY) == ("loses" in text)


def test_what_hardly_saves_is_not_offered() -> None:
    """Nearly all of the range is needed: 0 to 111 px instead of 0 to 127 px would save 1.6 % of 1000 columns."""
    assert check_range((1.0, 100.0), SgbmSettings(), 1000).status is Status.GOOD


def test_size() -> None:
    """4 bytes x 480 x 360 pixels x 128 disparities x 2 directions = 0.165 GiB."""
    fits = check_size((360, 480), SgbmSettings("HH"))
    assert (fits.status, fits.text) == (
        Status.GOOD,
        "480x360 pixels can be matched with these settings; HH takes 0.2 GiB.",
    )
    assert "wider than the image (100 px)" in check_size((100, 100), SgbmSettings()).text
    too_large = check_size((4000, 6000), SgbmSettings("HH"))
    assert too_large.status is Status.BAD
    assert "use SGBM_3WAY" in too_large.text


# Real pairs.


@each_pair
def test_no_false_alarm_and_the_truth_is_in_the_suggested_range(sample: Sample) -> None:
    """At most 1.6 times the shortest range that OpenCV takes and that holds the inner 98 % of the truth."""
    pair = sample.load()
    preflight = inspect_pair(pair)
    assert statuses(preflight) == ALL_GOOD
    assert pair.ground_truth is not None
    truth = pair.ground_truth
    values = truth.values[truth.valid]
    assert preflight.suggestion is not None
    first, count = preflight.suggestion.min_disparity, preflight.suggestion.num_disparities
    inside = (first <= values) & (values <= first + count - 1)
    low, high = np.percentile(values, (1, 99))
    needed = 16 * np.ceil((high - low + 1) / 16)
    print(
        f"{sample.name}: truth {values.min():.1f} to {values.max():.1f} px, suggested {preflight.suggestion}, "
        f"{inside.mean():.2%} inside, {count / needed:.2f} times as wide as needed"
    )
    assert inside.mean() >= 0.98
    assert count <= 1.6 * needed


@each_pair
def test_what_is_done_to_a_real_pair_is_found(sample: Sample) -> None:
    pair = sample.load()
    swapped = inspect_pair(StereoPair(pair.right, pair.left))
    assert statuses(swapped) == ALL_GOOD | {"Order": Status.BAD}
    lowered = inspect_pair(StereoPair(pair.left, np.roll(pair.right, 3, axis=0)))
    assert statuses(lowered) == ALL_GOOD | {"Rows": Status.BAD}
    assert "px lower in the right view" in find(lowered, "Rows").text
    darkened = inspect_pair(StereoPair(pair.left, pair.right // 2))
    assert statuses(darkened) == ALL_GOOD | {"Exposure": Status.BAD}


def test_a_match_rules_out_an_exchange_only_where_most_pixels_have_a_disparity() -> None:
    """400 columns: a pixel of the small copy is a pixel. Half of the reachable columns, 16 to 399, are 192."""
    settings = SgbmSettings(num_disparities=16)
    values = np.full((10, 400), np.nan, np.float32)
    values[:, 16 : 16 + 192] = 1
    assert clearly_in_order(disparity_map(values), settings)
    values[0, 16] = 0.5
    assert not clearly_in_order(disparity_map(values), settings)
