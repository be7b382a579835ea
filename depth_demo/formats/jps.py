"""Two views in one picture, as halves: what a JPS marker, the name of the file or the likeness of the halves says of them."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

import cv2
import numpy as np

from depth_demo.formats.jpeg import APP3, bodies
from depth_demo.formats.likeness import COMPARED_SIDE, Likeness, NoPairError, compare_pictures
from depth_demo.formats.shrinking import halved
from depth_demo.geometry import RgbImage, size_text

MIN_SIDE = 32  # of a half, as of any photo
SCREEN = 16 / 9  # width over height
NARROWEST, WIDEST = 1.2, 2.1  # of halves that nobody doubts; square ones are common in pairs side by side
WIDER_THAN_ALL = 2.4  # of halves one above the other
_SAME = 0.02  # of two shapes
CROSSED_ENDINGS = (".jps", ".pns")  # right eye first, for people who squint
_HEAD = b"_JPSJPS_"
_STEREO = 1
_HALF_HEIGHT, _HALF_WIDTH, _LEFT_FIRST = 1, 2, 4
_NO_HALVES = {1: "interleaves both views row by row", 4: "holds both views as an anaglyph"}


class Arrangement(Enum):
    """How two views lie in one picture."""

    SIDE_BY_SIDE = "side by side"
    OVER_UNDER = "one above the other"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the views lie in one picture.

    Attributes:
        arrangement: Side by side, or one above the other.
        left_first: Whether the left view is the left or upper half.
        squeezed: Whether the halves have half their width (side by side) or height, so that they are to be stretched.
        why: A sentence that says what told this.
        doubt: Why the halves may be squeezed, and how they are taken without an answer, in a sentence; "" where that is
            told, answered, or of no concern.
    """

    arrangement: Arrangement
    left_first: bool
    squeezed: bool
    why: str
    doubt: str = ""

    @property
    def left_half(self) -> str:
        """Name the half that is the left view."""
        if self.arrangement is Arrangement.SIDE_BY_SIDE:
            return "left half" if self.left_first else "right half"
        return "upper half" if self.left_first else "lower half"


def layout_of_marker(content: bytes) -> Layout | None:
    """Return the layout that a JPS marker in a JPEG file tells (VRex, "JPS file format", 1998); None without a marker.

    Raises:
        ValueError: If the marker says that there is one view only, or that the views are no halves.
    """
    block = next(bodies(content, APP3, _HEAD), None)
    if block is None or len(block) < 6:
        return None
    _, flags, layout, media = struct.unpack_from(">4B", block, 2)
    if media != _STEREO:
        raise ValueError(f"The JPS marker says that the file holds no pair (type {media}; {_STEREO} is stereo).")
    if layout not in {2, 3}:
        how = _NO_HALVES.get(layout, f"has layout {layout}")
        raise ValueError(f"The file {how}, by its JPS marker; views side by side or one above the other can be read.")
    arrangement = Arrangement.SIDE_BY_SIDE if layout == 2 else Arrangement.OVER_UNDER
    squeezed = bool(flags & (_HALF_WIDTH if layout == 2 else _HALF_HEIGHT))
    first = "left" if flags & _LEFT_FIRST else "right"
    shape = f", at half their {'width' if layout == 2 else 'height'}" if squeezed else ""
    return Layout(arrangement, first == "left", squeezed, f"Its marker says: {arrangement.value}, {first} view first{shape}.")


def find_layout(content: bytes, name: str, pixels: RgbImage, *, squeezed: bool | None = None) -> Layout:
    """Return where the two views lie in a picture: by its marker, its name, or the likeness of its halves.

    Args:
        content: The bytes of the file.
        name: Its name; `.jps` and `.pns` have the right view first.
        pixels: (H, W, 3) uint8 RGB of the whole picture.
        squeezed: Whether the halves are, where a person said so; None takes the marker's word, or doubts.

    Raises:
        NoPairError: If no two halves show one scene from two places.
        ValueError: If the marker says that the picture holds no pair, or none that can be cut into halves.
    """
    layout = layout_of_marker(content)
    if layout is None:
        layout = _doubted(_unmarked_layout(name, pixels), pixels)
    return layout if squeezed is None else _answered(layout, squeezed=squeezed)


