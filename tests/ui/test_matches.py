"""A pair is matched once with the same settings, whoever asks, and the examples before anybody does."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from depth_demo.comparison.results import Match
from depth_demo.geometry import StereoPair
from depth_demo.pipeline import match
from depth_demo.stereo.matched import MatchedViews
from depth_demo.stereo.matcher import MATCHERS, OPENCV
from depth_demo.stereo.preflight import inspect_pair
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.map_cache import MapCache
from depth_demo.ui.matches import KeptChecks, KeptMatch, Matches
from depth_demo.ui.shared import Shared
from depth_demo.ui.tabs.stereo import StereoTab
from tests.conftest import PAIRS
from tests.support.layout import laid_out

SETTINGS = SgbmSettings(num_disparities=64)
TIMEOUT_S = 60.0


@dataclass
class Runs:
    """What a matcher was asked, and a gate before one kind of request."""

    asked: list[SgbmSettings] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)
    held: SgbmSettings | None = None

    def match(self, pair: StereoPair, settings: SgbmSettings) -> MatchedViews[SgbmSettings]:
        self.asked.append(settings)
        if settings == self.held:
            self.begun.set()
            assert self.gate.wait(TIMEOUT_S)
        return OPENCV.match(pair, settings)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    watched = Runs()
    monkeypatch.setitem(MATCHERS, OPENCV.name, replace(OPENCV, match=watched.match))
    return watched


@pytest.fixture
def matches() -> Matches:
    return Matches(MapCache[KeptMatch | KeptChecks](2**26, 60))


@pytest.fixture(scope="module")
def pair() -> StereoPair:
    return PAIRS[0].load()


def assert_same(found: Match, expected: Match) -> None:
    for name in ("raw", "disparity"):
        np.testing.assert_array_equal(getattr(found, name).values, getattr(expected, name).values)
    np.testing.assert_array_equal(found.left_right_diff, expected.left_right_diff)
    for name in ("settings", "matcher", "warning", "remark", "description", "hole_value"):
        assert getattr(found, name) == getattr(expected, name)


def test_the_same_pair_and_settings_are_matched_once(runs: Runs, matches: Matches, pair: StereoPair) -> None:
    first = matches.match(pair, SETTINGS)
    copied = StereoPair(pair.left.copy(), pair.right.copy())  # without a camera
    again = matches.match(copied, SgbmSettings(num_disparities=64))
    assert runs.asked == [SETTINGS]
    assert_same(again, match(pair, SETTINGS))
    assert (first.cached, again.cached) == (False, True)
    assert first.took == f"{first.seconds:.2f} s"
    assert again.took == f"from the cache, computed in {first.seconds:.2f} s"
    assert again.pair is copied
    assert again.depth is None
    assert first.depth is not None


def test_whatever_else_is_matched(runs: Runs, matches: Matches, pair: StereoPair) -> None:
    changed = pair.right.copy()
    changed[50, 60, 1] ^= 1
    cases: list[tuple[StereoPair, SgbmSettings]] = [
        (pair, SETTINGS),
        (StereoPair(pair.left, changed), SETTINGS),
        (StereoPair(pair.left[::-1].copy(), pair.right[::-1].copy()), SETTINGS),
        (pair, replace(SETTINGS, uniqueness_ratio=5)),
    ]
    assert not any(matches.match(*case).cached for case in cases)
    assert all(matches.match(*case).cached for case in cases)
    assert len(runs.asked) == len(cases)


def test_who_asks_for_what_is_under_way_waits_for_it_and_nobody_else_does(
    runs: Runs, matches: Matches, pair: StereoPair
) -> None:
    runs.held = SETTINGS
    with ThreadPoolExecutor(2) as threads:
        try:
            both = [threads.submit(matches.match, pair, SETTINGS) for _ in range(2)]
            assert runs.begun.wait(TIMEOUT_S)
            assert not matches.match(pair, replace(SETTINGS, uniqueness_ratio=5)).cached
        finally:
            runs.gate.set()
        assert sorted(job.result(TIMEOUT_S).cached for job in both) == [False, True]
    assert runs.asked.count(SETTINGS) == 1


def test_a_pair_is_checked_once_whatever_the_settings(matches: Matches, pair: StereoPair) -> None:
    first = matches.inspect(pair)
    assert first.suggestion == inspect_pair(pair).suggestion
    assert matches.inspect(StereoPair(pair.left.copy(), pair.right.copy())) is first
    assert matches.inspect(StereoPair(pair.right, pair.left)) is not first


def test_a_refusal_is_no_result(runs: Runs, matches: Matches, pair: StereoPair) -> None:
    swapped = StereoPair(pair.right, pair.left)
    for _ in range(2):
        with pytest.raises(ValueError, match="swap"):
            matches.match(swapped, SETTINGS)
    assert matches.match(pair, SETTINGS).coverage > 50
    assert len(runs.asked) == 3


def test_a_click_on_an_example_finds_it_matched(runs: Runs, matches: Matches) -> None:
    """The page's form gives the very settings that were used in advance."""
    for _ in range(2):
        matches.match_in_advance(PAIRS)
    in_advance = len(runs.asked)
    assert in_advance == len(PAIRS)
    tab = laid_out(lambda: StereoTab(PAIRS, Shared(matches=matches)))
    example: Any = PAIRS[0]
    on_match: Any = tab.on_match
    summary = on_match(str(example.left), str(example.right), num_disparities=example.num_disparities)[-1]
    assert "from the cache, computed in" in summary
    assert len(runs.asked) == in_advance
