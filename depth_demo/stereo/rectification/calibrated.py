"""Rectify with a full calibration: lens distortion, rotation and distance of both cameras are known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.cameras.rig import Lens, StereoRig
from depth_demo.geometry import RgbImage
from depth_demo.stereo.rectification.turns import Homographies, Matrix

Maps = tuple[NDArray[np.float32], NDArray[np.float32]]
AUTOMATIC = -1.0  # alpha: OpenCV's own choice of the new focal length


@dataclass(frozen=True, slots=True, eq=False)
class RectifiedCamera:
    """The camera of a rectified pair, and how both views are sampled for it.

    Attributes:
        focal_length_px: Of both views.
        left_point, right_point: Column and row of the principal points [px].
        baseline_m: Distance between the cameras [m].
        homographies: From undistorted pixels of each view to rectified ones.
        maps: Of each view: the column and the row from which each rectified pixel is taken.
        kept: Share of each view's pixels that the rectified picture shows.
        q: (4, 4) matrix that turns column, row, disparity and 1 into a point [m], as OpenCV has it.
    """

    focal_length_px: float
    left_point: tuple[float, float]
    right_point: tuple[float, float]
    baseline_m: float
    homographies: Homographies
    maps: tuple[Maps, Maps]
    kept: tuple[float, float]
    q: Matrix


def turn_rig(rig: StereoRig) -> StereoRig:
    """Return the rig of pictures that are turned a quarter counterclockwise, so that the upper camera becomes the left one.

    Column and row become row and width - 1 - column.
    """
    if rig.size is None:
        raise ValueError("The size of the pictures must be known before they are turned.")
    turn = np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])
    height, width = rig.size
    return replace(
        rig,
        left=_turned_lens(rig.left, width),
        right=_turned_lens(rig.right, width),
        rotation=turn @ rig.rotation @ turn.T,
        translation_m=turn @ rig.translation_m,
        size=(width, height),
    )


def _turned_lens(lens: Lens, width: int) -> Lens:
    k = np.array([[lens.k[1, 1], 0, lens.k[1, 2]], [0, lens.k[0, 0], width - 1 - lens.k[0, 2]], [0, 0, 1]])
    distortion = lens.distortion.copy()
    if len(distortion) > 3:
        distortion[2:4] = -lens.distortion[3], lens.distortion[2]  # p1 and p2 go with the axes
    return Lens(k, distortion)


def rectify_rig(rig: StereoRig, shape: tuple[int, int], alpha: float = AUTOMATIC) -> RectifiedCamera:
    """Rectify two calibrated cameras side by side (OpenCV's stereoRectify, after Bouguet).

    Args:
        rig: For pictures of this shape.
        shape: Height and width [px].
        alpha: 0 shows no black, 1 every pixel of both views; `AUTOMATIC` is between.

    Raises:
        ValueError: If the second camera does not stand right of the first.
    """
    x, y, _ = rig.translation_m
    if abs(x) <= abs(y) or abs(x) < np.linalg.norm(rig.translation_m) / 2:
        raise ValueError(
            "By its calibration, the second camera stands before or behind the first: such views are not matched."
        )
    if x > 0:
        raise ValueError("By its calibration, the second camera stands left of the first: exchange the views, or the cameras.")
    size = (shape[1], shape[0])
    left, right = rig.left, rig.right
    distortions = [lens.distortion if lens.distortion.size else np.zeros(5) for lens in (left, right)]
    first, second, p1, p2, q, *_ = cv2.stereoRectify(
        left.k, distortions[0], right.k, distortions[1], size, rig.rotation, rig.translation_m.reshape(3, 1),
        flags=cv2.CALIB_ZERO_DISPARITY, alpha=alpha,
    )  # fmt: skip
    sides = ((left, distortions[0], first, p1), (right, distortions[1], second, p2))
    maps = [cv2.initUndistortRectifyMap(lens.k, lost, turn, p, size, cv2.CV_32FC1) for lens, lost, turn, p in sides]
    kept = [_kept(lens, lost, turn, p, shape) for lens, lost, turn, p in sides]
    homographies = [p[:, :3] @ turn @ np.linalg.inv(lens.k) for lens, _, turn, p in sides]
    return RectifiedCamera(
        float(p1[0, 0]), (float(p1[0, 2]), float(p1[1, 2])), (float(p2[0, 2]), float(p2[1, 2])), rig.baseline_m,
        Homographies(homographies[0], homographies[1]), (tuple(maps[0]), tuple(maps[1])), (kept[0], kept[1]), q,
    )  # fmt: skip


def _kept(lens: Lens, distortion: Matrix, turn: Matrix, p: Matrix, shape: tuple[int, int]) -> float:
    height, width = shape
    columns, rows = np.meshgrid(np.linspace(0, width - 1, 40), np.linspace(0, height - 1, 40))
    points = np.column_stack([columns.ravel(), rows.ravel()])[:, np.newaxis]
    x, y = cv2.undistortPoints(points, lens.k, distortion, R=turn, P=p).reshape(-1, 2).T
    return float(np.mean((x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)))


def sampled(view: RgbImage, maps: Maps) -> RgbImage:
    """Return a view as the maps sample it; black outside."""
    return np.asarray(cv2.remap(view, maps[0], maps[1], cv2.INTER_CUBIC), np.uint8)


def sampled_inside(maps: Maps, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return (H, W) bool: where the maps sample inside the view, one pixel from its edge."""
    column, row = maps
    return (column >= 1) & (column <= shape[1] - 2) & (row >= 1) & (row <= shape[0] - 2)
