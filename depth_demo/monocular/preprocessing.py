"""From a photo to what a network sees. NumPy, OpenCV and Pillow only."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from depth_demo.geometry import RgbImage
from depth_demo.monocular.input_size import AS_TRAINED, NetworkSize, Preprocessing, Resampling, network_size


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
        ValueError: If this is no photo, or the network does not take this `input_size`.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"A photo is (H, W, 3) uint8 RGB, not {image.shape} {image.dtype}.")
    size = network_size(image.shape[0], image.shape[1], input_size or preprocessing.short_side, preprocessing)
    small = _resized(image, size, preprocessing.resampling)
    channels = (small[:, :, channel] for channel in range(3))
    scales = zip(channels, preprocessing.mean, preprocessing.std, strict=True)
    return np.stack([(values * np.float32(1 / 255) - mean) / std for values, mean, std in scales])[None]


def _resized(image: RgbImage, size: NetworkSize, resampling: Resampling) -> NDArray[np.float32]:
    """(h, w, 3), from 0 to 255."""
    sides = size.width, size.height
    if resampling == "averaged linear":
        return np.asarray(Image.fromarray(image).resize(sides, Image.Resampling.BILINEAR), np.float32)
    smaller = size.height < image.shape[0]
    ways = {"cubic": cv2.INTER_CUBIC, "area": cv2.INTER_AREA if smaller else cv2.INTER_CUBIC, "linear": cv2.INTER_LINEAR}
    return np.asarray(cv2.resize(image.astype(np.float32), sides, interpolation=ways[resampling]), np.float32)
