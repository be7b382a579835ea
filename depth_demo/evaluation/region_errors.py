"""The errors of a map in each class of pixels, in pixels of disparity or in metres of depth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.evaluation.errors import BAD_FACTOR, BAD_PX
from depth_demo.evaluation.regions import Region, Role
from depth_demo.geometry import DepthKind, DepthMap, Mask


@dataclass(frozen=True, slots=True)
class RegionErrors:
    """One map in one region.

    Attributes:
        name, definition, role: The region's.
        pixels: The region's pixels with truth.
        error: Mean of |d - d*| or |Z - Z*|, in `unit`, over those with a prediction; NaN without any.
        bias: Mean of d - d* or Z* - Z, in `unit`, over the same; positive is too near.
        wrong: Share that is more than 3 px or, in metres, a factor of 1.25 or more off, or has no prediction, of all the
            region's pixels [%].
        coverage: Share with a prediction [%].
        unit: "px" of disparity, or "m" of depth.
    """

    name: str
    definition: str
    role: Role
    pixels: int
    error: float
    bias: float
    wrong: float
    coverage: float
    unit: str = "px"


def measure_regions(predicted: DepthMap, truth: DepthMap, regions: tuple[Region, ...]) -> tuple[RegionErrors, ...]:
    """Measure the errors of a map in every region.

    Args:
        predicted: (H, W) disparity [px], or depth [m], NaN in holes.
        truth: (H, W) of the same kind.
        regions: Of `find_regions` or `find_regions_of_one_view`.
    """
    own, error = predicted.valid & truth.valid, nearness_error(predicted, truth)
    error = np.where(own, error, np.float32(0))
    if truth.kind is DepthKind.METRIC_DEPTH:
        ratio = predicted.values / truth.values
        good = np.maximum(ratio, 1 / ratio) < BAD_FACTOR
    else:
        good = own & (np.abs(error) <= BAD_PX)
    return tuple(_measure(region, own, error, good, truth.kind.unit) for region in regions)


def nearness_error(predicted: DepthMap, truth: DepthMap) -> NDArray[np.float32]:
    """Return how much too near every pixel is: (H, W) of d - d* [px] or Z* - Z [m], NaN where one of both is unknown.

    Raises:
        ValueError: If the maps are not both disparity, or both metric depth.
    """
    truth.require(DepthKind.DISPARITY, DepthKind.METRIC_DEPTH)
    predicted.require(truth.kind)
    sign = np.float32(1 if truth.kind.nearer_is_larger else -1)
    return sign * (predicted.values - truth.values)


def _measure(region: Region, own: Mask, error: NDArray[np.float32], good: Mask, unit: str) -> RegionErrors:
    here = (region.mask & own).view(np.uint8)
    answered, wrong = int(np.count_nonzero(here)), int(np.count_nonzero(region.mask & ~good))
    return RegionErrors(
        name=region.name,
        definition=region.definition,
        role=region.role,
        pixels=region.pixels,
        error=cv2.norm(error, cv2.NORM_L1, here) / answered if answered else float("nan"),
        bias=cv2.mean(error, here)[0] if answered else float("nan"),
        wrong=100 * wrong / region.pixels,
        coverage=100 * answered / region.pixels,
        unit=unit,
    )
