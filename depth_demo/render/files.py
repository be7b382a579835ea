"""The files of an estimate and of a match: a coloured picture for people first, then numbers for programs, then shapes.

Every file is named after the photo and what it holds, such as `piano_left_disparity_px.npy`.
"""

from __future__ import annotations

import filecmp
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from depth_demo.comparison.confidence import stereo_confidence
from depth_demo.comparison.results import Estimate, Match
from depth_demo.examples import list_examples
from depth_demo.formats import writers
from depth_demo.formats.glb import save_glb
from depth_demo.formats.levels import row_bands
from depth_demo.geometry import Calibration, DepthMap, RgbImage
from depth_demo.render.frame import frame_of
from depth_demo.render.maps import ValueRange, render_map, render_spread, value_range
from depth_demo.render.mesh import mesh_of, without_flying
from depth_demo.render.shape import surface_depth

GREY_LEVELS = 254  # 1 to 255; 0 is no measurement


def photo_name(file: str | Path | None) -> str:
    """Return the name for the files of a photo's result: "466_left" for a bundled view, else that of the photo."""
    if not file:
        return writers.safe_name("")
    given, views = Path(file), [(example.name, view) for example in list_examples() for view in (example.left, example.right)]
    bundled = next((name for name, view in views if view.name == given.name and filecmp.cmp(view, given, shallow=False)), "")
    return writers.safe_name(f"{bundled}_{given.stem}")


def save_estimate(
    folder: Path, name: str, estimate: Estimate, source: str, focal_length_px: float, color_map: str
) -> list[Path]:
    """Write the map of one photo, coloured first, and its surface.

    Args:
        folder: A folder that exists.
        name: Of the photo, safe for files.
        estimate: The result.
        source: One line that tells what made the map.
        focal_length_px: Focal length [px], for the surface.
        color_map: One of `COLOR_MAPS`.
    """
    depth_map = estimate.depth_map
    return [
        save_coloured(folder, f"{name}_depth", depth_map, color_map),
        save_grey(folder, f"{name}_depth", depth_map),
        *save_numbers(folder, name, depth_map, source),
        *_save_spread(folder, f"{name}_depth_spread", depth_map.spread),
        *save_shape(folder, name, *surface_depth(depth_map), estimate.image, focal_length_px),
    ]


def save_match(folder: Path, name: str, match: Match, focal_length_px: float, color_map: str) -> list[Path]:
    """Write disparity and, with a calibration, depth: coloured first, then as numbers, then how sure, then the surface.

    The arguments are those of `save_estimate`.
    """
    source, pair = match.description, match.pair
    shown = {f"{name}_{what}": m for what, m in (("disparity", match.disparity), ("depth", match.depth)) if m}
    return [
        *(save_coloured(folder, stem, m, color_map) for stem, m in shown.items()),
        *(save_grey(folder, stem, m) for stem, m in shown.items()),
        *save_numbers(folder, name, match.disparity, source),
        *writers.save_map(folder, f"{name}_disparity_filled_px", match.filled, source),
        *(save_numbers(folder, name, match.depth, source) if match.depth else ()),
        *save_confidence(folder, f"{name}_stereo", stereo_confidence(match.disparity, match.left_right_diff)),
        *save_shape(
            folder, name, *surface_depth(match.disparity, pair.calibration), pair.left, focal_length_px, pair.calibration
        ),
    ]


def save_numbers(folder: Path, name: str, depth_map: DepthMap, source: str) -> list[Path]:
    """Write a map as numbers, named after its kind and unit."""
    return writers.save_map(folder, f"{name}_{writers.kind_name(depth_map.kind)}", depth_map, source)


def save_coloured(folder: Path, name: str, depth_map: DepthMap, color_map: str, limits: ValueRange | None = None) -> Path:
    """Write a map as a picture with its colour bar, to look at and to share; without `limits` in its own range."""
    return writers.save_picture(folder, f"{name}_coloured", render_map(depth_map, color_map, limits))


def save_grey(folder: Path, name: str, depth_map: DepthMap, limits: ValueRange | None = None) -> Path:
    """Write a map as 8-bit grey of its own size: near is bright, 0 is no measurement; without `limits` in its own range."""
    low, high = limits or value_range(depth_map)
    grey = np.zeros(depth_map.shape, np.uint8)
    for band in row_bands(len(grey)):
        nearness = (depth_map.values[band] - np.float32(low)) / np.float32(high - low)
        if not depth_map.kind.nearer_is_larger:
            nearness = 1 - nearness
        grey[band] = np.nan_to_num(np.rint(1 + GREY_LEVELS * np.clip(nearness, 0, 1)))
    return writers.save_picture(folder, f"{name}_grey", grey)


def _save_spread(folder: Path, name: str, spread: NDArray[np.float32] | None) -> list[Path]:
    """Write how far several answers of one model differ; nothing where it gave one."""
    if spread is None:
        return []
    numbers = folder / f"{name}.npy"
    np.save(numbers, spread)
    return [writers.save_picture(folder, name, render_spread(spread)), numbers]


def save_confidence(folder: Path, name: str, confidence: NDArray[np.float32] | None) -> list[Path]:
    """Write how sure a method is, from 0 to 1; nothing where that is not known."""
    return [] if confidence is None else writers.save_confidence(folder, f"{name}_confidence", confidence)


def save_shape(
    folder: Path,
    name: str,
    depth: NDArray[np.float32],
    unit: str,
    image: RgbImage,
    focal_length_px: float,
    camera: Calibration | None = None,
) -> list[Path]:
    """Write points (PLY) and the surface in its finest detail (GLB), both cut at depth edges as the surface on the page is.

    Args:
        folder: A folder that exists.
        name: Of the photo, safe for files.
        depth: (H, W) distance along the optical axis, NaN where there is none.
        unit: "m", or "" for a shape without a unit.
        image: (H, W, 3) uint8 RGB.
        focal_length_px: Focal length [px] at this width.
        camera: Tells the principal point and the vertical focal length, where they are known.

    Returns:
        PLY, then GLB; no GLB where no three neighbours have a distance.
    """
    cloud = writers.save_cloud(folder, f"{name}_points", without_flying(depth), unit, image, focal_length_px, camera)
    if not np.isfinite(depth).any():
        return [cloud]
    far = frame_of(depth, focal_length_px, camera=camera).far
    points, colors, triangles = mesh_of(depth, image, focal_length_px, "fine", far, camera).used()
    if not len(triangles):
        return [cloud]
    return [cloud, save_glb(folder, f"{name}_surface", points, colors, triangles, unit)]
