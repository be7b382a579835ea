"""Where a method fails, and probably why: the rectangles that lose most structure.

The loss of a pixel is 1 - SSIM of the fair protocol, over all windows of truth, a hole losing all; its mean is what the
score "fair: SSIM, all truth" lacks to 1. It is averaged over cells, and a threshold is taken off: what stays positive fails.
A box is the rectangle of cells with the largest sum, divided by the root of its area: the scan statistic of a Gaussian
(Kulldorff 1997), which joins regions when the gap costs less than the second one brings. Unlike connected components,
which fuse or part at the least change of a threshold, its optimum moves little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.evaluation.metrics import FairScores, whole_windows
from depth_demo.evaluation.region_errors import nearness_error
from depth_demo.evaluation.regions import Region, Role
from depth_demo.geometry import DepthMap

MAX_BOXES = 5
LOSS_THRESHOLD = 0.25
MIN_LOSS_SHARE = 2.0  # %; less is not worth a box
MIN_KNOWN = 0.05  # of the picture: a truth with fewer whole windows says nothing about the rest
MAX_AREA_SHARE = 0.25  # of the picture, without the margin: a box shall point at something
CELLS = 60  # along the longer side
MARGIN = 1  # cells around the best rectangle, since its edge cuts through cells
BANDS, DIGITS = 32, 6  # searched at once; decimals of their values
TAKEN = -1000.0  # in the place of a cell's excess: no other box goes there
MIN_EXCESS = 0.1  # by how much a class's share of the loss exceeds its share of the picture, to be named as the cause
Method = Literal["monocular", "stereo"]
CAUSES: dict[Method, tuple[Role, ...]] = {"monocular": ("cause",), "stereo": ("cause", "cause for stereo")}
LABELS: tuple[Role, ...] = ("label",)
Loss = NDArray[np.float32]
Box = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class FailureBox:
    """A rectangle in which a method loses much structure.

    Attributes:
        method, rank: Whose it is; 1 is the worst of its method.
        left, top, right, bottom: Pixels; right and bottom are exclusive.
        loss_share: Share of the method's whole loss of structure that lies in the box [%].
        error: Mean of d - d* or Z* - Z in the box, in `unit`, positive is too near; NaN without any prediction.
        coverage: Share of the box's truth pixels that have a prediction [%].
        shared: The other method fails in at least half of the cells of the box where this one does; None where there is no
            other method.
        cause: The class of pixels that has most more of the box's loss than of the picture; "" when none stands out.
        shows: The same among the labels.
        unit: "px" of disparity, or "m" of depth.
    """

    method: Method
    rank: int
    left: int
    top: int
    right: int
    bottom: int
    loss_share: float
    error: float = float("nan")
    coverage: float = float("nan")
    shared: bool | None = False
    cause: str = ""
    shows: str = ""
    unit: str = "px"

    @property
    def name(self) -> str:
        """The box for people, such as 'M1' for the worst of the monocular map."""
        return f"{self.method[0].upper()}{self.rank}"

    @property
    def fails(self) -> str:
        """Which methods fail in the box, in words."""
        if self.shared is None:
            return self.method
        return "both" if self.shared else f"only {self.method}"


def structure_loss(evaluation: FairScores, truth: DepthMap) -> Loss | None:
    """Return 1 - SSIM at every pixel; None without SSIM.

    Returns:
        (H, W) float32: 1 where a window touches a hole, NaN where it touches unknown truth.
    """
    if np.isnan(evaluation.ssim_all):
        return None
    return np.where(whole_windows(truth.valid), 1 - np.nan_to_num(evaluation.ssim_map), np.float32(np.nan))


def find_failures(
    method: Method,
    loss: Loss | None,
    other_loss: Loss | None,
    predicted: DepthMap,
    truth: DepthMap,
    regions: tuple[Region, ...],
    threshold: float = LOSS_THRESHOLD,
    *,
    alone: bool = False,
) -> tuple[FailureBox, ...]:
    """Return at most five boxes of one method, worst first; none where under 5 % of the windows are known (sparse truth).

    Args:
        method: Whose loss it is.
        loss, other_loss: (H, W) float32 of both methods; NaN where nothing can be said; None where nothing was scored.
        predicted, truth: (H, W) disparity [px] or depth [m] of the method, NaN in holes, and of the truth.
        regions: Of `find_regions`, the whole picture first.
        threshold: A cell fails where its mean loss is larger.
        alone: Whether there is no other method.
    """
    if loss is None:
        return ()
    grid = _Grid.over(loss)
    if grid.known.mean() < MIN_KNOWN:
        return ()
    other = np.zeros_like(grid.loss) if other_loss is None else _Grid.over(other_loss).loss
    off, unit = nearness_error(predicted, truth), truth.kind.unit
    failing, also = (cells > threshold * grid.known for cells in (grid.loss, other))
    found = []
    for rank, (share, box) in enumerate(_ranked(loss, grid, threshold), start=1):
        rows, columns = pixels = grid.pixels(box)
        place = columns.start, rows.start, columns.stop, rows.stop
        shared = bool(2 * np.count_nonzero(failing[box] & also[box]) >= np.count_nonzero(failing[box]))
        fails_too = None if alone else shared
        cause, shows = (_over_represented(loss, pixels, regions, roles) for roles in (CAUSES[method], LABELS))
        found.append(FailureBox(method, rank, *place, share, *_errors_in(pixels, off, truth), fails_too, cause, shows, unit))
    return tuple(found)


def _errors_in(pixels: Box, off: NDArray[np.float32], truth: DepthMap) -> tuple[float, float]:
    """Return `error` and `coverage` of a box."""
    error = off[pixels]
    answered = error[~np.isnan(error)]
    mean = float(answered.mean(dtype=np.float64)) if answered.size else float("nan")
    return mean, 100 * answered.size / int(np.count_nonzero(truth.valid[pixels]))


def _ranked(loss: Loss, grid: _Grid, threshold: float) -> list[tuple[float, Box]]:
    """Return the boxes with their shares of the whole loss [%], the largest first; boxes with a small share are left out."""
    total = np.nansum(loss, dtype=np.float64)
    boxes = [_grown(box, MARGIN) for box in _worst_boxes(grid, threshold)]
    found = [(100 * float(np.nansum(loss[grid.pixels(box)], dtype=np.float64) / total), box) for box in boxes]
    return sorted((item for item in found if item[0] >= MIN_LOSS_SHARE), key=lambda item: -round(item[0], 3))


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Means over cells of about 1/60 of the longer side.

    Attributes:
        loss: (rows, columns) float64, unknown pixels counting as no loss.
        known: (rows, columns) float64, share of the cell where the loss is known.
        shape: Of the map that it covers.
    """

    loss: NDArray[np.float64]
    known: NDArray[np.float64]
    shape: tuple[int, ...]

    @classmethod
    def over(cls, loss: Loss) -> _Grid:
        side = max(max(loss.shape) / CELLS, 1)
        height, width = (max(round(length / side), 1) for length in loss.shape)

        def cells(values: NDArray[np.float32]) -> NDArray[np.float64]:
            return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA), dtype=np.float64)

        return cls(cells(np.nan_to_num(loss)), cells((~np.isnan(loss)).astype(np.float32)), loss.shape)

    def pixels(self, box: Box) -> Box:
        """Return the same box in pixels of the map."""
        rows, columns = (
            slice(round(cells.start * pixels / count), min(round(cells.stop * pixels / count), pixels))
            for cells, pixels, count in zip(box, self.shape, self.loss.shape, strict=True)
        )
        return rows, columns


