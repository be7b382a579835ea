"""What Depth Anything 3 says of a photo: from its depth and sky to a map. NumPy and OpenCV only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap, FocalLength, Mask, is_real_number, number_text, typical_focal_length
from depth_demo.monocular.answers import MIN_DEPTH_M, Shot, enlarge

SKY = 0.3  # the published threshold: from here on a pixel is sky
CANONICAL_FOCAL_LENGTH_PX = 300.0  # METRIC gives metres for a camera of this focal length


def read_mono(values: NDArray[np.float32], height: int, width: int) -> DepthMap:
    """Return the map of MONO's answer: relative depth, larger is farther, known up to scale and shift.

    The published code gives the sky the depth that 99 % of all other pixels stay below. That is no measurement, and nearer
    than the farthest of them, so the sky is NaN here.

    Args:
        values: (2, h, w) depth and sky, as the network gives them.
        height: Of the photo [px].
        width: Of the photo [px].

    Returns:
        (height, width) map. NaN where there is sky, or where the network gave no finite number.

    Raises:
        ValueError: If the values have another shape.
    """
    return DepthMap(_without_sky(values, height, width), DepthKind.RELATIVE_DEPTH)


def read_metric(values: NDArray[np.float32], height: int, width: int, focal_length_px: float | None) -> DepthMap:
    """Return the map of METRIC's answer: depth in metres, in proportion to the focal length.

    The network knows no camera. Metres are its depth times the focal length [px] of the picture that it saw, over 300.

    Args:
        values: (2, h, w) depth and sky, as the network gives them.
        height: Of the photo [px].
        width: Of the photo [px].
        focal_length_px: Focal length [px] at the photo's own width. None assumes the camera of a typical phone, as
            `geometry.choose_focal_length` does, which `scale_text` says.

    Returns:
        (height, width) map. NaN where there is sky, below a millimetre, or where the network gave no finite number.

    Raises:
        ValueError: If the values have another shape, or the focal length is not larger than 0.
    """
    if focal_length_px is None:
        focal_length_px = typical_focal_length(height, width).pixels
    if not (is_real_number(focal_length_px) and focal_length_px > 0):
        raise ValueError(f"Focal length must be a number larger than 0, not {number_text(focal_length_px)}.")
    depth = _without_sky(values, height, width)
    with np.errstate(over="ignore"):  # what becomes infinite is left out below
        metres = depth * np.float32(seen_focal_length_px(focal_length_px, values, height, width) / CANONICAL_FOCAL_LENGTH_PX)
    return DepthMap(np.where((metres > MIN_DEPTH_M) & np.isfinite(metres), metres, np.nan), DepthKind.METRIC_DEPTH)


def mono_map(values: NDArray[np.float32], shot: Shot) -> DepthMap:
    """Return the map of MONO's answer for a shot, as `read_mono` does."""
    return read_mono(values, shot.height, shot.width)


def metric_map(values: NDArray[np.float32], shot: Shot) -> DepthMap:
    """Return the map of METRIC's answer for a shot, as `read_metric` does, with the focal length that its metres are from."""
    used = shot.focal_length or typical_focal_length(shot.height, shot.width)
    found = read_metric(values, shot.height, shot.width, used.pixels)
    return DepthMap(found.values, found.kind, scale_text(used), used)


def seen_focal_length_px(focal_length_px: float, values: NDArray[np.float32], height: int, width: int) -> float:
    """Return the focal length [px] of the picture that the network saw.

    Rounding to whole patches changes width and height by different factors. The published code takes the mean of both.
    """
    rows, columns = values.shape[1:]
    return focal_length_px * (rows / height + columns / width) / 2


def scale_text(focal_length: FocalLength) -> str:
    """Say which focal length the metres are from."""
    return f"Metres are in proportion to the focal length: {focal_length.pixels:.0f} px ({focal_length.source})."


def _without_sky(values: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Enlarge (2, h, w) to (height, width) depth, NaN in the sky. Depth is a mean of pixels beside the sky only."""
    if values.ndim != 3 or values.shape[0] != 2:
        raise ValueError(f"Depth Anything 3 gives depth and sky, (2, h, w), not {values.shape}.")
    depth, sky = values
    ground: Mask = (sky < SKY) & np.isfinite(depth)
    if ground.all():
        return enlarge(depth, height, width)
    share = enlarge(ground.astype(np.float32), height, width)
    total = enlarge(np.where(ground, depth, np.float32(0)), height, width)
    seen = (share > 0) & (enlarge(np.where(np.isfinite(depth), sky, np.float32(1)), height, width) < SKY)
    return np.divide(total, share, out=np.full((height, width), np.nan, np.float32), where=seen)
