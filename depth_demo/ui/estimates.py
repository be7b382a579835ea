"""Estimates for the page: how long one will take, a preview meanwhile, and maps that are not computed twice."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import cv2
import numpy as np

from depth_demo import pipeline
from depth_demo.formats.shrinking import halved
from depth_demo.geometry import DepthMap, RgbImage
from depth_demo.monocular.answers import Focal, Sampling
from depth_demo.monocular.input_size import AS_TRAINED, InputSize, NetworkSize, choose_input_size, network_size
from depth_demo.monocular.models import ModelSpec
from depth_demo.monocular.timing import Pace, machine_rate
from depth_demo.ui.map_cache import MapCache
from depth_demo.wording.durations import about

if TYPE_CHECKING:
    from depth_demo.monocular.estimator import Estimator

PREVIEW_FROM_S = 1.0  # a shorter wait needs no preview
PREVIEW_SHARE = 1 / 8  # of the full run's work at most
PREVIEW_SIDE = 900  # px: longer side of the photo behind a preview
AFFORDABLE = 1.0  # s: a model whose smallest run takes longer is not measured by small runs first
HASHED_AT_ONCE = 4  # parts of a photo
CALIBRATION_S, CALIBRATION_RUNS = 0.5, 5  # of small runs; the first is slow, and the fastest counts


def input_size_for(image: RgbImage, model: ModelSpec, resolution: str, pixels: int | None) -> InputSize:
    """Return the network's short side: `pixels` as they are, or that of `resolution` if they are 0 or None."""
    if pixels:
        return InputSize(pixels)
    height, width = image.shape[:2]
    return choose_input_size(height, width, resolution, model.preprocessing)


