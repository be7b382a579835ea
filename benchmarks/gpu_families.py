"""Marigold and Depth Pro on a GPU: our path beside the bare call of the library that brings the network.

`benchmarks.gpu` calls it. On a GPU the networks have the published sizes, and their random weights are drawn there. In a dry
run on the CPU they are tiny and in float32. The library gets pixels that are ready on the device: Marigold's pipeline with
the same noise and steps, Depth Pro's forward pass. Its whole network is in the type. Ours has its weights in float32 and
computes by autocast, as in the app. The reference is our network in float32, without TF32.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

import torch
from diffusers import AutoencoderKL, MarigoldDepthPipeline, UNet2DConditionModel
from diffusers.utils import logging
from torch import Tensor, nn
from transformers import DepthProConfig, Dinov2Config

from benchmarks.network import error_in_words
from benchmarks.paired import interleave, print_table, rounds_within, speed
from depth_demo.examples import list_examples
from depth_demo.formats.photos import load_photo
from depth_demo.monocular.diffusion import Marigold
from depth_demo.monocular.estimator import TorchEstimator
from depth_demo.monocular.models import find_model
from depth_demo.monocular.preprocessing import to_pixels
from depth_demo.monocular.pretrained import answer_of_depth_pro
from depth_demo.monocular.spec import ModelSpec
from tests.support.tiny_checkpoints import depth_pro_config, marigold_parts, marigold_scheduler, random_depth_pro, randomised

TYPES = {"cuda": (torch.bfloat16, torch.float16), "cpu": (torch.float32,)}
LIBRARY, PATH, NETWORK = "the library, ready pixels", "our path, photo to map", "our network, ready pixels"
Run = Callable[[], object]


@dataclass(frozen=True, slots=True, eq=False)
class Rival:
    """One call, and the networks that hold its weights."""

    run: Callable[[], Any]
    networks: tuple[nn.Module, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A model with random weights: our network, in float32, and the library's call in a type, with a copy of the weights."""

    network: nn.Module
    library: Callable[[torch.dtype], Rival]


def compare_family(name: str, device: str, rounds: int, seconds: float) -> None:
    """Print a table for each type: speed against the library, error, peak memory, and the network's share of a photo's time.

    Args:
        name: One of `FAMILIES`.
        device: "cuda" or "cpu".
        rounds: At most so many for each table.
        seconds: Within which the rounds of a table must fit.
    """
    spec, photo = find_model(name), load_photo(list_examples()[0].left).pixels
    side = None if device == "cuda" else spec.preprocessing.smallest
    image = torch.from_numpy(to_pixels(photo, spec.preprocessing, side)).to(device)
    torch.manual_seed(0)
    case = FAMILIES[name](spec, image)
    engine = TorchEstimator(spec, case.network, device, has_fallback=False)
    allow_tf32(allowed=False)
    reference = _ours(case.network, image, spec, torch.float32)()
    for kind in TYPES[device]:
        allow_tf32(allowed=kind != torch.float32)
        engine.half = None if kind == torch.float32 else kind
        rivals = {
            LIBRARY: case.library(kind),
            PATH: Rival(lambda: engine(photo, side), (case.network,)),
            NETWORK: Rival(_ours(case.network, image, spec, kind), (case.network,)),
        }
        sizes = " px of a photo of ".join(f"{width}x{height}" for height, width in (image.shape[2:], photo.shape[:2]))
        print(f"\n{spec.title}, {str(kind).removeprefix('torch.')}, {sizes}")
        _print_rivals(rivals, reference, device, rounds, seconds)


def _print_rivals(rivals: dict[str, Rival], reference: Tensor, device: str, rounds: int, seconds: float) -> None:
    remarks = {"": f"{'error: most, mean':>17} {'peak GiB':>9}"}
    for name, rival in rivals.items():
        error = "" if name == PATH else error_in_words(rival.run().view_as(reference), reference)
        remarks[name] = f"{error:>17} {_peak_memory(rival) if device == 'cuda' else '':>9}"
    runs = {name: waited(rival.run, device) for name, rival in rivals.items()}
    fitting = rounds_within(seconds, runs, rounds)
    timings = interleave(runs, fitting, warm_up=0)
    print_table(timings, LIBRARY, remarks)
    print(f"Rounds: {fitting}. The network's share of our path's time: {speed(timings[PATH], timings[NETWORK])}", flush=True)


