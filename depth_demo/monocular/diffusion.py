"""Marigold's network (Ke et al., CVPR 2024): depth drawn from noise in the latent space of an image autoencoder.

The parts are those of diffusers and transformers; the loop is ours, so that each step can be told and the run can be stopped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from depth_demo.caches import cache_folder
from depth_demo.monocular.answers import Sampling
from depth_demo.monocular.pretrained import load_pretrained, read_settings, refused_if_damaged
from depth_demo.monocular.spec import MisfitError

FIT_SIDE = 128  # px: members are fitted to each other on smaller maps, as a full one takes longer than the network
FEW = 3  # members below which their spread says nothing: the median of two is the lower one


class Marigold(nn.Module):
    """The network: (1, 3, h, w), from -1 to 1, to (1, 2, h, w): depth from 0 to 1 up to scale and shift, and its spread.

    Both sides are multiples of 8. The spread is the median distance of the members to their median, NaN below three members.

    Args:
        autoencoder: Images to latents of an eighth of their size and back.
        unet: Latents of image and depth, and a time, to a step of removing noise.
        scheduler: Which times, and how the steps are taken.
        empty_prompt: (1, tokens, channels), what the text encoder makes of no text.
    """

    empty_prompt: Tensor

    def __init__(self, autoencoder: Any, unet: Any, scheduler: Any, empty_prompt: Tensor) -> None:  # noqa: ANN401 (diffusers)
        super().__init__()
        self.autoencoder = autoencoder
        self.unet = unet
        self.scheduler = scheduler
        self.register_buffer("empty_prompt", empty_prompt)
        self.scale = float(autoencoder.config.scaling_factor)

    def forward(self, image: Tensor, sampling: Sampling) -> Tensor:
        """Draw `sampling.members` answers and merge them."""
        generator = torch.Generator().manual_seed(sampling.seed)  # on the CPU: the same noise on every device
        seen = self.scale * self.autoencoder.encode(image).latent_dist.mode()  # (1, 4, h/8, w/8)
        noise = torch.randn((sampling.members, *seen.shape[1:]), generator=generator).to(seen)
        latents = [self._draw(seen, start[None], member, sampling, generator) for member, start in enumerate(noise)]
        answers = torch.cat([self._decode(latent) for latent in latents])  # (members, 1, h, w)
        depth, spread = merged(answers)
        return torch.stack((depth, spread), dim=1)

    def _draw(self, seen: Tensor, latent: Tensor, member: int, sampling: Sampling, generator: torch.Generator) -> Tensor:
        self.scheduler.set_timesteps(sampling.steps, device=seen.device)
        for step, time in enumerate(self.scheduler.timesteps):
            _tell(sampling, member, step)
            noise = self.unet(torch.cat((seen, latent), dim=1), time, self.empty_prompt.to(seen), return_dict=False)[0]
            latent = self.scheduler.step(noise, time, latent, generator=generator).prev_sample
        return latent

    def _decode(self, latent: Tensor) -> Tensor:
        with torch.autocast(latent.device.type, enabled=False):  # 16 bits would show as steps in the map
            values = self.autoencoder.decode(latent.float() / self.scale, return_dict=False)[0].mean(dim=1, keepdim=True)
        return (values.clamp(-1, 1) + 1) / 2


def merged(answers: Tensor) -> tuple[Tensor, Tensor]:
    """Merge (members, 1, h, w) answers, each up to its own scale and shift, into depth and spread, (1, h, w) each.

    The fit of the members to each other is that of diffusers, which needs SciPy.
    """
    if len(answers) == 1:
        return answers[0], torch.full_like(answers[0], torch.nan)
    from diffusers import MarigoldDepthPipeline

    with torch.enable_grad():
        depth, spread = MarigoldDepthPipeline.ensemble_depth(answers.float(), output_uncertainty=True, max_res=FIT_SIDE)
    return depth[0], spread[0] if len(answers) >= FEW else torch.full_like(spread[0], torch.nan)


def _tell(sampling: Sampling, member: int, step: int) -> None:
    if sampling.tell is not None:
        share = (member * sampling.steps + step) / (sampling.members * sampling.steps)
        answer = f", answer {member + 1} of {sampling.members}" if sampling.members > 1 else ""
        sampling.tell(share, f"Step {step + 1} of {sampling.steps}{answer}")


def load_marigold(*paths: Path) -> Marigold:
    """Load the network from the files of a Marigold pipeline, the first of which is its `model_index.json`.

    What the text encoder makes of no text is kept beside the graphs of the other engine, so that the encoder, a quarter of all
    weights, is loaded once per machine.

    Raises:
        MisfitError: If a tensor is missing or misshapen, or the pipeline gives something other than depth.
    """
    from diffusers import AutoencoderKL, UNet2DConditionModel

    folder = paths[0].parent
    if any(folder not in path.parents for path in paths):
        raise MisfitError("Its files lie in different folders: keep them together.")
    index = read_settings(paths[0])
    if index.get("prediction_type") not in (None, "depth"):
        raise MisfitError(f"This pipeline gives {index['prediction_type']}, not depth.")
    if any(other in str(index.get("_class_name")) for other in _NO_DEPTH):
        raise MisfitError(f"This pipeline is a {index['_class_name']}, which gives no depth.")
    unet = load_pretrained(UNet2DConditionModel, folder / "unet")
    autoencoder = load_pretrained(AutoencoderKL, folder / "vae")
    return Marigold(autoencoder, unet, _scheduler(folder), _empty_prompt(folder)).eval().requires_grad_(requires_grad=False)


_NO_DEPTH = "Normals", "Intrinsics"  # in the names of the other pipelines of this family


def _scheduler(folder: Path) -> Any:  # noqa: ANN401 (of diffusers)
    from diffusers import DDIMScheduler, LCMScheduler

    path = folder / "scheduler"
    kind = read_settings(path / "scheduler_config.json").get("_class_name")
    schedulers: dict[str, Any] = {"LCMScheduler": LCMScheduler, "DDIMScheduler": DDIMScheduler}
    if kind not in tuple(schedulers):
        raise MisfitError(f"Its scheduler must be {' or '.join(schedulers)}, not {kind}.")
    with refused_if_damaged():
        return schedulers[kind].from_pretrained(path, local_files_only=True)


def _empty_prompt(folder: Path) -> Tensor:
    weights = folder / "text_encoder" / "model.safetensors"
    state = weights.stat()
    kept = cache_folder() / "prompts" / f"{folder.name}-{state.st_size}-{state.st_mtime_ns}.safetensors"
    try:
        return safetensors.torch.load_file(kept)["empty"]
    except (OSError, LookupError, safetensors.SafetensorError):
        prompt = _encode_nothing(folder)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        safetensors.torch.save_file({"empty": prompt}, kept)
    except OSError:
        pass  # the encoder is loaded again next time
    return prompt


@torch.no_grad()
def _encode_nothing(folder: Path) -> Tensor:
    from transformers import CLIPTextModel

    words = read_settings(folder / "tokenizer" / "vocab.json")
    encoder = load_pretrained(CLIPTextModel, folder / "text_encoder")
    with refused_if_damaged():
        nothing = torch.tensor([[words["<|startoftext|>"], words["<|endoftext|>"]]])
        return encoder(nothing)[0].contiguous().clone()
