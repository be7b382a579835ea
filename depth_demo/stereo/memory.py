"""How much memory matching takes, and how much there is, before any of it is taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2

from depth_demo.stereo.modes import Mode

MAX_BYTES = 4 << 30  # however much there is
SHARE = 0.5  # of what is free; the rest is for other visitors and for the maps
PER_PIXEL = 14  # bytes of the speckle filter and the median
# Called before memory is called short: a server gives back what its C library keeps of freed memory.
RECLAIMERS: list[Callable[[], None]] = []
THREE_WAY_STRIPES = 4  # OpenCV cuts the picture into so many and works on one per thread


def direction_bytes(mode: Mode, height: int, columns: int, num_disparities: int, block_size: int) -> int:
    """Upper bound of what OpenCV takes for one direction that searches in so many columns.

    HH and HH4 hold every cost twice in 16 bits; the others hold a few rows of costs, as many as the window is high.
    """
    per_row = columns * num_disparities
    rows = 2 * (block_size + 8) * per_row
    costs = {
        "HH": 4 * height * per_row + rows,
        "HH4": 4 * height * per_row + rows,
        "SGBM": rows,
        "SGBM_3WAY": rows * min(THREE_WAY_STRIPES, cv2.getNumThreads()),
        "BM": 4 * per_row,
    }
    return costs[mode] + PER_PIXEL * height * columns


def budget_bytes(wanted: int) -> int:
    """What matching may take now: a share of the free memory, and never more than `MAX_BYTES`.

    Where that is less than `wanted`, what this process itself has freed, but kept, is given back first.
    """
    budget = _share(available_bytes())
    if budget < min(wanted, MAX_BYTES):
        for reclaim in RECLAIMERS:
            reclaim()
        budget = _share(available_bytes())
    return budget


def _share(free: int | None) -> int:
    return MAX_BYTES if free is None else min(MAX_BYTES, int(SHARE * free))


def available_bytes(root: Path = Path("/")) -> int | None:
    """Free memory by the kernel and by the container's limit, whichever is less; None where neither can be read.

    Files that the kernel only caches count as free. `root` holds `proc` and `sys`.
    """
    free = [_of_kernel(root / "proc/meminfo"), _of_container(root / "sys/fs/cgroup")]
    return min((value for value in free if value is not None), default=None)


def _of_kernel(meminfo: Path) -> int | None:
    kilobytes = _table(meminfo).get("MemAvailable:")
    return None if kilobytes is None else 1024 * kilobytes


def _of_container(cgroup: Path) -> int | None:
    """Limit less use, of either version of control groups; a limit of "max" is none."""
    places = (
        (cgroup / "memory.max", cgroup / "memory.current", cgroup / "memory.stat", "inactive_file"),
        (
            cgroup / "memory/memory.limit_in_bytes",
            cgroup / "memory/memory.usage_in_bytes",
            cgroup / "memory/memory.stat",
            "total_inactive_file",
        ),
    )
    for limit, used, statistics, cached in places:
        if limit.is_file() and used.is_file() and (text := limit.read_text().strip()).isdecimal():
            return max(int(text) - int(used.read_text()) + _table(statistics).get(cached, 0), 0)
    return None


def _table(path: Path) -> dict[str, int]:
    """Lines of a name and a number, as the kernel writes them."""
    if not path.is_file():
        return {}
    fields = (line.split() for line in path.read_text().splitlines())
    return {words[0]: int(words[1]) for words in fields if len(words) > 1}
