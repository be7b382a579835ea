"""What is folded into the linear layers, checked layer by layer, and the way back."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from depth_demo.monocular.depth_anything import Variant, load_network
from depth_demo.monocular.depth_anything.folding import fold, unfold
from depth_demo.monocular.depth_anything.network import IGNORED_KEYS
from tests.support.official import layer, norm, official_shapes, random_state_dict

SIZES = Variant(16, 3, 2, (0, 1, 1, 2), 8, (8, 8, 16, 16))
OFFICIAL = {name: value for name, value in random_state_dict(SIZES).items() if not any(key in name for key in IGNORED_KEYS)}
TOKENS = torch.randn(2, 5, SIZES.width, generator=torch.Generator().manual_seed(1))
BLOCK = "pretrained.blocks.1"


@pytest.fixture
def lean() -> dict[str, Tensor]:
    return fold(OFFICIAL)


@pytest.mark.parametrize(("before", "after"), [("norm1", "attn.qkv"), ("norm2", "mlp.fc1")])
def test_gain_and_bias_of_a_norm_are_in_the_next_layer(lean: dict[str, Tensor], before: str, after: str) -> None:
    expected = layer(OFFICIAL, f"{BLOCK}.{after}", norm(OFFICIAL, f"{BLOCK}.{before}", TOKENS))
    torch.testing.assert_close(layer(lean, f"{BLOCK}.{after}", plain_norm(TOKENS)), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("level", range(4))
def test_those_of_the_last_norm_are_in_the_four_projections(lean: dict[str, Tensor], level: int) -> None:
    name = f"depth_head.projects.{level}"
    expected = layer(OFFICIAL, name, as_map(norm(OFFICIAL, "pretrained.norm", TOKENS)))
    torch.testing.assert_close(layer(lean, name, as_map(plain_norm(TOKENS))), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("name", "scale", "width"), [("attn.proj", "ls1", 16), ("mlp.fc2", "ls2", 64)])
def test_a_layer_scale_is_in_the_layer_before(lean: dict[str, Tensor], name: str, scale: str, width: int) -> None:
    x = torch.randn(3, width, generator=torch.Generator().manual_seed(2))
    expected = OFFICIAL[f"{BLOCK}.{scale}.gamma"] * layer(OFFICIAL, f"{BLOCK}.{name}", x)
    torch.testing.assert_close(layer(lean, f"{BLOCK}.{name}", x), expected, rtol=1e-5, atol=1e-5)


def test_the_class_token_and_the_patches_bias_are_in_the_position_embedding(lean: dict[str, Tensor]) -> None:
    embedding, bias = OFFICIAL["pretrained.pos_embed"], OFFICIAL["pretrained.patch_embed.proj.bias"]
    assert torch.equal(lean["pretrained.pos_embed"][0, 0], embedding[0, 0] + OFFICIAL["pretrained.cls_token"][0, 0])
    assert torch.equal(lean["pretrained.pos_embed"][0, 1:], embedding[0, 1:] + bias)


def test_everything_else_stays_as_it_is(lean: dict[str, Tensor]) -> None:
    kept = [name for name in lean if "scratch" in name or "resize" in name or name.endswith("patch_embed.proj.weight")]
    assert len(kept) == 1 + 6 + 4 + 4 * 2 + 7 * 4 + 3 * 2  # patches, resizing, layer_rn, out_conv, residual units, the end
    assert all(torch.equal(lean[name], OFFICIAL[name]) for name in kept)


def test_folding_leaves_the_checkpoint_alone_and_shares_nothing_with_it() -> None:
    official = {name: value.clone() for name, value in OFFICIAL.items()}
    lean = fold(official)
    assert all(torch.equal(value, OFFICIAL[name]) for name, value in official.items())
    theirs = {value.untyped_storage().data_ptr() for value in official.values()}
    assert not theirs & {value.untyped_storage().data_ptr() for value in lean.values()}


def test_half_precision_files_become_float32() -> None:
    lean = fold({name: value.half() for name, value in OFFICIAL.items()})
    assert {value.dtype for value in lean.values()} == {torch.float32}


def test_unfolding_gives_an_official_checkpoint_that_folds_to_the_same(lean: dict[str, Tensor]) -> None:
    official = unfold(lean)
    shapes = {name: shape for name, shape in official_shapes(SIZES) if name in OFFICIAL}
    assert {name: tuple(value.shape) for name, value in official.items()} == shapes
    again = fold(official)
    assert again.keys() == lean.keys()
    assert all(torch.equal(value, lean[name]) for name, value in again.items())
    loaded = load_network(official, SIZES).state_dict()
    assert all(torch.equal(value, lean[name]) for name, value in loaded.items())


def plain_norm(x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], eps=1e-6)


def as_map(tokens: Tensor) -> Tensor:
    """(B, N, C) to (B, C, 1, N)."""
    return tokens.transpose(1, 2)[:, :, None]
