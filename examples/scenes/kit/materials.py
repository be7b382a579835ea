"""Procedural materials. Each carries the label of what it is (`pass_index`), which becomes labels.png.

`Nodes` writes shader graphs as function calls: a keyword is the name of an input (`_` for a space) when it starts with
a capital letter, else a property of the node; a value is a number, a tuple or another node's output.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import bpy

from examples.scenes.kit.labels import Label

Socket = Any  # a bpy.types.NodeSocket
Colour = tuple[float, float, float]  # linear RGB, 0..1


class Nodes:
    """The shader graph of one new material (or of the world)."""

    def __init__(self, tree: bpy.types.NodeTree) -> None:
        self.tree = tree
        tree.nodes.clear()

    def new(self, kind: str, **settings: Any) -> Any:  # noqa: ANN401
        """A node of type ShaderNode<kind>."""
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for key, value in settings.items():
            if key[0].isupper():
                self._connect(node.inputs[key.replace("_", " ")], value)
            else:
                setattr(node, key, value)
        return node

    def _connect(self, target: Socket, value: Any) -> None:  # noqa: ANN401
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, target)
        elif isinstance(value, tuple) and len(value) == 3 and target.type == "RGBA":
            target.default_value = (*value, 1.0)
        else:
            target.default_value = value

    def math(self, operation: str, *values: Any, clamp: bool = False) -> Socket:  # noqa: ANN401
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation, node.use_clamp = operation, clamp
        for target, value in zip(node.inputs, values, strict=False):
            self._connect(target, value)
        return node.outputs[0]

    def vector(self, operation: str, *values: Any) -> Socket:  # noqa: ANN401
        """ADD, MULTIPLY ... of vectors."""
        node = self.tree.nodes.new("ShaderNodeVectorMath")
        node.operation = operation
        for target, value in zip(node.inputs, values, strict=False):
            self._connect(target, value)
        return node.outputs[0]

    def mix(self, share: Any, first: Any, second: Any, blend: str = "MIX") -> Socket:  # noqa: ANN401
        """Two colours: `share` of the second over the first."""
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type, node.blend_type = "RGBA", blend
        for target, value in zip((node.inputs[0], node.inputs[6], node.inputs[7]), (share, first, second), strict=True):
            self._connect(target, value)
        return node.outputs[2]

    def ramp(self, value: Socket, stops: Sequence[tuple[float, Colour]]) -> Socket:
        """A colour ramp through (position, colour) stops."""
        node = self.new("ValToRGB", Fac=value)
        elements = node.color_ramp.elements
        while len(elements) < len(stops):
            elements.new(0.5)
        for element, (position, colour) in zip(elements, stops, strict=True):
            element.position, element.color = position, (*colour, 1.0)
        return node.outputs[0]

    def level(self, value: Socket, low: float, high: float, to_low: float = 0.0, to_high: float = 1.0) -> Socket:
        """Map low..high linearly to to_low..to_high, clamped."""
        node = self.tree.nodes.new("ShaderNodeMapRange")
        for target, number in zip(node.inputs, (value, low, high, to_low, to_high), strict=False):
            self._connect(target, number)
        return node.outputs[0]

    @property
    def position(self) -> Socket:
        """Object coordinates [m]."""
        return self.new("TexCoord").outputs["Object"]

    @property
    def world_position(self) -> Socket:
        """World coordinates [m]: textures that must not repeat from instance to instance."""
        return self.new("NewGeometry").outputs["Position"]

    def wall(self, position: Socket | None = None) -> Socket:
        """(along the wall, height, 0) [m] on walls that stand along x or y, for bricks and panels; (x, y, 0) on floors."""
        x, y, z = self.new("SeparateXYZ", Vector=position or self.position).outputs
        normal = self.new("SeparateXYZ", Vector=self.new("TexCoord").outputs["Normal"]).outputs
        faces_x = self.math("GREATER_THAN", self.math("ABSOLUTE", normal[0]), 0.7)
        faces_z = self.math("GREATER_THAN", self.math("ABSOLUTE", normal[2]), 0.7)
        along = self.math(
            "ADD", self.math("MULTIPLY", y, faces_x), self.math("MULTIPLY", x, self.math("SUBTRACT", 1.0, faces_x))
        )
        up = self.math("ADD", self.math("MULTIPLY", y, faces_z), self.math("MULTIPLY", z, self.math("SUBTRACT", 1.0, faces_z)))
        return self.new("CombineXYZ", X=along, Y=up).outputs[0]

    def noise(self, scale: float, *, detail: float = 4.0, roughness: float = 0.5, at: Socket | None = None) -> Socket:
        """Fractal noise around 0.5 whose features are about 1 / scale metres."""
        vector = self.position if at is None else at
        return self.new("TexNoise", Vector=vector, Scale=scale, Detail=detail, Roughness=roughness).outputs[0]

    @property
    def random(self) -> Socket:
        """A number 0..1 that differs from instance to instance."""
        return self.new("ObjectInfo").outputs["Random"]

    def bump(self, height: Socket, distance_m: float, strength: float = 1.0) -> Socket:
        return self.new("Bump", Height=height, Distance=distance_m, Strength=strength).outputs[0]

    def surface(self, **inputs: Any) -> Socket:  # noqa: ANN401
        """The Principled shader: Base_Color, Roughness, Metallic, Normal ..."""
        return self.new("BsdfPrincipled", **inputs).outputs[0]

    def finish(self, shader: Socket) -> None:
        self._connect(self.new("OutputMaterial").inputs["Surface"], shader)


def new_material(name: str, label: Label) -> tuple[bpy.types.Material, Nodes]:
    """An empty material and its graph."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True  # the default from Blender 6 on
    material.pass_index = int(label)
    return material, Nodes(material.node_tree)


