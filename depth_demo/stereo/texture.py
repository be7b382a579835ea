"""Areas without texture that both views show: noise is matched with noise there, or a far surface is continued."""

from __future__ import annotations

import cv2
import numpy as np

from depth_demo.geometry import Mask, RgbImage, StereoPair
from depth_demo.stereo.blocks import (
    Grid,
    Rows,
    block_means,
    block_side,
    continued,
    gradient,
    largest_of_blocks,
    sampled_answer,
    sampled_rows,
)

WIDE = 11  # blocks; over so many noise hardly correlates by chance
NEAR = (5, 1)  # blocks of one row
RELATED = 0.3  # correlation of the gradients below which the views share nothing
LOW_CONTRAST = 16.0  # mean squared gradient [grey values^2]; above, a low correlation has other causes, such as reflections
NOISE_MARGIN = 2.5  # what a small window may hold of noise, to a large one
ROUNDING = np.float32(0.05)  # mean squared gradient [grey values^2] that says nothing
SQUARE, FULL = 0.4, 0.9  # a large area: side to the height of the picture, and share of it without texture
REACH = 0.08  # of the width: a surface is continued so far
FIRST_CANDIDATES_PX = 1.5  # where all costs are equal, OpenCV answers with the smallest disparity, or this much more
SHADES = (3, 5)  # blocks and rows; so wide means hold little noise, and leave the shades of a smooth surface
SHADES_WIDE = (21, 41, 81)  # blocks, the next where one holds too little
SHADES_SEEN = 0.05  # share of a window that must be matched and lie inside the area
SHADES_RELATED = 0.5  # correlation of the gradients of shades from which the views share them
MOVED, BETTER = 2, 0.01  # blocks to either side of the match, and by how much shades may correlate better there
ABOVE_NOISE = 3.0  # mean squared gradient of shades, to what the means leave of the noise


def blank_pixels(pair: StereoPair, disparity: Grid, min_disparity: int) -> Mask:
    """Find the pixels at which the views share nothing that tells disparities apart.

    Args:
        pair: The two views.
        disparity: (H, W) disparity of the left view [px], NaN in holes.
        min_disparity: Of the search range [px].

    Returns:
        (H, W) bool.
    """
    step = block_side(*disparity.shape)
    left, right = sampled_rows(pair.left, step), sampled_rows(pair.right, step)
    area, noise = _blank_area(left, right, sampled_answer(disparity, step), step)
    blank = _to_the_row(pair.left, area, noise, step) if area.any() else np.zeros(disparity.shape, np.bool_)
    return blank | (_varies_nowhere(pair.left) & (disparity <= min_disparity + FIRST_CANDIDATES_PX))


def _varies_nowhere(image: RgbImage) -> Mask:
    """Return (H, W) bool: whether every channel is constant in the 5x5 window around the pixel."""
    spread = cv2.morphologyEx(image, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))
    return np.asarray(cv2.inRange(spread, (0, 0, 0), (0, 0, 0))).view(np.bool_)


def _blank_area(left: Rows, right: Rows, answer: Grid, step: int) -> tuple[Mask, Grid]:
    """Find where the gradients around the matches have nothing in common, so that noise was matched with noise.

    Returns:
        (h, w) bool, with the blocks at the edges of such areas, and (h, w) the mean squared gradient of the noise; -1 where
        no such area is near.
    """
    seen = ~np.isnan(answer)
    matched = seen.astype(np.float32)
    shift = np.where(seen, answer, np.float32(0))
    rows, columns = np.indices(answer.shape, np.float32)
    ours = gradient(left, 2)
    theirs = np.asarray(cv2.remap(gradient(right, 2), columns - shift, rows, cv2.INTER_LINEAR), np.float32)
    near = _near_energy(ours, step)
    ours, theirs = ours * matched, theirs * matched
    means = [block_means(values, step) for values in (matched, ours * theirs, ours * ours, theirs * theirs)]
    correlation, energy, _ = _correlation(means, WIDE)
    unrelated = (correlation < RELATED) & (energy < LOW_CONTRAST)
    # A large window next to texture holds some of it: there, a small one tells whether there is more than the noise beyond.
    window = np.ones((2 * WIDE + 1,) * 2, np.uint8)
    noise = cv2.dilate(np.where(unrelated, energy, np.float32(-1)), window)
    blank = (near <= NOISE_MARGIN * noise + ROUNDING) & (noise >= 0)
    area = _large(blank)
    if area.any():
        area &= ~continued(largest_of_blocks(answer, step), blank, REACH) & ~_share_shades(left, right, answer, area, step)
    at_its_edge = cv2.dilate(area.astype(np.uint8), np.ones((3, 1), np.uint8)) > 0
    return area | (at_its_edge & ~blank), noise


