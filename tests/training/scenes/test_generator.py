from __future__ import annotations

import numpy as np
import pytest
import torch

from depth_demo.training.scenes.generator import LAYOUTS, Generator, is_worth_seeing
from depth_demo.training.scenes.textures import KINDS, LEVELS, SIZE, Atlas, Painter, paint_masks


@pytest.fixture(scope="module")
def generator() -> Generator:
    return Generator(3)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_gives_photos_with_exact_inverse_depth(generator: Generator, layout: str) -> None:
    samples = generator.samples(6, (96, 144), [layout] * 6)
    assert len(samples.images) == len(samples.inverse_depth) == len(samples.layouts) >= 3
    assert samples.images.shape[1:] == (3, 96, 144)
    assert samples.images.min() >= 0
    assert samples.images.max() <= 1
    assert samples.images.flatten(1).std(1).min() > 0.03  # not one grey
    assert samples.inverse_depth.min() >= 0
    assert samples.inverse_depth.max() < 1 / 0.29  # nothing is nearer than the nearest limit of the layouts
    assert is_worth_seeing(samples.inverse_depth).all()


def test_streets_have_sky_at_the_top_and_near_ground_at_the_bottom(generator: Generator) -> None:
    samples = generator.samples(8, (96, 320), ["street"] * 8)
    assert (samples.inverse_depth[:, 0] == 0).any()
    bottom, middle = samples.inverse_depth[:, -1].median(1).values, samples.inverse_depth[:, 48].median(1).values
    assert (bottom > middle).float().mean() > 0.8


def test_the_same_seed_gives_the_same_samples() -> None:
    first, again, other = (Generator(seed).samples(2, (96, 144), ["room", "pile"]) for seed in (5, 5, 6))
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.inverse_depth, again.inverse_depth)
    assert not torch.equal(first.inverse_depth, other.inverse_depth)


def test_views_of_one_surface_and_of_a_covered_lens_are_left_out() -> None:
    flat, covered = torch.full((10, 10), 0.5), torch.full((10, 10), 4.0)
    slope = torch.linspace(0.1, 0.5, 100).view(10, 10)
    assert is_worth_seeing(torch.stack((flat, covered, slope))).tolist() == [False, False, True]


@pytest.mark.parametrize("kind", KINDS)
def test_textures_are_colours(kind: str) -> None:
    picture = KINDS[kind][0](Painter(np.random.default_rng(1)))
    assert picture.shape == (SIZE, SIZE, 3)
    assert np.isfinite(picture).all()
    assert picture.std() > 0.001
    assert 0.005 < np.clip(picture, 0, 1).mean() < 0.99  # neither a hole nor a lamp


def test_masks_have_holes_and_matter() -> None:
    share = paint_masks(np.random.default_rng(1)).mean(axis=(1, 2))
    assert ((share > 0.05) & (share < 0.95)).all()


def test_a_texture_repeats_is_smooth_between_texels_and_blurs_with_distance() -> None:
    """Left half black, right half white: texel centres hold the colours, a border in the middle their mean."""
    picture = np.zeros((1, SIZE, SIZE, 3), np.float32)
    picture[:, :, SIZE // 2 :] = 1
    atlas = Atlas(picture, ["halves"])
    u = torch.tensor([0.25, 0.75, 1.25, -0.25, 0.5, 0.0])
    near, index = torch.ones(6), torch.zeros(6, dtype=torch.long)
    assert atlas.sample(index, u, u * 0, near)[:, 0].tolist() == pytest.approx([0, 1, 0, 1, 0.5, 0.5], abs=1e-5)
    # The coarsest level has two texels, with centres at 1/4 and 3/4: half way from the first to the middle is a quarter.
    off_centre = torch.full((1,), 0.375)
    for texels_per_pixel, expected in ((1, 0.0), (2**LEVELS, 0.25)):
        sampled = atlas.sample(index[:1], off_centre, off_centre * 0, near[:1] * texels_per_pixel)
        assert sampled[0, 0].item() == pytest.approx(expected, abs=1e-5)
