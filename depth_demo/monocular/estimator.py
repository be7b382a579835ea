"""The one border between NumPy and torch: RGB image in, DepthMap out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from depth_demo.geometry import DepthMap, RgbImage
from depth_demo.monocular.answers import Focal, Shot, Tell
from depth_demo.monocular.engines.lock import ONE_AT_A_TIME
from depth_demo.monocular.hub import Progress, fingerprint, locate
from depth_demo.monocular.input_size import AS_TRAINED
from depth_demo.monocular.memory import SMALLER, enough_for, ran_out, refuse_large
from depth_demo.monocular.models import DEFAULT_MODEL, MisfitError, ModelSpec, Sampling, find_model
from depth_demo.monocular.preprocessing import to_pixels
from depth_demo.monocular.timing import refuse_without_gpu

T = TypeVar("T")
log = logging.getLogger(__name__)


class Estimator(Protocol):
    """What every engine makes of a model.

    Attributes:
        spec: The model.
        sha256: Of its files, in their order, with spaces between; "" for a model without files.
        device_name: For people, with the precision.
    """

    spec: ModelSpec
    sha256: str
    device_name: str

    def __call__(
        self,
        image: RgbImage,
        input_size: int | None = AS_TRAINED,
        focal_length_px: Focal = None,
        sampling: Sampling | None = None,
    ) -> DepthMap:
        """Estimate depth.

        Args:
            image: (H, W, 3) uint8 RGB.
            input_size: Short side of the network's input [px]; 0 or None takes the trained one.
            focal_length_px: Of the photo [px], for models that compute metres with it; None if nobody knows it. The map tells
                which one was used, and where it is from if a `FocalLength` is given.
            sampling: For models that draw their answers; None takes the model's own.

        Returns:
            (H, W) map of the model's kind. Metric depth [m] is NaN below a millimetre.

        Raises:
            ValueError: If the model does not take this input size or this focal length, or the machine has not enough memory.
        """


class TorchEstimator:
    """An `Estimator` that runs a network in torch. After a GPU ran out of memory, the CPU goes on if it may.

    Args:
        spec: The model.
        network: The network, on the CPU.
        device: As for `load_estimator`.
        sha256: Of the files.
        has_fallback: Whether the CPU may go on after a GPU ran out of memory; else that is refused.
        precision: What the network computes in by itself, in words; "" for what the device gives.

    Attributes:
        spec: The model.
        network: The network, on its device.
        sha256: Of its files; "" if the weights are from no file.
        device_name: For people, with the precision. Says so after a GPU ran out of memory.
    """

    def __init__(
        self,
        spec: ModelSpec,
        network: nn.Module,
        device: str | None = None,
        sha256: str = "",
        *,
        has_fallback: bool = True,
        precision: str = "",
    ) -> None:
        self.spec = spec
        self.sha256 = sha256
        self._has_fallback = has_fallback and not spec.needs_gpu
        self.network, self._why, self._precision = network, "", precision
        self.device = torch.device(device or best_device())
        self._or_on_cpu(self._settle)

    def __call__(
        self,
        image: RgbImage,
        input_size: int | None = AS_TRAINED,
        focal_length_px: Focal = None,
        sampling: Sampling | None = None,
    ) -> DepthMap:
        """Estimate depth, as `Estimator.__call__` says."""
        shot = Shot.of(image, focal_length_px, sampling or self.spec.sampling)
        with enough_for(f"{self.spec.title} at this input size", SMALLER):
            values = self.run(to_pixels(image, self.spec.preprocessing, input_size), sampling)
            return self.spec.to_map(values[0], shot)

    def run(
        self, pixels: NDArray[np.float32], sampling: Sampling | None = None, tell: Tell | None = None
    ) -> NDArray[np.float32]:
        """Run the network on (1, 3, h, w) normalised RGB, one image at a time; return (1, h, w), or (1, c, h, w).

        Args:
            pixels: For a model of videos (T, 3, h, w), which gives (T, h, w).
            sampling: As for `__call__`.
            tell: Told by models of videos, and by those that draw, how far they are.
        """
        with ONE_AT_A_TIME:
            return self.infer(pixels, sampling, tell)

    def infer(
        self, pixels: NDArray[np.float32], sampling: Sampling | None = None, tell: Tell | None = None
    ) -> NDArray[np.float32]:
        """Run the network as `run` does, without waiting for anybody."""
        how: tuple[Sampling | Tell, ...] = ()
        if chosen := self.spec.sampling and (sampling or self.spec.sampling):
            how = (replace(chosen, tell=tell) if tell else chosen,)
        elif tell and self.spec.frames > 1:
            how = (tell,)
        return self._or_on_cpu(lambda: self._infer(pixels, *how))

    @torch.inference_mode()
    def _infer(self, pixels: NDArray[np.float32], *how: Sampling | Tell) -> NDArray[np.float32]:
        with torch.autocast(self.device.type, self.half) if self.half else nullcontext():
            values = self.network(torch.from_numpy(pixels).to(self.device), *how)
        return values.float().cpu().numpy()

    def _settle(self) -> None:
        """Move to the device, and set all that depends on it."""
        device = self.device
        self.half = half_precision(device) if self.spec.half_on_gpu else None
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type.upper()
        precision = self._precision or str(self.half or torch.float32).removeprefix("torch.")
        self.device_name = f"{name}, {precision}{self._why}"
        self.network.to(device)

    def _or_on_cpu(self, step: Callable[[], T]) -> T:
        """Take a step on the device. If the memory of a GPU does not suffice, take this and all further steps on the CPU."""
        try:
            return step()
        except RuntimeError as error:
            if self.device.type == "cpu" or not self._has_fallback or not ran_out(error):
                raise
            log.warning("The GPU (%s) ran out of memory, so %s goes on on the CPU.", self.device, self.spec.title)
        # Here, not in the handler: its traceback holds what was on the GPU.
        full, self.device = self.device, torch.device("cpu")
        self._why = " after the GPU ran out of memory"
        self._settle()
        if full.type in {"cuda", "mps"}:
            torch.get_device_module(full).empty_cache()
        return step()


def best_device() -> str:
    """Return the fastest kind of device that this machine has."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def half_precision(device: torch.device) -> torch.dtype | None:
    """Return the 16-bit type to compute in: CUDA only, because CPUs without bf16 units are 20 times slower with it."""
    if device.type != "cuda":
        return None
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16


