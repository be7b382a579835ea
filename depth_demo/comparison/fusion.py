"""One map from both methods, without any truth: stereo where it can be trusted, the monocular map elsewhere.

Before that, the monocular map has to show that it fills holes better than their background does.

Stereo has metres and holes, the monocular map has no unit and no holes. So the second is anchored to the first: a robust
scale and shift for the whole picture, then a field of corrections, since a monocular map is bent and drifts across the
picture. The field averages what confident stereo says in cells of place and of monocular value (a bilateral grid, Chen et
al., SIGGRAPH 2007), so that a correction does not leak from the foreground over an edge to the background.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.evaluation.alignment import Alignment, apply_alignment, fit_scale_shift, median
from depth_demo.geometry import Calibration, DepthKind, DepthMap, Mask
from depth_demo.stereo.matching import fill_holes

Field = NDArray[np.float32]
LEFT_RIGHT_PX = 0.5
BORDER_PX = 2  # so near to a hole or to the edge of the picture, a window mixes two surfaces
ISLAND_PX = 200
MIN_CONFIDENT = 100  # pixels
OUTLIER = 3.0  # in robust standard deviations, or in usual errors
FEATHER_PX = 3
TRIAL_SIDE = 960  # px
MOVED = 0.37, 0.29  # of height and width, so that hidden holes fall on other things than the real ones
HANDICAP = 2.0
WORKING_SIDE = 640  # px; the field is smooth, so it is gathered from a reduced picture
CELLS = 24  # along the longer side
LEVELS = 16  # of the monocular value
REACHES = (8.0, 3.0, 1.0)  # cells; where a narrow average has too few pixels, the wider one before it stands in
BELIEVED_HALF = 4.0  # pixels of the reduced picture per cell
BAND_ROWS = 32


@dataclass(frozen=True, slots=True, eq=False)
class Fusion:
    """The two maps as one.

    Attributes:
        fit: Scale and shift from the monocular map to confident stereo.
        confident: (H, W) bool, the stereo that it was anchored to.
        anchored: The monocular map as disparity [px], after scale, shift and field.
        trial: Who restores hidden stereo better; None where there were too few holes to try.
        stereo_share: (H, W) float32, 0 to 1: how much of a pixel is stereo.
        fused: Disparity [px]; NaN only where neither map has a value. Where the monocular map failed the trial: stereo, its
            holes filled from their background.
    """

    fit: Alignment
    confident: Mask
    anchored: DepthMap
    trial: Trial | None
    stereo_share: Field
    fused: DepthMap

    @property
    def holes_from(self) -> str:
        """What the holes of stereo are filled with, in words."""
        return "anchored monocular" if self.trial is None or self.trial.passed else "filled from the background"


@dataclass(frozen=True, slots=True)
class Trial:
    """Confident stereo was hidden in the shape of the picture's own holes, and restored in two ways.

    Attributes:
        pixels: How many were hidden.
        monocular_px: Mean error of the monocular map, anchored to the rest [px].
        background_px: Mean error of `fill_holes` on the rest [px].
    """

    pixels: int
    monocular_px: float
    background_px: float

    @property
    def passed(self) -> bool:
        """Whether the monocular map may fill holes: it may be up to twice as wrong here, as filling does worst in real holes.

        On ten pairs with truth, filling erred 2 to 13 times as much in real holes as in hidden confident stereo, and
        monocular maps made from the truth by a mild distortion 0.9 to 2.3 times.
        """
        return self.monocular_px <= HANDICAP * self.background_px


def confidence_in_words(*, both_directions: bool = True) -> str:
    """Say what makes stereo confident; `both_directions` is whether the pair was matched both ways."""
    agreeing = f"both directions of matching agree within {LEFT_RIGHT_PX:g} px, " if both_directions else ""
    return f"{agreeing}no hole is within {BORDER_PX} px, and islands are larger than {ISLAND_PX} px"


def confident_stereo(disparity: DepthMap, left_right_diff: Field | None) -> Mask:
    """Find where stereo can be believed without knowing the truth.

    There, both directions of matching agree within 0.5 px. No hole and no edge of the picture is within 2 px. The island of
    smooth disparity holds more than 200 px.

    Args:
        disparity: (H, W) disparity [px] that passed all checks of the matcher, NaN in holes.
        left_right_diff: (H, W) of `left_right_difference` [px]; None where the pair was matched in one direction only,
            which leaves this condition out.

    Returns:
        (H, W) bool.

    Raises:
        ValueError: If the map is not disparity.
    """
    disparity.require(DepthKind.DISPARITY)
    window = np.ones((2 * BORDER_PX + 1,) * 2, np.uint8)
    inner = cv2.erode(disparity.valid.astype(np.uint8), window, borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
    if left_right_diff is not None:
        inner &= left_right_diff <= LEFT_RIGHT_PX
    fixed_point, hole = np.nan_to_num(16 * disparity.values).astype(np.int16), np.iinfo(np.int16).min
    islands = np.where(inner, fixed_point, np.int16(hole))
    cv2.filterSpeckles(islands, hole, ISLAND_PX, 16)  # a step of 1 px ends an island
    return np.asarray(islands != hole)


def fuse(
    monocular: DepthMap,
    disparity: DepthMap,
    left_right_diff: Field | None = None,
    calibration: Calibration | None = None,
) -> Fusion | None:
    """Anchor a monocular map to confident stereo and join the two.

    Stereo is taken where it is confident. It is also taken where it differs from the anchored map by at most 1 px, or by three
    times the error that is usual at such a place and value. Over the 3 px inside the edge of that area, it gives way to the
    anchored map. A monocular map that fails `hold_trial` is left out: holes are then filled from their background.

    Args:
        monocular: (H, W) map of any kind.
        disparity: (H, W) disparity of stereo [px], NaN in holes.
        left_right_diff: As in `confident_stereo`.
        calibration: The camera, for a map of relative depth.

    Returns:
        None if there are fewer than 100 confident pixels, or the monocular map is inverted.

    Raises:
        ValueError: If the second map is not disparity.
    """
    confident = confident_stereo(disparity, left_right_diff) & monocular.valid
    if np.count_nonzero(confident) < MIN_CONFIDENT:
        return None
    fit = fit_scale_shift(monocular, disparity, confident, calibration)
    if fit.inverted:
        return None
    aligned = apply_alignment(monocular, fit).values
    anchored, sound = _anchor(aligned, disparity.values, confident)
    trial = hold_trial(aligned, disparity, confident)
    as_map = DepthMap(anchored, DepthKind.DISPARITY)
    if trial and not trial.passed:
        return Fusion(fit, confident, as_map, trial, disparity.valid.astype(np.float32), fill_holes(disparity))
    difference = np.abs(disparity.values - anchored)
    usual = np.maximum(correction_field(aligned, difference, sound), median(difference[sound]))
    share = _feathered(confident | (difference <= np.maximum(OUTLIER * usual, 1.0)))
    share[np.isnan(anchored) & disparity.valid] = 1
    fused = np.where(share > 0, disparity.values, anchored)
    mixed = (share > 0) & (share < 1)
    fused[mixed] = share[mixed] * disparity.values[mixed] + (1 - share[mixed]) * anchored[mixed]
    return Fusion(fit, confident, as_map, trial, share, DepthMap(fused, DepthKind.DISPARITY))


def hold_trial(aligned: Field, disparity: DepthMap, confident: Mask) -> Trial | None:
    """Hide confident stereo in the shape of the picture's own holes, moved elsewhere, and restore it in two ways.

    Args:
        aligned: (H, W) monocular map as disparity [px].
        disparity: (H, W) of stereo [px], NaN in holes.
        confident: (H, W) bool, where stereo is believed and the monocular map has a value.

    Returns:
        None where fewer than 100 pixels are hidden or left.
    """
    step = -(-max(aligned.shape) // TRIAL_SIDE)  # every so many pixels are enough
    aligned, stereo, confident = aligned[::step, ::step], disparity.values[::step, ::step], confident[::step, ::step]
    moved = tuple(round(share * side) for share, side in zip(MOVED, aligned.shape, strict=True))
    hidden = np.roll(np.isnan(stereo), moved, (0, 1)) & confident
    left = confident & ~hidden
    if min(np.count_nonzero(hidden), np.count_nonzero(left)) < MIN_CONFIDENT:
        return None
    anchored, _ = _anchor(aligned, stereo, left)
    filled = fill_holes(DepthMap(np.where(hidden, np.float32(np.nan), stereo), DepthKind.DISPARITY)).values
    errors = (float(np.abs(restored - stereo)[hidden].mean()) for restored in (anchored, filled))
    return Trial(int(np.count_nonzero(hidden)), *errors)


def _anchor(aligned: Field, stereo: Field, confident: Mask) -> tuple[Field, Mask]:
    """Return the map after the field of corrections [px], and (H, W) bool: the pixels that the field rests on.

    Errors of a monocular map grow with disparity, so the field holds shares of it. A share far outside the usual one is a
    mistake of stereo, or an edge, and is left out.
    """
    unit = np.maximum(aligned, 0) + np.float32(median(np.abs(aligned[confident])))  # the far end has errors, too
    error = (stereo - aligned) / unit
    sound = confident & (np.abs(error) <= OUTLIER * 1.4826 * median(np.abs(error[confident])))
    return aligned + unit * correction_field(aligned, error, sound), sound


def correction_field(guide: Field, correction: Field, known: Mask) -> Field:
    """Find a smooth correction for every pixel, from the pixels where it is known.

    Args:
        guide: (H, W); pixels of like value belong together.
        correction: (H, W), read where `known`.
        known: (H, W) bool, not empty; the guide has values there.

    Returns:
        (H, W) float32: towards 0 where no known pixel is near in place and value, NaN where the guide is NaN.
    """
    low, high = np.percentile(guide[known][:: max(np.count_nonzero(known) // 50_000, 1)], (1, 99)).astype(np.float32)
    level = np.clip((guide - low) / max(high - low, np.float32(1e-6)), 0, 1) * (LEVELS - 1)
    return read_grid(_fill_grid(level, correction, known), level)


def _fill_grid(level: Field, correction: Field, known: Mask) -> Field:
    """Average the known corrections in cells of place and level: (LEVELS, h, w)."""
    height, width = level.shape
    factor = min(WORKING_SIDE / max(level.shape), 1.0)
    size = max(round(factor * width), 1), max(round(factor * height), 1)
    cells = -(-size[0] * CELLS // max(size)), -(-size[1] * CELLS // max(size))
    sampled = (cv2.resize(a, size, interpolation=cv2.INTER_NEAREST) for a in (level, correction, known.astype(np.float32)))
    near, value, weight = sampled
    near, value = np.where(weight > 0, near, 0), np.where(weight > 0, value, 0)
    shares = [weight * np.maximum(1 - np.abs(near - n), 0) for n in range(LEVELS)]
    pixels = size[0] * size[1] / (cells[0] * cells[1])
    count, total = (
        np.stack([pixels * cv2.resize(layer, cells, interpolation=cv2.INTER_AREA) for layer in layers])
        for layers in (shares, [share * value for share in shares])
    )
    grid = np.zeros_like(count)
    for reach in REACHES:
        grid = (_blurred(total, reach) + BELIEVED_HALF * grid) / (_blurred(count, reach) + BELIEVED_HALF)
    return grid


def read_grid(grid: Field, level: Field) -> Field:
    """Interpolate (LEVELS, h, w) at every pixel's place and level: between 2 levels, 2 rows and 2 columns of cells.

    Columns are interpolated first. Then each pixel gathers four values, in bands of rows that fit a cache.
    """
    (height, width), rows = level.shape, grid.shape[1]
    layers = [cv2.resize(layer, (width, rows), interpolation=cv2.INTER_LINEAR) for layer in grid]
    table = np.stack(layers, axis=1).ravel()  # by row of cells, level, column
    place = np.clip((np.arange(height, dtype=np.float32) + 0.5) * (rows / height) - 0.5, 0, rows - 1)[:, np.newaxis]
    upper = place.astype(np.intp)
    lower = np.minimum(upper + 1, rows - 1)
    columns = np.arange(width)
    field = np.empty_like(level)
    for top in range(0, height, BAND_ROWS):
        band = slice(top, top + BAND_ROWS)
        near = np.minimum(np.nan_to_num(level[band]), LEVELS - 2).astype(np.intp)
        farther = level[band] - near.astype(np.float32)
        above, below = (
            (1 - farther) * table[start] + farther * table[start + width]
            for start in ((LEVELS * cells[band] + near) * width + columns for cells in (upper, lower))
        )
        field[band] = above + (place - upper)[band] * (below - above)
    return field


def _blurred(grid: Field, reach: float) -> Field:
    """Average (LEVELS, h, w) over `reach` neighbouring cells, and over a third as many levels."""
    levels = np.arange(LEVELS)
    kernel = np.exp(-0.5 * ((levels[:, np.newaxis] - levels) / (reach / 3)) ** 2)
    across = np.tensordot((kernel / kernel.sum(axis=1, keepdims=True)).astype(np.float32), grid, axes=1)
    return np.stack([cv2.GaussianBlur(layer, (0, 0), reach, borderType=cv2.BORDER_REFLECT) for layer in across])


def _feathered(trusted: Mask) -> Field:
    """Return (H, W) float32: 0 where stereo is not trusted, and from there to 1 over 3 px."""
    return np.minimum(cv2.distanceTransform(trusted.view(np.uint8), cv2.DIST_L2, 3) / np.float32(FEATHER_PX), 1)
