"""Boards are found in photos of which every corner is known, also large ones and boards that are seen in part."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.stereo.boards.board import Board
from depth_demo.stereo.boards.finding import find_board, recognise_chessboard, recognise_markers
from tests.support.made_boards import SMALL_LEFT, MadeBoard, charuco, chessboard, photo, pose

SQUARE, MARKER = 0.03, 0.021
CHESS = Board(7, 4, SQUARE)
CHARUCO = Board(8, 6, SQUARE, MARKER, "4X4_1000")
TILTED = (4.0, 15.0, -20.0, 0.0, 0.0, 0.38)


def grey(made: MadeBoard, board: Board) -> NDArray[np.uint8]:
    return np.ascontiguousarray(photo(made, pose(board, *TILTED), SMALL_LEFT)[..., 0])


def exact(board: Board) -> NDArray[np.float64]:
    turn, shift = pose(board, *TILTED)
    points, _ = cv2.projectPoints(
        board.corners.astype(np.float64), cv2.Rodrigues(turn)[0], shift, SMALL_LEFT.k, SMALL_LEFT.lens
    )
    return np.asarray(points.reshape(-1, 2), np.float64)


def off(points: NDArray[np.floating]) -> float:
    """How far the worst corner of the chessboard is off [px], from whichever end the board was read."""
    return min(float(np.abs(order - exact(CHESS)).max()) for order in (points, points[::-1]))


@pytest.fixture(scope="module")
def chess() -> NDArray[np.uint8]:
    return grey(chessboard(7, 4, SQUARE), CHESS)


@pytest.fixture(scope="module")
def markers() -> NDArray[np.uint8]:
    return grey(charuco(8, 6, SQUARE, MARKER, cv2.aruco.DICT_4X4_1000), CHARUCO)


def test_a_chessboard(chess: NDArray[np.uint8]) -> None:
    found = find_board(chess, CHESS)
    assert found is not None
    assert found.how == "findChessboardCornersSB"
    assert off(found.points) < 0.25
    assert recognise_chessboard([chess]) == (7, 4)


def test_a_large_photo_is_searched_in_a_copy(chess: NDArray[np.uint8]) -> None:
    large = np.asarray(cv2.resize(chess, None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC), np.uint8)
    found = find_board(large, CHESS)
    assert found is not None
    assert off((found.points + 0.5) / 5 - 0.5) < 0.3


@pytest.mark.parametrize("hidden", [0, 250])
def test_a_charuco_board_whole_and_half_hidden(hidden: int, markers: NDArray[np.uint8]) -> None:
    view = markers.copy()
    view[:, :hidden] = 90
    found = find_board(view, CHARUCO)
    assert found is not None
    assert (len(found.ids) == 35) == (hidden == 0)
    assert np.abs(found.points - exact(CHARUCO)[found.ids]).max() < 0.5


def test_a_single_row_of_corners_is_none(markers: NDArray[np.uint8]) -> None:
    rows = np.sort(exact(CHARUCO)[:, 1])
    view = markers.copy()
    view[int(rows[7]) - 12 :] = 90
    found = find_board(view, CHARUCO)
    assert found is None or len(set(found.ids // 7)) > 1


@pytest.mark.parametrize("legacy", [False, True])
def test_markers_and_pattern_are_recognised(legacy: bool) -> None:  # noqa: FBT001
    view = grey(charuco(8, 6, SQUARE, MARKER, cv2.aruco.DICT_6X6_1000, legacy=legacy), CHARUCO)
    found = recognise_markers([view], replace(CHARUCO, markers=""))
    assert (found.markers, found.legacy) == ("6X6_1000", legacy)
    assert ("from before OpenCV 4.6" in found.text) == legacy


def test_no_board() -> None:
    plain = np.full((120, 160), 90, np.uint8)
    assert find_board(plain, CHESS) is None
    assert find_board(plain, CHARUCO) is None
