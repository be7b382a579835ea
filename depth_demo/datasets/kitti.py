"""Find pairs in the layout of KITTI's stereo benchmarks of 2012 and 2015, by their development kits.

The folder is that of the benchmark or its `training`. The truth is the one with occluded pixels where it is there, and then
the one without them is the mask. Source: readme.txt of the stereo development kits, cvlibs.net/datasets/kitti.
"""

from __future__ import annotations

from pathlib import Path

from depth_demo.datasets.sample import Sample, if_there

VIEWS = (("image_2", "image_3"), ("colored_0", "colored_1"))  # 2015, 2012: the colour cameras
TRUTHS = ("disp_occ_0", "disp_noc_0", "disp_occ", "disp_noc")
MASKS = ("disp_noc_0", "disp_noc")
CAMERAS = ("calib_cam_to_cam", "calib")


def find_samples(root: Path) -> list[Sample]:
    """Return the pairs at the first of two moments, the ones that have truth."""
    folders = ((place / left, place / right) for place in (root, root / "training") for left, right in VIEWS)
    return [_sample(path, right / path.name) for left, right in folders for path in sorted(left.glob("*_10.png"))]


def _sample(left: Path, right: Path) -> Sample:
    place = left.parents[1]
    truths = (if_there(place / folder / left.name) for folder in TRUTHS)
    cameras = (if_there(place / folder / left.name.replace("_10.png", ".txt")) for folder in CAMERAS)
    masks = (if_there(place / folder / left.name) for folder in MASKS)
    truth, camera, mask = (next(filter(None, paths), None) for paths in (truths, cameras, masks))
    return Sample(left.stem, left, right, truth, encoding="kitti", calibration=camera, mask=mask)
