"""Find pairs in the layouts of Middlebury, a folder per scene.

2014: im0.png, im1.png, disp0.pfm and calib.txt. 2003: im2.png, im6.png and disp2.png.
"""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

from depth_demo.datasets.sample import Sample, if_there

SCALES_2003 = {450: 4, 900: 2, 1800: 1}  # stored value per px by the width [px]: quarter, half and full size


def find_samples(root: Path) -> list[Sample]:
    """Return the scenes of a folder; of pictures, only the size is read.

    Raises:
        ValueError: If a truth of 2003 has a width at which it was not published.
    """
    places = sorted(root.iterdir())
    of_2014 = [_sample_2014(place) for place in places if (place / "im0.png").is_file()]
    return of_2014 + [_sample_2003(place) for place in places if (place / "im2.png").is_file()]


def search_range(calibration: Path) -> int | None:
    """Return the `ndisp` of a calib.txt, rounded up to a multiple of 16 [px]; None where there is none."""
    found = re.search(r"^ndisp=\s*(\d+)", calibration.read_text("utf-8", errors="replace"), re.MULTILINE)
    return -(-int(found[1]) // 16) * 16 if found else None


def _sample_2014(place: Path) -> Sample:
    camera = if_there(place / "calib.txt")
    return Sample(
        place.name,
        place / "im0.png",
        place / "im1.png",
        if_there(place / "disp0.pfm") or if_there(place / "disp0GT.pfm"),
        calibration=camera,
        num_disparities=search_range(camera) if camera else None,
    )


def _sample_2003(place: Path) -> Sample:
    left, right, truth = place / "im2.png", place / "im6.png", if_there(place / "disp2.png")
    if truth is None:
        return Sample(place.name, left, right)
    with Image.open(truth) as picture:
        width = picture.width
    if width not in SCALES_2003:
        widths = " or ".join(map(str, SCALES_2003))
        raise ValueError(f"The truth of {place.name} is {width} pixels wide; Middlebury 2003 has {widths}.")
    return Sample(place.name, left, right, truth, encoding="middlebury", scale=SCALES_2003[width])
