"""A tiny checkpoint of DepthCrafter with random weights, saved by the libraries: repository to file names to contents."""

from __future__ import annotations

import json
import warnings
from functools import cache
from pathlib import Path
from typing import Any, cast

from diffusers import AutoencoderKLTemporalDecoder, EulerDiscreteScheduler, UNetSpatioTemporalConditionModel
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from tests.support.tiny_checkpoints import Files, randomised, saved

OWN, BASE = "tencent/DepthCrafter", "stabilityai/stable-video-diffusion-img2vid-xt"
# As published with the base: a network that answers in velocities, for noise of 700 at first.
NOISE: dict[str, Any] = {
    "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "prediction_type": "v_prediction",
    "interpolation_type": "linear", "use_karras_sigmas": True, "sigma_min": 0.002, "sigma_max": 700.0,
    "timestep_spacing": "leading", "timestep_type": "continuous", "steps_offset": 1,
}  # fmt: skip


@cache
def depthcrafter() -> dict[str, Files]:
    """Return the files of both repositories. The first holds the class name that its authors gave their network."""
    channels: dict[str, Any] = {"block_out_channels": (32, 64), "layers_per_block": 1}  # multiples of 32 for the group norms
    unet = cast("Any", UNetSpatioTemporalConditionModel)(
        sample_size=16, in_channels=8, out_channels=4, cross_attention_dim=32, num_attention_heads=(2, 4),
        addition_time_embed_dim=32, projection_class_embeddings_input_dim=96, num_frames=4,
        down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
        up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"), **channels,
    )  # fmt: skip
    autoencoder = cast("Any", AutoencoderKLTemporalDecoder)(
        down_block_types=("DownEncoderBlock2D",) * 4, block_out_channels=(32, 32, 32, 32), layers_per_block=1,
        latent_channels=4, sample_size=64, scaling_factor=0.18215,
    )  # fmt: skip
    image_encoder = CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, image_size=224, patch_size=56,
            projection_dim=32, hidden_act="gelu",
        )
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        scheduler = saved(cast("Any", EulerDiscreteScheduler)(**NOISE))
    own = saved(randomised(unet))
    own["config.json"] = _renamed(own["config.json"])
    return {
        OWN: own,
        BASE: {
            **_half(saved(randomised(image_encoder, 1)), "image_encoder"),
            **{f"scheduler/{name}": content for name, content in scheduler.items()},
            **_half(saved(randomised(autoencoder, 2)), "vae"),
        },
    }


def _renamed(config: bytes) -> bytes:
    name = "DiffusersUNetSpatioTemporalConditionModelDepthCrafter"
    return json.dumps(json.loads(config) | {"_class_name": name}).encode()


def _half(files: Files, folder: str) -> Files:
    """Give files the names of the base's half-precision ones."""
    return {f"{folder}/{name.replace('.safetensors', '.fp16.safetensors')}": content for name, content in files.items()}


def depthcrafter_folder(place: Path, files: dict[str, Files] | None = None) -> Path:
    """Put the files into the folders that the sentence about missing weights names."""
    for repo, contents in (files or depthcrafter()).items():
        for name, content in contents.items():
            path = place / repo.rpartition("/")[2] / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return place