def _unmarked_layout(name: str, pixels: RgbImage) -> Layout:
    """Return where the views lie by the name of the file, or by the likeness of the halves."""
    ending = Path(name).suffix.lower()
    if ending in CROSSED_ENDINGS:
        why = f"The name ends with {ending}, and such files have the right view first."
        return Layout(Arrangement.SIDE_BY_SIDE, left_first=False, squeezed=False, why=why)
    smaller = halved(pixels, 4 * COMPARED_SIDE, 4 * COMPARED_SIDE)  # once for both
    alike = {arrangement: likeness_of(smaller, arrangement) for arrangement in Arrangement}
    found = [arrangement for arrangement, likeness in alike.items() if likeness is not None and likeness.is_pair]
    if not found:
        raise NoPairError("The file holds no pair that could be found: no two halves show one scene from two places.")
    arrangement = max(found, key=lambda one: getattr(alike[one], "share", 0.0))
    half = "left" if arrangement is Arrangement.SIDE_BY_SIDE else "upper"
    why = f"The halves show one scene from two places. Which is which is not said; mostly the {half} one is the left view."
    return Layout(arrangement, left_first=True, squeezed=False, why=why)


def likeness_of(pixels: RgbImage, arrangement: Arrangement) -> Likeness | None:
    """Compare the halves of a picture; None where they are too small to be views."""
    first, second = halves(pixels, arrangement)
    return compare_pictures(first, second) if min(first.shape[:2]) >= MIN_SIDE else None


def _doubted(layout: Layout, pixels: RgbImage) -> Layout:
    """Return the layout of an unmarked picture, with a doubt where its halves have a shape that photos rarely have.

    Without an answer, halves of a picture that has the shape of a screen are taken as squeezed, as films are stored, and
    so are halves one above the other that are wider than any panorama of two views; others are taken as they are.
    """
    height, width = pixels.shape[:2]
    first, _ = halves(pixels, layout.arrangement)
    shape = first.shape[1] / first.shape[0]
    if layout.arrangement is Arrangement.SIDE_BY_SIDE:
        is_unusual = shape < NARROWEST and abs(shape - 1) > _SAME
        squeezed = abs(width / height / SCREEN - 1) < _SAME
    else:
        is_unusual, squeezed = shape > WIDEST, shape >= WIDER_THAN_ALL
    if not is_unusual:
        return layout
    taken = f"squeezed, and stretched to {_twice(layout.arrangement)}" if squeezed else "not squeezed"
    doubt = (
        f"Each half is {size_text(first)} pixels, an unusual shape, so the halves may be squeezed. They are taken as {taken}."
    )
    return replace(layout, squeezed=squeezed, doubt=doubt)


def _answered(layout: Layout, *, squeezed: bool) -> Layout:
    """Return the layout with a person's word on its halves."""
    if squeezed:
        said = f"The halves are squeezed, as was answered, so they are stretched to {_twice(layout.arrangement)}."
    else:
        said = "The halves are not squeezed, as was answered, so they keep their shape."
    return replace(layout, squeezed=squeezed, why=f"{layout.why} {said}", doubt="")


def _twice(arrangement: Arrangement) -> str:
    return f"twice their {'width' if arrangement is Arrangement.SIDE_BY_SIDE else 'height'}"


def halves(pixels: RgbImage, arrangement: Arrangement) -> tuple[RgbImage, RgbImage]:
    """Return the left and the right, or the upper and the lower half, of equal sizes."""
    height, width = pixels.shape[:2]
    if arrangement is Arrangement.SIDE_BY_SIDE:
        return pixels[:, : width // 2], pixels[:, width - width // 2 :]
    return pixels[: height // 2], pixels[height - height // 2 :]


def cut(pixels: RgbImage, layout: Layout) -> tuple[RgbImage, RgbImage]:
    """Return the left and the right view of a picture that holds both, stretched where they are squeezed.

    Raises:
        ValueError: If a view is smaller than `MIN_SIDE`.
    """
    views = halves(pixels, layout.arrangement)
    if min(views[0].shape[:2]) < MIN_SIDE:
        raise ValueError(f"The halves are {size_text(views[0])} pixels; each side needs {MIN_SIDE} pixels or more.")
    if layout.squeezed:
        wide, high = (2, 1) if layout.arrangement is Arrangement.SIDE_BY_SIDE else (1, 2)
        first, second = (np.asarray(cv2.resize(view, None, fx=wide, fy=high), np.uint8) for view in views)
    else:
        first, second = (np.ascontiguousarray(view) for view in views)
    return (first, second) if layout.left_first else (second, first)
