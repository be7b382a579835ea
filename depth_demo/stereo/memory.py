"""How much memory there is for matching, before any of it is taken."""

from __future__ import annotations

from collections.abc import Callable

from depth_demo.free_memory import available_bytes, bytes_text

__all__ = ["MAX_BYTES", "RECLAIMERS", "available_bytes", "budget_bytes", "bytes_text"]

MAX_BYTES = 4 << 30  # however much there is
SHARE = 0.5  # of what is free; the rest is for other visitors and for the maps
# Called before memory is called short: a server gives back what its C library keeps of freed memory.
RECLAIMERS: list[Callable[[], None]] = []


def budget_bytes(wanted: int) -> int:
    """Return what matching may take now [bytes]: a share of the free memory, and never more than `MAX_BYTES`.

    If that is less than `wanted`, the process first gives back memory that it has freed, but kept.
    """
    budget = _share(available_bytes())
    if budget < min(wanted, MAX_BYTES):
        for reclaim in RECLAIMERS:
            reclaim()
        budget = _share(available_bytes())
    return budget


def _share(free: int | None) -> int:
    return MAX_BYTES if free is None else min(MAX_BYTES, int(SHARE * free))
