"""The shelf: results go with the last session that refers to them, or make room for others, and never get mixed up."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.serving.results import ResultShelf, array_bytes

MEGABYTE = 2**20


@dataclass(frozen=True, eq=False)
class Result:
    values: NDArray[np.uint8]

    @cached_property
    def doubled(self) -> NDArray[np.uint8]:
        return np.repeat(self.values, 2)


def result(megabytes: int = 1) -> Result:
    return Result(np.zeros(megabytes * MEGABYTE, np.uint8))


def test_a_result_comes_back_and_goes_with_its_last_reference() -> None:
    shelf, first, second = ResultShelf(10 * MEGABYTE), result(), result(2)
    kept, other = shelf.keep(first), shelf.keep(second)
    assert shelf.get(kept) is first
    assert shelf.get(other) is second
    assert shelf.used_bytes == 3 * MEGABYTE
    del kept
    assert shelf.used_bytes == 2 * MEGABYTE


def test_the_one_looked_at_longest_ago_makes_room_and_its_visitor_is_told() -> None:
    shelf = ResultShelf(3 * MEGABYTE)
    kept = [shelf.keep(result()) for _ in range(3)]
    shelf.get(kept[0])
    kept.append(shelf.keep(result()))
    with pytest.raises(ValueError, match=r"make room for those of other visitors: please run it again\."):
        shelf.get(kept[1])
    assert all(shelf.get(still) for still in (kept[0], kept[2], kept[3]))


def test_the_latest_stays_however_large_it_is() -> None:
    shelf = ResultShelf(MEGABYTE)
    small, large = shelf.keep(result()), shelf.keep(result(5))
    assert shelf.get(large)
    with pytest.raises(ValueError, match="run it again"):
        shelf.get(small)


def test_what_is_drawn_later_counts_when_it_is_looked_at_again() -> None:
    shelf, value = ResultShelf(10 * MEGABYTE), result()
    kept = shelf.keep(value)
    assert value.doubled.size == 2 * MEGABYTE
    shelf.get(kept)
    assert shelf.used_bytes == 3 * MEGABYTE


def test_every_array_counts_once() -> None:
    array = np.zeros(MEGABYTE, np.uint8)
    assert (
        array_bytes((array, [array, {"a": array, "b": np.zeros(10, np.uint8)}], Result(array), "text", None)) == MEGABYTE + 10
    )


def test_threads_get_their_own() -> None:
    shelf, wrong = ResultShelf(20 * MEGABYTE), []

    def visit() -> None:
        for _ in range(50):
            mine = result()
            kept = shelf.keep(mine)
            if shelf.get(kept) is not mine:
                wrong.append(mine)

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert shelf.used_bytes == 0
