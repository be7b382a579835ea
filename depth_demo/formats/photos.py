"""Read photos as people have them: upright, in RGB, with the focal length from their EXIF data."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, ImageFile, ImageOps

from depth_demo.formats.arrays import PFM_MAGIC
from depth_demo.formats.deep import Band, fills_range, find_band
from depth_demo.formats.heif_pairs import find_group, open_pictures
from depth_demo.formats.jps import cut, find_layout
from depth_demo.formats.mpo import frame_types, is_marked_pair
from depth_demo.formats.pictures import (
    damage_as_sentence,
    has_deep_colours,
    has_deep_planes,
    open_picture,
    to_8_bits,
    to_rgb,
    with_low_bytes,
)
from depth_demo.formats.pnm import PNM_MAGIC, read_pnm
from depth_demo.formats.untrusted import existing_file
from depth_demo.geometry import RgbImage, focal_length_px_from_35mm

MIN_SIDE = 32
MAX_ASPECT_RATIO = 100
MAX_FOCAL_35MM = 65535  # EXIF stores 16 bits
PHOTO_FORMATS_TEXT = "PNG, JPEG, WebP, AVIF, HEIC, TIFF, BMP, PNM, GIF or JPEG 2000"
_HALVES = {"JPEG", "PNG"}  # formats in which people keep both views as halves of one picture


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A decoded photo.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, upright.
        focal_length_px: Focal length [px] at this size, by the EXIF data; None where the file does not tell it.
        note: What a person should know of how the file was read, in sentences; "" for a plain photo.
    """

    pixels: RgbImage
    focal_length_px: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Stored:
    """A picture before its numbers become 8 bits.

    Attributes:
        values: (H, W, 3) uint8, upright; or (H, W) or (H, W, 3) uint16.
        maximum: The largest number that the file could hold.
        form: The format of the file.
        focal_35mm: Focal length [mm on 35 mm film], by the EXIF data.
        note: As a photo's.
    """

    values: NDArray[np.uint8] | NDArray[np.uint16]
    maximum: int = 255
    form: str = "PNM"
    focal_35mm: object = None
    note: str = ""


def load_views(left: str | Path | None, right: str | Path | None) -> tuple[RgbImage, RgbImage]:
    """Return the pixels of both views of a pair, each (H, W, 3) uint8 RGB, as `load_pair_of_photos` reads them.

    Raises:
        ValueError: If a view cannot be read; the message names the view.
    """
    first, second = load_pair_of_photos(left, right)
    return first.pixels, second.pixels


def load_pair_of_photos(left: str | Path | None, right: str | Path | None) -> tuple[Photo, Photo]:
    """Read both views of a pair from a file each, as `load_photo` reads them, but never a half of a picture.

    Where numbers of 16 bits are stretched, both views are stretched alike.

    Raises:
        ValueError: If a view cannot be read; the message names the view.
    """

    def view(side: str, path: str | Path | None) -> _Stored:
        try:
            return _decode(_content_of(path))
        except ValueError as error:
            raise ValueError(f"{side} view: {error}") from error

    with ThreadPoolExecutor(1) as beside:  # decoders leave the interpreter free
        other = beside.submit(view, "Right", right)
        first, second = _finish([view("Left", left), other.result()])
    return first, second


def load_photo(path: str | Path | None) -> Photo:
    """Read a photo of any common format, turned upright by its EXIF data.

    Transparent pixels are put on white. Grey becomes RGB. 16-bit values are rounded to 8 bits; where they fill little of
    their range they are stretched first. Of a file with both views of a pair the left one is taken.

    Args:
        path: The file; None means that nothing was chosen.

    Raises:
        ValueError: If there is no file, it is not a still photo, it is damaged, or its size is out of bounds.
    """
    content = _content_of(path)
    stored = _decode(content)
    (photo,) = _finish([stored])
    if stored.form not in _HALVES:
        return photo
    try:
        layout = find_layout(content, Path(str(path)).name, photo.pixels)
        view, _ = cut(photo.pixels, layout)
    except ValueError:  # no pair
        return photo
    taken = f"the {layout.left_half} was taken as the left one"
    said = f"The file holds two views, {layout.arrangement.value}; {taken}. {layout.why}"
    note = " ".join(filter(None, (photo.note, said, layout.doubt)))
    return Photo(view, _focal_length_px(stored.focal_35mm, view), note)


def load_whole(path: str | Path | None) -> Photo:
    """Read a photo as `load_photo`, but never a half of it."""
    (photo,) = _finish([_decode(_content_of(path))])
    return photo


def _content_of(path: str | Path | None) -> bytes:
    if path is None:
        raise ValueError("No image yet: choose, drop or paste one first.")
    return existing_file(path).read_bytes()


