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
    right_height, right_width = rig.right_size or rig.size
    return replace(
        rig,
        left=_turned_lens(rig.left, width),
        right=_turned_lens(rig.right, right_width),
        rotation=turn @ rig.rotation @ turn.T,
        translation_m=turn @ rig.translation_m,
        size=(width, height),
        right_size=(right_width, right_height) if rig.right_size else None,
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


@dataclass(frozen=True, slots=True, eq=False)
class BroughtView:
    """A right view of another size than the left one, and how it lies in a picture of the left one's size.

    Attributes:
        view: (H, W, 3) uint8: the right view, averaged down where it is larger than the left one.
        place: (3, 3) float64, from pixels of the right view as given to those of the left one's size.
        own: (3, 3) float64, from pixels of `view` to those of the left one's size.
    """

    view: RgbImage
    place: Matrix
    own: Matrix

    @classmethod
    def of(cls, right: RgbImage, shape: tuple[int, int]) -> BroughtView:
        """Bring a view to a height and width: both centres on one place, one factor, nothing left bare."""
        height, width = shape
        rows, columns = right.shape[:2]
        factor = max(width / columns, height / rows)
        place = np.array([[factor, 0, (width - 1 - factor * (columns - 1)) / 2], [0, factor, 0], [0, 0, 1]])
        place[1, 2] = (height - 1 - factor * (rows - 1)) / 2
        if factor >= 1:
            return cls(right, place, place)
        size = (max(round(columns * factor), 1), max(round(rows * factor), 1))  # averages, where sampling would skip pixels
        smaller = np.asarray(cv2.resize(right, size, interpolation=cv2.INTER_AREA), np.uint8)
        shrink = np.diag([size[0] / columns, size[1] / rows, 1.0])
        shrink[:2, 2] = (np.diag(shrink)[:2] - 1) / 2
        return cls(smaller, place, place @ np.linalg.inv(shrink))

    def lens(self, lens: Lens) -> Lens:
        """Return the right camera for pictures of the left one's size."""
        return replace(lens, k=self.place @ lens.k)

    def maps(self, maps: Maps) -> Maps:
        """Return maps into pictures of the left one's size as maps into `view`."""
        inverse = np.linalg.inv(self.own)
        columns, rows = (inverse[axis, axis] * maps[axis] + inverse[axis, 2] for axis in (0, 1))
        return columns.astype(np.float32), rows.astype(np.float32)


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
