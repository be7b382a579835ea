"""Meshes from numbers: boxes, prisms, tubes, turned shapes and grids, gathered into one Blender object.

Axes: x to the right, y away from the camera, z up, in metres.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import bpy
import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]


class MeshBuilder:
    """Collects parts; `build` makes the object. Every part has a material, and may be shaded smooth."""

    def __init__(self) -> None:
        self._points: list[Points] = []
        self._faces: list[tuple[int, ...]] = []
        self._slots: list[int] = []
        self._smooth: list[bool] = []
        self._materials: list[bpy.types.Material] = []
        self._frame = np.eye(4)
        self._count = 0

    @contextmanager
    def moved(self, location: ArrayLike = (0, 0, 0), turn: ArrayLike = (0, 0, 0), scale: ArrayLike = 1.0) -> Iterator[None]:
        """Parts added inside are scaled, turned about x, y, z (degrees, in this order) and then moved; nests."""
        outer = self._frame
        self._frame = outer @ transform(location, turn, scale)
        yield
        self._frame = outer

    def add(
        self, points: ArrayLike, faces: Sequence[Sequence[int]], material: bpy.types.Material, *, smooth: bool = False
    ) -> None:
        """Any polygons: points (N, 3), faces as tuples of indices, counter-clockwise seen from outside."""
        points = np.asarray(points, dtype=np.float64).reshape(-1, 3)
        if material not in self._materials:
            self._materials.append(material)
        slot = self._materials.index(material)
        flip = np.linalg.det(self._frame[:3, :3]) < 0
        self._faces += [tuple(self._count + i for i in (reversed(face) if flip else face)) for face in faces]
        self._slots += [slot] * len(faces)
        self._smooth += [smooth] * len(faces)
        self._points.append(points @ self._frame[:3, :3].T + self._frame[:3, 3])
        self._count += len(points)

    def box(self, low: ArrayLike, high: ArrayLike, material: bpy.types.Material) -> None:
        """An axis-parallel box between two corners."""
        (x0, y0, z0), (x1, y1, z1) = np.minimum(low, high), np.maximum(low, high)
        points = [(x, y, z) for z in (z0, z1) for y in (y0, y1) for x in (x0, x1)]
        self.add(points, [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)], material)

    def prism(
        self,
        outline: ArrayLike,
        start: float,
        end: float,
        material: bpy.types.Material,
        *,
        axis: str = "z",
        smooth: bool = False,
    ) -> None:
        """A polygon (N, 2), counter-clockwise, extruded along an axis; its plane is (x, y), (x, z) or (y, z)."""
        outline = np.asarray(outline, dtype=np.float64)
        n = len(outline)
        order = {"z": (0, 1, 2), "y": (0, 2, 1), "x": (2, 0, 1)}[axis]
        rings = [np.column_stack((outline, np.full(n, height)))[:, order] for height in sorted((start, end))]
        sides = [(i, (i + 1) % n, n + (i + 1) % n, n + i) for i in range(n)]
        caps = [tuple(reversed(range(n))), tuple(range(n, 2 * n))]
        turned = axis == "y"  # (x, z) is left-handed with respect to y
        points = np.concatenate(rings)
        self.add(points, [tuple(reversed(f)) for f in sides] if turned else sides, material, smooth=smooth)
        self.add(points, [tuple(reversed(f)) for f in caps] if turned else caps, material)

    def tube(
        self, path: ArrayLike, radius: ArrayLike, material: bpy.types.Material, *, sides: int = 10, smooth: bool = True
    ) -> None:
        """A round bar along a path (N, 3); radius is one number or N of them."""
        path = np.asarray(path, dtype=np.float64)
        n = len(path)
        radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), n)
        tangents = np.gradient(path, axis=0)
        tangents /= np.linalg.norm(tangents, axis=1, keepdims=True) + 1e-12
        angles = np.linspace(0, 2 * np.pi, sides, endpoint=False)
        normal = np.cross(tangents[0], (0, 0, 1) if abs(tangents[0][2]) < 0.9 else (1, 0, 0))
        rings = []
        for point, tangent, r in zip(path, tangents, radii, strict=True):
            normal = normal - tangent * np.dot(normal, tangent)  # carried along, so that the tube does not twist
            normal /= np.linalg.norm(normal) + 1e-12
            binormal = np.cross(tangent, normal)
            rings.append(point + r * (np.cos(angles)[:, None] * normal + np.sin(angles)[:, None] * binormal))
        faces: list[tuple[int, ...]] = [
            (k * sides + i, k * sides + (i + 1) % sides, (k + 1) * sides + (i + 1) % sides, (k + 1) * sides + i)
            for k in range(n - 1)
            for i in range(sides)
        ]
        points = np.concatenate(rings)
        self.add(points, faces, material, smooth=smooth)
        self.add(points, [tuple(reversed(range(sides))), tuple(range((n - 1) * sides, n * sides))], material)

    def lathe(self, profile: ArrayLike, material: bpy.types.Material, *, sides: int = 32, smooth: bool = True) -> None:
        """A profile of (radius, z) from bottom to top, turned about the z axis."""
        profile = np.asarray(profile, dtype=np.float64)
        angles = np.linspace(0, 2 * np.pi, sides, endpoint=False)
        ring = np.column_stack((np.cos(angles), np.sin(angles), np.zeros(sides)))
        points = np.concatenate([radius * ring + (0, 0, z) for radius, z in profile])
        faces = [
            (k * sides + i, k * sides + (i + 1) % sides, (k + 1) * sides + (i + 1) % sides, (k + 1) * sides + i)
            for k in range(len(profile) - 1)
            for i in range(sides)
        ]
        self.add(points, faces, material, smooth=smooth)

    def sheet(self, grid: ArrayLike, material: bpy.types.Material, *, smooth: bool = True, closed: bool = False) -> None:
        """A surface through a grid of points (R, C, 3); closed joins the last column to the first.

        The outside is where columns run to the right and rows run up.
        """
        grid = np.asarray(grid, dtype=np.float64)
        rows, columns = grid.shape[:2]
        last = columns if closed else columns - 1
        faces = [
            (r * columns + c, r * columns + (c + 1) % columns, (r + 1) * columns + (c + 1) % columns, (r + 1) * columns + c)
            for r in range(rows - 1)
            for c in range(last)
        ]
        self.add(grid.reshape(-1, 3), faces, material, smooth=smooth)

    def build(self, name: str, *, bevel_m: float = 0.0, bevel_segments: int = 2, subdivisions: int = 0) -> bpy.types.Object:
        """The object, not yet in any scene. Bevelled edges catch the light, which is what makes a box look real."""
        mesh = bpy.data.meshes.new(name)
        mesh.from_pydata(np.concatenate(self._points).tolist(), [], self._faces)
        for material in self._materials:
            mesh.materials.append(material)
        mesh.polygons.foreach_set("material_index", self._slots)
        mesh.polygons.foreach_set("use_smooth", self._smooth)
        mesh.update()
        thing = bpy.data.objects.new(name, mesh)
        if subdivisions:
            modifier = thing.modifiers.new("subdivision", "SUBSURF")
            modifier.levels = modifier.render_levels = subdivisions
        if bevel_m:
            modifier = thing.modifiers.new("bevel", "BEVEL")
            modifier.width = bevel_m
            modifier.segments = bevel_segments
            modifier.limit_method = "ANGLE"
            modifier.harden_normals = True
        return thing


def transform(location: ArrayLike = (0, 0, 0), turn: ArrayLike = (0, 0, 0), scale: ArrayLike = 1.0) -> Points:
    """4x4 matrix: scale, then turn about x, y and z (degrees), then move."""
    a, b, c = np.radians(np.asarray(turn, dtype=np.float64))
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    matrix = np.eye(4)
    matrix[:3, :3] = about_z @ about_y @ about_x @ np.diag(np.broadcast_to(np.asarray(scale, dtype=np.float64), 3))
    matrix[:3, 3] = location
    return matrix


def arc(radius: float, start: float, end: float, points: int, centre: tuple[float, float] = (0.0, 0.0)) -> Points:
    """Points (N, 2) on a circle between two angles in degrees."""
    angles = np.radians(np.linspace(start, end, points))
    return np.column_stack((centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)))
