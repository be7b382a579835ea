"""Faults of the machine that bind even the superuser: a full disk, and memory that runs out."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def disk_full_after(size: int) -> Iterator[None]:
    """No file can grow beyond `size` bytes: writing fails with EFBIG, which Python gets like ENOSPC."""
    with _limited(resource.RLIMIT_FSIZE, size):
        yield


@contextmanager
def memory_left(size: int) -> Iterator[None]:
    """No more than `size` bytes of new address space can be had by this process."""
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    with _limited(resource.RLIMIT_AS, used + size):
        yield


@contextmanager
def _limited(what: int, limit: int) -> Iterator[None]:
    before = resource.getrlimit(what)
    resource.setrlimit(what, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(what, before)
