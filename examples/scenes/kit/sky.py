"""Sun and sky."""

from __future__ import annotations

import bpy
import numpy as np

from examples.scenes.kit.materials import Nodes


def light(elevation_degrees: float, angle_degrees: float, sky_strength: float = 0.1, sun_strength: float = 3.0) -> None:
    """A clear sky and a sun at `angle_degrees` clockwise from +y, as seen from above."""
    scene = bpy.context.scene
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    scene.world = world
    n = Nodes(world.node_tree)
    elevation, angle = np.radians(elevation_degrees), np.radians(angle_degrees)
    sky = n.new(
        "TexSky", sky_type="MULTIPLE_SCATTERING", sun_disc=False, sun_elevation=float(elevation), sun_rotation=float(angle)
    )
    background = n.new("Background", Color=sky.outputs[0], Strength=sky_strength)
    n.tree.links.new(background.outputs[0], n.new("OutputWorld").inputs["Surface"])
    lamp = bpy.data.lights.new("sun", "SUN")
    lamp.energy, lamp.angle, lamp.color = sun_strength, np.radians(0.2), (1.0, 0.86, 0.68)
    sun = bpy.data.objects.new("sun", lamp)
    sun.rotation_euler = (np.pi / 2 - elevation, 0, np.pi - angle)  # the lamp shines along its own -z
    scene.collection.objects.link(sun)
