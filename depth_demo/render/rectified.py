"""The files of a rectified pair: both views, where they show something, and the new camera."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from depth_demo.formats.cameras.writing import opencv_yaml
from depth_demo.formats.writers import save_picture
from depth_demo.stereo.rectification.turns import camera_matrix
from depth_demo.stereo.rectify import Rectified


def save_rectified(folder: Path, name: str, found: Rectified) -> list[Path]:
    """Write both views and their masks as PNG, and the camera as JSON and as OpenCV's YAML.

    Args:
        folder: A folder that exists.
        name: Of the left photo, safe for files.
        found: The pair.
    """
    pictures = {
        "rectified_left": found.pair.left,
        "rectified_right": found.pair.right,
        "rectified_left_mask": 255 * found.valid.astype(np.uint8),
        "rectified_right_mask": 255 * found.right_valid.astype(np.uint8),
    }
    saved = [save_picture(folder, f"{name}_{stem}", picture) for stem, picture in pictures.items()]
    texts = {"json": _camera_json(found), "yaml": _camera_yaml(found)}
    for kind, text in texts.items():
        path = folder / f"{name}_rectified_camera.{kind}"
        path.write_text(text, encoding="utf-8")
        saved.append(path)
    return saved


def _camera_json(found: Rectified) -> str:
    """Return the camera's fields; baseline_m and doffs_px are null where nobody knows them."""
    height, width = found.valid.shape
    rows = found.quality.rows
    fields = {
        "width": width,
        "height": height,
        "focal_length_px": found.focal_length_px,
        "baseline_m": found.baseline_m,
        "doffs_px": found.doffs_px,
        "constant_error_px": found.constant_error_px,
        "cx": found.left_point[0],
        "cy": found.left_point[1],
        "turned_counterclockwise": found.is_turned,
        "homography_left": found.homographies.left.tolist(),
        "homography_right": found.homographies.right.tolist(),
        "row_gap_median_px": rows.median_px if rows else None,
        "row_gap_p95_px": rows.p95_px if rows else None,
        "kept": found.quality.kept,
        "description": found.description,
    }
    return json.dumps(fields, indent=2) + "\n"


def _camera_yaml(found: Rectified) -> str:
    """Return K1 and K2 and the homographies; with metres P1, P2 and Q as well, whose unit is the metre."""
    height, width = found.valid.shape
    k1, k2 = (camera_matrix(found.focal_length_px, point) for point in (found.left_point, found.right_point))
    matrices = {"H1": found.homographies.left, "H2": found.homographies.right, "K_left": k1, "K_right": k2}
    numbers: dict[str, float] = {"image_width": width, "image_height": height}
    camera = found.calibration
    if camera is None:
        return opencv_yaml(numbers, matrices)
    doffs, f, b = camera.doffs_px, camera.focal_length_px, camera.baseline_m
    right = k1.copy()
    right[0, 2] += doffs
    matrices["P1"] = np.column_stack([k1, np.zeros(3)])
    matrices["P2"] = np.column_stack([right, [-f * b, 0, 0]])
    column, row = found.left_point
    matrices["Q"] = np.array([[1, 0, 0, -column], [0, 1, 0, -row], [0, 0, 0, f], [0, 0, 1 / b, doffs / b]])
    return opencv_yaml({**numbers, "baseline_m": b}, matrices)
