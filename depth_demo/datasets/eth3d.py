"""Find pairs in the layout of ETH3D's low-resolution two-view benchmark.

two_view_training holds a folder per pair with im0.png, im1.png and calib.txt. two_view_training_gt holds disp0GT.pfm and
mask0nocc.png in a folder of the same name; where both archives were unpacked into one folder, the layout is Middlebury's.
Source: eth3d.net/documentation, format of the two-view data.
"""

from __future__ import annotations

from pathlib import Path

from depth_demo.datasets.middlebury import search_range
from depth_demo.datasets.sample import Sample, if_there


def find_samples(root: Path) -> list[Sample]:
    """Return the pairs of the training set; of their files only calib.txt is read."""
    return [_sample(root, path.parent) for path in sorted((root / "two_view_training").glob("*/im0.png"))]


def _sample(root: Path, place: Path) -> Sample:
    truth, camera = root / "two_view_training_gt" / place.name, if_there(place / "calib.txt")
    return Sample(
        place.name,
        place / "im0.png",
        place / "im1.png",
        if_there(truth / "disp0GT.pfm"),
        calibration=camera,
        num_disparities=search_range(camera) if camera else None,
        mask=if_there(truth / "mask0nocc.png"),
    )