@cache
def plain(
    name: str,
    label: Label,
    colour: Colour,
    roughness: float = 0.6,
    metallic: float = 0.0,
    wear: float = 0.15,
    coat: float = 0.0,
) -> bpy.types.Material:
    """One colour with some dirt: `wear` is how far light and dark patches go."""
    material, n = new_material(name, label)
    dirt = n.level(n.noise(2.5, detail=8, at=n.world_position), 0.3, 0.7, 1 - wear, 1 + wear)
    fine = n.level(n.noise(60, detail=3, at=n.world_position), 0.3, 0.7, 1 - wear / 2, 1 + wear / 2)
    shade = n.math("MULTIPLY", dirt, fine)
    base = n.mix(1.0, colour, n.new("CombineColor", Red=shade, Green=shade, Blue=shade).outputs[0], "MULTIPLY")
    rough = n.math("MULTIPLY", n.level(dirt, 1 - wear, 1 + wear, 1.15, 0.85), roughness, clamp=True)
    n.finish(n.surface(Base_Color=base, Roughness=rough, Metallic=metallic, Coat_Weight=coat, Coat_Roughness=0.05))
    return material


@cache
def clear_glass(name: str = "clear glass", tint: Colour = (0.86, 0.92, 0.9), roughness: float = 0.0) -> bpy.types.Material:
    """A thin pane: reflects by Fresnel, lets the rest and the light through without bending it."""
    material, n = new_material(name, Label.GLASS)
    slant = n.new("LayerWeight", Blend=0.5).outputs["Facing"]  # 1 - cos, alike on both faces
    fresnel = n.math("MULTIPLY_ADD", n.math("POWER", slant, 5.0), 0.96, 0.04)  # Schlick
    both_faces = n.math("MULTIPLY", fresnel, 1.6, clamp=True)
    through = n.new("BsdfTransparent", Color=tint).outputs[0]
    mirror = n.new("BsdfGlossy", Color=(1.0, 1.0, 1.0), Roughness=roughness).outputs[0]
    node = n.new("MixShader", Fac=both_faces)
    n.tree.links.new(through, node.inputs[1])
    n.tree.links.new(mirror, node.inputs[2])
    n.finish(node.outputs[0])
    return material
