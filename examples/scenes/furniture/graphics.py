"""Flat shapes and letters for signs, boards and prints, drawn in the plane y = 0 and seen from -y; and sheets they lie on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import bpy
import numpy as np
from numpy.typing import ArrayLike

from examples.scenes.kit.mesh import MeshBuilder, Points, arc

Faces = list[tuple[int, ...]]
Warp = Callable[[Points], Points]  # (N, 2) of x, z -> (N, 3)


def flat(offset_m: float = 0.0) -> Warp:
    """The plane y = -offset."""
    return lambda xz: np.column_stack((xz[:, 0], np.full(len(xz), -offset_m), xz[:, 1]))


@cache
def _letters(text: str) -> tuple[Points, Faces]:
    """Outlines of a text whose capitals are 1 high, starting at x = 0."""
    curve = bpy.data.curves.new("text", "FONT")
    curve.body, curve.resolution_u = text, 3
    thing = bpy.data.objects.new("text", curve)
    mesh = bpy.data.meshes.new_from_object(thing)
    points = np.array([vertex.co[:2] for vertex in mesh.vertices], dtype=np.float64).reshape(-1, 2)
    faces = [
        tuple(polygon.vertices) if polygon.normal.z > 0 else tuple(reversed(polygon.vertices)) for polygon in mesh.polygons
    ]
    bpy.data.objects.remove(thing)
    bpy.data.curves.remove(curve)
    bpy.data.meshes.remove(mesh)
    capital = 0.69  # of the font's size
    return (points - (points[:, 0].min(), 0)) / capital, faces


def write(
    builder: MeshBuilder,
    text: str,
    centre: tuple[float, float],
    height_m: float,
    material: bpy.types.Material,
    *,
    width_m: float | None = None,
    bold: float = 0.015,
    warp: Warp | None = None,
) -> None:
    """Letters whose capitals are `height_m` high, squeezed to `width_m` at most, centred on (x, z of the base line)."""
    points, faces = _letters(text)
    width = points[:, 0].max() * height_m
    squeeze = min(1.0, width_m / width) if width_m else 1.0
    xz = points * (height_m * squeeze, height_m) + (centre[0] - width * squeeze / 2, centre[1])
    for k, shift in enumerate(((-1, -1), (1, -1), (1, 1), (-1, 1))):  # printed four times, a little aside: bold
        letters = (warp or flat(0.0018))(xz + np.array(shift) * bold * height_m)
        a, b, c = letters[list(faces[0][:3])]
        towards = np.cross(b - a, c - a)
        builder.add(letters + 0.0002 * k * towards / np.linalg.norm(towards), faces, material)  # never in one plane


def draw(builder: MeshBuilder, outline: ArrayLike, material: bpy.types.Material, *, warp: Warp | None = None) -> None:
    """A filled polygon, counter-clockwise (N, 2)."""
    outline = np.asarray(outline, dtype=np.float64)
    builder.add((warp or flat(0.001))(outline), [tuple(range(len(outline)))], material)


def band(
    builder: MeshBuilder, inner: ArrayLike, outer: ArrayLike, material: bpy.types.Material, *, warp: Warp | None = None
) -> None:
    """What lies between two closed outlines of as many points: rings and borders."""
    inner, outer = np.asarray(inner, dtype=np.float64), np.asarray(outer, dtype=np.float64)
    n = len(inner)
    faces = [(i, n + i, n + (i + 1) % n, (i + 1) % n) for i in range(n)]
    builder.add((warp or flat(0.0014))(np.concatenate((inner, outer))), faces, material)


def oval(centre: tuple[float, float], radius: float, height: float | None = None, points: int = 32) -> Points:
    """An ellipse, or a circle."""
    ring = arc(1.0, 0, 360, points + 1)[:-1]
    return ring * (radius, height or radius) + centre


def rounded(
    width: float, height: float, radius: float, centre: tuple[float, float] = (0.0, 0.0), corner_points: int = 6
) -> Points:
    """A rectangle with round corners, counter-clockwise."""
    x, z = width / 2 - radius, height / 2 - radius
    corners = [(x, z, 0), (-x, z, 90), (-x, -z, 180), (x, -z, 270)]
    return np.concatenate([arc(radius, a, a + 90, corner_points, (u, v)) for u, v, a in corners]) + centre


def stroke(builder: MeshBuilder, path: Sequence[tuple[float, float]], width_m: float, material: bpy.types.Material) -> None:
    """A line of some width through points."""
    line = np.asarray(path, dtype=np.float64)
    along = np.gradient(line, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.column_stack((-along[:, 1], along[:, 0])) * width_m / 2
    n = len(line)
    faces = [(i, i + 1, n + i + 1, n + i) for i in range(n - 1)]
    builder.add(flat(0.002)(np.concatenate((line - side, line + side))), faces, material)


def arrow(
    builder: MeshBuilder, centre: tuple[float, float], length_m: float, material: bpy.types.Material, *, right: bool
) -> None:
    """A horizontal arrow."""
    s, h = length_m / 2 * (1 if right else -1), length_m / 5
    shape = np.array([(-s, -h / 3), (s / 3, -h / 3), (s / 3, -h), (s, 0), (s / 3, h), (s / 3, h / 3), (-s, h / 3)]) + centre
    draw(builder, shape if right else shape[::-1], material, warp=flat(0.0016))


def superellipse(scale: float, z: float, width: float, depth: float, points: int = 64) -> Points:
    """A horizontal superellipse."""
    a = np.linspace(0, 2 * np.pi, points, endpoint=False)
    c, s = np.cos(a), np.sin(a)
    x = np.sign(c) * np.abs(c) ** 0.5 * width / 2 * scale
    return np.column_stack((x, np.sign(s) * np.abs(s) ** 0.5 * depth / 2 * scale, np.full(points, z)))
