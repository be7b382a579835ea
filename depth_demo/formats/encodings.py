"""Turn stored numbers into pixels of disparity or metres of depth. Each meaning is one row of `ENCODINGS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.untrusted import quoted
from depth_demo.geometry import DepthKind

Numbers = NDArray[np.generic]
KITTI_SCALE = 256  # stored value per px or per m


@dataclass(frozen=True, slots=True)
class Encoding:
    """What the numbers of a file mean: value = (number - offset) / scale.

    Attributes:
        name: The key in `ENCODINGS`.
        title: What people read in a menu.
        source: Where the encoding is documented.
        scale: Stored number per px or per m; None where the user must give it.
        offset: Stored number that means 0 px or 0 m.
        unknown: Stored numbers that mean "no truth here". NaN and infinity always do.
        kind: What the values are; None where the user or the file's name says it.
        dtypes: Names of the NumPy types in which it is stored; empty where every real type is accepted.
        from_colours: Turns (H, W, 3) colours into (H, W) numbers; None where the file has one number per pixel.
        number: What the formula calls a stored number.
    """

    name: str
    title: str
    source: str
    scale: float | None = 1
    offset: float = 0
    unknown: tuple[float, ...] = (0,)
    kind: DepthKind | None = None
    dtypes: tuple[str, ...] = ()
    from_colours: Callable[[Numbers], Numbers] | None = None
    number: str = "value"

    @property
    def formula(self) -> str:
        """Say how a value follows from a stored number, such as "value / 256"."""
        number = f"({self.number} - {self.offset:g})" if self.offset else self.number
        return number if self.scale == 1 else f"{number} / {self.scale:g}"

    def decode(self, stored: Numbers) -> NDArray[np.float32]:
        """Return the values of stored numbers.

        Args:
            stored: (H, W), or (H, W, 3) for a colour picture.

        Returns:
            (H, W) float32 [px or m]; NaN where there is no truth, or none that float32 can hold.

        Raises:
            ValueError: If the numbers have another type or other channels than this encoding, or the scale is not given.
        """
        if self.dtypes and stored.dtype.name not in self.dtypes:
            raise ValueError(
                f"The encoding {self.name} is stored as {' or '.join(self.dtypes)}, but the file holds {stored.dtype.name}."
            )
        values = self._in_units(self._one_number_per_pixel(stored))
        for mark in self._in_units(np.array(self.unknown)):
            values[values == mark] = np.nan
        values[~np.isfinite(values)] = np.nan
        return values

    def _one_number_per_pixel(self, stored: Numbers) -> Numbers:
        if self.from_colours is not None:
            if stored.ndim != 3:
                raise ValueError(f"The encoding {self.name} needs the three colours of a picture; the file has one channel.")
            return self.from_colours(stored)
        if stored.ndim == 2:
            return stored
        red, green, blue = np.moveaxis(stored, 2, 0)
        if not (np.array_equal(red, green) and np.array_equal(red, blue)):
            raise ValueError("The ground truth is a colour picture; it must hold one number per pixel, not a colour map.")
        return red

    def _in_units(self, numbers: Numbers) -> NDArray[np.float32]:
        if self.scale is None:
            raise ValueError(f"The encoding {self.name} needs a scale: give the stored value per px or m.")
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # what float32 cannot hold is no truth
            values = numbers.astype(np.float32)
            values -= np.float32(self.offset)
            values /= np.float32(self.scale)
        return values


def _low_byte_first(colours: Numbers) -> Numbers:
    """Return R + 256 G + 65536 B: (H, W) uint32 of (H, W, 3) uint8."""
    numbers = np.zeros(colours.shape[:2], np.uint32)
    for channel in (2, 1, 0):
        numbers <<= 8
        numbers |= colours[..., channel].astype(np.uint8, copy=False)
    return numbers


ENCODINGS = {
    row.name: row
    for row in (
        Encoding("raw", "Numbers as stored", "PFM and NPY of Middlebury 2014, ETH3D and Scene Flow"),
        Encoding("kitti", "KITTI: value / 256", "KITTI's stereo and depth development kits", KITTI_SCALE, dtypes=("uint16",)),
        Encoding("middlebury", "Middlebury 2001-2006: value / scale", "vision.middlebury.edu/stereo/data", scale=None),
        Encoding(
            "cityscapes",
            "Cityscapes: (value - 1) / 256",
            "README of mcordts/cityscapesScripts",
            scale=256,
            offset=1,
            kind=DepthKind.DISPARITY,
            dtypes=("uint16",),
        ),
        Encoding(
            "carla",
            "CARLA: 24 bits in three colours",
            "CARLA's documentation, depth camera",
            scale=(2**24 - 1) / 1000,
            unknown=(0, 2**24 - 1),  # the second: nothing within 1000 m
            kind=DepthKind.METRIC_DEPTH,
            dtypes=("uint8",),
            from_colours=_low_byte_first,
            number="(R + 256 G + 65536 B)",
        ),
    )
}


def find_encoding(name: str | None, scale: float | None, stored: Numbers) -> Encoding:
    """Return an encoding with its scale.

    Args:
        name: A key of `ENCODINGS`. None recognises it: unsigned 16-bit numbers are KITTI's, others are taken as stored.
        scale: Stored number per px or per m, for an encoding without its own. None where there is nothing to give.
        stored: The numbers.

    Raises:
        ValueError: If there is no such encoding, or it has another scale.
    """
    if name is None and scale is None:
        name = "kitti" if stored.dtype.name == "uint16" else "raw"
    elif name is None:
        name = "middlebury"
    elif name not in [*ENCODINGS]:
        raise ValueError(f"The encoding of the ground truth must be {' or '.join(ENCODINGS)}, not {quoted(str(name))}.")
    encoding = ENCODINGS[name]
    if encoding.scale is None:
        return replace(encoding, scale=scale)
    if scale not in {None, encoding.scale}:
        raise ValueError(f"The encoding {name} has the scale {encoding.scale:g}; {scale:g} cannot be used with it.")
    return encoding
