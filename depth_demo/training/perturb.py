"""Strong perturbations of a student's images (Depth Anything V1, section 3.2). Each image of a batch gets its own strength.

Functions take and return images as (B, 3, H, W) float32 RGB from 0 to 1. The generator must be on the images' device.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
BLOCK = 8  # px; this and the next two constants come from the JPEG standard
MIDDLE = 128 / 255
# The table for luminance in annex K.
QUANTIZATION = (
    *(16, 11, 10, 16, 24, 40, 51, 61),
    *(12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56),
    *(14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77),
    *(24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101),
    *(72, 92, 95, 98, 112, 100, 103, 99),
)


class Mix(NamedTuple):
    """Images that contain a rectangle of another image.

    Attributes:
        images: (B, 3, H, W) mixed images.
        inside: (B, H, W) bool: the rectangle; empty for an image that was not mixed.
        donors: (B,) int64 index of the image from which the rectangle comes.
    """

    images: Tensor
    inside: Tensor
    donors: Tensor


def perturb_strongly(images: Tensor, generator: Generator) -> Tensor:
    """Apply colour jitter, grey, blur and noise with their defaults.

    `exposure` and `jpeg` are left out. They are for synthetic images, which lack the faults of a camera.
    """
    images = color_jitter(images, generator)
    images = random_grayscale(images, generator)
    images = gaussian_blur(images, generator)
    return sensor_noise(images, generator)


def cutmix(images: Tensor, generator: Generator, probability: float = 0.5, area: tuple[float, float] = (0.02, 0.4)) -> Mix:
    """Paste a rectangle of the next image of the batch into each image. Use it for unlabelled images only.

    Args:
        images: (B, 3, H, W) images in random order.
        generator: Source of randomness.
        probability: Probability that an image is mixed.
        area: Smallest and largest share of the image's area. The shares of height and width differ by up to a factor of 2.
    """
    count, _, height, width = images.shape
    device = images.device
    share = _uniform(images, generator, *area)
    proportion = _log_uniform(images, generator, 2.0)
    apply = _coin(images, generator, probability)
    inside = apply & _span(height, (share * proportion).sqrt(), _uniform(images, generator, 0, 1))[..., None]
    inside = inside & _span(width, (share / proportion).sqrt(), _uniform(images, generator, 0, 1))[:, None]
    donors = torch.arange(count, device=device).roll(-1)
    return Mix(torch.where(inside[:, None], images[donors], images), inside, donors)


def color_jitter(
    images: Tensor,
    generator: Generator,
    brightness: float = 0.5,
    contrast: float = 0.5,
    saturation: float = 0.5,
    hue: float = 0.25,
) -> Tensor:
    """Multiply brightness, contrast and saturation by factors from 1 - x to 1 + x, and turn the hue by up to +-hue turns."""
    gain = _uniform(images, generator, 1 - brightness, 1 + brightness)[..., None]
    vividness = _uniform(images, generator, 1 - saturation, 1 + saturation)[..., None]
    turn = _uniform(images, generator, -hue, hue)[..., None]
    steepness = _uniform(images, generator, 1 - contrast, 1 + contrast)[..., None, None]
    grey = images.new_tensor(LUMA).expand(3, 3)
    colors = gain * _hue_rotation(turn) @ (grey + vividness * (torch.eye(3, device=images.device) - grey))  # (B, 3, 3)
    images = (colors @ images.flatten(2)).view_as(images)
    middle = _luma(images).mean(dim=(2, 3), keepdim=True)
    return (middle + steepness * (images - middle)).clamp(0, 1)


def random_grayscale(images: Tensor, generator: Generator, probability: float = 0.2) -> Tensor:
    """Replace all three channels by luma, in a share `probability` of the images."""
    return torch.where(_coin(images, generator, probability)[..., None], _luma(images), images)


def gaussian_blur(
    images: Tensor, generator: Generator, probability: float = 0.5, sigma_px: tuple[float, float] = (0.1, 2.0)
) -> Tensor:
    """Blur a share `probability` of the images with Gaussians of different widths, renormalised at the border."""
    sigma = _uniform(images, generator, *sigma_px) * _coin(images, generator, probability).flatten(1)
    rows, columns = (_blur_matrix(side, sigma)[:, None] for side in images.shape[2:])  # (B, 1, side, side)
    return rows @ images @ columns.mT


def sensor_noise(images: Tensor, generator: Generator, read: float = 0.02, shot: float = 0.02) -> Tensor:
    """Add normal noise of variance (read^2 + shot^2 x value) x strength^2. Each image has a strength from 0 to 1."""
    strength = _uniform(images, generator, 0, 1)[..., None, None]
    deviation = (read**2 + shot**2 * images).sqrt() * strength
    noise = torch.randn(images.shape, generator=generator, device=images.device)
    return (images + deviation * noise).clamp(0, 1)


def exposure(images: Tensor, generator: Generator, stops: float = 1.0, gamma: float = 1.5) -> Tensor:
    """Change the light by up to +-stops, then raise values to a power from 1 / gamma to gamma."""
    light = _log_uniform(images, generator, 2.0**stops)[..., None, None]
    power = _log_uniform(images, generator, gamma)[..., None, None]
    return (images * light).clamp(0, 1).pow(power)


def jpeg(images: Tensor, generator: Generator, probability: float = 0.5, quality: tuple[float, float] = (20, 90)) -> Tensor:
    """Round the DCT of 8 x 8 blocks as a JPEG file does, in a share `probability` of the images.

    Red, green and blue all use the table for luminance.
    """
    level = _uniform(images, generator, *quality)
    percent = torch.where(level < 50, 5000 / level, 200 - 2 * level)  # as libjpeg scales its tables
    table = images.new_tensor(QUANTIZATION).view(BLOCK, BLOCK) * percent[..., None] / 100  # (B, 8, 8)
    table = table.round().clamp(min=1)[:, None, None, None] / 255
    height, width = images.shape[2:]
    padded = F.pad(images, (0, -width % BLOCK, 0, -height % BLOCK), mode="replicate")
    blocks = padded.unfold(2, BLOCK, BLOCK).unfold(3, BLOCK, BLOCK)  # (B, 3, rows, columns, 8, 8)
    dct = _dct_matrix(images)
    coefficients = (dct @ (blocks - MIDDLE) @ dct.mT / table).round() * table
    decoded = (dct.mT @ coefficients @ dct + MIDDLE).permute(0, 1, 2, 4, 3, 5).reshape(padded.shape)[..., :height, :width]
    return torch.where(_coin(images, generator, probability)[..., None], decoded.clamp(0, 1), images)


def _uniform(images: Tensor, generator: Generator, low: float, high: float) -> Tensor:
    """Return a random number for each image, (B, 1), on the images' device."""
    return low + (high - low) * torch.rand(len(images), 1, generator=generator, device=images.device)


