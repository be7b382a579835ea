"""Rectify by the pair's own matches: match, fit, match again with the fit, fit again, and refuse what cannot be rectified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import RgbImage, StereoPair
from depth_demo.stereo.features import (
    FITTED,
    UNRECTIFIED,
    FoundFeatures,
    SparseMatches,
    match_features,
    match_found,
)
from depth_demo.stereo.rectification.calibrated import BroughtView
from depth_demo.stereo.rectification.essential import epipole_is_inside, is_deep, pose_homographies
from depth_demo.stereo.rectification.refining import refine
from depth_demo.stereo.rectification.row_fit import BOTH_VIEWS, RIGHT_ALONE, RowFit, fit_rows, gap_percentile, places
from depth_demo.stereo.rectification.turns import Homographies, camera_matrix, is_upright, warped

FORWARD = (
    "The camera moved forwards or backwards between the photos, not sideways: no turn brings a point to one row in both. Take "
    "the second photo from a place beside the first."
)
SLANTED = (
    "No small turn makes the rows agree: one view would come out mirrored, upside down or on its side. Take the second photo "
    "from a place beside the first or straight above it, not before, behind or aslant, and turn both photos upright."
)
Method = Literal["right view", "both views", "essential matrix"]
MIN_MATCHES = 30
GIVEN_FOCAL, ASSUMED_FOCAL = 0.03, 0.15  # how far off a focal length may be, as a share of it
SAME_ZOOM, OTHER_ZOOM = 0.1, 0.3  # of two photos of one size, and of different ones
_FLAT_PX, _FLAT_SHARE = 1.5, 0.01  # of the copy's pixels, of the width: disparities that are none
_BAD_GAP, _HALF = 1.0, 0.5
_CLEARLY_BETTER, _BETTER_PX = 0.8, 0.05  # before the left view is turned too
_SURE = 3  # standard errors


@dataclass(frozen=True, slots=True, eq=False)
class MatchedRectification:
    """What the matches say.

    Attributes:
        method: Which views are turned, by which route.
        homographies: Of both views, of one size.
        focal_length_px: Of both rectified views.
        fit: The angles of the right view alone, or of both.
        first, matches: The matches before and after the first fit, in pixels of the views as given.
        constant_error_px: Standard error of the constant that all disparities share [px].
    """

    method: Method
    homographies: Homographies
    focal_length_px: float
    fit: RowFit
    first: SparseMatches
    matches: SparseMatches
    constant_error_px: float


def rectify_by_matches(
    views: tuple[RgbImage, RgbImage],
    found: FoundFeatures,
    first: SparseMatches,
    rough: RowFit,
    focal_length_px: float,
    *,
    assumed: bool,
    other_zoom: bool = False,
    learned: SparseMatches | None = None,
) -> MatchedRectification:
    """Fit the turns of the views to their matches.

    Args:
        views: The left and the right view, of one size.
        found: Their features.
        first: Their matches, looked for with `UNRECTIFIED`; at least `MIN_MATCHES`.
        rough: `fit_rough` of these.
        focal_length_px: Of the left view.
        assumed: Whether nobody knows it.
        other_zoom: Whether the views were of different size.
        learned: Matches of learned features, taken where features around the first fit are fewer.

    Raises:
        ValueError: If the camera only turned, or too few matches agree with any turn.
    """
    shape = found.shape
    centre = ((shape[1] - 1) / 2, (shape[0] - 1) / 2)
    priors = (ASSUMED_FOCAL if assumed else GIVEN_FOCAL, OTHER_ZOOM if other_zoom else SAME_ZOOM)
    at = places(rough.homographies, found.left.points, found.right.points)
    matches = match_found(found, FITTED, at)
    if learned is not None and len(learned) > len(matches):
        matches = learned
    if len(matches) < MIN_MATCHES:
        raise ValueError(
            f"Only {len(matches)} matches agree with one turn of the cameras, and {MIN_MATCHES} are needed: the scene moved, "
            "or the views show different things."
        )
    matches = refine(matches, *views, rough.homographies)
    alone = fit_rows(matches, focal_length_px, centre, RIGHT_ALONE, *priors)
    both = fit_rows(matches, focal_length_px, centre, BOTH_VIEWS, *priors, start=rough)
    _check_parallax(alone, matches, shape)
    method, fit, chosen = choose_views(alone, both, matches)
    focal, error = fit.focal_length_px, fit.constant_error_px
    if not assumed and method == "both views" and is_deep(matches):
        pose = pose_homographies(matches, camera_matrix(focal_length_px, centre))
        if (
            pose
            and _upright(pose, shape)
            and gap_percentile(pose, matches) < _CLEARLY_BETTER * gap_percentile(chosen, matches)
        ):
            method, chosen, focal = "essential matrix", pose, focal_length_px
    if not _upright(chosen, shape):
        raise ValueError(FORWARD if epipole_is_inside(matches, shape) else SLANTED)
    return MatchedRectification(method, chosen, focal, fit, first, matches, error)


def refuse_forward(rough: RowFit, first: SparseMatches, shape: tuple[int, int]) -> None:
    """Raise ValueError if the camera moved along its axis: no turn makes rows agree, and a view shows the other camera."""
    if _typical_gap(rough, first) > _BAD_GAP * first.pixel and epipole_is_inside(first, shape):
        raise ValueError(FORWARD)


def match_wide(found: FoundFeatures) -> SparseMatches:
    """Match the features of views that are not rectified."""
    return match_found(found, UNRECTIFIED)


def refuse_few(count: int, left: RgbImage, right: RgbImage) -> ValueError:
    """Return the refusal of a pair with too few matches, which names a right view that is mirrored or not upright.

    The right view may have another size.
    """
    quarters = (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE)
    lying = [("on its side", cv2.rotate(right, quarter)) for quarter in quarters]
    for how, changed in [("mirrored", cv2.flip(right, 1)), ("upside down", cv2.rotate(right, cv2.ROTATE_180)), *lying]:
        if len(match_features(StereoPair(left, _at_size(changed, left)), UNRECTIFIED)) >= max(2 * count, MIN_MATCHES):
            return ValueError(f"The right view is {how}: turn it the same way as the left one, then rectify.")
    return ValueError(
        f"Only {count} points of the left view were found in the right one, and {MIN_MATCHES} are needed to rectify. Do both "
        "views show one scene, with texture?"
    )


def _at_size(view: NDArray[Any], like: RgbImage) -> RgbImage:
    """Return a view at the size of another one: both centres on one place, nothing left bare."""
    shape = (like.shape[0], like.shape[1])
    if view.shape == like.shape:
        return view
    brought = BroughtView.of(np.asarray(view, np.uint8), shape)
    return warped(brought.view, brought.own, shape)


def fit_rough(first: SparseMatches, shape: tuple[int, int], focal_length_px: float) -> RowFit:
    """Fit both views to matches among which many may be false, with a focal length that may be far off."""
    centre = ((shape[1] - 1) / 2, (shape[0] - 1) / 2)
    return fit_rows(first, focal_length_px, centre, BOTH_VIEWS, ASSUMED_FOCAL, OTHER_ZOOM)


def lies_on_its_side(rough: RowFit, first: SparseMatches, shape: tuple[int, int], focal_length_px: float) -> bool:
    """Tell whether the right view stands above or below the left one: turned by a quarter, rows agree and columns move.

    Args:
        rough: `fit_rough` of the matches as they are.
        first: The matches.
        shape: Height and width of the views [px].
        focal_length_px: Of the left view.
    """
    limit, gap = _BAD_GAP * first.pixel, _typical_gap(rough, first)
    if gap <= limit and _has_parallax(rough, first, shape):
        return False
    turned, lying = turned_matches(first, shape[1]), (shape[1], shape[0])
    fit = fit_rough(turned, lying, focal_length_px)
    on_side = _typical_gap(fit, turned)
    return on_side <= limit and (on_side < _HALF * gap or gap <= limit) and _has_parallax(fit, turned, lying)


def turned_matches(matches: SparseMatches, width: int) -> SparseMatches:
    """Return the matches of views that are turned a quarter counterclockwise."""
    left, right = (np.column_stack([view[:, 1], width - 1 - view[:, 0]]) for view in (matches.left, matches.right))
    return SparseMatches(left, right, matches.left_grey, matches.right_grey, matches.pixel)


def choose_views(alone: RowFit, both: RowFit, matches: SparseMatches) -> tuple[Method, RowFit, Homographies]:
    """Prefer to turn the right view alone, which leaves truth and other maps of the left view as they are."""
    gaps = [gap_percentile(fit.homographies, matches, percent) for fit in (alone, both) for percent in (50, 95)]
    saved = (_BETTER_PX * matches.pixel, _BETTER_PX * matches.pixel)
    needed = any(
        gaps[place + 2] < min(_CLEARLY_BETTER * gaps[place], gaps[place] - saved[place]) for place in (0, 1)
    )  # fmt: skip
    return ("both views", both, both.homographies) if needed else ("right view", alone, alone.homographies)


def _check_parallax(fit: RowFit, matches: SparseMatches, shape: tuple[int, int]) -> None:
    if not _has_parallax(fit, matches, shape):
        raise ValueError(
            "A turn of the camera alone explains both photos, so there is no depth to find. Move the camera sideways between "
            "the photos."
        )


def _has_parallax(fit: RowFit, matches: SparseMatches, shape: tuple[int, int]) -> bool:
    """Tell whether disparities differ, or are more than the uncertainty of the turn; a wall has one for all."""
    disparity = fit.homographies.disparity(matches)
    low, middle, high = np.percentile(disparity, (5, 50, 95))
    sure = max(_SURE * fit.constant_error_px, _FLAT_SHARE * shape[1])
    return bool(high - low > _FLAT_PX * matches.pixel or abs(middle) > sure)


def _typical_gap(fit: RowFit, matches: SparseMatches) -> float:
    return gap_percentile(fit.homographies, matches, 50)


def _upright(homographies: Homographies, shape: tuple[int, int]) -> bool:
    return is_upright(homographies.left, shape) and is_upright(homographies.right, shape)


def turned_features(found: FoundFeatures) -> FoundFeatures:
    """Return the features of views that are turned a quarter counterclockwise; descriptors turn with both views alike."""
    height, width = found.shape

    def turned(points: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.column_stack([points[:, 1], width - 1 - points[:, 0]]).astype(np.float32)

    sides = [type(side)(turned(side.points), side.descriptors, side.grey) for side in (found.left, found.right)]
    return FoundFeatures(sides[0], sides[1], found.likeness, (width, height), found.pixel)