def _correlation(means: list[Grid], wide: int) -> tuple[Grid, Grid, Grid]:
    """Return (h, w) each: the correlation over windows, our mean square, and the share of a window that counts.

    Args:
        means: Of each block: what counts, the product of both views, our square and theirs.
        wide: Side of the windows [blocks].
    """
    share, both, own, other = (cv2.blur(values, (wide, wide)) for values in means)
    share = np.maximum(share, np.float32(1e-3))
    energy = own / share
    return both / share / np.sqrt((energy + ROUNDING) * (other / share + ROUNDING)), energy, share


def _share_shades(left: Rows, right: Rows, answer: Grid, area: Mask, step: int) -> Mask:
    """Find where shades that change slowly agree at the matches, and hardly better beside them.

    A wall is rarely of one grey value. Noise hides its shades from pixel to pixel, but not in the means of wide windows.

    Returns:
        (h, w) bool. Only what lies inside the area is compared: windows beyond would hold the texture there.
    """
    wide, tall = SHADES[0] * step + 1, SHADES[1]
    centres = slice(step // 2, None, step)
    inner = cv2.erode(area.astype(np.uint8), np.ones((tall + 2, 4 * SHADES[0] + 1), np.uint8)) > 0
    matched = np.where(inner, answer[:, centres], np.float32(np.nan))
    counts = (~np.isnan(matched)).astype(np.float32)
    columns = np.arange(left.shape[1], dtype=np.float32)[centres] - np.nan_to_num(matched)
    rows = np.broadcast_to(np.arange(len(area), dtype=np.float32)[:, np.newaxis], area.shape)
    ours, theirs = (gradient(cv2.blur(view.astype(np.float32), (wide, tall)), SHADES[0] * step) for view in (left, right))
    ours, noise = ours[:, centres] * counts, gradient(left, 2)[:, centres] * counts

    def moved(blocks: int) -> Grid:
        return cv2.remap(theirs, columns - np.float32(blocks * step), rows, cv2.INTER_LINEAR) * counts

    here, *beside = (moved(blocks) for blocks in (0, -MOVED, MOVED))
    agree, judged = np.zeros(area.shape, np.bool_), np.zeros(area.shape, np.bool_)
    for window in SHADES_WIDE:
        if judged[area].all():
            break
        found, energy, share = _correlation([counts, ours * here, ours * ours, here * here], window)
        others = [_correlation([counts, ours * there, ours * ours, there * there], window)[0] for there in beside]
        left_of_noise = cv2.blur(noise * noise, (window, window)) / share / (wide * tall)
        told = ~judged & (share >= SHADES_SEEN)
        likely = (found >= SHADES_RELATED) & (found >= np.maximum(*others) - BETTER)
        agree |= told & likely & (energy >= ABOVE_NOISE * left_of_noise)
        judged |= told
    return agree


def _near_energy(values: Grid, step: int) -> Grid:
    """Return the mean square of a gradient over a few blocks of one row."""
    return np.asarray(cv2.blur(block_means(values * values, step), NEAR), np.float32)


def _to_the_row(image: RgbImage, area: Mask, noise: Grid, step: int) -> Mask:
    """Return (H, W) bool: the area up to the row, not the block, where texture begins."""
    height, width = image.shape[:2]
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)[:, : width // step * step]
    rows = np.minimum(np.arange(height) // step, len(area) - 1)
    blank = area[rows] & (_near_energy(gradient(grey, 2), step) <= NOISE_MARGIN * noise[rows] + ROUNDING)
    return blank[:, np.minimum(np.arange(width) // step, area.shape[1] - 1)]


def _large(blank: Mask) -> Mask:
    """Return the part of a mask that large squares cover, in which nearly everything belongs to the mask."""
    side = 2 * int(blank.shape[0] * SQUARE / 2) + 1
    full = cv2.blur(blank.astype(np.float32), (side, side)) >= FULL
    covered = cv2.dilate(full.astype(np.uint8), np.ones((side, side), np.uint8))
    return np.asarray(blank & (covered > 0))
