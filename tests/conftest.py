"""What all tests share: synthetic maps, and a folder of random weights for the app's default model."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap
from depth_demo.monocular.depth_anything import VARIANTS
from tests.monocular.official import random_state_dict

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
