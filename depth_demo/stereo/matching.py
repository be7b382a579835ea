"""Disparity by OpenCV's semi-global matching (Hirschmuller, PAMI 2008) or plain block matching, checked before the call.

OpenCV accepts several impossible settings silently and kills the process on one, so every limit it documents or was
seen to have stands here.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap, Mask, RgbImage, StereoPair, size_text

Mode = Literal["HH", "SGBM", "HH4", "SGBM_3WAY", "BM"]
MODES: tuple[Mode, ...] = get_args(Mode)
_SGBM_MODES = {
    "SGBM": cv2.STEREO_SGBM_MODE_SGBM,
    "SGBM_3WAY": cv2.STEREO_SGBM_MODE_SGBM_3WAY,
    "HH": cv2.STEREO_SGBM_MODE_HH,
    "HH4": cv2.STEREO_SGBM_MODE_HH4,
}
FIXED_POINT = 16  # OpenCV's disparities are int16, 16 times too large
MAX_COST_BYTES = 4 << 30
MAX_COSTS = 4_000_000_000  # pixels x disparities; some 30 s on two cores


@dataclass(frozen=True, slots=True)
class SgbmSettings:
    """OpenCV's StereoSGBM (and StereoBM) parameters under their own names, and one check that OpenCV does not do.

    Attributes:
        mode: Semi-global along 8 paths (HH), 5 (SGBM), 4 (HH4) or 3 (SGBM_3WAY, the fastest); or local block matching (BM).
        min_disparity: Smallest disparity looked for [px]; negative for cameras that look inwards.
        num_disparities: How many are looked for [px]; a multiple of 16.
        block_size: Side of the matched window [px]; odd; 1 to 11, for BM 5 to 51.
        p1, p2: Penalty for a disparity step of 1 px, and for a larger one; p1 < p2 <= 8000. Not used by BM.
        disp12_max_diff: OpenCV's own left-right tolerance [px]; -1, 0 and 1 all mean 1 to OpenCV.
        pre_filter_cap: Gradients are clipped here before matching; 1 to 63.
        uniqueness_ratio: By how many percent the best cost must beat the second; 0 to 99.
        speckle_window_size: Islands smaller than this many pixels are removed; 0 keeps them.
        speckle_range: Largest disparity step inside one island [px].
        left_right_max_diff: A second match from right to left must agree to this [px]; a negative number leaves it out.
    """

    mode: Mode = "HH"
    min_disparity: int = 0
    num_disparities: int = 128
    block_size: int = 3
    p1: int = 162
    p2: int = 1728
    disp12_max_diff: int = 1
    pre_filter_cap: int = 63
    uniqueness_ratio: int = 10
    speckle_window_size: int = 100
    speckle_range: int = 32
    left_right_max_diff: float = 1.0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"The mode must be one of {', '.join(MODES)}, not {self.mode!r}.")
        # Semi-global costs are summed in 16 bits, and larger windows or penalties overflow them without a word.
        smallest_block, largest_block = (5, 51) if self.mode == "BM" else (1, 11)
        limits = (
            ("min_disparity", self.min_disparity, -1024, 1024),
            ("num_disparities", self.num_disparities, 16, 1024),
            ("block_size", self.block_size, smallest_block, largest_block),
            ("p1", self.p1, 0, 8000),
            ("p2", self.p2, 1, 8000),
            ("disp12_max_diff", self.disp12_max_diff, -1, 1024),
            ("pre_filter_cap", self.pre_filter_cap, 1, 63),
            ("uniqueness_ratio", self.uniqueness_ratio, 0, 99),
            ("speckle_window_size", self.speckle_window_size, 0, 10_000),
            ("speckle_range", self.speckle_range, 0, 1024),
        )
        for name, value, low, high in limits:
            if not isinstance(value, int | float) or not low <= value <= high or value != int(value):
                raise ValueError(f"{name} must be a whole number from {low} to {high}, not {value}.")
            object.__setattr__(self, name, int(value))
        if self.num_disparities % 16:
            raise ValueError(f"num_disparities must be a multiple of 16, not {self.num_disparities}.")
        if self.block_size % 2 == 0:
            raise ValueError(f"block_size must be odd, not {self.block_size}.")
        if self.p2 <= self.p1 and self.mode != "BM":
            raise ValueError(f"p2 must be larger than p1, but p1 is {self.p1} and p2 is {self.p2}.")
        if not isinstance(self.left_right_max_diff, int | float) or not -1024 <= self.left_right_max_diff <= 1024:
            raise ValueError(f"left_right_max_diff must be from 0 to 1024 px, or negative, not {self.left_right_max_diff}.")

    def check_size(self, height: int, width: int) -> None:
        """Raises ValueError if images of this size cannot be matched: range or window too wide, too much work or memory."""
        if self.block_size > min(height, width):
            raise ValueError(f"block_size {self.block_size} is larger than the image, {width}x{height} pixels.")
        if height * width * self.num_disparities > MAX_COSTS:
            raise ValueError(
                f"{width}x{height} pixels times {self.num_disparities} disparities are too many: up to "
                f"{MAX_COSTS // (height * width) // 16 * 16} disparities fit this size, or use smaller images."
            )
        last = self.min_disparity + self.num_disparities
        if max(last, -self.min_disparity, self.num_disparities) >= width - self.block_size // 2 - 1:
            raise ValueError(
                f"The disparity range {self.min_disparity}..{last - 1} px is wider than the image ({width} px): "
                f"lower num_disparities, or use a larger image."
            )
        needed = self.cost_bytes(height, width)
        if needed > MAX_COST_BYTES:
            raise ValueError(
                f"Matching {width}x{height} pixels over {self.num_disparities} disparities with {self.mode} needs "
                f"{needed / 2**30:.1f} GiB, and {MAX_COST_BYTES / 2**30:.0f} are allowed: use SGBM_3WAY, fewer disparities, "
                f"or smaller images."
            )

    def cost_bytes(self, height: int, width: int) -> int:
        """Memory that the matcher takes: HH and HH4 hold every cost twice in 16 bits, the others a few rows."""
        rows = height if self.mode in ("HH", "HH4") else 3 * self.block_size
        directions = 2 if self.checks_both_ways else 1
        return 4 * width * rows * self.num_disparities * directions

    @property
    def checks_both_ways(self) -> bool:
        """Whether the pair is matched from right to left as well."""
        return self.left_right_max_diff >= 0


def compute_disparity(pair: StereoPair, settings: SgbmSettings | None = None) -> DepthMap:
    """Match a rectified pair.

    Args:
        pair: The two views. The semi-global modes match their three colours, block matching their grey values.
        settings: How to match; None takes `SgbmSettings()`, the app's defaults.

    Returns:
        Disparity of the left view [px], in steps of 1/16 px; NaN where nothing matched or a check failed.

    Raises:
        ValueError: If images of this size cannot be matched with these settings.
    """
    return match_views(pair, settings or SgbmSettings())[1]


def match_views(pair: StereoPair, settings: SgbmSettings) -> tuple[DepthMap, DepthMap, NDArray[np.float32] | None]:
    """`compute_disparity`, and before it the map as OpenCV gives it, without the checks that OpenCV does not do.

    The third is `left_right_difference` of the two directions [px]; None where `settings` leave the second one out.
    """
    settings.check_size(pair.left.shape[0], pair.left.shape[1])
    with ThreadPoolExecutor(2) as threads:  # OpenCV leaves the interpreter free, and most modes use one core
        from_left = threads.submit(_match, pair.left, pair.right, settings)
        from_right = threads.submit(_match_right_view, pair, settings) if settings.checks_both_ways else None
        left_view = from_left.result()
        # Where nothing varies all costs are equal, and most modes answer with the first candidate: that measures nothing.
        measured = ~(_is_flat(pair.left, settings.block_size + 2) & (left_view == settings.min_disparity))
        difference = left_right_difference(left_view, from_right.result()) if from_right else None
        if difference is not None:
            measured &= difference <= settings.left_right_max_diff
    return _disparity(left_view), _disparity(np.where(measured, left_view, np.nan)), difference


def _disparity(values: NDArray[np.floating]) -> DepthMap:
    return DepthMap(values.astype(np.float32), DepthKind.DISPARITY)


def _match(left: RgbImage, right: RgbImage, settings: SgbmSettings) -> NDArray[np.float32]:
    if settings.mode == "BM":
        left, right = cv2.cvtColor(left, cv2.COLOR_RGB2GRAY), cv2.cvtColor(right, cv2.COLOR_RGB2GRAY)
    fixed_point = _opencv_matcher(settings).compute(left, right)
    disparity = fixed_point.astype(np.float32) / FIXED_POINT
    # OpenCV marks a miss with min_disparity - 1, which is a positive number when min_disparity > 1.
    disparity[fixed_point < FIXED_POINT * settings.min_disparity] = np.nan
    return disparity


def _is_flat(image: NDArray[np.uint8], window: int) -> Mask:
    """(H, W) bool: every channel is constant in the window around the pixel."""
    square = np.ones((window, window), np.uint8)
    same = np.atleast_3d(cv2.dilate(image, square) == cv2.erode(image, square))
    return np.asarray(same.all(axis=2))


def _match_right_view(pair: StereoPair, settings: SgbmSettings) -> NDArray[np.float32]:
    """Disparity of the right view: mirrored, the right image is a left one.

    OpenCV would leave a band at the edge where the range is cut; edge pixels repeated outwards give it room.
    """
    band = settings.min_disparity + settings.num_disparities
    padding = max(band, 0)

    def mirrored(image: RgbImage) -> RgbImage:
        flipped = np.ascontiguousarray(image[:, ::-1])
        return np.asarray(cv2.copyMakeBorder(flipped, 0, 0, padding, 0, cv2.BORDER_REPLICATE), dtype=np.uint8)

    return np.fliplr(_match(mirrored(pair.right), mirrored(pair.left), settings)[:, padding:])


def _opencv_matcher(settings: SgbmSettings) -> cv2.StereoMatcher:
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
        mode=_SGBM_MODES[settings.mode],
    )


def left_right_difference(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far the two directions of matching disagree: |d_left(x) - d_right(x - d_left(x))|.

    Args:
        left: (H, W) disparity of the left view [px], NaN where unmatched.
        right: (H, W) disparity of the right view [px], NaN where unmatched.

    Returns:
        (H, W) float32 [px] in the left view; NaN where either side is unmatched or the point falls outside the right image.
    """
    height, width = left.shape
    matched = ~np.isnan(left)
    column = np.arange(width) - np.rint(np.where(matched, left, 0)).astype(np.intp)
    inside = matched & (column >= 0) & (column < width)
    answer = right[np.arange(height)[:, np.newaxis], np.clip(column, 0, width - 1)]
    return np.where(inside, np.abs(left - answer), np.float32(np.nan))


