"""Hypothesis repeats itself exactly, takes its time, and writes nothing into this folder."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(str(Path(tempfile.gettempdir()) / "depth-demo-hypothesis"))
settings.register_profile(
    "hostile", deadline=None, derandomize=True, database=None, max_examples=60, suppress_health_check=list(HealthCheck)
)
settings.load_profile("hostile")


@pytest.fixture(scope="session")
def upload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that is written anew for every example."""
    return tmp_path_factory.mktemp("uploads") / "upload.bin"
