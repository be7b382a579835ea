"""From a photo to what a network sees, and from its answer to a map of the photo's size. NumPy and OpenCV only."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap, RgbImage
from depth_demo.monocular.input_size import AS_TRAINED, Preprocessing, network_size

MIN_DEPTH_M = 1e-3  # below a millimetre a metric model says nothing


def to_pixels(image: RgbImage, preprocessing: Preprocessing, input_size: int | None = AS_TRAINED) -> NDArray[np.float32]:
    """Resize and normalise a photo for a network.

    The photo is resized as in training, in floating point, so that a cubic's overshoots are kept.

    Args:
        image: (H, W, 3) uint8 RGB.
        preprocessing: What the network takes.
        input_size: Wanted short side [px]; 0 or None takes the trained one.

    Returns:
        (1, 3, h, w) float32.

    Raises:
        ValueError: If the network does not take this `input_size`.
    """
    size = network_size(image.shape[0], image.shape[1], input_size or preprocessing.short_side, preprocessing)
    smooth = preprocessing.antialiased and size.height < image.shape[0]
    how = cv2.INTER_AREA if smooth else cv2.INTER_CUBIC
    small = cv2.resize(image.astype(np.float32), (size.width, size.height), interpolation=how)
    channels = (small[:, :, channel] for channel in range(3))
    scales = zip(channels, preprocessing.mean, preprocessing.std, strict=True)
    return np.stack([(values * np.float32(1 / 255) - mean) / std for values, mean, std in scales])[None]


def to_depth_map(values: NDArray[np.float32], image: RgbImage, kind: DepthKind) -> DepthMap:
    """Enlarge a network's (h, w) answer to a map of the image's size. A metric map is NaN below a millimetre."""
    array = enlarge(values, *image.shape[:2])
    if kind is DepthKind.METRIC_DEPTH:
        array = np.where(array > MIN_DEPTH_M, array, np.float32(np.nan))
    return DepthMap(array, kind)


def enlarge(values: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Enlarge (h, w) float32 to (height, width), bilinear, with corners on corners.

    The networks upsample in the same way. OpenCV's resizing keeps edges on edges instead.
    """
    columns = _along_rows(np.ascontiguousarray(values.T), width)  # whole rows are copied, which is quick
    return _along_rows(np.ascontiguousarray(columns.T), height)


def _along_rows(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """(n, m) to (count, m)."""
    last = len(values) - 1
    position = np.arange(count) * (last / max(count - 1, 1))
    lower = np.minimum(position.astype(int), last)
    share = (position - lower).astype(np.float32)[:, None]
    start = values[lower]
    return start + share * (values[np.minimum(lower + 1, last)] - start)
