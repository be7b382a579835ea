"""Tiny checkpoints of other people's models, with random weights, saved by their own libraries: file names to contents."""

from __future__ import annotations

import io
import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, cast

import safetensors.torch
import torch
from diffusers import AutoencoderKL, DDIMScheduler, LCMScheduler, MarigoldDepthPipeline, UNet2DConditionModel
from transformers import (
    BeitConfig,
    BitConfig,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTokenizer,
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

    Attention is weak, so that a change of the picture shows most where it is. The weights are drawn where the network is.
    """
    device = next(network.parameters()).device
    generator = torch.Generator(device).manual_seed(seed)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if parameter.ndim > 1:
                spread = (0.1 if "attention" in name else 1.0) * parameter[0].numel() ** -0.5
                parameter.copy_(spread * torch.randn(parameter.shape, generator=generator, device=device))
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
    """Return a tiny checkpoint of a row of MiDaS: `config.json` and `model.safetensors`, or a pickle for the hybrid."""
    files = saved(_with_positive_head(randomised(DPTForDepthEstimation(MIDAS[name]())), 2.0))
    if name == "midas-hybrid":
        pickled = io.BytesIO()
        torch.save(safetensors.torch.load(files.pop("model.safetensors")), pickled)
        files["pytorch_model.bin"] = pickled.getvalue()
    return files


def depth_pro_config() -> DepthProConfig:
    """Return the sizes of a tiny Depth Pro."""

    def part() -> Dinov2Config:
        return Dinov2Config(
            hidden_size=32, num_hidden_layers=4, num_attention_heads=2, intermediate_size=64, patch_size=16, image_size=384,
            use_mask_token=False,
        )  # fmt: skip

    return DepthProConfig(
        fusion_hidden_size=16, intermediate_hook_ids=[3, 1], intermediate_feature_dims=[16, 16],
        scaled_images_feature_dims=[32, 16, 16], image_model_config=part(), patch_model_config=part(), fov_model_config=part(),
        use_fov_model=True,
    )  # fmt: skip


def random_depth_pro(config: DepthProConfig) -> Any:
    """Return a Depth Pro of any size, whose field of view is about 60 degrees."""
    network = _with_positive_head(randomised(DepthProForDepthEstimation(config)), 0.5)
    _last_convolution(network.fov_model).bias.data.fill_(60.0)
    return network


@cache
def depth_pro() -> Files:
    """Return a tiny checkpoint of Depth Pro, whose field of view is about 60 degrees."""
    return saved(random_depth_pro(depth_pro_config()))


def marigold_parts() -> tuple[Any, Any]:
    """Return the network that removes noise and the autoencoder of a tiny Marigold."""
    blocks = {"block_out_channels": (16, 32), "layers_per_block": 1, "norm_num_groups": 8}
    unet = cast("Any", UNet2DConditionModel)(
        sample_size=32, in_channels=8, out_channels=4, cross_attention_dim=32, attention_head_dim=8,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"), **blocks,
    )  # fmt: skip
    autoencoder = cast("Any", AutoencoderKL)(
        block_out_channels=(16, 16, 16, 16), norm_num_groups=8, latent_channels=4, sample_size=64,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
    )  # fmt: skip
    return unet, autoencoder


def marigold_scheduler(*, consistency: bool) -> Any:
    """Return how Marigold removes its noise, as published."""
    noise = {"prediction_type": "v_prediction", "beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
    if consistency:
        return cast("Any", LCMScheduler)(**noise)
    return cast("Any", DDIMScheduler)(
        **noise, timestep_spacing="trailing", rescale_betas_zero_snr=True, clip_sample=False, set_alpha_to_one=False
    )


@cache
def marigold(*, consistency: bool = False) -> Files:
    """Return a tiny pipeline of Marigold, whose tokenizer knows three words.

    Args:
        consistency: Whether one step is enough, as of the LCM row.
    """
    words = {"<|startoftext|>": 0, "<|endoftext|>": 1, "a</w>": 2}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "vocab.json").write_text(json.dumps(words))
        (Path(folder) / "merges.txt").write_text("#version: 0.2\n")
        tokenizer = CLIPTokenizer.from_pretrained(folder, model_max_length=77)
    unet, autoencoder = marigold_parts()
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=3, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, bos_token_id=0,
            eos_token_id=1, pad_token_id=1,
        )
    )  # fmt: skip
    scheduler = marigold_scheduler(consistency=consistency)
    parts = {"unet": randomised(unet), "vae": randomised(autoencoder, 1), "text_encoder": randomised(text, 2)}
    pipeline: Any = MarigoldDepthPipeline
    files = saved(
        pipeline(
            **parts, scheduler=scheduler, tokenizer=tokenizer, prediction_type="depth", default_denoising_steps=4,
            default_processing_resolution=256,
        )
    )  # fmt: skip
    return files | {"tokenizer/vocab.json": json.dumps(words).encode()}  # as published; the library now writes another file
