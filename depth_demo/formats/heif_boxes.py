"""Read what Pillow's HEIF reader does not tell: where the camera of each picture of a spatial photo stood.

Only the boxes that lead there are read, by their lengths. Nothing is decoded.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_MAX_BOXES = 10_000  # of one level
_CAMERA = b"cmex"
_CAMERA_UUID = bytes.fromhex("4363e9145b7d4aab97aebea69803b434")  # the same box in files of Apple
_HAS_X = 1


def camera_x_um(content: bytes, item: int) -> int:
    """Return how far to the right the camera of a picture stood [micrometres]; 0 where the file does not tell.

    Args:
        content: The bytes of a HEIF file.
        item: The number of the picture's item.
    """
    try:
        meta = _first(content, (0, len(content)), b"meta")
        properties = _first(content, (meta[0] + 4, meta[1]), b"iprp")
        container = [span for _, span in _boxes(content, _first(content, properties, b"ipco"))]
        kinds = [kind for kind, _ in _boxes(content, _first(content, properties, b"ipco"))]
        for index in _properties_of(content, _first(content, properties, b"ipma"), item):
            if not 1 <= index <= len(container):
                continue
            body = content[slice(*container[index - 1])]
            if kinds[index - 1] == b"uuid" and body.startswith(_CAMERA_UUID):
                body = body[len(_CAMERA_UUID) :]
            elif kinds[index - 1] != _CAMERA:
                continue
            flags = int.from_bytes(body[1:4], "big")
            return int(struct.unpack_from(">i", body, 4)[0]) if flags & _HAS_X else 0
    except (LookupError, struct.error):
        pass
    return 0


def _boxes(content: bytes, span: tuple[int, int]) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Yield the kind of each box and where its content lies."""
    place, end = span
    for _ in range(_MAX_BOXES):
        if place + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", content, place)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, place + 8)
            head = 16
        stop = end if size == 0 else place + size
        if 0 < size < head or stop > end:
            return
        yield kind, (place + head, stop)
        place = stop


def _first(content: bytes, span: tuple[int, int], wanted: bytes) -> tuple[int, int]:
    """Return where the content of the first box of a kind lies; KeyError where there is none."""
    for kind, inside in _boxes(content, span):
        if kind == wanted:
            return inside
    raise KeyError(wanted)


def _properties_of(content: bytes, span: tuple[int, int], wanted: int) -> list[int]:
    """Return the numbers of an item's properties, from 1, by the box `ipma` (ISO/IEC 23008-12, 9.3.1)."""
    place, end = span
    version, wide = content[place], bool(content[place + 3] & 1)
    (entries,) = struct.unpack_from(">I", content, place + 4)
    place += 8
    for _ in range(min(entries, _MAX_BOXES)):
        if place >= end:
            break
        item, count = struct.unpack_from(">HB" if version < 1 else ">IB", content, place)
        place += 3 if version < 1 else 5
        numbers = struct.unpack_from(f">{count}{'H' if wide else 'B'}", content, place)
        if item == wanted:
            return [number & (0x7FFF if wide else 0x7F) for number in numbers]
        place += count * (2 if wide else 1)
    return []
