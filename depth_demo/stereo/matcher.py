"""The stereo matchers to choose from. A new one is a file with its settings and functions, and a row in `MATCHERS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from depth_demo.geometry import Mask, StereoPair
from depth_demo.stereo.matched import MatchedViews, MatcherSettings, Rejection
from depth_demo.stereo.matching import hole_value, match_views, unmatchable_band
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.stereo.why.rejection import why_missing

S = TypeVar("S", bound=MatcherSettings)


@dataclass(frozen=True, slots=True)
class Matcher(Generic[S]):
    """One way to match a rectified pair.

    Attributes:
        name: For programs.
        title: For people.
        settings_type: Its settings; without arguments they are its defaults. No other matcher has the same type.
        match: Matches a pair; raises ValueError if the settings do not fit the size of its views.
        unsearchable: Returns (H, W) bool, the pixels of a left view of this shape that cannot be searched.
        hole_value: Returns what the matcher writes into a hole [px], for the *report* protocol.
        why_missing: Returns the check that removed the disparity of pixel (x, y), which was searched and is a hole. None for a
            matcher that cannot tell.
    """

    name: str
    title: str
    settings_type: type[S]
    match: Callable[[StereoPair, S], MatchedViews[S]]
    unsearchable: Callable[[tuple[int, int], S], Mask]
    hole_value: Callable[[S], float]
    why_missing: Callable[[MatchedViews[S], int, int], Rejection] | None = None


OPENCV = Matcher("opencv", "OpenCV: SGBM or BM", SgbmSettings, match_views, unmatchable_band, hole_value, why_missing)
MATCHERS: dict[str, Matcher[Any]] = {matcher.name: matcher for matcher in (OPENCV,)}  # the default first


def default_matcher() -> Matcher[Any]:
    """Return the first of `MATCHERS`."""
    return next(iter(MATCHERS.values()))


def matcher_of(settings: MatcherSettings) -> Matcher[Any]:
    """Return the matcher that these settings are for.

    Raises:
        ValueError: If there is none.
    """
    for matcher in MATCHERS.values():
        if type(settings) is matcher.settings_type:
            return matcher
    accepted = ", ".join(matcher.settings_type.__name__ for matcher in MATCHERS.values())
    raise ValueError(f"The settings must be of one of these types: {accepted}, not {type(settings).__name__}.")
