"""Read the numbers of a file as stored, whatever they mean. Each format is one row of `CONTAINERS`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.arrays import COLMAP_HEAD, DPT_MAGIC, PFM_MAGIC, read_colmap, read_dpt, read_npy, read_npz, read_pfm
from depth_demo.formats.encodings import Encoding
from depth_demo.formats.foreign import HDF5, OPENEXR, Library, read_foreign
from depth_demo.formats.own import encoding_of, own_text
from depth_demo.formats.pictures import (
    TIFF_MAGIC,
    damage_as_sentence,
    deep_colours,
    has_deep_channels,
    open_picture,
    to_numbers,
)
from depth_demo.formats.pnm import PNM_MAGIC, read_pnm
from depth_demo.formats.tables import looks_like_text, read_table
from depth_demo.formats.tiff import no_data_of, read_float_tiff
from depth_demo.formats.untrusted import quoted


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """Numbers as a file stores them.

    Attributes:
        numbers: (H, W), or (H, W, 3 or 4) for a colour picture; any real type.
        form: What the file is, in words for a person, such as "16-bit PNG".
        hint: Words that may tell what the numbers mean: the name of the file and of the member within it.
        no_data: Stored numbers that the file itself says to mean "no data".
        own: What the numbers mean, if this app saved the file and wrote it there.
    """

    numbers: NDArray[np.generic]
    form: str
    hint: str = ""
    no_data: tuple[float, ...] = ()
    own: Encoding | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """A format of files that hold numbers.

    Attributes:
        title: What people call it.
        beginnings: Patterns of the bytes with which such a file begins.
        read: Takes an open file and its size in bytes; raises ValueError with a sentence for a person.
    """

    title: str
    beginnings: tuple[bytes, ...]
    read: Callable[[IO[bytes], int], Stored]

    def begins(self, beginning: bytes) -> bool:
        """Return whether a file that begins like this is one."""
        return any(re.match(pattern, beginning, re.DOTALL) for pattern in self.beginnings)


def read_stored(path: Path) -> Stored:
    """Return the numbers of a file; its first bytes decide what it is, and not its name.

    Raises:
        ValueError: If the file is in no format known here, is damaged, or is too large.
    """
    with path.open("rb") as stream:
        beginning = stream.read(32)
        stream.seek(0)
        container = next((row for row in CONTAINERS.values() if row.begins(beginning)), _PICTURES)
        stored = container.read(stream, path.stat().st_size)
    return replace(stored, hint=f"{path.stem} {stored.hint}")


def _read_npy(stream: IO[bytes], size: int) -> Stored:
    numbers = read_npy(stream, size)
    return Stored(numbers, f"NPY ({numbers.dtype})")


def _read_npz(stream: IO[bytes], _size: int) -> Stored:
    numbers, member = read_npz(stream)
    return Stored(numbers, f"NPZ member {quoted(member)} ({numbers.dtype})", member)


def _read_by(library: Library) -> Callable[[IO[bytes], int], Stored]:
    def read(stream: IO[bytes], _size: int) -> Stored:
        numbers, name = read_foreign(library, stream.read())
        return Stored(numbers, f"{library.format}, {quoted(name)} ({numbers.dtype})", name)

    return read


def _read_picture(stream: IO[bytes], _size: int) -> Stored:
    content = stream.read()
    if content.startswith(PNM_MAGIC):
        numbers: NDArray[np.generic] = read_pnm(content)[0]
        return Stored(numbers, f"{8 * numbers.dtype.itemsize}-bit PNM")
    if content.startswith(TIFF_MAGIC) and (found := read_float_tiff(content)) is not None:
        return Stored(found, f"{8 * found.dtype.itemsize}-bit TIFF of floating-point numbers", no_data=no_data_of(content))
    if looks_like_text(content):
        return Stored(read_table(content), "table of numbers")
    with open_picture(content, TRUTH_FORMATS) as image:
        with damage_as_sentence("ground truth"):
            deep = deep_colours(image, content)
            is_deep = deep is None and has_deep_channels(image, content)
        if is_deep:
            raise ValueError(
                "The ground truth has several channels of more than 8 bits each, which cannot be read here: "
                "save it with one channel."
            )
        if deep is not None:
            return Stored(deep, "16-bit PNG of three colours")
        with damage_as_sentence("ground truth"):
            image.load()
            text = own_text(image)
        numbers = to_numbers(image)
        no_data = no_data_of(content) if image.format == "TIFF" else ()
        return Stored(
            numbers,
            f"{8 * numbers.dtype.itemsize}-bit {image.format}",
            no_data=no_data,
            own=None if text is None else encoding_of(text),
        )


CONTAINERS = {
    "pfm": Container("PFM", PFM_MAGIC, lambda stream, size: Stored(read_pfm(stream, size), "PFM")),
    "npy": Container("NPY", (rb"\x93NUMPY",), _read_npy),
    "npz": Container("NPZ", (rb"PK\x03\x04", rb"PK\x05\x06"), _read_npz),  # the second: an empty archive
    "colmap": Container(
        "COLMAP's .bin", (COLMAP_HEAD,), lambda stream, size: Stored(read_colmap(stream, size), "COLMAP depth map", "depth")
    ),
    "hdf5": Container("HDF5", (rb"\x89HDF\r\n\x1a\n",), _read_by(HDF5)),
    "exr": Container("OpenEXR", (rb"v/1\x01",), _read_by(OPENEXR)),
    "dpt": Container("DPT", (DPT_MAGIC,), lambda stream, size: Stored(read_dpt(stream, size), "Sintel DPT", "depth")),
}
_PICTURES = Container("PNG or PGM (8 or 16 bits), TIFF, text", (), _read_picture)  # whatever no row claims
*_first, _last = (row.title for row in (_PICTURES, *CONTAINERS.values()))
TRUTH_FORMATS = f"{', '.join(_first)} or {_last}"
