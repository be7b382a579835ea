"""What all tests share: synthetic maps, random weights for the default model, the served app, a Hub that is away."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # each of pytest's workers has one core, and threads that wait for each other have none
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["DEPTH_DEMO_ENGINE"] = "torch"  # the other one is chosen by time, and has tests of its own
os.environ["DEPTH_DEMO_PRECISION"] = "float32"  # so are 16 bits

import certifi
import huggingface_hub
import numpy as np
import pytest
import torch
from huggingface_hub import constants
from numpy.typing import NDArray

from depth_demo.comparison.results import Comparison, Scores
from depth_demo.examples import list_examples
from depth_demo.geometry import DepthKind, DepthMap
from depth_demo.monocular.depth_anything import VARIANTS
from depth_demo.monocular.hub import WEIGHTS_VARIABLE
from tests.support.official import random_state_dict

PAIRS = list_examples(Path(__file__).parent / "pairs")  # small random-dot pairs, exact and quickly matched
SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


def pytest_collection() -> None:
    """Look for no garbage among what is imported while tests are collected: that took a third of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage from now on, but not among what was imported, which stays."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Trust one authority: Gradio's client reads the certificates of all for each request, and no server here has one."""
    first, end, _ = Path(certifi.where()).read_text("utf-8").partition("-----END CERTIFICATE-----")
    file = tmp_path_factory.mktemp("trusted") / "one.pem"
    file.write_text(f"{first}{end}\n", "utf-8")  # with none at all, the client of Xet fails
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(file))
        patch.delenv("SSL_CERT_DIR", raising=False)
        yield


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def weights_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Depth Anything V2 Small as the Hub would deliver it, but with random weights."""
    folder = tmp_path_factory.mktemp("weights")
    torch.save(random_state_dict(VARIANTS["vits"]), folder / "depth_anything_v2_vits.pth")
    return folder


def disparity_map(values: NDArray[np.generic] | list[list[float]]) -> DepthMap:
    return DepthMap(np.asarray(values, np.float32), DepthKind.DISPARITY)


@pytest.fixture(scope="session")
def app_url(weights_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app itself, with random weights for its default model."""
    variables = {"DEPTH_DEMO_WEIGHTS": str(weights_folder), "HF_HUB_OFFLINE": "1"}
    with served_app(tmp_path_factory.mktemp("gradio"), variables) as url:
        yield url


@dataclass(frozen=True, slots=True)
class Served:
    """The app in a process of its own.

    Attributes:
        url: Where it answers.
        process: To send signals to.
        files: Where it keeps uploads and results.
        log: What it writes to the terminal.
    """

    url: str
    process: subprocess.Popen[str]
    files: Path
    log: Path


@contextmanager
def served_app(folder: Path, variables: Mapping[str, str], *options: str) -> Iterator[str]:
    """The URL of the app, started as people start it."""
    with started(options, "app.py", folder, variables) as served:
        yield served.url


@contextmanager
def started(
    options: Sequence[str], script: str, folder: Path, variables: Mapping[str, str], port: int = 0
) -> Iterator[Served]:
    """A Python script that serves the app, on a port of this machine, which it is told; `folder` is for its files.

    Args:
        port: 0 takes a free one.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = port or probe.getsockname()[1]
    root = Path(__file__).parents[1]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "DEPTH_DEMO_"))}
    home = {
        "GRADIO_TEMP_DIR": str(folder / "gradio"),
        "HF_HOME": str(folder / "hub"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(root),
        "DEPTH_DEMO_ENGINE": "torch",
        "DEPTH_DEMO_PRECISION": "float32",
    }
    command = [sys.executable, script, "--port", str(port), *options]
    log = folder / "log"
    with (
        log.open("a") as terminal,
        subprocess.Popen(
            command, cwd=root, env={**inherited, **home, **variables}, stdout=subprocess.PIPE, stderr=terminal, text=True
        ) as server,
    ):
        assert server.stdout is not None
        try:
            for line in server.stdout:
                if "Running on local URL" in line:
                    break
            else:
                pytest.fail(f"the app ended with code {server.wait()} before it was ready:\n{log.read_text()}")
            yield Served(f"http://127.0.0.1:{port}", server, folder / "gradio", log)
        finally:
            server.terminate()


@pytest.fixture
def no_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty cache, no proxy, no token, no telemetry, and a Hub at a port that refuses."""
    monkeypatch.delenv(WEIGHTS_VARIABLE, raising=False)
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "*")  # for proxies that come from the system's settings
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_IMPLICIT_TOKEN", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and never listens
        set_endpoint(f"http://127.0.0.1:{nobody.getsockname()[1]}", monkeypatch)
        yield
    huggingface_hub.close_session()


def set_endpoint(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As HF_ENDPOINT would have done when the client was imported."""
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}")


def stereo_of(comparison: Comparison) -> Scores:
    """The scores of stereo, which there are with a truth."""
    assert comparison.stereo is not None
    return comparison.stereo
