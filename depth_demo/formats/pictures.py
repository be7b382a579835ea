"""Open pictures of the common formats with Pillow, from files that nobody vouches for.

A file of a few kilobytes may need gigabytes or minutes to decode. So its header is checked before it is decoded.
"""

from __future__ import annotations

import io
import struct
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, ImageOps

from depth_demo.formats.jpeg import JPEG_MAGIC, has_more_scans
from depth_demo.formats.untrusted import MAX_PIXELS, reason
from depth_demo.geometry import RgbImage

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "HEIF", "BMP", "TIFF", "GIF", "JPEG2000")
TIFF_MAGIC = (b"II*\0", b"MM\0*")
MAX_READS = 200_000  # by a decoder; a GIF of 25 MB takes that many for its blocks of 255 bytes
MAX_SCANS = 100  # of a JPEG, each of which goes over the whole image; a progressive one has about 10
_STRIP_PIXELS = 2**20
# How a file keeps three colours of 16 bits, in Pillow's words, and how the same numbers are called in the other byte order.
_SWAPPED = "RGB;16B" if sys.byteorder == "little" else "RGB;16L"
_OTHER_BYTE = {"RGB;16B": "RGB;16L", "RGB;16L": "RGB;16B", "RGB;16N": _SWAPPED}

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = MAX_PIXELS

# Everything that Pillow's decoders were seen to raise on damaged files.
_DECODING_ERRORS = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, RuntimeError, AttributeError),
    *(ArithmeticError, AssertionError, MemoryError, struct.error, zlib.error),
)


