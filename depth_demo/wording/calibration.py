"""A calibration from boards in words: both cameras, how far off the corners are, what was left out, what is doubtful."""

from __future__ import annotations

from depth_demo.formats.cameras.rig import Lens
from depth_demo.stereo.boards.calibration import BoardCalibration
from depth_demo.stereo.boards.solving import CameraFit

_WORST = 3  # photos


def calibration_in_words(found: BoardCalibration) -> str:
    """Describe a calibration in paragraphs of Markdown."""
    rig = found.rig
    x, y, z = (1000 * float(value) for value in rig.translation_m)
    pair = (
        f"**Pair**: baseline {1000 * rig.baseline_m:.2f} mm, T = ({x:.2f}, {y:.2f}, {z:.2f}) mm. In both views together the "
        f"corners are {found.pair.rms_px:.2f} px off (root mean square), {_worst(found)}."
    )
    by = " and ".join(f"{function} in {count} photos" for function, count in found.found_by.items())
    parts = [
        f"{rig.description} The corners were found by {by}.",
        _camera("Left", rig.left, found.left, rig.size, found.coverage[0].share),
        _camera("Right", rig.right, found.right, rig.right_size or rig.size, found.coverage[1].share),
        pair,
        "**Left out**: " + "; ".join(f"{name} ({reason})" for name, reason in found.left_out) + "." if found.left_out else "",
        "**Doubtful**: " + " ".join(found.warnings) if found.warnings else "",
    ]
    return "\n\n".join(filter(None, parts))


def _camera(side: str, camera: Lens, fit: CameraFit, size: tuple[int, int] | None, share: float) -> str:
    k = camera.k
    lens = ", ".join(f"{value:.4f}" for value in camera.distortion)
    pictures = f" for {size[1]}x{size[0]} pixels" if size else ""
    return (
        f"**{side} camera**{pictures}: focal lengths {k[0, 0]:.1f} and {k[1, 1]:.1f} px (give or take "
        f"{100 * fit.focal_error:.2g} %), principal point {k[0, 2]:.1f}, {k[1, 2]:.1f}, distortion {lens}. The corners of "
        f"{len(fit.photos)} photos are {fit.rms_px:.2f} px off (root mean square), and cover {share:.0%} of the view."
    )


def _worst(found: BoardCalibration) -> str:
    photos = sorted(found.pair.photos.items(), key=lambda item: -item[1])[:_WORST]
    return "most in " + ", ".join(f"{name} ({error:.2f})" for name, error in photos)
