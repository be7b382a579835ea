"""Write maps for people and programs: PNG in colours, float32 NPY, 16-bit PNG with a JSON that explains it, PLY points."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.encodings import KITTI_SCALE
from depth_demo.geometry import Calibration, DepthKind, DepthMap, RgbImage, back_project, principal_point

MAX_CLOUD_POINTS = 1_000_000
MAX_NAME_BYTES = 80  # of a photo's name in the names of files, which most systems end at 255
_LEVELS = 65_535  # of a 16-bit PNG; 0 is kept for "no measurement"


def safe_name(name: str) -> str:
    """Return a photo's name as every file system takes it: letters, digits, "-" and "_"; "photo" where nothing is left."""
    kept = re.sub(r"[^\w-]+", "_", unicodedata.normalize("NFKC", name)).strip("_-")
    return kept.encode()[:MAX_NAME_BYTES].decode(errors="ignore").strip("_-") or "photo"


def kind_name(kind: DepthKind) -> str:
    """Return a kind of map for the name of a file, with its unit: "disparity_px", "relative_inverse_depth"."""
    return "_".join(filter(None, (*kind.value.split(), kind.unit)))


def save_picture(folder: Path, stem: str, picture: RgbImage) -> Path:
    """Write (H, W, 3) uint8 RGB as `stem`.png."""
    path = folder / f"{stem}.png"
    _, encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    path.write_bytes(encoded.tobytes())
    return path


def save_map(folder: Path, stem: str, depth_map: DepthMap, source: str) -> list[Path]:
    """Write `stem`.npy (float32, NaN = no measurement), `stem`_16bit.png and `stem`_16bit.json (what the PNG means).

    Args:
        folder: A folder that exists.
        stem: The name of the files without suffix.
        depth_map: The map.
        source: One line for the JSON that tells what made the map.
    """
    npy, png, sidecar = (folder / f"{stem}{suffix}" for suffix in (".npy", "_16bit.png", "_16bit.json"))
    np.save(npy, depth_map.values)
    stored, scale, offset = quantize(depth_map)
    _, encoded = cv2.imencode(".png", stored, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    png.write_bytes(encoded.tobytes())
    meaning = {
        "file": png.name,
        "kind": depth_map.kind.value,
        "unit": depth_map.kind.unit or None,
        "scale": scale,
        "offset": offset,
        "formula": "value = stored * scale + offset",
        "no_measurement": 0,
        "nearer_is_larger": depth_map.kind.nearer_is_larger,
        "source": source,
    }
    sidecar.write_text(json.dumps(meaning, indent=2) + "\n")
    return [npy, png, sidecar]


def quantize(depth_map: DepthMap) -> tuple[NDArray[np.uint16], float, float]:
    """Round a map to 65,535 levels, so that value = stored * scale + offset.

    Pixels and metres that fit are stored as KITTI does, value * 256, which this app and many others recognise.

    Returns:
        (H, W) uint16 from 1 up, 0 for NaN; then scale and offset.
    """
    if not depth_map.valid.any():
        return np.zeros(depth_map.shape, np.uint16), 1.0, 0.0
    low, high = float(np.nanmin(depth_map.values)), float(np.nanmax(depth_map.values))
    if depth_map.kind.unit and low * KITTI_SCALE >= 1 and high * KITTI_SCALE <= _LEVELS:
        scale, offset = 1 / KITTI_SCALE, 0.0
    else:
        scale = (high - low) / (_LEVELS - 1) or 1.0
        offset = low - scale
    levels = np.rint((np.nan_to_num(depth_map.values, nan=low).astype(np.float64) - offset) / scale)
    return np.where(depth_map.valid, np.clip(levels, 1, _LEVELS), 0).astype(np.uint16), scale, offset


def save_cloud(
    folder: Path,
    stem: str,
    depth: NDArray[np.float32],
    unit: str,
    image: RgbImage,
    focal_length_px: float,
    camera: Calibration | None = None,
) -> Path:
    """Write `stem`.ply: binary, x right, y down, z forward, with colours.

    Of more than a million points, every n-th pixel in both directions is written.

    Args:
        folder: A folder that exists.
        stem: The name of the file without suffix.
        depth: (H, W) float32 distance along the optical axis, NaN where there is none.
        unit: "m", or "" for a shape without a unit.
        image: (H, W, 3) uint8 RGB.
        focal_length_px: Focal length [px] at this width.
        camera: Tells the principal point, where it is known.
    """
    step = max(int(np.ceil(np.sqrt(depth.size / MAX_CLOUD_POINTS))), 1)
    rows, columns = (np.arange(0, side, step) for side in depth.shape)
    points = back_project(depth, focal_length_px, rows, columns, camera).reshape(-1, 3)
    known = np.isfinite(points[:, 2])
    cloud = np.empty(int(known.sum()), dtype=[("xyz", "<f4", 3), ("rgb", "u1", 3)])
    cloud["xyz"] = points[known]
    cloud["rgb"] = image[::step, ::step].reshape(-1, 3)[known]
    column, row = principal_point(depth.shape, camera)
    known_point = camera is not None and camera.principal_point_px is not None
    centre = f"column {column:.2f}, row {row:.2f}" if known_point else "the image centre"
    share = "every pixel" if step == 1 else f"one pixel in {step} of every row and column"
    header = (
        "ply\nformat binary_little_endian 1.0\n"
        f"comment unit: {unit or 'none, shape only'}; {share} is a point; focal length {focal_length_px:.2f} px, "
        f"principal point at {centre}\n"
        f"element vertex {len(cloud)}\n"
        "property float x\nproperty float y\nproperty float z\n"
        "property uchar red\nproperty uchar green\nproperty uchar blue\nend_header\n"
    )
    path = folder / f"{stem}.ply"
    path.write_bytes(header.encode("ascii") + cloud.tobytes())
    return path