def shrunk(image: RgbImage, longest: int) -> RgbImage:
    """Shrink an image to a longer side of `longest` px; a smaller one stays as it is."""
    factor = longest / max(image.shape[:2])
    if factor >= 1:
        return image
    height, width = (max(round(side * factor), 1) for side in image.shape[:2])
    smaller = halved(image, 2 * width, 2 * height)
    return np.asarray(cv2.resize(smaller, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def digest(image: RgbImage) -> bytes:
    """Return what tells the pixels of (H, W, 3) uint8 from any others of this shape. The processor's cores share the work."""
    parts = np.array_split(np.ascontiguousarray(image), HASHED_AT_ONCE)
    with ThreadPoolExecutor() as pool:
        return b"".join(pool.map(lambda part: hashlib.blake2b(part, digest_size=32).digest(), parts))


@dataclass(frozen=True, slots=True, eq=False)
class KeptMap:
    """A map, and the seconds that computing it took."""

    depth_map: DepthMap
    seconds: float

    @property
    def nbytes(self) -> int:
        """Return the size of the map in bytes."""
        spread = self.depth_map.spread
        return self.depth_map.values.nbytes + (0 if spread is None else spread.nbytes)


@runtime_checkable
class Borrowing(Protocol):
    """An estimator whose device is lent for one run at a time, so that nothing runs there but what was asked for."""

    def timed(
        self,
        image: RgbImage,
        input_size: int | None = AS_TRAINED,
        focal_length_px: Focal = None,
        sampling: Sampling | None = None,
    ) -> tuple[DepthMap, float]:
        """Estimate depth; return what the network took [s] too."""
        ...


class KeptEstimator:
    """An estimator at one input size that does not compute a map again while the cache holds it.

    Attributes:
        latest: The last answer, with the seconds that computing its map took.
    """

    latest: pipeline.Estimate

    def __init__(
        self,
        estimator: Estimator,
        input_size: int,
        cache: MapCache[KeptMap],
        pace: Pace,
        focal_length_px: Focal = None,
        sampling: Sampling | None = None,
    ) -> None:
        self._model, self._taken = estimator.spec, estimator.spec.preprocessing
        self._focal_length_px = focal_length_px if estimator.spec.takes_focal_length else None
        self._sampling = sampling
        self._estimator, self._input_size = estimator, input_size or self._taken.short_side
        self._borrowing = estimator if isinstance(estimator, Borrowing) else None
        self._cache, self._pace = cache, pace
        self._hashed: tuple[RgbImage, bytes] | None = None  # the latest image and its digest

    def __call__(self, image: RgbImage) -> DepthMap:
        """Estimate depth from (H, W, 3) uint8 RGB, as the estimator does."""
        self.latest = self.recall(image) or self.compute(image)
        return self.latest.depth_map

    def recall(self, image: RgbImage) -> pipeline.Estimate | None:
        """Return the answer if the cache holds its map."""
        kept = self._cache.get(self._key(image))
        return pipeline.Estimate(image, kept.depth_map, kept.seconds, cached=True) if kept else None

    def begin(self, image: RgbImage) -> Callable[[], pipeline.Estimate]:
        """Begin an estimate where the device is borrowed, so that the processor works on something else meanwhile.

        Returns:
            What ends the estimate, or makes it where the processor would have made it.
        """
        if not self._borrowing or self.recall(image):
            return lambda: self.recall(image) or self.compute(image)
        estimate, with_the_visitor = Future[pipeline.Estimate](), copy_context()  # which tells whose GPU time counts

        def compute() -> None:
            try:
                estimate.set_result(with_the_visitor.run(self.compute, image))
            except Exception as error:  # noqa: BLE001 (it is raised where the answer is waited for)
                estimate.set_exception(error)

        threading.Thread(target=compute, daemon=True).start()  # the server's end does not wait for a GPU
        return estimate.result

    def compute(self, image: RgbImage) -> pipeline.Estimate:
        """Compute the answer, keep its map, and learn from the time that it took."""
        if self._borrowing:
            estimate = pipeline.Estimate(image, *self._borrowing.timed(image, self._input_size, *self._how))
        else:
            estimate = pipeline.estimate(image, lambda image: self._estimator(image, self._input_size, *self._how))
        size = self._size(image, self._input_size)
        self._pace.learn(self._model, self._estimator.device_name, size, estimate.seconds, self._sampling)
        self._cache.put(self._key(image), KeptMap(estimate.depth_map, estimate.seconds))
        return estimate

    def expected_s(self, image: RgbImage, resolution: str | None = None) -> float:
        """Predict how long computing takes [s], or would at another resolution. The first time, the machine is measured."""
        other = resolution and input_size_for(image, self._model, resolution, AS_TRAINED).pixels
        size = self._size(image, other or self._input_size)
        device = self._estimator.device_name
        while (seconds := self._pace.seconds(self._model, device, size, self._sampling)) is None:
            if self._smallest_run > AFFORDABLE * machine_rate():
                return self._model.work(size, self._sampling) / machine_rate()
            self._calibrate()
        return seconds

    def announce(self, image: RgbImage) -> str:
        """Say what the progress shows before an estimate."""
        if self._borrowing:
            return "Estimating depth on a borrowed GPU"
        return "Estimating depth" if self.recall(image) else f"Estimating depth, {about(self.expected_s(image))}"

    def preview(self, image: RgbImage) -> pipeline.Estimate | None:
        """Estimate at a third of the input size; None if the wait is short, or a preview would take much of it or GPU time."""
        if self._borrowing or self._sampling:
            return None
        small = max(self._input_size // 3 // self._taken.step * self._taken.step, self._taken.smallest)
        share = self._model.work(self._size(image, small)) / self._model.work(self._size(image, self._input_size))
        if share > PREVIEW_SHARE or self.expected_s(image) < PREVIEW_FROM_S:
            return None
        estimate = pipeline.estimate(shrunk(image, PREVIEW_SIDE), lambda reduced: self._estimator(reduced, small))
        self._pace.guess(self._model, self._estimator.device_name, self._size(estimate.image, small), estimate.seconds)
        return estimate

    @property
    def _how(self) -> tuple[Focal, Sampling | None]:
        return self._focal_length_px, self._sampling

    @property
    def _smallest_run(self) -> float:
        """Multiply-adds of the smallest run that the model takes."""
        blank = np.zeros((self._taken.smallest, self._taken.smallest, 3), np.uint8)
        return self._model.work(self._size(blank, self._taken.smallest), self._sampling)

    def _calibrate(self) -> None:
        side = self._taken.smallest
        blank = np.zeros((side, side, 3), np.uint8)
        runs: list[float] = []
        while sum(runs) < CALIBRATION_S and len(runs) < CALIBRATION_RUNS:
            runs.append(pipeline.estimate(blank, lambda image: self._estimator(image, side)).seconds)
        self._pace.guess(self._model, self._estimator.device_name, self._size(blank, side), min(runs))

    def _size(self, image: RgbImage, input_size: int) -> NetworkSize:
        height, width = image.shape[:2]
        return network_size(height, width, input_size, self._taken)

    def _key(self, image: RgbImage) -> Hashable:
        if self._hashed is None or self._hashed[0] is not image:  # one that is looked up is often kept next
            self._hashed = image, digest(image)
        size = self._size(image, self._input_size)
        model = self._model.name, self._estimator.sha256, self._estimator.device_name
        return self._hashed[1], image.shape, *model, size, *self._how
