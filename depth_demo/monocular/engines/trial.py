"""What decides how a model runs on this machine: every way is timed, and those in 16 bits are compared with float32 too."""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import nn

from depth_demo.monocular.engines.lock import ONE_AT_A_TIME
from depth_demo.monocular.engines.precision import (
    AUTO,
    BFLOAT16,
    EXACT,
    FASTEST,
    FLOAT32,
    MIXED,
    Precision,
    compare,
    read_photo,
)
from depth_demo.monocular.engines.verdict import Verdict
from depth_demo.monocular.estimator import TorchEstimator
from depth_demo.monocular.input_size import AS_TRAINED
from depth_demo.monocular.models import ModelSpec
from depth_demo.monocular.preprocessing import to_pixels

if TYPE_CHECKING:
    from depth_demo.monocular.engines.openvino import OpenVinoEstimator

TEST_SIDE, TEST_ROUNDS = 266, 3  # px; about a second for the smallest network
log = logging.getLogger(__name__)


class Engine(Protocol):
    """What is tried."""

    spec: ModelSpec

    def run(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the network on (1, 3, h, w) normalised RGB and return (1, h, w)."""


def try_torch(in_torch: TorchEstimator, wish: str) -> Precision:
    """Choose the precision in torch.

    Args:
        in_torch: The model in float32, on the CPU.
        wish: That of `wished_precision`.
    """
    if wish == EXACT:
        return FLOAT32
    return _chosen(in_precision(in_torch, Precision(MIXED)), in_torch, MIXED)


def in_precision(in_torch: TorchEstimator, precision: Precision) -> TorchEstimator:
    """Return an estimator that computes so, from one in float32 on the CPU."""
    if precision == FLOAT32:
        return in_torch
    network = _mix(in_torch.spec, in_torch.network, 1.0)
    return TorchEstimator(in_torch.spec, network, "cpu", in_torch.sha256, precision=str(precision))


@dataclass(frozen=True, slots=True)
class Tried:
    """A graph that was tried.

    Attributes:
        engine: What runs it.
        write: Writes it into a folder.
        verdict: Its precision, and its speed beside torch in float32.
    """

    engine: OpenVinoEstimator
    write: Callable[[Path], None]
    verdict: Verdict


def try_graphs(in_torch: TorchEstimator, wish: str) -> Tried:
    """Choose the precision of a graph for OpenVINO, and time it beside torch.

    Args:
        in_torch: The model in float32, on the CPU.
        wish: That of `wished_precision`.

    Raises:
        RuntimeError, MemoryError: If the graph cannot be made.
    """
    from depth_demo.monocular.engines.export import trace
    from depth_demo.monocular.engines.openvino import OpenVinoEstimator, conversion_gain, write_graph

    spec, network = in_torch.spec, in_torch.network
    graph, precision = trace(network, spec), FLOAT32
    engine = OpenVinoEstimator(spec, graph, in_torch.sha256, owner=network)
    if wish == FASTEST:
        exact, engine = engine, OpenVinoEstimator(spec, graph, in_torch.sha256, Precision(BFLOAT16), network)
        precision = _compared(engine, exact, BFLOAT16)
    elif wish == AUTO:
        network = _mix(spec, network, conversion_gain())
        mixed_graph = trace(network, spec)
        mixed = OpenVinoEstimator(spec, mixed_graph, in_torch.sha256, Precision(MIXED), network)
        precision = _chosen(mixed, engine, MIXED)
        if precision != FLOAT32:
            graph, engine = mixed_graph, mixed
    engine.name_precision(precision)
    speed = _speed(engine, in_torch)
    log.info("%s: OpenVINO in %s is %.2f times as fast as torch in float32 here.", spec.title, precision, speed)
    return Tried(engine, partial(write_graph, graph), Verdict(speed, precision))


def _mix(spec: ModelSpec, network: nn.Module, gain: float) -> nn.Module:
    module, _, function = spec.mixed.partition(":")
    mixed: nn.Module = getattr(import_module(module), function)(network, gain)
    return mixed


def _chosen(engine: Engine, exact: Engine, name: str) -> Precision:
    """Return the precision of an engine if it is near enough and faster than the exact one; else float32."""
    precision = _compared(engine, exact, name)
    if not precision.is_near_enough:
        log.info("%s in %s, %.3f %% on average: too far.", engine.spec.title, precision, 100 * precision.mean)
        return FLOAT32
    return precision if _speed(engine, exact) > 1 else FLOAT32


def _compared(engine: Engine, exact: Engine, name: str) -> Precision:
    """Compare the maps of a photo, at the size that the model was trained at."""
    pixels = to_pixels(read_photo(), exact.spec.preprocessing, AS_TRAINED)
    return compare(name, engine.run(pixels), exact.run(pixels))


def _speed(engine: Engine, baseline: Engine) -> float:
    step = engine.spec.preprocessing.step
    side = TEST_SIDE // step * step
    pixels = np.zeros((1, 3, side, side), np.float32)
    with ONE_AT_A_TIME:  # nobody else's estimate shall count in the times
        return times_as_fast(lambda: engine.run(pixels), lambda: baseline.run(pixels))


def times_as_fast(
    run: Callable[[], object], baseline: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return how many times as fast as the baseline a run is: the median of rounds in turn, after one that does not count."""
    ratios = []
    for _ in range(1 + TEST_ROUNDS):
        started = clock()
        run()
        between = clock()
        baseline()
        ratios.append((clock() - between) / (between - started))
    return statistics.median(ratios[1:])
