"""Two views in one picture, as halves: what a JPS marker, the name of the file or the likeness of the halves says of them."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

import cv2
import numpy as np

from depth_demo.formats.jpeg import APP3, bodies
from depth_demo.formats.likeness import Likeness, compare_pictures
from depth_demo.geometry import RgbImage, size_text

MIN_SIDE = 32  # of a half, as of any photo
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
    """

    arrangement: Arrangement
    left_first: bool
    squeezed: bool
    why: str

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


def find_layout(content: bytes, name: str, pixels: RgbImage) -> Layout:
    """Return where the two views lie in a picture: by its marker, its name, or the likeness of its halves.

    Args:
        content: The bytes of the file.
        name: Its name; `.jps` and `.pns` have the right view first.
        pixels: (H, W, 3) uint8 RGB of the whole picture.

    Raises:
        ValueError: If the picture holds no pair, or none that can be cut into halves.
    """
    marked = layout_of_marker(content)
    if marked is not None:
        return marked
    ending = Path(name).suffix.lower()
    if ending in CROSSED_ENDINGS:
        why = f"The name ends with {ending}, and such files have the right view first."
        return _with_shape(Layout(Arrangement.SIDE_BY_SIDE, left_first=False, squeezed=False, why=why), pixels)
    alike = {arrangement: likeness_of(pixels, arrangement) for arrangement in Arrangement}
    found = [arrangement for arrangement, likeness in alike.items() if likeness is not None and likeness.is_pair]
    if not found:
        raise ValueError("The file holds no pair that could be found: no two halves show one scene from two places.")
    arrangement = max(found, key=lambda one: getattr(alike[one], "share", 0.0))
    half = "left" if arrangement is Arrangement.SIDE_BY_SIDE else "upper"
    why = f"The halves show one scene from two places. Which is which is not said; mostly the {half} one is the left view."
    return _with_shape(Layout(arrangement, left_first=True, squeezed=False, why=why), pixels)


def likeness_of(pixels: RgbImage, arrangement: Arrangement) -> Likeness | None:
    """Compare the halves of a picture; None where they are too small to be views."""
    first, second = halves(pixels, arrangement)
    return compare_pictures(first, second) if min(first.shape[:2]) >= MIN_SIDE else None


def _with_shape(layout: Layout, pixels: RgbImage) -> Layout:
    """Return the layout, stretched where the whole picture has the shape of a screen, and with a sentence on the shape."""
    height, width = pixels.shape[:2]
    shape = width / height
    first, _ = halves(pixels, layout.arrangement)
    if layout.arrangement is Arrangement.OVER_UNDER:
        if shape < 1.2:
            return layout
        said = f"The halves are very wide ({size_text(first)}), so they are stretched to twice their height."
        return replace(layout, squeezed=True, why=f"{layout.why} {said}")
    if abs(shape / (16 / 9) - 1) < 0.01:
        said = f"The whole has the shape of a screen ({width}x{height}), so the halves are stretched to twice their width."
        return replace(layout, squeezed=True, why=f"{layout.why} {said}")
    if shape < 2:
        said = f"Each half is {size_text(first)}: if things look too thin, the halves are squeezed; stretch them first."
        return replace(layout, why=f"{layout.why} {said}")
    return layout


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
