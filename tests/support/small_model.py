"""A model that downloads in no time, and how tests load it and look at what came of it."""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import Tensor

from depth_demo.geometry import DepthKind
from depth_demo.monocular.depth_anything import Variant, load_network
from depth_demo.monocular.depth_anything.folding import fold
from depth_demo.monocular.estimator import TorchEstimator, load_estimator
from depth_demo.monocular.hub import WEIGHTS_VARIABLE
from depth_demo.monocular.input_size import Preprocessing
from depth_demo.monocular.models import HubFile, ModelSpec, WeightsUnavailableError, find_model
from tests.support.official import random_state_dict

TINY = Variant(128, 4, 2, (0, 1, 2, 3), 16, (8, 16, 32, 32))  # 4.5 MB of weights
SMALL_NETWORK = Variant(32, 12, 2, (2, 5, 8, 11), 16, (8, 16, 32, 32))  # V2's depth and taps
ON_HUB = HubFile("somebody/Tiny-Depth", "tiny_depth.pth")
ROW = ModelSpec(
    name="tiny",
    title="Tiny Depth",
    licence="a licence",
    kind=DepthKind.RELATIVE_INVERSE_DEPTH,
    files=(ON_HUB,),
    loader="depth_demo.monocular.depth_anything:load_network",
    options={"variant": "tiny"},
    preprocessing=Preprocessing(),
)
V1_ROW = replace(ROW, files=(HubFile("somebody/tiny_depth14", "pytorch_model.bin"),))
WEIGHTS, OTHER_WEIGHTS = random_state_dict(TINY), random_state_dict(TINY, seed=1)
IMAGE = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
FORMATS = ["zipped .pth", "zipped .bin", "legacy .bin", ".safetensors"]  # legacy: as torch wrote them until 1.5
PATIENCE_S = 20.0  # left to itself, the client waits minutes for a silent Hub


def encoded(content: object, form: str) -> bytes:
    """`content` as the bytes of a file in one of `FORMATS`."""
    if form == ".safetensors":
        assert isinstance(content, dict)
        return safetensors.torch.save(content)
    stream = io.BytesIO()
    torch.save(content, stream, _use_new_zipfile_serialization=not form.startswith("legacy"))
    return stream.getvalue()


def suffix(form: str) -> str:
    return form.rpartition(" ")[2]


FILE = encoded(WEIGHTS, "zipped .pth")


class Calls(list[tuple[float, str]]):
    """What a progress bar was told."""

    def __call__(self, share: float, text: str) -> None:
        self.append((share, text))

    def assert_complete(self, steps: int) -> None:
        shares = [share for share, _ in self]
        assert len(shares) >= steps
        assert shares == sorted(set(shares))
        assert shares[0] > 0
        assert shares[-1] == 1.0
        assert all(re.fullmatch(r"Downloading Tiny Depth: \d of 5 MB", text) for _, text in self)
        assert self[-1][1].endswith(": 5 of 5 MB")


def assert_holds(estimator: TorchEstimator, weights: Mapping[str, Tensor]) -> None:
    """The estimator's network has exactly these weights, folded."""
    loaded, folded = estimator.network.state_dict(), fold(weights)
    assert len(loaded) > 60
    assert all(torch.equal(value, folded[name]) for name, value in loaded.items())


def load(progress: Calls | None = None, weights: str | Path | None = None) -> TorchEstimator:
    return load_estimator("tiny", weights, "cpu", progress)


@contextmanager
def reported(reason: str) -> Iterator[pytest.ExceptionInfo[WeightsUnavailableError]]:
    """The block says soon that the weights cannot be had, why not, and what to do about it."""
    start = perf_counter()
    with pytest.raises(WeightsUnavailableError) as caught:
        yield caught
    assert perf_counter() - start < PATIENCE_S
    assert_helps(str(caught.value), reason)


def assert_helps(message: str, reason: str) -> None:
    for part in (ROW.title, ON_HUB.name, ON_HUB.repo, reason, WEIGHTS_VARIABLE, "HF_HOME", "choose Depth Demo Tiny"):
        assert part in message


def small_estimator(name: str = "depth-anything-v2-small") -> TorchEstimator:
    """A model of the list, with a small network of random weights."""
    spec = find_model(name)
    max_depth = spec.options["max_depth"]
    assert max_depth is None or isinstance(max_depth, float)
    return TorchEstimator(spec, load_network(random_state_dict(SMALL_NETWORK), SMALL_NETWORK, max_depth), "cpu")


# In a fresh process, where the client reads its environment and has asked nothing yet.

CHILD = """
import json, pickle, resource, sys, time
from depth_demo.monocular.hub import locate
from depth_demo.monocular.models import WeightsUnavailableError

for largest_file in json.loads(sys.argv[2]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))
    calls, size, error, start = [], 0, "", time.perf_counter()
    try:
        (path,) = locate(pickle.loads(bytes.fromhex(sys.argv[1])), progress=lambda *call: calls.append(call))
        size = path.stat().st_size
    except WeightsUnavailableError as unavailable:
        error = str(unavailable)
    print(json.dumps({"size": size, "error": error, "seconds": time.perf_counter() - start, "calls": calls}))
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    size: int
    error: str
    seconds: float
    calls: list[tuple[float, str]]


def read_in_a_fresh_process(*largest_files: int, **environment: str) -> list[Outcome]:
    """One attempt for each number of bytes that a file may have; -1 for any."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", WEIGHTS_VARIABLE))}
    run = subprocess.run(
        [sys.executable, "-c", CHILD, pickle.dumps(ROW).hex(), json.dumps(largest_files)],
        cwd=Path(__file__).parents[2],
        env=inherited | {"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"} | environment,
        stdout=subprocess.PIPE,
        timeout=60,
        check=True,
    )
    return [Outcome(**json.loads(line)) for line in run.stdout.splitlines()]
