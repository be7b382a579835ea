"""A map and its photo as triangles between neighbouring pixels, cut where the surface jumps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import Calibration, Mask, RgbImage, back_project

# Vertices along the longer side. Twice as many take three times as long to appear, and show no more of a scene's shape.
DETAILS = {"coarse": 120, "standard": 200, "fine": 500}
REACHES = (1, 2, 3, 4, 6)  # how many cells away a slope must go on to be one surface; soft edges are no wider
Grid = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Points of a grid, with the triangles between them.

    Attributes:
        points: (N, 3) float32, x to the right, y down, z forward, in the unit of the depth; NaN where there is none.
        colors: (N, 3) uint8 RGB.
        triangles: Three lists of M numbers of points; counter-clockwise as the camera sees them.
    """

    points: NDArray[np.float32]
    colors: NDArray[np.uint8]
    triangles: tuple[NDArray[np.uint16 | np.uint32], ...]

    def used(self) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.uint32]]:
        """Return the points and colours that triangles use, and (M, 3) uint32 triangles of their numbers."""
        corners = np.stack(self.triangles, axis=1)
        is_used = np.zeros(len(self.points), bool)
        is_used[corners] = True
        number = np.cumsum(is_used, dtype=np.uint32) - np.uint32(1)
        return self.points[is_used], self.colors[is_used], number[corners]


def mesh_of(
    depth: NDArray[np.float32],
    image: RgbImage,
    focal_length_px: float,
    detail: str,
    far: float,
    camera: Calibration | None = None,
) -> Mesh:
    """Build the mesh.

    Args:
        depth: (H, W) distance along the optical axis, NaN where there is none.
        image: (H, W, 3) uint8 RGB: the colours, such as the photo's.
        focal_length_px: At the width of `depth`.
        detail: One of `DETAILS`.
        far: Points that are farther are left out.
        camera: Tells the principal point and the vertical focal length, where they are known.
    """
    rows, columns = _grid(depth, detail)
    rays = back_project(np.broadcast_to(np.float32(1), depth.shape), focal_length_px, rows, columns, camera)
    points = rays * _taken(depth, rows, columns)[..., np.newaxis]
    points[~(points[..., 2] <= far)] = np.nan
    colors = cv2.resize(image, (len(columns), len(rows)), interpolation=cv2.INTER_AREA)
    return Mesh(points.reshape(-1, 3), colors.reshape(-1, 3), _triangles(points[..., 2]))


def without_flying(depth: NDArray[np.float32], detail: str = "fine") -> NDArray[np.float32]:
    """Return a map without the pixels that hang between a foreground and its background.

    These are the pixels that touch only cells of the grid over which the surface jumps, by the rule that cuts the mesh.
    A single pixel among holes stays.

    Args:
        depth: (H, W) distance along the optical axis, NaN where there is none.
        detail: One of `DETAILS`, that of the grid.

    Returns:
        (H, W) float32, NaN also where a pixel is left out.
    """
    if min(depth.shape) < 2:
        return depth
    rows, columns = _grid(depth, detail)
    jumps = _cells(_taken(depth, rows, columns), _jumps)
    (upper, lower), (left, right) = (_cells_at(places) for places in (rows, columns))
    by_rows = jumps[upper] & jumps[lower]
    return np.where(by_rows[:, left] & by_rows[:, right], np.float32(np.nan), depth)


def _grid(depth: NDArray[np.float32], detail: str) -> tuple[Grid, Grid]:
    rows, columns = (_samples(side, DETAILS[detail] / max(depth.shape)) for side in depth.shape)
    return rows, columns


def _samples(side: int, share: float) -> Grid:
    """Return indices of evenly spread rows or columns, both ends included."""
    count = min(max(round(side * share), 2), side)
    return np.rint(np.linspace(0, side - 1, count)).astype(np.intp)


def _cells_at(places: Grid) -> tuple[Grid, Grid]:
    """Return two cells for every pixel along a side: those before and after a place of the grid, else twice the same."""
    pixels = np.arange(places[-1] + 1)
    after = np.searchsorted(places, pixels, side="right") - 1
    before = after - np.isin(pixels, places)
    last = len(places) - 2
    return np.clip(before, 0, last), np.clip(after, 0, last)


def _taken(depth: NDArray[np.float32], rows: Grid, columns: Grid) -> NDArray[np.float32]:
    """Take some rows and columns; a pixel without a depth takes that of a pixel less than half a cell away."""
    taken = depth[np.ix_(rows, columns)]
    half = int(columns[1] - columns[0]) // 2
    for down, right in ((0, half), (0, -half), (half, 0), (-half, 0)) if half else ():
        near = depth[np.ix_(np.clip(rows + down, 0, rows[-1]), np.clip(columns + right, 0, columns[-1]))]
        taken = np.where(np.isnan(taken), near, taken)
    return taken


def _triangles(depth: NDArray[np.float32]) -> tuple[NDArray[np.uint16 | np.uint32], ...]:
    """Return two triangles per cell of the grid, except where a corner is missing or the surface jumps."""
    rows, columns = depth.shape
    cell = ~_cells(depth, lambda along: _jumps(along) | np.isnan(np.diff(along, axis=1)))
    kind = np.uint16 if depth.size <= 2**16 else np.uint32
    corner = np.arange(depth.size, dtype=kind).reshape(rows, columns)
    a, b, c, d = corner[:-1, :-1][cell], corner[:-1, 1:][cell], corner[1:, :-1][cell], corner[1:, 1:][cell]
    return np.concatenate((a, b)), np.concatenate((c, c)), np.concatenate((b, d))


def _cells(depth: NDArray[np.float32], between: Callable[[NDArray[np.float32]], Mask]) -> Mask:
    """Return (H - 1, W - 1): whether `between` says so of any of a cell's four sides.

    Args:
        depth: (H, W).
        between: Takes (H, W) and tells of neighbours in a row: (H, W - 1).
    """
    down, right = between(depth.T).T, between(depth)
    return np.asarray(right[:-1] | right[1:] | down[:, :-1] | down[:, 1:])


def _jumps(depth: NDArray[np.float32]) -> Mask:
    """Return (H, W - 1): whether neighbours in a row belong to different surfaces; False where one of them is missing.

    Inverse depth is linear across a plane, however slanted, so a jump is a difference that is large and also
    larger than the differences in the same direction beside it. An edge that is drawn softly goes on for some cells,
    so the differences a few cells away count too.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1 / depth
    step = np.diff(inverse, axis=1)
    size = np.abs(step)
    relative = size / np.fmax(inverse[:, :-1], inverse[:, 1:])
    beside = np.min([_same_way(step, reach) for reach in REACHES], axis=0)
    with np.errstate(invalid="ignore"):
        jump: Mask = ((relative > 0.08) & (size > 3 * beside)) | ((relative > 0.3) & (size > 1.5 * beside))
    return jump


def _same_way(step: NDArray[np.floating], reach: int) -> NDArray[np.floating]:
    """Return the larger of the steps that lie `reach` cells before and after, if they go the same way; else 0."""
    padded = np.pad(step, ((0, 0), (reach, reach)))
    beside = np.sign(step) * np.stack((padded[:, : -2 * reach], padded[:, 2 * reach :]))
    return np.asarray(np.nan_to_num(beside).max(axis=0, initial=0))
