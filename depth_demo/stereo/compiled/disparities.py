"""Disparities of a rectified pair by the compiled code: those of OpenCV's StereoSGBM, bit for bit."""

from __future__ import annotations

import ctypes
import functools
import logging
import math
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.stereo.compiled.library import load_library
from depth_demo.stereo.opencv import opencv_matcher
from depth_demo.stereo.settings import THREE_WAY_STRIPES, SgbmSettings

PATHS = {"SGBM_3WAY": 3, "HH4": 4}  # modes that are compiled, and how many paths each adds up
BAND = 4  # rows of HH4 that each thread goes up before their disparities are chosen
SHORT_MAX = np.iinfo(np.int16).max
log = logging.getLogger(__name__)
Image = NDArray[np.uint8]
Disparities = NDArray[np.int16]


class _Job(ctypes.Structure):
    """As in costs.h."""

    _fields_ = (
        ("left", ctypes.c_void_p),
        ("mirrored_right", ctypes.c_void_p),
        *((name, ctypes.c_int) for name in ("width", "height", "channels", "min_disparity", "num_disparities", "radius")),
        *((name, ctypes.c_int) for name in ("p1", "p2", "disp12_max_diff", "pre_filter_cap", "uniqueness_ratio")),
    )


def is_compiled(settings: SgbmSettings, shape: tuple[int, ...]) -> bool:
    """Return whether `compute` matches images of this shape, (H, W) or (H, W, 3), with these settings.

    The mode must be SGBM_3WAY or HH4. Sums must fit into 16 bits, as OpenCV's vectors saturate beyond. Images must not be so
    low that a stripe of SGBM_3WAY would begin above them.
    """
    paths = PATHS.get(settings.mode, 0)
    fits = 0 < paths * largest_cost(settings, shape[2] if len(shape) == 3 else 1) <= SHORT_MAX
    size, overlap = _stripe(shape[0], settings)
    return fits and (settings.mode == "HH4" or size >= overlap) and _checked_library() is not None


def largest_cost(settings: SgbmSettings, channels: int) -> int:
    """Return the largest cost that a window can have, with the penalty that is added to it."""
    gradient, colour = 2 * (max(settings.pre_filter_cap, 15) | 1), 255 // 4
    return settings.block_size**2 * channels * (gradient + colour) + settings.p2


def compute(left: Image, right: Image, settings: SgbmSettings, threads: int = 1) -> Disparities:
    """Match the left view, as `cv2.StereoSGBM.compute` does.

    Args:
        left: (H, W, 3) or (H, W) uint8.
        right: Of the same shape.
        settings: `is_compiled` must be true of them.
        threads: How many share the work; SGBM_3WAY has four stripes.

    Returns:
        (H, W) int16 disparity in sixteenths of a pixel, `16 * (min_disparity - 1)` where nothing matched.

    Raises:
        MemoryError: If memory is short.
    """
    library = _checked_library()
    if library is None:
        raise RuntimeError("There is no compiled library; is_compiled tells.")
    return _filtered(_match(library, left, right, settings, threads), settings)


def _match(library: ctypes.CDLL, left: Image, right: Image, settings: SgbmSettings, threads: int) -> Disparities:
    height, width = left.shape[:2]
    planes = [np.atleast_3d(view).transpose(2, 0, 1) for view in (left, right[:, ::-1])]
    first, second = (np.ascontiguousarray(view) for view in planes)  # must live as long as the job
    p1 = settings.p1 or 2  # as OpenCV has it
    job = _Job(
        first.ctypes.data,
        second.ctypes.data,
        width,
        height,
        len(first),
        settings.min_disparity,
        settings.num_disparities,
        settings.block_size // 2,
        p1,
        max(settings.p2, p1 + 1),
        max(settings.disp12_max_diff, 1),
        settings.pre_filter_cap,
        settings.uniqueness_ratio,
    )
    found = np.empty((height, width), np.int16)
    match = _hh4 if settings.mode == "HH4" else _three_way
    if not match(library, job, settings, threads, ctypes.c_void_p(found.ctypes.data)):
        raise MemoryError(f"There is too little memory to match {width}x{height} pixels.")
    return found


