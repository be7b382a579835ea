"""Which check removed a disparity: every one of them alone."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from depth_demo.geometry import StereoPair
from depth_demo.stereo.matching import match_views
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.stereo.why.rejection import ANY_FILTER, SWITCHED_OFF, why_missing
from tests.support import patches


def reasons(pair: StereoPair, settings: SgbmSettings, pixels: list[tuple[int, int]]) -> set[str]:
    found = match_views(pair, settings)
    return {why_missing(found, x, y).check for x, y in pixels}


def plane() -> StereoPair:
    random = np.random.default_rng(1)
    return patches.scene(random, patches.texture(random), 12, noise=8)[0]


def test_a_wall_without_any_variation() -> None:
    grey = np.full((patches.HEIGHT, patches.WIDTH, 3), 90, np.uint8)
    settings = dataclasses.replace(patches.SETTINGS, uniqueness_ratio=0)
    assert reasons(StereoPair(grey, grey), settings, [(100, 20)]) == {"texture"}


def test_uniqueness_alone() -> None:
    pair = plane()
    settings = dataclasses.replace(patches.UNFILTERED, uniqueness_ratio=99)
    missing = ~match_views(pair, settings).disparity.valid
    missing[:, :48] = False
    pixels = [(int(x), int(y)) for y, x in np.argwhere(missing)[::400]]
    assert pixels
    assert reasons(pair, settings, pixels) == {"uniqueness"}


def test_the_speckle_filter_alone() -> None:
    random = np.random.default_rng(2)
    near = 30, slice(10, 30), slice(100, 120)
    pair, _ = patches.scene(random, patches.texture(random), 5, near)
    settings = dataclasses.replace(patches.UNFILTERED, speckle_window_size=900, speckle_range=2)
    assert reasons(pair, settings, [(110, 20)]) == {"speckle filter"}


@pytest.mark.parametrize(
    ("check", "reason"),
    [({"left_right_max_diff": 1}, "left-right check"), ({"disp12_max_diff": 1}, "left-right check of OpenCV")],
)
def test_the_left_right_checks_alone(check: dict[str, int], reason: str) -> None:
    random = np.random.default_rng(2)
    near = 30, slice(0, patches.HEIGHT), slice(100, 140)
    pair, truth = patches.scene(random, patches.texture(random), 5, near)
    settings = dataclasses.replace(patches.UNFILTERED, **check)  # type: ignore[arg-type]
    missing = ~match_views(pair, settings).disparity.valid
    hidden = np.zeros(truth.shape, bool)
    hidden[8:-8, 80:95] = True  # beside the near surface, which covers the 25 columns before it
    pixels = [(int(x), int(y)) for y, x in np.argwhere(missing & hidden)[::40]]
    assert pixels
    assert reasons(pair, settings, pixels) == {reason}


def test_the_widest_window_at_every_border() -> None:
    random = np.random.default_rng(6)
    left, right = random.integers(0, 256, (2, 120, 200, 3), dtype=np.uint8)  # which have nothing in common
    settings = SgbmSettings(mode="BM", num_disparities=32, block_size=51, min_disparity=-16)
    found = match_views(StereoPair(left, right), settings)
    nothing = dataclasses.replace(found.raw, values=np.full(found.raw.shape, np.nan, np.float32))
    found = dataclasses.replace(found, raw=nothing, disparity=nothing)
    for x, y in ((16, 0), (16, 119), (183, 0), (183, 119)):
        assert why_missing(found, x, y) in {ANY_FILTER, *(rejection for rejection, _ in SWITCHED_OFF)}
