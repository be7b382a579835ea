from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from depth_demo.training.generator import LAYOUTS, SHAPES, Generator, is_worth_seeing
from depth_demo.training.store import find_blocks, make_block, make_blocks, read_block
from depth_demo.training.textures import KINDS, LEVELS, SIZE, Atlas, Painter, paint_masks


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
    assert 0 <= np.clip(picture, 0, 1).mean() <= 1
    assert picture.std() > 0


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
    coarsest = atlas.sample(index, torch.linspace(0, 1, 6), u * 0, near * 2**LEVELS)[:, 0]
    assert ((coarsest >= 0) & (coarsest <= 1)).all()
    assert coarsest.max() - coarsest.min() <= 1


def test_blocks_are_read_as_they_were_made_and_made_once(tmp_path: Path) -> None:
    made = sorted(make_blocks(tmp_path, 5, seed=2, processes=1, count=16))
    assert made == [0, 1, 2, 3, 4]
    found = find_blocks(tmp_path, 2)
    assert {shape: len(paths) for shape, paths in found.items()} == dict(zip(SHAPES, (2, 1, 1, 1), strict=True))
    assert not find_blocks(tmp_path, 3)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    make_block(tmp_path, 3, seed=2, count=16)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    for shape, path in itertools.chain.from_iterable(((s, p) for p in paths) for s, paths in found.items()):
        block = read_block(path)
        assert block.images.shape == (len(block.layouts), *shape, 3)
        assert block.inverse_depth.shape == (len(block.layouts), *shape)
    block = read_block(found[160, 224][0])
    direct = Generator(2 * 1_000_003).samples(16, (160, 224))
    assert np.array_equal(block.inverse_depth, direct.inverse_depth.half().numpy())
    assert [list(LAYOUTS)[index] for index in block.layouts] == list(direct.layouts)
