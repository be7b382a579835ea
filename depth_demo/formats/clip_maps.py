"""The maps of a clip in one NPZ: written for programs, and read back so that a result can be seen again."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.archives import ARCHIVE_ERRORS
from depth_demo.formats.arrays import read_npy_header
from depth_demo.formats.clips import MAX_FRAMES, MAX_SIDE, Clip
from depth_demo.formats.untrusted import harmless, reason
from depth_demo.geometry import DepthKind

MAX_TEXT = 300  # characters
_MEMBERS = ("depth", "frames", "times_s", "fps", "kind", "model", "description", "has_one_scale")
_BLOCK = 2**20  # bytes read at once


@dataclass(frozen=True, slots=True, eq=False)
class ClipMaps:
    """What such a file holds.

    Attributes:
        clip: The frames.
        values: (T, H, W) float32, NaN where there is no measurement.
        kind: Of all maps.
        model: What made them, in words.
        has_one_scale: Whether numbers of different frames can be compared.
    """

    clip: Clip
    values: NDArray[np.float32]
    kind: DepthKind
    model: str
    has_one_scale: bool


def save_clip_maps(folder: Path, stem: str, maps: ClipMaps) -> Path:
    """Write `stem`.npz: depth, frames, times_s, fps, kind, unit, nearer_is_larger, model, description, has_one_scale."""
    path, clip = folder / f"{stem}.npz", maps.clip
    np.savez_compressed(
        path,
        depth=maps.values,
        frames=clip.frames,
        times_s=clip.times_s,
        fps=clip.fps,
        kind=maps.kind.value,
        unit=maps.kind.unit,
        nearer_is_larger=maps.kind.nearer_is_larger,
        model=maps.model,
        description=clip.description,
        has_one_scale=maps.has_one_scale,
    )
    return path


def holds_clip_maps(path: Path) -> bool:
    """Tell by its first bytes whether a file that is there is an NPZ and no video."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\3\4"


def load_clip_maps(path: Path) -> ClipMaps:
    """Read what `save_clip_maps` wrote.

    Raises:
        ValueError: If the file is not such an archive, or holds more than a clip may.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = {entry.filename: entry for entry in archive.infolist()[:100]}
            missing = [name for name in _MEMBERS if f"{name}.npy" not in names]
            if missing:
                raise ValueError(
                    f"This NPZ is no clip that this app saved: it lacks {', '.join(missing)}. "
                    "Upload a video, or the NPZ that this tab saves."
                )
            members = {name: _read(archive, names[f"{name}.npy"], name) for name in _MEMBERS}
    except ARCHIVE_ERRORS as error:
        raise ValueError(f"The NPZ archive cannot be read ({reason(error)}).") from error
    return _understood(members)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> NDArray[np.generic]:
    """Return a member whose header asks for no more than a clip may hold, and whose numbers are there."""
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise ValueError("The NPZ archive cannot be read: a member is compressed in a way that NumPy does not write.")
    with archive.open(entry) as member:
        shape, fortran_order, dtype = read_npy_header(member)
        needed = dtype.itemsize * int(np.prod(shape, dtype=object))
        most = MAX_FRAMES * MAX_SIDE**2 * 4
        if dtype.kind not in "ufbU" or len(shape) > 4 or needed > most:
            raise ValueError(
                f"This NPZ is no clip that this app saved: its {name} is {dtype.name} of shape {harmless(str(shape), 60)}."
            )
        data = _content(member, needed)
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran_order else "C") if needed else np.zeros(shape, dtype)


def _content(member: IO[bytes], needed: int) -> bytes:
    data = bytearray()
    while len(data) < needed and (block := member.read(min(_BLOCK, needed - len(data)))):
        data += block
    if len(data) < needed:
        raise ValueError("The NPZ archive is cut short.")
    return bytes(data)


def _understood(members: dict[str, NDArray[np.generic]]) -> ClipMaps:
    kinds = {kind.value: kind for kind in DepthKind}
    depth, frames, times, kind = members["depth"], members["frames"], members["times_s"], _text(members["kind"])
    if kind not in kinds:
        raise ValueError(f"This NPZ holds maps of an unknown kind: its kind must be one of {', '.join(kinds)}.")
    if depth.dtype != np.float32 or depth.ndim != 3 or depth.shape != frames.shape[:3]:
        raise ValueError(f"This NPZ is no clip that this app saved: its depth is {depth.dtype.name} of {depth.shape}.")
    fps, one_scale = members["fps"], members["has_one_scale"]
    if any(member.dtype != np.float64 or not np.isfinite(member).all() for member in (fps, times)) or len(frames) > MAX_FRAMES:
        raise ValueError("This NPZ is no clip that this app saved: its times cannot be read.")
    values = np.asarray(depth, np.float32)
    if np.isinf(values).any() or (kinds[kind] is DepthKind.METRIC_DEPTH and (values <= 0).any()):
        raise ValueError("This NPZ holds values that are no depth: infinite ones, or metres that are not larger than 0.")
    return ClipMaps(
        Clip(np.asarray(frames), np.asarray(times, np.float64), float(fps.max(initial=0)), _text(members["description"])),
        values,
        kinds[kind],
        _text(members["model"]),
        bool(one_scale.any()),
    )


def _text(member: NDArray[np.generic]) -> str:
    return harmless(str(member.ravel()[0]), MAX_TEXT) if member.size == 1 and member.dtype.kind == "U" else ""
