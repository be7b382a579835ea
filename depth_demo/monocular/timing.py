"""How long an estimate will take here: from its work, and from how fast this machine went through earlier runs. No torch."""

from __future__ import annotations

import statistics
import threading
import time
from collections import defaultdict, deque
from functools import cache
from typing import NoReturn

import numpy as np

from depth_demo.free_memory import bytes_text
from depth_demo.monocular.answers import Sampling
from depth_demo.monocular.input_size import NetworkSize, network_size
from depth_demo.monocular.models import DEFAULT, MODELS, ModelSpec

REMEMBERED = 5  # runs per model and device
PRODUCT_SIDE, PRODUCTS = 1024, 10  # of the matrix products that tell how fast this processor is
TYPICAL_PHOTO = 1200, 1600  # px: height and width where there is no photo yet


@cache
def machine_rate() -> float:
    """Return how many multiply-adds this processor gets through in a second, from matrix products of 0.2 s.

    Networks in torch get through one to two times as many: MiDaS Hybrid and Large did 100 where NumPy did 50 thousand million.
    """
    matrix = np.ones((PRODUCT_SIDE, PRODUCT_SIDE), np.float32)
    fastest = float("inf")
    for _ in range(PRODUCTS):
        started = time.perf_counter()
        matrix @ matrix
        fastest = min(fastest, time.perf_counter() - started)
    return PRODUCT_SIDE**3 / fastest


def typical_seconds(model: ModelSpec, sampling: Sampling | None = None, rate: float | None = None) -> float:
    """Predict how long a photo takes on this processor [s], before anything is loaded.

    Args:
        model: The model.
        sampling: How it draws; None takes the model's own way.
        rate: Multiply-adds per second; None measures this machine, once.
    """
    size = network_size(*TYPICAL_PHOTO, model.preprocessing.short_side, model.preprocessing)
    return model.work(size, sampling) / (rate or machine_rate())


def refuse_without_gpu(model: ModelSpec, rate: float | None = None) -> NoReturn:
    """Refuse a model that needs a GPU, and say what the processor would take for it.

    Args:
        model: The model.
        rate: As for `typical_seconds`.

    Raises:
        ValueError: Always.
    """
    minutes = typical_seconds(model, rate=rate) / 60
    others = [row.title for row in MODELS.values() if row.frames > 1 and not row.needs_gpu]
    raise ValueError(
        f"{model.title} needs a GPU with CUDA. On the processor of this machine, a photo would take about "
        f"{_minutes(minutes)}, a clip of {model.frames} frames about {_minutes(model.frames * minutes)}, and both "
        f"{bytes_text(model.memory_bytes)} of memory. Choose {' or '.join([*others, DEFAULT.title])}, which run here."
    )


def _minutes(minutes: float) -> str:
    return f"{minutes:.0f} minutes" if minutes >= 1.5 else "a minute"


class Pace:
    """How fast each model runs on each device: the median of its last runs, so that one slow moment does no harm.

    Threads may share a pace.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._guesses: dict[tuple[str, str], float] = {}
        self._rates: defaultdict[tuple[str, str], deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))

    def guess(
        self, model: ModelSpec, device: str, size: NetworkSize, seconds: float, sampling: Sampling | None = None
    ) -> None:
        """Learn from a small run. The fastest small run counts until a real one is known."""
        with self._lock:
            known = self._guesses.get((model.name, device), 0.0)
            self._guesses[model.name, device] = max(known, model.work(size, sampling) / seconds)

    def learn(
        self, model: ModelSpec, device: str, size: NetworkSize, seconds: float, sampling: Sampling | None = None
    ) -> None:
        """Learn from a real run."""
        with self._lock:
            self._rates[model.name, device].append(model.work(size, sampling) / seconds)

    def seconds(self, model: ModelSpec, device: str, size: NetworkSize, sampling: Sampling | None = None) -> float | None:
        """Predict how long a run takes [s]; None before the first run."""
        with self._lock:
            runs = self._rates.get((model.name, device))
            rate = statistics.median(runs) if runs else self._guesses.get((model.name, device))
        return rate and model.work(size, sampling) / rate
