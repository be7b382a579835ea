"""Photos and ground truth in. What is substituted or assumed while reading is returned as text, to be shown.

Every reader raises ValueError with a sentence for a person.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, ImageOps

from depth_demo.array_files import read_npy, read_npz, read_pfm
from depth_demo.geometry import DepthKind, DepthMap, RgbImage, focal_length_px_from_35mm
from depth_demo.numbers import number_text
from depth_demo.pictures import (
    damage_as_sentence,
    has_deep_channels,
    has_deep_planes,
    one_channel,
    open_picture,
    to_8_bits,
    to_numbers,
    to_rgb,
)
from depth_demo.pnm import read_pnm
from depth_demo.uploads import existing_file, quoted

MIN_SIDE = 32
MAX_ASPECT_RATIO = 100
MAX_FOCAL_35MM = 65535  # EXIF stores 16 bits
PHOTO_FORMATS_TEXT = "PNG, JPEG, WebP, AVIF, HEIC, TIFF, BMP, PNM, GIF or JPEG 2000"
TRUTH_FORMATS = "PNG or PGM (8 or 16 bits), PFM, NPY or NPZ"
_PNM = (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6")
_PFM = (b"Pf", b"PF")


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A decoded photo.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, upright.
        focal_length_px: From the EXIF data, at this size; None when the file does not say.
    """

    pixels: RgbImage
    focal_length_px: float | None = None


def load_views(left: str | Path | None, right: str | Path | None) -> tuple[RgbImage, RgbImage]:
    """The pixels of both views of a pair, as `load_photo` gives them; what it refuses is told with the view's name."""

    def view(side: str, path: str | Path | None) -> RgbImage:
        try:
            return load_photo(path).pixels
        except ValueError as error:
            raise ValueError(f"{side} view: {error}") from error

    return view("Left", left), view("Right", right)


def load_photo(path: str | Path | None) -> Photo:
    """Decode a photo as people have them: any common format, depth of 8 or 16 bits, rotated by EXIF, with alpha.

    Transparency is composed over white, 16-bit values are scaled to 8 bits, grey becomes RGB.

    Args:
        path: The file; None means that nothing was chosen.

    Raises:
        ValueError: If there is no file, it is not a still photo, it is damaged, or its size is out of bounds.
    """
    if path is None:
        raise ValueError("No image yet: choose, drop or paste one first.")
    content = existing_file(path).read_bytes()
    if content.startswith(_PFM):
        raise _no_photo()
    if content.startswith(_PNM):
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


TruthKind = Literal["recognised", "disparity", "depth"]


@dataclass(frozen=True, slots=True, eq=False)
class GroundTruthFile:
    """Ground truth and the sentence that says how the file was understood."""

    depth_map: DepthMap
    description: str


def load_ground_truth(path: str | Path | None, kind: TruthKind = "recognised", scale: float | None = None) -> GroundTruthFile:
    """Read disparity [px] or depth [m]; 0, NaN and infinity in the file mean "no truth here".

    So do negative depths, and a negative whole number where it is the only negative one, as -1 often is.

    Args:
        path: A PNG or PGM (8 or 16 bits), PFM, NPY or NPZ file.
        kind: What it holds; "recognised" takes depth if the file (or the NPZ member) is called so, and not disparity.
        scale: Stored value per px or per m. None: 256 for unsigned 16-bit numbers (KITTI), 1 for others.

    Raises:
        ValueError: If there is no file, it cannot be read, has more than one channel, or holds no truth at all.
    """
    if path is None:
        raise ValueError(f"No ground truth yet: choose a file first ({TRUTH_FORMATS}).")
    if kind not in get_args(TruthKind):
        raise ValueError(f"What the truth holds must be {' or '.join(get_args(TruthKind))}, not {quoted(str(kind))}.")
    stored, form, hint = _read_stored(existing_file(path))
    if scale is None:
        scale = 256.0 if stored.dtype.kind == "u" and stored.dtype.itemsize == 2 else 1.0
    if isinstance(scale, bool) or not isinstance(scale, int | float) or not 0 < scale <= sys.float_info.max:
        raise ValueError(f"The scale of the ground truth must be larger than 0, not {number_text(scale)}.")
    is_depth = kind == "depth" or (kind == "recognised" and "depth" in hint.lower() and "disp" not in hint.lower())
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # what float32 cannot hold is no truth either
        values = stored.astype(np.float32)
        del stored  # may be twice as large
        values /= np.float32(scale)
    values[~np.isfinite(values) | (values == 0)] = np.nan
    negative, unknown = "negative numbers" if is_depth else _negative_marker(values, scale), "0, NaN and infinity"
    if negative and (values < 0).any():
        unknown = f"0, NaN, infinity and {negative}"
        values[values < 0] = np.nan
    if np.isnan(values).all():
        raise ValueError(f"The ground truth holds no value at all: there is nothing but {unknown}, which mean unknown.")
    depth_map = DepthMap(values, DepthKind.METRIC_DEPTH if is_depth else DepthKind.DISPARITY)
    reading = "value" if scale == 1 else f"value / {scale:g}"
    return GroundTruthFile(
        depth_map,
        f"{form}, read as {depth_map.kind.value} = {reading} {depth_map.kind.unit}, with {unknown} unknown; "
        f"{100 * depth_map.valid.mean():.1f} % of the pixels have truth, "
        f"from {np.nanmin(values):.4g} to {np.nanmax(values):.4g} {depth_map.kind.unit}.",
    )


def _negative_marker(values: NDArray[np.float32], scale: float) -> str:
    """The one negative number, if it is stored as a whole one and there are positive numbers too; "" for any others."""
    lowest = values.min(initial=0, where=values < 0)
    stored = round(float(lowest) * scale)
    if stored >= 0 or np.float32(stored) / np.float32(scale) != lowest or not (values > 0).any():
        return ""
    return f"{stored:.10g}" if (values[values < 0] == lowest).all() else ""


def _read_stored(path: Path) -> tuple[NDArray[np.generic], str, str]:
    """The numbers as stored, (H, W); what the file is; and the text in which 'depth' is looked for."""
    with path.open("rb") as stream:
        magic = stream.read(6)
        stream.seek(0)
        if magic.startswith(_PFM):
            return read_pfm(stream, path.stat().st_size), "PFM", path.stem
        if magic == b"\x93NUMPY":
            array = read_npy(stream, path.stat().st_size)
            return array, f"NPY ({array.dtype})", path.stem
        if magic[:4] in (b"PK\x03\x04", b"PK\x05\x06"):  # the second: an empty archive
            array, member = read_npz(stream)
            return array, f"NPZ member {quoted(member)} ({array.dtype})", f"{path.stem} {member}"
        content = stream.read()
    if content.startswith(_PNM):
        array, _ = read_pnm(content)
        form = "PNM"
        if array.ndim == 3:
            array = one_channel(*np.moveaxis(array, 2, 0))
    else:
        with open_picture(content, TRUTH_FORMATS) as image:
            form = image.format or ""
            with damage_as_sentence("ground truth"):
                is_deep = has_deep_channels(image, content)
            if is_deep:
                raise ValueError(
                    "The ground truth has several channels of more than 8 bits each, which cannot be read here: "
                    "save it with one channel."
                )
            with damage_as_sentence("ground truth"):
                image.load()
            array = to_numbers(image)
    return array, f"{8 * array.dtype.itemsize}-bit {form}", path.stem
