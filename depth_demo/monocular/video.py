"""Models of videos: all frames of a clip at once, and maps with one scale. NumPy at the border."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap
from depth_demo.monocular.answers import Sampling, Shot, Tell
from depth_demo.monocular.hub import Progress
from depth_demo.monocular.input_size import AS_TRAINED
from depth_demo.monocular.memory import enough_for
from depth_demo.monocular.models import MODELS, ModelSpec, find_model
from depth_demo.monocular.preprocessing import to_pixels

FEWER = "take fewer frames or a smaller input size"


class Engine(Protocol):
    """An `Estimator` that also takes what its network takes, as in torch on this machine or on a borrowed GPU."""

    spec: ModelSpec
    sha256: str
    device_name: str

    def run(
        self, pixels: NDArray[np.float32], sampling: Sampling | None = None, tell: Tell | None = None
    ) -> NDArray[np.float32]:
        """Map (T, 3, h, w) normalised RGB to (T, h, w)."""
        ...


class VideoEstimator:
    """A model of videos: frames in, maps of one kind and one scale out.

    Attributes:
        spec: The model.
        kind: Of its maps.
        most_frames: How many frames it sees at once.
        sha256: Of its files.
    """

    def __init__(self, engine: Engine) -> None:
        if engine.spec.frames == 1:
            raise ValueError(f"{engine.spec.title} sees one photo at a time. {_choices()}")
        self.spec, self.sha256 = engine.spec, engine.sha256
        self.kind: DepthKind = engine.spec.kind
        self.most_frames = engine.spec.frames
        self._engine = engine

    @property
    def device_name(self) -> str:
        """Return where it runs, for people. It changes after a GPU ran out of memory."""
        return self._engine.device_name

    def __call__(self, frames: NDArray[np.uint8], progress: Callable[[int, int], None] | None = None) -> NDArray[np.float32]:
        """Estimate depth at the trained input size, in the model's own way of drawing.

        Args:
            frames: As for `maps`.
            progress: Called while it works, with the number of frames whose share of the work is done, and of all. An
                exception raised there ends the run.

        Returns:
            (T, H, W) float32 of `kind`.

        Raises:
            ValueError: As `maps`.
        """
        total = len(frames)
        tell = (lambda share, _: progress(int(share * total), total)) if progress else None
        return np.stack([depth_map.values for depth_map in self.maps(frames, tell=tell)])

    def maps(
        self,
        frames: NDArray[np.uint8],
        input_size: int | None = AS_TRAINED,
        sampling: Sampling | None = None,
        tell: Tell | None = None,
    ) -> list[DepthMap]:
        """Estimate depth.

        Args:
            frames: (T, H, W, 3) uint8 RGB in the order of time, up to `most_frames`.
            input_size: As for `Estimator.__call__`.
            sampling: As for `Estimator.__call__`.
            tell: Called while it works, with the share done and what is being done. An exception raised there ends the run.

        Returns:
            (H, W) maps, one for each frame, whose values may be compared with each other.

        Raises:
            ValueError: If these are no frames, or too many, or as `Estimator.__call__`.
        """
        frames = checked(frames, self.most_frames, self.spec.title)
        count, height, width, _ = frames.shape
        shot = Shot(height, width, None, sampling or self.spec.sampling, count)
        with enough_for(f"{self.spec.title} on {count} frames at this input size", FEWER):
            pixels = np.concatenate([to_pixels(frame, self.spec.preprocessing, input_size) for frame in frames])
            answers = self._engine.run(pixels, sampling, tell)
            return [self.spec.to_map(values, shot) for values in answers]


def checked(frames: NDArray[np.uint8], most: int, title: str) -> NDArray[np.uint8]:
    """Return frames that a model can take.

    Raises:
        ValueError: If they have another shape or type, or are too many.
    """
    frames = np.asarray(frames)
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3 or frames.size == 0:
        raise ValueError(f"Frames are (T, H, W, 3) uint8 RGB, not {frames.shape} {frames.dtype}.")
    if len(frames) > most:
        raise ValueError(f"{title} takes up to {most} frames at once, not {len(frames)}.")
    return frames


def load_video_estimator(
    name: str, weights: str | Path | None = None, device: str | None = None, progress: Progress | None = None
) -> VideoEstimator:
    """Load a model of videos into torch.

    Args:
        name: One of `models.MODELS` whose `frames` are more than 1.
        weights: As for `estimator.load_estimator`.
        device: As for `estimator.load_estimator`.
        progress: As for `estimator.load_estimator`.

    Raises:
        ValueError: If the model sees one photo at a time, or as `estimator.load_estimator`.
        WeightsUnavailableError: If the weights cannot be had.
    """
    spec = find_model(name)
    if spec.frames == 1:
        raise ValueError(f"{spec.title} sees one photo at a time. {_choices()}")
    from depth_demo.monocular.estimator import load_estimator

    return VideoEstimator(load_estimator(name, weights, device, progress))


def _choices() -> str:
    names = [row.name for row in MODELS.values() if row.frames > 1]
    return f"Models of videos are {' and '.join(names)}."
