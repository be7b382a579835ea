"""Unpack a ZIP of a stranger: bounded in files, bytes and compression, and into its own folder only."""

from __future__ import annotations

import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from depth_demo.formats.untrusted import existing_file, harmless, quoted, reason

ARCHIVE_ERRORS = (
    *(zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, UnicodeDecodeError),
    *(struct.error, zlib.error),
)
_MEMBER_SIGNATURE = b"PK\x01\x02"
_BLOCK = 2**20  # bytes read at once
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ENCRYPTED = 1  # a flag
_SHOWN = 100  # characters


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an archive may hold.

    Attributes:
        files: At most.
        unpacked_bytes: Of all files together, at most.
        ratio: Bytes unpacked for each byte of the archive, at most.
        ratio_from_bytes: The ratio counts from so many unpacked bytes on: blank pictures pack well.
        name_length: Characters of a file's name with its folders, at most.
        depth: Folders within folders, at most.
        spare_bytes: What stays free on the disk.
    """

    files: int = 10_000
    unpacked_bytes: int = 1_000_000_000
    ratio: float = 100.0
    ratio_from_bytes: int = 10_000_000
    name_length: int = 240
    depth: int = 12
    spare_bytes: int = 2**31

    def in_words(self) -> str:
        """Say the bounds that people meet, in half a sentence."""
        return (
            f"up to {self.files:,} files and {self.unpacked_bytes / 1e9:g} GB unpacked, at most {self.ratio:g} times the size "
            "of the ZIP, without links and without paths that lead out of it"
        )


BOUNDS = Bounds()


def unpack(archive: Path, folder: Path, bounds: Bounds = BOUNDS) -> int:
    """Unpack a ZIP into a folder that is not there yet, wholly or not at all.

    Every name is looked at before the first file is written. What the archive says of its sizes is not relied on.

    Args:
        archive: The file.
        folder: Is made, and is not there after a refusal.
        bounds: What the archive may hold.

    Returns:
        How many files there are.

    Raises:
        ValueError: If it is no ZIP, is broken or encrypted, exceeds a bound, or a name leads out of it or is there twice.
    """
    with existing_file(archive).open("rb") as stream:
        refuse_many_members(stream, 2 * bounds.files, f"The ZIP {quoted(archive.name)}")
        try:
            with zipfile.ZipFile(stream) as found:
                members = _checked(found, archive, bounds)
                _check_room(folder, members, bounds)
                _write(found, members, folder, bounds)
        except ARCHIVE_ERRORS as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise ValueError(f"The ZIP {quoted(archive.name)} cannot be unpacked ({reason(error)}).") from error
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return len(members)


def refuse_many_members(stream: IO[bytes], most: int, what: str) -> None:
    """Count the members before an archive is opened, which takes time and memory for each.

    Args:
        stream: The archive, at its beginning, where it is left.
        most: Members that are accepted.
        what: Begins the sentence.

    Raises:
        ValueError: If there are more.
    """
    count = 0
    while block := stream.read(_BLOCK):
        count += block.count(_MEMBER_SIGNATURE)
        if count > most:
            raise ValueError(f"{what} has too many members; up to {most:,} are accepted.")
    stream.seek(0)


def _checked(found: zipfile.ZipFile, archive: Path, bounds: Bounds) -> list[zipfile.ZipInfo]:
    """Return the files of an archive, all of which may be written."""
    entries = found.infolist()
    if len(entries) > bounds.files:
        raise ValueError(f"The ZIP {quoted(archive.name)} holds {len(entries):,} files; up to {bounds.files:,} are accepted.")
    for entry in entries:
        _check_name(entry, bounds)
        _check_kind(entry)
    members = [entry for entry in entries if not entry.is_dir()]
    if not members:
        raise ValueError(f"The ZIP {quoted(archive.name)} holds no file.")
    _refuse_twice([entry.filename for entry in members])
    size, packed = sum(entry.file_size for entry in members), archive.stat().st_size
    if size > bounds.unpacked_bytes:
        raise ValueError(_too_large(archive, size, bounds))
    if size > max(bounds.ratio_from_bytes, bounds.ratio * packed):
        raise ValueError(
            f"The ZIP {quoted(archive.name)} unpacks to {size / packed:,.0f} times its size; up to {bounds.ratio:g} times is "
            "accepted."
        )
    return members


def _too_large(archive: Path, size: int, bounds: Bounds) -> str:
    return (
        f"The ZIP {quoted(archive.name)} unpacks to {size / 1e6:,.1f} MB; up to {bounds.unpacked_bytes / 1e6:,.1f} MB are "
        "accepted."
    )


def _check_name(entry: zipfile.ZipInfo, bounds: Bounds) -> None:
    """Raise ValueError where a name is not that of a file below the folder; `orig_filename` is the name as it is stored."""
    name = entry.orig_filename
    parts = name.removesuffix("/").split("/")
    if "\\" in name or _CONTROL.search(name):
        raise ValueError(f"The ZIP holds the name {_path(name)}: names must be without backslashes and control characters.")
    if name.startswith("/") or _DRIVE.match(name) or {"", ".", ".."} & set(parts):
        raise ValueError(f"The ZIP holds the path {_path(name)}, which leads out of it: paths must be like scene/left.png.")
    if len(name) > bounds.name_length or len(parts) > bounds.depth:
        raise ValueError(
            f"The ZIP holds the path {_path(name)}: up to {bounds.name_length} characters and {bounds.depth} folders within "
            "each other are accepted."
        )


def _check_kind(entry: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        what = "a link" if kind == stat.S_IFLNK else "no ordinary file"
        raise ValueError(f"The ZIP holds {_path(entry.filename)}, which is {what}: only files and folders are accepted.")
    if entry.flag_bits & _ENCRYPTED:
        raise ValueError(f"The ZIP holds {_path(entry.filename)}, which is encrypted: pack it without a password.")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:  # LZMA may ask for gigabytes
        raise ValueError(f"The ZIP holds {_path(entry.filename)}, whose compression is not Deflate: pack it the usual way.")


def _refuse_twice(names: Sequence[str]) -> None:
    """Raise ValueError where two files have one name, or one is the folder of another."""
    files = set[str]()
    for name in names:
        if name in files:
            raise ValueError(f"The ZIP holds two files of the name {_path(name)}.")
        files.add(name)
    for name in names:
        above = next((folder for folder in _folders(name) if folder in files), None)
        if above is not None:
            raise ValueError(f"The ZIP holds {_path(above)} as a file and as a folder.")


def _path(name: str) -> str:
    """Return a path in quotation marks, short and without markup; `quoted` takes no slashes."""
    return f"'{'/'.join(harmless(part, 40) for part in name[:_SHOWN].split('/'))}'"


def _folders(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def _check_room(folder: Path, members: Sequence[zipfile.ZipInfo], bounds: Bounds) -> None:
    place = next(parent for parent in folder.parents if parent.is_dir())
    if shutil.disk_usage(place).free - sum(entry.file_size for entry in members) < bounds.spare_bytes:
        raise ValueError("There is no room on the server's disk for what the ZIP holds: try again later.")


def _write(found: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], folder: Path, bounds: Bounds) -> None:
    left = bounds.unpacked_bytes
    for entry in members:
        path = folder.joinpath(*entry.filename.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        with found.open(entry) as source, path.open("xb") as target:
            while block := source.read(_BLOCK):
                left -= len(block)
                if left < 0:
                    raise ValueError(f"The ZIP holds {_path(entry.filename)}, which is larger than the ZIP says.")
                target.write(block)
