"""Calibrate a stereo pair from photos of a board: find it, fit both cameras and their pose, say what is doubtful."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from depth_demo.formats.cameras.documents import Size
from depth_demo.formats.cameras.rig import StereoRig
from depth_demo.formats.photos import load_photo
from depth_demo.stereo.boards.board import Board
from depth_demo.stereo.boards.coverage import Coverage
from depth_demo.stereo.boards.finding import Grey, SeenBoard, find_board, recognise_chessboard, recognise_markers
from depth_demo.stereo.boards.names import PhotoPairs, pair_photos
from depth_demo.stereo.boards.solving import MIN_PHOTOS, CameraFit, PairFit, fit_camera, fit_pair

FEW_PHOTOS = 12
_COVERED = 0.5  # of the picture's fields
_ROUGH_PX = 1.0
_TO_RECOGNISE = 3  # photos


@dataclass(frozen=True, slots=True, eq=False)
class BoardPhotos:
    """The board in one pair of photos.

    Attributes:
        name: Of the pair.
        left, right: The board; None where it is not found.
        left_size, right_size: Height and width of the photos [px].
    """

    name: str
    left: SeenBoard | None
    right: SeenBoard | None
    left_size: Size
    right_size: Size


@dataclass(frozen=True, slots=True, eq=False)
class BoardCalibration:
    """Two cameras from photos of a board.

    Attributes:
        rig: The cameras, for `depth_demo.stereo.rectify.rectify`.
        board: What was looked for.
        left, right, pair: The fits, with their residuals.
        coverage: Where the left and the right camera saw the board.
        left_out: What was left out, a name and a reason each, in the order of the names.
        warnings: What is doubtful, in sentences.
        found_by: In how many photos that counted which function of OpenCV found the board.
    """

    rig: StereoRig
    board: Board
    left: CameraFit
    right: CameraFit
    pair: PairFit
    coverage: tuple[Coverage, Coverage]
    left_out: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    found_by: Mapping[str, int]


def calibrate_folder(
    folder: str | Path,
    board: Board | None,
    square_m: float,
    right: str | Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> BoardCalibration:
    """Calibrate from the photos of a folder, or of a left and a right one.

    Args:
        folder: With the photos of both cameras, paired by their names as `pair_photos` says, or those of the left one.
        board: None recognises how many corners a chessboard has; so do the markers of a ChArUco board without any.
        square_m: Side of a square [m], where the board is recognised.
        right: The folder of the right photos.
        tell: Is told, photo by photo, what was found.

    Raises:
        ValueError, OSError: As `pair_photos`, `load_photo` and `calibrate`.
    """
    photos = pair_photos(Path(folder), Path(right) if right is not None else None)
    first = [path for _, path, _ in photos.pairs[:_TO_RECOGNISE]]
    if board is None:
        board = Board(*recognise_chessboard(map(_grey, first)), square_m)
    elif board.marker_m is not None and not board.markers:
        board = recognise_markers(map(_grey, first), board)
    found = calibrate(_found_in(photos, board, tell), board)
    alone = tuple((path.name, "there is no photo of the other camera") for path in photos.alone)
    order = (
        ("The names do not tell which photos belong together: they were paired in their order.",) if photos.by_order else ()
    )
    return replace(found, left_out=(*found.left_out, *alone), warnings=(*order, *found.warnings))


def _found_in(photos: PhotoPairs, board: Board, tell: Callable[[str], None]) -> Iterable[BoardPhotos]:
    for name, *paths in photos.pairs:
        greys = [_grey(path) for path in paths]
        left, right = (find_board(grey, board) for grey in greys)
        tell(f"{name}: {_count(left)} corners on the left, {_count(right)} on the right")
        sizes: list[Size] = [(grey.shape[0], grey.shape[1]) for grey in greys]
        yield BoardPhotos(name, left, right, sizes[0], sizes[1])


def _grey(path: Path) -> Grey:
    return np.asarray(cv2.cvtColor(load_photo(path).pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _count(seen: SeenBoard | None) -> int:
    return len(seen.ids) if seen else 0


def calibrate(photos: Iterable[BoardPhotos], board: Board) -> BoardCalibration:
    """Calibrate from boards that were found.

    Raises:
        ValueError: If too few photos show the board or agree, all boards are tilted alike, or the views are exchanged.
    """
    given = list(photos)
    if not given:
        raise ValueError("There are no photos of a board.")
    sizes = _most(photo.left_size for photo in given), _most(photo.right_size for photo in given)
    reasons = {photo.name: reason for photo in given if (reason := _odd(photo, sizes))}
    good = [photo for photo in given if photo.name not in reasons]
    left = {photo.name: photo.left for photo in good if photo.left}
    right = {photo.name: photo.right for photo in good if photo.right}
    both = len(left.keys() & right.keys())
    if both < MIN_PHOTOS:
        advice = (
            "Check the number of its corners." if both < len(given) / 2 else "Take more, with the board tilted to all sides."
        )
        raise ValueError(
            f"Only {both} of {len(given)} pairs show {board.text} in both photos, and {MIN_PHOTOS} are needed. {advice}"
        )
    reasons |= {photo.name: _lacking(photo) for photo in good if photo.left is None or photo.right is None}
    fits = fit_camera(left, board, sizes[0], "left"), fit_camera(right, board, sizes[1], "right")
    agreed = [{name: side[name] for name in fit.photos} for side, fit in zip((left, right), fits, strict=True)]
    pair = fit_pair(agreed[0], agreed[1], (fits[0].lens, fits[1].lens), board, sizes[0])
    x, y, _ = pair.translation_m
    if x > abs(y):
        raise ValueError("The photos that are named left were taken by the right camera: exchange the names.")
    for side, fit in zip(("left", "right"), fits, strict=True):
        reasons |= {
            name: f"its {side} photo is {error:.1f} px off, where all others have {fit.rms_px:.2f}"
            for name, error in fit.left_out.items()
        }
    reasons |= {
        name: f"its photos do not show one pose of the board: they are {error:.1f} px off"
        for name, error in pair.left_out.items()
    }
    seen = [
        Coverage(np.concatenate([s.points for s in side.values()]), size) for side, size in zip(agreed, sizes, strict=True)
    ]
    text = f"Calibrated from {len(pair.photos)} pairs of photos of {board.text}."
    rig = StereoRig(
        *pair.lenses,
        pair.rotation,
        pair.translation_m,
        sizes[0],
        text,
        sizes[1] if sizes[1] != sizes[0] else None,
    )
    found_by = Counter(each.how for side in agreed for each in side.values())
    doubts = tuple(_doubts(fits, pair, seen))
    out = tuple(sorted(reasons.items()))
    return BoardCalibration(rig, board, fits[0], fits[1], pair, (seen[0], seen[1]), out, doubts, found_by)


def _most(sizes: Iterable[Size]) -> Size:
    return Counter(sizes).most_common(1)[0][0]


def _odd(photo: BoardPhotos, sizes: tuple[Size, Size]) -> str:
    own = photo.left_size, photo.right_size
    for side, size, usual in zip(("left", "right"), own, sizes, strict=True):
        if size != usual:
            return f"its {side} photo has {size[1]}x{size[0]} pixels, and most have {usual[1]}x{usual[0]}"
    return ""


def _lacking(photo: BoardPhotos) -> str:
    if photo.left is None and photo.right is None:
        return "neither photo shows the board"
    return f"the {'right' if photo.left else 'left'} photo does not show the board"


def _doubts(fits: tuple[CameraFit, CameraFit], pair: PairFit, seen: Sequence[Coverage]) -> Iterable[str]:
    if len(pair.photos) < FEW_PHOTOS:
        yield f"{len(pair.photos)} pairs are few: {FEW_PHOTOS} or more make the result surer."
    for side, fit, coverage in zip(("left", "right"), fits, seen, strict=True):
        if fit.rms_px > _ROUGH_PX:
            yield f"The corners of the {side} photos are {fit.rms_px:.1f} px off: is the board flat, and are the photos sharp?"
        if coverage.missed:
            where = " and the ".join(coverage.missed) if len(coverage.missed) < 4 else "four"
            corner = "corner" if len(coverage.missed) == 1 else "corners"
            yield (
                f"The board never reached the {where} {corner} of the {side} view, so the distortion there is not known but "
                "extrapolated."
            )
        elif coverage.share < _COVERED:
            yield f"The boards cover only {coverage.share:.0%} of the {side} view: the distortion of the rest is extrapolated."
    if pair.rms_px > _ROUGH_PX:
        yield f"Both views disagree by {pair.rms_px:.1f} px: were the photos of a pair taken at one time?"
