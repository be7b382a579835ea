"""How much memory is free, by the kernel or by the container's limit."""

from __future__ import annotations

from pathlib import Path


def bytes_text(amount: int) -> str:
    """Return an amount of memory in GiB, or in MiB if it is small."""
    return f"{amount / 2**30:.1f} GiB" if amount >= 2**30 / 10 else f"{amount / 2**20:.0f} MiB"


def available_bytes(root: Path = Path("/")) -> int | None:
    """Return the free memory [bytes] by the kernel or by the container's limit, whichever is less; None if neither is told.

    Files that the kernel only caches count as free. `root` holds `proc` and `sys`.
    """
    free = [_of_kernel(root / "proc/meminfo"), _of_container(root / "sys/fs/cgroup")]
    return min((value for value in free if value is not None), default=None)


def _of_kernel(meminfo: Path) -> int | None:
    kilobytes = _table(meminfo).get("MemAvailable:")
    return None if kilobytes is None else 1024 * kilobytes


def _of_container(cgroup: Path) -> int | None:
    """Return limit less use, of either version of control groups; None for a limit of "max"."""
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
    """Read lines of a name and a number, as the kernel writes them."""
    if not path.is_file():
        return {}
    fields = (line.split() for line in path.read_text().splitlines())
    return {words[0]: int(words[1]) for words in fields if len(words) > 1}
