"""A smooth triangle sheet on which regions are drawn: cut exactly along the zero line of a field, then given a material.

So that windows, wheel arches, lamps and door gaps all lie on one continuous surface and keep its smooth shading.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import bpy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from examples.scenes.kit.mesh import Points

Field = Callable[[Points], NDArray[np.float64]]  # signed distance [m] at points (N, 3): negative inside
Material: TypeAlias = bpy.types.Material | None  # None: a hole


class Skin:
    """Triangles through a grid of points (R, C, 3), outside where columns run to the right and rows run up."""

    def __init__(self, grid: ArrayLike, material: bpy.types.Material, *, closed: bool = False) -> None:
        grid = np.asarray(grid, dtype=np.float64)
        rows, columns = grid.shape[:2]
        r, c = np.meshgrid(np.arange(rows - 1), np.arange(columns if closed else columns - 1), indexing="ij")
        right = (c + 1) % columns
        corners = [r * columns + c, r * columns + right, (r + 1) * columns + right, (r + 1) * columns + c]
        a, b, d, e = (corner.ravel() for corner in corners)
        self.points = grid.reshape(-1, 3)
        self.triangles = np.concatenate((np.column_stack((a, b, d)), np.column_stack((a, d, e))))
        self.normals = self._vertex_normals()
        self.materials: list[Material] = [material]
        self.slots = np.zeros(len(self.triangles), dtype=np.int64)

    def _vertex_normals(self) -> Points:
        corners = self.points[self.triangles]
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normals = np.zeros_like(self.points)
        for k in range(3):
            np.add.at(normals, self.triangles[:, k], across)
        return normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12)

    def paint(
        self,
        field: Field,
        material: Material,
        *,
        low: float = -np.inf,
        high: float = 0.0,
        limit: Field | None = None,
        on: Material = None,
    ) -> None:
        """Give the region low < field < high a material; only inside `limit`, and only where `on` lies now."""
        values = np.full((len(self.points), 2), -1.0)
        if limit is not None:
            values[:, 1] = limit(self.points)
        seen = np.unique(self.triangles[self._any_below(values[:, 1], 0.0)])
        values[:, 0] = 10.0
        values[seen, 0] = field(self.points[seen])
        for level in (low, high):
            if np.isfinite(level):
                values = self._cut(values, 0, level, self._any_below(values[:, 1], 0.0))
        values = self._cut(values, 1, 0.0, self._any_below(values[:, 0], high))
        middle, bound = values[self.triangles].mean(axis=1).T
        chosen = (middle > low) & (middle < high) & (bound < 0)
        if on is not None:
            chosen &= self.slots == self.materials.index(on)
        if material not in self.materials:
            self.materials.append(material)
        self.slots[chosen] = self.materials.index(material)

    def _any_below(self, values: NDArray[np.float64], level: float) -> NDArray[np.bool_]:
        """Which triangles have a corner below a level."""
        return np.asarray((values[self.triangles] < level).any(axis=1))

    def _cut(self, values: NDArray[np.float64], key: int, level: float, where: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Divide triangles along values[:, key] = level; returns the values at all points, old and new."""
        height = values[:, key] - level
        height = np.where(np.abs(height) < 1e-6, 1e-6, height)
        below = (height < 0)[self.triangles]
        mixed = below.any(axis=1) & ~below.all(axis=1) & where
        triangles, below = self.triangles[mixed], below[mixed]
        lone = np.where(below.sum(axis=1) == 1, below.argmax(axis=1), (~below).argmax(axis=1))
        a, b, c = (triangles[np.arange(len(triangles)), (lone + k) % 3] for k in range(3))
        edges = np.sort(np.concatenate((np.column_stack((a, b)), np.column_stack((a, c)))), axis=1)
        edges, which = np.unique(edges, axis=0, return_inverse=True)
        first, second = edges.T
        share = (height[first] / (height[first] - height[second]))[:, None]

        def between(known: Points) -> Points:
            return np.concatenate((known, known[first] * (1 - share) + known[second] * share))

        p, q = np.split(which.ravel() + len(self.points), 2)
        self.points, self.normals, values = between(self.points), between(self.normals), between(values)
        pieces = [np.column_stack(three) for three in ((a, p, q), (p, b, c), (p, c, q))]
        self.triangles = np.concatenate((self.triangles[~mixed], *pieces))
        self.slots = np.concatenate((self.slots[~mixed], np.tile(self.slots[mixed], 3)))
        return values

    def border(self, field: Field) -> list[tuple[Points, Points]]:
        """Edges (start, end) of the holes along field = 0, so that one can build on them."""
        shown = self._shown()
        edges = np.concatenate([shown[:, (k, (k + 1) % 3)] for k in range(3)])
        _, which, counts = np.unique(np.sort(edges, axis=1), axis=0, return_inverse=True, return_counts=True)
        near = np.abs(field(self.points)) < 2e-3
        free = edges[(counts[which.ravel()] == 1) & near[edges].all(axis=1)]
        return [(self.points[i], self.points[j]) for i, j in free]

    def _shown(self) -> NDArray[np.int64]:
        hole = self.materials.index(None) if None in self.materials else -1
        return self.triangles[self.slots != hole]

    def build(self, name: str) -> bpy.types.Object:
        """The object, not yet in any scene."""
        shown = self._shown()
        solid: list[bpy.types.Material] = [material for material in self.materials if material is not None]
        slots = np.array([solid.index(material) if material else -1 for material in self.materials])[self.slots]
        used, triangles = np.unique(shown, return_inverse=True)
        mesh = bpy.data.meshes.new(name)
        mesh.from_pydata(self.points[used].tolist(), [], triangles.reshape(-1, 3).tolist())
        for material in solid:
            mesh.materials.append(material)
        mesh.polygons.foreach_set("material_index", slots[slots >= 0].astype(np.int32))
        mesh.polygons.foreach_set("use_smooth", np.ones(len(shown), dtype=bool))
        mesh.normals_split_custom_set_from_vertices(self.normals[used].tolist())
        mesh.update()
        return bpy.data.objects.new(name, mesh)


