"""The objectives of both trainings: exact labels for the teacher, pseudo-labels and strong perturbations for the student."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor

from depth_demo.monocular.depth_anything.network import DepthAnything
from depth_demo.monocular.depth_anything.variants import PATCH_SIZE
from depth_demo.monocular.encoder_package import MEAN, STD
from depth_demo.monocular.input_size import IMAGENET_MEAN, IMAGENET_STD
from depth_demo.monocular.tiny import TinyDepth
from depth_demo.monocular.tiny_lite import TinyLite
from depth_demo.training.batches import Batch
from depth_demo.training.losses import LossWeights, cutmix_loss, depth_loss, feature_alignment_loss
from depth_demo.training.perturb import (
    color_jitter,
    cutmix,
    exposure,
    gaussian_blur,
    jpeg,
    perturb_strongly,
    random_grayscale,
    sensor_noise,
)

# All networks encode images into levels and decode the levels into depth.
Network = TinyDepth | TinyLite | DepthAnything
CONVOLUTION_STEP = 16  # px

Objective = Callable[[Network, Batch, Generator], Tensor]  # the loss of a batch


@dataclass(frozen=True, slots=True)
class Supervised:
    """The objective of the teacher: exact labels of synthetic images, which are perturbed mildly.

    Attributes:
        losses: Weights of the losses.
    """

    losses: LossWeights = field(default_factory=LossWeights)

    def __call__(self, network: Network, batch: Batch, generator: Generator) -> Tensor:
        """Return the mean loss of a batch."""
        predicted, _ = predict(network, perturb_mildly(batch.images, generator))
        target = cap_near(batch.inverse_depth)
        return depth_loss(predicted, target, torch.ones_like(target, dtype=torch.bool), self.losses).total.mean()


@dataclass(frozen=True, slots=True)
class SelfTraining:
    """The objective of the student: the teacher labels clean images, and the student sees them perturbed and mixed.

    Attributes:
        teacher: A network in evaluation mode, without gradients.
        losses: Weights of the losses.
        cutmix: Share of the images that get a rectangle of another image.
        alignment: Weight of the feature alignment with the encoder of the teacher.
        margin: Largest cosine that still costs, for `feature_alignment_loss`.
    """

    teacher: Network
    losses: LossWeights = field(default_factory=LossWeights)
    cutmix: float = 0.5
    alignment: float = 0.0
    margin: float = 0.85

    def __call__(self, network: Network, batch: Batch, generator: Generator) -> Tensor:
        """Return the mean loss of a batch. The labels of the batch are ignored."""
        with torch.no_grad():
            labels, frozen = predict(self.teacher, batch.images)
        labels = cap_near(labels.relu())
        mixed = cutmix(perturb_strongly(batch.images, generator), generator, self.cutmix)
        predicted, features = predict(network, mixed.images)
        loss = cutmix_loss(predicted, labels, torch.ones_like(labels, dtype=torch.bool), mixed, self.losses).mean()
        if self.alignment == 0:
            return loss
        whole = mixed.inside.sum((1, 2)) == 0  # a mixed image has the features of two scenes
        alike = feature_alignment_loss(features, frozen, self.margin)[whole]
        return loss + self.alignment * alike.sum() / len(labels)


def size_step(network: Network) -> int:
    """Return the number of which the sides of a network's images are multiples [px]."""
    return CONVOLUTION_STEP if isinstance(network, TinyDepth) else PATCH_SIZE  # of what the app shows a network


def predict(network: Network, images: Tensor) -> tuple[Tensor, Tensor]:
    """Run a network in bfloat16.

    Args:
        network: A network in training or evaluation mode.
        images: (B, 3, H, W) RGB from 0 to 1.

    Returns:
        (B, H, W) float32 inverse depth before the last ReLU, and the coarsest features as (B, N, C) tokens.
    """
    with torch.autocast(images.device.type, torch.bfloat16):
        levels = network.encode(normalise(images, network))
        depth = network.decode(levels, images.shape[2:])
    coarsest = levels[-1]
    tokens = coarsest.flatten(2).mT if coarsest.ndim == 4 else coarsest
    return depth.float(), tokens


def normalise(images: Tensor, network: Network) -> Tensor:
    """Return images, (B, 3, H, W) RGB from 0 to 1, as the network takes them."""
    used = (MEAN, STD) if isinstance(network, TinyLite) else (IMAGENET_MEAN, IMAGENET_STD)
    mean, std = (torch.tensor(values, device=images.device).view(3, 1, 1) for values in used)
    return ((images - mean) / std).contiguous(memory_format=torch.channels_last)


def perturb_mildly(images: Tensor, generator: Generator) -> Tensor:
    """Perturb images as cameras and files do. Some batches skip the two slow steps, noise and JPEG."""
    images = color_jitter(images, generator, brightness=0.3, contrast=0.4, saturation=0.5, hue=0.06)
    images = random_grayscale(images, generator, probability=0.2)
    images = exposure(images, generator, stops=0.7, gamma=1.4)
    images = gaussian_blur(images, generator, probability=0.4, sigma_px=(0.2, 1.3))
    if _coin(generator, 0.5):
        images = sensor_noise(images, generator)
    return jpeg(images, generator, probability=0.7) if _coin(generator, 0.35) else images


def cap_near(inverse_depth: Tensor) -> Tensor:
    """Return inverse depth cut off at 1.3 times its 98th percentile, so a thing close to the lens does not dominate."""
    top = inverse_depth.flatten(1)[:, ::7].quantile(0.98, dim=1)[:, None, None]
    return torch.minimum(inverse_depth, 1.3 * top.clamp(min=1e-6))


def _coin(generator: Generator, probability: float) -> bool:
    return bool(torch.rand((), generator=generator, device=generator.device) < probability)
