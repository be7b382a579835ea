"""Fit a few angles and a zoom so that matched points lie in the same row: no fundamental matrix, so nothing can flip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depth_demo.stereo.features import SparseMatches
from depth_demo.stereo.rectification.turns import Homographies, Matrix, camera_matrix, inverse_camera, moved, rotation

# The unknowns: pitch, yaw and roll of the right view, its zoom, yaw and roll of the left view, and the focal length (the
# zoom and the focal length as logarithms of factors). Before any match is seen they are 0, give or take this much:
_PRIOR = np.array([0.17, 0.10, 0.17, 0.1, 0.05, 0.17, 0.03])
_ZOOM, _FOCAL = 3, 6  # whose priors depend on what is known
RIGHT_ALONE = np.array([True, True, True, True, False, False, True])
BOTH_VIEWS = np.ones(7, np.bool_)
_NOISE = 0.12  # of the copy's pixels: the row gap that no fit can remove
_ROUNDS = 20
_WIDE_ROUNDS = 6  # in which far matches count too
_SETTLED = 1e-7  # rad
_TUKEY = 4.685  # standard deviations: 95 % efficiency where the noise is Gaussian
_TO_DEVIATION = 1.4826  # of a median of absolute values
_STEPS = np.full(7, 1e-6)


@dataclass(frozen=True, slots=True, eq=False)
class RowFit:
    """What makes the rows agree.

    Attributes:
        homographies: Of both views.
        focal_length_px: Of the rectified pair: the one given, moved as far as the matches ask for.
        pitch, yaw, roll: Turn of the right view [rad], about x (right), y (down) and z (forward).
        left_yaw, left_roll: Turn of the left view [rad].
        zoom: Focal length of the right view over that of the left one.
        constant_error_px: Standard error of the constant that all disparities share, as far as the matches and what is known
            of the focal length tell [px].
        unknowns: (7,) as they are fitted.
    """

    homographies: Homographies
    focal_length_px: float
    pitch: float
    yaw: float
    roll: float
    left_yaw: float
    left_roll: float
    zoom: float
    constant_error_px: float
    unknowns: NDArray[np.float64]


def fit_rows(
    matches: SparseMatches,
    focal_length_px: float,
    centre: tuple[float, float],
    free: NDArray[np.bool_] = RIGHT_ALONE,
    focal_prior: float = 0.03,
    zoom_prior: float = 0.1,
    start: RowFit | None = None,
) -> RowFit:
    """Turn the right view, or both about their centres, until matched points lie in the same row.

    Minimises Tukey's biweight of the row gaps by reweighted Gauss-Newton steps, with a weak prior on each unknown. The scale
    of the weights falls with the median of the gaps, so that up to about 40 % of false matches do no harm.

    Args:
        matches: At least as many as there are unknowns.
        focal_length_px: Of the left view.
        centre: Column and row of both principal points [px].
        free: (7,) which unknowns are fitted: `RIGHT_ALONE` or `BOTH_VIEWS`.
        focal_prior: How far off the focal length may be, as a share of it (one standard deviation).
        zoom_prior: How far the zoom may be from 1, likewise.
        start: Where to begin; None begins with views that are not turned.
    """
    spread = _PRIOR.copy()
    spread[[_ZOOM, _FOCAL]] = zoom_prior, focal_prior
    unknown = np.flatnonzero(free)
    values = np.zeros(7) if start is None else start.unknowns * free
    wide = _WIDE_ROUNDS if start is None else 0
    normal = np.eye(len(unknown))

    def gaps(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return _homographies(at, focal_length_px, centre).row_gap(matches)

    for number in range(_ROUNDS):
        here = gaps(values)
        deviation = max(_TO_DEVIATION * float(np.median(np.abs(here))), _NOISE * matches.pixel)
        cut = _TUKEY * deviation * (2 if number < wide else 1)
        weight = np.maximum(1 - (here / cut) ** 2, 0) ** 2
        slope = np.empty((len(here), len(unknown)))
        for place, index in enumerate(unknown):
            ahead = values.copy()
            ahead[index] += _STEPS[index]
            slope[:, place] = (gaps(ahead) - here) / _STEPS[index]
        scaled = slope * (weight / deviation**2)[:, np.newaxis]
        normal = scaled.T @ slope + np.diag(1 / spread[unknown] ** 2)
        step = np.linalg.solve(normal, -(scaled.T @ here) - values[unknown] / spread[unknown] ** 2)
        values[unknown] += np.clip(step, -0.1, 0.1)
        if np.abs(step).max() < _SETTLED and number >= wide:
            break
    pitch, yaw, roll, zoom, left_yaw, left_roll, focal = values.tolist()
    fitted = focal_length_px * float(np.exp(focal))
    per_unknown = np.zeros(7)  # change of the constant f * yaw
    per_unknown[[1, _FOCAL]] = fitted, fitted * yaw
    along = per_unknown[unknown]
    error = float(np.sqrt(along @ np.linalg.solve(normal, along)))
    homographies = _homographies(values, focal_length_px, centre)
    zoomed = float(np.exp(zoom))
    return RowFit(homographies, fitted, pitch, yaw, roll, left_yaw, left_roll, zoomed, error, values)


def _homographies(values: NDArray[np.float64], focal_length_px: float, centre: tuple[float, float]) -> Homographies:
    pitch, yaw, roll, zoom, left_yaw, left_roll, focal = values
    k = camera_matrix(focal_length_px * np.exp(focal), centre)
    if left_yaw == left_roll == 0:  # it must stay bit for bit
        left: Matrix = np.eye(3)
    else:
        left = k @ rotation(0, left_yaw, left_roll) @ inverse_camera(k)
    zoomed = camera_matrix(k[0, 0] * np.exp(zoom), centre)
    return Homographies(left, k @ rotation(pitch, yaw, roll) @ inverse_camera(zoomed))


def gap_percentile(homographies: Homographies, matches: SparseMatches, percent: float = 95) -> float:
    """Return a percentile of the absolute row gaps after a rectification [px]."""
    return float(np.percentile(np.abs(homographies.row_gap(matches)), percent))


def places(homographies: Homographies, left: NDArray[np.float32], right: NDArray[np.float32]) -> tuple[
    NDArray[np.float32], NDArray[np.float32]
]:  # fmt: skip
    """Return where a rectification moves the features of both views."""
    return moved(homographies.left, left).astype(np.float32), moved(homographies.right, right).astype(np.float32)
