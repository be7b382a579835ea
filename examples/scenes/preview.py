"""Look at one asset: `python -m examples.scenes.preview vehicles.cars.sedan picture.png [--distance 8] [--angle 30]`.

The asset is a function without required arguments that returns a collection or an object.
"""

from __future__ import annotations

import argparse
import importlib
import time
from pathlib import Path

import bpy
import numpy as np

from examples.scenes.kit.assets import place
from examples.scenes.kit.labels import Label
from examples.scenes.kit.materials import plain
from examples.scenes.kit.mesh import MeshBuilder
from examples.scenes.kit.sky import light


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asset", help="subject.module.function inside examples.scenes")
    parser.add_argument("picture", type=Path)
    parser.add_argument("--distance", type=float, default=8.0, help="of the camera from the asset [m]")
    parser.add_argument("--angle", type=float, default=30.0, help="from which side [degrees]; 0 looks along +y")
    parser.add_argument("--height", type=float, default=1.6, help="of the camera [m]")
    parser.add_argument("--target", type=float, default=1.0, help="height that is looked at [m]")
    parser.add_argument("--focal", type=float, default=50.0, help="focal length, 35 mm equivalent [mm]")
    parser.add_argument("--sun", type=float, default=35.0, help="elevation of the sun [degrees]")
    parser.add_argument("--sun-angle", type=float, default=140.0, help="direction of the sun [degrees]")
    parser.add_argument("--samples", type=int, default=24)
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--ratio", type=float, default=0.625, help="height / width")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()

    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    light(arguments.sun, arguments.sun_angle)
    module, function = arguments.asset.rsplit(".", 1)
    started = time.perf_counter()
    place(getattr(importlib.import_module(f"examples.scenes.{module}"), function)())
    print(f"built in {time.perf_counter() - started:.1f} s")
    ground = MeshBuilder()
    ground.box((-60, -60, -0.2), (60, 60, 0), plain("preview ground", Label.ROAD, (0.18, 0.18, 0.18), 0.9))
    place(ground.build("ground"))

    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.lens = arguments.focal
    angle = np.radians(arguments.angle)
    eye = np.array([np.sin(angle) * arguments.distance, -np.cos(angle) * arguments.distance, arguments.height])
    pitch = np.arctan2(arguments.target - arguments.height, arguments.distance)
    camera.location = eye
    camera.rotation_euler = (np.pi / 2 + pitch, 0, angle)
    place_camera(scene, camera)
    scene.render.engine = "CYCLES"
    scene.cycles.samples = arguments.samples
    scene.cycles.use_denoising = True
    scene.render.threads_mode, scene.render.threads = "FIXED", arguments.threads
    scene.render.resolution_x, scene.render.resolution_y = arguments.width, int(arguments.width * arguments.ratio)
    scene.view_settings.view_transform = "AgX"
    scene.render.filepath = str(arguments.picture.resolve())
    started = time.perf_counter()
    bpy.ops.render.render(write_still=True)
    print(f"rendered in {time.perf_counter() - started:.1f} s")


def place_camera(scene: bpy.types.Scene, camera: bpy.types.Object) -> None:
    scene.collection.objects.link(camera)
    scene.camera = camera


if __name__ == "__main__":
    main()
