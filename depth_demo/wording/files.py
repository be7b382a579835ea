"""What each saved file is for, and for whom."""

from __future__ import annotations

OF_A_MAP = {
    "_coloured.png": "the map in colours, to look at and to share",
    ".npy": "the numbers, for Python (NumPy, float32)",
    "_16bit.png": "the numbers, for programs that read 16-bit pictures; the `.json` of the same name says what they mean",
}
OF_A_SURFACE = {"_points.ply": "the surface as points, for 3D programs such as MeshLab, CloudCompare or Blender"}
OF_A_COMPARISON = {
    "_report.html": "the comparison on one page, for readers: it opens offline, prints on A4, and can be handed in",
    "_scores.json": "all scores and settings, for programs",
}


def files_say(*, compared: bool = False) -> str:
    """Write a line for each form of file, as Markdown."""
    first, last = (OF_A_COMPARISON, {}) if compared else ({}, OF_A_SURFACE)
    lines = [f"- `{ending}`: {whom}." for ending, whom in (first | OF_A_MAP | last).items()]
    return "\n".join(["Every file is named after the photo and what it holds. The ZIP holds all of them.", "", *lines])
