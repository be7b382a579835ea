"""Which engine runs a model: torch, or on the CPU OpenVINO where it is installed and was faster on this machine.

Nothing heavy is imported before it is known.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
import os
import platform
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthMap, RgbImage
from depth_demo.monocular.engines import graph_cache
from depth_demo.monocular.engines.turn import TURN
from depth_demo.monocular.hub import Progress, find_on_machine, fingerprint, locate
from depth_demo.monocular.input_size import AS_TRAINED
from depth_demo.monocular.models import DEFAULT, DEFAULT_MODEL, HubCheckpoint, Row, find_checkpoint

ENGINE_VARIABLE = "DEPTH_DEMO_ENGINE"
ENGINES = ("torch", "openvino")
GRAPH_VERSION = 1  # raised with every change to what `traced` makes
TEST_SIDE, TEST_ROUNDS = 266, 3  # px; about a second for the smallest network
log = logging.getLogger(__name__)


class LoadedModel(Protocol):
    """What every engine makes of a checkpoint.

    Attributes:
        checkpoint: The row of the catalog behind the weights.
        sha256: Of the file that they are from.
        device_name: For people, with the precision.
    """

    checkpoint: Row
    sha256: str
    device_name: str

    def __call__(self, image: RgbImage, input_size: int | None = AS_TRAINED) -> DepthMap:
        """(H, W, 3) uint8 RGB to its map; `input_size` is the short side that the network sees [px]."""


def load_fastest(
    name: str = DEFAULT_MODEL, weights: str | Path | None = None, progress: Progress | None = None
) -> LoadedModel:
    """Load a model with the engine named in DEPTH_DEMO_ENGINE, or else the faster one.

    The first time, the network is made into a graph and both engines are timed, once per model and machine. The bundled
    model always runs in torch: it is so small that nothing is gained.

    Args:
        name, weights, progress: Those of `estimator.load_estimator`.

    Raises:
        ValueError, OSError: As `load_estimator`; also if DEPTH_DEMO_ENGINE is wrong or asks for what is not installed.
    """
    from_torch = _wish() == "torch" or not _installed()
    checkpoint = find_checkpoint(name)
    if from_torch or not isinstance(checkpoint, HubCheckpoint):
        from depth_demo.monocular.estimator import load_estimator

        return load_estimator(name, weights, progress=progress)
    path = locate(checkpoint, weights, progress)
    sha256 = fingerprint(checkpoint, path)
    kept = graph_cache.find(*_circumstances(checkpoint, sha256))
    if kept is None:
        return _load_both(checkpoint, path, sha256, progress)
    if not _is_chosen(kept.speed):
        from depth_demo.monocular.estimator import load_estimator

        return load_estimator(name, path)
    from depth_demo.monocular.engines.openvino import GRAPH, OpenVinoEstimator

    try:
        return OpenVinoEstimator(checkpoint, kept.folder / GRAPH, sha256)
    except RuntimeError as error:  # a process that makes room may just have deleted it
        log.warning("The graph kept cannot be read (%s); it is made again.", error)
        shutil.rmtree(kept.folder, ignore_errors=True)
        return _load_both(checkpoint, path, sha256, progress)


def import_expected() -> None:
    """Import the engine that the default model will need, so far as the cache tells."""
    path = find_on_machine(DEFAULT) if _installed() and _wish() != "torch" else None
    kept = graph_cache.find(*_circumstances(DEFAULT, fingerprint(DEFAULT, path))) if path else None
    if kept is not None and _is_chosen(kept.speed):
        import depth_demo.monocular.engines.openvino
    else:
        import depth_demo.monocular.estimator  # noqa: F401


def _wish() -> str:
    """The engine asked for; "" if none is."""
    wish = os.environ.get(ENGINE_VARIABLE, "")
    if wish not in ("", *ENGINES):
        raise ValueError(f"{ENGINE_VARIABLE} must be {' or '.join(ENGINES)}, not {wish!r}.")
    if wish == "openvino" and not _installed():
        raise ValueError(f"{ENGINE_VARIABLE} is openvino, which is not installed: pip install 'depth-demo[openvino]'.")
    return wish


def _installed() -> bool:
    return importlib.util.find_spec("openvino") is not None


def _is_chosen(speed: float) -> bool:
    return speed > 1 or _wish() == "openvino"


def _circumstances(checkpoint: HubCheckpoint, sha256: str) -> tuple[object, ...]:
    """All that a graph and its time beside torch depend on; a GPU or a torch that can use one may have come since."""
    versions = (importlib.metadata.version(package) for package in ("openvino", "torch"))
    machine = (platform.machine(), platform.processor(), os.cpu_count(), Path("/dev/nvidiactl").exists())
    return (sha256, checkpoint.variant, checkpoint.max_depth, GRAPH_VERSION, *versions, *machine)


def _load_both(checkpoint: HubCheckpoint, path: Path, sha256: str, progress: Progress | None) -> LoadedModel:
    """Make the graph, time it beside torch, keep both, and return the faster engine, or the one asked for."""
    from depth_demo.monocular.depth_anything.network import DepthAnything
    from depth_demo.monocular.estimator import load_estimator

    in_torch = load_estimator(checkpoint.name, path, "cpu" if _wish() else None)
    network = in_torch.network
    if in_torch.device.type != "cpu" or not isinstance(network, DepthAnything):
        return in_torch
    from depth_demo.monocular.engines.export import trace
    from depth_demo.monocular.engines.openvino import OpenVinoEstimator, write_graph

    if progress is not None:
        progress(0.1, f"Preparing {checkpoint.title} for OpenVINO, once")
    try:
        graph = trace(network)
        in_openvino = OpenVinoEstimator(checkpoint, graph, sha256)
        with TURN:  # nobody else's estimate shall count in the times
            speed = _speed(in_openvino.run, in_torch.run)
    except (RuntimeError, MemoryError) as error:  # making a graph takes several times the memory of the network
        log.warning("%s cannot be prepared for OpenVINO (%s); it runs in torch.", checkpoint.title, error)
        return in_torch
    log.info("%s: OpenVINO is %.2f times as fast as torch on this machine.", checkpoint.title, speed)
    graph_cache.keep(lambda folder: write_graph(graph, folder), speed, *_circumstances(checkpoint, sha256))
    return in_openvino if _is_chosen(speed) else in_torch


def _speed(run: Callable[[NDArray[np.float32]], object], baseline: Callable[[NDArray[np.float32]], object]) -> float:
    """How many times as fast as the baseline: the median of rounds in turn, after one that does not count."""
    pixels = np.zeros((1, 3, TEST_SIDE, TEST_SIDE), np.float32)
    ratios = []
    for _ in range(1 + TEST_ROUNDS):
        started = time.perf_counter()
        run(pixels)
        between = time.perf_counter()
        baseline(pixels)
        ratios.append((time.perf_counter() - between) / (between - started))
    return statistics.median(ratios[1:])
