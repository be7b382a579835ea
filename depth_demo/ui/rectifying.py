"""A pair that was rectified on the page: its files in the fields, what belongs to it, and what a run makes of it."""

from __future__ import annotations

import math
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import numpy as np

from depth_demo.comparison.results import Match
from depth_demo.comparison.upright import UprightMatch
from depth_demo.formats.cameras.rigs import StereoRig
from depth_demo.formats.photos import load_pair_of_photos
from depth_demo.formats.writers import save_picture
from depth_demo.geometry import Calibration, DepthKind, DepthMap, StereoPair, depth_to_disparity
from depth_demo.render.files import photo_name
from depth_demo.stereo.matched import MatcherSettings
from depth_demo.stereo.preflight import SearchRange
from depth_demo.stereo.rectification.constant import (
    Constant,
    constant_at_infinity,
    constant_from_distance,
    constant_from_truth,
)
from depth_demo.stereo.rectify import Rectified, rectify
from depth_demo.ui.calibration import Numbers, ReadFile, calibration_from

FROM_EXIF = "The focal length of {:.0f} px is from the left photo's EXIF data."
BEST_CASE = "Fitting to the truth is a best case: in real use there is no truth to fit to."
WITHHELD = "No depth in metres: the constant that all disparities share is not known. Fit it under Metres, above."
TURNED = (
    "As one camera stood above the other, both views lie a quarter counterclockwise in their fields and files, as they are "
    "matched along rows. Maps and surfaces are turned back: they lie as the photos do, and disparity runs along columns."
)
MATCHED_AGAIN = (
    "Infinity is at {:.1f} px, but the search range began at {} px: the pair was matched again over {}, so that it holds "
    "infinity."
)
NEGLIGIBLE_PX = 0.5  # by which infinity may lie outside the search range
REACH_PX = 10  # around a click: the nearest pixel that was matched is taken
Files = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class RectifiedPair:
    """What a click on "Rectify" made.

    Attributes:
        given: The files of both views as the visitor gave them.
        files: Those that took their places.
        found: The rectified pair.
        said: What was done, in sentences.
        numbers: Focal length, baseline and doffs that the fields were given.
        before: What these fields held, and the calibration file that had filled them.
        constant: What was fitted to a point; None before that.
        token: Tells results apart.
    """

    given: Files
    files: Files
    found: Rectified
    said: str
    numbers: Numbers
    before: tuple[Numbers, ReadFile | None]
    constant: Constant | None = None
    token: str = field(default_factory=lambda: uuid4().hex)

    @property
    def is_free(self) -> bool:
        """Whether no calibration tells the constant of all disparities."""
        return self.found.baseline_m is None

    @property
    def known(self) -> Rectified:
        """The rectified pair with the constant that was fitted to a point, and the lengths that were given then."""
        if self.constant is None:
            return self.found
        focal, baseline, _ = self.numbers
        found = replace(self.found, focal_length_px=focal or self.found.focal_length_px)
        return found.with_constant(self.constant, baseline or None)

    def knows(self, camera: Calibration | None) -> bool:
        """Tell whether the constant is known: from the calibration, fitted, or typed as doffs."""
        return not self.is_free or self.constant is not None or bool(camera and camera.doffs_px)

    def pair(self, camera: Calibration | None) -> StereoPair:
        """Return the rectified pair with this camera, or without one while the constant is not known."""
        return replace(self.found.pair, calibration=camera if self.knows(camera) else None)

    def upright(self, match: Match) -> Match:
        """Return a match of the pair as the photos lie: turned back where the views were turned a quarter to be matched."""
        return UprightMatch.of(match) if self.found.is_turned else match

    def words(self, camera: Calibration | None, *, is_judged: bool = False) -> str:
        """Say what was done, and why there may be no metres.

        Args:
            camera: Of the fields.
            is_judged: Whether there is a truth, to which the constant is then fitted.
        """
        if is_judged and self.is_free:
            free = fitted = ""
        else:
            free = "" if self.knows(camera) else WITHHELD
            fitted = self.constant.text if self.constant else ""
        return " ".join(filter(None, (f"Rectified. {self.said}", TURNED if self.found.is_turned else "", fitted, free)))


def current(made: RectifiedPair | None, left: str | None, right: str | None) -> RectifiedPair | None:
    """Return what was made if the fields still hold its files; else None."""
    return made if made and made.files == (left, right) else None


def camera_of(
    made: RectifiedPair | None, focal: float | None, baseline: float | None, doffs: float | None, read: ReadFile | None
) -> Calibration | None:
    """Return the camera of the fields, as `calibration_from`.

    Of a pair that was rectified without a calibration one length alone gives none: it may have been there for that.

    Raises:
        ValueError: If only one length is 0, but not of such a pair.
    """
    if made and made.is_free and not (focal and baseline):
        return None
    return calibration_from(focal, baseline, doffs, read)


def rectify_files(
    left: str | None, right: str | None, rig: StereoRig | None, focal_length_px: float | None
) -> tuple[Rectified, str]:
    """Rectify two photos; return the pair, and what was done in sentences.

    Args:
        left, right: Files of both views.
        rig: The calibration; None rectifies by the photos' own matches.
        focal_length_px: As typed; 0 or None takes that of the EXIF data, else assumes a phone's.

    Raises:
        ValueError: If a file cannot be read, or the photos cannot be rectified.
    """
    photos = load_pair_of_photos(left, right)
    exif, said = photos[0].focal_length_px, []
    if rig is None and not focal_length_px and exif:
        focal_length_px, said = exif, [FROM_EXIF.format(exif)]
    found = rectify(photos[0].pixels, photos[1].pixels, rig, focal_length_px or None)
    notes = dict.fromkeys(photo.note for photo in photos if photo.note)
    return found, " ".join([*notes, *said, found.description])


