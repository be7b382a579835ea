"""The published pairs beside the checkout, where they are there."""

from __future__ import annotations

import pytest

from depth_demo.datasets import open_dataset
from depth_demo.geometry import StereoPair
from tests.conftest import SHARED_DATA

_FOLDER = SHARED_DATA / "stereo"
REAL_SAMPLES = {sample.name: sample for sample in open_dataset(_FOLDER, "folder")} if _FOLDER.is_dir() else {}
each_real_sample = pytest.mark.parametrize("sample", REAL_SAMPLES.values(), ids=lambda sample: sample.name)


def real_pair(name: str) -> StereoPair:
    """Read a pair; the test is skipped where it is not there."""
    if name not in REAL_SAMPLES:
        pytest.skip(f"{name} is not at {_FOLDER}")
    return REAL_SAMPLES[name].load()
