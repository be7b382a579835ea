"""Read ground truth: numbers by `containers`, their meaning by `encodings`, and a sentence that tells how they were read."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.containers import TRUTH_FORMATS, read_stored
from depth_demo.formats.encodings import Encoding, find_encoding
from depth_demo.formats.untrusted import existing_file, quoted
from depth_demo.geometry import DepthKind, DepthMap, number_text

TruthKind = Literal["recognised", "disparity", "depth"]


@dataclass(frozen=True, slots=True, eq=False)
class GroundTruthFile:
    """Ground truth from a file.

    Attributes:
        depth_map: Disparity [px] or metric depth [m], NaN where there is no truth.
        description: A sentence that tells how the file was understood.
    """

    depth_map: DepthMap
    description: str


def load_ground_truth(
    path: str | Path | None, kind: TruthKind = "recognised", scale: float | None = None, encoding: str | None = None
) -> GroundTruthFile:
    """Read disparity [px] or depth [m] from a file.

    NaN, infinity, and the stored numbers that the encoding names (mostly 0) mean "no truth here". Negative depths mean it
    too. Of disparities, a negative whole number means it where it is the only negative one, as -1 often is.

    Args:
        path: A file in one of the formats of `containers`.
        kind: What the file holds. "recognised" takes what the encoding says. If it says nothing, the file holds depth if
            "depth", and not "disp", is in its name or in that of the NPZ member.
        scale: Stored value per px or per m. None takes that of the encoding.
        encoding: A key of `ENCODINGS`. None takes unsigned 16-bit numbers for KITTI's (value / 256), others as stored.

    Raises:
        ValueError: If there is no file, it cannot be read, it does not fit the encoding, or it holds no truth at all.
    """
    if path is None:
        raise ValueError(f"No ground truth yet: choose a file first ({TRUTH_FORMATS}).")
    if kind not in get_args(TruthKind):
        raise ValueError(f"What the truth holds must be {' or '.join(get_args(TruthKind))}, not {quoted(str(kind))}.")
    if scale is not None and (
        isinstance(scale, bool) or not isinstance(scale, int | float) or not 0 < scale <= sys.float_info.max
    ):
        raise ValueError(f"The scale of the ground truth must be larger than 0, not {number_text(scale)}.")
    stored = read_stored(existing_file(path))
    form, meaning = stored.form, find_encoding(encoding, scale, stored.numbers)
    depth_kind = _kind_of(kind, meaning, stored.hint)
    values = meaning.decode(stored.numbers)
    del stored  # may be twice as large
    unknown = [f"{number:.10g}" for number in meaning.unknown] + [
        "NaN",
        "infinity",
        *_drop_negatives(values, depth_kind, meaning),
    ]
    nothing = f"{', '.join(unknown[:-1])} and {unknown[-1]}"
    if np.isnan(values).all():
        raise ValueError(f"The ground truth holds no value at all: there is nothing but {nothing}, which mean unknown.")
    depth_map = DepthMap(values, depth_kind)
    return GroundTruthFile(
        depth_map,
        f"{form}, read as {depth_kind.value} = {meaning.formula} {depth_kind.unit}, with {nothing} unknown; "
        f"{100 * depth_map.valid.mean():.1f} % of the pixels have truth, "
        f"from {np.nanmin(values):.4g} to {np.nanmax(values):.4g} {depth_kind.unit}.",
    )


def _kind_of(kind: TruthKind, encoding: Encoding, hint: str) -> DepthKind:
    """Return what the file holds, by the user, by the encoding, or by the words of `hint`."""
    if kind != "recognised":
        chosen = DepthKind(kind)
        if encoding.kind not in {None, chosen}:
            raise ValueError(f"The encoding {encoding.name} does not hold {kind}: leave the kind to it.")
        return chosen
    says_depth = "depth" in hint.lower() and "disp" not in hint.lower()
    return encoding.kind or (DepthKind.METRIC_DEPTH if says_depth else DepthKind.DISPARITY)


def _drop_negatives(values: NDArray[np.float32], kind: DepthKind, encoding: Encoding) -> list[str]:
    """Set to NaN the negative values that mean unknown, and return what they are called."""
    if not (values < 0).any():
        return []
    marker = "negative numbers" if kind is DepthKind.METRIC_DEPTH else _negative_marker(values, encoding.scale or 1)
    if marker:
        values[values < 0] = np.nan
    return [marker] if marker else []


def _negative_marker(values: NDArray[np.float32], scale: float) -> str:
    """Return the one negative number as stored, if it is whole and there are positive ones too; "" for any others."""
    lowest = values.min(initial=0, where=values < 0)
    stored = round(float(lowest) * scale)
    if stored >= 0 or np.float32(stored) / np.float32(scale) != lowest or not (values > 0).any():
        return ""
    return f"{stored:.10g}" if (values[values < 0] == lowest).all() else ""
