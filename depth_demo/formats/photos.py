"""Read photos as people have them: upright, in RGB, with the focal length from their EXIF data."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, ImageOps

from depth_demo.formats.arrays import PFM_MAGIC
from depth_demo.formats.pictures import damage_as_sentence, has_deep_planes, open_picture, to_8_bits, to_rgb
from depth_demo.formats.pnm import PNM_MAGIC, read_pnm
from depth_demo.formats.untrusted import existing_file
from depth_demo.geometry import RgbImage, focal_length_px_from_35mm

MIN_SIDE = 32
MAX_ASPECT_RATIO = 100
MAX_FOCAL_35MM = 65535  # EXIF stores 16 bits
PHOTO_FORMATS_TEXT = "PNG, JPEG, WebP, AVIF, HEIC, TIFF, BMP, PNM, GIF or JPEG 2000"


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A decoded photo.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, upright.
        focal_length_px: Focal length [px] at this size, by the EXIF data; None where the file does not tell it.
    """

    pixels: RgbImage
    focal_length_px: float | None = None


def load_views(left: str | Path | None, right: str | Path | None) -> tuple[RgbImage, RgbImage]:
    """Return the pixels of both views of a pair, each (H, W, 3) uint8 RGB, as `load_photo` reads them.

    Raises:
        ValueError: If a view cannot be read; the message names the view.
    """

    def view(side: str, path: str | Path | None) -> RgbImage:
        try:
            return load_photo(path).pixels
        except ValueError as error:
            raise ValueError(f"{side} view: {error}") from error

    with ThreadPoolExecutor(1) as beside:  # decoders leave the interpreter free
        other = beside.submit(view, "Right", right)
        return view("Left", left), other.result()


def load_photo(path: str | Path | None) -> Photo:
    """Read a photo of any common format, turned upright by its EXIF data.

    Transparent pixels are put on white. 16-bit values are rounded to 8 bits. Grey becomes RGB.

    Args:
        path: The file; None means that nothing was chosen.

    Raises:
        ValueError: If there is no file, it is not a still photo, it is damaged, or its size is out of bounds.
    """
    if path is None:
        raise ValueError("No image yet: choose, drop or paste one first.")
    content = existing_file(path).read_bytes()
    if content.startswith(PFM_MAGIC):
        raise _no_photo()
    if content.startswith(PNM_MAGIC):
        values, maximum = read_pnm(content)
        _check_photo_size(values.shape[1], values.shape[0])
        grey_or_rgb = to_8_bits(values, maximum)
        return Photo(grey_or_rgb if grey_or_rgb.ndim == 3 else np.repeat(grey_or_rgb[:, :, np.newaxis], 3, axis=2))
    with open_picture(content, PHOTO_FORMATS_TEXT) as image:
        with damage_as_sentence("image"):
            animated = getattr(image, "is_animated", False)  # not how many frames: to count them may take minutes
        if animated and image.format != "MPO":  # MPO: a JPEG whose second frame is the phone's own extra
            raise ValueError("The file is an animation; give a single image.")
        _check_photo_size(*image.size)
        if image.mode == "F":
            raise _no_photo()
        with damage_as_sentence("image"):
            is_confused = has_deep_planes(image)
        if is_confused:
            raise ValueError("The TIFF keeps each channel of its 16 bits apart, which cannot be read here: save it as PNG.")
        with damage_as_sentence("image"):
            focal_35mm = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.FocalLengthIn35mmFilm)
            ImageOps.exif_transpose(image, in_place=True)
            pixels = to_rgb(image)
    if not (isinstance(focal_35mm, int | float) and 1 <= focal_35mm <= MAX_FOCAL_35MM):
        return Photo(pixels)
    return Photo(pixels, focal_length_px_from_35mm(focal_35mm, *pixels.shape[:2]))


def _check_photo_size(width: int, height: int) -> None:
    if max(width, height) > MAX_ASPECT_RATIO * min(width, height):
        raise ValueError(f"The image is {width}x{height} pixels; up to {MAX_ASPECT_RATIO}:1 in shape is accepted.")
    if min(width, height) < MIN_SIDE:
        raise ValueError(f"The image is {width}x{height} pixels; each side needs {MIN_SIDE} pixels or more.")


def _no_photo() -> ValueError:
    return ValueError("The image has floating-point pixels; a photo has 8 or 16 bits per channel.")
