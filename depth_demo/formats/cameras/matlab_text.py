"""MATLAB's stereo parameters as its console shows them, copied into a text file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from depth_demo.formats.cameras.devices import from_matlab
from depth_demo.formats.cameras.documents import Document
from depth_demo.formats.cameras.form import CameraForm, Wanted
from depth_demo.formats.cameras.found import FoundCamera
from depth_demo.formats.cameras.trees import NUMBER

_MATRICES = {
    "IntrinsicMatrix", "K", "FocalLength", "PrincipalPoint", "ImageSize", "RadialDistortion", "TangentialDistortion",
    "TranslationOfCamera2", "RotationOfCamera2", "Translation", "R", "A",
}  # fmt: skip
_OF_A_CAMERA = _MATRICES - {"TranslationOfCamera2", "RotationOfCamera2", "Translation", "R", "A"}
_OWNER = re.compile(r"\b(?:CameraParameters([12])|PoseCamera2)\b")
_FIELD = re.compile(r"(\w++):\s++\[?([-+.\deE][-+.\deE\s,]*+)\]?")
_UNITS = re.compile(r"\bWorldUnits:[ \t]++['\"]?(\w++)")
_NAME = re.compile(r"(?:>>\s*+)?(?:disp\()?([A-Za-z][\w.]*+)\)?\s*+=?;?")
_SCALE = re.compile(r"(\d++(?:\.\d++)?[eE][-+]?\d++)\s*+\*")  # all of them take a line in one pass
_ENOUGH = 16  # numbers of the largest matrix
_SHOW_ALL = (
    "MATLAB shows matrices as [3x3 double] there. Save them all: in MATLAB, "
    "writelines(jsonencode(toStruct(stereoParams)), 'stereo.json')."
)


@dataclass(slots=True)
class _Shown:
    """What has been gathered of the text so far.

    Attributes:
        fields: Numbers by owner ("CameraParameters1", "PoseCamera2", "" for the pair), then by name.
        owner, name: Whose and which matrix is being read; the name is "" outside of matrices.
        scale: By which MATLAB divided the matrix that is being read.
    """

    fields: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    owner: str = ""
    name: str = ""
    scale: float = 1.0

    def add(self, name: str, numbers: list[float]) -> None:
        owner = self.owner if name in _OF_A_CAMERA or self.owner == "PoseCamera2" else ""
        held = self.fields.setdefault(owner, {}).setdefault(name, [])
        held += [self.scale * value for value in numbers[: _ENOUGH - len(held)]]

    def turn_to(self, path: str) -> None:
        """Begin to read what stands below a name."""
        if owner := _OWNER.search(path):
            self.owner = owner[0]
        last = path.rpartition(".")[2]
        if last != "ans":  # MATLAB's name for what the line above asked for
            self.name = last if last in _MATRICES else ""
        self.scale = 1.0


def _shown(text: str) -> _Shown:
    found = _Shown()
    for raw in text.splitlines():
        line = raw.strip()
        words = line.split()
        if words and all(map(NUMBER.fullmatch, words)):
            if found.name:
                found.add(found.name, [float(word) for word in words])
        elif scale := _SCALE.fullmatch(line):
            found.scale = float(scale[1])
        elif pair := _FIELD.fullmatch(line):
            numbers = re.split(r"[\s,]+", pair[2].strip())
            found.name, found.scale = "", 1.0
            if pair[1] in _MATRICES and all(map(NUMBER.fullmatch, numbers)):
                found.add(pair[1], [float(number) for number in numbers])
        elif name := _NAME.fullmatch(line):
            found.turn_to(name[1])
        elif words:
            found.name = ""
    return found


def _fits(document: Document) -> bool:
    text = document.text
    return not document.is_json and (
        "stereoParameters with properties" in text or ("CameraParameters1" in text and "CameraParameters2" in text)
    )


def _parse(document: Document, wanted: Wanted) -> FoundCamera:
    """Gather the fields as `jsonencode` would write them."""
    shown = _shown(document.text).fields
    pair, pose = shown.get("", {}), shown.get("PoseCamera2", {})
    tree: dict[str, object] = {
        "TranslationOfCamera2": pair.get("TranslationOfCamera2") or pose.get("Translation"),
        "RotationOfCamera2": pair.get("RotationOfCamera2") or pose.get("R"),
        "WorldUnits": unit[1] if (unit := _UNITS.search(document.text)) else None,
    }
    lacking = [name for name in ("TranslationOfCamera2", "RotationOfCamera2") if not tree[name]]
    for index in (1, 2):
        camera: dict[str, object] = {**shown.get(f"CameraParameters{index}", {})}
        focal, point = camera.get("FocalLength"), camera.get("PrincipalPoint")
        if isinstance(focal, list) and isinstance(point, list) and len(focal) == len(point) == 2:
            camera["K"] = [focal[0], 0.0, point[0], 0.0, focal[1], point[1], 0.0, 0.0, 1.0]
        if not (camera.get("K") or camera.get("IntrinsicMatrix")):
            lacking.append(f"CameraParameters{index}.K")
        tree[f"CameraParameters{index}"] = camera
    if lacking:
        raise ValueError(f"The text is MATLAB's display of stereo parameters, and lacks {', '.join(lacking)}. {_SHOW_ALL}")
    return from_matlab(replace(document, tree=tree), wanted)


FORMS = {
    "matlab-text": CameraForm(
        "MATLAB's display of stereo parameters", "MATLAB (JSON or text)",
        "mathworks.com/help/vision/ref/stereoparameters.html", _fits, _parse,
    ),
}  # fmt: skip
