"""Corrects the fractions of OpenCV's disparities: semi-global ones lie too near to whole pixels, and all are noisy.

OpenCV fits a parabola to the aggregated costs of three neighbours. The outer two hold the penalty `p1`, which makes the
parabola narrower, so each fraction m shrinks to m / (1 + q / TEXTURE) with q = p1 / block_size^2. The mode does not matter.
Besides, fractions are cut towards the larger number instead of rounded: those below a whole number lose 1/16 px, those above
nothing. `benchmarks/subpixel.py` measures both and chooses the strength; docs/matching.md shows the curve.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.stereo.settings import SgbmSettings

TEXTURE = 40.0  # how narrow the parabola of one pixel is without penalty; of a smooth texture of full contrast
STRENGTH = 0.75  # share of the stretch that this texture asks for; `benchmarks/subpixel.py --choose` finds it
STEPS = 16  # per px, in OpenCV's disparities
HALF_CUT = 0.5 / STEPS  # px; the cut goes half to either side, so that the map as a whole stays where it is
MOST = 4.0  # a fraction is stretched to no more; beyond, steps of 1/16 px say too little
SIDE, SAME_SURFACE_PX = 7, 0.75  # px; of the windows that are averaged, and what their mean may differ; also by `--choose`


def correct_fractions(
    disparity: NDArray[np.float32], settings: SgbmSettings, strength: float = STRENGTH
) -> NDArray[np.float32]:
    """Move each fraction away from whole pixels by what the penalty pulled it.

    Args:
        disparity: (H, W) [px] in steps of 1/16 px, as OpenCV gives it; NaN in holes.
        settings: How it was matched. Block matching has no penalty, and stays as it is.
        strength: Share of the stretch that a smooth texture of full contrast asks for.

    Returns:
        (H, W) float32 [px]. Whole numbers stay, halves too, and no value leaves its pixel.
    """
    if settings.mode == "BM":
        return disparity
    sixteenths = cv2.convertScaleAbs(disparity - np.floor(disparity), alpha=STEPS)
    moves = np.zeros(256, np.float32)
    moves[:STEPS] = corrections(settings, strength)
    return np.asarray(disparity + cv2.LUT(sixteenths, moves), np.float32)


def corrections(settings: SgbmSettings, strength: float = STRENGTH) -> NDArray[np.float32]:
    """Return (16,): what is added to a disparity whose fraction is 0, 1 ... 15 sixteenths [px]."""
    fraction = np.arange(STEPS, dtype=np.float32) / STEPS
    signed = np.where(fraction > 0.5, fraction - 1, fraction)
    stretch = min(1 + strength * settings.p1 / settings.block_size**2 / TEXTURE, MOST)
    moved = np.clip(stretch * (signed + HALF_CUT * np.sign(signed)), -0.5, 0.5)
    return np.asarray(moved - signed, np.float32)


def even_out(disparity: NDArray[np.float32], side: int = SIDE, most: float = SAME_SURFACE_PX) -> NDArray[np.float32]:
    """Replace disparities by the mean of the window around them, which a plane does not change.

    Args:
        disparity: (H, W) [px], NaN in holes.
        side: Of the windows [px].
        most: The largest change [px]; edges, where the mean differs more, stay as they are.

    Returns:
        (H, W) float32 [px]. Windows with holes are not averaged.
    """
    weights = np.full(side, 1 / side, np.float32)
    mean = cv2.sepFilter2D(disparity, cv2.CV_32F, weights, weights, borderType=cv2.BORDER_REPLICATE)
    near = cv2.compare(cv2.absdiff(mean, disparity), most, cv2.CMP_LE)  # NaN is not
    return np.asarray(cv2.copyTo(mean, near, disparity.copy()), np.float32)
