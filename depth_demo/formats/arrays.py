"""Read maps of numbers from PFM, DPT, NPY and NPZ files.

Every reader raises ValueError with a sentence for a person. No reader takes memory because a header says so: it first
checks that the data is there. No reader unpickles anything.
"""

from __future__ import annotations

import io
import math
import re
import tokenize
import zipfile
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.archives import ARCHIVE_ERRORS, refuse_many_members
from depth_demo.formats.untrusted import check_map_size, harmless, quoted, reason

PFM_MAGIC = (b"Pf", b"PF")
DPT_MAGIC = b"PIEH"  # 202021.25 as a little-endian float32
COLMAP_HEAD = rb"(\d{1,6})&(\d{1,6})&(\d{1,2})&"  # width, height and channels
# What members of an archive are called that hold the map, and what others never are.
_MAP_NAME = re.compile(r"depth|disp|inv_?depth|\bgt\b|truth", re.IGNORECASE)
_OTHER_NAME = re.compile(
    r"conf|mask|valid|occ|intrin|extrin|pose|normal|image|rgb|sem|label|right|weight|flow|uncert|err|var|std|sigma|count|\bk\b|^k$|cam",
    re.IGNORECASE,
)
MAX_MEMBERS = 1000
_MAX_NPY_HEADER = 10_000  # NumPy's own limit
_BLOCK = 2**20  # bytes read at once
# What NumPy's reader of headers raises, which runs Python's parser, and what the zip archive does.
_HEADER_ERRORS = (
    *(ValueError, KeyError, SyntaxError, TypeError, MemoryError, RecursionError, OverflowError, tokenize.TokenError),
    *(IndexError, AttributeError),
)


def read_pfm(stream: IO[bytes], file_size: int) -> NDArray[np.generic]:
    """Return the (H, W) float32 numbers of a portable float map.

    The file holds rows from the bottom up. A negative scale means little-endian numbers.

    Args:
        stream: The file, at its beginning.
        file_size: Its size in bytes.

    Raises:
        ValueError: If the header cannot be read, the file is in colour, too large, or cut short.
    """
    head = stream.read(1024)
    gap = rb"(?:\s|#[^\r\n]{0,200}[\r\n])+"
    match = re.match(rb"(P[fF])%b(\d{1,6})%b(\d{1,6})%b([-+]?[\d.]+(?:[eE][-+]?\d+)?)(?:\r\n|\s)" % (gap, gap, gap), head)
    if match is None:
        raise ValueError("The PFM header cannot be read: it must give 'Pf', width, height and scale.")
    width, height, channels = int(match[2]), int(match[3]), 3 if match[1] == b"PF" else 1
    check_map_size(height, width)
    needed = 4 * width * height * channels
    if file_size - match.end() < needed:
        raise ValueError(f"The PFM file is cut short: {width}x{height} pixels need {needed} bytes.")
    stream.seek(match.end())
    numbers = np.frombuffer(stream.read(needed), "<f4" if match[4].startswith(b"-") else ">f4")
    rows = np.flipud(numbers.reshape(height, width, channels))
    if not all(np.array_equal(rows[..., 0], rows[..., other], equal_nan=True) for other in range(1, channels)):
        raise ValueError("The PFM file is in colour ('PF'); a map has one number per pixel ('Pf').")
    return rows[..., 0]


def read_colmap(stream: IO[bytes], file_size: int) -> NDArray[np.generic]:
    """Return the (H, W) float32 depths of COLMAP's .bin.

    The file holds width, height and channels in words, then the numbers row by row, little-endian
    (scripts/python/read_write_dense.py of COLMAP).

    Args:
        stream: The file, at its beginning.
        file_size: Its size in bytes.

    Raises:
        ValueError: If the file holds another map than depth, is too large, or is cut short.
    """
    match = re.match(COLMAP_HEAD, stream.read(32))
    width, height, channels = (int(group) for group in match.groups()) if match else (0, 0, 0)
    if channels != 1:
        raise ValueError(f"The COLMAP file has {channels} channels; a map of depth has one (a map of normals has three).")
    check_map_size(height, width)
    start = match.end() if match else 0
    if file_size - start < 4 * width * height:
        raise ValueError(f"The COLMAP file is cut short: {width}x{height} pixels need {4 * width * height} bytes.")
    stream.seek(start)
    return np.frombuffer(stream.read(4 * width * height), "<f4").reshape(height, width)


def read_dpt(stream: IO[bytes], file_size: int) -> NDArray[np.generic]:
    """Return the (H, W) float32 depths [m] of Sintel's .dpt.

    The file holds a tag, width and height, then rows from the top down, all little-endian (the SDK of MPI Sintel).

    Args:
        stream: The file, at its beginning.
        file_size: Its size in bytes.

    Raises:
        ValueError: If the map is too large or the file is cut short.
    """
    width, height = np.frombuffer(stream.read(12).ljust(12, b"\0"), "<i4", 2, offset=4).tolist()
    check_map_size(height, width)
    if file_size - 12 < 4 * width * height:
        raise ValueError(f"The DPT file is cut short: {width}x{height} pixels need {4 * width * height} bytes.")
    return np.frombuffer(stream.read(4 * width * height), "<f4").reshape(height, width)


