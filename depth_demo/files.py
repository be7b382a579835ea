"""Photos and ground truth in. What is substituted or assumed while reading is returned as text, to be shown.

Every reader raises ValueError with a sentence for a person. Nothing is allocated on the word of a file header
alone, and nothing is ever unpickled.
"""

from __future__ import annotations

import lzma
import re
import struct
import sys
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, get_args

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, ImageOps

from depth_demo.geometry import DepthKind, DepthMap, RgbImage, focal_length_px_from_35mm, number_text

MIN_SIDE = 32
MAX_PIXELS = 50_000_000
MAX_ASPECT_RATIO = 100
PHOTO_FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "HEIF", "BMP", "TIFF", "PPM", "GIF", "JPEG2000")
PHOTO_FORMATS_TEXT = "PNG, JPEG, WebP, AVIF, HEIC, TIFF, BMP, PNM, GIF or JPEG 2000"
TRUTH_FORMATS = "PNG or PGM (8 or 16 bits), PFM, NPY or NPZ"

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = MAX_PIXELS

# Everything that Pillow's decoders were seen to raise on damaged files.
_DECODING_ERRORS = (
    *(OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, RuntimeError),
    *(struct.error, zlib.error),
)
# The same for NumPy's reader of headers, which runs Python's tokenizer, and for the zip archive.
_HEADER_ERRORS = (ValueError, KeyError, SyntaxError, TypeError, MemoryError, RecursionError, tokenize.TokenError)
_ARCHIVE_ERRORS = (
    *(zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, UnicodeDecodeError),
    *(struct.error, zlib.error, lzma.LZMAError),
)


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A decoded photo.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, upright.
        focal_length_px: From the EXIF data, at this size; None when the file does not say.
    """

    pixels: RgbImage
    focal_length_px: float | None = None


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
    with _open_image(_existing(path), PHOTO_FORMATS_TEXT) as image:
        with _damage_as_sentence("image"):
            frames = getattr(image, "n_frames", 1)
        if frames > 1 and image.format != "MPO":  # MPO: a JPEG whose second frame is the phone's own extra
            raise ValueError(f"The file is an animation of {frames} frames; give a single image.")
        if max(image.size) / min(image.size) > MAX_ASPECT_RATIO:
            raise ValueError(
                f"The image is {image.width}x{image.height} pixels; up to {MAX_ASPECT_RATIO}:1 in shape is accepted."
            )
        if min(image.size) < MIN_SIDE:
            raise ValueError(f"The image is {image.width}x{image.height} pixels; each side needs {MIN_SIDE} pixels or more.")
        if image.mode == "F":
            raise ValueError("The image has floating-point pixels; a photo has 8 or 16 bits per channel.")
        with _damage_as_sentence("image"):
            focal_35mm = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.FocalLengthIn35mmFilm)
            ImageOps.exif_transpose(image, in_place=True)
            pixels = _to_rgb(image)
    focal = float(focal_35mm) if isinstance(focal_35mm, int | float) and focal_35mm > 0 else None
    height, width = pixels.shape[:2]
    return Photo(pixels, focal_length_px_from_35mm(focal, height, width) if focal else None)


def _existing(path: str | Path) -> Path:
    path = Path(path)
    if not path.is_file():  # uploads are deleted after a while
        raise ValueError(f"The file {path.name!r} is not there any more: choose it again.")
    return path


@contextmanager
def _damage_as_sentence(what: str) -> Iterator[None]:
    try:
        yield
    except _DECODING_ERRORS as error:
        raise ValueError(f"The {what} is damaged and cannot be decoded ({_reason(error)}).") from error


def _open_image(path: Path, accepted: str) -> ImageFile.ImageFile:
    """Open without decoding, so that the size can be refused before any memory is taken."""
    if path.stat().st_size == 0:
        raise ValueError("The file is empty (0 bytes).")
    try:
        image = Image.open(path, formats=PHOTO_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(f"The image has more than the {MAX_PIXELS / 1e6:.0f} megapixels that are accepted.") from error
    except OSError as error:
        raise ValueError(
            f"This file cannot be read here: it must be {accepted} (not SVG, PDF or text, whatever the name says)."
        ) from error
    except _DECODING_ERRORS as error:
        raise ValueError(f"The image is damaged and cannot be opened ({_reason(error)}).") from error
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise ValueError(
            f"The image is {image.width}x{image.height} pixels, {image.width * image.height / 1e6:.0f} megapixels; "
            f"up to {MAX_PIXELS / 1e6:.0f} are accepted."
        )
    return image


def _to_rgb(image: Image.Image) -> RgbImage:
    if image.mode.startswith("I"):  # 16 bits per pixel, which Pillow's convert() would clip at 255
        grey = (np.clip(np.asarray(image).astype(np.int64), 0, 65535) + 128) // 257
        return np.repeat(grey.astype(np.uint8)[:, :, np.newaxis], 3, axis=2)
    if image.has_transparency_data:
        with_alpha = image.convert("RGBA")
        white = Image.new("RGBA", with_alpha.size, "white")
        image = Image.alpha_composite(white, with_alpha)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _reason(error: BaseException) -> str:
    """The first line of a decoder's message, without any path in it."""
    return re.sub(r"'?/\S+", "", str(error).partition("\n")[0]).strip() or type(error).__name__


