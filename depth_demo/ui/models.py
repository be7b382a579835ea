"""Which model the page chooses, and the model that is loaded for everybody. The page does not import its engine."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from depth_demo.monocular.engines.choice import import_expected, load_fastest
from depth_demo.monocular.hub import Progress, is_on_machine, locate, obtainable
from depth_demo.monocular.models import DEFAULT, MODELS, TINY, ModelSpec, find_model

if TYPE_CHECKING:
    from depth_demo.monocular.estimator import Estimator


AUTO = "auto"  # stands for the page's own choice
CHOICE_LASTS_S = 60.0  # as asking the Hub may take 3 s


class ModelShelf:
    """Room for one loaded model. Another one takes its place once its files are on this machine.

    Args:
        clock: Tells the time [s].
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._loaded: Estimator | None = None
        self._clock = clock
        self._chosen, self._chosen_until = DEFAULT.name, clock()

    @property
    def loaded(self) -> Estimator | None:
        """Return the model that is loaded now."""
        return self._loaded

    def resolve(self, name: str) -> str:
        """Return the name of a model: `AUTO` stands for what `choose_model` chose within the last minute, or chooses now."""
        if name != AUTO:
            return name
        if self._clock() >= self._chosen_until:
            self._chosen = choose_model()[0]
            self._chosen_until = self._clock() + CHOICE_LASTS_S
        return self._chosen

    def expect(self, name: str) -> str:
        """Return what `resolve` will most likely return, without asking the Hub."""
        return self._chosen if name == AUTO else name

    def get(self, name: str, progress: Progress | None = None) -> Estimator:
        """Return the model called `name`, and load it if need be. `progress` is called during downloads.

        Raises:
            ValueError, OSError: As `load_fastest`.
        """
        loaded = self._loaded
        if loaded is not None and loaded.spec.name == name:
            return loaded
        spec = find_model(name)
        if spec.needs:
            spec.import_loader()  # what is not installed is said before a download
        locate(spec, progress=progress)  # a download may take minutes: nobody else waits for it
        with self._lock:
            if self._loaded is None or self._loaded.spec.name != name:
                self._loaded = loaded = None  # its memory is free before the next one is read
                self._loaded = load_fastest(name, progress=progress)
            return self._loaded


@cache
def prepare() -> None:
    """Import what an estimate needs, torch in most cases, and the parts of Plotly, while a visitor looks at the page.

    This happens once in a process. What is there afterwards is never looked through for garbage again.
    """
    import_expected()
    from depth_demo.render.surface import render_surface

    render_surface(np.ones((2, 2), np.float32), "", np.zeros((2, 2, 3), np.uint8), 1.0)
    gc.freeze()


def needs_download(inputs: Sequence[object]) -> bool:
    """Return whether a handler's inputs name a model whose files are not all on this machine."""
    named = [MODELS[value] for value in inputs if isinstance(value, str) and value in MODELS]
    with suppress(OSError):  # a folder that cannot be read: the handler will say so
        return not all(map(is_on_machine, named))
    return False


def model_choices() -> list[tuple[str, str]]:
    """Return what the menu of models offers: the title with the licence, and the name."""
    return [(f"{spec.title} ({spec.licence})", spec.name) for spec in MODELS.values()]


FETCHED, BUNDLED = "Weights are fetched once, then kept.", "This model comes with the app."


def about_model(name: str) -> str:
    """Say what a visitor should know of a chosen model. Takes up to 3 s where the Hub does not answer."""
    spec = MODELS[name]
    lack = lack_of(spec)
    return f"{lack}: it cannot be loaded now." if lack else spec.warning or (FETCHED if spec.hub_files else BUNDLED)


def lack_of(spec: ModelSpec) -> str:
    """Say in half a sentence that the weights cannot be had; "" if they can."""
    if obtainable(spec):
        return ""
    return f"{spec.title} is not on this machine and the Hugging Face Hub does not answer"


def choose_model() -> tuple[str, str]:
    """Choose a model for a visitor, and say why. Takes up to 3 s where the Hub does not answer."""
    lack = lack_of(DEFAULT)
    if not lack:
        return DEFAULT.name, FETCHED
    return TINY.name, f"{lack}, so {TINY.title} is chosen: {TINY.note}"
