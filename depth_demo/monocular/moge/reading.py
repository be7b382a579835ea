"""What MoGe-2 says of a photo: from its points to metres, and the camera that fits them. NumPy and OpenCV only."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap, FocalLength, is_real_number, number_text
from depth_demo.monocular.answers import MIN_DEPTH_M, Shot
from depth_demo.monocular.moge.fitting import Camera, fit_camera, fit_shift

CHANNELS = 5  # x/z, y/z, log z, logit of "holds", log of the scale
SAMPLES = 64  # per side: the camera is fitted to so many points

Float = NDArray[np.float32]


def read_moge(values: Float, height: int, width: int, focal_length_px: float | None = None) -> tuple[DepthMap, FocalLength]:
    """Return the map of MoGe-2's answer in metres, and the focal length that it holds for.

    The network gives points that are right up to one shift along the optical axis. The shift, and the focal length where it
    is not known, are those with which the points are seen where their pixels are.

    Args:
        values: (5, h, w), as the network gives them.
        height: Of the photo [px].
        width: Of the photo [px].
        focal_length_px: Focal length [px] at the photo's own width. None finds it from the points.

    Returns:
        (height, width) map of metric depth [m], and the focal length [px] at the photo's own width. NaN where the network
        says that there is no surface, such as in the sky, below a millimetre, or where it gave no finite number.

    Raises:
        ValueError: If the values have another shape, the focal length is not larger than 0, or no camera fits the points.
    """
    if values.ndim != 3 or values.shape[0] != CHANNELS:
        raise ValueError(f"MoGe-2 gives {CHANNELS} channels, ({CHANNELS}, h, w), not {values.shape}.")
    half_diagonal = math.hypot(height, width) / 2
    across, down, log_z, holds = (_enlarge(channel, height, width) for channel in values[:4])
    with np.errstate(over="ignore", invalid="ignore"):  # what becomes infinite is left out below
        z = np.exp(log_z)
        surface = (holds > 0) & np.isfinite(z)
        rows, columns = _samples(height), _samples(width)
        sampled = np.ix_(rows, columns)
        seen = surface[sampled]
        xy = np.stack((across[sampled] * z[sampled], down[sampled] * z[sampled]), axis=-1)[seen]
        uv = _view_plane(height, width)[sampled][seen]
        if focal_length_px is None:
            camera = fit_camera(uv, xy, z[sampled][seen])
            if not camera.focal > 0:
                raise ValueError("MoGe-2 finds no camera that fits this photo: give its focal length.")
            focal = FocalLength(camera.focal * half_diagonal, "estimated by MoGe-2")
        else:
            if not (is_real_number(focal_length_px) and focal_length_px > 0):
                raise ValueError(f"Focal length must be a number larger than 0, not {number_text(focal_length_px)}.")
            given = focal_length_px / half_diagonal
            camera = Camera(given, fit_shift(uv, xy, z[sampled][seen], given))
            focal = FocalLength(focal_length_px, "as given")
        metres = (z + np.float32(camera.shift)) * np.exp(values[4, 0, 0])
        metres = np.where(surface & (metres > MIN_DEPTH_M) & np.isfinite(metres), metres, np.float32(np.nan))
    return DepthMap(metres, DepthKind.METRIC_DEPTH), focal


def moge_map(values: Float, shot: Shot) -> DepthMap:
    """Return the map of MoGe-2's answer for a shot, as `read_moge` does, with its focal length."""
    given = shot.focal_length.pixels if shot.focal_length else None
    found, focal_length = read_moge(values, shot.height, shot.width, given)
    focal_length = shot.focal_length or focal_length
    remark = f"Its camera has a focal length of {focal_length.pixels:.0f} px, {focal_length.source}."
    return DepthMap(found.values, found.kind, remark, focal_length)


def _enlarge(channel: Float, height: int, width: int) -> Float:
    """Resize (h, w) to (height, width), bilinear, with edges on edges, as the published code does."""
    resized: Float = cv2.resize(np.ascontiguousarray(channel), (width, height), interpolation=cv2.INTER_LINEAR)
    return resized


def _samples(count: int) -> NDArray[np.intp]:
    """Return the places of `SAMPLES` pixels among `count`."""
    return np.arange(SAMPLES) * count // SAMPLES


def _view_plane(height: int, width: int) -> Float:
    """Return (height, width, 2): where pixels lie, to the right and down, from the centre, in half diagonals."""
    diagonal = math.hypot(height, width)
    across = np.linspace(1 - width, width - 1, width) / diagonal
    down = np.linspace(1 - height, height - 1, height) / diagonal
    return np.stack(np.meshgrid(across, down), axis=-1, dtype=np.float32)