TruthKind = Literal["recognised", "disparity", "depth"]


@dataclass(frozen=True, slots=True, eq=False)
class GroundTruthFile:
    """Ground truth and the sentence that says how the file was understood."""

    depth_map: DepthMap
    description: str


def load_ground_truth(path: str | Path | None, kind: TruthKind = "recognised", scale: float | None = None) -> GroundTruthFile:
    """Read disparity [px] or depth [m]; 0, NaN and infinity in the file mean "no truth here".

    Args:
        path: A PNG or PGM (8 or 16 bits), PFM, NPY or NPZ file.
        kind: What it holds; "recognised" takes depth if the file (or the NPZ member) is called so, and not disparity.
        scale: Stored value per px or per m. None: 256 for 16-bit images (KITTI), 1 for everything else.

    Raises:
        ValueError: If there is no file, it cannot be read, has more than one channel, or holds no truth at all.
    """
    if path is None:
        raise ValueError(f"No ground truth yet: choose a file first ({TRUTH_FORMATS}).")
    stored, form, hint = _read_stored(_existing(path))
    if scale is None:
        scale = 256.0 if stored.dtype.kind == "u" and stored.dtype.itemsize == 2 else 1.0
    if isinstance(scale, bool) or not isinstance(scale, int | float) or not 0 < scale <= sys.float_info.max:
        raise ValueError(f"The scale of the ground truth must be larger than 0, not {number_text(scale)}.")
    if kind not in get_args(TruthKind):
        raise ValueError(f"The kind of the ground truth must be one of {', '.join(get_args(TruthKind))}, not {kind!r}.")
    is_depth = kind == "depth" or (kind == "recognised" and "depth" in hint.lower() and "disp" not in hint.lower())
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # what float32 cannot hold is no truth either
        values = stored.astype(np.float32) / np.float32(scale)
    values[~np.isfinite(values) | (values == 0)] = np.nan
    if is_depth:
        values[values < 0] = np.nan
    if np.isnan(values).all():
        raise ValueError("The ground truth holds no value at all: every pixel is 0, NaN or infinite, which means unknown.")
    depth_map = DepthMap(values, DepthKind.METRIC_DEPTH if is_depth else DepthKind.DISPARITY)
    reading = "value" if scale == 1 else f"value / {scale:g}"
    return GroundTruthFile(
        depth_map,
        f"{form}, read as {depth_map.kind.value} = {reading} {depth_map.kind.unit}, with 0, NaN and infinity unknown; "
        f"{100 * depth_map.valid.mean():.1f} % of the pixels have truth, "
        f"from {np.nanmin(values):.4g} to {np.nanmax(values):.4g} {depth_map.kind.unit}.",
    )


def _read_stored(path: Path) -> tuple[NDArray[np.generic], str, str]:
    """The numbers as stored, (H, W); what the file is; and the text in which 'depth' is looked for."""
    with path.open("rb") as stream:
        magic = stream.read(6)
        stream.seek(0)
        if magic[:2] in (b"Pf", b"PF"):
            return _read_pfm(stream, path.stat().st_size), "PFM", path.stem
        if magic == b"\x93NUMPY":
            array = _read_npy(stream, path.stat().st_size)
            return array, f"NPY ({array.dtype})", path.stem
        if magic[:4] in (b"PK\x03\x04", b"PK\x05\x06"):  # the second: an empty archive
            array, member = _read_npz(stream)
            return array, f"NPZ member '{member}' ({array.dtype})", f"{path.stem} {member}"
    with _open_image(path, TRUTH_FORMATS) as image:
        form, maxval = image.format, _pnm_maxval(image)
        with _damage_as_sentence("ground truth"):
            array = np.asarray(image if len(image.getbands()) == 1 and image.mode != "P" else image.convert("RGBA"))
    if array.ndim == 3:
        if not (array[..., :1] == array[..., :3]).all():
            raise ValueError("The ground truth is a colour picture; it must hold one number per pixel, not a colour map.")
        array = array[..., 0]
    if form == "PPM" and array.dtype == np.int32:
        array = array.astype(np.uint16)  # Pillow's mode I, here of a file of 16 bits
    if maxval is not None:
        array = np.rint(array.astype(np.float64) * maxval / (256**array.dtype.itemsize - 1)).astype(array.dtype)
    return array, f"{8 * array.dtype.itemsize}-bit {form}", path.stem


