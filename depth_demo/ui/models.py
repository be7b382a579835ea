"""Which model the page chooses, and the one used last, kept for everybody. Its engine is not imported by the page."""

from __future__ import annotations

import gc
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache

import numpy as np

from depth_demo.monocular import models as catalog
from depth_demo.monocular.engines.choice import LoadedModel, import_expected, load_fastest
from depth_demo.monocular.hub import Progress, find_on_machine, locate, obtainable


class ModelShelf:
    """Room for one loaded model: another one takes its place, once its file is there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: LoadedModel | None = None

    @property
    def loaded(self) -> LoadedModel | None:
        """The model that is there now."""
        return self._loaded

    def get(self, name: str, progress: Progress | None = None) -> LoadedModel:
        """The model called `name`, loaded if need be; `progress` hears of downloads.

        Raises:
            ValueError, OSError: As `load_fastest`.
        """
        loaded = self._loaded
        if loaded is not None and loaded.checkpoint.name == name:
            return loaded
        locate(catalog.find_checkpoint(name), progress=progress)  # a download may take minutes: nobody else waits for it
        with self._lock:
            if self._loaded is None or self._loaded.checkpoint.name != name:
                self._loaded = loaded = None  # its memory is free before the next one is read
                self._loaded = load_fastest(name, progress=progress)
            return self._loaded


@cache
def prepare() -> None:
    """Import what an estimate needs, torch in most cases, and the parts of Plotly, while a visitor looks at the page.

    Once in a process: what is there afterwards is never looked through for garbage again.
    """
    import_expected()
    from depth_demo.render.surface import render_surface

    render_surface(np.ones((2, 2), np.float32), "", np.zeros((2, 2, 3), np.uint8), 1.0)
    gc.freeze()


def needs_download(inputs: Sequence[object]) -> bool:
    """Whether among a handler's inputs is a model whose weights are not on this machine."""
    rows = (catalog.CATALOG.get(value) for value in inputs if isinstance(value, str))
    with suppress(OSError):  # a folder that cannot be read: the handler will say so
        return any(isinstance(row, catalog.HubCheckpoint) and find_on_machine(row) is None for row in rows)
    return False


FETCHED = "Weights are fetched once, then kept."


def about_model(name: str) -> str:
    """What to say beside a model that a visitor has chosen; takes up to 3 s where the Hub does not answer."""
    row = catalog.CATALOG[name]
    lack = lack_of(row)
    return f"{lack}: it cannot be loaded now." if lack else row.warning or FETCHED


def lack_of(row: catalog.Row) -> str:
    """Half a sentence if the weights cannot be had; "" if they can."""
    if not isinstance(row, catalog.HubCheckpoint) or obtainable(row):
        return ""
    return f"{row.title} is not on this machine and the Hugging Face Hub does not answer"


def choose_model() -> tuple[str, str]:
    """The model to choose for a visitor, and what to say about it; takes up to 3 s where the Hub does not answer."""
    default, tiny = catalog.DEFAULT, catalog.TINY
    lack = lack_of(default)
    if not lack:
        return default.name, FETCHED
    return tiny.name, f"{lack}, so {tiny.title} is chosen: {tiny.note}"