def _worst_boxes(grid: _Grid, threshold: float) -> list[Box]:
    """Return rectangles of cells, each the best outside the earlier ones; their margins do not overlap."""
    excess = grid.loss - threshold * grid.known
    boxes: list[Box] = []
    while len(boxes) < MAX_BOXES and (box := _best_box(excess)):
        boxes.append(box)
        excess[_grown(box, 2 * MARGIN)] = TAKEN
    return boxes


def _best_box(excess: NDArray[np.float64]) -> Box | None:
    """Return the rectangle with the largest sum / sqrt(area), the first of equals; None where none is positive.

    Bands of rows are searched in the order of what they could hold at most, until what was found is more than that. With P
    the sum of a band's positive columns, M the largest of them, and h its height, a box of width w holds at most P, and at
    most w M, so its value is at most sqrt(P M / h).
    """
    (top, bottom), (left, right) = (np.triu_indices(count + 1, 1) for count in excess.shape)
    corner = cv2.integral(excess)
    bands = corner[bottom] - corner[top]
    columns = np.maximum(np.diff(bands, axis=1), 0)
    bound = np.sqrt(columns.sum(axis=1) * columns.max(axis=1) / (bottom - top))
    most_cells = max(MAX_AREA_SHARE * excess.size, 1)
    order = np.argsort(-bound, kind="stable")
    found, best = 0.0, (len(order), 0)
    for start in range(0, len(order), BANDS):
        if bound[order[start]] < found - 10**-DIGITS:
            break
        some = np.sort(order[start : start + BANDS])
        area = (bottom - top)[some, np.newaxis] * (right - left)
        sums = (bands[some][:, right] - bands[some][:, left]) / np.sqrt(area)
        sums = np.where(area <= most_cells, np.round(sums, DIGITS), 0)  # of equals the first, whatever the last digit
        row, column = np.unravel_index(np.argmax(sums), sums.shape)
        place = int(some[row]), int(column)
        if sums[row, column] > found or (sums[row, column] == found and place < best):
            found, best = float(sums[row, column]), place
    if found <= 0:
        return None
    band, span = best
    return slice(int(top[band]), int(bottom[band])), slice(int(left[span]), int(right[span]))


def _grown(box: Box, cells: int) -> Box:
    """Return the box and this many cells around it, as far as the picture goes."""
    rows, columns = (slice(max(side.start - cells, 0), side.stop + cells) for side in box)
    return rows, columns


def _over_represented(loss: Loss, pixels: Box, regions: tuple[Region, ...], roles: tuple[Role, ...]) -> str:
    """Return the class whose share of the box's loss is most above its share of all truth; "" if none is far above."""
    weights = np.nan_to_num(loss[pixels])
    total, everything = float(weights.sum()), regions[0].pixels

    def excess(region: Region) -> float:
        inside = cv2.norm(weights, cv2.NORM_L1, np.ascontiguousarray(region.mask[pixels]).view(np.uint8))
        return float(inside) / total - region.pixels / everything

    best = max(((excess(region), region.name) for region in regions if region.role in roles), default=(0.0, ""))
    return best[1] if best[0] >= MIN_EXCESS else ""
