"""Numbers that data sets write in a code of their own, such as 24 bits in three colours: from stored arrays to numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.generic]


def low_byte_first(colours: Numbers) -> Numbers:
    """Return R + 256 G + 65536 B: (H, W) uint32 of (H, W, 3) uint8 (CARLA, SHIFT)."""
    numbers = np.zeros(colours.shape[:2], np.uint32)
    for channel in (2, 1, 0):
        numbers <<= 8
        numbers |= colours[..., channel].astype(np.uint8, copy=False)
    return numbers


def high_byte_first(colours: Numbers) -> Numbers:
    """Return 65536 R + 256 G + B: (H, W) uint32 of (H, W, 3) uint8 (disparity of MPI Sintel)."""
    return low_byte_first(colours[..., ::-1])


def first_channel(colours: Numbers) -> Numbers:
    """Return the first of the channels (SYNTHIA)."""
    return colours[..., 0]


def float32_in_bytes(colours: Numbers) -> Numbers:
    """Return (H, W) float32 whose four bytes are B, G, R and A of (H, W, 4) uint8, the lowest first (TartanAir V2)."""
    return np.ascontiguousarray(colours[..., (2, 1, 0, 3)]).view("<f4")[..., 0]


def float16_in_bits(stored: Numbers) -> Numbers:
    """Return (H, W) float16 whose bits are those of (H, W) uint16 (MidAir)."""
    return np.ascontiguousarray(stored).view(np.float16)


def rotated_by_three(stored: Numbers) -> Numbers:
    """Return (H, W) uint16 turned right by three bits (SUN RGB-D)."""
    bits = stored.astype(np.uint16, copy=False)
    return (bits >> 3) | (bits << 13)


def kinect_metres(stored: Numbers) -> Numbers:
    """Return (H, W) float32 [m] of the first Kinect's 11-bit readings with their bytes swapped (NYU Depth V2, raw).

    Readings of 0, and those from which no positive distance follows, become 0.
    """
    readings = stored.astype(np.uint16, copy=False).byteswap().astype(np.float32)
    with np.errstate(divide="ignore"):
        metres = np.float32(351.3) / (np.float32(1092.5) - readings)
    return np.where((metres > 0) & (readings > 0) & (readings < 2047), metres, np.float32(0))


def signed(stored: Numbers) -> Numbers:
    """Return (H, W) int16, which programs without it store as uint16 (OpenCV's matchers, whose holes are negative)."""
    return stored.astype(np.int16)
