"""Walk the segments of a JPEG file, which stand before its pixels and hold what cameras have to say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

JPEG_MAGIC = b"\xff\xd8"
APP1, APP2, APP3 = 0xE1, 0xE2, 0xE3
MAX_SEGMENTS = 10_000  # a file of 100 MB in extended XMP has some 1,500
_START_OF_SCAN, _END = 0xDA, 0xD9
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")  # within a scan, 0xff is followed by 0 or by one of 0xd0 to 0xd7


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a JPEG file.

    Attributes:
        marker: The second byte of its marker.
        start, end: Where its marker begins, and where the next one does.
        body: Its bytes behind the length.
    """

    marker: int
    start: int
    end: int
    body: bytes


def segments(content: bytes) -> Iterator[Segment]:
    """Yield the segments before the first scan; fewer where the file is cut or damaged, none where it is no JPEG."""
    if not content.startswith(JPEG_MAGIC):
        return
    place = 2
    for _ in range(MAX_SEGMENTS):
        while content[place : place + 2] == b"\xff\xff":  # bytes that fill up
            place += 1
        head = content[place : place + 4]
        if len(head) < 4 or head[0] != 0xFF or head[1] in {_START_OF_SCAN, _END, 0}:
            return
        end = place + 2 + (0 if head[1] in _WITHOUT_LENGTH else max(int.from_bytes(head[2:], "big"), 2))
        if end > len(content):
            return
        yield Segment(head[1], place, end, content[place + 4 : end])
        place = end


def bodies(content: bytes, marker: int, head: bytes) -> Iterator[bytes]:
    """Yield what follows `head` in each segment with this marker that begins with it."""
    for segment in segments(content):
        if segment.marker == marker and segment.body.startswith(head):
            yield segment.body[len(head) :]


def markers(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the second byte of each marker of the first image in a JPEG file, with its scans, and where the marker ends.

    A mark may also stand in a thumbnail within a segment, or in a film behind the image: so lengths are followed.
    """
    place = 2
    while match := _MARKER.search(content, place):
        yield match[1][0], match.end()
        if match[1][0] == _END:
            return
        place = match.end() + int.from_bytes(content[match.end() : match.end() + 2], "big")


def has_more_scans(content: bytes, limit: int) -> bool:
    """Say whether the first image in a JPEG file has more scans than `limit`."""
    if content.count(bytes([0xFF, _START_OF_SCAN])) <= limit:
        return False
    scans = (place for marker, place in markers(content) if marker == _START_OF_SCAN)
    return next(islice(scans, limit, None), None) is not None


def image_end(content: bytes) -> int | None:
    """Return where the first image of a JPEG file ends; None where it does not end."""
    return next((place for marker, place in markers(content) if marker == _END), None)
