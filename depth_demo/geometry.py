"""The vocabulary: four kinds of map, a stereo camera, a rectified pair, and the conversions between them.

NaN is the only mark of "no measurement". Nothing here imports more than NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

RgbImage = NDArray[np.uint8]
Mask = NDArray[np.bool_]
LARGEST = 1e12  # of lengths in pixels and metres: products of two still fit into float32


class DepthKind(Enum):
    """What the numbers of a map mean; they must never be mixed up."""

    RELATIVE_INVERSE_DEPTH = "relative inverse depth"  # no unit: known up to scale and shift
    RELATIVE_DEPTH = "relative depth"  # no unit: depth itself up to scale and shift, which inverting would break
    DISPARITY = "disparity"  # px at the map's own width
    METRIC_DEPTH = "depth"  # m

    @property
    def unit(self) -> str:
        return {"disparity": "px", "depth": "m"}.get(self.value, "")

    @property
    def label(self) -> str:
        return f"{self.value} [{self.unit}]" if self.unit else f"{self.value} (no unit)"

    @property
    def nearer_is_larger(self) -> bool:
        return self not in {DepthKind.METRIC_DEPTH, DepthKind.RELATIVE_DEPTH}


@dataclass(frozen=True, slots=True, eq=False)
class DepthMap:
    """One value per pixel of the left (or only) image.

    Attributes:
        values: (H, W) float32, read-only; NaN where there is no measurement, finite elsewhere. Metric depth is > 0. They are
            a copy of the given ones, unless these are read-only float32 already.
        kind: What the values mean.
        remark: What a model says of this map in particular, in sentences; "" for most.
        focal_length: That metres were computed with, where a model needs one.
        spread: (H, W) float32 in the map's own unit: how far several answers of one model differ; None if it gave one.
    """

    values: NDArray[np.float32]
    kind: DepthKind
    remark: str = ""
    focal_length: FocalLength | None = None
    spread: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        with np.errstate(over="ignore"):  # becomes infinite, which is refused below
            values = self.values if _is_frozen(self.values) else np.array(self.values, dtype=np.float32)
        if values.ndim != 2 or values.size == 0:
            raise ValueError(f"A depth map has shape (H, W), this one has {values.shape}.")
        if np.isinf(values).any():
            raise ValueError("A depth map holds finite values, and NaN for no measurement; this one is infinite somewhere.")
        if self.kind is DepthKind.METRIC_DEPTH and (values <= 0).any():
            raise ValueError(f"Metric depth is larger than 0 m; the smallest value here is {np.nanmin(values):g}.")
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    @property
    def valid(self) -> Mask:
        """(H, W) bool: where there is a measurement."""
        return ~np.isnan(self.values)

    @property
    def is_empty(self) -> bool:
        """Whether there is no measurement at all."""
        return all(np.isnan(row).all() for row in self.values)  # the first row says it of most maps

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width [px]."""
        height, width = self.values.shape
        return height, width

    def require(self, *kinds: DepthKind) -> None:
        """Raises ValueError, naming both sides, unless the map is of one of `kinds`."""
        if self.kind not in kinds:
            wanted = " or ".join(filter(None, (", ".join(kind.value for kind in kinds[:-1]), kinds[-1].value)))
            raise ValueError(f"This needs {wanted}, but the map holds {self.kind.value}.")


