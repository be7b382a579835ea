"""Write cameras as OpenCV's YAML, which its FileStorage and the forms here read, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.cameras.rig import StereoRig


def rig_texts(rig: StereoRig, more: Mapping[str, float]) -> dict[str, str]:
    """Return two calibrated cameras as OpenCV's YAML and as JSON, which `read_rig` reads back.

    Both hold K1, D1, K2, D2, R and T [m], and the size of the pictures, where it is known.

    Args:
        rig: The cameras.
        more: Numbers to keep beside them, such as residuals.
    """
    fields: dict[str, float | str] = {"unit": "m"}
    if rig.size:
        fields |= {"image_width": rig.size[1], "image_height": rig.size[0]}
    if rig.right_size:
        fields |= {"image_width_right": rig.right_size[1], "image_height_right": rig.right_size[0]}
    fields |= more
    matrices = {
        "K1": rig.left.k, "D1": np.atleast_2d(rig.left.distortion), "K2": rig.right.k,
        "D2": np.atleast_2d(rig.right.distortion), "R": rig.rotation, "T": rig.translation_m.reshape(3, 1),
    }  # fmt: skip
    kept = {name: values for name, values in matrices.items() if values.size}
    listed = fields | {name: values.tolist() for name, values in kept.items()}
    return {"yaml": opencv_yaml(fields, kept), "json": json.dumps(listed, indent=2) + "\n"}


def opencv_yaml(fields: Mapping[str, float | str], matrices: Mapping[str, NDArray[np.float64]]) -> str:
    """Return a text in the form of OpenCV's FileStorage: numbers and words first, then matrices row by row."""
    lines = ["%YAML:1.0", "---", *(f"{name}: {json.dumps(value)}" for name, value in fields.items())]
    for name, values in matrices.items():
        rows = np.atleast_2d(values)
        data = ", ".join(repr(float(value)) for value in rows.ravel())
        lines += [
            f"{name}: !!opencv-matrix", f"   rows: {rows.shape[0]}", f"   cols: {rows.shape[1]}", "   dt: d",
            f"   data: [ {data} ]",
        ]  # fmt: skip
    return "\n".join(lines) + "\n"
