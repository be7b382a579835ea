"""Find pairs in the layout of Virtual KITTI 2: a folder per scene, in it one per variation, with frames/rgb and frames/depth.

Camera_0 is the left one. The truth is depth, which the camera turns into disparity. All scenes have one camera, in
intrinsic.txt of each variation too: 725.0087 px and a principal point at column 620.5, row 187. The baseline is 0.532725 m.
Source: europe.naverlabs.com/research/proxy-virtual-worlds-vkitti-2, and Cabon et al., arXiv 2001.10773.
"""

from __future__ import annotations

from pathlib import Path

from depth_demo.datasets.sample import Sample, if_there
from depth_demo.geometry import Calibration

CAMERA = Calibration(725.0087, 0.532725, principal_point_px=(620.5, 187.0))


def find_samples(root: Path) -> list[Sample]:
    """Return the pairs of all scenes and variations."""
    return [_sample(root, left) for left in sorted(root.glob("Scene*/*/frames/rgb/Camera_0/rgb_*.jpg"))]


def _sample(root: Path, left: Path) -> Sample:
    frames, number = left.parents[2], left.stem.removeprefix("rgb_")
    depth = if_there(frames / "depth" / "Camera_0" / f"depth_{number}.png")
    return Sample(
        f"{frames.parent.relative_to(root)}/{number}",
        left,
        frames / "rgb" / "Camera_1" / left.name,
        depth,
        kind="depth",
        encoding="vkitti",
        camera=CAMERA,
    )
