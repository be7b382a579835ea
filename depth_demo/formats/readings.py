"""One way to read a truth file: an encoding, what it holds, and how depth is measured; and which ways there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.coded import Numbers
from depth_demo.formats.encodings import ENCODINGS, MOST_16, Encoding, channel_spread
from depth_demo.formats.own import is_named_metres
from depth_demo.formats.untrusted import quoted
from depth_demo.geometry import Calibration, DepthKind, principal_point

TruthKind = Literal["recognised", "disparity", "depth", "ray distance"]
Turn = Literal["upside down", "mirrored", "turned by 180 degrees"]
UINT8_SCALES = (2.0, 3.0, 4.0, 8.0, 16.0)  # Middlebury 2001 to 2006


@dataclass(frozen=True, slots=True)
class Reading:
    """How the numbers of a file become disparity or depth.

    Attributes:
        encoding: With its scale.
        kind: What the values are.
        along_ray: Whether depth is the distance along the ray of each pixel, not along the optical axis.
    """

    encoding: Encoding
    kind: DepthKind
    along_ray: bool = False

    @property
    def words(self) -> str:
        """The reading as a formula: "depth = value / 1000 m"."""
        ray = " along the ray" if self.along_ray else ""
        return f"{self.kind.value} = {self.encoding.formula} {self.kind.unit}{ray}"

    def decode(self, stored: Numbers) -> NDArray[np.float32]:
        """Return the values as the encoding says, without depths that are not positive; see `Encoding.decode`."""
        values = self.encoding.decode(stored)
        if self.kind is DepthKind.METRIC_DEPTH:
            values[values <= 0] = np.nan
        return values

    def choice(self) -> Choice:
        """Return this reading as people choose it."""
        kind: TruthKind = "ray distance" if self.along_ray else "depth" if self.kind is DepthKind.METRIC_DEPTH else "disparity"
        own = ENCODINGS[self.encoding.name]
        scale = self.encoding.scale if own.scale is None else None
        return Choice(self.words, "recognised" if own.kind and own.along_ray == self.along_ray else kind, scale, own.name)


@dataclass(frozen=True, slots=True)
class Choice:
    """A reading to choose: what `load_ground_truth` is to be called with.

    Attributes:
        words: The reading as a formula.
        kind, scale, encoding: As `load_ground_truth` takes them.
    """

    words: str
    kind: TruthKind
    scale: float | None
    encoding: str


def reading_of(encoding: Encoding, kind: TruthKind, hint: str) -> Reading:
    """Return how a file is read: by the user's choice, by the encoding, or by the words of `hint`.

    Raises:
        ValueError: If the choice is none, or contradicts the encoding.
    """
    if kind not in get_args(TruthKind):
        raise ValueError(f"What the truth holds must be {' or '.join(get_args(TruthKind))}, not {quoted(str(kind))}.")
    if kind == "recognised":
        hint = "" if re.search("inv|recip", hint, re.IGNORECASE) else hint
        says_depth = is_named_metres(hint.strip()) or ("depth" in hint.lower() and "disp" not in hint.lower())
        found = encoding.kind or (DepthKind.METRIC_DEPTH if says_depth else DepthKind.DISPARITY)
        return Reading(_with_full(encoding, found), found, encoding.along_ray)
    chosen = DepthKind.DISPARITY if kind == "disparity" else DepthKind.METRIC_DEPTH
    if encoding.kind not in {None, chosen}:
        raise ValueError(f"The encoding {encoding.name} does not hold {kind}: leave the kind to it.")
    return Reading(_with_full(encoding, chosen), chosen, kind == "ray distance")


def _with_full(encoding: Encoding, kind: DepthKind) -> Encoding:
    """Return an encoding for which the largest number of 16 bits is no depth: nothing measured, or too far to be stored."""
    if kind is DepthKind.DISPARITY or encoding.convert or encoding.scale in {1, None} or MOST_16 in encoding.unknown:
        return encoding
    return replace(encoding, unknown=(*encoding.unknown, MOST_16))


def other_readings(stored: Numbers, width: int, *, larger: bool) -> Iterator[Reading]:
    """Yield every reading of the known encodings that stored numbers allow.

    Args:
        stored: (H, W), or (H, W, C).
        width: Of the views [px], for disparity as a share of it.
        larger: Whether the file has another size than the views, so that disparities may be in pixels of the views.
    """
    kinds = DepthKind.DISPARITY, DepthKind.METRIC_DEPTH
    grey = channel_spread(stored) == 0
    for row in ENCODINGS.values():
        if row.scale is None or not row.fits(stored) or (row.channels == 1 and not grey):
            continue
        if row.name in {"airsim", "hypersim"} or (row.views_px and not larger):  # raw numbers, but for what is tried apart
            continue
        for kind in kinds if row.kind is None else (row.kind,):
            encoding = _with_full(row, kind)
            yield Reading(encoding, kind)
            if kind is DepthKind.METRIC_DEPTH and (row.convert is None or row.along_ray):
                yield Reading(encoding, kind, along_ray=True)
    if grey:
        scales = UINT8_SCALES if stored.dtype == np.uint8 else (-1.0, 1 / width) if stored.dtype.kind == "f" else (-1.0,)
        for scale in scales:
            yield Reading(replace(ENCODINGS["middlebury"], scale=scale), DepthKind.DISPARITY)
        yield Reading(
            _with_full(replace(ENCODINGS["middlebury"], scale=100.0), DepthKind.METRIC_DEPTH), DepthKind.METRIC_DEPTH
        )


def planar(depth: NDArray[np.float32], camera: Calibration, rows: NDArray[np.intp], columns: NDArray[np.intp],
           shape: tuple[int, int]) -> NDArray[np.float32]:  # fmt: skip
    """Turn distance along the ray into distance along the optical axis.

    Args:
        depth: (N,) or (H, W) distance [m].
        camera: With its focal length [px] at the width of `shape`.
        rows, columns: Of each value [px], to be broadcast against `depth`.
        shape: Height and width of the picture [px]. Its centre stands in for a principal point that is not known.
    """
    centre_x, centre_y = principal_point(shape, camera)
    x = (columns - centre_x) / camera.focal_length_px
    y = (rows - centre_y) / (camera.focal_length_y_px or camera.focal_length_px)
    return (depth / np.sqrt(1 + x * x + y * y)).astype(np.float32)
