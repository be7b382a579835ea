"""Depth of a clip, and how much its maps flicker."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.clips import Clip
from depth_demo.geometry import DepthKind, DepthMap, Mask, RgbImage

StillEstimator = Callable[[RgbImage], DepthMap]
LEAST_JUDGED = 0.05  # of a frame's pixels: below, as where the camera cuts, a step has no figure
FIT_PIXELS = 20_000  # of a frame are enough for two numbers
ENDS, FITS, OUTLIER = 2.0, 3, 3.0  # percent of the values at either end; how many fits; times the median error


@dataclass(frozen=True, slots=True, eq=False)
class ClipDepth:
    """A clip with a map for each frame.

    Attributes:
        clip: The frames.
        values: (T, H, W) float32, read-only; NaN where there is no measurement.
        kind: Of all maps.
        has_one_scale: Whether the numbers of different frames can be compared: a model of videos saw them at once, or they are
            metres. Else each relative map has a scale and a shift of its own.
        seconds: That estimating took.
    """

    clip: Clip
    values: NDArray[np.float32]
    kind: DepthKind
    has_one_scale: bool
    seconds: float = 0.0

    def __post_init__(self) -> None:
        values = np.asarray(self.values, np.float32)
        if values.shape != self.clip.frames.shape[:3]:
            raise ValueError(f"A clip of {self.clip.frames.shape[:3]} needs maps of that shape, not {values.shape}.")
        if np.isinf(values).any():
            raise ValueError(
                "A clip's maps hold finite values, and NaN for no measurement; one of these is infinite somewhere."
            )
        values = values.view()
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    @property
    def maps(self) -> list[DepthMap]:
        """The maps one by one."""
        return [DepthMap(values, self.kind) for values in self.values]


def estimate_frames(clip: Clip, estimator: StillEstimator) -> Iterator[DepthMap]:
    """Yield the map of one frame after the other, so that a run can be stopped in between.

    A model of stills knows nothing of the other frames. Its maps are kept as they are: fitting them to each other would hide
    what is to be seen, and would add a drift of its own.
    """
    return map(estimator, clip.frames)


def joined(clip: Clip, maps: Sequence[DepthMap], seconds: float = 0.0) -> ClipDepth:
    """Put the maps of single frames together.

    Raises:
        ValueError: If they differ in kind, or are not as many and as large as the frames.
    """
    kinds = {depth_map.kind for depth_map in maps}
    if len(kinds) != 1 or {depth_map.shape for depth_map in maps} != {clip.frames.shape[1:3]}:
        raise ValueError("The maps of a clip are all of one kind, and of the size of its frames.")
    kind = maps[0].kind
    values = np.stack([depth_map.values for depth_map in maps])
    return ClipDepth(clip, values, kind, has_one_scale=kind is DepthKind.METRIC_DEPTH, seconds=seconds)


@dataclass(frozen=True, slots=True)
class Flicker:
    """How far maps jump from one frame to the next, at points that are seen in both.

    Attributes:
        steps: For each two neighbouring frames the median jump [% of the clip's range]; NaN where too few points are seen in
            both.
        fitted: The same after a scale and a shift fitted to each step, which leaves what is not one number for all pixels.
        judged: Share of the pixels that were judged [%].
    """

    steps: tuple[float, ...]
    fitted: tuple[float, ...]
    judged: float

    @property
    def percent(self) -> float:
        """Mean of the steps [% of the clip's range]; NaN if no step could be judged."""
        return _mean(self.steps)

    @property
    def fitted_percent(self) -> float:
        """Mean of the fitted steps [% of the clip's range]; NaN if no step could be judged."""
        return _mean(self.fitted)

    @property
    def worst(self) -> int:
        """Number of the frame, from 0, after which the largest jump is.

        Raises:
            ValueError: If no step could be judged.
        """
        if math.isnan(self.percent):
            raise ValueError("No step of this clip could be judged.")
        return int(np.nanargmax(self.steps))


def _mean(steps: Sequence[float]) -> float:
    known = [step for step in steps if not math.isnan(step)]
    return float(np.mean(known)) if known else math.nan


def flicker(frames: NDArray[np.uint8], values: NDArray[np.float32], span: float) -> Flicker:
    """Measure the flicker of maps: the temporal error after warping by optical flow (as Lai et al., ECCV 2018, for videos).

    The next map is brought onto the present one by the flow between their frames. Points that are hidden in one of them, or
    leave the picture, do not count. A point that comes nearer changes its depth, which counts as a jump too.

    Args:
        frames: (T, H, W, 3) uint8 RGB.
        values: (T, H, W) float32 maps, NaN where there is no measurement.
        span: The clip's range, larger than 0, in the unit of the maps.

    Raises:
        ValueError: If the span is not larger than 0, or the shapes differ.
    """
    if not (span > 0 and math.isfinite(span)):
        raise ValueError(f"The range of a clip is larger than 0, not {span:g}.")
    if values.shape != frames.shape[:3]:
        raise ValueError(f"Frames of {frames.shape[:3]} need maps of that shape, not {values.shape}.")
    steps, fitted, judged = [], [], []
    for (before, now), (here, there) in zip(pairwise(frames), pairwise(values), strict=True):
        moved, seen = follow(before, now, there)
        counted = seen & np.isfinite(moved) & np.isfinite(here)
        judged.append(counted.mean())
        if judged[-1] < LEAST_JUDGED:
            steps.append(math.nan)
            fitted.append(math.nan)
            continue
        first, second = here[counted].astype(np.float64), moved[counted].astype(np.float64)
        steps.append(_jump(first, second, span))
        fitted.append(_jump(first, _fitted(second, first), span))
    return Flicker(tuple(steps), tuple(fitted), 100 * float(np.mean(judged)))


def _jump(first: NDArray[np.float64], second: NDArray[np.float64], span: float) -> float:
    return 100 * float(np.median(np.abs(second - first))) / span


def _fitted(values: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values * scale + shift, fitted to a target by least squares: without the ends of both, then without outliers."""
    step = max(len(values) // FIT_PIXELS, 1)
    known, wanted = values[::step], target[::step]
    inside = _between_ends(known) & _between_ends(wanted)
    for _ in range(FITS):
        known, wanted = known[inside], wanted[inside]
        scale, shift = _line(known, wanted)
        error = np.abs(known * scale + shift - wanted)
        inside = error <= OUTLIER * np.median(error)
    return values * scale + shift


def _between_ends(values: NDArray[np.float64]) -> Mask:
    low, high = np.percentile(values, (ENDS, 100 - ENDS))
    return (low <= values) & (values <= high)


def _line(values: NDArray[np.float64], target: NDArray[np.float64]) -> tuple[float, float]:
    """Fit target = scale values + shift by least squares; constant values get a shift alone."""
    spread = float(np.var(values))
    scale = float(np.mean((values - values.mean()) * (target - target.mean()))) / spread if spread > 0 else 1.0
    return scale, float(target.mean() - scale * values.mean())


def follow(before: RgbImage, now: RgbImage, values: NDArray[np.float32]) -> tuple[NDArray[np.float32], Mask]:
    """Bring a map of the second frame onto the first.

    Args:
        before, now: (H, W, 3) uint8 RGB, neighbouring frames.
        values: (H, W) float32, of `now`.

    Returns:
        (H, W) float32, NaN where the point lies outside the second frame; and (H, W) bool: where flow there and back agree
        within half a pixel and a tenth of the way (Sundaram, Brox and Keutzer, ECCV 2010), so that the point is seen in both.
    """
    first, second = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (before, now))
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    there, back = dis.calc(first, second, None), dis.calc(second, first, None)
    rows, columns = np.indices(first.shape, np.float32)
    x, y = columns + there[..., 0], rows + there[..., 1]
    outside = {"interpolation": cv2.INTER_LINEAR, "borderMode": cv2.BORDER_CONSTANT}
    home = cv2.remap(back, x, y, borderValue=(np.nan, np.nan), **outside)
    moved = cv2.remap(values, x, y, borderValue=np.nan, **outside)
    missed = ((there + home) ** 2).sum(axis=2)
    seen = missed < 0.01 * ((there**2).sum(axis=2) + (home**2).sum(axis=2)) + 0.5  # of NaN it is false
    return np.asarray(moved, np.float32), np.asarray(seen, np.bool_)
