"""Photos of calibration boards by cameras of which everything is known, drawn ray by ray."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import RgbImage
from depth_demo.stereo.boards.board import Board
from tests.support.made_views import turned

Matrix = NDArray[np.float64]
Pose = tuple[Matrix, Matrix]  # of a board: x_world = turn p + shift
_FINER = 3  # samples along each side of a pixel
_BACK, _PAPER = 90, 235
_TEXELS = 24  # along a square


@dataclass(frozen=True, slots=True, eq=False)
class MadeCamera:
    """A camera: x_camera = turn x_world + shift [m]."""

    k: Matrix
    distortion: tuple[float, ...] = (0.0,) * 5
    turn: Matrix | None = None
    shift: Matrix | None = None
    shape: tuple[int, int] = (480, 640)

    @property
    def lens(self) -> Matrix:
        return np.array(self.distortion)

    def of_world(self, pose: Pose) -> Pose:
        """The pose as the camera sees it."""
        turn = np.eye(3) if self.turn is None else self.turn
        shift = np.zeros(3) if self.shift is None else self.shift
        return turn @ pose[0], turn @ pose[1] + shift


@dataclass(frozen=True, slots=True, eq=False)
class MadeBoard:
    """A board's picture, whose first inner corner lies at `origin` squares, and how large a square is [m]."""

    texture: NDArray[np.uint8]
    square: float
    texels: int
    origin: float = 1.0


def chessboard(columns: int, rows: int, square: float) -> MadeBoard:
    """With this many inner corners, and a white margin of a square."""
    dark = np.indices((rows + 1, columns + 1)).sum(axis=0) % 2 == 0
    squares = np.pad(np.where(dark, 20, _PAPER), 1, constant_values=_PAPER).astype(np.uint8)
    return MadeBoard(np.kron(squares, np.ones((_TEXELS, _TEXELS), np.uint8)), square, _TEXELS, 2.0)


def charuco(columns: int, rows: int, square: float, marker: float, dictionary: int, *, legacy: bool = False) -> MadeBoard:
    """With this many squares, without a margin."""
    board = cv2.aruco.CharucoBoard((columns, rows), square, marker, cv2.aruco.getPredefinedDictionary(dictionary))
    board.setLegacyPattern(legacy)
    picture = board.generateImage((2 * _TEXELS * columns, 2 * _TEXELS * rows))
    return MadeBoard(np.asarray(np.pad(picture, 2 * _TEXELS, constant_values=255), np.uint8), square, 2 * _TEXELS, 2.0)


_RAYS: dict[MadeCamera, Matrix] = {}


def _rays(camera: MadeCamera) -> Matrix:
    """(N, 3) rays of all samples, row by row; remembered, since photos of one camera are made in series."""
    if camera not in _RAYS:
        height, width = camera.shape
        steps = (np.arange(_FINER) + 0.5) / _FINER - 0.5
        across, down = ((np.arange(side)[:, np.newaxis] + steps).ravel() for side in (width, height))
        pixels = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 1, 2)
        stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 40, 1e-9)
        flat = cv2.undistortPoints(pixels, camera.k, np.array(camera.distortion), R=None, P=None, criteria=stop)
        _RAYS[camera] = np.column_stack([flat.reshape(-1, 2), np.ones(len(pixels))])
    return _RAYS[camera]


_TURN = turned(1.2, 0.6, -0.9)
LEFT = MadeCamera(np.array([[560.0, 0, 321.5], [0, 558, 238.0], [0, 0, 1]]), (-0.12, 0.03, 0.001, -0.0005, 0.0))
RIGHT = MadeCamera(
    np.array([[571.0, 0, 316.0], [0, 570, 243.5], [0, 0, 1]]), (-0.10, 0.02, -0.0008, 0.0006, 0.0),
    _TURN, -_TURN @ np.array([0.06, 0.002, -0.003]),
)  # fmt: skip


def _smaller(camera: MadeCamera) -> MadeCamera:
    """The same at three quarters of the size."""
    k = camera.k.copy()
    k[:2] *= 0.75
    k[:2, 2] -= 0.125
    return replace(camera, k=k, shape=(360, 480))


SMALL_LEFT, SMALL_RIGHT = _smaller(LEFT), _smaller(RIGHT)


def pose(board: Board, roll: float, pitch: float, yaw: float, x: float, y: float, z: float) -> Pose:
    """A board whose middle is at x, y, z [m], turned by angles in degrees."""
    turn = turned(roll, pitch, yaw)
    middle = board.corners.mean(axis=0).astype(np.float64)
    return turn, np.array([x, y, z]) - turn @ middle


def board_poses(board: Board, count: int, near: float = 0.33, far: float = 0.45, reach: float = 0.3) -> list[Pose]:
    """A board that visits the middle and all corners of both views, tilted to all sides."""
    random = np.random.default_rng(7)
    where = [(-1, -1), (1, -1), (-1, 1), (1, 1), (0, 0), (0.8, 0), (-0.8, 0), (0, 0.8)]
    poses = []
    for number in range(count):
        across, down = where[number % len(where)]
        z = random.uniform(near, far)
        pitch, yaw = (side * random.uniform(10, 32) for side in random.choice([-1, 1], 2))
        poses.append(pose(board, random.uniform(-12, 12), pitch, yaw, 0.03 + reach * across * z, 0.67 * reach * down * z, z))
    return poses


def photo(board: MadeBoard, at: Pose, camera: MadeCamera) -> RgbImage:
    """What the camera sees of a board."""
    height, width = camera.shape
    board_turn, board_shift = camera.of_world(at)
    rays = _rays(camera)
    normal = board_turn[:, 2]
    depth = (normal @ board_shift) / (rays @ normal)
    places = (rays * depth[:, np.newaxis] - board_shift) @ board_turn
    u, v = (places[:, :2] / board.square + board.origin).T * board.texels
    x, y = np.floor(u).astype(int), np.floor(v).astype(int)
    there = (depth > 0) & (x >= 0) & (y >= 0) & (x < board.texture.shape[1]) & (y < board.texture.shape[0])
    values = np.full(len(rays), _BACK, np.float64)
    values[there] = board.texture[y[there], x[there]]
    grey = values.reshape(height, _FINER, width, _FINER).mean(axis=(1, 3))
    return np.repeat(np.rint(cv2.GaussianBlur(grey, (0, 0), 0.6)).astype(np.uint8)[..., np.newaxis], 3, axis=2)
