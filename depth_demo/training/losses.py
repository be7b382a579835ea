"""Losses for relative inverse depth. Every loss returns one float32 value for each image, (B,).

An image without information (an empty mask, a flat truth) has loss 0 and no gradient. A truth may be NaN outside its mask.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from depth_demo.training.perturb import Mix

ORDER_SAMPLE = 4096  # about so many evenly spread pixels give the median and the percentile of an image
FLAT_TARGET = 1e-6  # mean absolute deviation, as a share of the largest value
FLAT_PREDICTION = 1e-4  # a flatter prediction is not stretched further, because its gradient would explode


@dataclass(frozen=True, slots=True)
class LossWeights:
    """Weights of the parts of `depth_loss`.

    Attributes:
        scale_and_shift_invariant: Weight of `scale_and_shift_invariant_loss`. Depth Anything V2 uses 1.
        gradient_matching: Weight of `gradient_matching_loss`. Depth Anything V2 uses 2.
        range: Weight of `range_loss`. A network that ends in a ReLU needs it.
        edge: Strength of `edge_weights`; 0 for none.
    """

    scale_and_shift_invariant: float = 1.0
    gradient_matching: float = 2.0
    range: float = 1.0
    edge: float = 0.0


class DepthLoss(NamedTuple):
    """The weighted sum of the losses, and its parts before weighting, each (B,)."""

    total: Tensor
    scale_and_shift_invariant: Tensor
    gradient_matching: Tensor
    range: Tensor


def depth_loss(predicted: Tensor, target: Tensor, mask: Tensor, weights: LossWeights) -> DepthLoss:
    """Return the total loss of a prediction and its parts.

    Args:
        predicted: (B, H, W) inverse depth before the last ReLU; larger is nearer.
        target: (B, H, W) inverse depth in any scale; 0 is sky.
        mask: (B, H, W) bool: the target is known.
        weights: Weights of the parts.
    """
    known = mask.float()
    residual = normalized_residual(predicted, target, known)
    counted = known * edge_weights(target, mask, weights.edge) if weights.edge > 0 else known
    invariant = _weighted_mean(residual.abs(), counted)
    gradient = _gradient_matching(residual, counted, scales=4)
    pinned = range_loss(predicted, target, known)
    total = weights.scale_and_shift_invariant * invariant + weights.gradient_matching * gradient + weights.range * pinned
    return DepthLoss(total, invariant, gradient, pinned)


def cutmix_loss(predicted: Tensor, labels: Tensor, mask: Tensor, mix: Mix, weights: LossWeights) -> Tensor:
    """Return the loss of mixed images, (B,).

    Each region is compared with its own label and weighted by its area (Depth Anything V1, section 3.2). A mixed image has
    no range loss, because it does not show how near the pasted scene is.

    Args:
        predicted: (B, H, W) inverse depth of `mix.images` before the last ReLU.
        labels: (B, H, W) pseudo-labels of the images before mixing.
        mask: (B, H, W) bool: the labels are known.
        mix: Result of `cutmix`.
        weights: Weights of the parts.
    """
    regions = replace(weights, range=0.0)
    inside = depth_loss(predicted, labels[mix.donors], mask[mix.donors] & mix.inside, regions).total
    outside = depth_loss(predicted, labels, mask & ~mix.inside, regions).total
    area = mix.inside.float().mean(dim=(1, 2))
    pinned = range_loss(predicted, labels, mask) * (area == 0)
    return area * inside + (1 - area) * outside + weights.range * pinned


def scale_and_shift_invariant_loss(predicted: Tensor, target: Tensor, mask: Tensor, weight: Tensor | None = None) -> Tensor:
    """Return the mean of |`normalized_residual`|, (B,) (Ranftl et al., PAMI 2022).

    If more than half of the pixels are sky, the median is 0. The loss works then too.

    Args:
        predicted: (B, H, W) inverse depth.
        target: (B, H, W) inverse depth.
        mask: (B, H, W) bool: pixels to compare.
        weight: (B, H, W) weight of each pixel in the mean. It does not change the medians. None means 1.
    """
    known = mask.float()
    counted = known if weight is None else known * weight.float()
    return _weighted_mean(normalized_residual(predicted, target, known).abs(), counted)


def gradient_matching_loss(
    predicted: Tensor, target: Tensor, mask: Tensor, scales: int = 4, weight: Tensor | None = None
) -> Tensor:
    """Return the mean |step along rows| + |step along columns| of `normalized_residual`, summed over scales, (B,).

    Edges that are blurred or displaced leave steps in the residual. Scale k uses every 2^k-th pixel. A step counts if both of
    its pixels are in the mask (Li & Snavely, MegaDepth, CVPR 2018).

    Args:
        predicted: (B, H, W) inverse depth.
        target: (B, H, W) inverse depth.
        mask: (B, H, W) bool: pixels to compare.
        scales: Number of scales.
        weight: (B, H, W) weight of each pixel. A step has the smaller weight of its two pixels. None means 1.
    """
    known = mask.float()
    counted = known if weight is None else known * weight.float()
    return _gradient_matching(normalized_residual(predicted, target, known), counted, scales)


def range_loss(predicted: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Return the mean |p - t / p98(t)|, (B,): the 98th percentile of the truth should be predicted as 1, and the sky as 0.

    The two losses above accept any scale and shift, even a map of negative numbers. In use, networks end in a ReLU, which
    would cut all far pixels to 0. So this loss fixes one scale and one shift. Arguments are those of `depth_loss`.
    """
    known = mask.float()
    target = _truth(target, known)
    near = _percentile_98(target, known)
    error = predicted.float() - target / near.where(near > 0, 1)[:, None, None]
    return _weighted_mean(error.abs(), known) * (near > 0)


