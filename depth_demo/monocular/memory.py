"""Running out of memory: how torch, NumPy, OpenCV and OpenVINO say it, and what a person should hear."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from depth_demo.free_memory import available_bytes, bytes_text
from depth_demo.monocular.spec import ModelSpec

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


def refuse_large(spec: ModelSpec) -> None:
    """Check before loading whether a model fits into the free memory, if the system tells how much that is.

    Raises:
        ValueError: If it does not.
    """
    free = available_bytes()
    if free is not None and spec.memory_bytes > free:
        needed, left = bytes_text(spec.memory_bytes), bytes_text(free)
        raise ValueError(
            f"{spec.title} needs {needed} of memory, and {left} are free on this machine: choose a smaller model."
        )


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
