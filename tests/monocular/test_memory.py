"""Memory that runs out: a GPU's, for which the CPU steps in, and the machine's own, of which a sentence tells."""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from depth_demo.monocular.depth_anything import load_network
from depth_demo.monocular.estimator import TorchEstimator, load_estimator
from depth_demo.monocular.models import DEFAULT
from tests.support.faults import memory_left
from tests.support.official import random_state_dict
from tests.support.small_model import SMALL_NETWORK

IMAGE = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
MESSAGES = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 3.94 GiB."),
    RuntimeError("MPS backend out of memory (MPS allocated: 17.90 GB, other allocations: 80 KB, max allowed: 18.13 GB)."),
    RuntimeError("CUDA error: out of memory"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
]


class TooLarge(nn.Module):
    """A network on a device that fails, in the words of a GPU, at `step`: "moving" or "computing".

    There is no GPU here. The device is "meta", which torch knows and which holds no numbers: the images do go there, the
    weights only seem to. So what is tested is what the estimator does about the error, not that a GPU raises it.
    """

    def __init__(self, network: nn.Module, error: RuntimeError, step: str) -> None:
        super().__init__()
        self.network, self.error, self.step = network, error, step
        self.tried: list[str] = []

    def to(self, device: torch.device) -> TooLarge:  # type: ignore[override]
        self._fail_on(device, "moving")
        return self

    def forward(self, image: Tensor) -> Tensor:
        self._fail_on(image.device, "computing")
        return self.network(image)

    def _fail_on(self, device: torch.device, step: str) -> None:
        self.tried.append(f"{step} on {device}")
        if device.type != "cpu" and step == self.step:
            raise self.error


def small_network() -> nn.Module:
    return load_network(random_state_dict(SMALL_NETWORK), SMALL_NETWORK)


@pytest.mark.parametrize(
    ("error", "step"), list(zip(MESSAGES, itertools.cycle(("moving", "computing")), strict=False)), ids=str
)
def test_the_cpu_steps_in_once_and_for_good(error: RuntimeError, step: str, caplog: pytest.LogCaptureFixture) -> None:
    expected = TorchEstimator(DEFAULT, small_network(), "cpu")(IMAGE, 196).values
    network = TooLarge(small_network(), error, step)
    estimator = TorchEstimator(DEFAULT, network, "meta")
    if step == "computing":
        assert estimator.device_name == "META, float32"
    for _ in range(2):
        np.testing.assert_array_equal(estimator(IMAGE, 196).values, expected)
        assert estimator.device_name == "CPU, float32 after the GPU ran out of memory"
    assert estimator.half is None
    elsewhere = ["moving on meta"] if step == "moving" else ["moving on meta", "computing on meta"]
    assert [attempt for attempt in network.tried if attempt.endswith("meta")] == elsewhere
    assert caplog.text.count("The GPU (meta) ran out of memory, so Depth Anything V2 Small goes on on the CPU.") == 1


@pytest.mark.parametrize("step", ["moving", "computing"])
def test_other_errors_of_a_gpu_are_not_hidden(step: str) -> None:
    network = TooLarge(small_network(), RuntimeError("CUDA error: an illegal memory access was encountered"), step)
    with pytest.raises(RuntimeError, match="illegal memory access"):
        TorchEstimator(DEFAULT, network, "meta")(IMAGE, 196)


def apart(work: Callable[..., None], *arguments: object) -> None:
    """In a process of its own: oneDNN never recovers from memory that it did not get."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(work, *arguments).result()


def estimate_without_memory() -> None:
    estimator = TorchEstimator(DEFAULT, small_network(), "cpu")
    expected = estimator(IMAGE, 196).values
    sentence = "This machine has not enough free memory for Depth Anything V2 Small at this input size: choose a smaller one"
    with memory_left(2**24), pytest.raises(ValueError, match=f"^{sentence}, or a smaller model.$"):
        estimator(IMAGE, 1036)
    np.testing.assert_array_equal(estimator(IMAGE, 196).values, expected)


def load_without_memory(weights_folder: Path) -> None:
    sentence = "This machine has not enough free memory for the weights of Depth Anything V2 Small: choose a smaller model."
    with memory_left(2**24), pytest.raises(ValueError, match=f"^{sentence}$"):  # the file has 99 MB
        load_estimator(DEFAULT.name, weights_folder, "cpu")
    load_estimator(DEFAULT.name, weights_folder, "cpu")


def test_a_machine_without_memory_for_an_image_asks_for_a_smaller_size() -> None:
    apart(estimate_without_memory)


def test_a_machine_without_memory_for_a_model_does_not_blame_its_file(weights_folder: Path) -> None:
    apart(load_without_memory, weights_folder)