class _PatientFile(io.BytesIO):
    """A file with so much patience: chunks, comments or markers without end keep a decoder busy, however small the image."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > MAX_READS:
            raise RuntimeError("it consists of too many parts")
        return super().read(size)


@contextmanager
def damage_as_sentence(what: str) -> Iterator[None]:
    """Turn whatever a decoder raises into a ValueError: "The `what` is damaged and cannot be decoded"."""
    try:
        yield
    except _DECODING_ERRORS as error:
        raise ValueError(f"The {what} is damaged and cannot be decoded ({reason(error)}).") from error


def open_picture(content: bytes, accepted: str) -> ImageFile.ImageFile:
    """Open a picture without decoding it, so that its size is known before any memory is taken.

    Args:
        content: The bytes of the file. Pillow reads as many bytes as a header says, but never more than these.
        accepted: The accepted formats, as the refusal of other files names them.

    Raises:
        ValueError: If the file is no picture, is damaged, or is too large.
    """
    if not content:
        raise ValueError("The file is empty (0 bytes).")
    if content.startswith(JPEG_MAGIC) and has_more_scans(content, MAX_SCANS):
        raise ValueError(f"The JPEG file consists of more than {MAX_SCANS} scans; save the image anew.")
    try:
        image = Image.open(_PatientFile(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(f"The image has more than the {MAX_PIXELS / 1e6:.0f} megapixels that are accepted.") from error
    except OSError as error:
        if content.startswith(TIFF_MAGIC):
            raise ValueError("This TIFF keeps its pixels in a way that is not read here: save it as PNG, in RGB.") from error
        raise ValueError(
            f"This file cannot be read here: it must be {accepted} (not SVG or PDF, whatever the name says)."
        ) from error
    except _DECODING_ERRORS as error:
        raise ValueError(f"The image is damaged and cannot be opened ({reason(error)}).") from error
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise ValueError(
            f"The image is {image.width}x{image.height} pixels, {image.width * image.height / 1e6:.0f} megapixels; "
            f"up to {MAX_PIXELS / 1e6:.0f} are accepted."
        )
    return image


def _strips(image: Image.Image) -> Iterator[tuple[slice, Image.Image]]:
    """Yield an image in strips of rows: copies of a whole large image would take gigabytes."""
    rows = max(_STRIP_PIXELS // image.width, 1)
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        yield slice(top, bottom), image.crop((0, top, image.width, bottom))


def to_rgb(image: Image.Image) -> RgbImage:
    """Return (H, W, 3) uint8 RGB, with transparent pixels put on white, 16 bits rounded to 8, and grey as RGB."""
    rgb = np.empty((image.height, image.width, 3), np.uint8)
    for rows, strip in _strips(image):
        rgb[rows] = _strip_to_rgb(strip)
    return rgb


def _strip_to_rgb(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode.startswith("I"):  # 16 bits per pixel, which Pillow's convert() would clip at 255
        return to_8_bits(np.clip(np.asarray(image), 0, 65535).astype(np.uint16), 65535)[:, :, np.newaxis]
    if image.has_transparency_data:
        with_alpha = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", with_alpha.size, "white"), with_alpha)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def to_8_bits(values: NDArray[np.uint8] | NDArray[np.uint16], maximum: int) -> NDArray[np.uint8]:
    """Return (H, W) or (H, W, 3) uint8: 0 to `maximum` stretched to 0 to 255, and rounded."""
    levels = np.arange(np.iinfo(values.dtype).max + 1, dtype=np.int64).clip(max=maximum)
    return ((levels * 255 + maximum // 2) // maximum).astype(np.uint8)[values]


def to_numbers(image: Image.Image) -> NDArray[np.generic]:
    """Return the pixels as stored: (H, W) of any type, or (H, W, 3) uint8 where there are colours or a palette.

    RGBA has four channels, as some data sets write numbers into all of them.
    """
    if len(image.getbands()) == 1 and image.mode != "P":
        return np.asarray(image)
    channels = 4 if image.mode == "RGBA" else 3
    colours = np.empty((image.height, image.width, channels), np.uint8)
    for rows, strip in _strips(image):
        colours[rows] = np.asarray(strip.convert("RGBA"))[..., :channels]
    return colours


def deep_colours(image: ImageFile.ImageFile, content: bytes) -> NDArray[np.uint16] | None:
    """Return (H, W, 3) uint16 of a PNG with three colours of 16 bits; None for any other picture."""
    if not is_deep_png(image):
        return None
    return with_low_bytes(np.asarray(image), content)


def is_deep_png(image: ImageFile.ImageFile) -> bool:
    """Say whether a picture is a PNG with three colours of 16 bits. Ask before decoding."""
    return image.format == "PNG" and [str(tile[3]) for tile in image.tile] == ["RGB;16B"]


def has_deep_colours(image: ImageFile.ImageFile) -> bool:
    """Say whether a picture is a PNG or a TIFF with three colours of 16 bits, beside each other. Ask before decoding."""
    return image.format in {"PNG", "TIFF"} and bool(image.tile) and all(_raw_mode(tile) in _OTHER_BYTE for tile in image.tile)


def _raw_mode(tile: ImageFile._Tile) -> str:
    return str(tile.args[0] if isinstance(tile.args, tuple) else tile.args)


def _of_other_byte(tile: ImageFile._Tile) -> ImageFile._Tile:
    """Return a part of a picture with colours of 16 bits, to be decoded to the bytes that Pillow leaves out."""
    raw_mode = _OTHER_BYTE[_raw_mode(tile)]
    return tile._replace(args=(raw_mode, *tile.args[1:]) if isinstance(tile.args, tuple) else raw_mode)


def with_low_bytes(high: NDArray[np.uint8], content: bytes, *, upright: bool = False) -> NDArray[np.uint16]:
    """Return (H, W, 3) uint16 of a picture with deep colours; `upright` if it was turned by EXIF.

    Pillow gave the high bytes. Told that the numbers are in the other byte order, it gives the low ones.
    """
    with open_picture(content, "PNG or TIFF") as second:
        second.tile = [_of_other_byte(tile) for tile in second.tile]
        if upright:
            ImageOps.exif_transpose(second, in_place=True)
        values = high.astype(np.uint16)
        values <<= 8
        for rows, strip in _strips(second):
            values[rows] |= np.asarray(strip)
    return values


def has_deep_channels(image: ImageFile.ImageFile, content: bytes) -> bool:
    """Say whether a picture has several channels of more than 8 bits, which Pillow decodes wrongly. Ask before decoding."""
    if len(image.getbands()) == 1:
        return False
    if image.format == "TIFF":
        return _tiff_bits(image) > 8
    if image.format == "JPEG2000":
        depth = content.find(b"\xff\x51") + 40  # of the first channel, in the segment on sizes
        return (content[depth] & 0x7F) >= 8  # one less than the bits
    return any(";16" in str(tile[3]) for tile in image.tile)


def has_deep_planes(image: ImageFile.ImageFile) -> bool:
    """Say whether a TIFF keeps each channel of more than 8 bits apart, which Pillow decodes wrongly."""
    apart = image.format == "TIFF" and image.getexif().get(ExifTags.Base.PlanarConfiguration) == 2
    return apart and len(image.getbands()) > 1 and _tiff_bits(image) > 8


def _tiff_bits(image: ImageFile.ImageFile) -> int:
    """Return how many bits each channel has."""
    return int(max(image.getexif().get(ExifTags.Base.BitsPerSample, (8,))))
