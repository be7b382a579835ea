"""Ground truth in. What is substituted or assumed while reading is returned as text, to be shown.

Every reader raises ValueError with a sentence for a person.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.arrays import PFM_MAGIC, read_npy, read_npz, read_pfm
from depth_demo.formats.pictures import (
    damage_as_sentence,
    has_deep_channels,
    one_channel,
    open_picture,
    to_numbers,
)
from depth_demo.formats.pnm import PNM_MAGIC, read_pnm
from depth_demo.formats.untrusted import existing_file, quoted
from depth_demo.geometry import DepthKind, DepthMap, number_text

TRUTH_FORMATS = "PNG or PGM (8 or 16 bits), PFM, NPY or NPZ"


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
        if magic.startswith(PFM_MAGIC):
            return read_pfm(stream, path.stat().st_size), "PFM", path.stem
        if magic == b"\x93NUMPY":
            array = read_npy(stream, path.stat().st_size)
            return array, f"NPY ({array.dtype})", path.stem
        if magic[:4] in (b"PK\x03\x04", b"PK\x05\x06"):  # the second: an empty archive
            array, member = read_npz(stream)
            return array, f"NPZ member {quoted(member)} ({array.dtype})", f"{path.stem} {member}"
        content = stream.read()
    if content.startswith(PNM_MAGIC):
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
