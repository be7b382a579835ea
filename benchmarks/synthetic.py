"""Stereo pairs that are made from a texture, warped by a smooth disparity or shifted by a fraction of a pixel."""

from __future__ import annotations

import cv2
import numpy as np

from depth_demo.geometry import Calibration, DepthKind, DepthMap, StereoPair

EIGHTHS = 8  # per px, in shifts


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


def shifted_pair(shift_px: float, height: int = 160, width: int = 480) -> StereoPair:
    """Views of a smooth colour texture, of which the right one is moved by exactly this, whole or not."""
    noise = np.random.default_rng(5).normal(size=(height, width + 64, 3))
    texture = cv2.GaussianBlur(noise, (0, 0), 1.5)
    texture *= 45 / texture.std()
    waves = np.fft.rfftfreq(texture.shape[1])[np.newaxis, :, np.newaxis]
    moved = np.fft.irfft(np.fft.rfft(texture, axis=1) * np.exp(2j * np.pi * waves * shift_px), texture.shape[1], axis=1)
    left, right = (np.clip(np.rint(128 + view[:, :width]), 0, 255).astype(np.uint8) for view in (texture, moved))
    return StereoPair(left, right)
