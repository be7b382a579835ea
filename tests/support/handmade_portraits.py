"""Portrait photos with a depth map inside, made by hand."""

from __future__ import annotations

import base64
import hashlib
import struct

import numpy as np

from tests.support.handmade_files import encoded, quadrants
from tests.support.handmade_pairs import segment

LEVELS = np.repeat(np.arange(0, 256, 5, dtype=np.uint8)[np.newaxis], 40, axis=0)  # (40, 52): 0 on the left to 255
PHOTO = encoded(quadrants(80, 104), format="JPEG")
MAIN, MORE = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"


def gdepth(
    form: str = "RangeInverse", near: str = "2.0", far: str = "8.0", units: str = "", data: bytes | None = None
) -> tuple[bytes, bytes]:
    """The words of a GDepth map, and those of its longer part."""
    grey = np.dstack([LEVELS] * 3 + [np.full_like(LEVELS, 255)])  # as phones write it: RGBA with three equal channels
    png = encoded(grey, format="PNG") if data is None else data
    said = f'GDepth:Format="{form}" GDepth:Near="{near}" GDepth:Far="{far}" GDepth:Mime="image/png"'
    said += f' GDepth:Units="{units}"' if units else ""
    return said.encode(), b'<x GDepth:Data="%b"/>' % base64.b64encode(png)


def with_xmp(photo: bytes, main: bytes, more: bytes = b"", name: str | None = None, skip: int | None = None) -> bytes:
    """A JPEG with an XMP packet, and a longer part in pieces, the last of which comes first; `skip` leaves one out."""
    guid = name or hashlib.md5(more, usedforsecurity=False).hexdigest().upper()
    packet = MAIN + b'<x %b xmpNote:HasExtendedXMP="%b"/>' % (main, guid.encode())
    size = max(len(more) // 3, 1)
    pieces = [
        segment(0xE1, MORE + guid.encode() + struct.pack(">II", len(more), start) + more[start : start + size])
        for number, start in enumerate(range(0, len(more), size))
        if number != skip
    ]
    return photo[:2] + b"".join([*pieces[-1:], segment(0xE1, packet), *pieces[:-1]]) + photo[2:]
