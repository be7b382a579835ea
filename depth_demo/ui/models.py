"""Which model the page chooses, and the model that is loaded for everybody. The page does not import its engine."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from depth_demo.geometry import DepthKind
from depth_demo.monocular.answers import Sampling
from depth_demo.monocular.engines.choice import import_expected, load_fastest, refuse_before_download
from depth_demo.monocular.engines.zerogpu import is_on_zero_gpu
from depth_demo.monocular.hub import Progress, is_on_machine, locate, obtainable
from depth_demo.monocular.input_size import NetworkSize
from depth_demo.monocular.models import DEFAULT, MODELS, TINY, ModelSpec, find_model
from depth_demo.monocular.timing import machine_rate, typical_seconds
from depth_demo.wording.durations import about

if TYPE_CHECKING:
    from depth_demo.monocular.estimator import Estimator


HIDE_VARIABLE = "DEPTH_DEMO_HIDE"  # names of models that are not offered, with commas between; * stands for anything
SAY_FROM_S, ASK_FROM_S = 5.0, 60.0  # a shorter wait is not worth a sentence, nor a question
NEARLY = 0.9  # of `ASK_FROM_S`, as sides are rounded to steps of the network
SHAPES = tuple((1000, round(1000 * ratio)) for ratio in np.geomspace(1, 16, 80))  # photos from squares to strips
PATIENT = "Run it all the same, however long it takes"
AUTO = "auto"  # stands for the page's own choice
IDLE_S = 5.0  # after which a model gives back the memory it works in
CHOICE_LASTS_S = 60.0  # as asking the Hub may take 3 s


@runtime_checkable
class Resting(Protocol):
    """An engine that keeps memory between runs, and can give it back."""

    def rest(self, idle_s: float) -> None:
        """Give it back if nothing has run for so long [s]."""


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
        refuse_before_download(spec)
        locate(spec, progress=progress)  # a download may take minutes: nobody else waits for it
        with self._lock:
            if self._loaded is None or self._loaded.spec.name != name:
                self._loaded = loaded = None  # its memory is free before the next one is read
                self._loaded = load_fastest(name, progress=progress)
            return self._loaded

    def rest(self) -> None:
        """Let the loaded model give back the memory it works in, if it is idle and can."""
        loaded = self._loaded
        if isinstance(loaded, Resting):
            loaded.rest(IDLE_S)


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


def offered() -> list[ModelSpec]:
    """Return the models that the page and the endpoints offer: all but those that the owner hides.

    The two that the page chooses by itself always stay.
    """
    hidden = [pattern.strip() for pattern in os.environ.get(HIDE_VARIABLE, "").split(",")]

    def stays(spec: ModelSpec) -> bool:
        return spec in (DEFAULT, TINY) or not any(fnmatchcase(spec.name, pattern) for pattern in hidden)

    return [spec for spec in MODELS.values() if stays(spec)]


def model_choices() -> list[tuple[str, str]]:
    """Return what the menu of models offers, those of one family together: title, kind, licence and size; and the name."""
    families = list(dict.fromkeys(spec.family for spec in offered()))
    rows = sorted(offered(), key=lambda spec: families.index(spec.family))
    return [(f"{spec.title} ({', '.join(_facts(spec))})", spec.name) for spec in rows]


_KINDS = {
    DepthKind.RELATIVE_INVERSE_DEPTH: "relative",
    DepthKind.RELATIVE_DEPTH: "affine depth",
    DepthKind.METRIC_DEPTH: "metres",
}


def _facts(spec: ModelSpec) -> Iterator[str]:
    yield _KINDS[spec.kind]
    yield spec.licence
    if spec.download_bytes:
        yield size_of(spec)
    if spec.frames > 1:
        yield "for video"
    if spec.needs_gpu:
        yield "needs a GPU"
    if spec.lacking_packages:
        yield "not installed"


def size_of(spec: ModelSpec) -> str:
    """Return the size of a model's files as people write it."""
    return f"{spec.download_bytes / 1e9:.1f} GB" if spec.download_bytes >= 1e9 else f"{spec.download_bytes / 1e6:.0f} MB"


HERE, BUNDLED = "Its weights are on this machine.", "This model comes with the app."


def where_from(spec: ModelSpec) -> str:
    """Say where a model's weights come from, in a sentence."""
    if not spec.hub_files:
        return BUNDLED
    if is_on_machine(spec):
        return HERE
    return f"{size_of(spec) if spec.download_bytes else 'Its weights'} are fetched once, then kept."


def about_model(name: str, seconds: float | None = None) -> str:
    """Say what a visitor should know of a chosen model. Takes up to 3 s where the Hub does not answer.

    Args:
        name: Of the model.
        seconds: What a photo takes here, if that is known.
    """
    spec = MODELS[name]
    if spec.lacking_packages:
        return spec.lacking_packages
    if lack := lack_of(spec):
        return f"{lack}: it cannot be loaded now."
    sentences = [spec.warning] if spec.warning else []
    if spec.hub_files or not sentences:
        sentences.append(where_from(spec))
    if seconds is not None and seconds >= SAY_FROM_S:
        sentences.append(f"A photo takes {about(seconds)} on this machine.")
    return " ".join(sentences)


def predicted_s(spec: ModelSpec, sampling: Sampling | None = None, size: NetworkSize | None = None) -> float | None:
    """Predict before anything is loaded how long a photo takes here [s]; None where a GPU seems to be at hand.

    Args:
        spec: The model.
        sampling: How it draws; None takes the model's own way.
        size: Of the network's input; None takes that of a usual photo.
    """
    has_gpu = Path("/dev/nvidiactl").exists() or sys.platform == "darwin" or is_on_zero_gpu()
    if has_gpu:
        return None
    return spec.work(size, sampling) / machine_rate() if size else typical_seconds(spec, sampling)


def may_take_long(spec: ModelSpec, sampling: Sampling | None, sizes: Iterable[NetworkSize]) -> bool:
    """Return whether a visitor may be asked before a photo of some shape.

    Args:
        spec: The model.
        sampling: How it draws; None takes the model's own way.
        sizes: Of the network's input, for photos of all `SHAPES`.
    """
    seconds = (predicted_s(spec, sampling, size) or 0 for size in sizes)
    return max(seconds) > NEARLY * ASK_FROM_S


def refuse_long(spec: ModelSpec, sampling: Sampling | None, size: NetworkSize | None = None, *, patient: bool) -> None:
    """Ask a visitor first if a model takes long on this machine.

    Raises:
        ValueError: If it takes long, and the visitor has not said that they wait.
    """
    seconds = None if patient else predicted_s(spec, sampling, size)
    if seconds is not None and seconds > ASK_FROM_S:
        raise ValueError(
            f'{spec.title} takes {about(seconds)} a photo on this machine. If that is all right, tick "{PATIENT}", '
            "or send patient=true; otherwise choose a smaller model."
        )


def lack_of(spec: ModelSpec) -> str:
    """Say in half a sentence that the weights cannot be had; "" if they can."""
    if obtainable(spec):
        return ""
    return f"{spec.title} is not on this machine and the Hugging Face Hub does not answer"


def choose_model() -> tuple[str, str]:
    """Choose a model for a visitor, and say why. Takes up to 3 s where the Hub does not answer."""
    lack = lack_of(DEFAULT)
    if not lack:
        return DEFAULT.name, where_from(DEFAULT)
    return TINY.name, f"{lack}, so {TINY.title} is chosen: {TINY.note}"