def _three_way(library: ctypes.CDLL, job: _Job, settings: SgbmSettings, threads: int, disparity: ctypes.c_void_p) -> bool:
    """Return whether there was memory enough."""
    with ThreadPoolExecutor(threads) as pool:  # ctypes frees the interpreter
        stripes = _stripes(job.height, settings)
        return not any(pool.map(lambda rows: library.three_way(ctypes.byref(job), *rows, disparity), stripes))


def _hh4(library: ctypes.CDLL, job: _Job, settings: SgbmSettings, threads: int, disparity: ctypes.c_void_p) -> bool:
    """Return whether there was memory enough."""
    library.hh4_begin.restype = ctypes.c_void_p
    band, pair = BAND * threads, ctypes.byref(job)
    work = ctypes.c_void_p(library.hh4_begin(pair, band))
    if not work:
        return False
    searched = job.width + min(settings.min_disparity, 0) - max(settings.min_disparity + settings.num_disparities, 0)
    strips = _split(0, searched, threads)
    try:
        with ThreadPoolExecutor(threads) as pool:
            short = [*pool.map(lambda strip: library.hh4_descend(pair, work, *strip), strips)]
            for bottom in range(job.height, 0, -band):
                top = max(bottom - band, 0)
                ascend = partial(library.hh4_ascend, pair, work, top, bottom)
                choose = partial(library.hh4_choose, pair, work, disparity, top)
                short += pool.map(lambda strip, ascend=ascend: ascend(*strip), strips)
                short += pool.map(lambda rows, choose=choose: choose(*rows), _split(top, bottom, threads))
    finally:
        library.hh4_end(work)
    return not any(short)


def _split(start: int, end: int, parts: int) -> list[tuple[int, int]]:
    """Return ranges of about the same length, none of them empty."""
    edges = [start + (end - start) * part // parts for part in range(parts + 1)]
    return [(first, last) for first, last in pairwise(edges) if first < last]


def _stripe(height: int, settings: SgbmSettings) -> tuple[int, int]:
    """Return the rows of a stripe, and how many more are matched above it."""
    size = math.ceil(height / THREE_WAY_STRIPES)
    return size, settings.block_size // 2 + 1 + math.ceil(0.1 * size)


def _stripes(height: int, settings: SgbmSettings) -> list[tuple[int, int, int]]:
    """Return for each stripe the row at which it starts, the first that is kept, and the end."""
    size, overlap = _stripe(height, settings)
    return [(max(start - overlap, 0), start, min(start + size, height)) for start in range(0, height, size)]


def _filtered(disparity: Disparities, settings: SgbmSettings) -> Disparities:
    smooth = np.asarray(cv2.medianBlur(disparity, 3), np.int16)
    if settings.speckle_window_size > 0:
        missing = 16 * (settings.min_disparity - 1)
        cv2.filterSpeckles(smooth, missing, settings.speckle_window_size, 16 * settings.speckle_range)
    return smooth


@functools.cache
def _checked_library() -> ctypes.CDLL | None:
    """Return the library if it gives the disparities of the OpenCV at hand on a small pair, else None."""
    library = load_library()
    if library is None or all(_agrees(library, mode) for mode in PATHS):
        return library
    log.warning("The compiled matching differs from OpenCV %s, so OpenCV matches.", cv2.__version__)
    return None


def _agrees(library: ctypes.CDLL, mode: str) -> bool:
    """Match noise whose right view is shifted by 5 px, with as much noise of its own."""
    random = np.random.default_rng(0)
    left = cv2.GaussianBlur(random.integers(0, 256, (60, 96, 3)).astype(np.uint8), (0, 0), 1.5)
    right = cv2.add(np.roll(left, -5, axis=1), random.integers(0, 9, left.shape).astype(np.uint8))
    settings = SgbmSettings(mode, num_disparities=32)  # type: ignore[arg-type]
    ours = _filtered(_match(library, left, right, settings, 1), settings)
    return np.array_equal(ours, opencv_matcher(settings).compute(left, right))
