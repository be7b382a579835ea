"""Where the files of ALIKED and LightGlue are: in a folder, or in the Hub's cache; nothing is downloaded by itself."""

from __future__ import annotations

from pathlib import Path

from depth_demo.monocular.hub import find_on_machine
from depth_demo.monocular.spec import files_of
from depth_demo.stereo.learned import LearnedMatcher

REPO = "bukuroo/ALIKED-LightGlue-ONNX"
ALIKED, LIGHTGLUE = "aliked-n16rot-top1k-640.onnx", "lightglue_for_aliked.onnx"
_OTHER_NAMES = {LIGHTGLUE: ("aliked_lightglue.onnx",)}  # as OpenCV's test data have it


def learned_matcher(folder: Path | None = None) -> LearnedMatcher | None:
    """Return the matcher, or None where its files are not on this machine.

    Args:
        folder: That holds both files. None looks in the folder that DEPTH_DEMO_WEIGHTS names, then in the Hub's cache.

    Raises:
        ValueError: If a folder is given that lacks a file.
    """
    if folder is None:
        found = [find_on_machine(file) for file in files_of(REPO, ALIKED, LIGHTGLUE)]
    else:
        found = [_in(folder, name) for name in (ALIKED, LIGHTGLUE)]
        for path, name in zip(found, (ALIKED, LIGHTGLUE), strict=True):
            if path is None:
                raise ValueError(f"The folder {str(folder)!r:.200} has no {name}, which is at huggingface.co/{REPO}.")
    aliked, lightglue = found
    return LearnedMatcher(aliked, lightglue) if aliked and lightglue else None


def _in(folder: Path, name: str) -> Path | None:
    return next((path for each in (name, *_OTHER_NAMES.get(name, ())) if (path := folder / each).is_file()), None)
