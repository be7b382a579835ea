"""Assets: collections that stand at the origin on z = 0, made once and placed many times."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
from numpy.typing import ArrayLike

from examples.scenes.kit.mesh import transform


def asset(name: str, parts: Sequence[bpy.types.Object]) -> bpy.types.Collection:
    """A collection of objects, not itself in the scene."""
    collection = bpy.data.collections.new(name)
    for part in parts:
        collection.objects.link(part)
    return collection


def instance(
    collection: bpy.types.Collection, location: ArrayLike = (0, 0, 0), turn: ArrayLike = (0, 0, 0), scale: ArrayLike = 1.0
) -> bpy.types.Object:
    """An empty that shows the asset: scaled, turned about x, y, z (degrees) and moved. Shares the asset's meshes."""
    empty = bpy.data.objects.new(collection.name, None)
    empty.instance_type = "COLLECTION"
    empty.instance_collection = collection
    empty.matrix_world = transform(location, turn, scale).T.tolist()
    return empty


def place(
    thing: bpy.types.Collection | bpy.types.Object,
    location: ArrayLike = (0, 0, 0),
    turn: ArrayLike = (0, 0, 0),
    scale: ArrayLike = 1.0,
) -> bpy.types.Object:
    """Put an asset, or a single object, into the scene."""
    if isinstance(thing, bpy.types.Collection):
        thing = instance(thing, location, turn, scale)
    else:
        thing.matrix_world = transform(location, turn, scale).T.tolist()
    bpy.context.scene.collection.objects.link(thing)
    return thing
