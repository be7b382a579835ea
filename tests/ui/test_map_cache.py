"""What is kept, what goes first, and that nothing stays for longer than promised."""

from __future__ import annotations

import subprocess
import sys
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest

from depth_demo.ui.estimates import KeptMap
from depth_demo.ui.map_cache import MapCache
from tests.conftest import disparity_map

MAP = KeptMap(disparity_map(np.ones((10, 10))), 1.5)  # 400 bytes
SERVER = """
import threading
from functools import partial
from gradio.routes import App
from starlette.testclient import TestClient
from depth_demo.serving import blocks
from depth_demo.serving.clients import Proxies
from depth_demo.ui.shared import Shared
from depth_demo.ui.page import build_demo
from tests.ui.test_map_cache import Clock, KeptMap, MapCache, watched_map

clock, gone = Clock(), threading.Event()
cache = MapCache[KeptMap](800, 60, clock)
cache.put("a", watched_map(gone))
blocks.SWEEP_S = blocks.CLEANING_S = 0.01
demo = build_demo(Shared(maps=cache))
app = App.create_app(demo, app_kwargs={"lifespan": partial(demo.guarded, max_upload_bytes=10**6, proxies=Proxies())})
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


def kept(cache: MapCache[KeptMap], keys: str) -> str:
    return "".join(key for key in keys if cache.get(key))


def test_a_map_comes_back(clock: Clock) -> None:
    cache = MapCache[KeptMap](400, 60, clock)
    assert cache.get("a") is None
    cache.put("a", MAP)
    assert cache.get("a") is MAP


def test_the_least_recently_used_goes(clock: Clock) -> None:
    cache = MapCache[KeptMap](1200, 60, clock)
    for key in "abc":
        cache.put(key, MAP)
    assert cache.get("a")
    cache.put("d", MAP)
    assert kept(cache, "abcd") == "acd"
    cache.put("e", KeptMap(disparity_map(np.ones((10, 20))), 1.0))  # takes the room of two
    assert kept(cache, "acde") == "de"


def test_the_same_again_takes_no_more_room(clock: Clock) -> None:
    cache = MapCache[KeptMap](800, 60, clock)
    for key in "abbb":
        cache.put(key, MAP)
    assert kept(cache, "ab") == "ab"


def test_a_map_that_is_too_large_is_not_kept_and_drives_nothing_out(clock: Clock) -> None:
    cache = MapCache[KeptMap](400, 60, clock)
    cache.put("a", MAP)
    cache.put("b", KeptMap(disparity_map(np.ones((10, 11))), 1.0))
    assert kept(cache, "ab") == "a"


def test_a_map_goes_when_its_time_is_over_used_or_not(clock: Clock) -> None:
    cache = MapCache[KeptMap](800, 60, clock)
    cache.put("a", MAP)
    clock.now = 30
    cache.put("b", MAP)
    assert kept(cache, "ab") == "ab"
    clock.now = 60
    assert kept(cache, "ab") == "b"


def watched_map(gone: threading.Event) -> KeptMap:
    """A map that tells when its memory is free."""
    depth_map = disparity_map(np.ones((10, 10)))
    weakref.finalize(depth_map.values, gone.set)
    return KeptMap(depth_map, 1.0)


def test_expiring_frees_old_maps_and_no_others(clock: Clock) -> None:
    cache, old, new = MapCache[KeptMap](800, 60, clock), threading.Event(), threading.Event()
    cache.put("old", watched_map(old))
    clock.now = 30
    cache.put("new", watched_map(new))
    for now, freed in ((59, (False, False)), (60, (True, False)), (90, (True, True))):
        clock.now = now
        cache.expire()
        assert (old.is_set(), new.is_set()) == freed


def test_the_server_frees_maps_that_nobody_asks_for() -> None:
    """In a fresh process, because building a page in this one would leave Gradio's event loops open."""
    subprocess.run([sys.executable, "-c", SERVER], cwd=Path(__file__).parents[2], check=True, timeout=60)


def test_threads_may_share_it(clock: Clock) -> None:
    cache = MapCache[KeptMap](4 * MAP.nbytes, 60, clock)

    def use(offset: int) -> None:
        for number in range(500):
            cache.put((number + offset) % 7, MAP)
            cache.get(number % 5)

    threads = [threading.Thread(target=use, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(cache.get(number) is not None for number in range(7)) == 4
