"""How the C library keeps memory, where it can be told: GNU's."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # of malloc.h


def keep_memory_together() -> None:
    """Let all threads take memory from one heap that keeps what is freed, where the C library can be told.

    By itself it gives each thread a heap with holes of its own, and asks the system for every large array anew, which
    costs time with large photos (docs/growth.md). `give_memory_back` is the other half.
    """
    _c_library("mallopt", M_ARENA_MAX, 1)
    # Versions before 2.35 allow no more than 32 MiB; where neither is taken, the last setting would end what adapts itself.
    if _c_library("mallopt", M_MMAP_THRESHOLD, 2**30) or _c_library("mallopt", M_MMAP_THRESHOLD, 2**25):
        _c_library("mallopt", M_TRIM_THRESHOLD, 2**31 - 1)


def give_memory_back(*, garbage: bool = False) -> None:
    """Return to the system what the C library keeps of freed memory: half of a busy server's, where it can be asked to.

    Args:
        garbage: Look for garbage first. Python counts objects and not bytes, so that a comparison of 100 MB may wait for
            long. The search holds up everybody for 0.2 s.
    """
    if garbage:
        gc.collect()
    _c_library("malloc_trim", 0)


def _c_library(function: str, *arguments: int) -> int:
    """Return the answer of a function of the C library; 0 where it is not the GNU library, or has no such function."""
    with suppress(OSError, AttributeError, TypeError):
        return int(getattr(ctypes.CDLL(None), function)(*arguments))
    return 0
