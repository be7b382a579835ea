"""The classes of one pixel, from the rows around it alone."""

from __future__ import annotations

from collections.abc import Sequence

from depth_demo.evaluation.alignment import UNIT_CAMERA
from depth_demo.evaluation.regions import (
    EDGE_WIDTH,
    Region,
    find_regions,
    find_regions_of_one_view,
    half_median,
    thin_side,
)
from depth_demo.geometry import DepthKind, DepthMap, Labels, Mask, RgbImage, depth_to_disparity


def regions_at(image: RgbImage, truth: DepthMap, band: Mask, labels: Labels | None, x: int, y: int) -> tuple[str, ...]:
    """Return the names of the classes of one pixel, as `find_regions` has them.

    Args:
        image, truth, band, labels: As for `find_regions`.
        x, y: Column and row of the pixel.
    """
    if not truth.valid[y, x]:
        return ()
    rows, near_truth, near_labels = _around(truth, labels, y)
    return _names(find_regions(image[rows], near_truth, band[rows], near_labels, half_median(truth)), x, y - rows.start)


def regions_of_one_view_at(image: RgbImage, truth: DepthMap, labels: Labels | None, x: int, y: int) -> tuple[str, ...]:
    """Return the names of the classes of one pixel, as `find_regions_of_one_view` has them.

    Args:
        image, truth, labels: As for `find_regions_of_one_view`.
        x, y: Column and row of the pixel.
    """
    if not truth.valid[y, x]:
        return ()
    inverse = depth_to_disparity(truth, UNIT_CAMERA) if truth.kind is DepthKind.METRIC_DEPTH else truth
    rows, near_truth, near_labels = _around(truth, labels, y)
    return _names(find_regions_of_one_view(image[rows], near_truth, near_labels, half_median(inverse)), x, y - rows.start)


def _around(truth: DepthMap, labels: Labels | None, y: int) -> tuple[slice, DepthMap, Labels | None]:
    """Return the rows that decide about a row, with their truth and their labels."""
    reach = thin_side(truth.shape) + EDGE_WIDTH  # an opening looks one side far; occlusion stays within the row
    rows = slice(max(y - reach, 0), y + reach + 1)
    near_labels = Labels(labels.ids[rows], labels.names) if labels else None
    return rows, DepthMap(truth.values[rows], truth.kind), near_labels


def _names(regions: Sequence[Region], x: int, y: int) -> tuple[str, ...]:
    return tuple(region.name for region in regions if region.role != "whole" and region.mask[y, x])
