"""OpenCV's own matchers with our settings."""

from __future__ import annotations

import cv2

from depth_demo.stereo.settings import SgbmSettings

SGBM_MODES = {
    "SGBM": cv2.STEREO_SGBM_MODE_SGBM,
    "SGBM_3WAY": cv2.STEREO_SGBM_MODE_SGBM_3WAY,
    "HH": cv2.STEREO_SGBM_MODE_HH,
    "HH4": cv2.STEREO_SGBM_MODE_HH4,
}


def opencv_matcher(settings: SgbmSettings) -> cv2.StereoMatcher:
    """Return OpenCV's own matcher; the mode must not be "auto"."""
    if settings.mode == "BM":
        matcher = cv2.StereoBM.create(settings.num_disparities, settings.block_size)
        matcher.setMinDisparity(settings.min_disparity)
        matcher.setPreFilterCap(settings.pre_filter_cap)
        matcher.setUniquenessRatio(settings.uniqueness_ratio)
        matcher.setSpeckleWindowSize(settings.speckle_window_size)
        matcher.setSpeckleRange(settings.speckle_range)
        matcher.setDisp12MaxDiff(settings.disp12_max_diff)
        return matcher
    return cv2.StereoSGBM.create(
        minDisparity=settings.min_disparity,
        numDisparities=settings.num_disparities,
        blockSize=settings.block_size,
        P1=settings.p1,
        P2=settings.p2,
        disp12MaxDiff=settings.disp12_max_diff,
        preFilterCap=settings.pre_filter_cap,
        uniquenessRatio=settings.uniqueness_ratio,
        speckleWindowSize=settings.speckle_window_size,
        speckleRange=settings.speckle_range,
        mode=SGBM_MODES[settings.mode],
    )
