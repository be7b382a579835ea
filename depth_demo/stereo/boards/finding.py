"""Find a board's corners in a photo, and recognise how many it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.stereo.boards.board import MARKERS, Board, dictionary_of

MIN_CORNERS = 6  # of a board that is seen in part
_LONGEST = 1600  # px, of the copy in which a board is looked for
_SMALLEST_WINDOW, _LARGEST_WINDOW = 2, 11  # px, half of its side
_WINDOW_SHARE = 0.3  # of the distance to the next corner
_STOP = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 40, 1e-4)
_NEW, _OLD = "findChessboardCornersSB", "findChessboardCorners"
Grey = NDArray[np.uint8]
Points = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class SeenBoard:
    """A board in a photo.

    Attributes:
        ids: (N,) which of `Board.corners` are seen, in ascending order.
        points: (N, 2) float32 column and row of each [px].
        how: OpenCV's function that found it.
    """

    ids: NDArray[np.intp]
    points: Points
    how: str

    @property
    def flipped(self) -> SeenBoard:
        """The same board read from its last corner, for a chessboard that looks the same when it is turned by half."""
        return replace(self, points=self.points[::-1].copy())


def find_board(grey: Grey, board: Board) -> SeenBoard | None:
    """Find a board; None where it is not there.

    Args:
        grey: (H, W) uint8.
        board: What to look for. A chessboard must be seen whole, of a ChArUco board 6 corners are enough.
    """
    return _find_chessboard(grey, board) if board.marker_m is None else _find_charuco(grey, board)


def _find_chessboard(grey: Grey, board: Board) -> SeenBoard | None:
    small, factor = _copy(grey)
    how, size = _NEW, board.corner_grid
    found, corners = cv2.findChessboardCornersSB(small, size, flags=cv2.CALIB_CB_ACCURACY)
    if not found:
        how, flags = _OLD, cv2.CALIB_CB_ADAPTIVE_THRESH | cv2.CALIB_CB_NORMALIZE_IMAGE | cv2.CALIB_CB_FAST_CHECK
        found, corners = cv2.findChessboardCorners(small, size, flags=flags)
    if not found:
        return None
    points = _refined(grey, _enlarged(corners, factor), size)
    return SeenBoard(np.arange(len(points)), points, how)


def _find_charuco(grey: Grey, board: Board) -> SeenBoard | None:
    """OpenCV's detector, whose corners are then moved to where the pattern is: its own are up to half a pixel off."""
    small, factor = _copy(grey)
    made = cv2.aruco.CharucoBoard(
        (board.columns, board.rows), board.square_m, board.marker_m or 0.0, dictionary_of(board.markers)
    )
    made.setLegacyPattern(board.legacy)
    corners, ids, _, _ = cv2.aruco.CharucoDetector(made).detectBoard(small)
    if ids is None or len(ids) < MIN_CORNERS:
        return None
    numbers = np.asarray(ids, np.intp).ravel()
    order = np.argsort(numbers)
    numbers, points = numbers[order], _enlarged(corners, factor)[order]
    columns = board.corner_grid[0]
    if min(len(set(numbers % columns)), len(set(numbers // columns))) < 2:  # on one line they tell nothing
        return None
    free = (1 - (board.marker_m or 0.0) / board.square_m) / 2  # between a corner and the next marker, of a square
    return SeenBoard(numbers, _refined(grey, points, None, free), "CharucoDetector")


def _copy(grey: Grey) -> tuple[Grey, float]:
    factor = min(_LONGEST / max(grey.shape), 1.0)
    if factor == 1:
        return grey, 1.0
    size = (round(grey.shape[1] * factor), round(grey.shape[0] * factor))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8), size[0] / grey.shape[1]


def _enlarged(corners: NDArray[np.generic], factor: float) -> Points:
    small = np.asarray(corners, np.float32).reshape(-1, 2)
    return np.asarray((small + 0.5) / factor - 0.5, np.float32)


def _refined(grey: Grey, points: Points, grid: tuple[int, int] | None, free: float = 1.0) -> Points:
    """Move corners to where the pattern is, in a window that holds no other corner and no marker."""
    if grid:
        rows = points.reshape(grid[1], grid[0], 2)
        near = min(float(np.linalg.norm(np.diff(rows, axis=axis), axis=-1).min()) for axis in (0, 1))
    else:
        apart = np.linalg.norm(points[:, np.newaxis] - points, axis=-1)
        near = float(apart[apart > 0].min())
    half = int(np.clip(min(_WINDOW_SHARE, free) * near, _SMALLEST_WINDOW, _LARGEST_WINDOW))
    moved = cv2.cornerSubPix(grey, points.reshape(-1, 1, 2).copy(), (half, half), (-1, -1), _STOP)
    return np.asarray(moved, np.float32).reshape(-1, 2)


def recognise_chessboard(photos: Iterable[Grey]) -> tuple[int, int]:
    """Return columns and rows of inner corners, as most photos show them.

    Raises:
        ValueError: If no photo shows a chessboard.
    """
    seen: Counter[tuple[int, int]] = Counter()
    for grey in photos:
        small, _ = _copy(grey)
        found, _, cells = cv2.findChessboardCornersSBWithMeta(small, (3, 3), cv2.CALIB_CB_LARGER)
        if found:
            seen[max(cells.shape), min(cells.shape)] += 1
    if not seen:
        raise ValueError("No photo shows a chessboard that is recognised: give its number of inner corners, such as 9x6.")
    return max(seen, key=lambda size: (seen[size], size))


def recognise_markers(photos: Iterable[Grey], board: Board) -> Board:
    """Return the ChArUco board with the markers, and in the pattern, of which the photos show most.

    Raises:
        ValueError: If no photo shows any markers.
    """
    small = [_copy(grey)[0] for grey in photos]
    found = Counter(
        {name: sum(len(cv2.aruco.ArucoDetector(dictionary_of(name)).detectMarkers(g)[0]) for g in small) for name in MARKERS}
    )
    name, count = found.most_common(1)[0]
    if not count:
        raise ValueError("No photo shows markers that are known here: a plain chessboard needs no size of a marker.")
    patterns = [replace(board, markers=name, legacy=legacy) for legacy in (False, True)]
    return max(patterns, key=lambda each: sum(len(seen.ids) for grey in small if (seen := find_board(grey, each))))
