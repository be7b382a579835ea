"""What a network is asked for beside the photo, and its answer as a map of the photo's size. NumPy and OpenCV only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap, FocalLength, RgbImage, is_real_number, number_text

MOST_STEPS, MOST_MEMBERS = 50, 20
BAND = 64  # rows, which stay in the processor's cache while they are computed
MIN_DEPTH_M = 1e-3  # below a millimetre a metric model says nothing
Focal = float | FocalLength | None  # of a photo [px], with where it is from if that is known
Tell = Callable[[float, str], None]  # share done from 0 to 1, what is being done


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How a model runs that draws its answers from noise.

    Attributes:
        steps: Of removing the noise, for each answer.
        members: Answers that are drawn and merged. How far they differ is told from three on.
        seed: Of the noise. The same seed gives the same map.
        tell: Called with the share done, from 0 to 1, and what is being done, before each step. An exception raised there ends
            the run.
    """

    steps: int
    members: int = 1
    seed: int = 0
    tell: Tell | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, value, most in (("Steps", self.steps, MOST_STEPS), ("Ensemble members", self.members, MOST_MEMBERS)):
            if not (is_real_number(value) and 1 <= value <= most):
                raise ValueError(f"{name} must be from 1 to {most}, not {number_text(value)}.")
            if value != int(value):
                raise ValueError(f"{name} must be a whole number, not {number_text(value)}.")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or not 0 <= self.seed < 2**32:
            raise ValueError(f"The seed must be a whole number from 0 to {2**32 - 1}, not {self.seed!r}.")
        object.__setattr__(self, "steps", int(self.steps))
        object.__setattr__(self, "members", int(self.members))


@dataclass(frozen=True, slots=True)
class Shot:
    """What a map is made for.

    Attributes:
        height, width: Of the photo [px].
        focal_length: Of the photo; None if nobody knows it.
        sampling: How the answer was drawn; None if the network does not draw.
        frames: How many frames a model of videos saw, of which the photo is one.
    """

    height: int
    width: int
    focal_length: FocalLength | None = None
    sampling: Sampling | None = None
    frames: int = 1

    @classmethod
    def of(cls, image: RgbImage, focal_length_px: Focal = None, sampling: Sampling | None = None) -> Self:
        """Return the shot of (H, W, 3) uint8 RGB. A focal length that does not tell where it is from is "as given".

        Raises:
            ValueError: If the focal length is not larger than 0.
        """
        height, width = image.shape[:2]
        if focal_length_px is None:
            return cls(height, width, None, sampling)
        known = focal_length_px if isinstance(focal_length_px, FocalLength) else FocalLength(focal_length_px, "as given")
        if not (is_real_number(known.pixels) and known.pixels > 0):
            raise ValueError(f"Focal length must be a number larger than 0, not {number_text(known.pixels)}.")
        return cls(height, width, replace(known, pixels=float(known.pixels)), sampling)


ReadAnswer = Callable[[NDArray[np.float32], Shot], DepthMap]


def enlarged(values: NDArray[np.float32], shot: Shot, kind: DepthKind) -> DepthMap:
    """Enlarge a network's (h, w) answer to a map of the photo's size. A metric map is NaN below a millimetre."""
    array = enlarge(values, shot.height, shot.width)
    if kind is DepthKind.METRIC_DEPTH:
        array = np.where(array > MIN_DEPTH_M, array, np.float32(np.nan))
    array.flags.writeable = False  # so that no copy is made
    return DepthMap(array, kind)


def stretched(values: NDArray[np.float32], shot: Shot, kind: DepthKind) -> DepthMap:
    """Enlarge a network's (h, w) answer as `stretch` does."""
    return DepthMap(stretch(values, shot.height, shot.width), kind)


def stretch(values: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Resize (h, w) float32 to (height, width), bilinear, with edges on edges."""
    return np.asarray(cv2.resize(np.ascontiguousarray(values), (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def of_a_clip(values: NDArray[np.float32], shot: Shot) -> DepthMap:
    """Enlarge a (h, w) answer of a model of videos, relative inverse depth, as `enlarge` does. The map says what it saw."""
    return DepthMap(enlarge(values, shot.height, shot.width), DepthKind.RELATIVE_INVERSE_DEPTH, frames_in_words(shot.frames))


def frames_in_words(frames: int) -> str:
    """Say how many frames a model of videos saw."""
    if frames == 1:
        return "This is a video model, and it saw one frame."
    return f"This is a video model, and it saw all {frames} frames at once."


def enlarge(values: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Enlarge (h, w) float32 to (height, width), bilinear, with corners on corners.

    The networks upsample in the same way. OpenCV's resizing keeps edges on edges instead.
    """
    columns = _along_rows(np.ascontiguousarray(values.T), width)  # whole rows are copied, which is quick
    return _along_rows(np.ascontiguousarray(columns.T), height)


def _along_rows(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """(n, m) to (count, m)."""
    last = len(values) - 1
    position = np.arange(count) * (last / max(count - 1, 1))
    lower = np.minimum(position.astype(int), last)
    share = (position - lower).astype(np.float32)[:, None]
    steps = np.diff(values, axis=0, append=values[-1:])
    rows = np.empty((count, values.shape[1]), np.float32)
    for start in range(0, count, BAND):
        band = slice(start, start + BAND)
        np.take(steps, lower[band], axis=0, out=rows[band], mode="clip")  # any other mode takes a buffer
        rows[band] *= share[band]
        rows[band] += values[lower[band]]
    return rows
