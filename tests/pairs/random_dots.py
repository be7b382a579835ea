"""Render the two random-dot pairs: `python tests/pairs/random_dots.py` writes planes and steps beside itself.

After Julesz (1960): each view alone is noise, so nothing but matching can see the shapes. Planes are given by their
disparity d = a x + b y + c on the left view, which is exact at every pixel; the texture is a smooth random function
that is sampled at its own coordinates in both views, so that disparities between whole pixels are exact as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 360, 480
FOCAL_LENGTH_PX, BASELINE_M = 480.0, 0.1
PAIRS = Path(__file__).parent


@dataclass(frozen=True)
class Plane:
    """One surface: where it is on the left view, and its disparity there; nearer surfaces come later in a scene."""

    left: float
    top: float
    right: float
    bottom: float
    slope_x: float
    slope_y: float
    offset_px: float

    def disparity(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.slope_x * x + self.slope_y * y + self.offset_px

    def covers(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        return (self.left <= x) & (x < self.right) & (self.top <= y) & (y < self.bottom)


EVERYWHERE = (-1e4, -1e4, 1e4, 1e4)
SCENES = {
    "planes": (
        Plane(*EVERYWHERE, 0.0, 0.0, 9.0),
        Plane(-1e4, 190, 1e4, 1e4, 0.0, 0.12, -13.8),  # a floor that comes nearer towards the bottom
        Plane(90, 50, 250, 280, 0.05, 0.0, 14.0),  # a board turned to the right
        Plane(300, 90, 430, 250, -0.06, 0.04, 41.0),  # a board turned to the left and tilted
    ),
    "steps": (
        Plane(*EVERYWHERE, 0.0, 0.0, 6.0),
        *(Plane(70 + 34 * n, 40 + 28 * n, 410 - 34 * n, 320 - 28 * n, 0.0, 0.0, 12.5 + 6.25 * n) for n in range(4)),
    ),
}


def render(planes: tuple[Plane, ...], seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float32]]:
    """Left and right view (H, W, 3) uint8 RGB, and the disparity of the left view [px], (H, W) float32."""
    random = np.random.default_rng(seed)
    textures = [_texture(random) for _ in planes]
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    left, truth = np.zeros((HEIGHT, WIDTH, 3)), np.zeros((HEIGHT, WIDTH))
    right, nearest = np.zeros((HEIGHT, WIDTH, 3)), np.full((HEIGHT, WIDTH), -np.inf)
    for plane, texture in zip(planes, textures, strict=True):
        covered = plane.covers(x, y)
        left[covered] = _sample(texture, x, y)[covered]
        truth[covered] = plane.disparity(x, y)[covered]
        # On the right a point is at x - d(x); solved for the x on the left from which a right pixel is seen.
        x_left = (x + plane.slope_y * y + plane.offset_px) / (1 - plane.slope_x)
        disparity = plane.disparity(x_left, y)
        visible = plane.covers(x_left, y) & (disparity > nearest)
        right[visible] = _sample(texture, x_left, y)[visible]
        nearest[visible] = disparity[visible]
    return left.astype(np.uint8), right.astype(np.uint8), truth.astype(np.float32)


def _texture(random: np.random.Generator) -> NDArray[np.float32]:
    """Dots of about 3 px in soft colours, wider than the picture because the right view looks beyond its edge."""
    noise = random.normal(size=(HEIGHT, WIDTH + 128, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 1.2)
    grey = smooth.mean(axis=2, keepdims=True)
    contrast = (grey + 0.35 * (smooth - grey)) / smooth.std()
    return np.clip(128 + 75 * contrast, 0, 255)


def _sample(texture: NDArray[np.float32], x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.clip(cv2.remap(texture, x.astype(np.float32), y.astype(np.float32), cv2.INTER_CUBIC), 0, 255)


def write(name: str, seed: int) -> None:
    """Write one scene in the layout that `depth_demo.examples` reads."""
    folder = PAIRS / name
    folder.mkdir(exist_ok=True)
    left, right, truth = render(SCENES[name], seed)
    cv2.imwrite(str(folder / "left.png"), left[..., ::-1])
    cv2.imwrite(str(folder / "right.png"), right[..., ::-1])
    cv2.imwrite(str(folder / "disparity.png"), np.rint(truth * 256).astype(np.uint16))
    matrix = f"[{FOCAL_LENGTH_PX:g} 0 {WIDTH / 2 - 0.5}; 0 {FOCAL_LENGTH_PX:g} {HEIGHT / 2 - 0.5}; 0 0 1]"
    (folder / "calib.txt").write_text(
        f"cam0={matrix}\ncam1={matrix}\ndoffs=0\nbaseline={1000 * BASELINE_M:g}\nwidth={WIDTH}\nheight={HEIGHT}\nndisp=64\n"
    )


if __name__ == "__main__":
    for number, scene in enumerate(SCENES):
        write(scene, seed=number)
