"""Find pairs in the layouts of Middlebury, a folder per scene.

- 2014 and 2021, and the third evaluation: im0.png, im1.png, calib.txt, disp0.pfm or disp0GT.pfm, and mask0nocc.png.
- 2005 and 2006, as sets of two views: view1.png, view5.png and disp1.png. A truth is stored times the number by which the
  full width is divided. There is no camera file. dmin.txt, the columns that the views were cropped apart, is not read: it does
  not say at which width it holds. So there are no metres.
- 2001 and 2003: im2, im6 and disp2, 8 px of stored value in 2001, and in 2003 by the size.
- 2001, Tsukuba: scene1.row3.col3 and col5, and truedisp.row3.col3, stored 8 times.

Source: vision.middlebury.edu/stereo/data, pages scenes2001 to scenes2021.
"""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

from depth_demo.datasets.sample import Sample, if_there

SCALES_2003 = {450: 4, 900: 2, 1800: 1}  # stored value per px by the width [px]: quarter, half and full size
SCALE_2001 = 8
MAX_CALIBRATION_BYTES = 100_000  # of a calib.txt, which has some ten lines
WIDTHS_2006 = {1: range(1200, 1500), 2: range(600, 750), 3: range(400, 500)}  # by what the full width is divided [px]


def find_samples(root: Path) -> list[Sample]:
    """Return the scenes of a folder; of pictures, only the size is read.

    Raises:
        ValueError: If a truth of 2003, 2005 or 2006 has a width at which it was not published.
    """
    places = sorted(root.iterdir())
    of_2014 = [_sample_2014(place) for place in places if (place / "im0.png").is_file()]
    of_2006 = [_sample_2006(place) for place in places if (place / "view1.png").is_file()]
    of_2003 = [_sample_2003(place) for place in places if (place / "im2.png").is_file()]
    of_2001 = [_sample_2001(place) for place in places if (place / "im2.ppm").is_file()]
    return of_2014 + of_2006 + of_2003 + of_2001 + [_tsukuba(p) for p in places if (p / "scene1.row3.col3.ppm").is_file()]


def search_range(calibration: Path) -> int | None:
    """Return the `ndisp` of a calib.txt, rounded up to a multiple of 16 [px]; None where there is none."""
    with calibration.open("rb") as stream:
        text = stream.read(MAX_CALIBRATION_BYTES).decode("utf-8", errors="replace")
    found = re.search(r"^ndisp=\s*(\d{1,9})\b", text, re.MULTILINE | re.ASCII)
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
        mask=if_there(place / "mask0nocc.png"),
    )


def _sample_2006(place: Path) -> Sample:
    left, right, truth = place / "view1.png", place / "view5.png", if_there(place / "disp1.png")
    if truth is None:
        return Sample(place.name, left, right)
    width = _width(truth)
    if width is None:
        return Sample(place.name, left, right, truth, encoding="middlebury")
    factor = next((factor for factor, widths in WIDTHS_2006.items() if width in widths), None)
    if factor is None:
        widths = " or ".join(f"{widths.start} to {widths.stop - 1}" for widths in WIDTHS_2006.values())
        raise ValueError(f"The truth of {place.name} is {width} pixels wide; Middlebury 2005 and 2006 have {widths}.")
    return Sample(place.name, left, right, truth, encoding="middlebury", scale=factor)


def _sample_2003(place: Path) -> Sample:
    left, right, truth = place / "im2.png", place / "im6.png", if_there(place / "disp2.png")
    if truth is None:
        return Sample(place.name, left, right)
    width = _width(truth)
    if width is None:
        return Sample(place.name, left, right, truth, encoding="middlebury")
    if width not in SCALES_2003:
        widths = " or ".join(map(str, SCALES_2003))
        raise ValueError(f"The truth of {place.name} is {width} pixels wide; Middlebury 2003 has {widths}.")
    return Sample(place.name, left, right, truth, encoding="middlebury", scale=SCALES_2003[width])


def _sample_2001(place: Path) -> Sample:
    return _stored_8_times(place, "im2.ppm", "im6.ppm", "disp2.pgm")


def _tsukuba(place: Path) -> Sample:
    return _stored_8_times(place, "scene1.row3.col3.ppm", "scene1.row3.col5.ppm", "truedisp.row3.col3.pgm")


def _stored_8_times(place: Path, left: str, right: str, stored: str) -> Sample:
    truth = if_there(place / stored)
    scale = SCALE_2001 if truth else None
    return Sample(
        place.name, place / left, place / right, truth, encoding="middlebury" if truth else None, scale=scale
    )  # fmt: skip


def _width(picture: Path) -> int | None:
    """Return the width of a picture [px]; None if it is none, which whoever loads the pair will be told."""
    try:
        with Image.open(picture) as opened:
            return opened.width
    except (OSError, Image.DecompressionBombError):
        return None
