"""Write a surface in colours as GLB, the binary form of glTF 2.0, which browsers, Blender and phones open."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_FLOAT, _UINT8, _UINT32 = 5126, 5121, 5125  # component types
_ARRAY, _ELEMENTS, _TRIANGLES = 34962, 34963, 4


def save_glb(
    folder: Path,
    stem: str,
    points: NDArray[np.float32],
    colors: NDArray[np.uint8],
    triangles: NDArray[np.uint32],
    unit: str,
) -> Path:
    """Write `stem`.glb: one mesh, drawn as it is coloured, without lights, from both sides.

    The axes are those of glTF: x to the right, y up, and z towards the camera, which stands in the origin.

    Args:
        folder: A folder that exists.
        stem: The name of the file without suffix.
        points: (N, 3) finite float32, x to the right, y down, z forward.
        colors: (N, 3) uint8 sRGB. The file holds linear light, as glTF asks for.
        triangles: (M, 3) numbers of points, at least one triangle.
        unit: "m", or "" for a shape without a unit.
    """
    positions = points.astype("<f4") * np.array((1, -1, -1), "<f4")
    opaque = np.full((len(colors), 1), 255, np.uint8)
    parts = [positions, np.hstack((_LINEAR[colors], opaque)), triangles.astype("<u4").ravel()]
    accessors = [
        {"type": "VEC3", "componentType": _FLOAT, "min": _ends(positions.min(0)), "max": _ends(positions.max(0))},
        {"type": "VEC4", "componentType": _UINT8, "normalized": True},
        {"type": "SCALAR", "componentType": _UINT32},
    ]
    sizes = [part.nbytes for part in parts]  # multiples of four, as glTF asks for
    views = [
        {"buffer": 0, "byteOffset": sum(sizes[:number]), "byteLength": size, "target": target}
        for number, (size, target) in enumerate(zip(sizes, (_ARRAY, _ARRAY, _ELEMENTS), strict=True))
    ]
    primitive = {"attributes": {"POSITION": 0, "COLOR_0": 1}, "indices": 2, "mode": _TRIANGLES, "material": 0}
    document = {
        "asset": {"version": "2.0", "generator": "Depth Demo", "extras": {"unit": unit or "none, shape only"}},
        "extensionsUsed": ["KHR_materials_unlit"],
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": stem}],
        "meshes": [{"primitives": [primitive]}],
        "materials": [
            {
                "doubleSided": True,
                "pbrMetallicRoughness": {"metallicFactor": 0, "roughnessFactor": 1},  # for programs without the extension
                "extensions": {"KHR_materials_unlit": {}},
            }
        ],
        "accessors": [
            accessor | {"bufferView": number, "count": len(part)}
            for number, (accessor, part) in enumerate(zip(accessors, parts, strict=True))
        ],
        "bufferViews": views,
        "buffers": [{"byteLength": sum(sizes)}],
    }
    path = folder / f"{stem}.glb"
    text = json.dumps(document, separators=(",", ":")).encode("ascii")
    chunks = _chunk(b"JSON", text + b" " * (-len(text) % 4)) + _chunk(b"BIN\0", b"".join(part.tobytes() for part in parts))
    path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks)
    return path


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack("<I4s", len(content), kind) + content


def _ends(values: NDArray[np.float32]) -> list[float]:
    """Return numbers that are exactly those of float32 in the file."""
    return [float(value) for value in values]


def _linear_light() -> NDArray[np.uint8]:
    """Return (256,) the share of light that each sRGB level stands for (IEC 61966-2-1), of 255."""
    level = np.arange(256) / 255
    return np.rint(255 * np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)).astype(np.uint8)


_LINEAR = _linear_light()
