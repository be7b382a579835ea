"""Ray casting of many scenes at once: which body a pixel sees, and how far away.

The picture is cut into tiles. A body is tested only in the tiles that its bounding box touches, so that the work is one
long list of (body, tile) pairs of 16x16 pixels, whatever scene they belong to: a few large tensor operations, on any device.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from depth_demo.training.scenes.primitives import Primitives, Shape

TILE = 16  # px
PAIRS_AT_ONCE = 2048  # whose intermediate values stay in a processor's cache
NOTHING = -1
_EPSILON = 1e-9
Axes = list[Tensor]  # x, y and z


@dataclass(frozen=True, slots=True)
class Cameras:
    """S pinholes. A ray through column x and row y of the image plane has camera coordinates (x, y, 1), y up.

    Attributes:
        position: (S, 3) [m].
        rotation: (S, 3, 3), the camera's axes as columns.
        left, top: (S,) image-plane coordinates of the centre of the first pixel.
        step: (S,) between the centres of two pixels; rows go down.
        near: (S,) [m].
    """

    position: Tensor
    rotation: Tensor
    left: Tensor
    top: Tensor
    step: Tensor
    near: Tensor


@dataclass(frozen=True, slots=True)
class Hits:
    """What S x H x W rays meet first.

    Attributes:
        depth: (S, H, W) along the camera's axis [m]; infinite where there is nothing.
        body: (S, H, W) int64, index of the body; -1 where there is nothing.
    """

    depth: Tensor
    body: Tensor


@dataclass(frozen=True, slots=True)
class LocalRays:
    """Rays in the bodies' own coordinates: origin + depth * (x_axis * x + y_axis * y + z_axis); each (N, 3)."""

    origin: Tensor
    x_axis: Tensor
    y_axis: Tensor
    z_axis: Tensor

    def at(self, index: Tensor) -> LocalRays:
        return LocalRays(self.origin[index], self.x_axis[index], self.y_axis[index], self.z_axis[index])


class CutoutMasks:
    """(K, M, M) bool, square tiling pictures of where a body is solid."""

    def __init__(self, masks: Tensor) -> None:
        self.size = masks.shape[1]
        self.flat = masks.flatten()

    def solid(self, index: Tensor, u: Tensor, v: Tensor) -> Tensor:
        """Masks `index` at texture coordinates that repeat after 1."""
        column, row = ((c * self.size).floor().long() % self.size for c in (u, v))
        return self.flat[(index * self.size + row) * self.size + column]


def cast(primitives: Primitives, cameras: Cameras, height: int, width: int, masks: CutoutMasks) -> Hits:
    """Look at S scenes through S cameras; `height` and `width` are multiples of 16."""
    rays = local_rays(primitives, cameras)
    body, tile = overlaps(primitives, cameras, height, width)
    rows, columns = height // TILE, width // TILE
    tiles = len(cameras.step) * rows * columns
    # Depth and body in one integer, so that the least of all pairs is the nearest: positive floats sort like integers.
    nearest = torch.full((tiles, TILE * TILE), torch.iinfo(torch.int64).max, device=tile.device)
    for kind in (*Shape, NOTHING):  # bodies with cut-outs last, of any shape
        cut = primitives.cutout >= 0
        chosen = cut if kind == NOTHING else (primitives.shape == kind) & ~cut
        pairs = chosen[body].nonzero()[:, 0]
        for some in pairs.split(PAIRS_AT_ONCE):
            depth = _depths(primitives, cameras, rays, body[some], tile[some], (rows, columns), kind, masks)
            packed = (depth.view(torch.int32).long() << 32) | body[some, None]
            nearest.scatter_reduce_(0, tile[some, None].expand_as(packed), packed, "amin")
    depth = (nearest >> 32).int().view(torch.float32)
    missed = ~(depth < torch.inf)  # the untouched initial value is not a number
    depth = torch.where(missed, torch.inf, depth)
    index = torch.where(missed, NOTHING, nearest & 0xFFFFFFFF)

    def picture(values: Tensor) -> Tensor:
        values = values.view(-1, rows, columns, TILE, TILE).transpose(2, 3)
        return values.reshape(-1, height, width)

    return Hits(picture(depth), picture(index))


def local_rays(primitives: Primitives, cameras: Cameras) -> LocalRays:
    """Each scene's camera as every one of its bodies sees it."""
    to_local = primitives.rotation.transpose(1, 2) / primitives.half_size[:, :, None]
    offset = cameras.position[primitives.scene] - primitives.center
    axes = to_local @ cameras.rotation[primitives.scene]
    return LocalRays((to_local @ offset[:, :, None])[:, :, 0], *axes.unbind(2))


