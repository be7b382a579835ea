"""The stereo camera of the original data set, and the two kinds of rendering: what it sees, and what is true."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np

WIDTH, HEIGHT = 1920, 1200  # px
FOCAL_LENGTH_PX = 658.557
BASELINE_M = 0.4
FAR_CLIP_M = 250.0  # nothing beyond is in the truth, and value / 256 fits 16 bits
VIEWS = ("left", "right")
HAZE_RANGE_M = 400.0  # distance at which the haze pass reaches 1
SENSOR_MM = 36.0


def add_camera(height_m: float, x_m: float = 0.0) -> None:
    """The left camera at (x, 0, height), looking along +y without tilt."""
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.sensor_fit, camera.data.sensor_width = "HORIZONTAL", SENSOR_MM
    camera.data.lens = FOCAL_LENGTH_PX * SENSOR_MM / WIDTH
    camera.data.clip_start, camera.data.clip_end = 0.05, 5000
    camera.location = (x_m, 0, height_m)
    camera.rotation_euler = (np.pi / 2, 0, 0)
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera


def set_size(scale: float, threads: int) -> None:
    """Size of the pictures, and how many cores to take (0: all)."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = round(WIDTH * scale), round(HEIGHT * scale)
    scene.render.threads_mode, scene.render.threads = ("FIXED", threads) if threads else ("AUTO", 1)
    scene.render.use_persistent_data = True  # both views share one acceleration structure
    scene.render.image_settings.media_type = "MULTI_LAYER_IMAGE"
    scene.render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
    scene.render.image_settings.color_depth = "32"


def render_photo(path: Path, samples: int) -> None:
    """Light as it arrives, denoised, and how far it came (`Mist`, 1 = HAZE_RANGE_M), into a multi-layer EXR file."""
    scene, layer = bpy.context.scene, bpy.context.view_layer
    cycles = scene.cycles
    cycles.samples, cycles.use_adaptive_sampling, cycles.adaptive_threshold = samples, True, 0.02
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_prefilter, cycles.denoising_input_passes = "ACCURATE", "RGB_ALBEDO_NORMAL"
    cycles.pixel_filter_type, cycles.filter_width = "BLACKMAN_HARRIS", 1.4
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 8, 3, 3
    cycles.transmission_bounces, cycles.transparent_max_bounces = 4, 24
    cycles.sample_clamp_indirect = 4.0  # no fireflies
    cycles.caustics_reflective = cycles.caustics_refractive = False
    layer.use_pass_mist, layer.use_pass_z, layer.use_pass_material_index = True, False, False
    scene.world.mist_settings.start, scene.world.mist_settings.depth = 0.0, HAZE_RANGE_M
    scene.world.mist_settings.falloff = "LINEAR"
    _render(path)


def render_truth(path: Path) -> None:
    """Depth along the optical axis [m] and label of the first surface at every pixel's centre, one sample without a filter."""
    scene, layer = bpy.context.scene, bpy.context.view_layer
    cycles = scene.cycles
    cycles.samples, cycles.use_adaptive_sampling, cycles.use_denoising = 1, False, False
    cycles.pixel_filter_type, cycles.filter_width = "BLACKMAN_HARRIS", 0.01
    cycles.max_bounces = 0
    layer.use_pass_mist, layer.use_pass_z, layer.use_pass_material_index = False, True, True
    layer.pass_alpha_threshold = 0.0  # clear glass is a surface, too
    _render(path)


def _render(path: Path) -> None:
    bpy.context.scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def move_to(view: str, x_m: float = 0.0) -> None:
    bpy.context.scene.camera.location.x = x_m + (BASELINE_M if view == "right" else 0.0)
