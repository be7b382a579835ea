"""The script for SLURM, with a worker on this machine in place of those that `srun` starts on others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from depth_demo.batch.rows import read_rows
from tests.support.small_data_set import RANGE_PX, small_data_set

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy" / "slurm.sh"
SRUN = '#!/bin/sh\nexec "$@"\n'

pytest.importorskip("distributed")


def test_bash_can_read_it() -> None:
    assert subprocess.run(["bash", "-n", str(SCRIPT)], check=False, capture_output=True).stderr == b""


def test_it_scores_a_data_set_on_its_worker_and_leaves_nothing_behind(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "srun").write_text(SRUN)
    (programs / "srun").chmod(0o755)
    data, out = small_data_set(tmp_path / "data", "a", "b", "c"), tmp_path / "results"
    own = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "DEPTH_DEMO_PYTHON": sys.executable,
        "DEPTH_DEMO_INTERFACE": "lo",
        "HF_HUB_OFFLINE": "1",
        "SLURM_JOB_ID": "7",
    }
    options = ("--out", str(out), "--model", "depth-demo-tiny", "--matcher", "BM", "--disparities", str(RANGE_PX))
    with subprocess.Popen(
        [str(SCRIPT), str(data), *options],
        cwd=tmp_path,
        env=os.environ | own,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as job:
        said = job.communicate(timeout=120)[0].decode()
    assert job.returncode == 0, said
    _, *rows = read_rows(out)
    assert sorted(row["id"] for row in rows) == ["a", "b", "c"]
    assert not any(row["error"] for row in rows)
    assert {path.name for path in tmp_path.iterdir()} == {"bin", "data", "results"}  # no scheduler file
