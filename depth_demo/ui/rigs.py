"""Calibration files of two cameras that are not rectified yet, as the page and the endpoint take them."""

from __future__ import annotations

from collections.abc import Sequence

from depth_demo.formats.cameras import UNITS, UnitQuestion
from depth_demo.formats.cameras.rigs import StereoRig, read_rig

AS_THE_FILE_SAYS = "as the file says"
UNIT_CHOICES = [AS_THE_FILE_SAYS, *UNITS]


def rig_of(paths: str | Sequence[str] | None, unit: str | None) -> StereoRig | None:
    """Return the cameras before rectification that one file holds, or ROS' two in any order; None where there are none.

    Args:
        paths: Of the files.
        unit: One of `UNIT_CHOICES`.

    Raises:
        UnitQuestion: If the unit of the distance between the cameras is not certain; a ValueError.
    """
    known = None if unit == AS_THE_FILE_SAYS else unit
    files = [paths] if isinstance(paths, str) else list(paths or ())
    orders = [files, files[::-1]] if len(files) == 2 else [files] if len(files) == 1 else []
    for order in orders:
        try:
            return read_rig(order[0], order[1] if len(order) > 1 else None, known)
        except UnitQuestion:
            raise
        except ValueError:
            continue
    return None


def may_be_rig(paths: str | Sequence[str] | None, unit: str | None = None) -> bool:
    """Tell whether files hold two cameras before rectification, in a unit that may have to be asked for."""
    try:
        return rig_of(paths, unit) is not None
    except UnitQuestion:
        return True
