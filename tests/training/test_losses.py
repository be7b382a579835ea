"""Losses against values derived by hand, and that nothing but the prediction gets a gradient."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from depth_demo.training.losses import (
    LossWeights,
    cutmix_loss,
    depth_loss,
    edge_weights,
    feature_alignment_loss,
    gradient_matching_loss,
    range_loss,
    scale_and_shift_invariant_loss,
)
from depth_demo.training.perturb import Mix

LOSSES = (scale_and_shift_invariant_loss, gradient_matching_loss, range_loss)


def everywhere(maps: Tensor) -> Tensor:
    return torch.ones_like(maps, dtype=torch.bool)


def random_maps(count: int = 3, height: int = 24, width: int = 32) -> Tensor:
    return torch.rand(count, height, width, generator=torch.Generator().manual_seed(0))


def test_scale_and_shift_invariant_loss_by_hand() -> None:
    """Target 0 1 2 3 9: median 2, deviations 2 1 0 1 7, mean 11/5. Prediction 0 1 2 3 4: median 2, mean deviation 6/5.

    Normalised differences: |-2/1.2 + 2/2.2|, |-1/1.2 + 1/2.2|, 0, the same as the second, |2/1.2 - 7/2.2|.
    """
    target, predicted = torch.tensor([[[0.0, 1, 2, 3, 9]]]), torch.tensor([[[0.0, 1, 2, 3, 4]]])
    loss = scale_and_shift_invariant_loss(predicted, target, everywhere(target))
    far, middle, near = 2 / 1.2 - 2 / 2.2, 1 / 1.2 - 1 / 2.2, 7 / 2.2 - 2 / 1.2
    assert loss.tolist() == pytest.approx([(far + 2 * middle + near) / 5])


def test_a_pixel_weight_changes_the_mean_but_not_the_medians() -> None:
    target, predicted = torch.tensor([[[0.0, 1, 2, 3, 9]]]), torch.tensor([[[0.0, 1, 2, 3, 4]]])
    weight = torch.tensor([[[0.0, 0, 1, 0, 3]]])
    loss = scale_and_shift_invariant_loss(predicted, target, everywhere(target), weight)
    assert loss.tolist() == pytest.approx([3 / 4 * (7 / 2.2 - 2 / 1.2)])


@pytest.mark.parametrize("loss", [scale_and_shift_invariant_loss, gradient_matching_loss])
def test_scale_and_shift_do_not_matter(loss: Callable[..., Tensor]) -> None:
    target = random_maps()
    guess = random_maps().flip(2)
    mask = random_maps().flip(1) > 0.3
    assert loss(3 * target - 7, target, mask).tolist() == pytest.approx([0, 0, 0], abs=1e-5)
    assert loss(5 * guess + 2, 0.1 * target, mask).tolist() == pytest.approx(loss(guess, target, mask).tolist(), rel=1e-4)


def test_the_median_is_zero_where_most_is_sky() -> None:
    """Target 0 0 0 5: median 0, mean deviation 5/4, so normalised 0 0 0 4; the prediction 0 0 5 0 becomes 0 0 4 0."""
    loss = scale_and_shift_invariant_loss(
        torch.tensor([[[0.0, 0, 5, 0]]]), torch.tensor([[[0.0, 0, 0, 5]]]), torch.ones(1, 1, 4, dtype=torch.bool)
    )
    assert loss.tolist() == pytest.approx([8 / 4])


def test_gradient_matching_by_hand() -> None:
    """2 x 2 with target 0 0 / 0 4: median 0, deviation 1; prediction 0 0 / 4 0 likewise: residual 0 0 / 4 -4.

    Steps along rows: |4 - 0| + |-4 - 0| = 8, along columns: 0 + 8 = 8, over 4 pixels. Coarser scales have one pixel: no steps.
    """
    target, predicted = torch.tensor([[[0.0, 0], [0, 4]]]), torch.tensor([[[0.0, 0], [4, 0]]])
    assert gradient_matching_loss(predicted, target, everywhere(target)).tolist() == pytest.approx([16 / 4])


def test_gradient_matching_takes_every_other_pixel_at_the_second_scale() -> None:
    """One row: target 0 0 0 0 5 has median 0 and deviation 1, prediction 0 0 5 0 0 too: residual 0 0 5 0 -5.

    First scale: steps 0 5 5 5 over 5 pixels. Second scale: 0 5 -5, steps 5 10 over 3 pixels.
    """
    target, predicted = torch.tensor([[[0.0, 0, 0, 0, 5]]]), torch.tensor([[[0.0, 0, 5, 0, 0]]])
    assert gradient_matching_loss(predicted, target, everywhere(target), scales=1).tolist() == pytest.approx([3])
    assert gradient_matching_loss(predicted, target, everywhere(target), scales=2).tolist() == pytest.approx([3 + 5])


def test_gradient_matching_takes_no_step_over_an_unknown_pixel() -> None:
    """Known are 0 0 0 _ 4: median 0, deviation 1; the prediction 0 0 4 _ 0 likewise: residual 0 0 4 _ -4, steps 0 and 4."""
    target, predicted = torch.tensor([[[0.0, 0, 0, torch.nan, 4]]]), torch.tensor([[[0.0, 0, 4, 7, 0]]])
    mask = torch.tensor([[[True, True, True, False, True]]])
    assert gradient_matching_loss(predicted, target, mask, scales=1).tolist() == pytest.approx([4 / 4])


def test_a_step_weighs_what_its_lighter_pixel_weighs() -> None:
    target, predicted = torch.tensor([[[0.0, 0, 0, 0, 5]]]), torch.tensor([[[0.0, 0, 5, 0, 0]]])
    weight = torch.tensor([[[1.0, 1, 2, 3, 3]]])  # steps 0 5 5 5 weigh 1 1 2 3, the pixels 10
    assert gradient_matching_loss(predicted, target, everywhere(target), 1, weight).tolist() == pytest.approx([30 / 10])


def test_range_loss_pins_the_98th_percentile_to_one_and_the_sky_to_zero() -> None:
    """Of 0 .. 99 two values, 98 and 99, exceed the 98th percentile: it is 97."""
    target = torch.arange(100.0).view(1, 10, 10)
    assert range_loss(target / 97, target, everywhere(target)).tolist() == pytest.approx([0], abs=1e-6)
    assert range_loss(target / 97 - 0.25, target, everywhere(target)).tolist() == pytest.approx([0.25])


@pytest.mark.parametrize("loss", LOSSES)
def test_unknown_pixels_are_not_read(loss: Callable[..., Tensor]) -> None:
    target, guess = random_maps(), random_maps().flip(1)
    mask = random_maps().flip(0) > 0.5
    holes = target.masked_fill(~mask, torch.nan)
    other = guess.where(mask, 100.0).requires_grad_()
    value = loss(other, holes, mask)
    assert value.tolist() == pytest.approx(loss(guess, target, mask).tolist())
    (gradient,) = torch.autograd.grad(value.sum(), other)
    assert gradient[mask].abs().max() > 0
    assert gradient[~mask].abs().max() == 0


def test_images_that_say_nothing_cost_nothing_and_spoil_nothing() -> None:
    """Image 0 is usual, 1 has an empty mask, 2 is nothing but sky."""
    target, guess = random_maps(), random_maps().flip(1).requires_grad_()
    mask = everywhere(target)
    mask[1], target[1], target[2] = False, torch.nan, 0
    losses = depth_loss(guess, target, mask, LossWeights(edge=3))
    assert losses.total[0] > 0
    assert losses.total[1:].tolist() == [0, 0]
    (gradient,) = torch.autograd.grad(losses.total.sum(), guess)
    assert gradient.isfinite().all()
    assert gradient[0].abs().max() > 0
    assert gradient[1:].abs().max() == 0


def test_a_wall_has_a_range_but_no_structure() -> None:
    wall = torch.full((1, 8, 8), 2.0)
    guess = torch.rand(1, 8, 8, generator=torch.Generator().manual_seed(1))
    losses = depth_loss(guess, wall, everywhere(wall), LossWeights())
    assert (losses.scale_and_shift_invariant.item(), losses.gradient_matching.item()) == (0, 0)
    assert losses.range.item() == pytest.approx((1 - guess).abs().mean().item())


def test_a_constant_prediction_has_a_finite_gradient() -> None:
    target, guess = random_maps(), torch.zeros(3, 24, 32, requires_grad=True)
    (gradient,) = torch.autograd.grad(depth_loss(guess, target, everywhere(target), LossWeights()).total.sum(), guess)
    assert gradient.isfinite().all()
    assert gradient.abs().max() > 0


def test_one_image_does_not_depend_on_the_others_of_its_batch() -> None:
    target, guess = random_maps(), random_maps().flip(2)
    weights = LossWeights(edge=2)
    together = depth_loss(guess, target, everywhere(target), weights).total
    alone = depth_loss(guess[1:2], target[1:2], everywhere(target)[1:2], weights).total
    assert together[1].item() == pytest.approx(alone.item())


def test_depth_loss_is_the_weighted_sum_of_its_parts() -> None:
    target, guess = random_maps(), random_maps().flip(2)
    mask = random_maps().flip(0) > 0.2
    weights = LossWeights(scale_and_shift_invariant=2, gradient_matching=3, range=5, edge=4)
    losses = depth_loss(guess, target, mask, weights)
    edges = edge_weights(target, mask, strength=4)
    torch.testing.assert_close(losses.scale_and_shift_invariant, scale_and_shift_invariant_loss(guess, target, mask, edges))
    torch.testing.assert_close(losses.gradient_matching, gradient_matching_loss(guess, target, mask, weight=edges))
    torch.testing.assert_close(losses.range, range_loss(guess, target, mask))
    expected = 2 * losses.scale_and_shift_invariant + 3 * losses.gradient_matching + 5 * losses.range
    torch.testing.assert_close(losses.total, expected)


def test_half_precision_is_computed_in_float32() -> None:
    target, guess = random_maps().half(), random_maps().flip(1).half()
    total = depth_loss(guess, target, everywhere(target), LossWeights(edge=1)).total
    assert total.dtype == torch.float32
    torch.testing.assert_close(total, depth_loss(guess.float(), target.float(), everywhere(target), LossWeights(edge=1)).total)


def test_edge_weights_by_hand() -> None:
    """Jump from 4 to 1: 3/4 on both pixels, widened by one pixel to four of eight. Mean of 1 + 4 x jump: (4 + 4 x 4) / 8."""
    target = torch.tensor([[[4.0, 4, 4, 4, 1, 1, 1, 1]]])
    weights = edge_weights(target, everywhere(target), strength=4)
    torch.testing.assert_close(weights, torch.tensor([[[1.0, 1, 4, 4, 4, 4, 1, 1]]]) / 2.5)


def test_an_edge_to_the_sky_weighs_most_and_one_to_the_unknown_nothing() -> None:
    target = torch.tensor([[[0.0, 0, 0, 2, 2, 2, torch.nan, 9, 9]]])
    weights = edge_weights(target, target.isfinite(), strength=1)
    relative = weights / weights[0, 0, 0]
    assert relative[0, 0, :6].tolist() == pytest.approx([1, 2, 2, 2, 2, 1])
    assert relative[0, 0, 7:].tolist() == pytest.approx([1, 1])
    assert weights[target.isfinite()].mean().item() == pytest.approx(1)


def test_edge_weights_do_not_depend_on_the_unit() -> None:
    target = random_maps()
    torch.testing.assert_close(edge_weights(1e-4 * target, everywhere(target), 3), edge_weights(target, everywhere(target), 3))


def test_no_strength_gives_ones() -> None:
    target = random_maps()
    assert edge_weights(target, target > 0.5, strength=0).eq(1).all()
    assert edge_weights(target, torch.zeros_like(target, dtype=torch.bool), strength=2).isfinite().all()


def unit_tokens(*cosines: float) -> Tensor:
    """(1, N, 2) tokens with these cosines to (1, 0)."""
    return torch.tensor([[[cosine, math.sqrt(1 - cosine**2)] for cosine in cosines]])


def test_feature_alignment_leaves_out_what_is_near_enough() -> None:
    """Cosines 0.9, 0.8 and 0: with margin 1 the mean of 0.1, 0.2 and 1; with 0.85 the first costs nothing."""
    features, frozen = unit_tokens(0.9, 0.8, 0.0), torch.tensor([[[5.0, 0], [1, 0], [0.1, 0]]])
    assert feature_alignment_loss(features, frozen, margin=1).item() == pytest.approx(1 - 1.7 / 3)
    assert feature_alignment_loss(features, frozen, margin=0.85).item() == pytest.approx(1.2 / 3)


def test_feature_alignment_teaches_the_student_alone() -> None:
    features, frozen = unit_tokens(0.9, 0.8).requires_grad_(), unit_tokens(1.0, 1.0).requires_grad_()
    loss = feature_alignment_loss(features, frozen, margin=0.85).sum()
    ours, theirs = torch.autograd.grad(loss, (features, frozen), allow_unused=True)
    assert theirs is None
    assert ours[0, 0].tolist() == [0, 0]
    assert ours[0, 1].abs().max() > 0


def left_quarter(donors: list[int]) -> Mix:
    """Images of 24 x 32 whose 8 leftmost columns come from their donor; only the first image is mixed."""
    inside = torch.zeros(2, 24, 32, dtype=torch.bool)
    inside[0, :, :8] = True
    return Mix(torch.zeros(2, 3, 24, 32), inside, torch.tensor(donors))


def test_cutmix_loss_weighs_two_labels_by_area() -> None:
    labels, guess = random_maps(2), random_maps(2).flip(1)
    mask = random_maps(2).flip(2) > 0.2
    weights = LossWeights()
    loss = cutmix_loss(guess, labels, mask, left_quarter([1, 0]), weights)
    structure = LossWeights(range=0)
    pasted = depth_loss(guess[:1, :, :8], labels[1:, :, :8], mask[1:, :, :8], structure).total
    kept = depth_loss(guess[:1, :, 8:], labels[:1, :, 8:], mask[:1, :, 8:], structure).total
    unmixed = depth_loss(guess[1:], labels[1:], mask[1:], weights).total
    torch.testing.assert_close(loss, torch.cat((0.25 * pasted + 0.75 * kept, unmixed)))


def test_cutmix_loss_accepts_each_region_in_its_own_scale() -> None:
    labels = random_maps(2)
    guess = labels.clone()
    guess[0, :, :8] = 0.2 * labels[1, :, :8] + 5
    loss = cutmix_loss(guess, labels, everywhere(labels), left_quarter([1, 0]), LossWeights(range=0))
    assert loss.tolist() == pytest.approx([0, 0], abs=1e-5)
