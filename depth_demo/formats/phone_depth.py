"""Read the depth map that a phone keeps inside a portrait photo: in HEIC files, or in the XMP text of JPEG files."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from depth_demo.formats import xmp
from depth_demo.formats.heif_pairs import open_pictures
from depth_demo.formats.jpeg import JPEG_MAGIC, image_end
from depth_demo.formats.pictures import damage_as_sentence, open_picture
from depth_demo.formats.untrusted import check_map_size, existing_file, quoted
from depth_demo.geometry import DepthKind, DepthMap, size_text

_HEIF = b"ftyp"
_METRES = {"m", "meter", "meters", "metre", "metres"}
_UNIFORM_DISPARITY = 1
_ACCURACY = re.compile(rb"depthData:Accuracy\s*(?:=\s*[\"']|>)\s*(\w{1,20})")


@dataclass(frozen=True, slots=True, eq=False)
class PhoneDepth:
    """The depth map inside a photo.

    Attributes:
        depth_map: At the map's own size, upright: relative inverse depth, or depth [m] where the file promises metres.
        description: Where the map comes from, and what its numbers mean, in a sentence.
    """

    depth_map: DepthMap
    description: str


def load_phone_depth(path: str | Path) -> PhoneDepth | None:
    """Read the depth map inside a photo; None where the photo has none.

    Raises:
        ValueError: If the file has a map that cannot be used as depth, or is damaged.
    """
    content = existing_file(path).read_bytes()
    if content[4:8] == _HEIF:
        return _from_heif(content)
    if not content.startswith(JPEG_MAGIC):
        return None
    text = xmp.xmp_text(content)
    if xmp.value_of(text, "GDepth:Format") is not None:
        return _from_gdepth(content, text)
    tag = next(xmp.elements(text, "Camera:DepthMap"), None)
    return None if tag is None else _from_container(content, text, tag)


def _from_heif(content: bytes) -> PhoneDepth | None:
    try:
        pictures = open_pictures(content)
    except ValueError:  # another file of that family, such as AVIF
        return None
    found = pictures.info.get("depth_images", ())
    if not found:
        return None
    picture, metadata = found[0], found[0].info.get("metadata") or {}
    check_map_size(picture.size[1], picture.size[0], "depth map in the photo")
    with damage_as_sentence("depth map in the photo"):
        image = picture.to_pillow()
    accuracy = _ACCURACY.search(content)
    return read_depth_image(image, metadata, is_absolute=accuracy is not None and accuracy[1] == b"absolute")


def read_depth_image(image: Image.Image, metadata: Mapping[str, Any], *, is_absolute: bool) -> PhoneDepth:
    """Return the map of a HEIC file's depth image: near is bright.

    Args:
        image: Of one channel.
        metadata: As pillow-heif reports it: the disparities [1/m] of black and white, and how numbers run between them.
        is_absolute: Whether the file promises metres; Apple's portrait photos say "relative".

    Raises:
        ValueError: If the numbers are no uniform disparity.
    """
    kind = metadata.get("representation_type", _UNIFORM_DISPARITY)
    if kind != _UNIFORM_DISPARITY:
        raise ValueError(f"The depth map in the photo has representation {kind}; {_UNIFORM_DISPARITY}, disparity, is read.")
    with damage_as_sentence("depth map in the photo"):
        shares = _shares(image)
    low, high = (_finite(metadata.get(name)) for name in ("d_min", "d_max"))
    if low is None or high is None or not low < high:
        return _made(shares, "the HEIC file", in_metres=False)
    return _made(low + shares * (high - low), "the HEIC file", in_metres=is_absolute and low > 0)


def _from_gdepth(content: bytes, text: bytes) -> PhoneDepth:
    try:
        data = base64.b64decode(xmp.value_of(text, "GDepth:Data") or b"", validate=False)
    except binascii.Error:
        data = b""
    if not data:
        raise ValueError("The photo speaks of a depth map (GDepth), but the map is not there, or not whole.")
    return _from_range(content, data, text, "GDepth", "the photo's XMP data (GDepth)")


def _from_container(content: bytes, text: bytes, tag: bytes) -> PhoneDepth:
    """Read a map that lies behind the photo (Dynamic Depth 1.0), at the place that the lengths of all items tell."""
    meaning = xmp.word_of(tag, "DepthMap:ItemSemantic")
    if meaning.lower() == "segmentation":
        raise ValueError("The photo's depth map is a segmentation, person or background, and no map of distances.")
    wanted, place = xmp.word_of(tag, "DepthMap:DepthURI"), image_end(content)
    for item in xmp.elements(text, "Container:Item"):
        length, padding = (int(xmp.number_of(item, f"Item:{name}") or 0) for name in ("Length", "Padding"))
        if place is None or min(length, padding) < 0:
            break
        if wanted and xmp.word_of(item, "Item:DataURI") == wanted:
            return _from_range(content, content[place : place + length], tag, "DepthMap", "behind the photo (Dynamic Depth)")
        place += length + padding
    raise ValueError(f"The photo speaks of a depth map {quoted(wanted)} (Dynamic Depth), but the map is not there.")


def _from_range(content: bytes, picture: bytes, text: bytes, prefix: str, where: str) -> PhoneDepth:
    """Return the map of a picture whose numbers go from near to far: in depth (RangeLinear) or its inverse (RangeInverse)."""
    form, units = (xmp.word_of(text, f"{prefix}:{name}") for name in ("Format", "Units"))
    near, far = (xmp.number_of(text, f"{prefix}:{name}") for name in ("Near", "Far"))
    if near is None or far is None or not (0 < near < far and math.isfinite(far / near)):
        raise ValueError("The depth map in the photo does not tell its range: it needs a near and a larger far distance.")
    with (
        open_picture(content, "JPEG") as photo,
        open_picture(picture, "PNG or JPEG") as image,
        damage_as_sentence("depth map in the photo"),
    ):
        if (photo.width > photo.height) == (image.width > image.height):  # stored as the photo is
            image.getexif()[ExifTags.Base.Orientation] = photo.getexif().get(ExifTags.Base.Orientation, 1)
            ImageOps.exif_transpose(image, in_place=True)
        shares = _shares(image)
    if form == "RangeInverse":
        inverse = 1 / near - shares * (1 / near - 1 / far)
    elif form == "RangeLinear":
        inverse = 1 / (near + shares * (far - near))
    else:
        raise ValueError(f"The depth map in the photo has format {quoted(form)}; RangeInverse and RangeLinear are read.")
    return _made(inverse, where, in_metres=units.lower() in _METRES)


def _shares(image: Image.Image) -> NDArray[np.float32]:
    """Return (H, W) from 0 to 1: the first channel, as a share of the largest number that it can hold."""
    if image.mode == "P":
        image = image.convert("L")
    values = np.asarray(image if len(image.getbands()) == 1 else image.getchannel(0))
    largest = {np.dtype(np.bool_): 1, np.dtype(np.uint8): 255}.get(values.dtype, 65535)
    return np.clip(values.astype(np.float32) / np.float32(largest), 0, 1)


def _made(inverse: NDArray[np.float32], where: str, *, in_metres: bool) -> PhoneDepth:
    """Return the map of inverse depths [1/m, or no unit]."""
    if inverse.min() == inverse.max():
        raise ValueError("The depth map in the photo holds one distance only.")
    size = size_text(inverse)
    if in_metres:
        depth_map = DepthMap(np.float32(1) / inverse, DepthKind.METRIC_DEPTH)
        return PhoneDepth(depth_map, f"The phone's own depth map, {size} pixels, from {where}; the file gives metres.")
    said = f"The phone's own depth map, {size} pixels, from {where}; its order is right, but its scale is not promised."
    return PhoneDepth(DepthMap(inverse, DepthKind.RELATIVE_INVERSE_DEPTH), said)


def _finite(value: Any) -> float | None:  # noqa: ANN401
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
