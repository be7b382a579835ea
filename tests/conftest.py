"""What all tests share: synthetic maps, and a folder of random weights for the app's default model."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from depth_demo.examples import list_examples
from depth_demo.geometry import DepthKind, DepthMap
from depth_demo.monocular.depth_anything import VARIANTS
from tests.monocular.official import random_state_dict

PAIRS = list_examples(Path(__file__).parent / "pairs")  # small random-dot pairs, exact and quickly matched
SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
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
    """The app itself, started as people start it, on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DEPTH_DEMO_WEIGHTS": str(weights_folder),
        "GRADIO_TEMP_DIR": str(tmp_path_factory.mktemp("gradio")),
        "HF_HUB_OFFLINE": "1",
        "PYTHONUNBUFFERED": "1",
    }
    root = Path(__file__).parents[1]
    command = [sys.executable, "app.py", "--port", str(port)]
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            for line in server.stdout:
                if "Running on local URL" in line:
                    break
            else:
                pytest.fail(f"the app ended with code {server.wait()} before it was ready")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