PLANES = {"side": (1, 2), "end": (0, 2), "top": (0, 1)}  # which coordinates a drawing shows


def drawn(outline: ArrayLike, plane: str, *, radius_m: float = 0.0) -> Field:
    """The region inside a polygon (N, 2) drawn in side (y, z), end (|x|, z) or top view (|x|, y)."""
    corners = rounded(outline, radius_m) if radius_m else np.asarray(outline, dtype=np.float64)
    first, second = PLANES[plane]

    def field(points: Points) -> NDArray[np.float64]:
        flat = np.column_stack((np.abs(points[:, first]) if first == 0 else points[:, first], points[:, second]))
        return _distance(flat, corners)

    return field


def _distance(flat: Points, corners: Points) -> NDArray[np.float64]:
    """Signed distance of points (N, 2) to a polygon; a coarse one where far away."""
    middle, reach = (corners.min(axis=0) + corners.max(axis=0)) / 2, np.ptp(corners, axis=0) / 2 + 0.1
    coarse = (np.abs(flat - middle) - reach).max(axis=1) + 0.1
    near = coarse < 0.1
    nearest, odd = np.full(near.sum(), np.inf), np.zeros(near.sum(), dtype=bool)
    x, y = flat[near].T
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        ex, ey = bx - ax, by - ay
        along = np.clip(((x - ax) * ex + (y - ay) * ey) / (ex * ex + ey * ey + 1e-15), 0, 1)
        nearest = np.minimum(nearest, np.hypot(x - ax - along * ex, y - ay - along * ey))
        if ey:
            odd ^= ((ay > y) != (by > y)) & (x < ex * (y - ay) / ey + ax)
    coarse[near] = np.where(odd, -nearest, nearest)
    return coarse


def rounded(outline: ArrayLike, radius_m: float, steps: int = 7) -> Points:
    """A polygon (N, 2) whose corners are replaced by curves that begin `radius_m` (or half the edge) before the corner."""
    corners = np.asarray(outline, dtype=np.float64)
    result = []
    for before, corner, after in zip(np.roll(corners, 1, axis=0), corners, np.roll(corners, -1, axis=0), strict=True):
        ends = []
        for other in (before, after):
            length = np.linalg.norm(other - corner)
            ends.append(corner + (other - corner) / (length + 1e-12) * min(radius_m, 0.48 * length))
        shares = np.linspace(0, 1, steps)
        result += [(1 - t) ** 2 * ends[0] + 2 * t * (1 - t) * corner + t**2 * ends[1] for t in shares]
    return np.array(result)


def within(axis: int, low: float = -np.inf, high: float = np.inf) -> Field:
    """The slab low < coordinate < high."""
    return lambda points: np.maximum(low - points[:, axis], points[:, axis] - high)


def both(*fields: Field) -> Field:
    """Where all of the fields lie inside."""
    return lambda points: np.maximum.reduce([field(points) for field in fields])


def smooth_curve(knots: Sequence[tuple[float, float]]) -> Callable[[ArrayLike], NDArray[np.float64]]:
    """A smooth curve through (position, value) knots that does not overshoot; constant beyond the ends."""
    at, values = np.array(sorted(knots), dtype=np.float64).T
    steps, rises = np.diff(at), np.diff(values) / np.diff(at)
    slopes = np.concatenate(([rises[0]], np.zeros(len(at) - 2), [rises[-1]]))
    for k in range(1, len(at) - 1):
        if rises[k - 1] * rises[k] > 0:
            slopes[k] = 2 * rises[k - 1] * rises[k] / (rises[k - 1] + rises[k])

    def curve(position: ArrayLike) -> NDArray[np.float64]:
        x = np.clip(np.asarray(position, dtype=np.float64), at[0], at[-1])
        k = np.clip(np.searchsorted(at, x) - 1, 0, len(steps) - 1)
        h = steps[k]
        t = (x - at[k]) / h
        first = (1 + 2 * t) * (1 - t) ** 2 * values[k] + t * (1 - t) ** 2 * h * slopes[k]
        second = t**2 * (3 - 2 * t) * values[k + 1] + t**2 * (t - 1) * h * slopes[k + 1]
        return np.asarray(first + second)

    return curve
