"""What a calibration board is: a chessboard, or a ChArUco board, whose squares hold markers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

MARKERS = {
    name: f"DICT_{name}"
    for name in (
        "4X4_1000", "5X5_1000", "6X6_1000", "7X7_1000", "ARUCO_ORIGINAL", "ARUCO_MIP_36H12", "APRILTAG_16H5",
        "APRILTAG_25H9", "APRILTAG_36H10", "APRILTAG_36H11",
    )
}  # fmt: skip
_FEWEST, _MOST = 3, 100  # corners or squares along a side


@dataclass(frozen=True, slots=True)
class Board:
    """A flat board.

    Attributes:
        columns, rows: Of a chessboard: its inner corners. Of a ChArUco board: its squares.
        square_m: Side of a square [m].
        marker_m: Side of a marker [m]; None of a chessboard.
        markers: A key of `MARKERS`; "" of a chessboard.
        legacy: Whether a ChArUco board with an even number of rows begins with a marker, as before OpenCV 4.6.
    """

    columns: int
    rows: int
    square_m: float
    marker_m: float | None = None
    markers: str = ""
    legacy: bool = False

    def __post_init__(self) -> None:
        if not (_FEWEST <= self.columns <= _MOST and _FEWEST <= self.rows <= _MOST):
            raise ValueError(f"A board has {_FEWEST} to {_MOST} columns and rows, not {self.columns}x{self.rows}.")
        if not 0 < self.square_m < np.inf:
            raise ValueError(f"The side of a square must be a number larger than 0, not {self.square_m:g}.")
        if self.marker_m is not None and not 0 < self.marker_m < self.square_m:
            raise ValueError(f"A marker must be smaller than its square of {self.square_m:g} m, not {self.marker_m:g} m.")

    @property
    def corner_grid(self) -> tuple[int, int]:
        """Columns and rows of the corners that are looked for."""
        return (self.columns, self.rows) if self.marker_m is None else (self.columns - 1, self.rows - 1)

    @property
    def corners(self) -> NDArray[np.float32]:
        """(N, 3) float32: the corners [m], row by row, 0 at the first one."""
        columns, rows = self.corner_grid
        places = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
        return np.column_stack([places * self.square_m, np.zeros(len(places))]).astype(np.float32)

    @property
    def text(self) -> str:
        """What it is, for people."""
        square = f"squares of {1000 * self.square_m:g} mm"
        if self.marker_m is None:
            return f"a chessboard of {self.columns}x{self.rows} inner corners with {square}"
        old = ", in the pattern from before OpenCV 4.6" if self.legacy else ""
        return f"a ChArUco board of {self.columns}x{self.rows} {square} with {self.markers} markers{old}"


def board_size(text: str) -> tuple[int, int]:
    """Read columns and rows from text such as "9x6".

    Raises:
        ValueError: If it is none.
    """
    found = re.fullmatch(r"\s*(\d{1,3})\s*[xX*×,]\s*(\d{1,3})\s*", text)  # noqa: RUF001 - people type it
    if not found:
        raise ValueError(f"The size of a board is written as 9x6, not {text!r:.20}.")
    return int(found[1]), int(found[2])


def dictionary_of(markers: str) -> cv2.aruco.Dictionary:
    """Return OpenCV's dictionary of markers.

    Raises:
        ValueError: If the name is not one of `MARKERS`.
    """
    if markers not in MARKERS:
        raise ValueError(f"Markers are one of {', '.join(MARKERS)}, not {markers!r:.30}.")
    number: Any = getattr(cv2.aruco, MARKERS[markers])
    return cv2.aruco.getPredefinedDictionary(number)