def _ours(network: nn.Module, image: Tensor, spec: ModelSpec, kind: torch.dtype) -> Callable[[], Tensor]:
    """As the app runs the network: weights in float32, 16 bits by autocast. Only the map is returned."""
    how = (spec.sampling,) if spec.sampling else ()

    @torch.inference_mode()
    def run() -> Tensor:
        with torch.autocast(image.device.type, kind, enabled=kind != torch.float32):
            values: Tensor = network(image, *how)
        return values[:, 0].float()

    return run


def _peak_memory(rival: Rival) -> str:
    """Return the memory of the card that a rival would take alone [GiB]: its weights, and the most that a run adds."""
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    rival.run()
    torch.cuda.synchronize()
    tensors = [tensor for network in rival.networks for tensor in (*network.parameters(), *network.buffers())]
    return f"{(torch.cuda.max_memory_allocated() - before + sum(tensor.nbytes for tensor in tensors)) / 2**30:.2f}"


def depth_pro(_spec: ModelSpec, image: Tensor) -> Case:
    """Return Depth Pro: on a GPU of the sizes of apple/DepthPro-hf, 952 million parameters."""
    vit = {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "patch_size": 16, "image_size": 384}
    large = (Dinov2Config(**vit, use_mask_token=False) for _ in range(3))
    parts = dict(zip(("image_model_config", "patch_model_config", "fov_model_config"), large, strict=True))
    published = DepthProConfig(use_fov_model=True, **parts)
    with image.device:
        bare = random_depth_pro(published if image.is_cuda else depth_pro_config()).requires_grad_(requires_grad=False)
    ours = deepcopy(bare)
    ours.register_forward_hook(answer_of_depth_pro)

    def library(kind: torch.dtype) -> Rival:
        theirs, ready = deepcopy(bare).to(kind), image.to(kind)
        return Rival(torch.inference_mode()(lambda: theirs(ready).predicted_depth), (theirs,))

    return Case(ours, library)


def marigold(spec: ModelSpec, image: Tensor) -> Case:
    """Return Marigold: on a GPU of the sizes of prs-eth/marigold-depth-v1-1, which are those of Stable Diffusion 2."""
    if spec.sampling is None:
        raise ValueError(f"{spec.title} draws nothing.")
    logging.set_verbosity_error()  # it warns of each change of type
    steps = spec.sampling.steps
    with image.device:
        unet, autoencoder = (randomised(part).requires_grad_(requires_grad=False) for part in _marigold_parts(image))
        nothing = torch.randn(1, 2, unet.config.cross_attention_dim)
    scheduler = marigold_scheduler(consistency=spec.name == "marigold-lcm")
    noise = torch.randn(1, 4, image.shape[2] // 8, image.shape[3] // 8, generator=torch.Generator().manual_seed(0))

    def library(kind: torch.dtype) -> Rival:
        parts = deepcopy(unet).to(kind), deepcopy(autoencoder).to(kind)
        pipeline: Any = cast("Any", MarigoldDepthPipeline)(
            *parts, deepcopy(scheduler), text_encoder=None, tokenizer=None, prediction_type="depth"
        )
        pipeline.set_progress_bar_config(disable=True)
        pipeline.empty_text_embedding = nothing
        ready, latents = (image / 2 + 0.5).clamp(0, 1).to(kind), noise.to(image.device, kind)
        options = {"num_inference_steps": steps, "processing_resolution": 0, "latents": latents, "output_type": "pt"}
        return Rival(lambda: pipeline(ready, **options).prediction, parts)

    return Case(Marigold(autoencoder, unet, deepcopy(scheduler), nothing).eval(), library)


def _marigold_parts(image: Tensor) -> tuple[Any, Any]:
    if not image.is_cuda:
        return marigold_parts()
    unet = cast("Any", UNet2DConditionModel)(
        sample_size=96, in_channels=8, cross_attention_dim=1024, attention_head_dim=(5, 10, 20, 20), use_linear_projection=True
    )
    autoencoder = cast("Any", AutoencoderKL)(
        block_out_channels=(128, 256, 512, 512), layers_per_block=2, sample_size=768,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
    )  # fmt: skip
    return unet, autoencoder


FAMILIES = {"marigold-v1-1": marigold, "marigold-lcm": marigold, "depth-pro": depth_pro}


def waited(run: Run, device: str) -> Callable[[], None]:
    """Return a run that waits for the device at its end."""

    def whole() -> None:
        run()
        if device == "cuda":
            torch.cuda.synchronize()

    return whole


def allow_tf32(*, allowed: bool) -> None:
    """Let convolutions in float32 round to 10 bits, as torch does by itself on a GPU, or not. Matrix products never do."""
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = allowed, False
