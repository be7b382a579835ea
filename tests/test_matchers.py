"""Every matcher can be matched with, compared, probed, checked before it runs, and drawn as a form."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from depth_demo.comparison.probe import probe
from depth_demo.comparison.results import Match
from depth_demo.geometry import DepthKind, DepthMap, StereoPair
from depth_demo.pipeline import compare, match
from depth_demo.render.probe_cells import render_cells
from depth_demo.stereo.controls import controls
from depth_demo.stereo.matched import UNSEARCHED, UNTOLD, MatcherSettings
from depth_demo.stereo.matcher import MATCHERS, OPENCV, Matcher, matcher_of
from depth_demo.stereo.preflight import Status, check_range, check_size
from depth_demo.ui.matcher_form import form_names, matcher_inputs, range_fields, settings_from, with_settings
from tests.conftest import PAIRS, stereo_of
from tests.stereo.toy_matcher import TOY
from tests.support.layout import laid_out

TRIED: tuple[Matcher[Any], ...] = (OPENCV, TOY)


@pytest.fixture(params=TRIED, ids=lambda matcher: matcher.name)
def matcher(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Matcher[Any]:
    """The matcher, which can be chosen beside the app's own."""
    tried: Matcher[Any] = request.param
    monkeypatch.setitem(MATCHERS, tried.name, tried)
    return tried


@pytest.fixture(scope="module")
def pair() -> StereoPair:
    return PAIRS[0].load()


def settings_of(matcher: Matcher[Any]) -> MatcherSettings:
    """The defaults over the range of the pair."""
    settings: MatcherSettings = replace(matcher.settings_type(), num_disparities=64)
    return settings


def probed_hole(matched: Match) -> tuple[int, int]:
    y, x = np.argwhere(~matched.disparity.valid & ~matched.unsearched)[0]
    return int(x), int(y)


def test_it_matches_exact_planes_and_says_what_it_did(matcher: Matcher[Any], pair: StereoPair) -> None:
    result = match(pair, settings_of(matcher))
    assert result.matcher is matcher
    assert pair.ground_truth is not None
    error = np.abs(result.disparity.values - pair.ground_truth.values)[result.disparity.valid]
    assert np.mean(error > 3) < 0.02
    assert result.coverage > 70
    assert result.description == f"{result.settings.method} on 480x360 pixels, 0 to 63 px"
    assert result.unsearched.shape == result.disparity.shape
    assert not result.disparity.valid[result.unsearched].any()
    assert not (result.disparity.valid & ~result.raw.valid).any()
    assert isinstance(result.hole_value, float)


def test_it_can_be_compared_and_probed(matcher: Matcher[Any], pair: StereoPair) -> None:
    assert pair.ground_truth is not None
    bent = DepthMap(pair.ground_truth.values**0.9, DepthKind.RELATIVE_INVERSE_DEPTH)
    comparison = compare(pair, lambda image: bent, settings_of(matcher))
    scores = stereo_of(comparison).fair
    assert scores.errors is not None
    assert scores.errors.bad_3 < 2
    written = comparison.as_written["stereo"].disparity
    assert written is not None
    assert written.ssim > 0
    x, y = probed_hole(comparison.matched)
    found = probe(comparison, x, y)
    assert found.missing not in {None, UNSEARCHED}
    assert (found.missing == UNTOLD) == (matcher.why_missing is None)
    assert f"none: {'' if matcher.why_missing else UNTOLD.because}" in render_cells(found)
    assert found.costs.disparities == range(64)


def test_its_range_and_size_are_checked_before(matcher: Matcher[Any]) -> None:
    settings = settings_of(matcher)
    assert check_range((5.0, 60.0), settings, 1000).status is Status.GOOD
    assert check_range((5.0, 70.0), settings, 1000).status is Status.BAD
    fits = check_size((360, 480), settings)
    assert fits.status is Status.GOOD
    assert " takes " in fits.text
    assert check_size((360, 40), settings).status is Status.BAD


def test_its_settings_describe_and_check_themselves(matcher: Matcher[Any]) -> None:
    settings = matcher.settings_type()
    for name, control in controls(matcher.settings_type).items():
        assert control.info.endswith(".")
        assert control.accept(name, getattr(settings, name)) == getattr(settings, name)
        for value in (None, "abc", float("nan"), control.high + 1, control.low - 1):
            with pytest.raises(ValueError, match=f"{name} must be"):
                replace(settings, **{name: value})


def test_its_form_makes_its_settings(matcher: Matcher[Any]) -> None:
    inputs = laid_out(matcher_inputs)
    values = {name: getattr(field, "value", None) for name, field in zip(form_names(), inputs.all, strict=True)}
    if inputs.more:
        values["matcher"] = matcher.name
    assert settings_from(list(values.values())) == matcher.settings_type()
    titles = {field.label for field in inputs.all}
    assert {control.title for control in controls(matcher.settings_type).values()} <= titles
    assert len(range_fields(inputs)) == 2 * len(MATCHERS)


def test_its_fields_come_last_in_the_endpoints(matcher: Matcher[Any]) -> None:
    @with_settings
    def handler(left: str, settings: MatcherSettings, detail: str = "fine", progress: object = None) -> MatcherSettings:
        return settings

    names, own = list(inspect.signature(handler).parameters), len(controls(OPENCV.settings_type))
    assert names == ["left", *form_names()[:own], "detail", *form_names()[own:], "progress"]
    chosen = {} if matcher is OPENCV else {"matcher": matcher.name}
    defaults = [getattr(OPENCV.settings_type(), name) for name in form_names()[:own]]
    assert handler("left.png", *defaults, **chosen) == matcher.settings_type()


def test_settings_of_no_matcher_are_refused(pair: StereoPair) -> None:
    @dataclass(frozen=True, slots=True)
    class Unknown(OPENCV.settings_type):  # type: ignore[misc, name-defined]
        pass

    with pytest.raises(ValueError, match="one of these types: SgbmSettings, not Unknown"):
        matcher_of(Unknown())