def left_right_consistent(left: NDArray[np.float32], right: NDArray[np.float32], max_diff: float) -> Mask:
    """(H, W) bool: `left_right_difference` is at most `max_diff` [px]; False where there is none."""
    consistent: Mask = left_right_difference(left, right) <= max_diff
    return consistent


def unmatchable_band(shape: tuple[int, int], settings: SgbmSettings) -> Mask:
    """The columns at which the search range leaves the right image, so that no match is possible: (H, W) bool."""
    first = max(settings.min_disparity + settings.num_disparities, 0)
    last = shape[1] + min(settings.min_disparity, 0)
    columns = np.arange(shape[1])
    return np.broadcast_to((columns < first) | (columns >= last), shape)


def fill_holes(disparity: DepthMap) -> DepthMap:
    """KITTI's background interpolation: a hole takes the smaller (farther) of its left and right neighbours.

    Holes at the ends of a row take the nearest value of the row; rows without any value take the nearest row's, and
    between two rows the smaller. A map without any value is returned as it is.
    (`interpolateBackground` in the KITTI development kit, which leaves empty rows between full ones empty.)

    Args:
        disparity: (H, W) disparity [px] with NaN in the holes.

    Raises:
        ValueError: If the map is not disparity.
    """
    disparity.require(DepthKind.DISPARITY)
    filled = _fill_along_rows(disparity.values)
    return DepthMap(_fill_along_rows(filled.T).T, DepthKind.DISPARITY)


def _fill_along_rows(values: NDArray[np.float32]) -> NDArray[np.float32]:
    before = _last_seen(values)
    after = np.fliplr(_last_seen(np.fliplr(values)))
    return np.where(np.isnan(values), np.fmin(before, after), values)


def _last_seen(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each NaN replaced by the last value to its left in the row, if there is one."""
    source = np.where(np.isnan(values), 0, np.arange(values.shape[1]))
    return np.take_along_axis(values, np.maximum.accumulate(source, axis=1), axis=1)


def range_text(settings: SgbmSettings, image: RgbImage) -> str:
    """One line for people: what was looked for, on what."""
    last = settings.min_disparity + settings.num_disparities - 1
    return f"{settings.mode} on {size_text(image)} pixels, {settings.min_disparity} to {last} px"