def feature_alignment_loss(features: Tensor, frozen: Tensor, margin: float = 0.85) -> Tensor:
    """Return the mean of 1 - cos(f, f') over the tokens, (B,). A token whose cosine exceeds the margin costs nothing.

    The student keeps the knowledge of objects of a self-supervised encoder, but need not equal it: parts of one car share a
    meaning, and yet have different depths (Yang et al., Depth Anything, CVPR 2024).

    Args:
        features: (B, N, C) tokens of the student's encoder.
        frozen: (B, N, C) tokens of the frozen encoder, without gradients.
        margin: Largest cosine that still costs. 1 gives the plain formula 1 - 1/N sum cos.
    """
    cosine = F.cosine_similarity(features.float(), frozen.detach().float(), dim=-1)  # (B, N)
    return ((1 - cosine) * (cosine <= margin)).mean(dim=1)


def normalized_residual(predicted: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Return the difference of both maps, (B, H, W), after each has median 0 and mean absolute deviation 1 over the mask.

    The difference is 0 outside the mask, and everywhere in an image with a flat target. Arguments are those of `depth_loss`.
    """
    known = mask.float()
    target = _truth(target, known)
    guess, spread = _centred(predicted.float(), known)
    truth, deviation = _centred(target, known)
    useful = deviation > FLAT_TARGET * target.abs().amax(dim=(1, 2), keepdim=True)
    return guess * (useful / spread.clamp(min=FLAT_PREDICTION)) - truth * (useful / deviation.where(useful, 1))


@torch.no_grad()
def edge_weights(target: Tensor, mask: Tensor, strength: float) -> Tensor:
    """Return weights with mean 1 over the mask, (B, H, W), largest at depth edges.

    A weight is 1 + strength x jump, divided by the mean. The jump is the largest |d_i - d_j| / max(d_i, d_j) to the four
    neighbours, widened by one pixel. A jump to the sky is 1. On the ground n rows below the horizon it is 1 / n. Where both
    pixels are below 1 % of the 98th percentile, jumps fade out. Otherwise noise in the sky of a pseudo-label would make edges.

    Args:
        target: (B, H, W) inverse depth.
        mask: (B, H, W) bool. A jump counts if both of its pixels are in the mask.
        strength: Strength of the jumps. 0 gives ones.
    """
    known = mask.float()
    depth = _truth(target, known).clamp(min=0)
    least = (0.01 * _percentile_98(depth, known)).clamp(min=1e-12)[:, None, None]
    jump = torch.zeros_like(depth)
    for dim in (1, 2):
        first, second = _neighbours(depth, dim)
        step = (first - second).abs() / torch.maximum(first, second).maximum(least)
        step *= torch.minimum(*_neighbours(known, dim))
        for side in _neighbours(jump, dim):
            torch.maximum(side, step, out=side)
    weight = 1 + strength * _widened(jump)
    mean = _weighted_mean(weight, known)
    return weight / mean.where(mean > 0, 1)[:, None, None]


# Below, a mask is float32, 1 where the truth is known. On a CPU, booleans are several times slower.


def _truth(target: Tensor, known: Tensor) -> Tensor:
    return target.float().nan_to_num() * known


def _centred(depth: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Return depth minus its median, 0 outside the mask, and its mean absolute deviation as (B, 1, 1)."""
    median = _sample(depth).where(_sample(known) > 0, torch.nan).nanmedian(dim=1).values.nan_to_num()
    centred = (depth - median[:, None, None]) * known
    return centred, _weighted_mean(centred.abs(), known)[:, None, None]


@torch.no_grad()
def _percentile_98(truth: Tensor, known: Tensor) -> Tensor:
    """Return the 98th percentile of an even sample of the known pixels, (B,); -inf for an empty mask."""
    inside = _sample(known) > 0
    larger = inside.sum(dim=1, keepdim=True) // 50
    top = _sample(truth).where(inside, -torch.inf).topk(inside.shape[1] // 50 + 1).values
    return top.gather(1, larger)[:, 0]


def _gradient_matching(residual: Tensor, counted: Tensor, scales: int) -> Tensor:
    loss = residual.new_zeros(len(residual))
    for scale in range(scales):
        step = 2**scale
        error, weight = residual[:, ::step, ::step], counted[:, ::step, ::step]
        pixels = weight.sum(dim=(1, 2)).clamp(min=1e-6)
        for dim in (1, 2):
            first, second = _neighbours(error, dim)
            steps = (first - second).abs() * torch.minimum(*_neighbours(weight, dim))
            loss = loss + steps.sum(dim=(1, 2)) / pixels
    return loss


def _weighted_mean(values: Tensor, weight: Tensor) -> Tensor:
    """Return the weighted mean of each image, (B,); 0 if all of its weights are 0."""
    return (values * weight).sum(dim=(1, 2)) / weight.sum(dim=(1, 2)).clamp(min=1e-6)


def _neighbours(maps: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """Return two views: every pixel but the last along `dim`, and the next pixel of each."""
    steps = maps.shape[dim] - 1
    return maps.narrow(dim, 0, steps), maps.narrow(dim, 1, steps)


def _widened(maps: Tensor) -> Tensor:
    """Return the largest value of 3 x 3 pixels. On a CPU, 32 small maps take 0.4 ms, and 13 ms with max_pool2d."""
    for dim in (1, 2):
        wide = maps.clone()
        for side, other in zip(_neighbours(wide, dim), reversed(_neighbours(maps, dim)), strict=True):
            torch.maximum(side, other, out=side)
        maps = wide
    return maps


def _sample(maps: Tensor) -> Tensor:
    """Return every n-th row and column, (B, N). Sorting all pixels would take longer than the rest of a loss."""
    height, width = maps.shape[1:]
    step = max(1, int((height * width / ORDER_SAMPLE) ** 0.5))
    return maps[:, ::step, ::step].flatten(1)
