"""Maps that were computed before, kept for a while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from depth_demo.geometry import DepthMap


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    depth_map: DepthMap
    seconds: float
    until: float


class MapCache:
    """Maps by what they were computed from. The least recently used goes when they are too many bytes, each after a time.

    The images themselves are not kept. Threads may share it.

    Args:
        max_bytes: Of all maps together; a larger one is not kept.
        kept_s: How long after it was computed a map goes, asked for or not [s].
        clock: Tells the time [s].
    """

    def __init__(self, max_bytes: int, kept_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_bytes, self._kept_s, self._clock = max_bytes, kept_s, clock
        self._lock = threading.Lock()
        self._maps: OrderedDict[Hashable, _Kept] = OrderedDict()  # the least recently used first
        self._cleaning: threading.Timer | None = None

    def get(self, key: Hashable) -> tuple[DepthMap, float] | None:
        """The map and the seconds that it took; None when it is not or no longer there."""
        with self._lock:
            self._drop_old()
            if key not in self._maps:
                return None
            self._maps.move_to_end(key)
            return self._maps[key].depth_map, self._maps[key].seconds

    def put(self, key: Hashable, depth_map: DepthMap, seconds: float) -> None:
        """Keep a map that took so many seconds."""
        with self._lock:
            self._drop_old()
            self._maps.pop(key, None)
            if depth_map.values.nbytes > self._max_bytes:
                return
            self._maps[key] = _Kept(depth_map, seconds, self._clock() + self._kept_s)
            while self._bytes() > self._max_bytes:
                self._maps.popitem(last=False)
            self._clean_later()

    def _bytes(self) -> int:
        return sum(kept.depth_map.values.nbytes for kept in self._maps.values())

    def _drop_old(self) -> None:
        now = self._clock()
        for key in [key for key, kept in self._maps.items() if kept.until <= now]:
            del self._maps[key]

    def _clean_later(self) -> None:
        """Nobody may ask again, and still no map stays for longer."""
        if self._maps and self._cleaning is None:
            first = min(kept.until for kept in self._maps.values())
            self._cleaning = threading.Timer(max(first - self._clock(), 0), self._clean)
            self._cleaning.daemon = True
            self._cleaning.start()

    def _clean(self) -> None:
        with self._lock:
            self._cleaning = None
            self._drop_old()
            self._clean_later()
