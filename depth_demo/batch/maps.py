"""The maps of every pair, for other programs: one PFM file a map, which is there wholly or not at all."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from depth_demo.batch.pictures import file_stem
from depth_demo.comparison.results import Comparison
from depth_demo.formats.writers import save_pfm
from depth_demo.geometry import DepthMap


def save_maps(folder: Path, name: str, model: str, matcher: str, comparison: Comparison) -> None:
    """Write the disparity of each method [px] into a folder for the pair; an inverted monocular map has none.

    Args:
        folder: For the maps of all pairs.
        name: The sample's name.
        model, matcher: What made the maps.
        comparison: The maps.

    Raises:
        OSError: If a file cannot be written.
    """
    place = folder / file_stem(name)
    place.mkdir(parents=True, exist_ok=True)
    fused = comparison.fused
    maps: dict[str, DepthMap | None] = {
        f"{model}_fitted_with_{matcher}": comparison.aligned,
        matcher: comparison.matched.disparity,
        f"{model}_fused_with_{matcher}": fused.fusion.fused if fused else None,
    }
    for stem, depth_map in maps.items():
        if depth_map is not None:
            own = place / f".{file_stem(stem)}.{socket.gethostname()}.{os.getpid()}"  # another machine may write the same map
            save_pfm(own, depth_map).replace(place / f"{file_stem(stem)}.pfm")
