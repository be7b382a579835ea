"""Matches of learned features: ALIKED and LightGlue in OpenCV 5, for whoever has their ONNX files.

Zhao et al., ALIKED, IEEE TIM 2023; Lindenberger et al., LightGlue, ICCV 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import RgbImage
from depth_demo.stereo.features import SparseMatches

_SIDE = 640  # px, of the copy that the network sees


@dataclass(frozen=True, slots=True)
class LearnedMatcher:
    """Finds and matches points in views whose texture is too weak for SIFT.

    Attributes:
        aliked: ONNX file: `image` (1, 3, 640, 640) in, `keypoints` (N, 2), `descriptors` (N, 128) and `scores` (N,) out.
        lightglue: ONNX file: `kpts0`, `kpts1`, `desc0` and `desc1` in, `matches0` (K, 2) and `mscores0` (K,) out.
    """

    aliked: Path
    lightglue: Path

    def __call__(self, left: RgbImage, right: RgbImage) -> SparseMatches:
        """Match two views; points are known to about a pixel of a copy 640 px wide.

        Args:
            left, right: (H, W, 3) uint8 RGB of one size.

        Raises:
            ValueError: If OpenCV has no such features, or a file is none of these networks.
        """
        if not hasattr(cv2, "ALIKED_create") or not hasattr(cv2, "LightGlueMatcher_create"):
            raise ValueError(f"ALIKED and LightGlue came with OpenCV 5, and this is {cv2.__version__}.")
        try:
            return self._matched(left, right)
        except cv2.error as error:
            raise ValueError(
                f"OpenCV cannot run {self.aliked.name} and {self.lightglue.name} as ALIKED and LightGlue: they have other "
                "inputs or outputs, or are no ONNX files."
            ) from error

    def _matched(self, left: RgbImage, right: RgbImage) -> SparseMatches:
        opencv: Any = cv2  # its stubs do not know these yet
        detector = opencv.ALIKED_create(str(self.aliked))
        sides = [detector.detectAndCompute(cv2.cvtColor(view, cv2.COLOR_RGB2BGR), None) for view in (left, right)]
        points = [np.array([keypoint.pt for keypoint in keypoints], np.float32).reshape(-1, 2) for keypoints, _ in sides]
        matcher = opencv.LightGlueMatcher_create(str(self.lightglue))
        size = (left.shape[1], left.shape[0])
        matcher.setPairInfo(points[0], points[1], size, size)
        found = matcher.match(sides[0][1], sides[1][1])
        first, second = (np.array([getattr(match, name) for match in found], np.intp) for name in ("queryIdx", "trainIdx"))
        at = points[0][first] - np.float32(0.5), points[1][second] - np.float32(0.5)  # OpenCV counts from the view's edge
        greys = [_grey_at(view, places) for view, places in zip((left, right), at, strict=True)]
        return SparseMatches(at[0], at[1], greys[0], greys[1], max(1.0, left.shape[1] / _SIDE))


def _grey_at(view: RgbImage, points: NDArray[np.float32]) -> NDArray[np.float32]:
    grey = cv2.blur(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY).astype(np.float32), (7, 7))
    columns, rows = np.clip(np.rint(points).astype(np.intp), 0, np.array(grey.shape[::-1]) - 1).T
    return np.asarray(grey[rows, columns], np.float32)
