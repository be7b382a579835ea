"""DepthCrafter's network (Hu et al., CVPR 2025): depth of a clip drawn from noise, by a network made to draw videos.

The parts are those of diffusers and transformers; the loop is ours. Of the published program it has one window, and no
guidance, which is its default.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.answers import Sampling
from depth_demo.monocular.depthcrafter import BASE
from depth_demo.monocular.pretrained import folder_of, load_pretrained, read_settings, refused_if_damaged
from depth_demo.monocular.spec import MisfitError

AT_ONCE = 8  # frames of the autoencoder, as published; where decoding is cut, frames do not see each other
SEEN_SIDE = 224  # px: of what the image encoder sees
SEEN_MEAN, SEEN_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)  # CLIP's
FRAMES_PER_S, MOTION, NOISE = 7.0, 127.0, 0.02  # what the network is told, as in its training
DRAWING = 0.7  # share of the time that the steps take


class DepthCrafter(nn.Module):
    """The network: (T, 3, h, w), from -1 to 1, to (T, h, w) relative inverse depth, from 0 to 1, one scale for all.

    Both sides are multiples of 64.

    Args:
        image_encoder: Frames to one vector each.
        autoencoder: Frames to latents of an eighth of their size and back.
        unet: Latents of frames and depth, the vectors, and a time, to a step of removing noise.
        scheduler: Which times, and how the steps are taken.
    """

    def __init__(self, image_encoder: Any, autoencoder: Any, unet: Any, scheduler: Any) -> None:  # noqa: ANN401 (libraries)
        super().__init__()
        self.image_encoder = image_encoder
        self.autoencoder = autoencoder
        self.unet = unet
        self.scheduler = scheduler
        self.scale = float(autoencoder.config.scaling_factor)

    def forward(self, frames: Tensor, sampling: Sampling) -> Tensor:
        """Draw the depth of all frames together.

        Raises:
            ValueError: If `sampling` asks for several answers.
        """
        if sampling.members > 1:
            raise ValueError(f"DepthCrafter draws one answer: set the ensemble members to 1, not {sampling.members}.")
        generator = torch.Generator().manual_seed(sampling.seed)  # on the CPU: the same noise on every device
        vectors = torch.cat([self._see(part) for part in torch.split(frames, AT_ONCE)])  # (T, channels)
        rough = frames + NOISE * _noise(frames.shape, generator, frames)
        seen = torch.cat([self._encode(part) for part in torch.split(rough, AT_ONCE)])[None]  # (1, T, 4, h/8, w/8)
        latents = _noise(seen.shape, generator, seen)
        latents = self._draw(seen, latents, vectors, sampling)[0]
        maps = []
        for start in range(0, len(latents), AT_ONCE):
            share = DRAWING + (1 - DRAWING) * start / len(latents)
            _say(sampling, share, f"Decoding frame {start + 1} of {len(latents)}")
            maps.append(self._decode(latents[start : start + AT_ONCE]))
        return torch.cat(maps)

    def _see(self, frames: Tensor) -> Tensor:
        mean, std = (frames.new_tensor(values)[:, None, None] for values in (SEEN_MEAN, SEEN_STD))
        small = (shrunk(frames, SEEN_SIDE) + 1) / 2
        vectors: Tensor = self.image_encoder((small - mean) / std).image_embeds
        return vectors

    def _encode(self, frames: Tensor) -> Tensor:
        with torch.autocast(frames.device.type, enabled=False):  # it overflows in 16 bits
            latents: Tensor = self.autoencoder.encode(frames).latent_dist.mode()
        return latents

    def _draw(self, seen: Tensor, noise: Tensor, vectors: Tensor, sampling: Sampling) -> Tensor:
        told = seen.new_tensor([[FRAMES_PER_S, MOTION, NOISE]])
        with _without_deprecations():
            self.scheduler.set_timesteps(sampling.steps, device=seen.device)
        latents = noise * self.scheduler.init_noise_sigma
        for step, time in enumerate(self.scheduler.timesteps):
            _say(sampling, DRAWING * step / sampling.steps, f"Step {step + 1} of {sampling.steps}")
            both = torch.cat((self.scheduler.scale_model_input(latents, time), seen), dim=2)
            with each_frame_its_own(self.unet, vectors):
                guess = self.unet(both, time, vectors[:1, None], added_time_ids=told, return_dict=False)[0]
            latents = self.scheduler.step(guess.float(), time, latents).prev_sample  # it rounds to the type of the guess
        return latents

    def _decode(self, latents: Tensor) -> Tensor:
        with torch.autocast(latents.device.type, enabled=False):  # 16 bits would show as steps in the map
            pictures = self.autoencoder.decode(latents.float() / self.scale, num_frames=len(latents)).sample
        depth: Tensor = ((pictures + 1) / 2).clamp(0, 1).mean(dim=1)
        return depth


@contextmanager
def each_frame_its_own(unet: Any, vectors: Tensor) -> Iterator[None]:  # noqa: ANN401 (of diffusers)
    """Let each frame attend to its own vector, (T, channels), in all blocks. By itself the network has one for all frames."""

    def swap(_: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if "encoder_hidden_states" in named:
            named = named | {"encoder_hidden_states": vectors[:, None]}
        return inputs, named

    blocks = (*unet.down_blocks, unet.mid_block, *unet.up_blocks)
    hooks = [block.register_forward_pre_hook(swap, with_kwargs=True) for block in blocks]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def shrunk(frames: Tensor, side: int) -> Tensor:
    """Resize (T, 3, h, w) to (T, 3, side, side): blurred where it becomes smaller, then cubic with corners on corners."""
    for axis in (2, 3):
        frames = _blurred(frames, axis, max((frames.shape[axis] / side - 1) / 2, 0.001))
    return F.interpolate(frames, (side, side), mode="bicubic", align_corners=True)


def _blurred(frames: Tensor, axis: int, sigma: float) -> Tensor:
    """Blur along one axis by a Gaussian that reaches two sigmas to both sides. The picture is mirrored at its border."""
    taps = int(max(4 * sigma, 3)) // 2 * 2 + 1
    reach = taps // 2
    offsets = torch.arange(-reach, reach + 1, dtype=frames.dtype, device=frames.device)
    weights = torch.exp(-(offsets**2) / (2 * sigma**2))
    kernel = (weights / weights.sum()).view((1, 1, -1, 1) if axis == 2 else (1, 1, 1, -1)).expand(frames.shape[1], 1, -1, -1)
    border = (0, 0, reach, reach) if axis == 2 else (reach, reach, 0, 0)
    return F.conv2d(F.pad(frames, border, mode="reflect"), kernel, groups=frames.shape[1])


def _noise(shape: torch.Size, generator: torch.Generator, like: Tensor) -> Tensor:
    return torch.randn(shape, generator=generator).to(like)


def _say(sampling: Sampling, share: float, text: str) -> None:
    if sampling.tell is not None:
        sampling.tell(share, text)


@contextmanager
def _without_deprecations() -> Iterator[None]:
    """Keep what diffusers 0.42 and NumPy 2 say to each other from the user, who can do nothing about it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def load_depthcrafter(*paths: Path) -> DepthCrafter:
    """Load the network from the files of the video network that it was made from, and behind them DepthCrafter's own.

    Raises:
        MisfitError: As `load_pretrained`.
    """
    from diffusers import AutoencoderKLTemporalDecoder, UNetSpatioTemporalConditionModel
    from transformers import CLIPVisionModelWithProjection

    base, own = folder_of(paths[: len(BASE)], depth=2), folder_of(paths[len(BASE) :])
    unet = load_pretrained(UNetSpatioTemporalConditionModel, own)
    autoencoder = load_pretrained(AutoencoderKLTemporalDecoder, base / "vae", variant="fp16")
    image_encoder = load_pretrained(CLIPVisionModelWithProjection, base / "image_encoder", variant="fp16")
    network = DepthCrafter(image_encoder, autoencoder, unet, _scheduler(base))
    return network.eval().requires_grad_(requires_grad=False)


def _scheduler(base: Path) -> Any:  # noqa: ANN401 (of diffusers)
    from diffusers import EulerDiscreteScheduler

    folder = base / "scheduler"
    kind = read_settings(folder / "scheduler_config.json").get("_class_name")
    if kind != "EulerDiscreteScheduler":
        raise MisfitError(f"Its scheduler must be EulerDiscreteScheduler, not {kind}.")
    with _without_deprecations(), refused_if_damaged():
        return EulerDiscreteScheduler.from_pretrained(folder, local_files_only=True)
