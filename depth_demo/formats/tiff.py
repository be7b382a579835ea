"""What Pillow does not read of TIFF files: numbers of 16 and 64 bits with a fraction, and the number for no data."""

from __future__ import annotations

import io
import math
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import TiffImagePlugin

from depth_demo.formats.pictures import damage_as_sentence
from depth_demo.formats.untrusted import check_map_size

NO_DATA_TAG = 42113  # of GDAL
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _OFFSETS, _SAMPLES, _COUNTS, _PREDICTOR, _FORMAT = (
    256,
    257,
    258,
    259,
    273,
    277,
    279,
    317,
    339,
)
_NONE, _DEFLATE = 1, (8, 32946)
_FLOATING = 3
_COLOURS, _COLOURED = 262, {2, 3, 5, 6, 8}  # RGB, palette, CMYK, YCbCr, Lab
_EXTRA = 338  # 1 and 2 in it are transparency, also of grey pictures


def _tags(content: bytes) -> Any:  # noqa: ANN401
    """Return the tags of the first picture."""
    stream = io.BytesIO(content)
    tags = TiffImagePlugin.ImageFileDirectory_v2(stream.read(8))
    stream.seek(tags.next)
    tags.load(stream)
    return tags


def no_data_of(content: bytes) -> tuple[float, ...]:
    """Return the number that GDAL's tag names for no data; none where there is no such tag, or no number in it."""
    with damage_as_sentence("ground truth"):
        written = _tags(content).get(NO_DATA_TAG)
    try:
        number = float(str(written).strip("\0 "))
    except ValueError:
        return ()
    return (number,) if math.isfinite(number) else ()


def read_float_tiff(content: bytes) -> NDArray[np.generic] | None:
    """Return (H, W) float16 or float64 of a TIFF that is stored plainly or deflated; None for what Pillow reads itself.

    Raises:
        ValueError: If the file has several bands, is compressed in another way, too large, or cut short.
    """
    with damage_as_sentence("ground truth"):
        tags = _tags(content)
        bits, bands = tags.get(_BITS, (1,)), int(tags.get(_SAMPLES, 1))
        is_floating = _FLOATING in tags.get(_FORMAT, (1,))
        colours, has_alpha = int(tags.get(_COLOURS, 1)), not {1, 2}.isdisjoint(tags.get(_EXTRA, ()))
        width, height = int(tags.get(_WIDTH, 0)), int(tags.get(_HEIGHT, 0))
        compression, predictor = int(tags.get(_COMPRESSION, 1)), int(tags.get(_PREDICTOR, 1))
        offsets, counts = tags.get(_OFFSETS, ()), tags.get(_COUNTS, ())
    is_picture = not is_floating and (colours in _COLOURED or has_alpha)
    if bands != 1 and not is_picture:
        raise ValueError(f"The TIFF has {bands} bands of numbers; a map has one. Save the band that holds the truth.")
    if not is_floating:
        return None
    if bits[0] not in {16, 64}:
        return None
    if compression not in {_NONE, *_DEFLATE} or predictor != 1 or not offsets:
        raise ValueError(f"The TIFF compresses its {bits[0]}-bit numbers in a way that is not read here: save it as float32.")
    if not all(isinstance(value, int) for value in (*offsets, *counts)):
        raise ValueError("The TIFF is damaged: it tells no whole numbers for where its pixels lie.")
    check_map_size(height, width)
    needed = width * height * bits[0] // 8
    data = b"".join(
        _strip(content[start : start + count], needed, deflated=compression != _NONE)
        for start, count in zip(offsets, counts, strict=False)
    )
    if len(data) < needed:
        raise ValueError(f"The TIFF is cut short: {width}x{height} pixels need {needed} bytes.")
    order = "<" if content.startswith(b"II") else ">"
    return np.frombuffer(data, f"{order}f{bits[0] // 8}", width * height).reshape(height, width)


def _strip(stored: bytes, at_most: int, *, deflated: bool) -> bytes:
    if not deflated:
        return stored
    with damage_as_sentence("ground truth"):
        return zlib.decompressobj().decompress(stored, at_most)
