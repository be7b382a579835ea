"""The network against transformers' independent implementation and the published one, on shared random weights."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor
from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

from depth_demo.monocular.depth_anything import VARIANTS, Variant, load_network
from tests.support.official import official_depth, official_positions, random_state_dict

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


def transformers_network(
    weights: dict[str, Tensor], variant: Variant, max_depth: int | None
) -> DepthAnythingForDepthEstimation:
    config = DepthAnythingConfig(
        backbone_config=Dinov2Config(
            hidden_size=variant.width,
            num_hidden_layers=variant.depth,
            num_attention_heads=variant.heads,
            image_size=518,
            patch_size=14,
            out_indices=[tap + 1 for tap in variant.taps],
            apply_layernorm=True,
            reshape_hidden_states=False,
        ),
        reassemble_hidden_size=variant.width,
        neck_hidden_sizes=list(variant.out_channels),
        fusion_hidden_size=variant.features,
        depth_estimation_type="relative" if max_depth is None else "metric",
        max_depth=max_depth or 1,
    )
    network = DepthAnythingForDepthEstimation(config).eval()
    network.load_state_dict(dict(renamed(weights, variant.width)), strict=True)
    return network


# Official name -> name in transformers 5; refinenet4..1 are its fusion layers 0..3.
RENAMED: list[tuple[str, str | Callable[[re.Match[str]], str]]] = [
    (r"pretrained\.(cls_token|mask_token)", r"backbone.embeddings.\1"),
    (r"pretrained\.pos_embed", "backbone.embeddings.position_embeddings"),
    (r"pretrained\.patch_embed\.proj", "backbone.embeddings.patch_embeddings.projection"),
    (r"pretrained\.blocks\.(\d+)\.attn\.proj", r"backbone.encoder.layer.\1.attention.o_proj"),
    (r"pretrained\.blocks\.(\d+)\.ls([12])\.gamma", r"backbone.encoder.layer.\1.layer_scale\2.lambda1"),
    (r"pretrained\.blocks\.(\d+)\.", r"backbone.encoder.layer.\1."),
    (r"pretrained\.norm", "backbone.layernorm"),
    (r"depth_head\.projects\.(\d)", r"neck.reassemble_stage.layers.\1.projection"),
    (r"depth_head\.resize_layers\.(\d)", r"neck.reassemble_stage.layers.\1.resize"),
    (r"depth_head\.scratch\.layer(\d)_rn", lambda m: f"neck.convs.{int(m[1]) - 1}"),
    (r"depth_head\.scratch\.refinenet(\d)", lambda m: f"neck.fusion_stage.layers.{4 - int(m[1])}"),
    (r"\.out_conv", ".projection"),
    (r"\.resConfUnit(\d)\.conv(\d)", r".residual_layer\1.convolution\2"),
    (r"depth_head\.scratch\.output_conv1", "head.conv1"),
    (r"depth_head\.scratch\.output_conv2\.0", "head.conv2"),
    (r"depth_head\.scratch\.output_conv2\.2", "head.conv3"),
]


def renamed(weights: dict[str, Tensor], width: int) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in weights.items():
        new_name = name
        for pattern, replacement in RENAMED:
            new_name = re.sub(pattern, replacement, new_name)
        if ".attn.qkv." in name:
            prefix, end = new_name.split("attn.qkv.")
            for part, values in zip("qkv", torch.split(tensor, width), strict=True):
                yield f"{prefix}attention.{part}_proj.{end}", values
        else:
            yield new_name, tensor
