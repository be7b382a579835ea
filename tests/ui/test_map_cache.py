"""What is kept, what goes first, and that nothing stays for longer than promised."""

from __future__ import annotations

import subprocess
import sys
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest

from depth_demo.geometry import DepthMap
from depth_demo.ui.map_cache import MapCache
from tests.conftest import disparity_map

MAP = disparity_map(np.ones((10, 10)))  # 400 bytes
SERVER = """
import threading
from functools import partial
from gradio.routes import App
from starlette.testclient import TestClient
from depth_demo.serving import blocks
from depth_demo.ui.estimating import Estimating
from depth_demo.ui.page import build_demo
from tests.ui.test_map_cache import Clock, MapCache, watched_map

clock, gone = Clock(), threading.Event()
cache = MapCache(800, 60, clock)
cache.put("a", watched_map(gone), 1.0)
blocks.SWEEP_S = blocks.CLEANING_S = 0.01
demo = build_demo(Estimating(maps=cache))
app = App.create_app(demo, app_kwargs={"lifespan": partial(demo.guarded, max_upload_bytes=10**6)})
with TestClient(app):
    assert cache.get("a")
    clock.now = 60
    assert gone.wait(20)
"""


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


def watched_map(gone: threading.Event) -> DepthMap:
    """A map that tells when its memory is free."""
    depth_map = disparity_map(np.ones((10, 10)))
    weakref.finalize(depth_map.values, gone.set)
    return depth_map


def test_expiring_frees_old_maps_and_no_others(clock: Clock) -> None:
    cache, old, new = MapCache(800, 60, clock), threading.Event(), threading.Event()
    cache.put("old", watched_map(old), 1.0)
    clock.now = 30
    cache.put("new", watched_map(new), 1.0)
    for now, freed in ((59, (False, False)), (60, (True, False)), (90, (True, True))):
        clock.now = now
        cache.expire()
        assert (old.is_set(), new.is_set()) == freed


def test_the_server_frees_maps_that_nobody_asks_for() -> None:
    """In a fresh process, because building a page in this one would leave Gradio's event loops open."""
    subprocess.run([sys.executable, "-c", SERVER], cwd=Path(__file__).parents[2], check=True, timeout=60)


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
    assert sum(cache.get(number) is not None for number in range(7)) == 4
