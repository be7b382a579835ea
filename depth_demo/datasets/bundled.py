"""Find pairs in the layout of the bundled examples: a folder per scene, with README.md and six more files.

- left.png and right.png.
- disparity.png: 16 bits, value / 256.
- calib.txt: a camera in Middlebury's form, whose `ndisp` is a search range that covers the scene.
- labels.png, where there are labels: ids by labels.json, which lies beside the folders. Without labels.json they are left out.
- preview.jpg: for the page.
"""

from __future__ import annotations

from pathlib import Path

from depth_demo.datasets.middlebury import search_range
from depth_demo.datasets.sample import Sample, if_there

NEEDED = ("left.png", "right.png", "disparity.png", "calib.txt", "README.md")


def find_samples(root: Path) -> list[Sample]:
    """Return the scenes of a folder; only calib.txt is read."""
    return [_sample(place) for place in sorted(root.iterdir()) if all((place / name).is_file() for name in NEEDED)]


def _sample(place: Path) -> Sample:
    calibration = place / "calib.txt"
    labels, names = if_there(place / "labels.png"), if_there(place.parent / "labels.json")
    return Sample(
        place.name,
        place / "left.png",
        place / "right.png",
        place / "disparity.png",
        encoding="kitti",
        calibration=calibration,
        labels=(labels, names) if labels and names else None,
        num_disparities=search_range(calibration),
    )
