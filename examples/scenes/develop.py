"""From raw light to a photo, and from raw depth to the files of an example: haze, glare, exposure, tone, lens and grain.

`python -m examples.scenes.render 466 --develop` does this step alone, from the EXR files of an earlier run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
from numpy.typing import NDArray

from examples.scenes.camera import BASELINE_M, FAR_CLIP_M, FOCAL_LENGTH_PX, HAZE_RANGE_M, HEIGHT, VIEWS, WIDTH
from examples.scenes.kit.labels import Label

Image = NDArray[np.float32]
STORED_PER_UNIT = 256  # 16-bit values per px or m


@dataclass(frozen=True)
class Look:
    """How a scene is photographed.

    Attributes:
        exposure: Factor on the light.
        visibility_m: Distance at which haze leaves 1/e of the contrast.
        haze: Its colour, linear RGB, away from the sun.
        glow: What it adds around the sun, linear RGB.
        glow_focus: 0..1, how narrow the glow is (Henyey-Greenstein).
        sun: Azimuth (clockwise from the view) and elevation [degrees]; None: behind the camera.
        sun_disc: Brightness of the disc in the picture.
        warmth: White balance, > 1 is warmer.
    """

    exposure: float
    visibility_m: float
    haze: tuple[float, float, float]
    glow: tuple[float, float, float] = (0.0, 0.0, 0.0)
    glow_focus: float = 0.8
    sun: tuple[float, float] | None = None
    sun_disc: float = 0.0
    warmth: float = 1.0


def write_example(raw: Path, folder: Path, look: Look, scale: float = 1.0) -> None:
    """Write every file of an example but its README."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, view in enumerate(VIEWS):
        if (raw / f"{view}_photo.exr").exists():
            light, distance = read_photo(raw / f"{view}_photo.exr")
            distance = _steady_on_glass(distance, *read_truth(raw / f"{view}_truth.exr"))
            photo = develop(light, distance, look, seed=number)
            _write(folder / f"{view}.png", photo[..., ::-1])
            if view == "left":
                small = cv2.resize(photo, (384, 240), interpolation=cv2.INTER_AREA)
                cv2.imwrite(str(folder / "preview.jpg"), small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 82])
    depth, labels = read_truth(raw / "left_truth.exr")
    disparity = FOCAL_LENGTH_PX * scale * BASELINE_M / depth  # 0 where there is no depth: infinitely far
    known = np.isfinite(depth)
    _write(folder / "depth.png", _stored(np.where(known, depth, 0)))
    _write(folder / "disparity.png", _stored(disparity))
    _write(folder / "depth_8bit.png", np.clip(np.rint(np.where(known, depth, 255)), 0, 255).astype(np.uint8))
    _write(folder / "disparity_8bit.png", np.clip(np.rint(disparity), 0, 255).astype(np.uint8))
    _write(folder / "labels.png", labels)
    if (raw / "right_truth.exr").exists():
        right = FOCAL_LENGTH_PX * scale * BASELINE_M / read_truth(raw / "right_truth.exr")[0]
        _write(folder / "disparity_right.png", _stored(right))
    legend = {str(int(label)): label.name.lower() for label in Label}
    (folder.parent / "labels.json").write_text(json.dumps(legend, indent=2) + "\n")
    width, height = round(WIDTH * scale), round(HEIGHT * scale)
    matrix = f"[{FOCAL_LENGTH_PX * scale:g} 0 {width / 2 - 0.5}; 0 {FOCAL_LENGTH_PX * scale:g} {height / 2 - 0.5}; 0 0 1]"
    (folder / "calib.txt").write_text(
        f"cam0={matrix}\ncam1={matrix}\ndoffs=0\nbaseline={1000 * BASELINE_M:g}\nwidth={width}\nheight={height}\nndisp=160\n"
    )


def read_photo(path: Path) -> tuple[Image, Image]:
    """Linear RGB (H, W, 3), and distance [m] (H, W), HAZE_RANGE_M for the sky."""
    channels = _channels(path)
    rgb = np.stack([channels[f"Combined.{c}"] for c in "RGB"], axis=-1)
    return rgb, np.clip(channels["Mist.Z"], 0, 1) * HAZE_RANGE_M


def read_truth(path: Path) -> tuple[Image, NDArray[np.uint8]]:
    """Depth [m] (H, W), infinite for the sky and beyond FAR_CLIP_M, and labels (H, W)."""
    channels = _channels(path)
    depth = channels["Depth.Z"]
    known = (depth > 0) & (depth <= FAR_CLIP_M)
    return np.where(known, depth, np.float32(np.inf)), np.rint(channels["Material Index.X"]).astype(np.uint8)


