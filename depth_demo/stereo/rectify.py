"""Rectify two photos as people have them: with a full calibration, or with a focal length and the photos' own matches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.cameras.rig import StereoRig
from depth_demo.geometry import (
    Calibration,
    FocalLength,
    RgbImage,
    StereoPair,
    choose_focal_length,
    size_text,
)
from depth_demo.stereo.features import SparseMatches, find_features, match_features
from depth_demo.stereo.preflight import check_two_views
from depth_demo.stereo.rectification import matched
from depth_demo.stereo.rectification.calibrated import AUTOMATIC, BroughtView, rectify_rig, sampled, sampled_inside, turn_rig
from depth_demo.stereo.rectification.quality import Quality
from depth_demo.stereo.rectification.rectified import QUARTER, Rectified
from depth_demo.stereo.rectification.rows import RowQuality, measure_rows
from depth_demo.stereo.rectification.turns import Homographies, moved, seen, share_in_view, warped

__all__ = ["Rectified", "rectify"]

SecondTry = Callable[[RgbImage, RgbImage], SparseMatches]
MIN_KEPT = 1 / 3  # of a view's pixels
LENSES = (0.05, 200)  # focal lengths, as a share of the longer side: 169 degrees of view, and a telescope
FEW_MATCHES = 100  # of SIFT, below which a second try is made
_WORKING_WIDTH = 600  # px: to find features is most of the time, and matches are refined on the views themselves
_FEW = 10  # matches, below which nothing is said of the rows


def rectify(
    left: RgbImage,
    right: RgbImage,
    calibration: StereoRig | None = None,
    focal_length_px: float | None = None,
    alpha: float = AUTOMATIC,
    second_try: SecondTry | None = None,
) -> Rectified:
    """Turn two photos so that each point lies in the same row of both.

    Args:
        left, right: (H, W, 3) uint8 RGB; the right one may have another size.
        calibration: Both cameras with their lenses, rotation and distance: exact, and in metres. It is scaled to the photos
            where their shape is that of the pictures for which it holds.
        focal_length_px: Of the left photo, for a pair without calibration. None assumes a phone's, and says so.
        alpha: With a calibration: 0 shows no black, 1 every pixel; the default is OpenCV's own choice.
        second_try: Matches two views of one size where SIFT finds fewer than 100 matches, such as `LearnedMatcher`.

    Raises:
        ValueError: If the photos cannot be rectified, with the reason.
    """
    if left.shape == right.shape:
        check_two_views(StereoPair(left, right))
    if calibration is not None:
        return _by_calibration(left, right, calibration, alpha)
    return _by_matches(left, right, focal_length_px, second_try)


def _by_calibration(left: RgbImage, right: RgbImage, rig: StereoRig, alpha: float) -> Rectified:
    sizes = [(view.shape[0], view.shape[1]) for view in (left, right)]
    rig = rig.for_size(sizes[0], sizes[1])
    said = [rig.description]
    is_turned = bool(abs(rig.translation_m[1]) > abs(rig.translation_m[0]))
    if is_turned:
        rig, said = turn_rig(rig), [*said, _TURNED]
        left, right = (_turned(view) for view in (left, right))
    shape = (left.shape[0], left.shape[1])
    brought = BroughtView.of(right, shape) if right.shape != left.shape else None
    if brought:
        rig = replace(rig, right=brought.lens(rig.right), right_size=None)
        said.append(
            f"The right view has {size_text(right)} pixels and was brought to the left one's {size_text(left)} on the way."
        )
    camera = rectify_rig(rig, shape, alpha)
    left_maps, right_maps = camera.maps
    turns = camera.homographies
    if brought:
        right, right_maps = brought.view, brought.maps(right_maps)
        turns = Homographies(turns.left, turns.right @ brought.place)
    sides = ((left, left_maps), (right, right_maps))
    masks = [sampled_inside(maps, (view.shape[0], view.shape[1])) for view, maps in sides]
    kept = min(*camera.kept, *(float(mask.mean()) for mask in masks))
    _check_kept(kept, f"the calibration with an alpha of {alpha:g}")
    views = [sampled(view, maps) for view, maps in sides]
    calibration = Calibration(
        camera.focal_length_px, camera.baseline_m, camera.right_point[0] - camera.left_point[0],
        principal_point_px=camera.left_point,
    )  # fmt: skip
    pair = StereoPair(views[0], views[1], calibration, seen=(masks[0], masks[1]))
    said.append(
        f"Both views were rectified with it: focal length {camera.focal_length_px:.1f} px, baseline {camera.baseline_m:.4g} m."
    )
    quality = Quality(_rows_of(pair), None, kept)
    return Rectified(
        pair, masks[0], masks[1], quality, " ".join(filter(None, said)),
        camera.focal_length_px, camera.left_point, camera.right_point, camera.baseline_m, calibration.doffs_px, 0.0,
        turns, is_turned, left_maps,
    )  # fmt: skip


def _by_matches(left: RgbImage, right: RgbImage, focal_length_px: float | None, second_try: SecondTry | None) -> Rectified:
    focal = choose_focal_length(focal_length_px, None, left)
    _check_lens(focal.pixels, left)
    said = [f"Focal length {focal.pixels:.0f} px, {focal.source}."]
    source, bring = right, np.eye(3)  # it is sampled once, by everything that moves its pixels
    resized = right.shape != left.shape
    if resized:
        right, bring, note = _brought_to(left, right)
        said.append(note)
    found = find_features(StereoPair(left, right), _WORKING_WIDTH)
    first = matched.match_wide(found)
    learned = second_try(left, right) if second_try is not None and len(first) < FEW_MATCHES else None
    if learned is not None:
        said.append(f"SIFT found only {len(first)} matches, ALIKED and LightGlue {len(learned)}: the more were taken.")
        learned = learned if len(learned) > len(first) else None
        first = learned or first
    if len(first) < matched.MIN_MATCHES:
        raise matched.refuse_few(len(first), left, source)
    rough = matched.fit_rough(first, found.shape, focal.pixels)
    matched.refuse_forward(rough, first, found.shape)
    is_turned = matched.lies_on_its_side(rough, first, found.shape, focal.pixels)
    if is_turned:
        said.append(_TURNED)
        quarter = np.array([[0.0, 1, 0], [-1, 0, left.shape[1] - 1], [0, 0, 1]])
        learned = matched.turned_matches(learned, left.shape[1]) if learned else None
        first, found = matched.turned_matches(first, left.shape[1]), matched.turned_features(found)
        left, right, bring = _turned(left), _turned(right), quarter @ bring
        rough = matched.fit_rough(first, found.shape, focal.pixels)
    shape = (left.shape[0], left.shape[1])
    result = matched.rectify_by_matches(
        (left, right), found, first, rough, focal.pixels, assumed=focal.assumed, other_zoom=resized, learned=learned
    )
    turns = result.homographies
    whole = turns.right @ bring
    source_shape = (source.shape[0], source.shape[1])
    valid = np.ones(shape, np.bool_) if turns.keeps_left else seen(shape, turns.left, shape)
    right_valid = seen(source_shape, whole, shape)
    shares = share_in_view(turns.left, shape, shape), share_in_view(whole, source_shape, shape)
    kept = min(*shares, float(valid.mean()), float(right_valid.mean()))
    _check_kept(kept, "this turn")
    left_view = left if turns.keeps_left else warped(left, turns.left, shape)
    pair = StereoPair(left_view, warped(source, whole, shape), seen=(valid, right_valid))
    rows = measure_rows(moved(turns.left, result.matches.left), turns.row_gap(result.matches), shape)
    before = measure_rows(result.first.left, result.first.row_gap, shape)
    said.append(_what_was_done(result))
    metric, note = _focal_for_metres(focal, result)
    said.append(note)
    centre = ((shape[1] - 1) / 2, (shape[0] - 1) / 2)
    return Rectified(
        pair, valid, right_valid, Quality(rows, before, kept), " ".join(filter(None, said)), metric,
        centre, centre, None, None, result.constant_error_px, Homographies(turns.left, turns.right), is_turned, fit=result.fit,
    )  # fmt: skip


_TURNED = "One camera stood above the other, so both views were turned a quarter counterclockwise."


def _what_was_done(result: matched.MatchedRectification) -> str:
    fit = result.fit
    roll, pitch, yaw = (f"{np.degrees(angle):.2f}" for angle in (fit.roll, fit.pitch, fit.yaw))
    count = len(result.matches)
    if result.method == "essential matrix":
        return f"Both views were turned by the pose of the cameras, found from {count} matches."
    angles = f"by {roll} degrees of roll, {pitch} of pitch and {yaw} of yaw, and scaled by {1 / fit.zoom:.4f}"
    if result.method == "right view":
        return (
            f"The right view alone was turned, {angles}, until {count} matches lay in their rows; the left one is untouched."
        )
    own = f"the left one by {np.degrees(fit.left_roll):.2f} degrees of roll and {np.degrees(fit.left_yaw):.2f} of yaw"
    return f"Both views were turned until {count} matches lay in their rows: the right one {angles}, {own}."


def _focal_for_metres(given: FocalLength, result: matched.MatchedRectification) -> tuple[float, str]:
    """Return the focal length that makes metres [px], and what to say of it.

    A given one does unless the matches contradict it: they tell it to a few percent, less well than whoever knows it, and
    better than a guess.
    """
    own = result.focal_length_px
    if result.method == "essential matrix":
        return own, ""
    if given.assumed:
        return own, f"The matches themselves say {own:.0f} px; depth is computed with that."
    if abs(own / given.pixels - 1) <= matched.GIVEN_FOCAL:
        return given.pixels, (
            f"The matches agree with the focal length within {100 * matched.GIVEN_FOCAL:.0f} %, so depth is computed with "
            f"{given.pixels:.1f} px."
        )
    return own, f"The matches contradict the focal length: they say {own:.1f} px; depth is computed with that."


def _turned(view: RgbImage) -> RgbImage:
    return np.asarray(cv2.rotate(view, QUARTER), np.uint8)


def _brought_to(left: RgbImage, right: RgbImage) -> tuple[RgbImage, NDArray[np.float64], str]:
    """Return the right view at the size of the left one, the matrix that does it, and what to say."""
    shape = (left.shape[0], left.shape[1])
    brought = BroughtView.of(right, shape)
    note = f"The right view has {size_text(right)} pixels and was brought to the left one's {size_text(left)}."
    return warped(brought.view, brought.own, shape), brought.place, note


def _rows_of(pair: StereoPair) -> RowQuality | None:
    matches = match_features(pair)
    return (
        measure_rows(matches.left, matches.row_gap, (pair.left.shape[0], pair.left.shape[1])) if len(matches) >= _FEW else None
    )


def _check_lens(focal_length_px: float, left: RgbImage) -> None:
    side = max(left.shape[:2])
    low, high = (share * side for share in LENSES)
    if not low <= focal_length_px <= high:
        raise ValueError(
            f"A focal length of {focal_length_px:g} px is that of no lens before {size_text(left)} pixels: it is between "
            f"{low:.4g} and {high:.4g} px. Leave it at 0 if you do not know it."
        )


def _check_kept(kept: float, what: str) -> None:
    if kept < MIN_KEPT:
        raise ValueError(f"After {what}, only {kept:.0%} of a view would be left, and at least a third is needed.")
