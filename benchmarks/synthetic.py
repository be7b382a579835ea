"""A stereo pair of any size, made by warping a texture by a smooth disparity."""

from __future__ import annotations

import cv2
import numpy as np

from depth_demo.geometry import Calibration, DepthKind, DepthMap, StereoPair


def warped_pair(height: int, width: int, num_disparities: int) -> StereoPair:
    """Views, camera and exact truth; disparities reach from 1 px to 0.8 of the searched range, and nothing is occluded."""
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)
    right = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 1.5), None, 0, 255, cv2.NORM_MINMAX)
    y, x = np.indices((height, width), dtype=np.float32)
    waves = np.sin(2 * np.pi * x / width) * np.cos(2 * np.pi * y / height)
    disparity = 1 + (0.8 * num_disparities - 1) * (1 + waves) / 2
    left = cv2.remap(right, x - disparity, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    truth = DepthMap(disparity.astype(np.float32), DepthKind.DISPARITY)
    return StereoPair(np.asarray(left, np.uint8), np.asarray(right, np.uint8), Calibration(0.8 * width, 0.4), truth, "warped")
