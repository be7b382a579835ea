"""From a photo to what a network sees, and from what it says to a map of the photo's size. NumPy and OpenCV only."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap, RgbImage
from depth_demo.monocular.input_size import AS_TRAINED, network_size
from depth_demo.monocular.models import Row

MIN_DEPTH_M = 1e-3  # below a millimetre a metric model says nothing
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, as in DINOv2's training


def to_pixels(image: RgbImage, checkpoint: Row, input_size: int | None = AS_TRAINED) -> NDArray[np.float32]:
    """(H, W, 3) uint8 RGB to (1, 3, h, w), normalised.

    It is resized as in training, in floating point, so that a cubic's overshoots are kept.
    """
    size = network_size(image.shape[0], image.shape[1], input_size or checkpoint.input_size, checkpoint.longest)
    smooth = checkpoint.antialiased and size.height < image.shape[0]
    how = cv2.INTER_AREA if smooth else cv2.INTER_CUBIC
    small = cv2.resize(image.astype(np.float32), (size.width, size.height), interpolation=how)
    channels = (small[:, :, channel] for channel in range(3))
    scaled = [(values * np.float32(1 / 255) - mean) / std for values, mean, std in zip(channels, MEAN, STD, strict=True)]
    return np.stack(scaled)[None]


def to_depth_map(values: NDArray[np.float32], image: RgbImage, kind: DepthKind) -> DepthMap:
    """(h, w) to a map of the image's size; a metric one is NaN below a millimetre."""
    array = enlarge(values, *image.shape[:2])
    if kind is DepthKind.METRIC_DEPTH:
        array = np.where(array > MIN_DEPTH_M, array, np.float32(np.nan))
    return DepthMap(array, kind)


def enlarge(values: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Bilinear, corners on corners as in the network's own upsampling; OpenCV's keeps edges on edges."""
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
