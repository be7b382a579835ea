"""Free memory is read from the files of the kernel and of the container, here made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from depth_demo.stereo import memory
from depth_demo.stereo.memory import MAX_BYTES, available_bytes, budget_bytes


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


MEMINFO = {"proc/meminfo": "MemTotal: 9000 kB\nMemFree: 10 kB\nMemAvailable:    4000 kB\n"}
CGROUP = "sys/fs/cgroup"
LIMITED = {
    f"{CGROUP}/memory.max": "3000000\n",
    f"{CGROUP}/memory.current": "2500000\n",
    f"{CGROUP}/memory.stat": "anon 2000000\ninactive_file 400000\n",
}
VERSION_1 = {
    f"{CGROUP}/memory/memory.limit_in_bytes": "3000000\n",
    f"{CGROUP}/memory/memory.usage_in_bytes": "2500000\n",
    f"{CGROUP}/memory/memory.stat": "inactive_file 1\ntotal_inactive_file 300000\n",
}


@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({}, None),
        (MEMINFO, 4_096_000),
        (MEMINFO | LIMITED, 900_000),  # 3,000,000 - 2,500,000 + 400,000
        (LIMITED, 900_000),
        (VERSION_1, 800_000),
        (MEMINFO | LIMITED | {f"{CGROUP}/memory.max": "max\n"}, 4_096_000),
        (LIMITED | {f"{CGROUP}/memory.current": "3600000\n"}, 0),
        ({"proc/meminfo": "MemTotal: 9000 kB\n"}, None),
    ],
)
def test_the_smaller_of_machine_and_container_counts(tmp_path: Path, files: dict[str, str], free: int | None) -> None:
    write(tmp_path, files)
    assert available_bytes(tmp_path) == free


def test_matching_never_takes_more_than_its_limit() -> None:
    assert 0 < budget_bytes(MAX_BYTES) <= MAX_BYTES


def test_memory_that_this_process_keeps_can_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    free = [1000]
    monkeypatch.setattr(memory, "available_bytes", lambda: free[-1])
    monkeypatch.setattr(memory, "RECLAIMERS", [lambda: free.append(4000)])
    assert budget_bytes(500) == 500
    assert budget_bytes(501) == 2000