def read_npy(stream: IO[bytes], available_bytes: int) -> NDArray[np.generic]:
    """Return the (H, W) real numbers or truth values of an NPY array.

    Args:
        stream: The array, at its beginning.
        available_bytes: The size of the file or archive member.

    Raises:
        ValueError: If the header cannot be read, the array is no map, is too large, or is cut short.
    """
    shape, fortran_order, dtype = read_npy_header(stream)
    if not _is_map(shape, dtype) and not (dtype == np.bool_ and len(_map_shape(shape)) == 2):
        raise ValueError(
            f"The array has shape {harmless(str(shape), 60)} and type {dtype.name}; a map is (H, W) of real numbers."
        )
    height, width = _map_shape(shape)
    check_map_size(height, width)
    needed = height * width * dtype.itemsize
    if needed > available_bytes:
        raise ValueError(f"The NPY data is cut short: {width}x{height} values of {dtype} need {needed} bytes.")
    data = bytearray()
    while len(data) < needed and (block := stream.read(min(_BLOCK, needed - len(data)))):
        data += block
    if len(data) < needed:
        raise ValueError(f"The NPY data is cut short: {len(data)} of {needed} bytes are there.")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran_order else "C").reshape(height, width)


def _is_map(shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> bool:
    return len(_map_shape(shape)) == 2 and dtype.kind in "uif" and dtype.itemsize <= 8


def _map_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape without axes of length 1, of which frameworks keep one for the batch and one for the channel."""
    return shape if len(shape) == 2 else tuple(side for side in shape if side != 1)


def read_npy_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    """Return shape, whether in Fortran order, and type; the stream goes from its beginning to the data."""
    header_readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    head = io.BytesIO(stream.read(_MAX_NPY_HEADER))  # never more, however long the header says to be
    try:
        shape, fortran_order, dtype = header_readers[np.lib.format.read_magic(head)](head)
    except _HEADER_ERRORS as error:
        raise ValueError("The NPY header cannot be read.") from error
    if any(abs(side) >= 2**63 for side in shape):
        raise ValueError("The NPY header cannot be read: a side has more than 19 digits.")
    stream.seek(head.tell())
    return tuple(map(int, shape)), fortran_order, dtype


def read_npz(stream: IO[bytes]) -> tuple[NDArray[np.generic], str]:
    """Return the map of an NPZ archive, and its name.

    This is the largest (H, W) array of real numbers whose name speaks of depth or disparity. Where none does, it is the
    largest one whose name speaks of nothing else, such as a mask, a confidence or a camera. The name is the file's own and
    may hold anything: quote it before it is shown.

    Raises:
        ValueError: If the archive cannot be read, has too many members, or holds no such array.
    """
    refuse_many_members(stream, MAX_MEMBERS, "The NPZ archive")
    try:
        with zipfile.ZipFile(stream) as archive:
            sizes = {entry: _pixels_of_map(archive, entry) for entry in archive.infolist()}
            maps = {entry: size for entry, size in sizes.items() if size > 0}
            entry = max(maps, key=lambda entry: (_rank(entry.filename), maps[entry]), default=None)
            stack = _several_maps(archive) if entry is None else ""
            if entry is not None:
                _refuse_equals(entry, maps)
                with archive.open(entry) as member:
                    return read_npy(member, entry.file_size), Path(entry.filename).stem
    except ARCHIVE_ERRORS as error:
        raise ValueError(f"The NPZ archive cannot be read ({reason(error)}).") from error
    raise ValueError(f"The NPZ archive holds no two-dimensional array of real numbers.{stack}")


def _rank(name: str) -> int:
    """Return how likely a member is the map by its name: 2 it says so, 1 it says nothing, 0 it says something else."""
    stem = Path(name).stem
    if _OTHER_NAME.search(stem):
        return 0
    return 2 if _MAP_NAME.search(stem) else 1


def _refuse_equals(chosen: zipfile.ZipInfo, maps: dict[zipfile.ZipInfo, int]) -> None:
    """Raise ValueError where two members may be the map, and nothing tells them apart."""
    rank = _rank(chosen.filename)
    equals = [entry for entry in maps if maps[entry] == maps[chosen] and _rank(entry.filename) == rank]
    if rank and len(equals) > 1:
        names = " and ".join(quoted(Path(entry.filename).stem) for entry in equals[:4])
        raise ValueError(f"The NPZ archive holds several maps of one size, {names}: save the one that is meant as NPY.")


def _several_maps(archive: zipfile.ZipFile) -> str:
    """Return a sentence on the first member with a map for each of several frames; "" where there is none."""
    for entry in archive.infolist():
        with archive.open(entry) as member:
            if member.read(6) != b"\x93NUMPY":
                continue
            member.seek(0)
            shape, _, dtype = read_npy_header(member)
        if len(_map_shape(shape)) == 3 and dtype.kind in "uif":
            name, sides = quoted(Path(entry.filename).stem), harmless(str(shape), 60)
            return f" Its member {name} has shape {sides}: save the map of one frame as NPY."
    return ""


def _pixels_of_map(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """Return how many pixels a member has by its header; 0 if it is not (H, W) of real numbers."""
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:  # LZMA may ask for gigabytes
        raise ValueError("The NPZ archive cannot be read: a member is compressed in a way that NumPy does not write.")
    with archive.open(entry) as member:
        if member.read(6) != b"\x93NUMPY":
            return 0
        member.seek(0)
        shape, _, dtype = read_npy_header(member)
    return math.prod(shape) if _is_map(shape, dtype) else 0
