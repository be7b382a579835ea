"""An engine whose GPU is borrowed for one run at a time: Hugging Face's ZeroGPU.

The package `spaces` asks for the GPU, forks a process that has it, and hands the process arguments and the answer back. Only
that process touches CUDA. It is forked from a server with many threads, so the code that it runs takes no lock of theirs.
This module must be imported before a page is launched, because the package reports at the launch what was decorated.
"""

from __future__ import annotations

import logging
import math
import os
import re
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthMap, RgbImage
from depth_demo.monocular.answers import Focal, Shot, Tell
from depth_demo.monocular.hub import Progress, fingerprint, locate
from depth_demo.monocular.input_size import AS_TRAINED
from depth_demo.monocular.memory import SMALLER, enough_for
from depth_demo.monocular.models import TINY, ModelSpec, Sampling, WeightsUnavailableError, find_model
from depth_demo.monocular.preprocessing import to_pixels
from depth_demo.monocular.timing import refuse_without_gpu

if TYPE_CHECKING:
    from depth_demo.monocular.estimator import Estimator, TorchEstimator

P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger(__name__)

VARIABLE = "SPACES_ZERO_GPU"
# Guesses on the safe side [s]: a new process with CUDA, then per GB of weights, and per GB and 518 x 518 px of input.
START_S, LOAD_S, RUN_S = 8.0, 8.0, 2.0
AT_ONCE = 4  # loans; each may have to wait for a minute until a GPU is free
ON_CPU = f"choose {TINY.title}, which runs on the CPU"


def is_on_zero_gpu() -> bool:
    """Return whether this machine is a Space that borrows its GPU."""
    return os.environ.get(VARIABLE, "").lower() in {"1", "t", "true"}


def gpu_seconds(name: str, paths: Sequence[Path], pixels: NDArray[np.float32], sampling: Sampling | None = None) -> int:
    """Predict for how long `infer` needs a GPU [s]. A visitor must have that much left, and is charged what was used."""
    gigabytes = sum(path.stat().st_size for path in paths) / 1e9
    model = find_model(name)
    squares = pixels.size / (3 * model.preprocessing.short_side**2)
    how = sampling or model.sampling
    runs = how.steps * how.members if how else 1
    return math.ceil(START_S + gigabytes * (LOAD_S + RUN_S * squares * runs))


def _find_lender() -> tuple[Callable[[Callable[P, R]], Callable[P, R]], str]:
    """Return what has a function run on a borrowed GPU, and half a sentence on why there is none.

    Where nothing is borrowed, a function stays the very same.
    """
    problem = ""
    if is_on_zero_gpu():
        try:
            import spaces

            return spaces.GPU(duration=gpu_seconds), ""
        except (ImportError, AttributeError, AssertionError, RuntimeError, TypeError) as error:
            problem = f"the package spaces cannot be used ({type(error).__name__})"
            log.warning("All models run on the CPU, because %s: %s", problem, error)
    return lambda function: function, problem


_borrowing, _problem = _find_lender()
_PROBLEMS = [_problem] if _problem else []  # why nothing is borrowed although this is ZeroGPU


