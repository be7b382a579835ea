"""Cameras of RealSense: the calibration table, JSON of people's programs, and what `rs-enumerate-devices -c` prints."""

from __future__ import annotations

import re

from depth_demo.formats.cameras.documents import (
    Document,
    Size,
    as_size,
    as_tree,
    choose_size,
    first_matrix,
    first_name,
    line_numbers,
    matrix,
    number,
    picture_size,
    plain_name,
)
from depth_demo.formats.cameras.form import CameraForm, Wanted
from depth_demo.formats.cameras.found import FoundCamera, Lengths, SeparateCamera, from_separate
from depth_demo.formats.cameras.trees import NUMBER, Tree


def _from_realsense_table(document: Document, wanted: Wanted) -> FoundCamera:
    """rectified.0 and so on hold one resolution each of the infrared pair as the device rectifies it; baseline is in mm."""
    tree = {name: _unquoted(value) for name, value in document.tree.items()}
    sizes: dict[Size, str] = {}
    for index in range(20):
        name = f"rectified.{index}"
        size = as_size([tree.get(f"{name}.width"), tree.get(f"{name}.height")])
        if size is not None and tree.get(f"{name}.fx") != 0:  # unused rows of the table
            sizes.setdefault(size, name)
    size = choose_size(sizes, wanted.size)
    name = sizes[size]
    focal, vertical, column, row = (number(tree, f"{name}.{side}") for side in ("fx", "fy", "ppx", "ppy"))
    baseline = abs(number(tree, "baseline"))
    return FoundCamera(
        focal, baseline, "mm", focal_length_y_px=vertical, principal_point_px=(column, row), size=size,
        note="It is that of the infrared pair, not of the colour camera.",
    )  # fmt: skip


def _unquoted(value: object) -> object:
    """Return the number that a word is: the viewer writes numbers as words."""
    return float(value) if isinstance(value, str) and NUMBER.fullmatch(value) else value


_SIDES = tuple(
    tuple(pattern.format(word) for pattern in ("{}", "infrared{}", "infra{}", "ir{}") for word in words)
    for words in (("left", "1"), ("right", "2"))
)
_EXTRINSICS = ("extrinsics", "extrinsic", "lefttoright", "extrinsicslefttoright", "infrared1toinfrared2", "infra1toinfra2",
               "ir1toir2")  # fmt: skip


def _realsense_sides(document: Document) -> list[Tree]:
    """Return the objects of both cameras that have fx and ppx, directly or in `intrinsics`."""
    plain = {re.sub("intrinsics?", "", name): value for name, value in document.plain.items()}
    plain |= {plain_name(name): value for name, value in as_tree(document.tree.get("intrinsics")).items()}
    found = [next((as_tree(plain[name]) for name in names if name in plain), {}) for names in _SIDES]
    cameras = [as_tree(side.get("intrinsics", side)) for side in found]
    return cameras if all("fx" in camera and "ppx" in camera for camera in cameras) else []


def _from_realsense(document: Document, _: Wanted) -> FoundCamera:
    """As librealsense's programs write it: fx, fy, ppx, ppy and coeffs of both infrared cameras, and extrinsics [m]."""
    cameras = _realsense_sides(document)
    name = first_name(document.plain, _EXTRINSICS)
    extrinsics = as_tree(document.plain[name]) if name else {}
    if "translation" not in extrinsics:
        raise ValueError("The calibration has both infrared cameras but no extrinsics with a translation [m] between them.")
    first, second = (
        SeparateCamera.from_numbers(
            (number(camera, side) for side in ("fx", "fy", "ppx", "ppy")), first_matrix(camera, ("coeffs",))
        )
        for camera in cameras
    )
    x, y, z = matrix(extrinsics["translation"], "translation", 3)
    columns = first_matrix(extrinsics, ("rotation",), 9)
    rotation = None if columns is None else [columns[3 * (place % 3) + place // 3] for place in range(9)]
    sizes = [picture_size(camera) for camera in cameras]
    return from_separate(first, second, rotation, (-abs(x), y, z), Lengths("m"), sizes[0], second_size=sizes[1])


_PRINTED = re.compile(r'(Intrinsic of|Extrinsic from)\s+"([^"]*)"(?:\s+To\s+"([^"]*)")?')
_EYES = ("Infrared 1", "Infrared 2")


def _printed_blocks(text: str) -> list[tuple[str, list[str]]]:
    """Return the title and the lines of each block that `rs-enumerate-devices -c` prints: "Infrared 1", or of two cameras."""
    blocks: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        title = _PRINTED.search(line)
        if title:
            blocks.append((f"{title[2]} to {title[3]}" if title[3] else title[2], []))
        elif blocks:
            blocks[-1][1].append(line)
    return blocks


def _from_print(document: Document, wanted: Wanted) -> FoundCamera:
    """Intrinsics by camera and size; extrinsics with a rotation and a translation [m]."""
    cameras: dict[str, dict[Size, SeparateCamera]] = {eye: {} for eye in _EYES}
    shift: list[float] | None = None
    for title, lines in _printed_blocks(document.text):
        fields = {plain_name(name): rest for name, _, rest in (line.partition(":") for line in lines)}
        if title in cameras and fields.keys() >= {"width", "height", "fx", "fy", "ppx", "ppy"}:
            width, height, *numbers = (
                line_numbers(fields[side], 1)[0] for side in ("width", "height", "fx", "fy", "ppx", "ppy")
            )
            size = as_size((width, height))
            if size is not None:
                coefficients = line_numbers(fields["coeffs"], 5) if "coeffs" in fields else ()
                cameras[title].setdefault(size, SeparateCamera.from_numbers(numbers, coefficients))
        elif (
            title in {f"{one} to {other}" for one in _EYES for other in _EYES if one != other}
            and "translationvector" in fields
        ):
            shift = line_numbers(fields["translationvector"], 3)
    if shift is None:
        raise ValueError("The text has no extrinsics from Infrared 1 to Infrared 2, which hold the baseline.")
    first, second = (cameras[eye] for eye in _EYES)
    size = choose_size(first.keys() & second.keys(), wanted.size)
    x, y, z = shift
    note = "It is that of the infrared pair, not of the colour camera."
    return from_separate(first[size], second[size], None, (-abs(x), y, z), Lengths("m"), size, note)


FORMS = {
    "realsense-table": CameraForm(
        "a RealSense's calibration table", "RealSense", "github.com/IntelRealSense/librealsense, common/calibration-model.cpp",
        lambda document: "rectified.0.fx" in document.tree, _from_realsense_table,
    ),
    "realsense": CameraForm(
        "a RealSense's intrinsics and extrinsics", "RealSense", "github.com/IntelRealSense/librealsense, rs_types.h",
        lambda document: bool(_realsense_sides(document)), _from_realsense,
    ),
    "realsense-print": CameraForm(
        "what rs-enumerate-devices prints", "RealSense", "github.com/IntelRealSense/librealsense, tools/enumerate-devices",
        lambda document: 'Intrinsic of "Infrared' in document.text, _from_print,
    ),
}  # fmt: skip
