"""The files of a calibration from boards: both cameras, and where the boards were seen."""

from __future__ import annotations

from pathlib import Path

from depth_demo.formats.cameras.writing import rig_texts
from depth_demo.formats.writers import save_picture
from depth_demo.render.coverage import coverage_picture
from depth_demo.stereo.boards.calibration import BoardCalibration


def save_calibration(folder: Path, name: str, found: BoardCalibration) -> list[Path]:
    """Write the cameras as OpenCV's YAML and as JSON, which `depth-demo rectify --calibration` reads, and the coverage as PNG.

    Args:
        folder: A folder that exists.
        name: Of the photos' folder, safe for files.
        found: The calibration.
    """
    residuals = {
        "rms_left_px": found.left.rms_px,
        "rms_right_px": found.right.rms_px,
        "rms_stereo_px": found.pair.rms_px,
        "pairs_of_photos": len(found.pair.photos),
    }
    saved = []
    for kind, text in rig_texts(found.rig, residuals).items():
        path = folder / f"{name}_stereo.{kind}"
        path.write_text(text, encoding="utf-8")
        saved.append(path)
    return [*saved, save_picture(folder, f"{name}_coverage", coverage_picture(found.coverage))]
