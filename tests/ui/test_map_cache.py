"""What is kept, what goes first, and that nothing stays for longer than promised."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from depth_demo.ui.map_cache import MapCache
from tests.conftest import disparity_map

MAP = disparity_map(np.ones((10, 10)))  # 400 bytes


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def kept(cache: MapCache, keys: str) -> str:
    return "".join(key for key in keys if cache.get(key))


def test_a_map_comes_back_with_its_seconds(clock: Clock) -> None:
    cache = MapCache(400, 60, clock)
    assert cache.get("a") is None
    cache.put("a", MAP, 1.5)
    found = cache.get("a")
    assert found is not None
    assert found[0] is MAP
    assert found[1] == 1.5


def test_the_least_recently_used_goes(clock: Clock) -> None:
    cache = MapCache(1200, 60, clock)
    for key in "abc":
        cache.put(key, MAP, 1.0)
    assert cache.get("a")
    cache.put("d", MAP, 1.0)
    assert kept(cache, "abcd") == "acd"
    cache.put("e", disparity_map(np.ones((10, 20))), 1.0)  # takes the room of two
    assert kept(cache, "acde") == "de"


def test_the_same_again_takes_no_more_room(clock: Clock) -> None:
    cache = MapCache(800, 60, clock)
    for key in "abbb":
        cache.put(key, MAP, 1.0)
    assert kept(cache, "ab") == "ab"


def test_a_map_that_is_too_large_is_not_kept_and_drives_nothing_out(clock: Clock) -> None:
    cache = MapCache(400, 60, clock)
    cache.put("a", MAP, 1.0)
    cache.put("b", disparity_map(np.ones((10, 11))), 1.0)
    assert kept(cache, "ab") == "a"


def test_a_map_goes_when_its_time_is_over_used_or_not(clock: Clock) -> None:
    cache = MapCache(800, 60, clock)
    cache.put("a", MAP, 1.0)
    clock.now = 30
    cache.put("b", MAP, 1.0)
    assert kept(cache, "ab") == "ab"
    clock.now = 60
    assert kept(cache, "ab") == "b"


def test_maps_that_nobody_asks_for_go_by_themselves(clock: Clock) -> None:
    cache = MapCache(800, 0, clock)
    cache.put("a", MAP, 1.0)
    cleaning = cache._cleaning
    if cleaning is not None:  # else it is done already
        cleaning.join()
    assert not cache._maps


def test_cleaning_goes_on_while_there_are_maps(clock: Clock) -> None:
    cache = MapCache(800, 60, clock)
    cache.put("a", MAP, 1.0)
    clock.now = 30
    cache.put("b", MAP, 1.0)
    first = cache._cleaning
    assert first is not None
    assert first.interval == 60
    assert first.daemon
    first.cancel()
    clock.now = 60
    cache._clean()
    assert list(cache._maps) == ["b"]
    second = cache._cleaning
    assert second is not None
    assert second.interval == 30
    second.cancel()


def test_threads_may_share_it(clock: Clock) -> None:
    cache = MapCache(4 * MAP.values.nbytes, 60, clock)

    def use(offset: int) -> None:
        for number in range(500):
            cache.put((number + offset) % 7, MAP, 1.0)
            cache.get(number % 5)

    threads = [threading.Thread(target=use, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cache._maps) == 4
