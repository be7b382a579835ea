"""What a server keeps of the memory of runs that have ended."""

from __future__ import annotations

import gc
import weakref

from depth_demo.serving.malloc import give_memory_back


class Holder:
    """Holds itself, as results with callbacks may."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_goes_when_it_is_looked_for() -> None:
    gc.disable()
    try:
        kept = weakref.ref(Holder())
        give_memory_back()
        assert kept() is not None
        give_memory_back(garbage=True)
        assert kept() is None
    finally:
        gc.enable()
