"""Which engine runs a model: torch, or on the CPU OpenVINO where it is installed and was faster on this machine.

An engine is imported only after it is chosen.
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
from typing import TYPE_CHECKING

import numpy as np

from depth_demo.monocular.engines import graph_cache, zerogpu
from depth_demo.monocular.engines.lock import ONE_AT_A_TIME
from depth_demo.monocular.hub import Progress, fingerprint, is_on_machine, locate
from depth_demo.monocular.models import DEFAULT, DEFAULT_MODEL, ModelSpec, find_model

if TYPE_CHECKING:
    from depth_demo.monocular.estimator import Estimator

ENGINE_VARIABLE = "DEPTH_DEMO_ENGINE"
ENGINES = ("torch", "openvino")
GRAPH_VERSION = 1  # raised with every change to what `trace` makes
TEST_SIDE, TEST_ROUNDS = 266, 3  # px; about a second for the smallest network
log = logging.getLogger(__name__)


def load_fastest(name: str = DEFAULT_MODEL, weights: str | Path | None = None, progress: Progress | None = None) -> Estimator:
    """Load a model with the engine named in DEPTH_DEMO_ENGINE, or else with the faster one. On ZeroGPU torch borrows a GPU.

    The first time, the network is made into a graph and both engines are timed, once per model and machine. Models that
    are not exportable always run in torch.

    Args:
        name: As for `estimator.load_estimator`.
        weights: As for `estimator.load_estimator`.
        progress: As for `estimator.load_estimator`.

    Raises:
        ValueError, OSError: As `load_estimator`; also if DEPTH_DEMO_ENGINE is wrong or names what is not installed.
    """
    spec = find_model(name)
    if zerogpu.is_on_zero_gpu() and weights is None:
        if _wish() == "openvino":
            raise ValueError(f"{ENGINE_VARIABLE} is openvino, but on ZeroGPU models run in torch: remove the variable.")
        return zerogpu.load(spec, progress)
    in_torch = _wish() == "torch" or not _installed()
    if in_torch or not spec.exportable:
        from depth_demo.monocular.estimator import load_estimator

        return load_estimator(name, weights, progress=progress)
    sha256 = fingerprint(spec, locate(spec, weights, progress))
    kept = graph_cache.find(*_circumstances(spec, sha256))
    if kept is None:
        return _load_both(spec, weights, sha256, progress)
    if not _is_chosen(kept.speed):
        from depth_demo.monocular.estimator import load_estimator

        return load_estimator(name, weights, progress=progress)
    from depth_demo.monocular.engines.openvino import GRAPH, OpenVinoEstimator

    try:
        return OpenVinoEstimator(spec, kept.folder / GRAPH, sha256)
    except RuntimeError as error:  # a process that makes room may just have deleted it
        log.warning("The graph kept cannot be read (%s); it is made again.", error)
        shutil.rmtree(kept.folder, ignore_errors=True)
        return _load_both(spec, weights, sha256, progress)


def refuse_before_download(spec: ModelSpec) -> None:
    """Refuse what `load_fastest` would refuse after a download that may be large.

    Raises:
        ValueError: If a package is not installed, or the model needs a GPU that this machine lacks.
    """
    if spec.needs:
        spec.import_loader()
    if spec.needs_gpu and not zerogpu.is_on_zero_gpu():
        from depth_demo.monocular.estimator import check_device

        check_device(spec)


def import_expected() -> None:
    """Import the engine that the default model will need, so far as the cache tells."""
    kept = None
    if _installed() and _wish() != "torch" and not zerogpu.is_on_zero_gpu() and is_on_machine(DEFAULT):
        kept = graph_cache.find(*_circumstances(DEFAULT, fingerprint(DEFAULT, locate(DEFAULT))))
    if kept is not None and _is_chosen(kept.speed):
        import depth_demo.monocular.engines.openvino
    else:
        import depth_demo.monocular.estimator  # noqa: F401


def _wish() -> str:
    """Return the engine asked for; "" if none is."""
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


def _circumstances(spec: ModelSpec, sha256: str) -> tuple[object, ...]:
    """Return all that a graph and its time beside torch depend on; a GPU or a torch that can use one may have come since."""
    versions = (importlib.metadata.version(package) for package in ("openvino", "torch"))
    machine = (platform.machine(), platform.processor(), os.cpu_count(), Path("/dev/nvidiactl").exists())
    return (sha256, spec.loader, sorted(spec.options.items()), GRAPH_VERSION, *versions, *machine)


def _load_both(spec: ModelSpec, weights: str | Path | None, sha256: str, progress: Progress | None) -> Estimator:
    """Make the graph, time it beside torch, keep both, and return the faster engine, or the one asked for."""
    from depth_demo.monocular.estimator import load_estimator

    in_torch = load_estimator(spec.name, weights, "cpu" if _wish() else None, progress)
    if in_torch.device.type != "cpu":
        return in_torch
    from depth_demo.monocular.engines.export import trace
    from depth_demo.monocular.engines.openvino import OpenVinoEstimator, write_graph

    if progress is not None:
        progress(0.1, f"Preparing {spec.title} for OpenVINO, once")
    side = TEST_SIDE // spec.preprocessing.step * spec.preprocessing.step
    pixels = np.zeros((1, 3, side, side), np.float32)
    try:
        graph = trace(in_torch.network, spec)
        in_openvino = OpenVinoEstimator(spec, graph, sha256)
        with ONE_AT_A_TIME:  # nobody else's estimate shall count in the times
            speed = times_as_fast(lambda: in_openvino.run(pixels), lambda: in_torch.run(pixels))
    except (RuntimeError, MemoryError) as error:  # making a graph takes several times the memory of the network
        log.warning("%s cannot be prepared for OpenVINO (%s); it runs in torch.", spec.title, error)
        return in_torch
    log.info("%s: OpenVINO is %.2f times as fast as torch on this machine.", spec.title, speed)
    graph_cache.keep(lambda folder: write_graph(graph, folder), speed, *_circumstances(spec, sha256))
    return in_openvino if _is_chosen(speed) else in_torch


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
