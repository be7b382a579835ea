"""Turn stored numbers into pixels of disparity or metres of depth. Each meaning is one row of `ENCODINGS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats import coded
from depth_demo.formats.coded import Numbers
from depth_demo.formats.untrusted import quoted
from depth_demo.geometry import DepthKind

KITTI_SCALE = 256  # stored value per px or per m
NEARLY_GREY = 3  # levels; JPEG rounds the colours of a grey picture by as much


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
        lowest_is_unknown: Whether the lowest number of a file means it, too, if no search can find it, or if it is 0.
        kind: What the values are; None where the user or the file's name says it.
        dtypes: Names of the NumPy types in which it is stored; empty where every real type is accepted.
        channels: How many channels `convert` needs; 1 takes a grey picture or an array.
        convert: Turns the stored array into (H, W) numbers; None where it holds them.
        number: What the formula calls a stored number.
        along_ray: Whether the depth is the distance from the camera, along the ray of each pixel.
        top_row_first: Whether a PFM holds the top row first, against the format, so that its map has to be turned over.
        views_px: Whether disparities are in pixels of the views even where the map is larger or smaller than them.
    """

    name: str
    title: str
    source: str
    scale: float | None = 1
    offset: float = 0
    unknown: tuple[float, ...] = (0,)
    lowest_is_unknown: bool = False
    kind: DepthKind | None = None
    dtypes: tuple[str, ...] = ()
    channels: int = 1
    convert: Callable[[Numbers], Numbers] | None = None
    number: str = "value"
    along_ray: bool = False
    top_row_first: bool = False
    views_px: bool = False

    @property
    def formula(self) -> str:
        """Say how a value follows from a stored number, such as "value / 256"."""
        number = f"({self.number} - {self.offset:g})" if self.offset else self.number
        return number if self.scale == 1 else f"{number} / {self.scale:g}"

    def fits(self, stored: Numbers) -> bool:
        """Return whether stored numbers have the type and the channels of this encoding."""
        right_type = not self.dtypes or stored.dtype.name in self.dtypes
        return right_type and (1 if stored.ndim == 2 else stored.shape[2]) >= self.channels

    def decode(self, stored: Numbers) -> NDArray[np.float32]:
        """Return the values of stored numbers.

        Args:
            stored: (H, W), or (H, W, 3 or 4) for a colour picture.

        Returns:
            (H, W) float32 [px or m]; NaN where there is no truth, or none that float32 can hold.

        Raises:
            ValueError: If the numbers have another type or other channels than this encoding, or the scale is not given.
        """
        if self.dtypes and stored.dtype.name not in self.dtypes:
            raise ValueError(
                f"The encoding {self.name} is stored as {' or '.join(self.dtypes)}, but the file holds {stored.dtype.name}."
            )
        numbers = self._one_number_per_pixel(stored[::-1] if self.top_row_first else stored)
        values = self._in_units(numbers)
        for mark in self._in_units(np.array(self.unknown)):
            values[values == mark] = np.nan
        if self.lowest_is_unknown and _marks_holes(numbers, self.scale or 1):
            values[numbers == numbers.min()] = np.nan
        values[~np.isfinite(values)] = np.nan
        return values

    def _one_number_per_pixel(self, stored: Numbers) -> Numbers:
        channels = 1 if stored.ndim == 2 else stored.shape[2]
        if channels < self.channels:
            raise ValueError(
                f"The encoding {self.name} needs the {self.channels} channels of a colour picture; the file has {channels}."
            )
        if self.convert is not None:
            return self.convert(stored[..., : self.channels] if self.channels > 1 else grey_of(stored))
        return grey_of(stored)

    def _in_units(self, numbers: Numbers) -> NDArray[np.float32]:
        if self.scale is None:
            raise ValueError(f"The encoding {self.name} needs a scale: give the stored value per px or m.")
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # what float32 cannot hold is no truth
            values = numbers.astype(np.float32)
            values -= np.float32(self.offset)
            values /= np.float32(self.scale)
        return values


def _marks_holes(numbers: Numbers, step: float) -> bool:
    """Return whether the lowest number is a step below all that a search can find, or 0, to which programs cut holes."""
    stored = numbers.astype(np.int32)
    lowest = int(stored.min())
    rest = stored[stored > lowest]
    if lowest % step or not rest.size:
        return False
    return lowest <= 0 or bool(rest.min() - lowest >= step and (rest % round(step) != 0).any())


def channel_spread(stored: Numbers) -> int:
    """Return how much the three colours of a pixel differ at most; 0 for one number per pixel."""
    if stored.ndim == 2:
        return 0
    red, green, blue = (stored[..., channel] for channel in range(3))
    largest, smallest = (pick(pick(red, green), blue) for pick in (np.maximum, np.minimum))
    return int((largest - smallest).max(initial=0))


def grey_of(stored: Numbers) -> Numbers:
    """Return one number per pixel: those of green in a picture whose colours are equal but for rounding.

    Raises:
        ValueError: If it is a colour picture.
    """
    if channel_spread(stored) > NEARLY_GREY:
        raise ValueError("The ground truth is a colour picture; it must hold one number per pixel, not a colour map.")
    return stored if stored.ndim == 2 else stored[..., 1]


