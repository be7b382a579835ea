"""The files of an estimate and of a match: a coloured picture for people first, then numbers for programs.

Every file is named after the photo and what it holds, such as `piano_left_disparity_px.npy`.
"""

from __future__ import annotations

from pathlib import Path

from depth_demo.comparison.results import Estimate, Match
from depth_demo.formats import writers
from depth_demo.geometry import DepthMap
from depth_demo.render.maps import ValueRange, render_map
from depth_demo.render.shape import surface_depth


def save_estimate(
    folder: Path, name: str, estimate: Estimate, source: str, focal_length_px: float, color_map: str
) -> list[Path]:
    """Write the map of one photo, coloured first, and its points.

    Args:
        folder: A folder that exists.
        name: Of the photo, safe for files.
        estimate: The result.
        source: One line that tells what made the map.
        focal_length_px: Focal length [px], for the points.
        color_map: One of `COLOR_MAPS`.
    """
    depth_map = estimate.depth_map
    depth, unit = surface_depth(depth_map)
    return [
        save_coloured(folder, f"{name}_depth", depth_map, color_map),
        *save_numbers(folder, name, depth_map, source),
        writers.save_cloud(folder, f"{name}_points", depth, unit, estimate.image, focal_length_px),
    ]


def save_match(folder: Path, name: str, match: Match, focal_length_px: float, color_map: str) -> list[Path]:
    """Write disparity and, with a calibration, depth: coloured first, then as numbers, then the points.

    The arguments are those of `save_estimate`.
    """
    source, pair = match.description, match.pair
    shown = {"disparity": match.disparity, "depth": match.depth}
    depth, unit = surface_depth(match.disparity, pair.calibration)
    return [
        *(save_coloured(folder, f"{name}_{what}", m, color_map) for what, m in shown.items() if m),
        *save_numbers(folder, name, match.disparity, source),
        *writers.save_map(folder, f"{name}_disparity_filled_px", match.filled, source),
        *(save_numbers(folder, name, match.depth, source) if match.depth else ()),
        writers.save_cloud(folder, f"{name}_points", depth, unit, pair.left, focal_length_px, pair.calibration),
    ]


def save_numbers(folder: Path, name: str, depth_map: DepthMap, source: str) -> list[Path]:
    """Write a map as numbers, named after its kind and unit."""
    return writers.save_map(folder, f"{name}_{writers.kind_name(depth_map.kind)}", depth_map, source)


def save_coloured(folder: Path, name: str, depth_map: DepthMap, color_map: str, limits: ValueRange | None = None) -> Path:
    """Write a map as a picture with its colour bar, to look at and to share; without `limits` in its own range."""
    return writers.save_picture(folder, f"{name}_coloured", render_map(depth_map, color_map, limits))
