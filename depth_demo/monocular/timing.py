"""How long an estimate will take here: its multiply-adds, and how fast this machine went through earlier ones. No torch."""

from __future__ import annotations

import statistics
import threading
from collections import defaultdict, deque

from depth_demo.monocular.depth_anything.variants import VARIANTS, Variant
from depth_demo.monocular.input_size import STEP, NetworkSize
from depth_demo.monocular.models import HubCheckpoint, Row

# Every run reads all weights once. A token uses each once, so that counts as so many tokens more (measured: 0 to 100).
READING_TOKENS = 32
REMEMBERED = 5  # runs per model and device


def multiply_adds(variant: Variant, size: NetworkSize) -> float:
    """Of one forward pass as published, which upsamples before the 1x1 convolutions of the fusion."""
    rows, columns = size.height // STEP, size.width // STEP
    patches, coarse = rows * columns, -(-rows // 2) * -(-columns // 2)
    tokens = patches + 1
    grids = (16 * patches, 4 * patches, patches, coarse)  # pixels of the four levels, from fine to coarse
    width, features, outputs = variant.width, variant.features, variant.out_channels
    linear = 12 * tokens * width**2  # qkv and proj 4, the MLP 8
    attention = 2 * tokens**2 * width
    encoder = 3 * STEP**2 * width * patches + variant.depth * (linear + attention)
    first, second, _, fourth = outputs
    resizing = patches * (16 * first**2 + 4 * second**2) + 9 * coarse * fourth**2
    levels = sum(9 * grid * channels * features for grid, channels in zip(grids, outputs, strict=True))
    fusion = 9 * features**2 * (4 * sum(grids[:3]) + 2 * coarse) + features**2 * 85 * patches
    ends = 9 * features * (features // 2) * 64 * patches + (9 * (features // 2) * 32 + 32) * size.height * size.width
    return encoder + patches * width * sum(outputs) + resizing + levels + fusion + ends


def work(model: Row, size: NetworkSize) -> float:
    """What the time of a run is proportional to, in a unit of the model's own."""
    if not isinstance(model, HubCheckpoint):
        return size.tokens  # convolutions only
    variant = VARIANTS[model.variant]
    return multiply_adds(variant, size) + READING_TOKENS * 12 * variant.width**2 * variant.depth


class Pace:
    """How fast each model runs on each device: the median of its last runs, so that one slow moment does no harm.

    Threads may share it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._guesses: dict[tuple[str, str], float] = {}
        self._rates: defaultdict[tuple[str, str], deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))

    def guess(self, model: Row, device: str, size: NetworkSize, seconds: float) -> None:
        """A small run took so many seconds: the fastest of them counts until a real one is known."""
        with self._lock:
            known = self._guesses.get((model.name, device), 0.0)
            self._guesses[model.name, device] = max(known, work(model, size) / seconds)

    def learn(self, model: Row, device: str, size: NetworkSize, seconds: float) -> None:
        """A run at `size` took so many seconds."""
        with self._lock:
            self._rates[model.name, device].append(work(model, size) / seconds)

    def seconds(self, model: Row, device: str, size: NetworkSize) -> float | None:
        """The prediction for a run at `size`; None before the first run."""
        with self._lock:
            runs = self._rates.get((model.name, device))
            rate = statistics.median(runs) if runs else self._guesses.get((model.name, device))
        return rate and work(model, size) / rate
