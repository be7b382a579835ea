"""Sparse matches of a pair, found without assuming that it is rectified or in which order its views are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import Mask, RgbImage, StereoPair

WORKING_WIDTH = 800  # of the copy on which features are found [px]
MIN_CONTRAST = 0.005  # an eighth of OpenCV's: dark views have features too, and the ratio test is strict
CELLS = (20, 12)  # columns and rows of a grid,
MAX_PER_CELL = 10  # of whose cells each has its strongest features, so that a plain foreground has its share
COLUMN_REACH = 0.5  # of the width, to both sides
ROW_REACH = 0.05  # of the height, up and down
MAX_RATIO = 0.8  # of the best to the second best distance (Lowe)
NEIGHBOURS = 8
MIN_AGREEING = 2
GRADIENT_LIMIT = 0.5  # px of disparity per px between two neighbours
TOLERANCE_PX = 1.5  # of the copy


@dataclass(frozen=True, slots=True, eq=False)
class SparseMatches:
    """Points that were found in both views, in pixels of the full images.

    Attributes:
        left, right: (N, 2) float32 column and row in each view [px].
        left_grey, right_grey: (N,) float32 mean grey value around the point, 0 to 255.
        pixel: Size of the copy's pixels [px]; rows and columns are known to a tenth to a third of that.
    """

    left: NDArray[np.float32]
    right: NDArray[np.float32]
    left_grey: NDArray[np.float32]
    right_grey: NDArray[np.float32]
    pixel: float

    def __len__(self) -> int:
        return len(self.left)

    @property
    def disparity(self) -> NDArray[np.float32]:
        """(N,) column on the left minus column on the right [px]."""
        return self.left[:, 0] - self.right[:, 0]

    @property
    def row_gap(self) -> NDArray[np.float32]:
        """(N,) row on the right minus row on the left [px]: positive where the right view shows a point lower."""
        return self.right[:, 1] - self.left[:, 1]


@dataclass(frozen=True, slots=True, eq=False)
class _Features:
    """Of one view's copy: (N, 2) column and row [px], (N, 128) unit descriptors, (N,) grey values."""

    points: NDArray[np.float32]
    descriptors: NDArray[np.float32]
    grey: NDArray[np.float32]


def match_features(pair: StereoPair) -> SparseMatches:
    """Match SIFT features (Lowe, IJCV 2004) that choose each other, clearly, and move as their neighbours do.

    Returns:
        0 to about 2,000 matches, all over the parts of the picture that have texture.
    """
    height, width = pair.left.shape[:2]
    pixel = max(1.0, width / WORKING_WIDTH)
    size = (round(width / pixel), max(round(height / pixel), 1))
    with ThreadPoolExecutor(2) as threads:  # OpenCV leaves the interpreter free
        left, right = threads.map(lambda view: _find_features(view, size), (pair.left, pair.right))
    first, second = _mutual_choices(left, right, size)
    kept = _moves_as_neighbours(left.points[first], right.points[second])
    first, second = first[kept], second[kept]
    stretch = np.array([width / size[0], height / size[1]], np.float32)
    return SparseMatches(
        left=(left.points[first] + 0.5) * stretch - 0.5,
        right=(right.points[second] + 0.5) * stretch - 0.5,
        left_grey=left.grey[first],
        right_grey=right.grey[second],
        pixel=pixel,
    )


def _find_features(view: RgbImage, size: tuple[int, int]) -> _Features:
    grey = cv2.cvtColor(cv2.resize(view, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    detector = cv2.SIFT.create(contrastThreshold=MIN_CONTRAST)
    keypoints, descriptors = detector.compute(grey, _strongest_per_cell(detector.detect(grey, None), size))
    if descriptors is None:
        return _Features(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32), np.zeros(0, np.float32))
    points = np.array([keypoint.pt for keypoint in keypoints], np.float32)
    columns, rows = np.clip(np.rint(points).astype(np.intp), 0, np.array(size) - 1).T
    # The root makes Euclidean distance a comparison of histograms (Arandjelovic and Zisserman, CVPR 2012).
    unit = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-6))
    return _Features(points, unit, cv2.blur(grey.astype(np.float32), (7, 7))[rows, columns])


def _strongest_per_cell(keypoints: Sequence[cv2.KeyPoint], size: tuple[int, int]) -> list[cv2.KeyPoint]:
    cells: dict[tuple[int, int], list[cv2.KeyPoint]] = defaultdict(list)
    for keypoint in sorted(keypoints, key=lambda keypoint: -keypoint.response):
        column, row = keypoint.pt
        cell = cells[int(column * CELLS[0] / size[0]), int(row * CELLS[1] / size[1])]
        if len(cell) < MAX_PER_CELL:
            cell.append(keypoint)
    return [keypoint for cell in cells.values() for keypoint in cell]


def _mutual_choices(left: _Features, right: _Features, size: tuple[int, int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the indices of the matches in the left and the right view.

    The two features of a match are nearest to each other among those within reach. The second nearest feature of the
    right view is much farther from the left one (ratio test of Lowe).
    """
    if not (len(left.points) and len(right.points)):
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    columns, rows = (np.abs(left.points[:, axis, np.newaxis] - right.points[:, axis]) for axis in (0, 1))
    reach = ((columns <= COLUMN_REACH * size[0]) & (rows <= ROW_REACH * size[1])).view(np.uint8)
    matcher = cv2.BFMatcher(cv2.NORM_L2)  # not with crossCheck, which takes neither a mask nor a second nearest
    back = {match.queryIdx: match.trainIdx for match in matcher.match(right.descriptors, left.descriptors, reach.T)}
    chosen = [
        (best.queryIdx, best.trainIdx)
        for best, *next_best in filter(None, matcher.knnMatch(left.descriptors, right.descriptors, k=2, mask=reach))
        if back[best.trainIdx] == best.queryIdx and all(best.distance < MAX_RATIO * other.distance for other in next_best)
    ]
    first, second = np.array(chosen, np.intp).reshape(-1, 2).T
    return first, second


def _moves_as_neighbours(left: NDArray[np.float32], right: NDArray[np.float32]) -> Mask:
    """Return (N,) bool: whether a match moves much as two of its neighbours do.

    The change of disparity keeps the limit on its gradient (Pollard et al., Perception 1985), and the rows agree.
    """
    if len(left) <= NEIGHBOURS:
        return np.zeros(len(left), np.bool_)
    shift = left - right
    apart = np.linalg.norm(left[:, np.newaxis] - left, axis=2)
    near = np.argpartition(apart, NEIGHBOURS, axis=1)[:, : NEIGHBOURS + 1]  # the point itself included
    change = np.abs(shift[near] - shift[:, np.newaxis])
    limit = TOLERANCE_PX + GRADIENT_LIMIT * np.take_along_axis(apart, near, axis=1)
    agreeing = ((change[..., 0] <= limit) & (change[..., 1] <= TOLERANCE_PX)).sum(axis=1) - 1
    return np.asarray(agreeing >= MIN_AGREEING)
