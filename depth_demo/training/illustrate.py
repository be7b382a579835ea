"""The pictures of docs/training.md. `python -m depth_demo.training.illustrate` draws them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Generator, Tensor

from depth_demo.examples import list_examples
from depth_demo.geometry import RgbImage, StereoPair
from depth_demo.render.maps import lookup_table
from depth_demo.training.losses import edge_weights, normalized_residual
from depth_demo.training.perturb import color_jitter, cutmix, exposure, gaussian_blur, jpeg, random_grayscale, sensor_noise
from depth_demo.training.scenes.generator import LAYOUTS
from depth_demo.training.scenes.generator import Generator as SceneGenerator
from depth_demo.training.scenes.generator import Samples as SceneSamples

DOCS = Path(__file__).parents[2] / "docs"
PICTURE = DOCS / "perturbations.jpg"
SCENES = DOCS / "scenes.jpg"
WIDTH, HEIGHT = 320, 200
GAP, CAPTION, HEADING = 8, 46, 34
EDGE_STRENGTH = 4.0
Panel = tuple[str, str, RgbImage]  # title, explanation, picture


def draw() -> RgbImage:
    """Draw the effect of each piece of the recipe on the bundled examples, as RGB uint8."""
    pairs = [example.load() for example in list_examples()]
    images = torch.stack([_small_photo(pair) for pair in pairs])
    truth = torch.stack([_small_truth(pair) for pair in pairs])
    rows = {
        "What the student sees: every image perturbed in its own way, while its label stays": [
            *_perturbed(images[:1]),
            *_perturbed_by_the_camera(images[1:]),
        ],
        "CutMix, on unlabelled images only: each region is compared with its own label": _mixed(images),
        "What the losses look at": _losses(truth[1:]),
    }
    return np.vstack([_row(heading, panels) for heading, panels in rows.items()])


def draw_scenes(seed: int = 4) -> RgbImage:
    """Draw four synthetic scenes of each layout with their inverse depth, as RGB uint8."""
    generator = SceneGenerator(seed)
    samples = [generator.samples(8, (HEIGHT // 16 * 16, WIDTH), [layout] * 8) for layout in LAYOUTS]
    return np.vstack([_row(name, _scenes(some)) for name, some in zip(LAYOUTS, samples, strict=True)])


def _scenes(samples: SceneSamples) -> list[Panel]:
    photos = [("", "", _photo(image[None])) for image in samples.images[:4]]
    return photos + [("", "", _heat(inverse_depth)) for inverse_depth in samples.inverse_depth[:4]]


def _perturbed(image: Tensor) -> list[Panel]:
    return [
        ("image", "example 466", _photo(image)),
        ("color_jitter", "brightness, contrast, saturation, hue", _photo(color_jitter(image, _seeded(0)))),
        ("random_grayscale", "no colour to rely on", _photo(random_grayscale(image, _seeded(0), probability=1))),
        ("gaussian_blur", "no texture to rely on", _photo(gaussian_blur(image, _seeded(0), 1, sigma_px=(2, 2)))),
    ]


def _perturbed_by_the_camera(image: Tensor) -> list[Panel]:
    noisy = sensor_noise(image, _seeded(5), read=0.08, shot=0.08)
    return [
        ("image", "example 515", _photo(image)),
        ("exposure", "too little light, another gamma", _photo(exposure(image, _seeded(3)))),
        ("sensor_noise", "here four times the default, to be seen", _photo(noisy)),
        ("jpeg", "8 x 8 blocks, rounded, quality 10", _photo(jpeg(image, _seeded(0), probability=1, quality=(10, 10)))),
    ]


def _mixed(images: Tensor) -> list[Panel]:
    mix = cutmix(images, _seeded(13), probability=1, area=(0.25, 0.3))
    share = 100 * mix.inside[0].float().mean()
    return [
        ("image", "the student's, example 466", _photo(images[:1])),
        ("donor", "the next of the batch, example 515", _photo(images[1:])),
        ("M", f"white: {share:.0f} % of the loss", _grey(mix.inside[0].float())),
        ("cutmix", "one image, two labels", _photo(mix.images[:1])),
    ]


def _losses(truth: Tensor) -> list[Panel]:
    everywhere = torch.ones_like(truth, dtype=torch.bool)
    weights = edge_weights(truth, everywhere, EDGE_STRENGTH)
    blurred = gaussian_blur(truth[:, None], _seeded(0), probability=1, sigma_px=(4, 4))[:, 0]
    residual = normalized_residual(blurred, truth, everywhere)[0]
    steps = residual.diff(dim=0)[:, 1:].abs() + residual.diff(dim=1)[1:].abs()
    return [
        ("truth", "inverse depth of 515, bright is near", _heat(truth[0])),
        ("edge_weights", f"from {weights.min():.1f} to {weights.max():.1f}, mean 1", _heat(weights[0])),
        ("a blurred prediction", "right but for its outlines", _heat(blurred[0])),
        ("gradient matching", "steps of its residual: the outlines", _heat(steps)),
    ]


def _small_photo(pair: StereoPair) -> Tensor:
    small = cv2.resize(pair.left, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return torch.from_numpy(small).permute(2, 0, 1).float() / 255


def _small_truth(pair: StereoPair) -> Tensor:
    """Return disparity, (H, W), which is proportional to inverse depth.

    NaN becomes 0, because only the sky has no truth in these scenes.
    """
    if pair.ground_truth is None:
        raise ValueError(f"Example {pair.name} has no truth.")
    small = cv2.resize(pair.ground_truth.values, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
    return torch.from_numpy(np.nan_to_num(small, nan=0.0))


def _seeded(seed: int) -> Generator:
    return Generator().manual_seed(seed)


def _photo(image: Tensor) -> RgbImage:
    return (255 * image[0]).round().byte().permute(1, 2, 0).numpy()


def _grey(values: Tensor) -> RgbImage:
    return _photo(values.expand(1, 3, -1, -1))


def _heat(values: Tensor) -> RgbImage:
    """Return the values in colours, from 0 (dark) to their 99.5th percentile (bright)."""
    levels = (255 * values / values.quantile(0.995)).clamp(0, 255).byte().numpy()
    picture: NDArray[np.uint8] = lookup_table("Inferno")[levels]
    return cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST).astype(np.uint8)


def _row(heading: str, panels: list[Panel]) -> RgbImage:
    """Draw panels under a heading, four in a line, each above its caption."""
    lines = -(-len(panels) // 4)
    below = CAPTION if any(title for title, _, _ in panels) else GAP
    canvas = Image.new("RGB", (4 * (WIDTH + GAP) + GAP, HEADING + lines * (HEIGHT + below)), "white")
    draw = ImageDraw.Draw(canvas)
    draw.text((GAP, HEADING / 2), heading, fill="black", font=ImageFont.load_default(19), anchor="lm")
    for index, (title, explanation, picture) in enumerate(panels):
        x, y = GAP + index % 4 * (WIDTH + GAP), HEADING + index // 4 * (HEIGHT + below)
        canvas.paste(Image.fromarray(picture), (x, y))
        draw.text((x, y + HEIGHT + 3), title, fill="black", font=ImageFont.load_default(16))
        draw.text((x, y + HEIGHT + 22), explanation, fill=(90, 90, 90), font=ImageFont.load_default(15))
    return np.asarray(canvas)


if __name__ == "__main__":
    Image.fromarray(draw()).save(PICTURE, quality=80)
    Image.fromarray(draw_scenes()).save(SCENES, quality=80)
