"""Multi-picture files (MPO, CIPA DC-007): JPEG files in one, two of which may be the views of a stereo camera."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from PIL import ImageFile
from PIL.MpoImagePlugin import MpoImageFile

from depth_demo.formats.jpeg import APP2, bodies, segments
from depth_demo.formats.pictures import damage_as_sentence

_HEAD = b"MPF\0"
_ENTRIES = 0xB002
_BASELINE = 0xB206
_DISPARITY = "Multi-Frame Image: (Disparity)"  # as Pillow spells type 0x020002
_EXTRAS = ("Large Thumbnail", "Multi-Frame")  # frames that are something else than a second view
_UNKNOWN = 0xFFFFFFFF
_RATIONAL = 5
_MAX_DIRECTORIES, _MAX_TAGS = 4, 100


@dataclass(frozen=True, slots=True, eq=False)
class MpoFrames:
    """The two frames of an MPO file.

    Attributes:
        first, second: Each a JPEG file without the index of both.
        baseline_m: Distance between the cameras [m], where the index tells it.
    """

    first: bytes
    second: bytes
    baseline_m: float | None


def frame_types(image: ImageFile.ImageFile) -> tuple[str, ...]:
    """Return what each frame of an MPO file is by its index; () for any other file."""
    if not isinstance(image, MpoImageFile) or not image.mpinfo:
        return ()
    return tuple(str(entry["Attribute"]["MPType"]) for entry in image.mpinfo[_ENTRIES])


def is_marked_pair(types: tuple[str, ...]) -> bool:
    """Say whether the frames are the two views of a stereo camera by their types."""
    return types == (_DISPARITY, _DISPARITY)


def may_be_pair(types: tuple[str, ...]) -> bool:
    """Say whether the frames can be two views by their types; software that writes MPO files rarely sets the type."""
    return is_marked_pair(types) or (len(types) == 2 and not types[1].startswith(_EXTRAS))


def split_frames(image: ImageFile.ImageFile, content: bytes) -> MpoFrames:
    """Return both frames of an MPO file, each as the JPEG file that it is.

    Each frame then has its own EXIF data; Pillow keeps those of the first frame where the second one has none.

    Raises:
        ValueError: If the second frame is not there.
    """
    with damage_as_sentence("second frame"):
        image.seek(1)
    start = int(getattr(image, "offset", 0))
    first, second = content[:start], content[start:]
    return MpoFrames(_without_index(first), _without_index(second), _baseline_m(second) or _baseline_m(first))


def _without_index(frame: bytes) -> bytes:
    for segment in segments(frame):
        if segment.marker == APP2 and segment.body.startswith(_HEAD):
            return frame[: segment.start] + frame[segment.end :]
    return frame


def _baseline_m(frame: bytes) -> float | None:
    """Return the distance between the cameras [m] by the index in a frame; None where it is unknown."""
    index = next(bodies(frame, APP2, _HEAD), b"")
    numerator, denominator = _rational(index, _BASELINE)
    return None if {0, _UNKNOWN} & {numerator, denominator} else numerator / denominator


def _rational(tiff: bytes, wanted: int) -> tuple[int, int]:
    """Return numerator and denominator of a tag in any directory of the index; (0, 0) where it is not there."""
    order = ">" if tiff.startswith(b"MM") else "<"
    try:
        (place,) = struct.unpack_from(f"{order}I", tiff, 4)
        for _ in range(_MAX_DIRECTORIES):
            if not place:
                break
            (count,) = struct.unpack_from(f"{order}H", tiff, place)
            for tag in range(min(count, _MAX_TAGS)):
                name, kind, _, where = struct.unpack_from(f"{order}HHII", tiff, place + 2 + 12 * tag)
                if (name, kind) == (wanted, _RATIONAL):
                    numerator, denominator = struct.unpack_from(f"{order}II", tiff, where)
                    return numerator, denominator
            (place,) = struct.unpack_from(f"{order}I", tiff, place + 2 + 12 * count)
    except struct.error:
        pass
    return 0, 0