def _is_frozen(values: object) -> bool:
    """Whether this is an array of float32 that nobody can change, nor through another array."""
    if not isinstance(values, np.ndarray) or values.dtype != np.float32:
        return False
    return values.flags.owndata and not values.flags.writeable


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rectified stereo camera: Z = f B / (d + doffs).

    Attributes:
        focal_length_px: Focal length f [px] at the image's own width.
        baseline_m: Distance B between the two cameras [m].
        doffs_px: Difference of the principal points' columns, cx_right - cx_left [px] (Middlebury's `doffs`).
        focal_length_y_px: Focal length along a column [px]; None where it equals f.
        principal_point_px: Column and row of the left view's principal point [px], 0 at the centre of the first pixel; None
            where it is the image centre.
    """

    focal_length_px: float
    baseline_m: float
    doffs_px: float = 0.0
    focal_length_y_px: float | None = None
    principal_point_px: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        lengths = {"Focal length": self.focal_length_px, "Baseline": self.baseline_m}
        if self.focal_length_y_px is not None:
            lengths["Vertical focal length"] = self.focal_length_y_px
        for name, value in lengths.items():
            if not (is_real_number(value) and value > 0):
                raise ValueError(f"{name} must be a number larger than 0, not {number_text(value)}.")
        if not is_real_number(self.doffs_px):
            raise ValueError(f"doffs must be a finite number of pixels, not {number_text(self.doffs_px)}.")
        for value in self.principal_point_px or ():
            if not is_real_number(value):
                raise ValueError(f"The principal point must be a finite number of pixels, not {number_text(value)}.")

    def scaled(self, factor: float) -> Calibration:
        """The same camera for images resized by `factor` (0.5 = half the width)."""
        point, vertical = self.principal_point_px, self.focal_length_y_px
        return Calibration(
            self.focal_length_px * factor,
            self.baseline_m,
            self.doffs_px * factor,
            vertical and vertical * factor,
            point and ((point[0] + 0.5) * factor - 0.5, (point[1] + 0.5) * factor - 0.5),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """What each pixel of the left view shows, where somebody has said so.

    Attributes:
        ids: (H, W) uint8.
        names: A word for each id; a pixel whose id has none is of no class.
    """

    ids: NDArray[np.uint8]
    names: Mapping[int, str]


@dataclass(frozen=True, slots=True, eq=False)
class StereoPair:
    """Two rectified views of one scene.

    Attributes:
        left, right: (H, W, 3) uint8 RGB of equal size; a point at column x on the left is at x - disparity on the right.
        calibration: The camera, when known; without it disparity cannot become metres.
        ground_truth: Disparity or metric depth of the left view, of the same size, when known.
        name: Shown to people.
        labels: What the left view shows, of the same size, when known.
        counted: (H, W) bool: the pixels whose truth a benchmark's mask counts; None without a mask.
        seen: (H, W) bool each: where the left and the right view show something, and not the black beside a turned view;
            None where they do everywhere.
    """

    left: RgbImage
    right: RgbImage
    calibration: Calibration | None = None
    ground_truth: DepthMap | None = None
    name: str = ""
    labels: Labels | None = None
    counted: Mask | None = None
    seen: tuple[Mask, Mask] | None = None

    def __post_init__(self) -> None:
        for side, image in (("left", self.left), ("right", self.right)):
            _check_image(side, image)
        if self.left.shape != self.right.shape:
            raise ValueError(
                f"Left and right must have the same size, but left is {size_text(self.left)} "
                f"and right is {size_text(self.right)} pixels."
            )
        _check_beside(self.left, self.ground_truth, self.labels, self.counted)
        for mask in self.seen or ():
            if mask.shape != self.left.shape[:2]:
                raise ValueError(
                    f"What a view shows must be told of each of its {size_text(self.left)} pixels, not of {size_text(mask)}."
                )


@dataclass(frozen=True, slots=True, eq=False)
class SingleView:
    """One view with its ground truth, where there is no second view to match.

    Attributes:
        left: (H, W, 3) uint8 RGB.
        ground_truth: Disparity or metric depth of the view, of the same size.
        calibration, labels, counted: As in `StereoPair`.
    """

    left: RgbImage
    ground_truth: DepthMap
    calibration: Calibration | None = None
    labels: Labels | None = None
    counted: Mask | None = None

    def __post_init__(self) -> None:
        _check_image("left", self.left)
        self.ground_truth.require(DepthKind.DISPARITY, DepthKind.METRIC_DEPTH)
        _check_beside(self.left, self.ground_truth, self.labels, self.counted)


def _check_image(side: str, image: RgbImage) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(f"The {side} image must be (H, W, 3) uint8 RGB, not {image.shape} {image.dtype}.")


def _check_beside(left: RgbImage, truth: DepthMap | None, labels: Labels | None, counted: Mask | None) -> None:
    """Raise ValueError unless all that is known of a view has its size, and a mask has truth with a pixel that it counts."""
    maps: tuple[tuple[str, NDArray[np.generic] | None], ...] = (
        ("ground truth", truth.values if truth else None), ("label map", labels.ids if labels else None), ("mask", counted)
    )  # fmt: skip
    for what, values in maps:
        if values is not None and values.shape != left.shape[:2]:
            raise ValueError(
                f"The {what} must have the size of the left image, {size_text(left)} pixels, but it is {size_text(values)}."
            )
    if counted is None:
        return
    if truth is None:
        raise ValueError("A mask says which pixels of the ground truth count: choose the ground truth too.")
    if not (truth.valid & counted).any():
        raise ValueError("The mask counts no pixel that has ground truth: check that both belong to this view.")


def size_text(array: NDArray[np.generic]) -> str:
    """'640x480': width by height, as people write it."""
    return f"{array.shape[1]}x{array.shape[0]}"


def megapixels(array: NDArray[np.generic]) -> float:
    """To two digits."""
    return round(array.shape[0] * array.shape[1] / 1e6, 2)


def is_grey(image: RgbImage) -> bool:
    """Whether an image (H, W, 3) has three equal channels."""
    return bool((image == image[..., :1]).all())


def disparity_to_depth(disparity: DepthMap, calibration: Calibration) -> DepthMap:
    """Triangulate Z = f B / (d + doffs) (Scharstein et al., GCPR 2014, for the offset).

    Args:
        disparity: (H, W) disparity [px], NaN where unmatched.
        calibration: The camera at the map's own width.

    Returns:
        Depth [m]; NaN where unmatched or where d + doffs <= 0, a point at infinity or behind it.

    Raises:
        ValueError: If the map is not disparity.
    """
    disparity.require(DepthKind.DISPARITY)
    with np.errstate(divide="ignore", over="ignore"):
        depth = calibration.focal_length_px * calibration.baseline_m / (disparity.values + np.float32(calibration.doffs_px))
    return DepthMap(np.where((depth > 0) & np.isfinite(depth), depth, np.nan), DepthKind.METRIC_DEPTH)


def depth_to_disparity(depth: DepthMap, calibration: Calibration) -> DepthMap:
    """The inverse of `disparity_to_depth`: d = f B / Z - doffs, NaN where there is no depth (or float32 cannot hold d).

    Raises:
        ValueError: If the map is not metric depth.
    """
    depth.require(DepthKind.METRIC_DEPTH)
    with np.errstate(over="ignore"):
        disparity = calibration.focal_length_px * calibration.baseline_m / depth.values - np.float32(calibration.doffs_px)
    return DepthMap(np.where(np.isfinite(disparity), disparity, np.nan), DepthKind.DISPARITY)


def focal_length_px_from_35mm(focal_length_35mm: float, height: int, width: int) -> float:
    """Focal length [px] from the 35-mm-equivalent focal length [mm], through the diagonal of the 36x24 mm frame."""
    return focal_length_35mm * math.hypot(height, width) / math.hypot(24, 36)


ASSUMED_FOCAL_35MM = 28.0  # mm, the main camera of a typical phone


@dataclass(frozen=True, slots=True)
class FocalLength:
    """A focal length [px] and where it is from, in words to be shown.

    Attributes:
        pixels: At the width of the image.
        source: Words.
        assumed: Whether nobody knows it, and a typical one stands in.
    """

    pixels: float
    source: str
    assumed: bool = False


def choose_focal_length(typed_px: float | None, exif_px: float | None, image: RgbImage) -> FocalLength:
    """The typed focal length unless it is 0, else the photo's own, else that of a typical phone, which is said.

    Raises:
        ValueError: If the typed one is not larger than 0.
    """
    if typed_px:
        if not (is_real_number(typed_px) and typed_px > 0):
            raise ValueError(f"Focal length must be a number larger than 0, not {number_text(typed_px)}.")
        return FocalLength(typed_px, "as given")
    if exif_px:
        return FocalLength(exif_px, "from the photo's EXIF data")
    return typical_focal_length(*image.shape[:2])


def typical_focal_length(height: int, width: int) -> FocalLength:
    """Return the focal length of a typical phone, for an image of this size, where nobody knows the real one."""
    lens = f"assumed: a {ASSUMED_FOCAL_35MM:g} mm lens (35 mm equivalent), as in phones"
    return FocalLength(focal_length_px_from_35mm(ASSUMED_FOCAL_35MM, height, width), lens, assumed=True)


def back_project(
    depth: NDArray[np.float32],
    focal_length_px: float,
    rows: NDArray[np.intp] | None = None,
    columns: NDArray[np.intp] | None = None,
    camera: Calibration | None = None,
) -> NDArray[np.float32]:
    """Pixels to points of a pinhole camera.

    Args:
        depth: (H, W) distance along the optical axis, in any unit, NaN where there is none.
        focal_length_px: At this width.
        rows: Which rows to take; None takes all.
        columns: Which columns to take; None takes all.
        camera: Tells the vertical focal length and the principal point where they are known; else the principal point is
            the image centre.

    Returns:
        (rows, columns, 3) float32 in the same unit: x to the right, y down, z forward; NaN where there is no depth.
    """
    height, width = depth.shape
    rows = np.arange(height) if rows is None else rows
    columns = np.arange(width) if columns is None else columns
    z = depth[np.ix_(rows, columns)]
    centre_x, centre_y = principal_point(depth.shape, camera)
    x = (columns - centre_x) / focal_length_px
    y = (rows - centre_y) / ((camera and camera.focal_length_y_px) or focal_length_px)
    return np.stack((x * z, y[:, np.newaxis] * z, z), axis=-1, dtype=np.float32)


def principal_point(shape: tuple[int, ...], camera: Calibration | None) -> tuple[float, float]:
    """Column and row of the camera's principal point [px]; the centre of an image of this shape where it is not known."""
    height, width = shape
    return (camera and camera.principal_point_px) or ((width - 1) / 2, (height - 1) / 2)


def is_real_number(value: object) -> bool:
    """Whether this is a real number of a size that can be meant, and no truth value."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    return bool(-LARGEST <= value <= LARGEST)


def number_text(value: object) -> str:
    """A number in six digits, anything else in a few characters, for a sentence about it."""
    return f"{value:g}" if isinstance(value, float | np.floating) else f"{value!r:.40}"