def write_files(left: str, found: Rectified, cache: str) -> Files:
    """Write the rectified views as PNG where Gradio serves files from; a left view that is as it was keeps its file."""
    Path(cache).mkdir(parents=True, exist_ok=True)
    folder, name = Path(tempfile.mkdtemp(dir=cache)), photo_name(left)
    right = str(save_picture(folder, f"{name}_rectified_right", found.pair.right))
    if found.keeps_left and np.array_equal(load_pair_of_photos(left, right)[0].pixels, found.pair.left):
        return left, right
    return str(save_picture(folder, f"{name}_rectified_left", found.pair.left)), right


def misses_infinity(constant: Constant, settings: MatcherSettings) -> bool:
    """Tell whether infinity lies below the search range by more than is negligible."""
    return -constant.doffs_px <= settings.min_disparity - NEGLIGIBLE_PX


def reaching_infinity(settings: MatcherSettings, disparity_px: float) -> SearchRange:
    """Return the search range of the settings, with its lower end moved down to a disparity where it begins above it.

    The upper end stays; the length grows in steps of 16 px, as OpenCV takes it.
    """
    missing = settings.min_disparity - (math.floor(disparity_px) - 1)
    more = 16 * max(math.ceil(missing / 16), 0)
    return SearchRange(settings.min_disparity - more, settings.num_disparities + more)


def with_range(settings: MatcherSettings, search: SearchRange) -> MatcherSettings:
    """Return the settings of any matcher with another search range.

    Raises:
        ValueError: If the matcher cannot search it.
    """
    wider: Any = replace(cast("Any", settings), **asdict(search))
    return cast("MatcherSettings", wider)


def note_on_infinity(constant: Constant, settings: MatcherSettings) -> str:
    """Say that far points were not searched for, where the constant tells so; else ""."""
    if not misses_infinity(constant, settings):
        return ""
    return (
        f"Infinity is at {-constant.doffs_px:.1f} px, but the search range begins at {settings.min_disparity} px: far points "
        "are not matched, as these views are too small for a wider range."
    )


def fit_to_point(
    disparity: DepthMap,
    made: RectifiedPair,
    place: tuple[int, int],
    distance_m: float,
    focal_length_px: float | None = None,
    baseline_m: float | None = None,
) -> Constant:
    """Fit the constant to a point: to one that is very far, or, if its distance is larger than 0, to that distance.

    Raises:
        ValueError: If nothing was matched near the point, or the distance comes without a baseline.
    """
    column, row = nearest_matched(disparity, *place)
    if not distance_m:
        fitted = constant_at_infinity(disparity, [(column, row)])
        return replace(fitted, source=f"the far point at column {column}, row {row}", spread_px=float("nan"))
    if not baseline_m:
        raise ValueError("A measured distance gives the constant only with the baseline: fill it in under Calibration.")
    return constant_from_distance(
        disparity, (column, row), distance_m, focal_length_px or made.found.focal_length_px, baseline_m
    )


def nearest_matched(disparity: DepthMap, column: int, row: int) -> tuple[int, int]:
    """Return the column and row of the matched pixel nearest to a place.

    Raises:
        ValueError: If the place is outside the picture, or nothing within `REACH_PX` was matched.
    """
    height, width = disparity.shape
    if not (0 <= column < width and 0 <= row < height):
        raise ValueError(f"Column {column}, row {row} is outside the picture of {width}x{height} pixels.")
    top, left = max(row - REACH_PX, 0), max(column - REACH_PX, 0)
    rows, columns = np.nonzero(disparity.valid[top : row + REACH_PX + 1, left : column + REACH_PX + 1])
    if not rows.size:
        raise ValueError(
            f"Nothing within {REACH_PX} px of column {column}, row {row} was matched: choose a point with texture, such as an "
            "edge of a far building."
        )
    nearest = int(np.argmin((rows + top - row) ** 2 + (columns + left - column) ** 2))
    return int(columns[nearest]) + left, int(rows[nearest]) + top


def with_fitted_truth(
    pair: StereoPair, disparity: DepthMap, made: RectifiedPair, camera: Calibration | None
) -> tuple[StereoPair, Constant]:
    """Fit the free constant of a pair to its truth, and bring the camera and the truth to the disparities of the pair.

    Z = f B / (d + doffs): depth stays, and a true disparity becomes smaller by doffs.

    Args:
        pair: The rectified pair with its truth.
        disparity: What was matched.
        made: How the pair was rectified.
        camera: Of the fields. A doffs that was fitted to a point is none of the truth's.

    Raises:
        ValueError: If too few pixels have both, or the truth is depth and there is no camera.
    """
    truth = pair.ground_truth
    if truth is None:
        raise ValueError("The constant is fitted to a truth, and there is none.")
    own = 0.0 if made.constant or camera is None else camera.doffs_px
    if truth.kind is DepthKind.METRIC_DEPTH:
        if camera is None:
            raise ValueError("Depth in metres becomes disparity only with a calibration: give focal length and baseline.")
        ideal = depth_to_disparity(truth, replace(camera, doffs_px=0.0))
        constant = constant_from_truth(disparity, ideal)
        return replace(pair, calibration=replace(camera, doffs_px=constant.doffs_px)), constant
    constant = constant_from_truth(disparity, truth)
    shifted = replace(truth, values=truth.values - np.float32(constant.doffs_px))
    fitted = camera and replace(camera, doffs_px=constant.doffs_px + own)
    return replace(pair, calibration=fitted, ground_truth=shifted), constant
