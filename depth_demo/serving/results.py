"""Results that a visitor may look at again, in memory that is bounded for all visitors together."""

from __future__ import annotations

import dataclasses
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np


class Kept:
    """Stands for a result wherever a session refers to it; when no session does any more, the result goes."""

    __slots__ = ("__weakref__",)


class ResultShelf:
    """Results by what stands for them. When all together are too large, the one looked at longest ago goes.

    Threads may share it.

    Args:
        max_bytes: Of all arrays together. The latest result stays, however large it is.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.RLock()  # a result that goes may take another `Kept` with it
        self._results: dict[int, tuple[object, int]] = {}  # by identity of its Kept, the longest ago first

    def keep(self, result: object) -> Kept:
        """Take a result, and give what stands for it."""
        kept = Kept()
        weakref.finalize(kept, self._forget, id(kept)).atexit = False
        with self._lock:
            self._results[id(kept)] = result, array_bytes(result)
            self._make_room()
        return kept

    def get(self, kept: Kept) -> object:
        """Return the result.

        Raises:
            ValueError: If it had to go.
        """
        with self._lock:
            if id(kept) not in self._results:
                raise ValueError("This result had to make room for those of other visitors: please run it again.")
            result, _ = self._results.pop(id(kept))
            self._results[id(kept)] = result, array_bytes(result)  # it grows with what is drawn from it
            self._make_room()
            return result

    @property
    def used_bytes(self) -> int:
        """Of all arrays."""
        with self._lock:
            return sum(size for _, size in self._results.values())

    def _make_room(self) -> None:
        while len(self._results) > 1 and self.used_bytes > self._max_bytes:
            del self._results[next(iter(self._results))]

    def _forget(self, identity: int) -> None:
        with self._lock:
            self._results.pop(identity, None)


def array_bytes(value: object) -> int:
    """Sum the bytes of the arrays in a value: in its attributes, items, and theirs."""
    seen: dict[int, object] = {}
    todo = [value]
    total = 0
    while todo:
        item = todo.pop()
        if id(item) not in seen:
            seen[id(item)] = item
            total += item.nbytes if isinstance(item, np.ndarray) else 0
            todo.extend(_parts(item))
    return total


def _parts(item: Any) -> Iterator[object]:  # noqa: ANN401
    if isinstance(item, list | tuple):
        yield from item
    elif isinstance(item, dict):
        yield from item.values()
    elif dataclasses.is_dataclass(item) and not isinstance(item, type):
        yield from (getattr(item, field.name) for field in dataclasses.fields(item))
        yield from getattr(item, "__dict__", {}).values()  # with the cached properties
