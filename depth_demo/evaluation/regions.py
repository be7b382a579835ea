"""Where in the picture errors lie: classes of pixels, each with its definition, and the errors of a map in each.

Textureless, occluded and depth edge are those of OpenCV's own regression test of its matchers
(`modules/calib3d/test/test_stereomatching.cpp`), after Scharstein and Szeliski, IJCV 2002.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.evaluation.alignment import UNIT_CAMERA
from depth_demo.geometry import DepthKind, DepthMap, Labels, Mask, RgbImage, depth_to_disparity

TEXTURELESS_BELOW = 4.0  # mean of (Sobel-x / 8)^2, in squared grey values per px
OCCLUDED_BY_PX = 1.0
GAP_PX = 2.0
GAP_SHARE = 0.1  # of the distance, where there are no pixels of disparity
EDGE_WIDTH = 9  # px
SATURATED_FROM = 250
Role = Literal["whole", "cause", "cause for stereo", "label"]


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """One class of pixels; a pixel can be of several.

    Attributes:
        name: Reads well after "the".
        definition: One sentence.
        mask: (H, W) bool; only pixels with truth.
        pixels: How many.
        role: All pixels, a possible cause of failure (of every method, or of stereo alone), or what is to be seen.
    """

    name: str
    definition: str
    mask: Mask
    pixels: int
    role: Role


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """What the definitions read: arguments of `find_regions`, and what follows from them.

    Attributes:
        hidden: The result of `occluded`; nothing is hidden from a camera that is not there.
        relief: Where steps are looked for: the truth in pixels, or in steps of `GAP_SHARE` of the distance.
        gap: The step that counts, in units of `relief`.
    """

    image: RgbImage
    truth: DepthMap
    band: Mask
    hidden: Mask
    relief: DepthMap
    gap: float
    far_below: float

    @property
    def seen(self) -> Mask:
        """(H, W) bool: pixels with truth that both cameras see."""
        return self.truth.valid & ~self.hidden


@dataclass(frozen=True, slots=True)
class _Definition:
    """One class of pixels.

    Attributes:
        name: As in `Region`.
        words: The definition; names in braces stand for what depends on the picture.
        pixels: Makes the mask.
        role: As in `Region`.
    """

    name: str
    words: str
    pixels: Callable[[_Scene], Mask]
    role: Role = "cause"


_DEFINITIONS = (
    _Definition("whole picture", "All pixels with truth.", lambda s: s.truth.valid, "whole"),
    _Definition(
        "textureless areas",
        f"{{Seen}} 3x3 mean of (Sobel-x / 8)\N{SUPERSCRIPT TWO} is below {TEXTURELESS_BELOW:g} (OpenCV's regression test).",
        lambda s: s.seen & textureless(s.image),
    ),
    _Definition(
        "occluded areas",
        "Hidden from the right camera: the true disparity leads outside its view, or to where one that is larger by "
        f"more than {OCCLUDED_BY_PX:g} px also leads (OpenCV's regression test).",
        lambda s: s.hidden,
        "cause for stereo",
    ),
    _Definition(
        "depth edges",
        f"{{within}} {EDGE_WIDTH // 2} px of a true step of more than {{gap}} between neighbours{{edge_source}}.",
        lambda s: s.seen & depth_edges(s.relief, s.gap),
    ),
    _Definition(
        "thin structures",
        "More than {gap} nearer than the truth after an opening by {square} (white top-hat).",
        lambda s: thin_structures(s.relief, s.gap),
    ),
    _Definition(
        "far points",
        "{far}.",
        lambda s: s.truth.values < s.far_below,
    ),
    _Definition(
        "unsearched band",
        "Columns for which the search range leaves the right view.",
        lambda s: s.truth.valid & s.band,
        "cause for stereo",
    ),
    _Definition(
        "saturated areas",
        f"A colour of the left view is {SATURATED_FROM} of 255 or more, where cameras clip.",
        lambda s: s.truth.valid & saturated(s.image),
    ),
)


_OF_TWO_VIEWS = {
    "Seen": "Seen by both cameras, and the",
    "within": "Seen by both cameras, and within",
    "gap": f"{GAP_PX:g} px",
    "edge_source": " (OpenCV's regression test)",
}


def find_regions(
    image: RgbImage, truth: DepthMap, band: Mask, labels: Labels | None = None, far_below: float | None = None
) -> tuple[Region, ...]:
    """Return all classes that have a pixel, the whole picture first, labels last.

    Args:
        image: (H, W, 3) uint8 RGB, the left view.
        truth: (H, W) disparity of the left view [px].
        band: (H, W) bool, where the search range leaves the right view.
        labels: What the pixels show, when known.
        far_below: Disparity under which a point is far [px]; None takes `half_median`.
    """
    far_below = half_median(truth) if far_below is None else far_below
    scene = _Scene(image, truth, band, occluded(truth), truth, GAP_PX, far_below)
    words = {
        **_OF_TWO_VIEWS,
        "far": f"True disparity below {far_below:.3g} px, half the median",
    }
    return _found(scene, _DEFINITIONS, words, labels)


def find_regions_of_one_view(
    image: RgbImage, truth: DepthMap, labels: Labels | None = None, far_below: float | None = None
) -> tuple[Region, ...]:
    """Return the classes that need no second view, in the order of `find_regions`.

    Args:
        image: (H, W, 3) uint8 RGB.
        truth: (H, W) disparity [px], or depth [m], whose edges are steps of more than 10 % of the distance.
        labels: As for `find_regions`.
        far_below: Disparity [px], or inverse depth [1/m], under which a point is far; None takes `half_median` of the truth.
    """
    in_metres = truth.kind is DepthKind.METRIC_DEPTH
    inverse = depth_to_disparity(truth, UNIT_CAMERA) if in_metres else truth
    far_below = half_median(inverse) if far_below is None else far_below
    steps = DepthMap(np.log(inverse.values) / np.log(1 + GAP_SHARE), DepthKind.RELATIVE_INVERSE_DEPTH) if in_metres else truth
    nowhere = np.zeros(truth.shape, bool)
    scene = _Scene(image, inverse, nowhere, nowhere, steps, 1.0 if in_metres else GAP_PX, far_below)
    words = {
        "Seen": "The",
        "within": "Within",
        "gap": f"{100 * GAP_SHARE:g} % of the distance" if in_metres else f"{GAP_PX:g} px",
        "edge_source": "" if in_metres else " (OpenCV's regression test)",
        "far": f"True depth above {1 / far_below:.3g} m, twice the median"
        if in_metres
        else f"True disparity below {far_below:.3g} px, half the median",
    }
    return _found(scene, [each for each in _DEFINITIONS if each.role != "cause for stereo"], words, labels)


def definitions_in_general() -> dict[str, str]:
    """Return the definitions of `find_regions` by name, for pictures of any size and distance."""
    words = {
        **_OF_TWO_VIEWS,
        "far": "True disparity below half the median of the pair",
        "square": "a square of 1 % of the width, at least 5 px",
    }
    return {each.name: each.words.format(**words) for each in _DEFINITIONS}


def _found(
    scene: _Scene, definitions: Sequence[_Definition], words: Mapping[str, str], labels: Labels | None
) -> tuple[Region, ...]:
    """Return the classes that have a pixel, with their definitions in words."""
    side = thin_side(scene.truth.shape)
    rows = [
        (each.name, each.words.format(square=f"{side}x{side} px", **words), each.pixels(scene), each.role)
        for each in definitions
    ]
    if labels is not None:
        rows += [
            (name, f"Labelled '{name}' in the bundled example.", scene.truth.valid & (labels.ids == number), "label")
            for number, name in labels.names.items()
        ]
    regions = (Region(name, words, mask, int(np.count_nonzero(mask)), role) for name, words, mask, role in rows)
    return tuple(region for region in regions if region.pixels)


def half_median(truth: DepthMap) -> float:
    """Return half of the median disparity [px]: points below it are far."""
    return float(np.median(truth.values[truth.valid])) / 2


def textureless(image: RgbImage, side: int = 3) -> Mask:
    """Find where the mean of (Sobel-x / 8)^2 over a square is below `TEXTURELESS_BELOW`.

    Args:
        image: (H, W, 3) uint8 RGB.
        side: Of the square [px].

    Returns:
        (H, W) bool.
    """
    gradient = cv2.Sobel(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    return np.asarray(cv2.sqrBoxFilter(gradient, cv2.CV_32F, (side, side)) < TEXTURELESS_BELOW)


def occluded(truth: DepthMap) -> Mask:
    """Return (H, W) bool: x - d is outside the right view, or a truth that is nearer by more than 1 px lands there too.

    Args:
        truth: (H, W) disparity of the left view [px]; unknown pixels are not occluded and hide nothing.
    """
    height, width = truth.shape
    rows, columns = np.nonzero(truth.valid)
    disparity = truth.values[rows, columns]
    landing = columns - np.rint(disparity).astype(np.intp)
    inside = (landing >= 0) & (landing < width)
    target = rows * width + np.clip(landing, 0, width - 1)
    nearest = np.full(height * width, -np.inf, np.float32)
    np.maximum.at(nearest, target[inside], disparity[inside])
    mask = np.zeros(truth.shape, bool)
    mask[rows, columns] = ~inside | (nearest[target] > disparity + np.float32(OCCLUDED_BY_PX))
    return mask


def depth_edges(truth: DepthMap, step: float = GAP_PX) -> Mask:
    """Return (H, W) bool: within 4 px of a pixel whose disparity differs by more than a step from one of its 8 neighbours.

    Args:
        truth: (H, W) disparity [px], or other numbers that are larger nearer; unknown pixels are no neighbours.
        step: In the unit of `truth`.
    """
    square = np.ones((3, 3), np.uint8)
    gap = np.maximum(
        cv2.dilate(_known_or(truth, -np.inf), square) - truth.values,
        truth.values - cv2.erode(_known_or(truth, np.inf), square),
    )
    return cv2.dilate((gap > step).astype(np.uint8), np.ones((EDGE_WIDTH, EDGE_WIDTH), np.uint8)).astype(bool)


def thin_side(shape: tuple[int, int]) -> int:
    """Return the side of the square that no thin structure can hold [px]: an odd 1 % of the width, 5 px or more."""
    return max(shape[1] // 100 | 1, 5)


def thin_structures(truth: DepthMap, step: float = GAP_PX) -> Mask:
    """Return (H, W) bool: nearer by more than a step than after an opening with a square of `thin_side` (white top-hat).

    Args:
        truth: (H, W) disparity [px], or other numbers that are larger nearer; unknown pixels are left out, so nothing is
            thin against an unknown background.
        step: In the unit of `truth`.
    """
    square = np.ones((thin_side(truth.shape),) * 2, np.uint8)
    eroded = cv2.erode(_known_or(truth, np.inf), square)
    opened = cv2.dilate(np.where(np.isinf(eroded), np.float32(-np.inf), eroded), square)
    return np.asarray(truth.values - opened > step)


def saturated(image: RgbImage) -> Mask:
    """Return (H, W) bool: a channel of (H, W, 3) uint8 RGB is `SATURATED_FROM` or more."""
    red, green, blue = cv2.split(image)
    return np.asarray(cv2.max(cv2.max(red, green), blue) >= SATURATED_FROM)


def _known_or(truth: DepthMap, other: float) -> NDArray[np.float32]:
    return np.where(truth.valid, truth.values, np.float32(other))