def overlaps(primitives: Primitives, cameras: Cameras, height: int, width: int) -> tuple[Tensor, Tensor]:
    """All pairs of a body and a tile that its bounding box touches: two (P,) int64."""
    corners = _corners(primitives, cameras)  # (N, 8, 3)
    near = cameras.near[primitives.scene]
    low, high = _bounds(corners, near)
    left, top, step = (value[primitives.scene] for value in (cameras.left, cameras.top, cameras.step))
    rows, columns = height // TILE, width // TILE

    def tiles(a: Tensor, b: Tensor, count: int) -> tuple[Tensor, Tensor]:
        first = ((a / step).clamp(-1, count * TILE) / TILE).floor().long().clamp(min=0)
        last = ((b / step + 1).clamp(-1, count * TILE) / TILE).floor().long().clamp(max=count - 1)
        return first, (last - first + 1).clamp(min=0)

    first_column, across = tiles(low[:, 0] - left, high[:, 0] - left, columns)
    first_row, down = tiles(top - high[:, 1], top - low[:, 1], rows)
    count = torch.where((corners[:, :, 2] > near[:, None]).any(1), across * down, 0)
    body = torch.repeat_interleave(torch.arange(len(count), device=count.device), count)
    rank = torch.arange(len(body), device=count.device) - (count.cumsum(0) - count)[body]
    row, column = first_row[body] + rank // across[body], first_column[body] + rank % across[body]
    return body, (primitives.scene[body] * rows + row) * columns + column


_SIGNS = torch.tensor([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])
_EDGES = torch.tensor([[a, b] for a in range(8) for b in range(a) if (a ^ b) in (1, 2, 4)])


def _corners(primitives: Primitives, cameras: Cameras) -> Tensor:
    """(N, 8, 3): corners of the bounding boxes in the coordinates of their cameras."""
    corners = (_SIGNS.to(primitives.center) * primitives.half_size[:, None]) @ primitives.rotation.transpose(1, 2)
    corners = corners + (primitives.center - cameras.position[primitives.scene])[:, None]
    return corners @ cameras.rotation[primitives.scene]


def _bounds(corners: Tensor, near: Tensor) -> tuple[Tensor, Tensor]:
    """Lowest and highest (N, 2) image-plane coordinates of the part of each box beyond `near`."""
    start, end = corners[:, _EDGES[:, 0]], corners[:, _EDGES[:, 1]]  # (N, 12, 3)
    run = end - start
    crossing = ((near[:, None] - start[..., 2]) / torch.where(run[..., 2] == 0, _EPSILON, run[..., 2])).clamp(0, 1)
    clipped = start + crossing[..., None] * run
    points = torch.cat((torch.where(start[..., 2:] < near[:, None, None], clipped, start),
                        torch.where(end[..., 2:] < near[:, None, None], clipped, end)), dim=1)  # fmt: skip
    outside = points[..., 2:] < near[:, None, None] * (1 - 1e-4)
    plane = points[..., :2] / points[..., 2:].clamp(min=_EPSILON)
    return plane.masked_fill(outside, torch.inf).amin(1), plane.masked_fill(outside, -torch.inf).amax(1)


