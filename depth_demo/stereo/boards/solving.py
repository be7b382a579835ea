"""Fit cameras to the corners of boards, and leave out the photos that disagree with all others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.cameras.documents import Size
from depth_demo.formats.cameras.rig import Lens, Matrix
from depth_demo.stereo.boards.board import Board
from depth_demo.stereo.boards.finding import MIN_CORNERS, SeenBoard

MIN_PHOTOS = 6
_OUTLIER, _OUTLIER_PX = 3.0, 0.5  # times the median of all photos, and at least this much
_ALIKE_DEGREES = 8.0  # boards whose tilts differ by less do not tell the focal length
_UNSURE = 0.03  # share of the focal length
_NO_PAIR_PX, _OF_WIDTH = 4.0, 640  # of photos of this width: above, most pairs are none
_ONE_TIME = "Check that the names pair photos that were taken at one time."
_THIRD_PAYS = 0.98  # of the residual with two radial coefficients: below, a third one is kept


@dataclass(frozen=True, slots=True, eq=False)
class CameraFit:
    """One camera.

    Attributes:
        lens: Its matrix and distortion.
        rms_px: Root of the mean square distance between corners and where the fit has them [px].
        photos: The same of each photo that counted [px].
        left_out: Photos that disagreed, and by how much [px].
        focal_error: Standard error of the focal length, as a share of it.
        tilts_degrees: By how much the most tilted board differs from the boards' mean direction.
    """

    lens: Lens
    rms_px: float
    photos: Mapping[str, float]
    left_out: Mapping[str, float]
    focal_error: float
    tilts_degrees: float


@dataclass(frozen=True, slots=True, eq=False)
class PairFit:
    """Where the right camera stands.

    Attributes:
        lenses: Of both cameras, refined with the pose where most photos are pairs.
        rotation, translation_m: x_right = rotation x_left + translation.
        rms_px, photos, left_out: As in `CameraFit`, over both views.
    """

    lenses: tuple[Lens, Lens]
    rotation: Matrix
    translation_m: Matrix
    rms_px: float
    photos: Mapping[str, float]
    left_out: Mapping[str, float]


def fit_camera(seen: Mapping[str, SeenBoard], board: Board, size: Size, side: str) -> CameraFit:
    """Fit one camera (Zhang, PAMI 2000, as OpenCV has it), without the photos that disagree with the rest.

    Args:
        seen: The board in each photo, by name.
        board: The board.
        size: Height and width of the photos [px].
        side: "left" or "right", for refusals.

    Raises:
        ValueError: If fewer than 6 photos are left, or their boards are all tilted alike.
    """
    kept, out = dict(seen), dict[str, float]()
    while True:
        if len(kept) < MIN_PHOTOS:
            raise ValueError(
                f"Only {len(kept)} photos of the {side} camera show the board and agree, and {MIN_PHOTOS} are needed."
            )
        errors, fit = _solve(kept, board, size)
        worst = _worst(errors)
        if worst is None:
            break
        out[worst] = errors.pop(worst)
        del kept[worst]
    if fit.tilts_degrees < _ALIKE_DEGREES or not fit.focal_error < _UNSURE:
        raise ValueError(
            f"The boards in the photos of the {side} camera are all tilted alike, so their distance and the focal length "
            "cannot be told apart: tilt the board by 20 to 40 degrees to all sides."
        )
    return replace(fit, left_out=out)


def _solve(seen: Mapping[str, SeenBoard], board: Board, size: Size) -> tuple[dict[str, float], CameraFit]:
    corners = board.corners
    places = [corners[each.ids] for each in seen.values()]
    points = [each.points.reshape(-1, 1, 2) for each in seen.values()]
    sides = (size[1], size[0])
    plain = cv2.calibrateCameraExtended(places, points, sides, np.eye(3), np.zeros(5), flags=cv2.CALIB_FIX_K3)
    third = cv2.calibrateCameraExtended(places, points, sides, np.eye(3), np.zeros(5))
    rms, k, distortion, turns, _, deviations, _, errors = third if third[0] < _THIRD_PAYS * plain[0] else plain
    normals = np.array([cv2.Rodrigues(turn)[0][:, 2] for turn in turns])
    mean = normals.mean(axis=0)
    cosine = np.clip(normals @ mean / max(float(np.linalg.norm(mean)), 1e-12), -1, 1)
    by_name = dict(zip(seen, np.ravel(errors).tolist(), strict=True))
    lens = Lens(np.asarray(k, np.float64), np.ravel(distortion).astype(np.float64)[:5])
    sure = float(deviations.ravel()[0] / k[0, 0])
    return by_name, CameraFit(lens, float(rms), by_name, {}, sure, float(np.degrees(np.arccos(cosine.min()))))


def fit_pair(
    left: Mapping[str, SeenBoard], right: Mapping[str, SeenBoard], lenses: tuple[Lens, Lens], board: Board, size: Size
) -> PairFit:
    """Fit the pose of the right camera to pairs of photos, without those that disagree with the rest.

    Where at least half of each camera's photos are pairs, both lenses are then refined together with the pose: what one
    camera alone cannot tell from a tilt of the board, such as its principal point, the other one can.

    Args:
        left, right: The board in each photo, by the name of the pair.
        lenses: Of both cameras.
        board: The board.
        size: Height and width of the left photos [px].

    Raises:
        ValueError: If fewer than 6 pairs are left, or most disagree.
    """
    kept, out = shared_corners(left, right), dict[str, float]()
    while True:
        if len(kept) < MIN_PHOTOS:
            raise ValueError(
                f"Only {len(kept)} pairs show the board in both photos and agree with one pose of the cameras, and "
                f"{MIN_PHOTOS} are needed. {_ONE_TIME}"
            )
        fit = _solve_pair(kept, lenses, board, size, cv2.CALIB_FIX_INTRINSIC)
        worst = _worst(fit.photos)
        if worst is None:
            break
        out[worst] = fit.photos[worst]
        del kept[worst]
    if fit.rms_px > _NO_PAIR_PX * size[1] / _OF_WIDTH:
        raise ValueError(f"No pose of the cameras explains the pairs: they disagree by {fit.rms_px:.0f} px. {_ONE_TIME}")
    if 2 * len(kept) >= max(len(left), len(right)):
        fixed = 0 if any(len(lens.distortion) > 4 and lens.distortion[4] for lens in lenses) else cv2.CALIB_FIX_K3
        fit = _solve_pair(kept, lenses, board, size, cv2.CALIB_USE_INTRINSIC_GUESS | fixed)
    return replace(fit, left_out=out)


def _solve_pair(
    kept: Mapping[str, tuple[SeenBoard, SeenBoard]], lenses: tuple[Lens, Lens], board: Board, size: Size, flags: int
) -> PairFit:
    corners = board.corners
    places = [corners[one.ids] for one, _ in kept.values()]
    points = [[pair[side].points.reshape(-1, 1, 2) for pair in kept.values()] for side in (0, 1)]
    first, second = (Lens(lens.k.copy(), lens.distortion.copy()) for lens in lenses)  # OpenCV writes into them
    rms, k1, d1, k2, d2, turn, shift, _, _, _, _, each = cv2.stereoCalibrateExtended(
        places, points[0], points[1], first.k, first.distortion, second.k, second.distortion, (size[1], size[0]),
        np.eye(3), np.zeros((3, 1)), flags=flags,
    )  # fmt: skip
    errors = dict(zip(kept, np.asarray(each).max(axis=1).tolist(), strict=True))
    found = [Lens(np.asarray(k, np.float64), np.ravel(d).astype(np.float64)) for k, d in ((k1, d1), (k2, d2))]
    return PairFit(
        (found[0], found[1]), np.asarray(turn, np.float64), np.ravel(shift).astype(np.float64), float(rms), errors, {}
    )


def shared_corners(left: Mapping[str, SeenBoard], right: Mapping[str, SeenBoard]) -> dict[str, tuple[SeenBoard, SeenBoard]]:
    """Return both views of each pair with the corners that both show, and in the same order.

    A chessboard that looks the same after half a turn may be read from either end: the right view is read as the left one.
    """
    both = {}
    for name in left.keys() & right.keys():
        one, other = left[name], right[name]
        ids, first, second = np.intersect1d(one.ids, other.ids, return_indices=True)
        if len(ids) < MIN_CORNERS:
            continue
        one, other = (SeenBoard(ids, s.points[at], s.how) for s, at in ((one, first), (other, second)))
        both[name] = (one, other if _runs_alike(one.points, other.points) or one.how == "CharucoDetector" else other.flipped)
    return dict(sorted(both.items()))


def _runs_alike(left: NDArray[np.float32], right: NDArray[np.float32]) -> bool:
    return bool((left[-1] - left[0]) @ (right[-1] - right[0]) > 0)


def _worst(errors: Mapping[str, float]) -> str | None:
    """Return the photo that disagrees most; None where none does."""
    limit = max(_OUTLIER * float(np.median(list(errors.values()))), _OUTLIER_PX)
    name = max(errors, key=lambda each: errors[each])
    return name if errors[name] > limit else None
