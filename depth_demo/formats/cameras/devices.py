"""Cameras as stereo devices and MATLAB store them: ZED, OAK, MATLAB's stereo parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from depth_demo.formats.cameras.documents import (
    Document,
    as_size,
    as_tree,
    choose_size,
    first_matrix,
    inside,
    matrix,
    number,
    picture_size,
)
from depth_demo.formats.cameras.form import CameraForm, Wanted
from depth_demo.formats.cameras.found import (
    FoundCamera,
    Lengths,
    SeparateCamera,
    from_separate,
    in_opencvs_order,
    rotation_of_vector,
)
from depth_demo.formats.cameras.trees import NUMBER, Tree
from depth_demo.formats.untrusted import quoted

# ---- ZED -------------------------------------------------------------------------------------------------------------

_ZED_SIZES = {
    "4K": (2160, 3840), "QHDPLUS": (1800, 3200), "2K": (1242, 2208), "FHD1200": (1200, 1920), "FHD": (1080, 1920),
    "HD1200": (1200, 1920), "HD1080": (1080, 1920), "HD": (720, 1280), "SVGA": (600, 960), "VGA": (376, 672),
}  # fmt: skip


def _zed_sections(text: str) -> dict[str, dict[str, float]]:
    """Return the numbers under each [section], by names in capitals."""
    sections: dict[str, dict[str, float]] = {}
    name = ""
    for line in text.splitlines():
        word = line.strip()
        if word.startswith("[") and word.endswith("]"):
            name = word[1:-1].strip().upper()
            continue
        key, equals, value = word.partition("=")
        if equals and NUMBER.fullmatch(value.strip()):
            sections.setdefault(name, {})[key.strip().upper()] = float(value)
    return sections


def _from_zed(document: Document, wanted: Wanted) -> FoundCamera:
    """LEFT_CAM_HD and the like hold one resolution each, before rectification; the baseline is in mm, the turn in rad."""
    sections = _zed_sections(document.text)
    sizes = {
        _ZED_SIZES[mode]: mode for mode in _ZED_SIZES if f"LEFT_CAM_{mode}" in sections and f"RIGHT_CAM_{mode}" in sections
    }
    size = choose_size(sizes, wanted.size)
    mode = sizes[size]
    first, second = (_zed_camera(sections[f"{side}_CAM_{mode}"], f"{side}_CAM_{mode}") for side in ("LEFT", "RIGHT"))
    stereo = {key: value for fields in sections.values() for key, value in fields.items()}
    if "BASELINE" not in stereo:
        raise ValueError("The calibration is a ZED's but has no BaseLine [mm].")
    rotation = rotation_of_vector([stereo.get(f"{turn}_{mode}", 0.0) for turn in ("RX", "CV", "RZ")])
    across, along = (stereo.get(f"{name}_{mode}", stereo.get(name, 0.0)) for name in ("TY", "TZ"))
    shift = -stereo["BASELINE"], across, along
    return from_separate(first, second, rotation, shift, Lengths("mm"), size, f"Its section is {mode}.")


def _zed_camera(fields: Mapping[str, float], section: str) -> SeparateCamera:
    lacking = [name for name in ("FX", "FY", "CX", "CY") if name not in fields]
    if lacking:
        raise ValueError(f"The section {section} of the calibration lacks {', '.join(lacking).lower()}.")
    named = {name.lower(): value for name, value in fields.items() if re.fullmatch("[KP][1-9]", name)}
    distortion = in_opencvs_order(named) if any(named.values()) else []
    return SeparateCamera(fields["FX"], fields["FY"], fields["CX"], fields["CY"], distortion)


# ---- OAK -------------------------------------------------------------------------------------------------------------


def _from_oak(document: Document, _: Wanted) -> FoundCamera:
    """As DepthAI stores it: cameras by socket, each with its extrinsics towards another one, in cm."""
    listed = document.tree["cameraData"]
    pairs = list(listed.items()) if isinstance(listed, Mapping) else [_list(item) for item in _list(listed)]
    cameras = {str(_socket(pair[0])): as_tree(pair[1]) for pair in pairs if len(pair) == 2}
    sides = [
        str(_socket(inside(document.tree, f"stereoRectificationData.{side}CameraSocket") or default))
        for side, default in (("left", 1), ("right", 2))
    ]
    if not all(side in cameras for side in sides):
        raise ValueError(
            f"The calibration is an OAK's but lacks the cameras of its stereo pair, sockets {' and '.join(sides)}."
        )
    left, right = (cameras[side] for side in sides)
    if str(_socket(inside(left, "extrinsics.toCameraSocket"))) == sides[1]:
        extrinsics, sign = as_tree(left["extrinsics"]), 1
    elif str(_socket(inside(right, "extrinsics.toCameraSocket"))) == sides[0]:
        extrinsics, sign = as_tree(right["extrinsics"]), -1
    else:
        raise ValueError("The calibration is an OAK's but has no extrinsics between its left and its right camera.")
    shift = [sign * number(extrinsics, f"translation.{axis}") for axis in "xyz"]
    rotation = first_matrix(extrinsics, ("rotationMatrix",), 9)
    first, second = (
        SeparateCamera.from_matrix(
            matrix(camera.get("intrinsicMatrix"), "intrinsicMatrix", 9), first_matrix(camera, ("distortionCoeff",))
        ).of_model(_oak_model(camera))
        for camera in (left, right)
    )
    sizes = picture_size(left), picture_size(right)
    return from_separate(first, second, rotation, shift, Lengths("cm"), sizes[0], second_size=sizes[1])


def _oak_model(camera: Tree) -> str:
    """Return the lens model where it is not the perspective one, whose number is 0."""
    kind = camera.get("cameraType", 0.0)
    return "" if kind == 0.0 or str(kind).lower() == "perspective" else f"cameraType {kind}"[:40]


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []


def _socket(value: object) -> object:
    """Return a socket's number: CAM_B is 1."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, str) and re.fullmatch("CAM_[A-H]", value):
        return ord(value[-1]) - ord("A")
    return value


