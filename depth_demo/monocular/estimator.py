"""The one border between NumPy and torch: RGB image in, DepthMap out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from depth_demo.geometry import DepthMap, RgbImage
from depth_demo.monocular.depth_anything import load_network
from depth_demo.monocular.depth_anything.network import DepthAnything
from depth_demo.monocular.engines.turn import TURN
from depth_demo.monocular.hub import Progress
from depth_demo.monocular.input_size import AS_TRAINED
from depth_demo.monocular.memory import SMALLER, enough_for, ran_out
from depth_demo.monocular.models import DEFAULT_MODEL, BundledCheckpoint, Row, find_checkpoint
from depth_demo.monocular.preprocessing import to_depth_map, to_pixels
from depth_demo.monocular.tiny import load_tiny
from depth_demo.monocular.weights import read_checkpoint

T = TypeVar("T")
log = logging.getLogger(__name__)


class MonocularEstimator:
    """Calls a network on images of any size; once the GPU runs out of memory, on the CPU.

    Attributes:
        checkpoint: The row of the catalog behind the weights.
        network: The network, on its device.
        sha256: Of the file that the weights are from; "" when they are from no file.
        device_name: For people, with the precision of the encoder; says so after a GPU ran out of memory.
    """

    def __init__(self, checkpoint: Row, network: nn.Module, device: str | None = None, sha256: str = "") -> None:
        self.checkpoint = checkpoint
        self.sha256 = sha256
        self.network, self._why = network, ""
        self.device = torch.device(device or best_device())
        self._or_on_cpu(self._settle)

    def __call__(self, image: RgbImage, input_size: int | None = AS_TRAINED) -> DepthMap:
        """Estimate depth.

        Args:
            image: (H, W, 3) uint8 RGB.
            input_size: Short side of the network's input [px], a multiple of 14; 0: as it was trained.

        Returns:
            (H, W) relative inverse depth, or depth [m] from a metric model (NaN below a millimetre).

        Raises:
            ValueError: If the machine has not enough memory.
        """
        with enough_for(f"{self.checkpoint.title} at this input size", SMALLER):
            values = self.run(to_pixels(image, self.checkpoint, input_size))
            return to_depth_map(values[0], image, self.checkpoint.kind)

    def run(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """(1, 3, h, w) normalised RGB to (1, h, w)."""
        with TURN:
            return self._or_on_cpu(lambda: self._infer(pixels))

    @torch.inference_mode()
    def _infer(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.autocast(self.device.type, self.half) if self.half else nullcontext():
            values = self.network(torch.from_numpy(pixels).to(self.device))
        return values.float().cpu().numpy()

    def _settle(self) -> None:
        """Move to the device, and set all that depends on it."""
        device = self.device
        # A small network gains nothing from 16 bits, which would show as steps in its map.
        self.half = half_precision(device) if isinstance(self.network, DepthAnything) else None
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type.upper()
        self.device_name = f"{name}, {str(self.half or torch.float32).removeprefix('torch.')}{self._why}"
        self.network.to(device)

    def _or_on_cpu(self, step: Callable[[], T]) -> T:
        """A step on the device; if the memory of a GPU does not suffice, on the CPU, as all that follow."""
        try:
            return step()
        except RuntimeError as error:
            if self.device.type == "cpu" or not ran_out(error):
                raise
            log.warning("The GPU (%s) ran out of memory, so %s goes on on the CPU.", self.device, self.checkpoint.title)
        # Here, not in the handler: its traceback holds what was on the GPU.
        full, self.device = self.device, torch.device("cpu")
        self._why = " after the GPU ran out of memory"
        self._settle()
        if full.type in {"cuda", "mps"}:
            torch.get_device_module(full).empty_cache()
        return step()


def best_device() -> str:
    """The fastest kind of device that this machine has."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def half_precision(device: torch.device) -> torch.dtype | None:
    """The 16-bit type to calculate in: CUDA only, because CPUs without bf16 units are 20 times slower with it."""
    if device.type != "cuda":
        return None
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16


def load_estimator(
    name: str = DEFAULT_MODEL,
    weights: str | Path | None = None,
    device: str | None = None,
    progress: Progress | None = None,
) -> MonocularEstimator:
    """Load a model of the catalog.

    Args:
        name: Its name, such as "depth-anything-v2-small".
        weights: A checkpoint file or a folder of them; None looks into DEPTH_DEMO_WEIGHTS, the Hub's cache, the Hub, or
            takes the file that is bundled.
        device: "cuda", "mps" or "cpu"; None takes the best there is.
        progress: Called with (share, text) during a download.

    Raises:
        ValueError: If the name is unknown, the file does not fit the network, or the network the memory.
        WeightsUnavailableError: If the weights cannot be had.
    """
    checkpoint = find_checkpoint(name)
    with enough_for(f"the weights of {checkpoint.title}", "choose a smaller model"):
        state_dict, sha256 = read_checkpoint(checkpoint, weights, progress)
        try:
            network = _build_network(checkpoint, state_dict)
        except ValueError as error:
            raise ValueError(f"The weights found are not those of {checkpoint.title} ({checkpoint.file}). {error}") from error
        return MonocularEstimator(checkpoint, network, device, sha256)


def _build_network(checkpoint: Row, state_dict: Mapping[str, Tensor]) -> nn.Module:
    if isinstance(checkpoint, BundledCheckpoint):
        return load_tiny(state_dict)
    return load_network(state_dict, checkpoint.variant, checkpoint.max_depth)
