"""What a network for relative inverse depth is trained with. Every loss gives one float32 value per image, (B,).

An image that says nothing (an empty mask, a flat truth) gives 0 and no gradient. Outside the mask a truth may hold NaN.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from depth_demo.training.perturb import Mix

ORDER_SAMPLE = 4096  # about that many pixels, evenly spread, give an image's median and percentile
FLAT_TARGET = 1e-6  # mean absolute deviation, as a share of the largest value
FLAT_PREDICTION = 1e-4  # below it a prediction is no longer stretched, which would blow up its gradient


@dataclass(frozen=True, slots=True)
class LossWeights:
    """How the parts of `depth_loss` add up.

    Attributes:
        scale_and_shift_invariant, gradient_matching: Depth Anything V2 weighs them 1 : 2.
        range: Of `range_loss`; needed where the network ends in a ReLU.
        edge: Strength of `edge_weights`, 0 for none.
    """

    scale_and_shift_invariant: float = 1.0
    gradient_matching: float = 2.0
    range: float = 1.0
    edge: float = 0.0


class DepthLoss(NamedTuple):
    """The weighted sum and its parts before weighting, each (B,)."""

    total: Tensor
    scale_and_shift_invariant: Tensor
    gradient_matching: Tensor
    range: Tensor


def depth_loss(predicted: Tensor, target: Tensor, mask: Tensor, weights: LossWeights) -> DepthLoss:
    """The whole loss of a prediction.

    Args:
        predicted: (B, H, W) inverse depth, larger is nearer; before the last ReLU.
        target: (B, H, W) inverse depth in any scale, 0 for the sky.
        mask: (B, H, W) bool, where the target is known.
        weights: How the parts add up.
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
    """The loss of mixed images, (B,): both regions against their own label, weighted by area (Depth Anything V1, section 3.2).

    A mixed image has no range loss: how near the pasted part of another scene is, nothing in the image tells.

    Args:
        predicted: (B, H, W) of `mix.images`.
        labels: (B, H, W) pseudo-labels of the images before mixing.
        mask: (B, H, W) bool, where the labels are known.
        mix: What `cutmix` made.
        weights: How the parts add up.
    """
    regions = replace(weights, range=0.0)
    inside = depth_loss(predicted, labels[mix.donors], mask[mix.donors] & mix.inside, regions).total
    outside = depth_loss(predicted, labels, mask & ~mix.inside, regions).total
    area = mix.inside.float().mean(dim=(1, 2))
    pinned = range_loss(predicted, labels, mask) * (area == 0)
    return area * inside + (1 - area) * outside + weights.range * pinned


def scale_and_shift_invariant_loss(predicted: Tensor, target: Tensor, mask: Tensor, weight: Tensor | None = None) -> Tensor:
    """Mean of |`normalized_residual`| (Ranftl et al., PAMI 2022).

    The median is 0, and that is fine, where more than half of the pixels are sky.

    Args:
        predicted, target: (B, H, W) inverse depth.
        mask: (B, H, W) bool, where to compare.
        weight: (B, H, W) of each pixel in the mean, not of the medians; None for 1.
    """
    known = mask.float()
    counted = known if weight is None else known * weight.float()
    return _weighted_mean(normalized_residual(predicted, target, known).abs(), counted)


def gradient_matching_loss(
    predicted: Tensor, target: Tensor, mask: Tensor, scales: int = 4, weight: Tensor | None = None
) -> Tensor:
    """Mean |step along rows| + |step along columns| of the residual, summed over scales: edges belong where the truth's are.

    The residual is `normalized_residual`; scale k looks at every 2^k-th pixel; a step counts where both of its pixels do
    (Li & Snavely, MegaDepth, CVPR 2018).

    Args:
        predicted, target, mask, weight: As above; a step weighs what its lighter pixel weighs.
        scales: How many.
    """
    known = mask.float()
    counted = known if weight is None else known * weight.float()
    return _gradient_matching(normalized_residual(predicted, target, known), counted, scales)


