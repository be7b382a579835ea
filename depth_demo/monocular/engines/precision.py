"""In which precision an engine computes on the CPU, and how wrong it may be. No torch, no OpenVINO.

16-bit products are used where the processor has units for them, if they were faster on this machine and their map of a
test photo was as near to float32's as `is_near_enough` asks for.
"""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import RgbImage

PRECISION_VARIABLE = "DEPTH_DEMO_PRECISION"
AUTO, EXACT, FASTEST = "auto", "float32", "fastest"
LARGEST_ERROR, MEAN_ERROR = 0.0045, 0.0005  # of the range of a map
UNITS = {"amx_bf16": "AMX", "avx512_bf16": "AVX512-BF16", "bf16": "BF16"}  # as Linux names the last one, on Arm


@dataclass(frozen=True, slots=True)
class Precision:
    """A precision, and how far a map of a test photo was off in it.

    Attributes:
        name: For people.
        largest: Largest error of the map, as a share of its range.
        mean: Mean error, as a share of the range.
    """

    name: str = "float32"
    largest: float = 0.0
    mean: float = 0.0

    def __str__(self) -> str:
        return f"{self.name} (up to {self.largest:.1%} off)" if self.largest else self.name

    @property
    def is_near_enough(self) -> bool:
        """Whether it may stand for float32 without being asked for."""
        return self.largest <= LARGEST_ERROR and self.mean <= MEAN_ERROR


FLOAT32 = Precision()
MIXED, BFLOAT16 = "bf16 and float32", "bf16"  # names


def compare(name: str, values: NDArray[np.float32], exact: NDArray[np.float32]) -> Precision:
    """Return the precision of this name, whose network answered `values` where float32 answered `exact`."""
    wrong, extent = np.abs(values - exact), max(float(np.ptp(exact)), float(np.finfo(np.float32).tiny))
    return Precision(name, float(wrong.max()) / extent, float(wrong.mean()) / extent)


def wished_precision() -> str:
    """Return what DEPTH_DEMO_PRECISION says: `AUTO`, `EXACT` or `FASTEST`.

    Raises:
        ValueError: If it says something else.
    """
    wish = os.environ.get(PRECISION_VARIABLE) or AUTO
    if wish not in (AUTO, EXACT, FASTEST):
        raise ValueError(f"{PRECISION_VARIABLE} must be {AUTO}, {EXACT} or {FASTEST}, not {wish!r}.")
    return wish


def bf16_units(description: Path = Path("/proc/cpuinfo")) -> str:
    """Return the units for bfloat16 that this processor has, named as makers do; "" if none, or nobody tells (Windows).

    Args:
        description: What Linux says of the processor.
    """
    if platform.system() == "Darwin":
        asked = subprocess.run(["/usr/sbin/sysctl", "-n", "hw.optional.arm.FEAT_BF16"], capture_output=True, check=False)
        return UNITS["bf16"] if asked.stdout.strip() == b"1" else ""
    try:
        lines = description.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    found = {word for line in lines if line.startswith(("flags", "Features")) for word in line.split()}
    return next((name for flag, name in UNITS.items() if flag in found), "")


def read_photo() -> RgbImage:
    """Return the photo on which precisions are compared: a coffee cup on a table, (400, 600, 3), from scikit-image."""
    from skimage.data import coffee

    photo: RgbImage = coffee()
    return photo
