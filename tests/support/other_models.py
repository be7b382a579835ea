"""A folder of weights with tiny checkpoints of other people's models, as somebody would copy them there by hand."""

from __future__ import annotations

from pathlib import Path

from depth_demo.monocular.models import find_model
from tests.support.tiny_checkpoints import MIDAS, Files, depth_pro, marigold, midas

NAMES = [*MIDAS, "depth-pro", "marigold-v1-1", "marigold-lcm"]


def checkpoint(name: str) -> Files:
    """Return the files of a row's tiny checkpoint."""
    if name in MIDAS:
        return midas(name)
    return depth_pro() if name == "depth-pro" else marigold(consistency=name == "marigold-lcm")


def folder_with(place: Path, name: str, files: Files | None = None) -> Path:
    """Put a row's files, or others in their place, into the folder that the sentence about missing weights names."""
    title = find_model(name).hub_files[0].repo.rpartition("/")[2]
    for path, content in (files or checkpoint(name)).items():
        file = place / title / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return place
