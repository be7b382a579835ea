"""The network against transformers' independent implementation and the published one, on shared random weights."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from depth_demo.monocular.depth_anything import VARIANTS, Variant, load_network
from tests.support.official import official_depth, official_positions, random_state_dict
from tests.support.transformers_network import transformers_network

LARGE_SHAPED = Variant(64, 24, 4, (4, 11, 17, 23), 32, (32, 64, 128, 128))
CASES = [
    pytest.param("vits", None, id="v2-small"),
    pytest.param(LARGE_SHAPED, None, id="v2-large-shaped"),
    pytest.param("vits14", None, id="v1-small"),
    pytest.param(LARGE_SHAPED, 80, id="metric"),
]


@pytest.mark.parametrize(("variant", "max_depth"), CASES)
def test_equals_transformers_on_the_native_grid(variant: str | Variant, max_depth: int | None) -> None:
    sizes = VARIANTS[variant] if isinstance(variant, str) else variant
    weights = random_state_dict(sizes)
    image = torch.randn(1, 3, 518, 518, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        ours = load_network(weights, variant, max_depth)(image)
        theirs = transformers_network(weights, sizes, max_depth)(image).predicted_depth
    assert ours.shape == theirs.shape == (1, 518, 518)
    assert theirs.std() > 0.01 * theirs.mean() > 0  # the random map is not flat, so that agreement means something
    assert relative_error(ours, theirs) <= 1e-4


@pytest.mark.parametrize(
    ("variant", "batch", "height", "width"),
    [
        ("vits", 1, 266, 462),
        (LARGE_SHAPED, 1, 518, 518),
        (LARGE_SHAPED, 2, 182, 322),
        (LARGE_SHAPED, 1, 532, 14),
    ],
    ids=str,
)
def test_equals_the_published_forward_pass_on_every_grid(variant: str | Variant, batch: int, height: int, width: int) -> None:
    """The one that has no folding, no fused attention and no reordering."""
    sizes = VARIANTS[variant] if isinstance(variant, str) else variant
    weights = random_state_dict(sizes)
    image = torch.randn(batch, 3, height, width, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        ours = load_network(weights, variant)(image)
        slow = official_depth(weights, sizes, image, official_positions(weights, height // 14, width // 14))
    assert ours.shape == slow.shape == (batch, height, width)
    assert slow.std() > 0.01 * slow.mean() > 0
    assert relative_error(ours, slow) <= 1e-5


def relative_error(ours: Tensor, theirs: Tensor) -> float:
    error = float((ours - theirs).abs().max() / theirs.abs().max())
    print(f"max relative error {error:.2e}")
    return error
