"""Matches for the page: what was matched before is not matched again, and the examples are matched in advance."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from depth_demo import pipeline
from depth_demo.comparison.results import Match
from depth_demo.examples import Example
from depth_demo.geometry import DepthMap, Mask, RgbImage, StereoPair
from depth_demo.stereo.matched import MatcherSettings
from depth_demo.stereo.matcher import default_matcher
from depth_demo.stereo.preflight import Preflight, inspect_pair
from depth_demo.ui.map_cache import MapCache


@dataclass(frozen=True, slots=True, eq=False)
class KeptMatch:
    """A match without its views; the attributes are those of `Match`."""

    settings: MatcherSettings
    raw: DepthMap
    disparity: DepthMap
    left_right_diff: NDArray[np.float32] | None
    others: dict[str, Any]  # without maps

    @classmethod
    def of(cls, match: Match) -> KeptMatch:
        """Return what is kept of a match."""
        others = {name: getattr(match, name) for name in ("matcher", "seconds", "warning", "remark")}
        return cls(match.settings, match.raw, match.disparity, match.left_right_diff, others)

    @property
    def nbytes(self) -> int:
        """Return the size of the maps in bytes."""
        maps = [self.raw.values, self.disparity.values, self.left_right_diff]
        return sum(values.nbytes for values in maps if values is not None)

    def on(self, pair: StereoPair) -> Match:
        """Return the match of a pair with the same views."""
        return Match(
            pair=pair,
            settings=self.settings,
            raw=self.raw,
            disparity=self.disparity,
            left_right_diff=self.left_right_diff,
            cached=True,
            **self.others,
        )


@dataclass(frozen=True, slots=True, eq=False)
class KeptChecks:
    """What a pair itself says, whatever the settings."""

    preflight: Preflight

    @property
    def nbytes(self) -> int:
        """Return about how many bytes it takes."""
        return self.preflight.row_gap.nbytes + 1000


class Matches:
    """Checks and matches pairs, each only once while a cache holds what was found. Threads may share it.

    Args:
        cache: Holds matches.
    """

    def __init__(self, cache: MapCache[KeptMatch | KeptChecks]) -> None:
        self.cache = cache
        self._lock, self._is_due = threading.Lock(), True
        self._turns: WeakValueDictionary[Hashable, threading.Lock] = WeakValueDictionary()  # one for each pair under way

    def match(self, pair: StereoPair, settings: MatcherSettings) -> Match:
        """Return what `pipeline.match` does. Where the same is under way in another thread, wait for it.

        Raises:
            ValueError: As `pipeline.match`.
        """
        key = *_key(pair), settings
        with self._turn(key):
            if isinstance(kept := self.cache.get(key), KeptMatch):
                return kept.on(pair)
            match = pipeline.match(pair, settings)
            self.cache.put(key, KeptMatch.of(match))
            return match

    def inspect(self, pair: StereoPair) -> Preflight:
        """Return what `inspect_pair` does. Where the same is under way in another thread, wait for it."""
        key = *_key(pair), "checks"
        with self._turn(key):
            if isinstance(kept := self.cache.get(key), KeptChecks):
                return kept.preflight
            found = inspect_pair(pair)
            self.cache.put(key, KeptChecks(found))
            return found

    def match_in_advance(self, examples: Sequence[Example]) -> None:
        """Match and check examples as a click on them does. This happens once."""
        with self._lock:
            due, self._is_due = self._is_due, False
        for example in examples if due else ():
            with suppress(ValueError):  # a click on it will say why
                pair = example.load()
                self.match(pair, default_matcher().settings_type(num_disparities=example.num_disparities))
                self.inspect(pair)

    def _turn(self, key: Hashable) -> threading.Lock:
        with self._lock:
            return self._turns.setdefault(key, threading.Lock())


def _key(pair: StereoPair) -> tuple[Hashable, ...]:
    seen = tuple(_digest(mask) for mask in pair.seen or ())
    return _digest(pair.left), _digest(pair.right), pair.left.shape, *seen


def _digest(image: RgbImage | Mask) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=32).digest()
