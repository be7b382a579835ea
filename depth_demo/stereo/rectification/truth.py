"""The truth of the left photo as the truth of the rectified left view."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from depth_demo.geometry import Calibration, DepthKind, DepthMap, depth_to_disparity
from depth_demo.stereo.rectification.constant import Constant, constant_from_truth
from depth_demo.stereo.rectification.rectified import Rectified
from depth_demo.stereo.rectification.turns import camera_matrix


def carried_truth(rectified: Rectified, truth: DepthMap) -> DepthMap:
    """Return the truth that goes with the rectified left view; the given one if the left photo stayed as it is.

    Args:
        rectified: The pair.
        truth: (H, W) depth [m] or disparity [px] of the left photo as it was given.

    Returns:
        The same kind of map at the size of the rectified view, NaN where the view shows nothing or nothing was measured.
        Depth is that along the new optical axis. Disparity is that of the rectified pair, with doffs 0 where it is not known:
        it goes through depth, by the focal lengths of the left camera and of the rectified one.

    Raises:
        ValueError: If the map is of another kind or size than the left photo's.
    """
    truth.require(DepthKind.DISPARITY, DepthKind.METRIC_DEPTH)
    height, width = rectified.source_shape
    if truth.shape != (height, width):
        raise ValueError(
            f"The truth must have the size of the left photo, {width}x{height} pixels, but it has "
            f"{truth.shape[1]}x{truth.shape[0]}."
        )
    if not rectified.warps_left or truth.kind is DepthKind.METRIC_DEPTH:
        return rectified.carry(truth)
    camera = rectified.calibration
    if camera is None:  # without a calibration both views have one focal length, and f B cancels
        return replace(truth, values=rectified.carry_inverse(truth.values))
    given = Calibration(_left_focal_length(rectified), camera.baseline_m)
    inverse = replace(truth, values=truth.values / np.float32(given.focal_length_px * given.baseline_m))
    carried = rectified.carry_inverse(inverse.values)
    disparity = carried * np.float32(camera.focal_length_px * camera.baseline_m) - np.float32(camera.doffs_px)
    return replace(truth, values=disparity)


def constant_of_truth(rectified: Rectified, disparity: DepthMap, truth: DepthMap, baseline_m: float | None = None) -> Constant:
    """Fit the constant that all disparities share to the truth of the rectified left view.

    Args:
        rectified: The pair, without a calibration.
        disparity: Of the rectified pair [px].
        truth: As from `carried_truth`.
        baseline_m: Distance between the cameras [m], without which depth tells no disparity.

    Raises:
        ValueError: If the truth is depth and no baseline is given, or as `constant_from_truth`.
    """
    if truth.kind is DepthKind.METRIC_DEPTH:
        baseline = baseline_m or rectified.baseline_m
        if baseline is None:
            raise ValueError("Depth as truth gives the constant only with the distance between the cameras, the baseline.")
        truth = depth_to_disparity(truth, Calibration(rectified.focal_length_px, baseline))
    return constant_from_truth(disparity, truth)


def _left_focal_length(rectified: Rectified) -> float:
    """Return the focal length of the left photo's rows, from K' R inverse(K), which its homography is."""
    new = camera_matrix(rectified.focal_length_px, rectified.left_point)
    turned_k = np.linalg.inv(np.linalg.inv(new) @ rectified.homographies.left)  # K times a rotation
    k = cv2.RQDecomp3x3(turned_k)[1]
    return float(abs(k[0, 0] / k[2, 2]))