def _pnm_maxval(image: ImageFile.ImageFile) -> int | None:
    """The largest value a PGM declares, where Pillow stretches the values from there to the whole 8 or 16 bits."""
    if image.format != "PPM" or image.mode not in {"L", "I"}:
        return None
    arguments = image.tile[0].args
    return arguments[1] if isinstance(arguments, tuple) else None


def _read_pfm(stream: IO[bytes], file_size: int) -> NDArray[np.generic]:
    """Portable float map: rows from the bottom up; the sign of the scale is the byte order."""
    head = stream.read(128)
    match = re.match(rb"(P[fF])\s+(\d{1,6})\s+(\d{1,6})\s+([-+]?[\d.]+(?:[eE][-+]?\d+)?)(?:\r\n|\s)", head)
    if match is None:
        raise ValueError("The PFM header cannot be read: it must give 'Pf', width, height and scale.")
    if match[1] == b"PF":
        raise ValueError("The PFM file is in colour ('PF'); a map has one number per pixel ('Pf').")
    width, height = int(match[2]), int(match[3])
    _check_map_size(height, width)
    if file_size - match.end() < 4 * width * height:
        raise ValueError(f"The PFM file is cut short: {width}x{height} pixels need {4 * width * height} bytes.")
    stream.seek(match.end())
    rows = np.frombuffer(stream.read(4 * width * height), "<f4" if match[4].startswith(b"-") else ">f4")
    return np.flipud(rows.reshape(height, width))


def _read_npy(stream: IO[bytes], available_bytes: int) -> NDArray[np.generic]:
    """An NPY array of real numbers; the header is checked against what is there before anything is allocated."""
    shape, fortran_order, dtype = _read_npy_header(stream)
    if dtype.kind not in "uif" or len(shape) != 2:
        raise ValueError(f"The array has shape {shape} and type {dtype}; a map is (H, W) of real numbers.")
    height, width = shape
    _check_map_size(height, width)
    needed = height * width * dtype.itemsize
    if needed > available_bytes:
        raise ValueError(f"The NPY data is cut short: {width}x{height} values of {dtype} need {needed} bytes.")
    data = stream.read(needed)
    if len(data) < needed:
        raise ValueError(f"The NPY data is cut short: {len(data)} of {needed} bytes are there.")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran_order else "C")


def _read_npy_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    """Shape, whether in Fortran order, and type."""
    header_readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    try:
        version = np.lib.format.read_magic(stream)
        return header_readers[version](stream)
    except _HEADER_ERRORS as error:
        raise ValueError("The NPY header cannot be read.") from error


def _read_npz(stream: IO[bytes]) -> tuple[NDArray[np.generic], str]:
    """The largest two-dimensional array of real numbers in an NPZ archive, and its name."""
    try:
        with zipfile.ZipFile(stream) as archive:
            sizes = {entry: _pixels_of_map(archive, entry) for entry in archive.infolist()}
            entry = max(sizes, key=lambda entry: sizes[entry], default=None)
            if entry is not None and sizes[entry] > 0:
                with archive.open(entry) as member:
                    return _read_npy(member, entry.file_size), Path(entry.filename).stem
    except _ARCHIVE_ERRORS as error:
        raise ValueError(f"The NPZ archive cannot be read ({_reason(error)}).") from error
    raise ValueError("The NPZ archive holds no two-dimensional array of real numbers.")


def _pixels_of_map(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """How many pixels the member says to have; 0 if it is no map: no array, or not (H, W) of real numbers."""
    with archive.open(entry) as member:
        if member.read(6) != b"\x93NUMPY":
            return 0
    with archive.open(entry) as member:
        shape, _, dtype = _read_npy_header(member)
    return shape[0] * shape[1] if len(shape) == 2 and dtype.kind in "uif" else 0


def _check_map_size(height: int, width: int) -> None:
    if height < 1 or width < 1 or height * width > MAX_PIXELS:
        raise ValueError(f"The map is {width}x{height}; up to {MAX_PIXELS / 1e6:.0f} megapixels are accepted.")
