"""How long an estimate will take here, from its cost and from how fast this machine went through earlier ones. No torch."""

from __future__ import annotations

import statistics
import threading
from collections import defaultdict, deque

from depth_demo.monocular.input_size import NetworkSize
from depth_demo.monocular.models import ModelSpec

REMEMBERED = 5  # runs per model and device


class Pace:
    """How fast each model runs on each device: the median of its last runs, so that one slow moment does no harm.

    Threads may share a pace.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._guesses: dict[tuple[str, str], float] = {}
        self._rates: defaultdict[tuple[str, str], deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))

    def guess(self, model: ModelSpec, device: str, size: NetworkSize, seconds: float) -> None:
        """Learn from a small run. The fastest small run counts until a real one is known."""
        with self._lock:
            known = self._guesses.get((model.name, device), 0.0)
            self._guesses[model.name, device] = max(known, model.cost(size) / seconds)

    def learn(self, model: ModelSpec, device: str, size: NetworkSize, seconds: float) -> None:
        """Learn from a real run."""
        with self._lock:
            self._rates[model.name, device].append(model.cost(size) / seconds)

    def seconds(self, model: ModelSpec, device: str, size: NetworkSize) -> float | None:
        """Predict how long a run takes [s]; None before the first run."""
        with self._lock:
            runs = self._rates.get((model.name, device))
            rate = statistics.median(runs) if runs else self._guesses.get((model.name, device))
        return rate and model.cost(size) / rate
