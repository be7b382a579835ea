"""Move matches to a tenth of a pixel on the views themselves; features are found on small copies."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import RgbImage
from depth_demo.stereo.features import SparseMatches
from depth_demo.stereo.rectification.turns import Homographies, Matrix, moved

_WINDOW = (17, 17)
_LEVELS = 1  # halvings of the pictures
_STOP = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03)
_MOST = 2  # of the copy's pixels that a match may move
_NO_WORSE = 1.1
_SAME_GAIN = 0.05


def refine(matches: SparseMatches, left: RgbImage, right: RgbImage, turns: Homographies) -> SparseMatches:
    """Refine matches by optical flow (Lucas and Kanade, IJCAI 1981) between views that are nearly rectified.

    Args:
        matches: Of the views as given.
        left, right: The views, of one size.
        turns: What nearly rectifies them.

    Returns:
        The matches that moved little, as exact as `pixel` 1 says; the given ones if their rows agree worse afterwards.
    """
    gain = float(np.median(np.maximum(matches.left_grey, 1) / np.maximum(matches.right_grey, 1)))
    before = _turned_grey(left, turns.left, 1)
    after = _turned_grey(right, turns.right, gain)
    places = moved(turns.left, matches.left).astype(np.float32)
    guess = moved(turns.right, matches.right).astype(np.float32)
    ends, found, _ = cv2.calcOpticalFlowPyrLK(
        before, after, places, guess.copy(), winSize=_WINDOW, maxLevel=_LEVELS, criteria=_STOP,
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )  # fmt: skip
    kept = (found.ravel() == 1) & (np.abs(ends - guess).max(axis=1) <= _MOST * matches.pixel)
    refined = replace(
        matches,
        left=matches.left[kept],
        right=moved(np.asarray(np.linalg.inv(turns.right), np.float64), ends[kept]).astype(np.float32),
        left_grey=matches.left_grey[kept],
        right_grey=matches.right_grey[kept],
        pixel=1.0,
    )
    if np.count_nonzero(kept) < len(matches) / 2 or _spread(refined, turns) > _NO_WORSE * _spread(matches, turns):
        return matches
    return refined


def _turned_grey(view: RgbImage, turn: Matrix, gain: float) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(view, cv2.COLOR_RGB2GRAY)
    if abs(gain - 1) > _SAME_GAIN:
        grey = cv2.convertScaleAbs(grey, alpha=gain)
    if not np.array_equal(turn, np.eye(3)):
        grey = cv2.warpPerspective(grey, turn, (view.shape[1], view.shape[0]), flags=cv2.INTER_LINEAR)
    return np.asarray(grey, np.uint8)


def _spread(matches: SparseMatches, turns: Homographies) -> float:
    gaps = turns.row_gap(matches)
    return float(np.median(np.abs(gaps - np.median(gaps))))