# ---- MATLAB ----------------------------------------------------------------------------------------------------------

_MATLAB_UNITS = {"mm": "mm", "millimeters": "mm", "cm": "cm", "centimeters": "cm", "m": "m", "meters": "m", "in": "in",
                 "inches": "in", "ft": "ft", "feet": "ft"}  # fmt: skip


def matlab_fields(document: Document) -> Tree:
    return as_tree(document.tree.get("stereoParams", document.tree))


def from_matlab(document: Document, _: Wanted) -> FoundCamera:
    """As jsonencode writes stereoParameters: 1-based principal points, ImageSize as rows and columns, mm by default."""
    fields = matlab_fields(document)
    cameras = [as_tree(fields.get(f"CameraParameters{index}")) for index in (1, 2)]
    first, second = (_matlab_camera(camera) for camera in cameras)
    shift = first_matrix(fields, ("TranslationOfCamera2", "PoseCamera2.Translation"), 3)
    if shift is None:
        raise ValueError("The calibration is MATLAB's but has no TranslationOfCamera2: it holds no baseline.")
    rotation = first_matrix(fields, ("PoseCamera2.R",), 9)
    if rotation is None and (old := first_matrix(fields, ("RotationOfCamera2",), 9)) is not None:
        rotation = [old[3 * (place % 3) + place // 3] for place in range(9)]  # it multiplies rows from the right
    word = inside(fields, "WorldUnits") or inside(cameras[0], "WorldUnits") or "mm"
    unit = _MATLAB_UNITS.get(word.lower() if isinstance(word, str) else "")
    if unit is None:
        raise ValueError(f"WorldUnits must be one of {', '.join(_MATLAB_UNITS)}, not {quoted(str(word)[:40])}.")
    rows = first_matrix(cameras[0], ("ImageSize",), 2)
    others = first_matrix(cameras[1], ("ImageSize",), 2)
    size, second_size = (as_size((sides[1], sides[0])) if sides else None for sides in (rows, others))
    to_the_left = (-abs(shift[0]), *shift[1:])
    return from_separate(first, second, rotation, to_the_left, Lengths(unit), size, second_size=second_size)


def _matlab_camera(fields: Tree) -> SeparateCamera:
    """K has rows as everywhere; the older IntrinsicMatrix is its transpose."""
    k = first_matrix(fields, ("K", "Intrinsics.K"), 9)
    if k is None:
        old = matrix(fields.get("IntrinsicMatrix"), "IntrinsicMatrix", 9)
        k = [old[3 * (place % 3) + place // 3] for place in range(9)]
    radial, tangential = (first_matrix(fields, (name,)) or [] for name in ("RadialDistortion", "TangentialDistortion"))
    named = dict(zip(("k1", "k2", "k3"), radial, strict=False)) | dict(zip(("p1", "p2"), tangential, strict=False))
    return SeparateCamera(k[0], k[4], k[2] - 1, k[5] - 1, in_opencvs_order(named))


FORMS = {
    "zed": CameraForm(
        "a ZED's calibration", "ZED",
        "support.stereolabs.com, ZED calibration files; github.com/FastSense/zed_cpu_ros, config",
        lambda document: "[LEFT_CAM_" in document.text and not document.is_json, _from_zed,
    ),
    "oak": CameraForm(
        "an OAK's calibration", "OAK", "docs.luxonis.com, calibration; github.com/luxonis/depthai-core, CalibrationHandler",
        lambda document: document.is_json and "cameraData" in document.tree, _from_oak,
    ),
    "matlab": CameraForm(
        "MATLAB's stereo parameters", "MATLAB (JSON or text)", "mathworks.com/help/vision/ref/stereoparameters.html",
        lambda document: "CameraParameters1" in matlab_fields(document), from_matlab,
    ),
}  # fmt: skip
