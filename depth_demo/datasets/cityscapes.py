"""Find pairs in the layout of Cityscapes.

leftImg8bit, rightImg8bit, disparity and camera each hold a folder per split, and in it one per city.
Source: README of mcordts/cityscapesScripts.
"""

from __future__ import annotations

from pathlib import Path

from depth_demo.datasets.sample import Sample, if_there


def find_samples(root: Path) -> list[Sample]:
    """Return the pairs of all splits and cities."""
    return [_sample(root, path) for path in sorted((root / "leftImg8bit").glob("*/*/*_leftImg8bit.png"))]


def _sample(root: Path, left: Path) -> Sample:
    name, city = left.name.removesuffix("_leftImg8bit.png"), left.parent.relative_to(root / "leftImg8bit")

    def beside(kind: str, ending: str) -> Path:
        return root / kind / city / f"{name}_{kind}.{ending}"

    truth, camera = if_there(beside("disparity", "png")), if_there(beside("camera", "json"))
    return Sample(name, left, beside("rightImg8bit", "png"), truth, encoding="cityscapes", calibration=camera)
