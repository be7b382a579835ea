"""Running out of memory: how torch, NumPy, OpenCV and OpenVINO say it, and what a person should hear."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

SMALLER = "choose a smaller one, or a smaller model"
# CUDA and MPS, cuBLAS and cuDNN, torch on the CPU (the third on Windows), mapped files, C++, OpenCV.
_SIGNS = (
    "out of memory",
    "alloc_failed",
    "can't allocate memory",
    "not enough memory",
    "cannot allocate memory",
    "bad_alloc",
    "insufficient memory",
)


def ran_out(error: Exception) -> bool:
    """Return whether an error says that there is not enough memory, on any device."""
    return isinstance(error, MemoryError) or any(sign in str(error).lower() for sign in _SIGNS)


@contextmanager
def enough_for(what: str, advice: str) -> Iterator[None]:
    """Raise a sentence if memory runs out in the block.

    Raises:
        ValueError: If it did.
    """
    try:
        yield
    except Exception as error:
        if not ran_out(error):
            raise
        raise ValueError(f"This machine has not enough free memory for {what}: {advice}.") from error