def _depths(
    primitives: Primitives,
    cameras: Cameras,
    rays: LocalRays,
    body: Tensor,
    tile: Tensor,
    grid: tuple[int, int],
    kind: int,
    masks: CutoutMasks,
) -> Tensor:
    """(P, 256): depth at which the pixels of each pair's tile meet its body; infinite for a miss."""
    rows, columns = grid
    scene = primitives.scene[body]
    pixels = torch.arange(TILE, device=tile.device)
    column = (tile % columns)[:, None] * TILE + pixels
    row = (tile // columns % rows)[:, None] * TILE + pixels
    x = (cameras.left[scene, None] + column * cameras.step[scene, None])[:, None, :]  # (P, 1, 16)
    y = (cameras.top[scene, None] - row * cameras.step[scene, None])[:, :, None]  # (P, 16, 1)
    local = rays.at(body)
    origin = [local.origin[:, axis, None, None] for axis in range(3)]
    direction = [
        local.x_axis[:, axis, None, None] * x + (local.y_axis[:, axis, None, None] * y + local.z_axis[:, axis, None, None])
        for axis in range(3)
    ]
    taper = primitives.taper[body]
    if kind == NOTHING:
        shape = primitives.shape[body][:, None, None]
        enter, leave = _interval(Shape.BOX, origin, direction, taper)
        for other in (Shape.ELLIPSOID, Shape.CYLINDER):
            interval = _interval(other, origin, direction, taper)
            enter, leave = (torch.where(shape == other, new, old) for new, old in zip(interval, (enter, leave), strict=True))
    else:
        enter, leave = _interval(Shape(kind), origin, direction, taper)
    hit = (enter <= leave) & (enter > cameras.near[scene, None, None])
    if kind == NOTHING:
        depth = torch.where(hit, enter, 1.0)
        point = torch.stack([o + depth * d for o, d in zip(origin, direction, strict=True)], dim=-1)  # (P, 16, 16, 3)
        u, v = surface_coordinates(shape, point, primitives.half_size[body][:, None, None])
        size = primitives.cutout_size[body][:, None, None]
        hit &= masks.solid(primitives.cutout[body][:, None, None], u / size, v / size)
    return torch.where(hit, enter, torch.inf).flatten(1)


def _interval(shape: Shape, origin: Axes, direction: Axes, taper: Tensor) -> tuple[Tensor, Tensor]:
    """Depths at which rays enter and leave a convex body: the latest entry and the earliest exit of its boundaries."""
    if shape is Shape.ELLIPSOID:
        return _roots(_dot(direction, direction), _dot(origin, direction), _dot(origin, origin) - 1, direction[1])
    enter, leave = _slab(origin[1], direction[1])
    if shape is Shape.CYLINDER:
        first, last = _cone(origin, direction, taper[:, 0, None, None] / 2)
        return torch.maximum(enter, first), torch.minimum(leave, last)
    for axis in (0, 2):
        if not taper.any():
            first, last = _slab(origin[axis], direction[axis])
            enter, leave = torch.maximum(enter, first), torch.minimum(leave, last)
            continue
        share = taper[:, axis // 2, None, None] / 2
        for sign in (-1, 1):  # sign * p + share * y <= 1 - share
            distance = 1 - share - sign * origin[axis] - share * origin[1]
            speed = sign * direction[axis] + share * direction[1]
            crossing = distance / torch.where(speed == 0, _EPSILON, speed)
            enter = torch.where(speed < 0, torch.maximum(enter, crossing), enter)
            leave = torch.where(speed > 0, torch.minimum(leave, crossing), leave)
    return enter, leave


def _slab(origin: Tensor, direction: Tensor) -> tuple[Tensor, Tensor]:
    """|p| <= 1 along one axis."""
    inverse = 1 / torch.where(direction == 0, _EPSILON, direction)
    middle, half = -origin * inverse, inverse.abs()
    return middle - half, middle + half


def _cone(origin: Axes, direction: Axes, share: Tensor) -> tuple[Tensor, Tensor]:
    """x^2 + z^2 <= r^2, where r shrinks by `share` per unit of y."""
    radius = 1 - share - share * origin[1]  # at the ray's origin
    squared = direction[0] * direction[0] + -share * share * direction[1] * direction[1] + direction[2] * direction[2]
    half_linear = origin[0] * direction[0] + origin[2] * direction[2] + radius * share * direction[1]
    return _roots(squared, half_linear, origin[0] ** 2 + origin[2] ** 2 - radius * radius, direction[1])


def _roots(a: Tensor, b: Tensor, c: Tensor, upwards: Tensor) -> tuple[Tensor, Tensor]:
    """Where a t^2 + 2 b t + c <= 0; a steep ray in a cone (a < 0) enters or leaves it once, at the root on the wide side."""
    discriminant = b * b - a * c
    root = discriminant.clamp(min=0).sqrt()
    safe = torch.where(a.abs() < _EPSILON, _EPSILON, a)
    one, other = (-b - root) / safe, (-b + root) / safe
    first, last = torch.minimum(one, other), torch.maximum(one, other)
    steep, down = a < 0, upwards < 0
    enter = torch.where(steep, torch.where(down, last, -torch.inf), first)
    leave = torch.where(steep, torch.where(down, torch.inf, first), last)
    return torch.where((discriminant < 0) & ~steep, torch.inf, enter), leave


def _dot(a: Axes, b: Axes) -> Tensor:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def surface_coordinates(shape: Tensor, point: Tensor, half_size: Tensor) -> tuple[Tensor, Tensor]:
    """Texture coordinates [m] of points in local coordinates: faces of a box, the developed side and caps of the others."""
    x, y, z = (point * half_size).unbind(-1)
    side_x, side_y, side_z = point.abs().unbind(-1)
    on_top = side_y > torch.maximum(side_x, side_z)
    on_side = side_x > torch.maximum(side_y, side_z)
    round_u = torch.atan2(point[..., 0], -point[..., 2]) * half_size[..., 0]
    cap = (shape == Shape.CYLINDER) & (side_y > 0.999)
    box = shape == Shape.BOX
    u = torch.where(box, torch.where(on_side, z, x), torch.where(cap, x, round_u))
    v = torch.where((box & on_top) | cap, z, y)
    return u, v
