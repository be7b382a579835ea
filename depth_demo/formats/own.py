"""What this app writes into its own pictures, so that it reads them back as what they are: numbers of a map, or no numbers.

A PNG holds it as text under the keyword `KEYWORD`, a TIFF in its description, behind that word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from depth_demo.formats.coded import Numbers
from depth_demo.formats.encodings import DEPTH, DISPARITY, Encoding
from depth_demo.formats.untrusted import quoted
from depth_demo.geometry import LARGEST, DepthKind, is_real_number

KEYWORD = "DepthDemo"
OWN = "depth-demo"  # the name of the encoding, which no menu offers: it holds for one file
MAX_TEXT = 4000  # characters; what is longer is not ours
PICTURE, CONFIDENCE = "picture for people", "confidence"  # kinds that are no maps
_NO_TRUTH = "It cannot be ground truth, which is disparity in px or depth in m."
_END = r"(?: ?\(\d+\))?$"  # of a name, where a browser may have put a number
_RELATIVE = [kind.value for kind in (DepthKind.RELATIVE_INVERSE_DEPTH, DepthKind.RELATIVE_DEPTH)]


def meaning_of_map(kind: DepthKind, scale: float, offset: float, no_measurement: int | None, source: str) -> dict[str, object]:
    """Return what the stored numbers of a map mean.

    Args:
        kind: Of the map.
        scale, offset: value = stored * scale + offset.
        no_measurement: The stored number of a hole; None where NaN stands there.
        source: One line that tells what made the map.
    """
    return {
        "kind": kind.value,
        "unit": kind.unit or None,
        "scale": scale,
        "offset": offset,
        "formula": "value = stored * scale + offset",
        "no_measurement": no_measurement,
        "nearer_is_larger": kind.nearer_is_larger,
        "source": source,
    }


def text_of(meaning: Mapping[str, object]) -> str:
    """Return a meaning as one line of ASCII."""
    return json.dumps(meaning)


def own_text(image: Image.Image) -> str | None:
    """Return the meaning that a loaded picture carries; None for a picture of another program."""
    if image.format == "TIFF":
        keyword, _, meaning = str(image.getexif().get(ExifTags.Base.ImageDescription, "")).partition(" ")
        return meaning if keyword == KEYWORD else None
    text = image.info.get(KEYWORD)
    return None if text is None else str(text)


def encoding_of(text: str) -> Encoding:
    """Return the encoding that a meaning describes.

    Raises:
        ValueError: If it describes something without px or m, or cannot be understood.
    """
    meaning = _parsed(text)
    kind, scale, offset, hole = (meaning.get(key) for key in ("kind", "scale", "offset", "no_measurement"))
    if kind in (PICTURE, CONFIDENCE):
        raise ValueError(f"Depth Demo saved this file as a {kind}, without px or m. {_NO_TRUTH}")
    if kind in _RELATIVE:
        raise ValueError(f"This file holds {kind}, which has no px or m. {_NO_TRUTH}")
    if (
        kind not in (DISPARITY.value, DEPTH.value)
        or not (isinstance(scale, int | float) and is_real_number(scale) and scale)
        or not (isinstance(offset, int | float) and is_real_number(offset))
        or hole not in (0, None)
    ):
        raise ValueError(f"The file says by its text {KEYWORD} what it holds, but that cannot be understood: {quoted(text)}.")
    return Encoding(
        name=OWN,
        title="As Depth Demo saves it",
        source="docs/formats.md",
        unknown=() if hole is None or offset else (0,),
        kind=DepthKind(kind),
        dtypes=("float32",) if hole is None else ("uint16",),
        convert=partial(_in_units, float(scale), float(offset), hole is not None),
        number=_formula(float(scale), float(offset)),
    )


def refuse_own_name(name: str) -> None:
    """Raise ValueError if a name, as this app gives it, says that the file holds neither px nor m."""
    match = re.search(rf"_({CONFIDENCE}|relative_(?:inverse_)?depth){_END}", name)
    if match:
        raise ValueError(
            f"By its name {quoted(name)}, the file holds {match[1].replace('_', ' ')}, which has no px or m. {_NO_TRUTH} "
            "If it does hold one of them, say which."
        )


def is_named_metres(name: str) -> bool:
    """Return whether this app names a map of metres like this, whatever the photo's own name says."""
    return re.search(f"_depth_m{_END}", name) is not None


def _parsed(text: str) -> Mapping[str, object]:
    try:
        meaning = json.loads(text) if len(text) <= MAX_TEXT else None
    except (ValueError, RecursionError):
        meaning = None
    return meaning if isinstance(meaning, dict) else {}


def _in_units(scale: float, offset: float, has_holes: bool, stored: Numbers) -> NDArray[np.floating]:  # noqa: FBT001
    """Return stored * scale + offset, NaN in holes. An offset may be far larger than a step, which takes 64 bits."""
    values: NDArray[np.floating] = stored.astype(np.float64 if offset else np.float32)
    values *= scale
    values += offset
    if has_holes:
        values[stored == 0] = np.nan
    values[np.abs(values) > LARGEST] = np.nan
    return values


def _formula(scale: float, offset: float) -> str:
    """Return how a value follows from a stored number: "value / 256", or "value * 2e-05 + 0.4"."""
    per_unit = round(1 / scale)
    is_whole = per_unit and abs(scale * per_unit - 1) < 1e-9
    factor = "" if scale == 1 else f" / {per_unit}" if is_whole else f" * {scale:.6g}"
    shift = f" {'-' if offset < 0 else '+'} {abs(offset):.6g}" if offset else ""
    return f"value{factor}{shift}"
