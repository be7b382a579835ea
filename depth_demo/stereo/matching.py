"""Disparity by OpenCV's semi-global matching (Hirschmuller, PAMI 2008) or plain block matching."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap, Mask, StereoPair
from depth_demo.stereo.compiled.disparities import Image, compute, is_compiled
from depth_demo.stereo.fractions import correct_fractions, even_out
from depth_demo.stereo.matched import MatchedViews, MatcherSettings
from depth_demo.stereo.opencv import opencv_matcher
from depth_demo.stereo.settings import PARALLEL, SgbmSettings
from depth_demo.stereo.traps import find_traps

LAST_ROWS = 32  # that are matched again for the last ones of HH4
FIXED_POINT = 16  # OpenCV's disparities are int16, 16 times too large


def compute_disparity(pair: StereoPair, settings: SgbmSettings | None = None) -> DepthMap:
    """Match a rectified pair.

    Args:
        pair: The two views. The semi-global modes match their three colours, block matching their grey values.
        settings: How to match; None takes `SgbmSettings()`, the app's defaults.

    Returns:
        Disparity of the left view [px], its fractions corrected and evened out; NaN where nothing matched or a check failed.

    Raises:
        ValueError: If images of this size cannot be matched with these settings.
    """
    return match_views(pair, settings or SgbmSettings()).disparity


def match_views(pair: StereoPair, settings: SgbmSettings, at_once: int | None = None) -> MatchedViews[SgbmSettings]:
    """Match a rectified pair, and return what OpenCV found as well as what passes the checks that OpenCV does not do.

    The checks are `left_right_difference` and `find_traps`. What passes has its fractions corrected and evened out.

    Args:
        pair: The two views.
        settings: How to match.
        at_once: 1 matches one direction after the other, which takes half the memory of 2; None decides by what is free.

    Raises:
        ValueError: If images of this size cannot be matched with these settings.
    """
    height, width = pair.left.shape[:2]
    settings = settings.for_size(height, width)
    settings.check_size(height, width)
    at_once = at_once or settings.directions_at_once(height, width)
    views = pair.left, pair.right
    if settings.mode == "BM":
        views = cv2.cvtColor(pair.left, cv2.COLOR_RGB2GRAY), cv2.cvtColor(pair.right, cv2.COLOR_RGB2GRAY)
    both, right_view = settings.directions == 2, None
    if both and at_once == 2 and (is_compiled(settings, views[0].shape) or settings.mode not in PARALLEL):
        with ThreadPoolExecutor(1) as other:  # both kinds of code free the interpreter
            threads = max(cv2.getNumThreads() // 2, 1)
            other_way = other.submit(_match_right_view, *views, settings, threads)
            left_view, right_view = _match(*views, settings, threads), other_way.result()
    else:
        left_view = _match(*views, settings, cv2.getNumThreads())
        right_view = _match_right_view(*views, settings, cv2.getNumThreads()) if both else None
    difference = None if right_view is None else left_right_difference(left_view, right_view)
    agreeing = keep_consistent(left_view, difference, settings.left_right_max_diff)
    traps = find_traps(pair, agreeing, settings)
    raw = DepthMap(left_view, DepthKind.DISPARITY)
    measured = np.where(traps.blank | traps.repeated, np.float32(np.nan), agreeing)
    checked = DepthMap(even_out(correct_fractions(measured, settings)), DepthKind.DISPARITY)
    return MatchedViews(pair, settings, raw, checked, difference, settings.memory_note(height, width, at_once))


def _match(left: Image, right: Image, settings: SgbmSettings, threads: int) -> NDArray[np.float32]:
    fixed_point = _compute(left, right, settings, threads)
    if settings.mode == "HH4" and (last := settings.block_size // 2):
        # HH4 of OpenCV sees nothing in windows that reach below the picture (findings/opencv_hh4_last_rows.sh).
        strip = [_with_border(view[-LAST_ROWS:], bottom=last) for view in (left, right)]
        fixed_point[-last:] = _compute(strip[0], strip[1], settings, threads)[:-last][-last:]
    # OpenCV marks a miss with min_disparity - 1, which is a positive number when min_disparity > 1.
    missed = fixed_point < FIXED_POINT * settings.min_disparity
    return np.where(missed, np.float32(np.nan), fixed_point * np.float32(1 / FIXED_POINT))


def _compute(left: Image, right: Image, settings: SgbmSettings, threads: int) -> NDArray[np.int16]:
    if is_compiled(settings, left.shape):
        return compute(left, right, settings, threads)
    return np.asarray(opencv_matcher(settings).compute(left, right), np.int16)


def _with_border(image: NDArray[np.uint8], bottom: int = 0, left: int = 0) -> NDArray[np.uint8]:
    """Repeat the pixels at an edge."""
    return np.asarray(cv2.copyMakeBorder(image, 0, bottom, left, 0, cv2.BORDER_REPLICATE), dtype=np.uint8)


def _match_right_view(left: Image, right: Image, settings: SgbmSettings, threads: int) -> NDArray[np.float32]:
    """Return the disparity of the right view, which is a left view when it is mirrored.

    OpenCV would leave a band at the edge where the range is cut. Edge pixels that are repeated outwards give it room.
    """
    padding = settings.padding
    first, second = (_with_border(np.asarray(cv2.flip(view, 1), np.uint8), left=padding) for view in (right, left))
    return np.fliplr(_match(first, second, settings, threads)[:, padding:])


def left_right_difference(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """Measure how far the two directions of matching disagree: |d_left(x) - d_right(x - d_left(x))|.

    Args:
        left: (H, W) disparity of the left view [px], NaN where unmatched.
        right: (H, W) disparity of the right view [px], NaN where unmatched.

    Returns:
        (H, W) float32 [px] in the left view; NaN where either side is unmatched or the point falls outside the right image.
    """
    height, width = left.shape
    shift = np.rint(left)
    shift[np.isnan(left)] = width  # out of the picture
    column = np.arange(width) - shift.astype(np.int32)
    outside = (column < 0) | (column >= width)
    start_of_row = width * np.arange(height)[:, np.newaxis]
    difference = np.take(right.ravel(), start_of_row + column, mode="clip")
    difference -= left
    difference[outside] = np.nan
    return np.abs(difference, out=difference)


def keep_consistent(left: NDArray[np.float32], difference: NDArray[np.float32] | None, max_diff: float) -> NDArray[np.float32]:
    """Return the disparity of the left view [px], NaN where `left_right_difference` is larger; all of it if that is None."""
    return left if difference is None else np.where(difference <= max_diff, left, np.float32(np.nan))


def left_right_consistent(left: NDArray[np.float32], right: NDArray[np.float32], max_diff: float) -> Mask:
    """Return (H, W) bool: whether `left_right_difference` is at most `max_diff` [px]; False where there is none."""
    consistent: Mask = left_right_difference(left, right) <= max_diff
    return consistent


def hole_value(settings: MatcherSettings) -> float:
    """Return what OpenCV writes into a hole [px]."""
    return float(settings.min_disparity - 1)


def unmatchable_band(shape: tuple[int, int], settings: MatcherSettings) -> Mask:
    """Return (H, W) bool: the columns at which the search range leaves the right view, so that OpenCV does not match them."""
    first = max(settings.min_disparity + settings.num_disparities, 0)
    last = shape[1] + min(settings.min_disparity, 0)
    columns = np.arange(shape[1])
    return np.broadcast_to((columns < first) | (columns >= last), shape)


def fill_holes(disparity: DepthMap) -> DepthMap:
    """Fill holes from the background: a hole takes the smaller (farther) of its left and right neighbours.

    Holes at the ends of a row take the nearest value of the row. Rows without any value take the nearest row's value, and
    between two rows the smaller. A map without any value stays as it is. (After `interpolateBackground` in the KITTI
    development kit, which leaves empty rows between full ones empty.)

    Args:
        disparity: (H, W) disparity [px] with NaN in the holes.

    Raises:
        ValueError: If the map is not disparity.
    """
    disparity.require(DepthKind.DISPARITY)
    filled = _fill_along_rows(disparity.values)
    if np.isnan(filled[:, 0]).any():  # rows without any value
        filled = _fill_along_rows(filled.T).T
    return DepthMap(filled, DepthKind.DISPARITY)


def _fill_along_rows(values: NDArray[np.float32]) -> NDArray[np.float32]:
    before = _last_seen(values)
    after = np.fliplr(_last_seen(np.fliplr(values)))
    return np.fmin(before, after)  # both are the value itself where there is one


def _last_seen(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Replace each NaN by the last value to its left in the row, if there is one."""
    source = np.arange(values.shape[1], dtype=np.int32) * ~np.isnan(values)
    np.maximum.accumulate(source, axis=1, out=source)
    return np.take_along_axis(values, source, axis=1)
