"""The network as the transformers library has it, with weights under the official names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

from depth_demo.monocular.depth_anything import Variant


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
