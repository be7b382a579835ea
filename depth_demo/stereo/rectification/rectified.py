"""A rectified pair: what is known of it, and how maps of the views as given become maps of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import Calibration, DepthKind, DepthMap, Mask, StereoPair
from depth_demo.stereo.rectification.calibrated import Maps
from depth_demo.stereo.rectification.carrying import sampled_inverse, sampled_nearest, sources
from depth_demo.stereo.rectification.constant import Constant
from depth_demo.stereo.rectification.quality import Quality
from depth_demo.stereo.rectification.row_fit import RowFit
from depth_demo.stereo.rectification.turns import Homographies
from depth_demo.stereo.unseen import keep_seen

QUARTER = cv2.ROTATE_90_COUNTERCLOCKWISE  # of pairs whose cameras stand one above the other


@dataclass(frozen=True, slots=True, eq=False)
class Rectified:
    """A rectified pair, and what is known of it.

    Attributes:
        pair: The rectified views, and where they show something; its calibration is set only where depth in metres is known.
        valid: (H, W) bool: where the left view shows something.
        right_valid: (H, W) bool: the same of the right view.
        quality: Row gap before and after, pixels kept, depth error to expect.
        description: What was done, in sentences.
        focal_length_px: Of both rectified views, for metres: a given one that the matches do not contradict, else theirs.
        left_point, right_point: Column and row of their principal points [px].
        baseline_m: Distance between the cameras; None where nobody knows it.
        doffs_px: As in `Calibration`; None while the constant that all disparities share is free.
        constant_error_px: Standard error of that constant, as far as matches and focal length tell; 0 with a calibration.
        homographies: From pixels of the views (without lens distortion, and turned where `is_turned`) to rectified ones.
        is_turned: Whether both views were turned a quarter counterclockwise, because one camera stood above the other.
        left_maps: The column and row from which a calibration takes each pixel of the left view; None without one.
        fit: The angles that were fitted; None with a calibration.
    """

    pair: StereoPair
    valid: Mask
    right_valid: Mask
    quality: Quality
    description: str
    focal_length_px: float
    left_point: tuple[float, float]
    right_point: tuple[float, float]
    baseline_m: float | None
    doffs_px: float | None
    constant_error_px: float
    homographies: Homographies
    is_turned: bool = False
    left_maps: Maps | None = None
    fit: RowFit | None = None

    @property
    def keeps_left(self) -> bool:
        """Whether the left view is as it was given, pixel by pixel."""
        return not (self.warps_left or self.is_turned)

    @property
    def warps_left(self) -> bool:
        """Whether the left view was sampled anew; a quarter turn moves whole pixels and is none."""
        return self.left_maps is not None or not self.homographies.keeps_left

    @property
    def calibration(self) -> Calibration | None:
        """The camera of the rectified pair; None while a baseline or the constant is missing."""
        if self.baseline_m is None or self.doffs_px is None:
            return None
        return Calibration(self.focal_length_px, self.baseline_m, self.doffs_px, principal_point_px=self.left_point)

    @property
    def source_shape(self) -> tuple[int, int]:
        """Height and width of the left photo [px]."""
        height, width = self.valid.shape
        return (width, height) if self.is_turned else (height, width)

    def keep(self, disparity: DepthMap) -> DepthMap:
        """Return a disparity of the rectified pair with NaN where either view shows nothing but black.

        Raises:
            ValueError: If the map is not disparity.
        """
        return keep_seen(disparity, (self.valid, self.right_valid))

    def carry(self, left_map: DepthMap) -> DepthMap:
        """Return a map of the left view, such as its truth, as the rectified left view has it.

        Metric depth is that along the new optical axis. Disparity stays where the left view is not turned.

        Raises:
            ValueError: If it is disparity and the left view is turned: that of another pair says nothing here.
        """
        if not self.warps_left:
            return replace(left_map, values=self._as_turned(left_map.values))
        if left_map.kind is DepthKind.DISPARITY:
            raise ValueError("The left view is turned too, so disparities of the views as given do not hold: give depth [m].")
        if left_map.kind is not DepthKind.METRIC_DEPTH:
            carried = sampled_nearest(self._as_turned(left_map.values), *self._sources())
            return replace(left_map, values=np.where(self.valid, carried, np.float32(np.nan)))
        one = np.float32(1)
        return replace(left_map, values=one / self.carry_inverse(one / left_map.values))

    def carry_inverse(self, inverse: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (H, W) inverse depth [1/m] along the new optical axis, from the left photo's; NaN where there is none."""
        carried = sampled_inverse(self._as_turned(inverse), *self._sources())
        height, width = self.valid.shape
        columns, rows = np.meshgrid(np.arange(width), np.arange(height))
        third = np.linalg.inv(self.homographies.left)[2]
        nearer = third[0] * columns + third[1] * rows + third[2]  # depth in the photo over depth in the rectified view
        return np.where(self.valid & (nearer > 0), carried * nearer, np.nan).astype(np.float32)

    def _as_turned(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.rotate(values, QUARTER), np.float32) if self.is_turned else values

    def _sources(self) -> tuple[NDArray[np.float32] | NDArray[np.float64], NDArray[np.float32] | NDArray[np.float64]]:
        return self.left_maps or sources(self.homographies.left, (self.valid.shape[0], self.valid.shape[1]))

    def carry_mask(self, mask: Mask) -> Mask:
        """Return a mask of the left view, such as a benchmark's, as the rectified left view has it; False in the black."""
        carried = self.carry(DepthMap(mask.astype(np.float32), DepthKind.RELATIVE_INVERSE_DEPTH))
        return np.asarray(carried.values > 0, np.bool_)

    def turn_back(self, rectified_map: DepthMap) -> DepthMap:
        """Return a map of the rectified left view as the photos lie: only pairs one above the other are turned."""
        if not self.is_turned:
            return rectified_map
        return replace(rectified_map, values=cv2.rotate(rectified_map.values, cv2.ROTATE_90_CLOCKWISE))

    def with_constant(self, constant: Constant, baseline_m: float | None = None) -> Rectified:
        """Return the pair with its constant known and, where a baseline is given or known, depth in metres."""
        known = replace(
            self,
            doffs_px=constant.doffs_px,
            baseline_m=baseline_m or self.baseline_m,
            constant_error_px=0.0,
            description=f"{self.description} {constant.text}",
        )
        return replace(known, pair=replace(self.pair, calibration=known.calibration))
