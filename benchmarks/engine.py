"""Our graphs in OpenVINO beside the exported official graph and our torch network; then fresh processes.

    python -m benchmarks.engine [--rounds 5] [--starts 3]

The exported graph has one fixed size, its position embedding as a constant, and float32 forced; ours takes every size.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import openvino as ov
import torch
from numpy.typing import NDArray

from benchmarks.network import Case, exported_graph, make_case
from benchmarks.paired import describe_machine, interleave, print_table, speed
from depth_demo.monocular.depth_anything import VARIANTS, load_network
from depth_demo.monocular.engines.choice import ENGINE_VARIABLE, ENGINES
from depth_demo.monocular.engines.export import trace
from depth_demo.monocular.engines.graph_cache import CACHE_VARIABLE
from depth_demo.monocular.engines.openvino import OPTIONS, OpenVinoEstimator
from depth_demo.monocular.estimator import TorchEstimator
from depth_demo.monocular.models import DEFAULT, DEFAULT_MODEL
from tests.support.official import random_state_dict

SIZES = ("vits-518x518", "vits-518x924")
EXPORTED = "exported graph in OpenVINO"
FIRST_RESULT = f"""
import numpy as np
from depth_demo.monocular.engines.choice import load_fastest
load_fastest({DEFAULT_MODEL!r})(np.zeros((518, 518, 3), np.uint8))
"""


def compare(size: str, rounds: int) -> None:
    """Print speed against the exported graph, and the largest error against our torch network."""
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        case = make_case(size, Path(folder))
        exported = ov.Core().compile_model(exported_graph(case), "CPU", OPTIONS).create_infer_request()
    ours, engine = _ours(case)
    pixels = case.image.numpy()
    runs: dict[str, Callable[[], NDArray[np.float32]]] = {
        EXPORTED: lambda: np.array(exported.infer([pixels], share_inputs=True)[0]),
        "our engine": lambda: engine.run(pixels),
        "our torch network": lambda: ours.run(pixels),
    }
    reference = ours.run(pixels)
    errors = {name: f"{np.abs(run() - reference).max() / reference.max():8.1e}" for name, run in runs.items()}
    timings = interleave(runs, rounds, warm_up=0)  # they have run once
    print(f"\n{size}, {rounds} rounds")
    print_table(timings, EXPORTED, {"": "   error"} | errors)
    print(f"our engine is {speed(timings['our engine'], timings['our torch network'])} times as fast as our torch network")


def compare_starts(starts: int) -> None:
    """Print seconds from the start of a process to its first map of 518x518, with the graph kept."""
    with tempfile.TemporaryDirectory() as folder:
        torch.save(random_state_dict(VARIANTS["vits"]), Path(folder) / DEFAULT.files[0].name)
        places = {"DEPTH_DEMO_WEIGHTS": folder, CACHE_VARIABLE: f"{folder}/cache"}

        def start(engine: str) -> None:
            environment = {**os.environ, **places, ENGINE_VARIABLE: engine}
            subprocess.run([sys.executable, "-c", FIRST_RESULT], env=environment, check=True, capture_output=True)

        timings = interleave({engine: partial(start, engine) for engine in ENGINES}, starts)
    print(f"\nFrom the start of a process to its first 518x518 map, {starts} starts")
    print_table(timings, "torch")


def _ours(case: Case) -> tuple[TorchEstimator, OpenVinoEstimator]:
    network = load_network(case.weights, case.variant)
    return TorchEstimator(DEFAULT, network, "cpu"), OpenVinoEstimator(DEFAULT, trace(network, DEFAULT))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--starts", type=int, default=3)
    options = parser.parse_args()
    print(describe_machine(("torch", "openvino")))
    for size in SIZES:
        compare(size, options.rounds)
    compare_starts(options.starts)


if __name__ == "__main__":
    main()
