"""Maps that were computed before, kept for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar

from cachetools import TTLCache


class HasSize(Protocol):
    """A result that knows how many bytes its maps take."""

    @property
    def nbytes(self) -> int:
        """Return how many."""


T = TypeVar("T", bound=HasSize)


class MapCache(Generic[T]):
    """Results by what they were computed from. The images themselves are not kept.

    The least recently used result goes first if there are too many bytes. Threads may share a cache.

    Args:
        max_bytes: Of all results together. A larger result is not kept.
        kept_s: How long a result is given out after it was computed [s]. `expire` takes it out of memory.
        clock: Tells the time [s].
    """

    def __init__(self, max_bytes: int, kept_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._kept: TTLCache[Hashable, T] = TTLCache(max_bytes, kept_s, timer=clock, getsizeof=lambda kept: kept.nbytes)

    def get(self, key: Hashable) -> T | None:
        """Return a result; None if it is not here, or too old."""
        with self._lock:
            return self._kept.get(key)

    def put(self, key: Hashable, result: T) -> None:
        """Keep a result."""
        with self._lock:
            if result.nbytes <= self._kept.maxsize:
                self._kept[key] = result

    def expire(self) -> None:
        """Let go of results that are too old. The server calls this now and then, because nobody may ask for them again."""
        with self._lock:
            self._kept.expire()
