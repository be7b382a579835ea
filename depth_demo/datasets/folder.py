"""Find pairs in the simplest layout: a folder per pair with left and right, and optionally disparity, calib, mask0nocc.png."""

from __future__ import annotations

from pathlib import Path

from depth_demo.datasets.sample import Sample, if_there

# Stored value per px of 8-bit truths, which do not say it themselves, by the beginning of the folder's name.
SCALES = {"middlebury2001": 8, "middlebury2003q": 4}


def find_samples(root: Path) -> list[Sample]:
    """Return the pairs of a folder."""
    return [sample for place in sorted(root.iterdir()) if (sample := _sample(place))]


def _sample(place: Path) -> Sample | None:
    left, right, truth, calibration = (next(place.glob(f"{stem}.*"), None) for stem in ("left", "right", "disparity", "calib"))
    if left is None or right is None:
        return None
    scale = next((scale for beginning, scale in SCALES.items() if place.name.startswith(beginning)), None)
    mask = if_there(place / "mask0nocc.png")
    return Sample(place.name, left, right, truth, scale=scale, calibration=calibration, mask=mask)
