"""Tiny checkpoints of other people's models, with random weights, saved by their own libraries: file names to contents."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import torch
from transformers import (
    BeitConfig,
    BitConfig,
    DepthProConfig,
    DepthProForDepthEstimation,
    Dinov2Config,
    DPTConfig,
    DPTForDepthEstimation,
    Swinv2Config,
)

Files = dict[str, bytes]
NECK = {"neck_hidden_sizes": [16, 16, 32, 32], "fusion_hidden_size": 32}


def saved(network: Any) -> Files:
    """Save a network of a library, or a pipeline, and return its files by their paths in the folder."""
    with tempfile.TemporaryDirectory() as folder:
        network.save_pretrained(folder)
        return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file()}


def randomised(network: Any, seed: int = 0) -> Any:
    """Give a network weights so large that its answers vary over a picture; those of its start make them all alike.

    Attention is weak, so that a change of the picture shows most where it is.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if parameter.ndim > 1:
                spread = (0.1 if "attention" in name else 1.0) * parameter[0].numel() ** -0.5
                parameter.copy_(spread * torch.randn(parameter.shape, generator=generator))
    return network.eval()


def _with_positive_head(network: Any, bias: float) -> Any:
    """Raise what the last layer answers, so that the ReLU behind it cuts off little."""
    last = _last_convolution(network.head)
    last.bias.data.fill_(bias)
    return network


def _last_convolution(network: Any) -> Any:
    return [module for module in network.modules() if isinstance(module, torch.nn.Conv2d)][-1]


def _midas_vit() -> DPTConfig:
    return DPTConfig(
        hidden_size=32, num_hidden_layers=4, num_attention_heads=2, intermediate_size=64, image_size=384,
        backbone_out_indices=[0, 1, 2, 3], **NECK,
    )  # fmt: skip


def _midas_hybrid() -> DPTConfig:
    bit = BitConfig(
        depths=[1, 1, 1], hidden_sizes=[16, 24, 32], num_groups=2, embedding_size=16, layer_type="bottleneck",
        global_padding="same", embedding_dynamic_padding=True, out_features=["stage1", "stage2", "stage3"],
    )  # fmt: skip
    return DPTConfig(
        is_hybrid=True, hidden_size=32, num_hidden_layers=4, num_attention_heads=2, intermediate_size=64, image_size=384,
        backbone_config=bit, backbone_featmap_shape=[1, 32, 24, 24], backbone_out_indices=[0, 1, 2, 3], readout_type="project",
        neck_ignore_stages=[0, 1], neck_hidden_sizes=[16, 24, 32, 32], fusion_hidden_size=32,
    )  # fmt: skip


def _midas_beit() -> DPTConfig:
    beit = BeitConfig(
        hidden_size=32, num_hidden_layers=4, num_attention_heads=2, intermediate_size=64, image_size=512,
        use_relative_position_bias=True, out_features=["stage1", "stage2", "stage3", "stage4"], reshape_hidden_states=False,
    )  # fmt: skip
    return DPTConfig(backbone_config=beit, hidden_size=32, **NECK)


def _midas_swin2() -> DPTConfig:
    swin = Swinv2Config(
        embed_dim=16, depths=[1, 1, 1, 1], num_heads=[1, 2, 2, 4], image_size=256, window_size=16,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )  # fmt: skip
    return DPTConfig(backbone_config=swin, neck_hidden_sizes=[16, 32, 64, 128], fusion_hidden_size=32)


MIDAS = {
    "midas-large": _midas_vit,
    "midas-hybrid": _midas_hybrid,
    "midas-beit-large": _midas_beit,
    "midas-swin2-tiny": _midas_swin2,
}


@cache
def midas(name: str) -> Files:
    """Return a tiny checkpoint of a row of MiDaS: `config.json` and `model.safetensors`."""
    return saved(_with_positive_head(randomised(DPTForDepthEstimation(MIDAS[name]())), 2.0))


@cache
def depth_pro() -> Files:
    """Return a tiny checkpoint of Depth Pro, whose field of view is about 60 degrees."""

    def part() -> Dinov2Config:
        return Dinov2Config(
            hidden_size=32, num_hidden_layers=4, num_attention_heads=2, intermediate_size=64, patch_size=16, image_size=384,
            use_mask_token=False,
        )  # fmt: skip

    config = DepthProConfig(
        fusion_hidden_size=16, intermediate_hook_ids=[3, 1], intermediate_feature_dims=[16, 16],
        scaled_images_feature_dims=[32, 16, 16], image_model_config=part(), patch_model_config=part(), fov_model_config=part(),
        use_fov_model=True,
    )  # fmt: skip

    network = _with_positive_head(randomised(DepthProForDepthEstimation(config)), 0.5)
    _last_convolution(network.fov_model).bias.data.fill_(60.0)
    return saved(network)
