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
_UNLIKE = -2.0  # less than any product of unit vectors
MAX_RATIO = 0.8  # of the best to the second best distance (Lowe)
NEIGHBOURS = 8
MIN_AGREEING = 2
GRADIENT_LIMIT = 0.5  # px of disparity per px between two neighbours
TOLERANCE_PX = 1.5  # of the copy


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the other point of a match is looked for, and how far its row may move against its neighbours'.

    Attributes:
        rows: Up and down, as a share of the height.
        columns: To both sides, as a share of the width.
        row_gradient: Change of the row gap [px] that is allowed per px between two neighbours, beyond `TOLERANCE_PX`.
    """

    rows: float
    columns: float = 0.5
    row_gradient: float = 0.0


RECTIFIED = Reach(0.05)
UNRECTIFIED = Reach(0.25, row_gradient=0.15)
FITTED = Reach(0.02, row_gradient=0.02)  # after a first rectification


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
class ViewFeatures:
    """Of one view: (N, 2) column and row [px of the view], (N, 128) unit descriptors, (N,) grey values."""

    points: NDArray[np.float32]
    descriptors: NDArray[np.float32]
    grey: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class FoundFeatures:
    """SIFT features of both views of a pair, before they are matched.

    Attributes:
        left, right: Of each view.
        likeness: (N, M) float32 products of the descriptors of both views, 1 for equal ones.
        shape: Height and width of the views [px].
        pixel: Size of the copy's pixels [px].
    """

    left: ViewFeatures
    right: ViewFeatures
    likeness: NDArray[np.float32]
    shape: tuple[int, int]
    pixel: float


def match_features(pair: StereoPair, reach: Reach = RECTIFIED) -> SparseMatches:
    """Match SIFT features (Lowe, IJCV 2004) that choose each other, clearly, and move as their neighbours do.

    Returns:
        0 to about 2,000 matches, all over the parts of the picture that have texture.
    """
    return match_found(find_features(pair), reach)


_NO_FEATURES = ViewFeatures(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32), np.zeros(0, np.float32))
_SMALLEST = 8  # px: OpenCV's pyramid fails on a single row, and a feature needs a neighbourhood


def find_features(pair: StereoPair, working_width: int = WORKING_WIDTH) -> FoundFeatures:
    """Find the features of both views, on copies of at most this width [px]."""
    height, width = pair.left.shape[:2]
    pixel = max(1.0, width / working_width)
    size = (round(width / pixel), max(round(height / pixel), 1))
    with ThreadPoolExecutor(2) as threads:  # OpenCV leaves the interpreter free
        left, right = threads.map(lambda view: _find_features(view, size), (pair.left, pair.right))
    return FoundFeatures(left, right, left.descriptors @ right.descriptors.T, (height, width), pixel)


def match_found(
    found: FoundFeatures, reach: Reach, places: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
) -> SparseMatches:
    """Match features as `match_features` does.

    Args:
        found: The features.
        reach: Where to look.
        places: (N, 2) and (M, 2) where a rectification moves the features of either view [px]; None leaves them. The
            points of the matches are those of the views themselves.
    """
    left_at, right_at = (place / found.pixel for place in (places or (found.left.points, found.right.points)))
    size = (found.shape[1] / found.pixel, found.shape[0] / found.pixel)
    first, second = _mutual_choices(found, left_at, right_at, (reach.columns * size[0], reach.rows * size[1]))
    kept = _moves_as_neighbours(left_at[first], right_at[second], reach.row_gradient)
    first, second = first[kept], second[kept]
    return SparseMatches(
        left=found.left.points[first],
        right=found.right.points[second],
        left_grey=found.left.grey[first],
        right_grey=found.right.grey[second],
        pixel=found.pixel,
    )


def _find_features(view: RgbImage, size: tuple[int, int]) -> ViewFeatures:
    if min(size) < _SMALLEST:
        return _NO_FEATURES
    grey = cv2.cvtColor(cv2.resize(view, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    detector = cv2.SIFT.create(contrastThreshold=MIN_CONTRAST)
    keypoints, descriptors = detector.compute(grey, _strongest_per_cell(detector.detect(grey, None), size))
    if descriptors is None:
        return _NO_FEATURES
    points = np.array([keypoint.pt for keypoint in keypoints], np.float32)
    columns, rows = np.clip(np.rint(points).astype(np.intp), 0, np.array(size) - 1).T
    # The root makes Euclidean distance a comparison of histograms (Arandjelovic and Zisserman, CVPR 2012).
    unit = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-6))
    stretch = np.array([view.shape[1] / size[0], view.shape[0] / size[1]], np.float32)
    return ViewFeatures((points + 0.5) * stretch - 0.5, unit, cv2.blur(grey.astype(np.float32), (7, 7))[rows, columns])


def _strongest_per_cell(keypoints: Sequence[cv2.KeyPoint], size: tuple[int, int]) -> list[cv2.KeyPoint]:
    cells: dict[tuple[int, int], list[cv2.KeyPoint]] = defaultdict(list)
    for keypoint in sorted(keypoints, key=lambda keypoint: -keypoint.response):
        column, row = keypoint.pt
        cell = cells[int(column * CELLS[0] / size[0]), int(row * CELLS[1] / size[1])]
        if len(cell) < MAX_PER_CELL:
            cell.append(keypoint)
    return [keypoint for cell in cells.values() for keypoint in cell]


def _mutual_choices(
    found: FoundFeatures, left_at: NDArray[np.float32], right_at: NDArray[np.float32], reach: tuple[float, float]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the indices of the matches in the left and the right view.

    The two features of a match are nearest to each other among those within reach (columns and rows, px of the copy). The
    second nearest feature of the right view is much farther from the left one (ratio test of Lowe).
    """
    if 0 in found.likeness.shape:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    likeness = found.likeness.copy()
    for axis in (0, 1):
        likeness[np.abs(_differences(left_at, right_at, axis)) > reach[axis]] = _UNLIKE
    first = np.arange(len(likeness))
    second = np.argmax(likeness, axis=1)
    best = likeness[first, second]
    mutual = (np.argmax(likeness, axis=0)[second] == first) & (best > _UNLIKE)
    likeness[first, second] = _UNLIKE
    next_best = likeness.max(axis=1)
    # Of unit vectors, the squared distance is 2 - 2 times the likeness.
    clear = (1 - best < MAX_RATIO**2 * (1 - next_best)) | (next_best == _UNLIKE)
    chosen = mutual & clear
    return first[chosen], second[chosen]


def _differences(one: NDArray[np.float32], other: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    return one[:, axis, np.newaxis] - other[:, axis]


def _moves_as_neighbours(left: NDArray[np.float32], right: NDArray[np.float32], row_gradient: float) -> Mask:
    """Return (N,) bool: whether a match moves much as two of its neighbours do.

    The change of disparity keeps the limit on its gradient (Pollard et al., Perception 1985), and the rows agree, or
    change with the distance by no more than `row_gradient`.
    """
    if len(left) <= NEIGHBOURS:
        return np.zeros(len(left), np.bool_)
    shift = left - right
    squares = _differences(left, left, 0) ** 2 + _differences(left, left, 1) ** 2
    near = np.argpartition(squares, NEIGHBOURS, axis=1)[:, : NEIGHBOURS + 1]  # the point itself included
    change = np.abs(shift[near] - shift[:, np.newaxis])
    distance = np.sqrt(np.take_along_axis(squares, near, axis=1))
    along, down = TOLERANCE_PX + GRADIENT_LIMIT * distance, TOLERANCE_PX + row_gradient * distance
    agreeing = ((change[..., 0] <= along) & (change[..., 1] <= down)).sum(axis=1) - 1
    return np.asarray(agreeing >= MIN_AGREEING)