def check_device(spec: ModelSpec, device: str | None = None) -> None:
    """Refuse, before a download, a model that needs a GPU where there is none and the processor was not asked for.

    Raises:
        ValueError: If so. The sentence says what the processor would take, and names other models.
    """
    if spec.needs_gpu and device is None and best_device() != "cuda":
        refuse_without_gpu(spec)


def load_estimator(
    name: str = DEFAULT_MODEL,
    weights: str | Path | None = None,
    device: str | None = None,
    progress: Progress | None = None,
) -> TorchEstimator:
    """Load a model into torch.

    Args:
        name: One of `models.MODELS`, such as "depth-anything-v2-small".
        weights: A file of weights, or a folder of them. None looks into DEPTH_DEMO_WEIGHTS, the Hub's cache and the Hub, or
            takes the file that is bundled.
        device: "cuda", "mps" or "cpu"; None takes the fastest there is. Without CUDA it refuses a model that needs a GPU,
            which "cpu" runs all the same.
        progress: Called with (share, text) during a download.

    Raises:
        ValueError: If the name is unknown, a package is not installed, a file does not fit the network, or this machine is too
            small for it.
        WeightsUnavailableError: If the weights cannot be had.
    """
    spec = find_model(name)
    spec.import_loader()  # what is not installed is said before a download
    check_device(spec, device)
    paths = locate(spec, weights, progress)
    return build_estimator(spec, paths, device, fingerprint(spec, paths))


def build_estimator(
    spec: ModelSpec, paths: Sequence[Path], device: str | None = None, sha256: str = "", *, has_fallback: bool = True
) -> TorchEstimator:
    """Build a model from files on this machine.

    Args:
        spec: The model.
        paths: Of its files, in their order.
        device: As for `load_estimator`.
        sha256: Of the files.
        has_fallback: Whether the CPU may go on after a GPU ran out of memory; else that is refused.

    Raises:
        ValueError: As `load_estimator`.
    """
    load = spec.import_loader()
    refuse_large(spec)
    with enough_for(f"the weights of {spec.title}", "choose a smaller model"):
        try:
            network = load(*paths)
        except MisfitError as error:
            files = ", ".join(file.name for file in spec.files)
            raise ValueError(f"The weights found are not those of {spec.title} ({files}). {error}") from error
        return TorchEstimator(spec, network, device, sha256, has_fallback=has_fallback)