def do_without(error: Exception) -> bool:
    """Have all models run on the CPU from now on if an error came from the package's report at the launch.

    Returns:
        Whether it did.
    """
    frames = (frame.f_globals.get("__name__") for frame, _ in traceback.walk_tb(error.__traceback__))
    if "spaces.zero.client" not in frames:
        return False
    log.warning(
        "All models run on the CPU, because the lender of GPUs failed at the start: %s: %s", type(error).__name__, error
    )
    _PROBLEMS.append("the lender of GPUs failed at the start")
    return True


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back from a borrowed GPU.

    Attributes:
        values: (1, h, w) float32, the network's answer; of a model of videos (T, h, w).
        seconds: What the network took, without waiting and loading.
    """

    values: NDArray[np.float32]
    seconds: float


@dataclass(frozen=True, slots=True)
class Refused:
    """A failure that was expected, as a value: of an exception only the name of its class would come back.

    Attributes:
        sentence: For the visitor.
    """

    sentence: str


_LOANS = threading.BoundedSemaphore(AT_ONCE)  # of the server; the process that has the GPU never touches it
_kept: dict[tuple[str, tuple[Path, ...]], TorchEstimator] = {}  # in the process that has the GPU: the last model


@_borrowing
def infer(name: str, paths: Sequence[Path], pixels: NDArray[np.float32], sampling: Sampling | None = None) -> Answer | Refused:
    """Load a model, unless it is the last one, and run it.

    Args:
        name: One of `models.MODELS`.
        paths: Of its files, which are on this machine.
        pixels: (1, 3, h, w) float32, normalised RGB; of a model of videos (T, 3, h, w).
        sampling: As for `Estimator.__call__`; its `tell` would not reach the page.
    """
    try:
        model = _loaded(name, tuple(paths))
        with enough_for(f"{model.spec.title} at this input size", SMALLER):
            started = time.perf_counter()
            return Answer(model.infer(pixels, sampling), time.perf_counter() - started)
    except (ValueError, WeightsUnavailableError) as error:
        return Refused(str(error))


def _loaded(name: str, paths: tuple[Path, ...]) -> TorchEstimator:
    from depth_demo.monocular.estimator import build_estimator

    if (name, paths) not in _kept:
        _kept.clear()
        _kept[name, paths] = build_estimator(find_model(name), paths, has_fallback=False)
    return _kept[name, paths]


class BorrowingEstimator:
    """An `Estimator` that borrows a GPU for every run.

    Attributes:
        spec: The model.
        sha256: Of its files.
        device_name: For people.
    """

    def __init__(self, spec: ModelSpec, paths: Sequence[Path], sha256: str = "") -> None:
        self.spec, self.sha256 = spec, sha256
        self.device_name = f"ZeroGPU, {'bf16' if spec.half_on_gpu else 'float32'}"
        self._paths = tuple(paths)

    def __call__(
        self,
        image: RgbImage,
        input_size: int | None = AS_TRAINED,
        focal_length_px: Focal = None,
        sampling: Sampling | None = None,
    ) -> DepthMap:
        """Estimate depth, as `Estimator.__call__` says."""
        return self.timed(image, input_size, focal_length_px, sampling)[0]

    def timed(
        self,
        image: RgbImage,
        input_size: int | None = AS_TRAINED,
        focal_length_px: Focal = None,
        sampling: Sampling | None = None,
    ) -> tuple[DepthMap, float]:
        """Estimate depth; return what the network took [s] too, which is a small part of the wait.

        Raises:
            ValueError: If there is no GPU to be had, or as `Estimator.__call__`.
        """
        shot = Shot.of(image, focal_length_px, sampling or self.spec.sampling)
        answer = self._ask(to_pixels(image, self.spec.preprocessing, input_size), sampling and replace(sampling, tell=None))
        if isinstance(answer, Refused):
            raise ValueError(answer.sentence)
        return self.spec.to_map(answer.values[0], shot), answer.seconds

    def run(
        self,
        pixels: NDArray[np.float32],
        sampling: Sampling | None = None,
        tell: Tell | None = None,  # noqa: ARG002 (it would not reach the page)
    ) -> NDArray[np.float32]:
        """Run the network as `TorchEstimator.run` does.

        Raises:
            ValueError: If there is no GPU to be had, or as `Estimator.__call__`.
        """
        answer = self._ask(pixels, sampling and replace(sampling, tell=None))
        if isinstance(answer, Refused):
            raise ValueError(answer.sentence)
        return answer.values

    def _ask(self, pixels: NDArray[np.float32], sampling: Sampling | None) -> Answer | Refused:
        if not all(path.is_file() for path in self._paths):
            return Refused(
                f"The weights of {self.spec.title} are gone from this machine: choose another model, then this one."
            )
        try:
            with _LOANS:
                return infer(self.spec.name, self._paths, pixels, sampling)
        except Exception as error:  # noqa: BLE001 (whatever the package and the network beneath it raise)
            log.warning("No run on a borrowed GPU: %s: %s", type(error).__name__, error)
            return Refused(refusal(error))


def load(spec: ModelSpec, progress: Progress | None = None) -> Estimator:
    """Load a model where GPUs are borrowed. What is bundled is small enough for the CPU, and asks for no GPU.

    Raises:
        ValueError, OSError: As `load_estimator`.
    """
    from depth_demo.monocular.estimator import load_estimator

    if _PROBLEMS and spec.needs_gpu:
        refuse_without_gpu(spec)
    if _PROBLEMS or not spec.hub_files:
        loaded = load_estimator(spec.name, device="cpu", progress=progress)
        loaded.device_name += f", because {_PROBLEMS[0]}" if _PROBLEMS else ""
        return loaded
    spec.import_loader()
    paths = locate(spec, progress=progress)
    return BorrowingEstimator(spec, paths, fingerprint(spec, paths))


# By the title that the package gives an error.
_REFUSALS = {
    "ZeroGPU quota exceeded": "The GPU time that Hugging Face gives you for a day is used up{detail}. "
    f"Log in there for more of it, wait, or {ON_CPU}.",
    "ZeroGPU pending credits exceeded": "Your other runs hold all of your GPU time: wait until one of them ends, or "
    f"{ON_CPU}.",
    "ZeroGPU illegal duration": "Hugging Face lends no GPU for as long as this run would take: choose a smaller model or a "
    f"lower resolution, or {ON_CPU}.",
    "ZeroGPU worker error": "The GPU was taken away before the run ended, or the run failed there: try again, choose a "
    f"smaller model, or {ON_CPU}.",
}
# By words of the message, which say more than the title.
_CLEARER = {
    "No GPU was available after": "No GPU was free within a minute. Wait and try again; visitors who are logged in at Hugging "
    f"Face come first. Or {ON_CPU}.",
    "No GPU was available": f"No GPU is free just now: wait a little and try again, or {ON_CPU}.",
    "runs limit": f"You have used up the number of GPU runs that Hugging Face gives you for a day: wait, or {ON_CPU}.",
    "reached its GPU limit": "The GPU time that Hugging Face gives to visitors who are not logged in is used up: log in "
    f"there, or {ON_CPU}.",
    "Expired": f"Hugging Face no longer knows your visit: reload the page, or {ON_CPU}.",
}
_OTHER = f"No GPU could be borrowed just now: wait a little and try again, or {ON_CPU}."
_LEFT = re.compile(r"\((\d+)s requested vs\.? (-?\d+)s left\)")
_AGAIN = re.compile(r"Try again in ((?:\d+ days?, )?\d+:\d\d:\d\d)")


def refusal(error: Exception) -> str:
    """Say for a visitor why there was no GPU, and what to do.

    Args:
        error: Of the package `spaces`, most often a `gr.Error` with a title, or of the network beneath it.
    """
    words = str(error)
    for sign, sentence in _CLEARER.items():
        if sign in words:
            return sentence
    left, again = _LEFT.search(words), _AGAIN.search(words)
    details = [f"this run asks for {left[1]} s, {max(int(left[2]), 0)} s are left"] if left else []
    details += [f"more comes in {again[1]}"] if again else []
    return _REFUSALS.get(str(getattr(error, "title", "")), _OTHER).format(detail=f" ({', '.join(details)})" if details else "")