def range_loss(predicted: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Mean |p - t / p98(t)|: the truth's 98th percentile shall be predicted as 1 and the sky as 0.

    The two losses above accept any scale and shift, a map of negative numbers too. But networks end in a ReLU when they are
    used, which would cut everything far away to 0; so one scale and offset must be pinned.
    """
    known = mask.float()
    target = _truth(target, known)
    near = _percentile_98(target, known)
    error = predicted.float() - target / near.where(near > 0, 1)[:, None, None]
    return _weighted_mean(error.abs(), known) * (near > 0)


def feature_alignment_loss(features: Tensor, frozen: Tensor, margin: float = 0.85) -> Tensor:
    """1 - cos(f, f') averaged over the tokens, where one whose cosine exceeds the margin costs nothing.

    So a student keeps what a self-supervised encoder knows of objects, without being made the same: parts of one car may
    have one meaning and yet different depths (Yang et al., Depth Anything, CVPR 2024). With margin 1 it is the plain formula
    1 - 1/N sum cos.

    Args:
        features: (B, N, C) tokens of the student's encoder.
        frozen: (B, N, C) tokens of the frozen one; gets no gradient.
        margin: Cosine from which a token is near enough.
    """
    cosine = F.cosine_similarity(features.float(), frozen.detach().float(), dim=-1)  # (B, N)
    return ((1 - cosine) * (cosine <= margin)).mean(dim=1)


def normalized_residual(predicted: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """(B, H, W): difference of the maps, each with median 0 and mean absolute deviation 1 over the mask.

    It is 0 outside the mask and in an image whose target is flat.
    """
    known = mask.float()
    target = _truth(target, known)
    guess, spread = _centred(predicted.float(), known)
    truth, deviation = _centred(target, known)
    useful = deviation > FLAT_TARGET * target.abs().amax(dim=(1, 2), keepdim=True)
    return guess * (useful / spread.clamp(min=FLAT_PREDICTION)) - truth * (useful / deviation.where(useful, 1))


@torch.no_grad()
def edge_weights(target: Tensor, mask: Tensor, strength: float) -> Tensor:
    """(B, H, W) weights of mean 1 over the mask, largest at depth edges.

    1 + strength x the largest relative jump |d_i - d_j| / max(d_i, d_j) to the four neighbours, widened by one pixel, then
    divided by the mean. A jump to the sky is 1; n rows below the horizon the ground has 1 / n. Jumps below 1 % of the 98th
    percentile fade out, or a pseudo-label's noise in the sky would be edges.

    Args:
        target: (B, H, W) inverse depth.
        mask: (B, H, W) bool; jumps count where both pixels are in it.
        strength: 0 gives ones.
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


# Below, a mask is float32, 1 where the truth is known: on a CPU, booleans are several times slower.


def _truth(target: Tensor, known: Tensor) -> Tensor:
    return target.float().nan_to_num() * known


def _centred(depth: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Depth minus its median, 0 outside the mask, and the mean absolute value of that as (B, 1, 1)."""
    median = _sample(depth).where(_sample(known) > 0, torch.nan).nanmedian(dim=1).values.nan_to_num()
    centred = (depth - median[:, None, None]) * known
    return centred, _weighted_mean(centred.abs(), known)[:, None, None]


@torch.no_grad()
def _percentile_98(truth: Tensor, known: Tensor) -> Tensor:
    """(B,): the value that 2 % of an even sample of the known pixels exceed; -inf where there are none."""
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
    """(B,), 0 where the weights are all 0."""
    return (values * weight).sum(dim=(1, 2)) / weight.sum(dim=(1, 2)).clamp(min=1e-6)


def _neighbours(maps: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """Views of each pixel and of the next one along `dim`."""
    steps = maps.shape[dim] - 1
    return maps.narrow(dim, 0, steps), maps.narrow(dim, 1, steps)


def _widened(maps: Tensor) -> Tensor:
    """The largest value of 3 x 3 pixels; for a batch of 32 small maps max_pool2d takes 13 ms of a CPU, this 0.4 ms."""
    for dim in (1, 2):
        wide = maps.clone()
        for side, other in zip(_neighbours(wide, dim), reversed(_neighbours(maps, dim)), strict=True):
            torch.maximum(side, other, out=side)
        maps = wide
    return maps


def _sample(maps: Tensor) -> Tensor:
    """(B, N): every n-th row and column, because order statistics of all pixels would take longer than the rest of a loss."""
    height, width = maps.shape[1:]
    step = max(1, int((height * width / ORDER_SAMPLE) ** 0.5))
    return maps[:, ::step, ::step].flatten(1)
