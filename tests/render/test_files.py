"""Points, surface and grey picture of a photo, as they are saved: where they are, and what is cut."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from depth_demo.comparison.results import Estimate
from depth_demo.geometry import DepthKind, DepthMap
from depth_demo.render.files import save_estimate
from tests.formats.test_writers import read_ply


@dataclass(frozen=True)
class Surface:
    """What a GLB file holds: (N, 3) positions, (N, 4) colours, (M, 3) triangles."""

    document: dict[str, Any]
    positions: NDArray[np.float32]
    colors: NDArray[np.uint8]
    triangles: NDArray[np.uint32]

    @property
    def unit(self) -> object:
        return self.document["asset"]["extras"]["unit"]


def read_glb(path: Path) -> Surface:
    """Parse a GLB by the specification of glTF 2.0, as far as a surface needs it."""
    content = path.read_bytes()
    magic, version, length = struct.unpack_from("<4sII", content)
    assert (magic, version, length) == (b"glTF", 2, len(content))
    size, kind = struct.unpack_from("<I4s", content, 12)
    assert (kind, size % 4) == (b"JSON", 0)
    document = json.loads(content[20 : 20 + size])
    binary_size, kind = struct.unpack_from("<I4s", content, 20 + size)
    assert kind == b"BIN\0"
    binary = content[28 + size :]
    assert len(binary) == binary_size == document["buffers"][0]["byteLength"]

    def read(number: int) -> NDArray[Any]:
        accessor = document["accessors"][number]
        view = document["bufferViews"][accessor["bufferView"]]
        assert view["byteOffset"] % 4 == 0
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[accessor["type"]]
        numbers = np.frombuffer(
            binary[view["byteOffset"] :][: view["byteLength"]],
            {5126: "<f4", 5125: "<u4", 5121: "u1"}[accessor["componentType"]],
        )
        assert numbers.size == accessor["count"] * width
        return numbers.reshape(-1, width)

    (primitive,) = document["meshes"][0]["primitives"]
    place = primitive["attributes"]["POSITION"]
    positions, colors = read(place), read(primitive["attributes"]["COLOR_0"])
    triangles = read(primitive["indices"]).reshape(-1, 3)
    assert document["accessors"][place]["min"] == positions.min(0).tolist()
    assert document["accessors"][place]["max"] == positions.max(0).tolist()
    assert document["accessors"][primitive["attributes"]["COLOR_0"]]["normalized"]
    assert len(positions) == len(colors) == triangles.max() + 1
    return Surface(document, positions, colors, triangles)


def one_photo(depth: NDArray[np.float32], image: NDArray[np.uint8], folder: Path) -> list[Path]:
    found = Estimate(image, DepthMap(depth, DepthKind.METRIC_DEPTH), 1.0)
    return save_estimate(folder, "a", found, "a network", 2.0, "Inferno")


def test_a_surface_by_hand(tmp_path: Path) -> None:
    """A wall of 3x2 pixels at 4 m with f = 2 px: x = (column - 1) * 2, up = (0.5 - row) * 2, z towards the camera."""
    image = np.full((2, 3, 3), (0, 128, 255), np.uint8)
    one_photo(np.full((2, 3), 4, np.float32), image, tmp_path)
    surface = read_glb(tmp_path / "a_surface.glb")
    assert surface.positions.tolist() == [[-2, 1, -4], [0, 1, -4], [2, 1, -4], [-2, -1, -4], [0, -1, -4], [2, -1, -4]]
    assert surface.colors.tolist() == [[0, 55, 255, 255]] * 6  # 128 of sRGB is 21.6 % of the light: 55 of 255
    corners = surface.positions[surface.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert len(normals) == 4
    assert (normals[:, 2] > 0).all()  # towards the camera


def test_what_hangs_between_two_surfaces_is_in_neither_file(tmp_path: Path) -> None:
    depth = np.full((50, 100), 2, np.float32)
    depth[:, 50:53] = 2.25, 2.5, 2.75  # a network draws edges over some pixels
    depth[:, 53:] = 3
    one_photo(depth, np.zeros((50, 100, 3), np.uint8), tmp_path)
    assert set(read_ply(tmp_path / "a_points.ply").points[:, 2].tolist()) == {2, 3}
    surface = read_glb(tmp_path / "a_surface.glb")
    assert set(surface.positions[:, 2].tolist()) == {-2, -3}
    assert (np.ptp(surface.positions[surface.triangles][..., 2], axis=1) == 0).all()


def test_a_wide_edge_of_a_large_map_is_cut_from_the_points_too(tmp_path: Path) -> None:
    """At the detail of the surface one cell is four pixels, over which an edge of twelve pixels jumps."""
    depth = np.full((60, 2000), 2, np.float32)
    depth[:, 1000:1012] = np.linspace(2, 3, 14)[1:-1]
    depth[:, 1012:] = 3
    one_photo(depth, np.zeros((60, 2000, 3), np.uint8), tmp_path)
    points = read_ply(tmp_path / "a_points.ply").points
    between = (points[:, 2] > 2 * 1.08) & (points[:, 2] < 3 / 1.08)  # what is nearer to either side belongs to its surface
    assert not between.any()
    assert len(points) > 0.98 * depth.size


def test_a_pixel_among_holes_stays_a_point_but_is_no_surface(tmp_path: Path) -> None:
    depth = np.full((9, 9), np.nan, np.float32)
    depth[4, 4] = 2
    names = [path.name for path in one_photo(depth, np.zeros((9, 9, 3), np.uint8), tmp_path)]
    assert len(read_ply(tmp_path / "a_points.ply").points) == 1
    assert "a_surface.glb" not in names


def test_grey_is_bright_where_near_and_black_in_holes(tmp_path: Path) -> None:
    depth = np.tile(np.linspace(1, 2, 200, dtype=np.float32), (40, 1))
    depth[:, 100] = np.nan
    one_photo(depth, np.zeros((40, 200, 3), np.uint8), tmp_path)
    with Image.open(tmp_path / "a_depth_grey.png") as picture:
        grey = np.asarray(picture)
    assert grey.dtype == np.uint8
    assert grey.shape == (40, 200)
    assert (grey[0, 0], grey[0, 100], grey[0, -1]) == (255, 0, 1)
    assert (np.diff(np.delete(grey[0], 100).astype(int)) <= 0).all()
