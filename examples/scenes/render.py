"""Render a bundled example again: `python -m examples.scenes.render 466`; what it needs stands in README.md.

Raw light and truth become EXR files in --raw, and these the files in examples/<scene>. Drafts: --scale 0.25 --samples 16.
"""

from __future__ import annotations

import argparse
import importlib
import time
from pathlib import Path
from types import ModuleType

import bpy

from examples.scenes import camera, develop

EXAMPLES = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene", choices=("466", "515"))
    parser.add_argument("--scale", type=float, default=1.0, help="1 renders 1920x1200")
    parser.add_argument("--samples", type=int, default=128, help="per pixel, at most")
    parser.add_argument("--views", nargs="+", choices=camera.VIEWS, default=camera.VIEWS)
    parser.add_argument("--threads", type=int, default=0, help="0 takes every core")
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder for the EXR files, about 250 MB a scene")
    parser.add_argument("--develop", action="store_true", help="do not render: develop the EXR files that are in --raw")
    parser.add_argument("--folder", type=Path, help="where the example goes; examples/<scene> unless given")
    arguments = parser.parse_args()

    layout = importlib.import_module(f"examples.scenes.scene_{arguments.scene}")
    raw = arguments.raw / arguments.scene
    if not arguments.develop:
        render(layout, raw, arguments)
    develop.write_example(raw, arguments.folder or EXAMPLES / arguments.scene, layout.LOOK, arguments.scale)


def render(layout: ModuleType, raw: Path, arguments: argparse.Namespace) -> None:
    """Build the scene and render truth and photo of every view."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    started = time.perf_counter()
    layout.build()
    print(f"built in {time.perf_counter() - started:.0f} s", flush=True)
    camera.set_size(arguments.scale, arguments.threads)
    raw.mkdir(parents=True, exist_ok=True)
    for view in arguments.views:
        started = time.perf_counter()
        camera.move_to(view)
        camera.render_truth(raw / f"{view}_truth.exr")
        camera.render_photo(raw / f"{view}_photo.exr", arguments.samples)
        print(f"{view} view rendered in {time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