def _decode(content: bytes) -> _Stored:
    if content.startswith(PFM_MAGIC):
        raise _no_photo()
    if content.startswith(PNM_MAGIC):
        values, maximum = read_pnm(content)
        _check_photo_size(values.shape[1], values.shape[0])
        return _Stored(values if values.dtype == np.uint16 else _as_rgb(to_8_bits(values, maximum)), maximum)
    with open_picture(content, PHOTO_FORMATS_TEXT) as image:
        note = _note_on_frames(image, content)
        _check_photo_size(*image.size)
        if image.mode == "F":
            raise _no_photo()
        with damage_as_sentence("image"):
            is_confused = has_deep_planes(image)
        if is_confused:
            raise ValueError("The TIFF keeps each channel of its 16 bits apart, which cannot be read here: save it as PNG.")
        maximum = 65535 if has_deep_colours(image) or image.mode.startswith("I") else 255
        with damage_as_sentence("image"):
            focal_35mm = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.FocalLengthIn35mmFilm)
            ImageOps.exif_transpose(image, in_place=True)
            values = _values_of(image, content, maximum)
    return _Stored(values, maximum, image.format or "", focal_35mm, note)


def _values_of(image: ImageFile.ImageFile, content: bytes, maximum: int) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Return the numbers of an upright picture: those of 16 bits where it is grey, or where colours fill little of them."""
    if image.mode.startswith("I"):
        return np.clip(np.asarray(image), 0, 65535).astype(np.uint16)
    pixels = to_rgb(image)
    if maximum == 255 or fills_range([pixels], 255):
        return pixels
    return with_low_bytes(pixels, content, upright=True)


def _note_on_frames(image: ImageFile.ImageFile, content: bytes) -> str:
    """Say which of several pictures is read; ValueError where they are an animation."""
    with damage_as_sentence("image"):
        several = getattr(image, "is_animated", False)  # not how many frames: to count them may take minutes
    if image.format == "MPO":  # a JPEG whose second frame may be a phone's own extra
        marked = is_marked_pair(frame_types(image))
        return "The file holds both views of a stereo camera; this is the left one." if marked else ""
    if not several:
        return ""
    if image.format != "HEIF":
        raise ValueError("The file is an animation; give a single image.")
    pictures = open_pictures(content)
    try:
        group = find_group(pictures)
    except ValueError:
        return f"The file holds {len(pictures)} pictures; this is the main one."
    side = "left" if image.tell() == group.frames[0] else "right" if image.tell() == group.frames[1] else "main"
    return f"The file holds both views of a stereo camera; this is its main picture, the {side} one."


def _finish(stored: Sequence[_Stored]) -> list[Photo]:
    """Return photos of 8 bits. Pictures whose numbers fill little of their range are stretched, and those of a pair alike."""
    if len({one.maximum for one in stored}) > 1:
        return [photo for one in stored for photo in _finish([one])]
    deep = [one.values.astype(np.uint16, copy=False) for one in stored if one.values.dtype == np.uint16]
    band = find_band(deep, stored[0].maximum) if deep and len(deep) == len(stored) else None
    return [_photo(one, band, "The picture" if len(stored) == 1 else "The pair") for one in stored]


def _photo(stored: _Stored, band: Band | None, what: str) -> Photo:
    values = stored.values
    if values.dtype == np.uint16:
        numbers = values.astype(np.uint16, copy=False)
        values = band.stretch(numbers) if band else to_8_bits(numbers, stored.maximum)
    pixels = _as_rgb(values.astype(np.uint8, copy=False))
    note = f"{stored.note} {band.note(what)}".strip() if band else stored.note
    return Photo(pixels, _focal_length_px(stored.focal_35mm, pixels), note)


def _as_rgb(pixels: NDArray[np.uint8]) -> RgbImage:
    return pixels if pixels.ndim == 3 else np.repeat(pixels[:, :, np.newaxis], 3, axis=2)


def _focal_length_px(focal_35mm: object, pixels: RgbImage) -> float | None:
    if not (isinstance(focal_35mm, int | float) and 1 <= focal_35mm <= MAX_FOCAL_35MM):
        return None
    return focal_length_px_from_35mm(focal_35mm, *pixels.shape[:2])


def _check_photo_size(width: int, height: int) -> None:
    if max(width, height) > MAX_ASPECT_RATIO * min(width, height):
        raise ValueError(f"The image is {width}x{height} pixels; up to {MAX_ASPECT_RATIO}:1 in shape is accepted.")
    if min(width, height) < MIN_SIDE:
        raise ValueError(f"The image is {width}x{height} pixels; each side needs {MIN_SIDE} pixels or more.")


def _no_photo() -> ValueError:
    return ValueError("The image has floating-point pixels; a photo has 8 or 16 bits per channel.")
