"""Maps that were computed before, kept for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable

from cachetools import TTLCache

from depth_demo.geometry import DepthMap


class MapCache:
    """Maps by what they were computed from. The images themselves are not kept.

    The least recently used map goes first if there are too many bytes. Threads may share a cache.

    Args:
        max_bytes: Of all maps together. A larger map is not kept.
        kept_s: How long a map is given out after it was computed [s]. `expire` takes it out of memory.
        clock: Tells the time [s].
    """

    def __init__(self, max_bytes: int, kept_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._maps: TTLCache[Hashable, tuple[DepthMap, float]] = TTLCache(
            max_bytes, kept_s, timer=clock, getsizeof=lambda kept: kept[0].values.nbytes
        )

    def get(self, key: Hashable) -> tuple[DepthMap, float] | None:
        """Return a map and the seconds that it took; None if it is not here, or too old."""
        with self._lock:
            return self._maps.get(key)

    def put(self, key: Hashable, depth_map: DepthMap, seconds: float) -> None:
        """Keep a map that took so many seconds."""
        with self._lock:
            if depth_map.values.nbytes <= self._maps.maxsize:
                self._maps[key] = depth_map, seconds

    def expire(self) -> None:
        """Let go of maps that are too old. The server calls this now and then, because nobody may ask for them again."""
        with self._lock:
            self._maps.expire()