DISPARITY, DEPTH, UINT8, UINT16 = DepthKind.DISPARITY, DepthKind.METRIC_DEPTH, ("uint8",), ("uint16",)
MOST_16 = 65535  # where nothing was measured, or sky
# fmt: off
ENCODINGS = {
    row.name: row
    for row in (
        Encoding("raw", "Numbers as stored", "PFM and NPY of Middlebury 2014, ETH3D and Scene Flow"),
        Encoding("kitti", "KITTI: value / 256", "KITTI's stereo and depth development kits", KITTI_SCALE, dtypes=UINT16),
        Encoding("middlebury", "Middlebury 2001-2006: value / scale", "vision.middlebury.edu/stereo/data", scale=None),
        Encoding("cityscapes", "Cityscapes: (value - 1) / 256", "README of mcordts/cityscapesScripts",
                 scale=256, offset=1, kind=DISPARITY, dtypes=UINT16),
        Encoding("carla", "CARLA, SHIFT: 24 bits in three colours", "CARLA's documentation, depth camera",
                 scale=(2**24 - 1) / 1000, unknown=(0, 2**24 - 1),  # the second: nothing within 1000 m
                 kind=DEPTH, dtypes=UINT8, channels=3, convert=coded.low_byte_first, number="(R + 256 G + 65536 B)"),
        Encoding("sintel", "MPI Sintel: disparity in three colours", "MPI Sintel's stereo kit: 4 R + G / 64 + B / 16384",
                 scale=2**14, kind=DISPARITY, dtypes=UINT8, channels=3, convert=coded.high_byte_first,
                 number="(65536 R + 256 G + B)"),
        Encoding("synthia", "SYNTHIA: centimetres in the first channel", "README of SYNTHIA-SF and SYNTHIA-RAND",
                 scale=100, unknown=(0, MOST_16), kind=DEPTH, dtypes=UINT16, channels=3, convert=coded.first_channel,
                 number="R"),
        Encoding("tartanair", "TartanAir V2: float32 in four channels",
                 "castacks/tartanairpy, data_type.md: the bytes as OpenCV reads them, blue first",
                 kind=DEPTH, dtypes=UINT8, channels=4, convert=coded.float32_in_bytes, number="float32 of BGRA"),
        Encoding("vkitti", "Virtual KITTI 2: centimetres", "Naver's page of Virtual KITTI 2",
                 scale=100, unknown=(0, MOST_16), kind=DEPTH, dtypes=UINT16),
        Encoding("millimetres", "Depth in millimetres: value / 1000", "RealSense, OAK, Kinect, ScanNet, 7-Scenes, NYU",
                 scale=1000, unknown=(0, MOST_16), kind=DEPTH),
        Encoding("quarter_millimetres", "Matterport3D: value / 4000", "data_organization.md of niessner/Matterport",
                 scale=4000, unknown=(0, MOST_16), kind=DEPTH, dtypes=UINT16),
        Encoding("tum", "TUM RGB-D: value / 5000", "TUM's page on its file formats", scale=5000, unknown=(0, MOST_16),
                 kind=DEPTH, dtypes=UINT16),
        Encoding("tenth_millimetres", "Depth: value / 10000", "RealSense L515 and SR300 with a depth unit of 0.1 mm",
                 scale=10000, unknown=(0, MOST_16), kind=DEPTH, dtypes=UINT16),
        Encoding("sunrgbd", "SUN RGB-D: bits turned by three, millimetres", "depthRead.m of SUN3D",
                 scale=1000, kind=DEPTH, dtypes=UINT16, convert=coded.rotated_by_three, number="turned value"),
        Encoding("nyu_raw", "NYU Depth V2, raw: Kinect's 11 bits", "toolbox of NYU Depth V2",
                 kind=DEPTH, dtypes=UINT16, convert=coded.kinect_metres, number="351.3 / (1092.5 - swapped value)"),
        Encoding("midair_depth", "MidAir: metres along the ray as float16 bits",
                 "MidAir's page; its author in michael-fonder/M4Depth, issue 6: the maps give the distance to the camera",
                 unknown=(), kind=DEPTH, dtypes=UINT16, convert=coded.float16_in_bits, number="float16 of the bits",
                 along_ray=True),
        Encoding("midair_disparity", "MidAir: disparity as float16 bits", "MidAir's page on its data",
                 kind=DISPARITY, dtypes=UINT16, convert=coded.float16_in_bits, number="float16 of the bits"),
        Encoding("instereo2k", "InStereo2K: value / 100", "Readme of YuhuaXu/StereoDataset", scale=100, kind=DISPARITY,
                 dtypes=UINT16),
        Encoding("nerf_supervised", "NeRF-Supervised: value / 64", "fabiotosi92/NeRF-Supervised-Deep-Stereo", scale=64,
                 kind=DISPARITY, dtypes=UINT16),
        Encoding("oak", "OAK, sub-pixel: value / 8", "DepthAI's documentation, three fractional bits", scale=8,
                 kind=DISPARITY, dtypes=UINT16),
        Encoding("opencv", "OpenCV's matchers: value / 16", "OpenCV's StereoMatcher.compute", scale=16, unknown=(),
                 lowest_is_unknown=True, kind=DISPARITY, dtypes=("int16", "uint16"), convert=coded.signed),
        Encoding("spring", "Spring: in pixels of the views", "Spring's development kit: maps are twice as large as the views",
                 unknown=(), kind=DISPARITY, views_px=True),
        Encoding("hypersim", "Hypersim: metres along the ray", "apple/ml-hypersim, README", unknown=(), kind=DEPTH,
                 along_ray=True),
        Encoding("airsim", "AirSim's PFM: top row first", "microsoft/AirSim, PythonClient/airsim/utils.py",
                 top_row_first=True),
    )
}
# fmt: on


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
