"""Files made by hand for the tests of their readers, and what a refusal of one must look like."""

from __future__ import annotations

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image, features

from depth_demo.formats.truth import GroundTruthFile, load_ground_truth
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


def pfm(values: Values, order: str = "<", scale: str = "1", line: bytes = b"\n") -> bytes:
    """A grey portable float map: rows from the bottom up, a negative scale for little endian."""
    rows = np.asarray(values, np.float32)
    sign = "-" if order == "<" else ""
    lines = (b"Pf", f"{rows.shape[1]} {rows.shape[0]}".encode(), (sign + scale).encode(), b"")
    return line.join(lines) + rows[::-1].astype(f"{order}f4").tobytes()


def dpt(values: Values) -> bytes:
    """Sintel's depths: a tag, width and height, rows from the top down."""
    rows = np.asarray(values, "<f4")
    return struct.pack("<f2i", 202021.25, rows.shape[1], rows.shape[0]) + rows.tobytes()


def npy(array: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npy_with_header(header: str, data: bytes = b"") -> bytes:
    padded = header.ljust(-(-(len(header) + 11) // 64) * 64 - 11).encode("latin1") + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded + data


def npz(**members: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **members)  # type: ignore[arg-type]
    return stream.getvalue()


def archive(name: str, content: bytes, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as members:
        members.writestr(name, content)
    return stream.getvalue()


def truth_of(folder: Path, content: bytes, name: str = "truth.bin", **options: Any) -> GroundTruthFile:
    path = folder / name
    path.write_bytes(content)
    return load_ground_truth(path, **options)


def assert_holds(truth: GroundTruthFile, values: Values, kind: DepthKind = DISPARITY) -> None:
    np.testing.assert_allclose(truth.depth_map.values, np.asarray(values, np.float64), rtol=1e-6)
    assert truth.depth_map.kind is kind
