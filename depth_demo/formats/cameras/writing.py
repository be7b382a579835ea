"""Write cameras as OpenCV's YAML, which its FileStorage and the forms here read."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


def opencv_yaml(numbers: Mapping[str, float], matrices: Mapping[str, NDArray[np.float64]]) -> str:
    """Return a text in the form of OpenCV's FileStorage: numbers first, then matrices row by row."""
    lines = ["%YAML:1.0", "---", *(f"{name}: {value!r}" for name, value in numbers.items())]
    for name, values in matrices.items():
        rows = np.atleast_2d(values)
        data = ", ".join(repr(float(value)) for value in rows.ravel())
        lines += [
            f"{name}: !!opencv-matrix", f"   rows: {rows.shape[0]}", f"   cols: {rows.shape[1]}", "   dt: d",
            f"   data: [ {data} ]",
        ]  # fmt: skip
    return "\n".join(lines) + "\n"
