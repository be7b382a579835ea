"""Files made by hand for the tests of their readers, and what a refusal of one must look like."""

from __future__ import annotations

import io
import math
import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image, features

from depth_demo.geometry import DepthKind

Pixels = NDArray[np.uint8]
Values = NDArray[Any] | Sequence[Sequence[float]]
NAN = math.nan
DISPARITY, DEPTH = DepthKind.DISPARITY, DepthKind.METRIC_DEPTH
RED, GREEN, BLUE, GREY = (200, 30, 30), (30, 180, 40), (20, 40, 190), (120, 120, 120)
MAKE, ORIENTATION, EXIF_IFD, FOCAL_LENGTH_35MM = 0x010F, 0x0112, 0x8769, 0xA405

needs_heic = pytest.mark.skipif(not pillow_heif.libheif_info()["HEIF"], reason="this build of libheif has no HEIC encoder")
needs_avif = pytest.mark.skipif(not features.check("avif"), reason="this build of Pillow has no AVIF")
needs_jpeg_2000 = pytest.mark.skipif(not features.check("jpg_2000"), reason="this build of Pillow has no JPEG 2000")
# Pillow says the same as our refusal; without this mark its warning would be the error that is raised.
quiet_pillow = pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")


def quadrants(height: int = 48, width: int = 64) -> Pixels:
    """Four flat colours on whole 8x8 blocks, so that even lossy formats hardly change them."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2], pixels[: height // 2, width // 2 :] = RED, GREEN
    pixels[height // 2 :, : width // 2], pixels[height // 2 :, width // 2 :] = BLUE, GREY
    return pixels


def noise(*shape: int) -> Pixels:
    return np.random.default_rng(1).integers(0, 256, shape, np.uint8)


def exif(orientation: int = 1, focal_35mm: float | None = None) -> Image.Exif:
    tags = Image.Exif()
    tags[MAKE], tags[ORIENTATION] = "Camera maker", orientation  # without the first Pillow drops the focal length from AVIF
    if focal_35mm is not None:
        tags.get_ifd(EXIF_IFD)[FOCAL_LENGTH_35MM] = focal_35mm
    return tags


def saved(path: Path, pixels: NDArray[Any] | Image.Image, **options: Any) -> Path:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(path, **options)
    return path


def encoded(pixels: NDArray[Any] | Image.Image, **options: Any) -> bytes:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    stream = io.BytesIO()
    image.save(stream, **options)
    return stream.getvalue()


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A grey 1-bit PNG of any declared size, with no more pixels behind it than `chunks` bring."""
    header = (b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in (header, *chunks, (b"IEND", b""))
    )


def refusal(read: Callable[[Path], object], path: Path) -> str:
    """The message, after checking that it is one sentence which shows nothing of the server."""
    with pytest.raises(ValueError) as caught:
        read(path)
    message = str(caught.value)
    assert message[0].isupper()
    assert message.endswith(".")
    assert "\n" not in message
    assert str(path.parent) not in message
    assert len(message) < 200
    return message
