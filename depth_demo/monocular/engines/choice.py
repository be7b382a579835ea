"""Which engine runs a model, and in which precision: torch, or on the CPU OpenVINO where it is installed and was faster.

An engine is imported only after it is chosen.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
import os
import platform
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from depth_demo.free_memory import available_bytes
from depth_demo.monocular.engines import graph_cache, zerogpu
from depth_demo.monocular.engines.precision import EXACT, bf16_units, wished_precision
from depth_demo.monocular.engines.verdict import Verdict
from depth_demo.monocular.hub import Progress, fingerprint, is_on_machine, locate
from depth_demo.monocular.models import DEFAULT, DEFAULT_MODEL, ModelSpec, find_model

if TYPE_CHECKING:
    from depth_demo.monocular.estimator import Estimator

ENGINE_VARIABLE = "DEPTH_DEMO_ENGINE"
ENGINES = ("torch", "openvino")
GRAPH_VERSION = 2  # raised with every change to what `export` makes, and to the tests that choose
TRIAL_BYTES, TRIAL_SHARE = 6 * 10**8, 2.5  # of memory: for activations, and of the model's own (measured with Small and Large)
log = logging.getLogger(__name__)


def load_fastest(name: str = DEFAULT_MODEL, weights: str | Path | None = None, progress: Progress | None = None) -> Estimator:
    """Load a model with the engine named in DEPTH_DEMO_ENGINE, or else with the faster one. On ZeroGPU torch borrows a GPU.

    The first time, the network is made into a graph and both engines are timed, once per model and machine. Where the
    processor has units for bfloat16, 16-bit products are tried as well, if DEPTH_DEMO_PRECISION allows it. Models that are
    not exportable always run in torch, in float32.

    Args:
        name: As for `estimator.load_estimator`.
        weights: As for `estimator.load_estimator`.
        progress: As for `estimator.load_estimator`.

    Raises:
        ValueError, OSError: As `load_estimator`; also if DEPTH_DEMO_ENGINE or DEPTH_DEMO_PRECISION is wrong, or the engine is
            not installed.
    """
    spec = find_model(name)
    if zerogpu.is_on_zero_gpu() and weights is None:
        if _wish() == "openvino":
            raise ValueError(f"{ENGINE_VARIABLE} is openvino, but on ZeroGPU models run in torch: remove the variable.")
        return zerogpu.load(spec, progress)
    in_torch = _wish() == "torch" or not _installed()
    if not spec.exportable or (in_torch and not _may_mix(spec)):
        from depth_demo.monocular.estimator import load_estimator

        return load_estimator(name, weights, progress=progress)
    sha256 = fingerprint(spec, locate(spec, weights, progress))
    kept = graph_cache.find(*_circumstances(spec, sha256))
    if kept is None:
        return _try_all(spec, weights, sha256, progress)
    if in_torch or not _is_chosen(kept.verdict.speed):
        from depth_demo.monocular.engines.trial import in_precision
        from depth_demo.monocular.estimator import load_estimator

        return in_precision(load_estimator(name, weights, progress=progress), kept.verdict.in_torch)
    return _read(spec, sha256, kept) or _try_all(spec, weights, sha256, progress)


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
    if kept is not None and _is_chosen(kept.verdict.speed):
        import depth_demo.monocular.engines.openvino
    else:
        import depth_demo.monocular.estimator  # noqa: F401


def _wish() -> str:
    """Return the engine asked for; "" if none is."""
    wish = os.environ.get(ENGINE_VARIABLE, "")
    if wish not in ("", *ENGINES):
        raise ValueError(f"{ENGINE_VARIABLE} must be {' or '.join(ENGINES)}, not {wish!r}.")
    if wish == "openvino" and not _installed():
        raise ValueError(f"{ENGINE_VARIABLE} is openvino, which is not installed: pip install openvino.")
    return wish


def _installed() -> bool:
    return importlib.util.find_spec("openvino") is not None


def _may_mix(spec: ModelSpec) -> bool:
    return bool(spec.mixed) and wished_precision() != EXACT and bool(bf16_units())


def _has_room(spec: ModelSpec) -> bool:
    """Whether the weights fit into the free memory in all the forms that a trial holds at once."""
    free = available_bytes()
    return free is None or TRIAL_BYTES + TRIAL_SHARE * spec.memory_bytes < free


def _is_chosen(speed: float) -> bool:
    return speed > 1 or _wish() == "openvino"


def _circumstances(spec: ModelSpec, sha256: str) -> tuple[object, ...]:
    """Return all that a graph and its time beside torch depend on; a GPU or a torch that can use one may have come since."""
    engines = ("openvino", "torch") if _installed() and _wish() != "torch" else ("torch",)
    versions = [f"{package} {importlib.metadata.version(package)}" for package in engines]
    machine = (platform.machine(), platform.processor(), bf16_units(), os.cpu_count(), Path("/dev/nvidiactl").exists())
    return (sha256, spec.loader, sorted(spec.options.items()), GRAPH_VERSION, wished_precision(), *versions, *machine)


def _read(spec: ModelSpec, sha256: str, kept: graph_cache.KeptGraph) -> Estimator | None:
    """Load a graph that is kept; None if that cannot be."""
    from depth_demo.monocular.engines.openvino import GRAPH, OpenVinoEstimator

    try:
        return OpenVinoEstimator(spec, kept.folder / GRAPH, sha256, kept.verdict.in_graph)
    except RuntimeError as error:  # a process that makes room may just have deleted it
        log.warning("The graph kept cannot be read (%s); it is made again.", error)
        shutil.rmtree(kept.folder, ignore_errors=True)
        return None


def _try_all(spec: ModelSpec, weights: str | Path | None, sha256: str, progress: Progress | None) -> Estimator:
    """Try what may run the model, keep the verdict, and return the fastest, or the engine asked for."""
    from depth_demo.monocular.engines import trial
    from depth_demo.monocular.estimator import load_estimator

    in_torch = load_estimator(spec.name, weights, "cpu" if _wish() else None, progress)
    if in_torch.device.type != "cpu":
        return in_torch
    if not _has_room(spec):
        log.warning("Too little memory is free to try how %s runs fastest; it runs in torch, in float32.", spec.title)
        return in_torch
    if progress is not None:
        progress(0.1, f"Measuring how {spec.title} runs fastest here, once")
    precision = wished_precision() if _may_mix(spec) else EXACT
    tried = None
    if _wish() != "torch" and _installed():
        try:
            tried = trial.try_graphs(in_torch, precision)
        except (RuntimeError, MemoryError) as error:  # making a graph takes several times the memory of the network
            log.warning("%s cannot be prepared for OpenVINO (%s); it runs in torch.", spec.title, error)
            return in_torch
    verdict = tried.verdict if tried else Verdict()
    is_in_torch = tried is None or not _is_chosen(verdict.speed)
    if is_in_torch:
        verdict = replace(verdict, in_torch=trial.try_torch(in_torch, precision))
    circumstances = _circumstances(spec, sha256)
    graph_cache.keep(tried.write if tried else lambda _: None, verdict, *circumstances)
    if is_in_torch or tried is None:
        return trial.in_precision(in_torch, verdict.in_torch)
    kept = graph_cache.find(*circumstances)
    return (kept and _read(spec, sha256, kept)) or tried.engine  # the first without all that a trial holds
