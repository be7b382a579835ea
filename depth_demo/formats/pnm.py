"""Read portable bitmaps, graymaps and pixmaps (P1 to P6) with the numbers that they hold, whatever maximum they declare.

Pillow would stretch the numbers to 8 or 16 bits. It does so pixel by pixel in Python, which may take minutes.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.untrusted import check_map_size

PNM_MAGIC = (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6")
MAX_PLAIN_BYTES = 10_000_000
_GAP = rb"(?:\s|#[^\r\n]*[\r\n])+"
_HEADER = re.compile(
    rb"P(?:([14])%(gap)s(\d{1,7})%(gap)s(\d{1,7})|([2356])%(gap)s(\d{1,7})%(gap)s(\d{1,7})%(gap)s(\d{1,5}))\s" % {b"gap": _GAP}
)


def read_pnm(content: bytes) -> tuple[NDArray[np.uint8] | NDArray[np.uint16], int]:
    """Return the numbers and the largest one that the file declares.

    Returns:
        (H, W) or (H, W, 3), uint8 or uint16, and the declared maximum. In a bitmap 0 is black and 1 is white.

    Raises:
        ValueError: If the file is damaged or too large.
    """
    match = _HEADER.match(content[:10_000])
    if match is None:
        raise ValueError("The PNM image is damaged: its header must give width, height and the largest value.")
    kind, *numbers = (group for group in match.groups() if group is not None)
    width, height, maximum = (*map(int, numbers), 1)[:3]
    check_map_size(height, width, "image")
    if not 1 <= maximum <= 65535:
        raise ValueError(f"The PNM image is damaged: its largest value is {maximum}, not 1 to 65535.")
    shape = (height, width, 3) if kind in b"36" else (height, width)
    plain = kind in b"123"
    if plain and len(content) > MAX_PLAIN_BYTES:
        raise ValueError(f"The PNM image is in text of more than {MAX_PLAIN_BYTES // 1_000_000} MB: save it in binary form.")
    raster = memoryview(content)[match.end() :]
    values: NDArray[Any]
    if kind == b"4":
        values = np.unpackbits(_taken(raster, np.dtype(np.uint8), (height, -(-width // 8))), axis=1)[:, :width]
    elif plain:
        values = _from_text(bytes(raster), shape, maximum, bits=kind == b"1")
    else:
        values = _taken(raster, np.dtype(np.uint8 if maximum < 256 else ">u2"), shape)
    if kind in b"14":
        values = 1 - values
    return (values.astype(np.uint8, copy=False) if maximum < 256 else values.astype(np.uint16, copy=False)), maximum


def _taken(raster: memoryview, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    needed = int(np.prod(shape)) * dtype.itemsize
    if len(raster) < needed:
        raise ValueError(f"The PNM image is damaged: it is cut short, {len(raster)} of {needed} bytes are there.")
    return np.frombuffer(raster[:needed], dtype).reshape(shape)


def _from_text(text: bytes, shape: tuple[int, ...], maximum: int, *, bits: bool) -> NDArray[Any]:
    """Return the decimal numbers of a text. White space parts them; bits need none."""
    text = re.sub(rb"#[^\r\n]*", b"", text)
    count = int(np.prod(shape))
    values: NDArray[Any]
    if bits:
        values = np.frombuffer(b"".join(text.split()), np.uint8)[:count] - np.uint8(ord("0"))
    elif text.strip() and not text.translate(None, b"0123456789 \t\r\n\v\f"):
        values = np.fromstring(text.decode("ascii"), np.int64, sep=" ")[:count]
    else:
        values = np.empty(0, np.int64)
    if len(values) < count or values.max() > maximum:
        raise ValueError(f"The PNM image is damaged: its text must hold a number from 0 to {maximum} for every pixel.")
    return values.reshape(shape)
