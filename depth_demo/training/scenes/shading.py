"""Colours for what rays have met: textures, sun or lamp with shadows, sky, haze. Linear RGB out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from depth_demo.training.scenes.casting import Cameras, CutoutMasks, Hits, cast, surface_coordinates
from depth_demo.training.scenes.primitives import Primitives, Shape
from depth_demo.training.scenes.textures import SIZE, Atlas

SHADOW_SIZE = 128  # px per side of the picture that the light sees
SUN_DISTANCE = 400.0  # m; so far that its rays are nearly parallel


@dataclass(frozen=True, slots=True)
class Light:
    """S lights, one per scene.

    Attributes:
        outdoors: (S,) bool: sun and sky, else lamp and walls.
        direction: (S, 3) unit vectors towards the sun.
        position: (S, 3) of the lamp [m].
        strength, ambient: (S, 3) of the direct and the scattered light.
        reach: (S,) distance at which a lamp's light has halved [m].
        shadow: (S,) how dark shadows are, from 0 to 1.
        horizon, zenith: (S, 3) colours of the sky.
        haze: (S,) per metre.
    """

    outdoors: Tensor
    direction: Tensor
    position: Tensor
    strength: Tensor
    ambient: Tensor
    reach: Tensor
    shadow: Tensor
    horizon: Tensor
    zenith: Tensor
    haze: Tensor


@dataclass(frozen=True, slots=True)
class _Surface:
    """P visible points: scene (P,), position and normal (P, 3), albedo (P, 3), emission (P,)."""

    scene: Tensor
    position: Tensor
    normal: Tensor
    albedo: Tensor
    emission: Tensor


def shade(primitives: Primitives, cameras: Cameras, hits: Hits, light: Light, atlas: Atlas, masks: CutoutMasks) -> Tensor:
    """(S, H, W, 3) linear RGB."""
    height, width = hits.depth.shape[1:]
    directions = _directions(cameras, height, width)  # (S, H, W, 3), z = 1 in the camera
    sky = _sky(directions, light)
    seen = hits.body >= 0
    surface = _surface(primitives, cameras, hits, directions, seen, atlas)
    facing, fade = _direct(surface, light)
    lit = _lit(primitives, surface, hits, cameras, light, masks)
    up = 0.75 + 0.25 * surface.normal[:, 1:2]
    direct = (facing * lit * fade)[:, None] * light.strength[surface.scene]
    radiance = surface.albedo * (direct + up * light.ambient[surface.scene] + surface.emission[:, None])
    veil = (1 - torch.exp(-hits.depth[seen] * light.haze[surface.scene]))[:, None]
    picture = sky.clone()
    picture[seen] = radiance.lerp(light.horizon[surface.scene], veil)
    return picture


def _directions(cameras: Cameras, height: int, width: int) -> Tensor:
    x = cameras.left[:, None] + cameras.step[:, None] * torch.arange(width, device=cameras.step.device)
    y = cameras.top[:, None] - cameras.step[:, None] * torch.arange(height, device=cameras.step.device)
    right, up, ahead = (axis[:, None, None] for axis in cameras.rotation.unbind(2))
    return right * x[:, None, :, None] + (up * y[:, :, None, None] + ahead)


def _sky(directions: Tensor, light: Light) -> Tensor:
    """From the horizon's colour to the zenith's, brighter around the sun."""
    unit = F.normalize(directions, dim=-1)
    height = unit[..., 1:2].clamp(min=0).sqrt()
    sky = light.horizon[:, None, None].lerp(light.zenith[:, None, None], height)
    towards_sun = (unit @ light.direction[:, None, :, None])[..., 0].clamp(min=0)
    return sky + 0.5 * (towards_sun**24)[..., None] * light.strength[:, None, None] * light.outdoors[:, None, None, None]


def _surface(primitives: Primitives, cameras: Cameras, hits: Hits, directions: Tensor, seen: Tensor, atlas: Atlas) -> _Surface:
    body, depth = hits.body[seen], hits.depth[seen]
    scene = primitives.scene[body]
    direction = directions[seen]
    position = cameras.position[scene] + depth[:, None] * direction
    rotation, half_size = primitives.rotation[body], primitives.half_size[body]
    local = ((position - primitives.center[body])[:, None] @ rotation)[:, 0] / half_size
    share = primitives.taper[body] / 2
    narrowed = 1 - share * (1 + local[:, 1:2])
    local = torch.stack((local[:, 0] / narrowed[:, 0], local[:, 1], local[:, 2] / narrowed[:, 1]), dim=1)
    shape = primitives.shape[body]
    normal = F.normalize(_normals(shape, local, share) / half_size, dim=1)
    normal = (rotation @ normal[:, :, None])[:, :, 0]
    u, v = surface_coordinates(shape, local, half_size)
    texture, size = primitives.texture[body], primitives.texture_size[body]
    slant = (normal * direction).sum(1).abs() / direction.norm(dim=1)
    texels = cameras.step[scene] * depth / slant.clamp(min=0.1).sqrt() / size * SIZE  # of least and most stretch
    albedo = primitives.color[body]
    textured = texture >= 0
    albedo[textured] *= atlas.sample(texture[textured], (u / size)[textured], (-v / size)[textured], texels[textured])
    return _Surface(scene, position, normal, albedo, primitives.emission[body])


def _normals(shape: Tensor, local: Tensor, share: Tensor) -> Tensor:
    """(P, 3) outward normals in local coordinates, of any length."""
    size = local.abs()
    axis = F.one_hot(size.argmax(1), 3)
    box = axis * local.sign()
    box[:, 1] += axis[:, 0] * share[:, 0] + axis[:, 2] * share[:, 1]  # sides lean inwards
    cap = size[:, 1] > 0.999
    round_side = torch.stack((local[:, 0], share[:, 0], local[:, 2]), dim=1)
    flat = torch.stack((torch.zeros_like(size[:, 1]), local[:, 1].sign(), torch.zeros_like(size[:, 1])), dim=1)
    cylinder = torch.where(cap[:, None], flat, round_side)
    normal = torch.where((shape == Shape.BOX)[:, None], box, local)
    return torch.where((shape == Shape.CYLINDER)[:, None], cylinder, normal)


def _direct(surface: _Surface, light: Light) -> tuple[Tensor, Tensor]:
    """The cosine of incidence of the direct light, and what of its strength arrives."""
    to_lamp = light.position[surface.scene] - surface.position
    distance = to_lamp.norm(dim=1)
    outdoors = light.outdoors[surface.scene]
    to_light = torch.where(outdoors[:, None], light.direction[surface.scene], to_lamp / distance[:, None].clamp(min=0.01))
    fade = torch.where(outdoors, 1.0, 1 / (1 + (distance / light.reach[surface.scene]) ** 2))
    return (surface.normal * to_light).sum(1).clamp(min=0), fade


def _lit(
    primitives: Primitives,
    surface: _Surface,
    hits: Hits,
    cameras: Cameras,
    light: Light,
    masks: CutoutMasks,
) -> Tensor:
    """(P,) share of the direct light that arrives: a picture taken from the light tells what it sees (Williams, 1978)."""
    eyes = _eyes_of_light(hits, cameras, light)
    casters = _choose(primitives, primitives.casts_shadow)
    first = cast(casters, eyes, SHADOW_SIZE, SHADOW_SIZE, masks).depth
    offset = (
        surface.position
        + 0.01 * surface.normal * hits.depth[hits.body >= 0][:, None].clamp(max=8)
        - eyes.position[surface.scene]
    )
    x, y, depth = (offset[:, None] @ eyes.rotation[surface.scene])[:, 0].unbind(1)
    column = (x / depth - eyes.left[surface.scene]) / eyes.step[surface.scene]
    row = (eyes.top[surface.scene] - y / depth) / eyes.step[surface.scene]
    inside = (depth > 0) & (column > 0) & (column < SHADOW_SIZE - 1) & (row > 0) & (row < SHADOW_SIZE - 1)
    bias = 2 * eyes.step[surface.scene] * depth
    shadow = torch.zeros_like(depth)
    left, top = column.clamp(0, SHADOW_SIZE - 2).floor(), row.clamp(0, SHADOW_SIZE - 2).floor()
    for down in (0, 1):  # bilinear in the comparison, not in the depth
        for right in (0, 1):
            weight = (1 - (column - left - right).abs()) * (1 - (row - top - down).abs())
            blocked = first[surface.scene, top.long() + down, left.long() + right] < depth - bias
            shadow += weight * blocked
    return 1 - light.shadow[surface.scene] * torch.where(inside, shadow.clamp(0, 1), 0.0)


def _choose(primitives: Primitives, mask: Tensor) -> Primitives:
    return Primitives(**{name: getattr(primitives, name)[mask] for name in Primitives.__dataclass_fields__})


def _eyes_of_light(hits: Hits, cameras: Cameras, light: Light) -> Cameras:
    """Cameras at the lights that look at the nearer part of what the scenes' cameras see."""
    scenes = len(light.reach)
    depth = torch.where(hits.body >= 0, hits.depth, torch.nan).flatten(1)
    extent = depth[:, ::7].nanquantile(0.75, dim=1).nan_to_num(10.0).clamp(0.5, 60)
    middle = cameras.position + 0.6 * extent[:, None] * cameras.rotation[:, :, 2]
    position = torch.where(light.outdoors[:, None], middle + SUN_DISTANCE * light.direction, light.position)
    ahead = F.normalize(middle - position, dim=1)
    helper = torch.tensor([0.0, 0.0, 1.0], device=ahead.device).expand_as(ahead)
    right = F.normalize(torch.linalg.cross(helper, ahead), dim=1)
    rotation = torch.stack((right, torch.linalg.cross(ahead, right), ahead), dim=2)
    half = torch.where(light.outdoors, extent / SUN_DISTANCE, 1.2)
    step = 2 * half / SHADOW_SIZE
    near = torch.full((scenes,), 0.05, device=ahead.device)
    return Cameras(position, rotation, step / 2 - half, half - step / 2, step, near)
