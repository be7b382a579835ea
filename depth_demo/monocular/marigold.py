"""Marigold (Ke et al., CVPR 2024): the rows of models that draw depth from noise, and what their answers mean. No torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap
from depth_demo.monocular.answers import Sampling, Shot, stretch
from depth_demo.monocular.input_size import NetworkSize, Preprocessing
from depth_demo.monocular.spec import LIBRARIES, ModelSpec, Source, files_of

FILES = (
    "model_index.json",
    "scheduler/scheduler_config.json",
    "unet/config.json",
    "unet/diffusion_pytorch_model.safetensors",
    "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors",
    "text_encoder/config.json",
    "text_encoder/model.safetensors",
    "tokenizer/vocab.json",
)
PARAMETERS = 1.29e9
HALF = (0.5, 0.5, 0.5)
AREA = 768 * 480  # px: of the photo at which the costs below were counted


def read_marigold(values: NDArray[np.float32], shot: Shot) -> DepthMap:
    """Turn the network's answer into relative depth.

    Args:
        values: (2, h, w): depth up to scale and shift, and its spread, NaN where there is none.
        shot: The photo, and how the answer was drawn.

    Returns:
        (H, W) relative depth, with its spread.
    """
    depth, spread = (stretch(channel, shot.height, shot.width) for channel in values)
    told = not np.isnan(spread).all()
    return DepthMap(depth, DepthKind.RELATIVE_DEPTH, _remark(shot.sampling), spread=spread if told else None)


def _remark(sampling: Sampling | None) -> str:
    if sampling is None:
        return ""
    answers = f"{sampling.members} answers were merged" if sampling.members > 1 else "One answer was drawn"
    steps = f"{sampling.steps} steps" if sampling.steps > 1 else "one step"
    return f"{answers}, in {steps} from noise of seed {sampling.seed}. Another seed gives another map."


def marigold_cost(size: NetworkSize, sampling: Sampling) -> float:
    """Return the multiply-adds of a run: the photo is encoded once, and each answer takes its steps and is decoded."""
    share = size.height * size.width / AREA
    return share * (795e9 + sampling.members * (597e9 * sampling.steps + 1778e9))


def _row(name: str, title: str, repo: str, steps: int) -> ModelSpec:
    return ModelSpec(
        name=f"marigold-{name}",
        title=f"Marigold {title}",
        family="Marigold",
        licence="RAIL++-M, with restrictions of use",
        kind=DepthKind.RELATIVE_DEPTH,
        files=files_of(f"prs-eth/{repo}", *FILES),
        download_bytes=round(4 * PARAMETERS),
        memory_bytes=round(5.4 * PARAMETERS),
        loader="depth_demo.monocular.diffusion:load_marigold",
        preprocessing=Preprocessing(
            mean=HALF, std=HALF, step=8, short_side=768, smallest=256, largest=1024, by_long_side=True,
            resampling="averaged linear",
        ),
        reading=read_marigold,
        sampling=Sampling(steps=steps),
        sampled_cost=marigold_cost,
        half_on_gpu=True,
        sources=(Source("Marigold: Ke et al., CVPR 2024", "https://arxiv.org/abs/2312.02145"),),
        needs=LIBRARIES,
        packages=("diffusers", "transformers", "scipy"),
    )  # fmt: skip


ROWS = (
    _row("v1-1", "1.1", "marigold-depth-v1-1", steps=4),
    _row("lcm", "LCM", "marigold-depth-lcm-v1-0", steps=1),
)
