"""DepthCrafter (Hu et al., CVPR 2025): depth of a whole clip, drawn from noise, and what its answers mean. No torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap
from depth_demo.monocular.answers import Sampling, Shot, frames_in_words, stretch
from depth_demo.monocular.input_size import NetworkSize, Preprocessing
from depth_demo.monocular.spec import LIBRARIES, ModelSpec, Source, files_of

OWN = "config.json", "diffusion_pytorch_model.safetensors"
# Stability's repository gives its files only to those who accept its terms. It is asked first, before 3 GB are fetched.
BASE = (
    "image_encoder/config.json",
    "image_encoder/model.fp16.safetensors",
    "scheduler/scheduler_config.json",
    "vae/config.json",
    "vae/diffusion_pytorch_model.fp16.safetensors",
)
PARAMETERS = 1.525e9 + 97.7e6 + 632.1e6  # of the network that removes the noise, the autoencoder and the image encoder
HALF = (0.5, 0.5, 0.5)
MOST_FRAMES = 32  # the published program takes 110 in a window


def read_depthcrafter(values: NDArray[np.float32], shot: Shot) -> DepthMap:
    """Turn the network's answer for one frame into relative inverse depth.

    The published program stretches the values of a clip to 0..1. That changes only scale and shift, and is left out.

    Args:
        values: (h, w), from 0 to 1, nearer is larger.
        shot: The frame, and how the answer was drawn.
    """
    values = stretch(values, shot.height, shot.width)
    return DepthMap(values, DepthKind.RELATIVE_INVERSE_DEPTH, f"{frames_in_words(shot.frames)}{_drawn(shot.sampling)}")


def _drawn(sampling: Sampling | None) -> str:
    if sampling is None:
        return ""
    steps = f"{sampling.steps} steps" if sampling.steps > 1 else "one step"
    return f" The answer was drawn in {steps} from noise of seed {sampling.seed}. Another seed gives another map."


def depthcrafter_cost(size: NetworkSize, sampling: Sampling) -> float:
    """Return the multiply-adds for each frame: it is encoded in two ways, takes its steps, and is decoded.

    Fitted to those that torch counts, to 0.1 %. In a clip of many frames, each takes 2 % less.
    """
    pixels = size.height * size.width  # attention takes more for each the more there are
    return 167.3e9 + pixels * (7.8025e6 + 0.5 * pixels) + sampling.steps * pixels * (2.2731e6 + 0.88 * pixels)


DEPTHCRAFTER = ModelSpec(
    name="depthcrafter",
    title="DepthCrafter",
    family="DepthCrafter",
    licence="academic, research and education only",
    kind=DepthKind.RELATIVE_INVERSE_DEPTH,
    files=files_of("stabilityai/stable-video-diffusion-img2vid-xt", *BASE) + files_of("tencent/DepthCrafter", *OWN),
    download_bytes=round(2 * PARAMETERS),
    memory_bytes=round(4.9 * PARAMETERS),
    loader="depth_demo.monocular.video_diffusion:load_depthcrafter",
    preprocessing=Preprocessing(
        mean=HALF, std=HALF, step=64, short_side=512, smallest=256, largest=512, by_long_side=True,
        resampling="averaged linear",
    ),
    reading=read_depthcrafter,
    sampling=Sampling(steps=5),
    sampled_cost=depthcrafter_cost,
    frames=MOST_FRAMES,
    needs_gpu=True,
    half_on_gpu=True,
    sources=(Source("DepthCrafter: Hu et al., CVPR 2025", "https://arxiv.org/abs/2409.02095"),),
    needs=LIBRARIES,
    packages=("diffusers", "transformers"),
)  # fmt: skip