def _log_uniform(images: Tensor, generator: Generator, factor: float) -> Tensor:
    """Return a random number for each image, (B, 1), from 1 / factor to factor. Halving is as likely as doubling."""
    return _uniform(images, generator, -math.log(factor), math.log(factor)).exp()


def _coin(images: Tensor, generator: Generator, probability: float) -> Tensor:
    """Return a random choice for each image, (B, 1, 1) bool."""
    return _uniform(images, generator, 0, 1)[..., None] < probability


def _span(size: int, share: Tensor, position: Tensor) -> Tensor:
    """Return a run of `share` of the pixels as (B, size) bool. Position 0 puts it at the start, 1 at the end."""
    length = (size * share).round().clamp(1, size)
    start = ((size - length + 1) * position).floor()
    index = torch.arange(size, device=share.device)
    return (index >= start) & (index < start + length)


def _luma(images: Tensor) -> Tensor:
    return torch.einsum("bchw,c->bhw", images, images.new_tensor(LUMA))[:, None]


def _hue_rotation(turn: Tensor) -> Tensor:
    """Return rotations around the axis of greys, (B, 3, 3). One third of a turn takes red to green to blue."""
    thirds = torch.arange(3, device=turn.device)
    offset = (thirds[:, None] - thirds) / 3  # row: output channel, column: input channel
    return (1 + 2 * torch.cos(2 * math.pi * (turn - offset))) / 3


def _blur_matrix(size: int, sigma: Tensor) -> Tensor:
    """Return (B, size, size) weights: row i holds the weights of all pixels in blurred pixel i. Sigma 0 is the identity."""
    index = torch.arange(size, device=sigma.device, dtype=sigma.dtype)
    distance = (index[:, None] - index) / sigma.clamp(min=1e-3)[..., None]
    return torch.softmax(-(distance**2) / 2, dim=-1)


def _dct_matrix(images: Tensor) -> Tensor:
    """Return the orthonormal DCT matrix, (8, 8): row k is the k-th cosine."""
    index = torch.arange(BLOCK, device=images.device, dtype=images.dtype)
    cosines = torch.cos(math.pi / BLOCK * index[:, None] * (index + 0.5)) * math.sqrt(2 / BLOCK)
    cosines[0] /= math.sqrt(2)
    return cosines
