"""How a surface is framed: how far it is drawn, its axes, and the cameras that see it whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import Calibration, back_project
from depth_demo.render.shape import percentiles

FAR_FACTOR = 4.0  # points beyond this many times the median distance are left out
MARGIN = 1.04  # of the axes around the points: what lies on an axis' very end, as a sky does, is drawn as noise
ENOUGH_POINTS = 20_000  # that stand for all of a map
FORWARD = np.array((-0.1, 1.0, -0.12)) / np.linalg.norm((-0.1, 1.0, -0.12))  # from behind, a little right and above
RIGHT = np.cross(FORWARD, (0, 0, 1)) / np.linalg.norm(np.cross(FORWARD, (0, 0, 1)))
UP = np.cross(RIGHT, FORWARD)
HALF_VIEW = np.tan(np.pi / 8)  # Plotly's camera sees 45 degrees from top to bottom
WIDE, NARROW = 1.6, 1.15  # width by height of the figures that the two cameras are for
SEEN = 80  # per cent of the points that lie within the view


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What two surfaces share when they are to be compared.

    Attributes:
        far: Where a surface stops, in the unit of the depth.
        low, high: (3,) ends of the axes: to the right, forward, up.
        target: (3,) the point that the cameras look at and turn around.
        wide, narrow: Distance of the eye from the target, for figures of the proportions `WIDE` and `NARROW`.
    """

    far: float
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    target: NDArray[np.float64]
    wide: float
    narrow: float

    @property
    def proportions(self) -> NDArray[np.float64]:
        """Return the lengths of the axes; the longest is 1."""
        extents = self.high - self.low
        return np.asarray(extents / extents.max())

    def camera(self, distance: float) -> dict[str, dict[str, float]]:
        """Return Plotly's camera at a distance from the target."""
        middle, longest = (self.low + self.high) / 2, (self.high - self.low).max()
        places = {"eye": self.target - distance * FORWARD, "center": self.target}
        return {name: dict(zip("xyz", ((at - middle) / longest).tolist(), strict=True)) for name, at in places.items()}


def frame_of(
    depth: NDArray[np.float32], focal_length_px: float, far: float | None = None, camera: Calibration | None = None
) -> Frame:
    """Frame a map so that its points fill the view and the axes end where they do.

    Args:
        depth: (H, W) distance along the optical axis, NaN where there is none.
        focal_length_px: At the width of `depth`.
        far: Where to stop, in the unit of `depth`; None takes `far_limit(depth)`.
        camera: Tells the principal point and the vertical focal length, where they are known.
    """
    far = far or far_limit(depth)
    points = _points(depth, focal_length_px, far, camera)
    low, high = points.min(axis=0), points.max(axis=0)
    middle, half = (low + high) / 2, MARGIN * np.maximum((high - low) / 2, 0.02 * far)  # a flat map has some thickness
    target = _middle_of_view(points)
    seen = points - target
    wide, narrow = (_distance(seen, aspect) for aspect in (WIDE, NARROW))
    return Frame(far, middle - half, middle + half, target, wide, narrow)


def _middle_of_view(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the point at the median distance from the eye, in the middle between left and right, top and bottom."""
    across, up, along = (points @ axis for axis in (RIGHT, UP, FORWARD))
    ends = (100 - SEEN) / 2
    middle = (float(np.percentile(side, (ends, 100 - ends)).mean()) for side in (across, up))
    return np.asarray(
        sum(at * axis for at, axis in zip((*middle, float(np.median(along))), (RIGHT, UP, FORWARD), strict=True))
    )


def _distance(points: NDArray[np.float64], aspect: float) -> float:
    """Return how far from the origin an eye sees most of the points in a figure of this width by height."""
    across, up, along = (points @ axis for axis in (RIGHT, UP, FORWARD))
    needed = np.maximum(np.abs(across) / aspect, np.abs(up)) / HALF_VIEW - along
    return max(float(np.percentile(needed, SEEN)), 0.1 * float(np.ptp(points, axis=0).max()), 1e-6)


def _points(depth: NDArray[np.float32], focal_length_px: float, far: float, camera: Calibration | None) -> NDArray[np.float64]:
    """Return (N, 3) points to the right, forward and up; if there is none, one at `far`. Of a dense map, some are enough."""
    dense = np.count_nonzero(depth <= far) > depth.size / 4
    step = max(int(np.sqrt(depth.size / ENOUGH_POINTS)), 1) if dense else 1
    rows, columns = (np.arange(0, side, step) for side in depth.shape)
    points = back_project(depth, focal_length_px, rows, columns, camera)
    points = points[points[..., 2] <= far].astype(np.float64)
    right, down, forward = points.T if len(points) else np.array([[0.0], [0.0], [far]])
    return np.stack((right, forward, -down), axis=1)


def far_limit(depth: NDArray[np.float32]) -> float:
    """Return where a surface stops: at four times the median distance, or at its farthest point if nearer; 1 if empty."""
    if not np.isfinite(depth).any():
        return 1.0
    (median,) = percentiles(depth, 50)
    return min(FAR_FACTOR * median, float(np.nanmax(depth)))
