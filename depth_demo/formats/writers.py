"""Write maps for people and programs: pictures, numbers as NPY, 16-bit PNG, PFM and TIFF, and points as PLY."""

from __future__ import annotations

import json
import re
import struct
import unicodedata
import zlib
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, TiffImagePlugin, TiffTags

from depth_demo.formats.levels import quantize, row_bands
from depth_demo.formats.own import CONFIDENCE, KEYWORD, PICTURE, meaning_of_map, text_of
from depth_demo.formats.tiff import NO_DATA_TAG
from depth_demo.geometry import Calibration, DepthKind, DepthMap, RgbImage, back_project, principal_point

MAX_CLOUD_POINTS = 1_000_000
MAX_NAME_BYTES = 80  # of a photo's name in the names of files, which most systems end at 255
_PNG_HEADER = 33  # bytes: the signature and the first chunk


def safe_name(name: str) -> str:
    """Return a photo's name as every file system takes it: letters, digits, "-" and "_"; "photo" where nothing is left."""
    kept = re.sub(r"[^\w-]+", "_", unicodedata.normalize("NFKC", name)).strip("_-")
    return kept.encode()[:MAX_NAME_BYTES].decode(errors="ignore").strip("_-") or "photo"


def kind_name(kind: DepthKind) -> str:
    """Return a kind of map for the name of a file, with its unit: "disparity_px", "relative_inverse_depth"."""
    return "_".join(filter(None, (*kind.value.split(), kind.unit)))


def save_picture(folder: Path, stem: str, picture: NDArray[np.uint8], kind: str = PICTURE) -> Path:
    """Write (H, W, 3) uint8 RGB, or (H, W) uint8 grey, as `stem`.png, marked as no map of numbers."""
    pixels = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim == 3 else picture
    return _save_png(folder / f"{stem}.png", pixels, {"kind": kind})


def save_map(folder: Path, stem: str, depth_map: DepthMap, source: str) -> list[Path]:
    """Write a map as numbers, in each format that programs ask for.

    `stem`.npy, `stem`.pfm and `stem`.tif hold float32. No measurement is NaN, in PFM infinity. `stem`_16bit.png holds the
    levels of `quantize`, 0 for no measurement, and what they mean, which `stem`_16bit.json says once more.

    Args:
        folder: A folder that exists.
        stem: The name of the files without suffix.
        depth_map: The map.
        source: One line that tells what made the map.

    Returns:
        NPY, PNG, JSON, PFM, TIFF.
    """
    npy, png, sidecar = (folder / f"{stem}{suffix}" for suffix in (".npy", "_16bit.png", "_16bit.json"))
    np.save(npy, depth_map.values)
    stored, scale, offset = quantize(depth_map)
    meaning = meaning_of_map(depth_map.kind, scale, offset, 0, source)
    _save_png(png, stored, meaning)
    sidecar.write_text(json.dumps({"file": png.name} | meaning, indent=2) + "\n")
    return [
        npy,
        png,
        sidecar,
        save_pfm(folder / f"{stem}.pfm", depth_map),
        _save_tiff(folder / f"{stem}.tif", depth_map, source),
    ]


def save_confidence(folder: Path, stem: str, confidence: NDArray[np.float32]) -> list[Path]:
    """Write (H, W) numbers from 0 to 1 as `stem`.npy (float32) and `stem`.png (8 bits, 255 is 1)."""
    np.save(folder / f"{stem}.npy", confidence)
    levels = np.rint(confidence * 255).astype(np.uint8)
    return [folder / f"{stem}.npy", save_picture(folder, stem, levels, CONFIDENCE)]


def _save_png(path: Path, pixels: NDArray[np.generic], meaning: Mapping[str, object]) -> Path:
    """Write (H, W) or (H, W, 3) BGR pixels with a meaning as text, behind the header, where every reader finds it."""
    _, encoded = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    content = memoryview(encoded.tobytes())
    text = b"tEXt" + KEYWORD.encode("ascii") + b"\0" + text_of(meaning).encode("ascii")
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    with path.open("wb") as stream:
        stream.writelines((content[:_PNG_HEADER], chunk, content[_PNG_HEADER:]))
    return path


def save_pfm(path: Path, depth_map: DepthMap) -> Path:
    """Write float32 as Middlebury does: little-endian, the bottom row first, infinity where nothing was measured."""
    height, width = depth_map.shape
    upwards = depth_map.values[::-1]
    with path.open("wb") as stream:
        stream.write(f"Pf\n{width} {height}\n-1\n".encode("ascii"))
        for band in row_bands(height):
            rows = upwards[band]
            stream.write(np.where(np.isnan(rows), np.float32(np.inf), rows).astype("<f4", copy=False).tobytes())
    return path


def _save_tiff(path: Path, depth_map: DepthMap, source: str) -> Path:
    """Write float32, uncompressed, NaN where nothing was measured, which GDAL's tag says too."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[ExifTags.Base.ImageDescription] = f"{KEYWORD} {text_of(meaning_of_map(depth_map.kind, 1, 0, None, source))}"
    tags[NO_DATA_TAG] = "nan"
    tags.tagtype[NO_DATA_TAG] = TiffTags.ASCII
    Image.fromarray(depth_map.values).save(path, tiffinfo=tags)
    return path


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
