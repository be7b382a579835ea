"""The cache of graphs under faults: always either a whole graph or none, and never an exception. No engine is needed."""

from __future__ import annotations

import errno
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from depth_demo.caches import CACHE_VARIABLE
from depth_demo.monocular.engines import graph_cache
from depth_demo.monocular.engines.verdict import Verdict
from tests.support.faults import disk_full_after

SIZE = 50_000  # of a graph


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def write(folder: Path) -> None:
    (folder / "graph.bin").write_bytes(bytes(SIZE))


def test_a_full_disk_keeps_nothing(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    with disk_full_after(SIZE // 2):
        graph_cache.keep(write, Verdict(1.5), "a")
    assert "cannot be kept" in caplog.text
    assert not list((cache / "graphs").iterdir())
    assert graph_cache.find("a") is None
    graph_cache.keep(write, Verdict(1.5), "a")
    assert graph_cache.find("a") is not None


def test_a_cache_that_can_only_be_read_is_read(
    cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Writing is made to fail here as on a read-only disk, because a folder's mode does not bind the superuser."""

    def refuse(path: Path) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    graph_cache.keep(write, Verdict(1.5), "a")
    monkeypatch.setattr(Path, "touch", refuse)
    with caplog.at_level(logging.WARNING):
        kept = graph_cache.find("a")
    assert kept is not None
    assert kept.verdict.speed == 1.5
    assert caplog.text == ""


def test_who_comes_second_with_the_same_graph_leaves_the_first_ones(caplog: pytest.LogCaptureFixture) -> None:
    """A process may be reading it."""
    graph_cache.keep(write, Verdict(1.5), "a")
    kept = graph_cache.find("a")
    assert kept is not None
    file = (kept.folder / "graph.bin").stat().st_ino
    graph_cache.keep(write, Verdict(1.4), "a")
    assert (kept.folder / "graph.bin").stat().st_ino == file
    assert caplog.text == ""


def test_several_at_once_find_whole_graphs_or_none(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four who keep and look up three graphs in a cache that has room for one."""
    monkeypatch.setattr(graph_cache, "MAX_BYTES", SIZE + 1000)

    def work(seed: int) -> None:
        for step in range(40):
            name = "abc"[(seed + step) % 3]
            if graph_cache.find(name) is None:
                graph_cache.keep(write, Verdict(1.5), name)

    with ThreadPoolExecutor(4) as workers:
        for done in [workers.submit(work, seed) for seed in range(4)]:
            done.result()
    graph_cache.keep(write, Verdict(1.5), "d")
    assert graph_cache.find("d") is not None
    assert len(list((cache / "graphs").iterdir())) == 1


@pytest.mark.parametrize(
    ("file", "damage"),
    [("graph.bin", b""), ("graph.bin", bytes([255, *bytes(SIZE - 1)])), ("verdict.json", b"{"), ("verdict.json", b"[]")],
    ids=["emptied", "a byte changed", "no JSON", "other JSON"],
)
def test_damage_is_found_and_said(file: str, damage: bytes, cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    graph_cache.keep(write, Verdict(1.5), "a")
    (kept,) = (cache / "graphs").iterdir()
    (kept / file).write_bytes(damage)
    assert graph_cache.find("a") is None
    assert "damaged; it is made again" in caplog.text
    assert not kept.exists()


def test_the_cache_is_bounded_and_what_was_used_last_stays(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_cache, "MAX_BYTES", 2 * SIZE + 1000)
    for second, name in enumerate("ab"):
        graph_cache.keep(write, Verdict(1.0), name)
        kept = graph_cache.find(name)
        assert kept is not None
        os.utime(kept.folder / graph_cache.VERDICT, (second, second))
    assert graph_cache.find("a") is not None  # now used after b
    graph_cache.keep(write, Verdict(2.0), "c")
    assert [graph_cache.find(name) is not None for name in "abc"] == [True, False, True]
    assert not [path for path in (cache / "graphs").iterdir() if path.name.startswith(".")]


def test_other_circumstances_are_another_graph(cache: Path) -> None:
    graph_cache.keep(lambda folder: (folder / "graph.bin").touch(), Verdict(1.5), "weights", 1)
    kept = graph_cache.find("weights", 1)
    assert kept is not None
    assert kept.verdict.speed == 1.5
    assert graph_cache.find("weights", 2) is None
