"""The cache of graphs under faults: always either a whole graph or none, and never an exception. No engine is needed."""

from __future__ import annotations

import errno
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from depth_demo.monocular.engines import graph_cache
from tests.support.faults import disk_full_after

SIZE = 50_000  # of a graph


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(graph_cache.CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def write(folder: Path) -> None:
    (folder / "graph.bin").write_bytes(bytes(SIZE))


def test_a_full_disk_keeps_nothing(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    with disk_full_after(SIZE // 2):
        graph_cache.keep(write, 1.5, "a")
    assert "cannot be kept" in caplog.text
    assert not list((cache / "graphs").iterdir())
    assert graph_cache.find("a") is None
    graph_cache.keep(write, 1.5, "a")
    assert graph_cache.find("a") is not None


def test_a_cache_that_can_only_be_read_is_read(
    cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Writing is made to fail here as on a read-only disk, because a folder's mode does not bind the superuser."""

    def refuse(path: Path) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    graph_cache.keep(write, 1.5, "a")
    monkeypatch.setattr(Path, "touch", refuse)
    with caplog.at_level(logging.WARNING):
        kept = graph_cache.find("a")
    assert kept is not None
    assert kept.speed == 1.5
    assert caplog.text == ""


def test_who_comes_second_with_the_same_graph_leaves_the_first_ones(caplog: pytest.LogCaptureFixture) -> None:
    """A process may be reading it."""
    graph_cache.keep(write, 1.5, "a")
    kept = graph_cache.find("a")
    assert kept is not None
    file = (kept.folder / "graph.bin").stat().st_ino
    graph_cache.keep(write, 1.4, "a")
    assert (kept.folder / "graph.bin").stat().st_ino == file
    assert caplog.text == ""


def test_several_at_once_find_whole_graphs_or_none(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four who keep and look up three graphs in a cache that has room for one."""
    monkeypatch.setattr(graph_cache, "MAX_BYTES", SIZE + 1000)

    def work(seed: int) -> None:
        for step in range(40):
            name = "abc"[(seed + step) % 3]
            if graph_cache.find(name) is None:
                graph_cache.keep(write, 1.5, name)

    with ThreadPoolExecutor(4) as workers:
        for done in [workers.submit(work, seed) for seed in range(4)]:
            done.result()
    graph_cache.keep(write, 1.5, "d")
    assert graph_cache.find("d") is not None
    assert len(list((cache / "graphs").iterdir())) == 1