def _channels(path: Path) -> dict[str, Image]:
    """Every channel of the view layer, by its name without the layer's."""
    with OpenEXR.File(str(path), separate_channels=True) as file:
        pairs = [(name, channel) for part in file.parts for name, channel in part.channels.items()]
        return {name.partition(".")[2]: channel.pixels.astype(np.float32) for name, channel in pairs}


def _steady_on_glass(distance: Image, depth: Image, labels: NDArray[np.uint8]) -> Image:
    """Rays that glass passes on or throws back at random make its haze noisy; there the pane's own distance serves."""
    slant = np.linalg.norm(_rays(*depth.shape), axis=-1)
    return np.where((labels == Label.GLASS) & np.isfinite(depth), depth * slant, distance).astype(np.float32)


def develop(light: Image, distance: Image, look: Look, seed: int) -> NDArray[np.uint8]:
    """A photo: (H, W, 3) uint8 RGB, sRGB."""
    height, width = distance.shape
    light = _add_haze(light, distance, look)
    light = light * look.exposure * np.array([look.warmth, 1.0, 1 / look.warmth], np.float32)
    light = _bloom(np.maximum(light, 0))
    y, x = np.mgrid[:height, :width].astype(np.float32)
    off_axis = ((x - width / 2) ** 2 + (y - height / 2) ** 2) / (width / 2) ** 2
    light *= (1 - 0.16 * off_axis / 1.4)[..., np.newaxis]
    display = _tone(light)
    noise = np.random.default_rng(seed).normal(size=(height, width)).astype(np.float32)
    grain = cv2.GaussianBlur(noise, (0, 0), 0.6)[..., np.newaxis] * 0.006
    return np.rint(np.clip(display + grain, 0, 1) * 255).astype(np.uint8)


def _add_haze(light: Image, distance: Image, look: Look) -> Image:
    through = np.exp(-distance / look.visibility_m)[..., np.newaxis]
    haze = np.broadcast_to(np.array(look.haze, np.float32), light.shape)
    if look.sun is not None:
        cosine = _cosine_to_sun(_rays(*distance.shape), look.sun)
        g = look.glow_focus
        lobe = ((1 - g) ** 2 / (1 + g**2 - 2 * g * cosine)) ** 1.5  # 1 towards the sun
        haze = haze + lobe[..., np.newaxis] * np.array(look.glow, np.float32)
        disc = np.clip((cosine - np.cos(np.radians(0.6))) / (1 - np.cos(np.radians(0.6))) * 4, 0, 1)
        sky = distance >= 0.995 * HAZE_RANGE_M
        light = light + (disc * sky * look.sun_disc)[..., np.newaxis] * np.array(look.glow, np.float32)
    return (light * through + haze * (1 - through)).astype(np.float32)


def _cosine_to_sun(rays: NDArray[np.float64], sun: tuple[float, float]) -> Image:
    azimuth, elevation = np.radians(sun)
    towards = np.array([np.sin(azimuth) * np.cos(elevation), np.cos(azimuth) * np.cos(elevation), np.sin(elevation)])
    return (rays @ towards / np.linalg.norm(rays, axis=-1)).astype(np.float32)


def _rays(height: int, width: int) -> NDArray[np.float64]:
    """(H, W, 3): x, y, z per metre of depth through every pixel's centre."""
    focal = FOCAL_LENGTH_PX * width / WIDTH
    y, x = np.mgrid[:height, :width]
    return np.stack(((x + 0.5 - width / 2) / focal, np.ones((height, width)), (height / 2 - y - 0.5) / focal), axis=-1)


def _bloom(light: Image) -> Image:
    """What a lens scatters: some of the light, over ever wider circles."""
    scattered = np.zeros_like(light)
    clipped = np.minimum(light, 12)
    for radius, share in ((0.003, 0.05), (0.012, 0.04), (0.05, 0.03)):
        scattered += share * cv2.GaussianBlur(clipped, (0, 0), radius * light.shape[1])
    return np.asarray(light * 0.88 + scattered, dtype=np.float32)


def _tone(light: Image) -> Image:
    """A film-like curve with a soft shoulder, then sRGB."""
    a, b, c, d, e = 2.2, 0.05, 2.1, 0.72, 0.16
    curve = light * (a * light + b) / (light * (c * light + d) + e)
    curve = np.clip(curve, 0, 1)
    grey = curve.mean(axis=-1, keepdims=True)
    curve = np.clip(grey + 0.92 * (curve - grey), 0, 1)
    return np.where(curve <= 0.0031308, 12.92 * curve, 1.055 * curve ** (1 / 2.4) - 0.055)


def _stored(values: Image) -> NDArray[np.uint16]:
    return np.rint(values.astype(np.float64) * STORED_PER_UNIT).astype(np.uint16)


def _write(path: Path, array: NDArray[np.generic]) -> None:
    cv2.imwrite(str(path), np.asarray(array), [cv2.IMWRITE_PNG_COMPRESSION, 9])
