"""What each saved file is for, and for whom."""

from __future__ import annotations

from typing import Literal

Saved = Literal["estimate", "match", "comparison", "one view"]
OF_A_CLIP = {
    ".mp4": "frames and maps side by side, to look at and to share: VP9 without sound, for browsers",
    ".npz": "all maps as float32 with frames, times, kind and model, for Python (NumPy); this tab takes it in place of a clip "
    "and shows the result again",
}
OF_A_REPORT = {
    "_report.html": "the comparison on one page, which opens offline and prints on A4",
    "_scores.json": "all scores and settings, for programs",
}
OF_A_PICTURE = {
    "_coloured.png": "the map in colours with its bar",
    "_grey.png": "8-bit grey of the photo's size, near bright, for picture editors and effects; black is no measurement",
}
OF_NUMBERS = {
    ".npy": "for Python (NumPy)",
    ".pfm": "for stereo benchmarks such as Middlebury; infinity is no measurement",
    ".tif": "for maps and science (GDAL, MATLAB, ImageJ)",
    "_16bit.png": "for programs that read 16-bit pictures; the `.json` of the same name says what a level means, and so does "
    "the PNG itself",
}
OF_A_SURFACE = {
    "_points.ply": "points, for MeshLab, CloudCompare or Blender",
    "_surface.glb": "the surface in the photo's colours, for Blender, browsers and phones",
}
OF_CONFIDENCE = {"_confidence.npy` and `_confidence.png": "from 0 to 1, in the picture from black to white"}
SURE_OF_STEREO = "Stereo: 1 where both directions of matching agree exactly, 0.5 where they differ by 1 px, 0 in holes."
SURE_OF_FUSED = "Fused: 1 where stereo agrees exactly with the other direction or the monocular map, 0 in filled holes."
NOT_OF_MONOCULAR = "A monocular map has no file of its confidence: measuring that takes one more run of the network."


def files_say(of: Saved) -> str:
    """Write the forms of files by use, with a line for each, as Markdown."""
    is_compared = of in {"comparison", "one view"}
    report = [_group("To hand in", OF_A_REPORT)] if is_compared else []
    shapes = [] if is_compared else [_group("In 3D, cut at depth edges", OF_A_SURFACE)]
    groups = [
        *report,
        _group("To look at and to share", OF_A_PICTURE),
        _group("The numbers, float32 where nothing else is said", OF_NUMBERS),
        *shapes,
        *_sure(of),
    ]
    return "\n\n".join(["Every file is named after the photo and what it holds. The ZIP holds all of them.", *groups])


def clip_files_say() -> str:
    """Write what the files of a clip are for, as Markdown."""
    return _group("Both files are named after the clip", OF_A_CLIP)


def _sure(of: Saved) -> list[str]:
    if of in {"estimate", "one view"}:
        return [NOT_OF_MONOCULAR]
    said = SURE_OF_STEREO if of == "match" else f"{SURE_OF_STEREO} {SURE_OF_FUSED} {NOT_OF_MONOCULAR}"
    return [_group("How sure each pixel is", OF_CONFIDENCE), said]


def _group(title: str, files: dict[str, str]) -> str:
    return "\n".join([f"**{title}**", "", *(f"- `{ending}`: {whom}." for ending, whom in files.items())])
