"""Depth Anything V2 on a GPU: our forward pass beside transformers' in the same type, its error, and a photo from end to end.

Then Marigold and Depth Pro, as `benchmarks.gpu_families` says.

    python -m benchmarks.gpu [--rounds 20] [--sizes vits-518x518 ...] [--families depth-pro ...] [--device cuda]
    python -m benchmarks.gpu --device cpu --sizes vits-70x98 --rounds 1    # a dry run without a GPU

Both have the same random weights, see the same tensor on the device and run in turn. The reference is our network in
float32, without TF32. Ours runs as the app runs it, with autocast and the head in 32 bits.
transformers' whole network is in the type. The share of the peak is that of a large matrix product in the same type.

All of it is made for 15 minutes of one GPU. The rounds of a table fit into 15 seconds, which is 6 minutes for all 24 tables.
Making the networks takes about one more. No part begins after 12 minutes, and one that is left out is named. These are
estimates: nobody has run it on a GPU yet.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.gpu_families import FAMILIES, allow_tf32, compare_family, waited
from benchmarks.network import error_in_words, make_case
from benchmarks.paired import describe_machine, interleave, print_table, rounds_within
from depth_demo.examples import list_examples
from depth_demo.formats.photos import load_photo
from depth_demo.monocular.depth_anything import load_network
from depth_demo.monocular.estimator import TorchEstimator
from depth_demo.monocular.models import DEFAULT
from tests.support.transformers_network import transformers_network

SIZES = tuple(f"{variant}-{size}" for variant in ("vits", "vitb", "vitl") for size in ("518x518", "518x924"))
TYPES = (torch.float32, torch.bfloat16, torch.float16)
BATCH = 4  # photos that wait together
SECONDS = 15  # of the rounds of a table
LATEST = 12  # minutes, after which no part begins
SIDE = {"cuda": 8192, "cpu": 512}  # of the square matrices that show the peak
Run = Callable[[], Tensor]


def compare(size: str, device: str, rounds: int) -> None:
    """Print a table for each type: speed against transformers', error, and share of the peak."""
    case = make_case(size, Path())
    ours = load_network(case.weights, case.variant).to(device)
    theirs = transformers_network(case.weights, case.variant, None)
    theirs.backbone.set_attn_implementation("sdpa")
    image = case.image.to(device)
    with FlopCounterMode(display=False) as counter, torch.no_grad(), torch.nn.attention.sdpa_kernel(_MATH):
        ours(image)
    allow_tf32(allowed=False)
    reference = _run(ours, image, torch.float32)()
    for kind in TYPES:
        allow_tf32(allowed=kind != torch.float32)
        name = str(kind).removeprefix("torch.")
        rivals = {"transformers, sdpa": _whole(deepcopy(theirs).to(device, kind), image.to(kind))}
        rivals |= dict(_ours(ours, image, kind, device))
        errors = {rival: error_in_words(run(), reference) for rival, run in rivals.items() if not rival.endswith("photos")}
        runs = {rival: waited(run, device) for rival, run in rivals.items()}
        fitting = rounds_within(SECONDS, runs, rounds)
        timings = interleave(runs, fitting, warm_up=0)
        peak = _peak(kind, device, rounds)
        remarks = {"": f"{'error: most, mean':>17} {'of peak':>8}"}
        for rival in rivals:
            images = BATCH if rival.endswith("photos") else 1
            share = images * counter.get_total_flops() / min(timings[rival].wall) / peak
            remarks[rival] = f"{errors.get(rival, ''):>17} {share:8.0%}"
        print(f"\n{size}, {name}, {fitting} rounds; a matrix product's rate is {peak / 1e12:.1f} TFLOP/s")
        print_table(timings, "transformers, sdpa", remarks)


def _ours(network: nn.Module, image: Tensor, kind: torch.dtype, device: str) -> Iterator[tuple[str, Run]]:
    yield "ours", _run(network, image, kind)
    yield f"ours, {BATCH} photos", _run(network, image.expand(BATCH, -1, -1, -1).contiguous(), kind)
    if device == "cuda":
        yield "ours, CUDA graph", _captured(_run(network, image, kind))


def _run(network: nn.Module, image: Tensor, kind: torch.dtype) -> Run:
    """As the app runs it: parameters in float32, 16 bits by autocast."""

    @torch.inference_mode()
    def run() -> Tensor:
        with torch.autocast(image.device.type, kind, enabled=kind != torch.float32):
            values: Tensor = network(image)
        return values.float()

    return run


def _whole(network: nn.Module, image: Tensor) -> Run:
    @torch.inference_mode()
    def run() -> Tensor:
        values: Tensor = network(image).predicted_depth
        return values.float()

    return run


def _captured(run: Run) -> Run:
    """Record what a run does on the card, once, to be played back without Python."""
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    with torch.cuda.stream(side):
        for _ in range(3):
            run()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        values = run()

    def play() -> Tensor:
        graph.replay()
        return values

    return play


def _peak(kind: torch.dtype, device: str, rounds: int) -> float:
    """Return the operations per second of a matrix product."""
    left, right = torch.randn(2, SIDE[device], SIDE[device], device=device).to(kind).unbind()
    timing = interleave({"product": waited(lambda: left @ right, device)}, rounds)["product"]
    return 2 * SIDE[device] ** 3 / min(timing.wall)


def from_end_to_end(device: str, rounds: int) -> None:
    """Print the seconds of a photo in the app's own path, of which the network is a part."""
    case = make_case("vits-518x518", Path())
    engine = TorchEstimator(DEFAULT, load_network(case.weights, case.variant), device)
    photo = load_photo(list_examples()[0].left).pixels
    pixels = case.image.numpy()
    print(f"\nExample 466, {photo.shape[1]}x{photo.shape[0]} px, Depth Anything V2 Small on {engine.device_name}")
    runs = {"518x518 to and from the device": lambda: engine.run(pixels), "photo to map": lambda: engine(photo)}
    print_table(interleave(runs, rounds), next(iter(runs)))


def _let_go(device: str) -> None:
    gc.collect()
    if device == "cuda":
        torch.cuda.empty_cache()


_MATH = torch.nn.attention.SDPBackend.MATH


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--sizes", nargs="+", default=SIZES, metavar="VARIANT-HEIGHTxWIDTH")
    parser.add_argument("--families", nargs="*", default=tuple(FAMILIES), choices=tuple(FAMILIES))
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("There is no CUDA device. --device cpu is a dry run.")
    print(describe_machine(("torch", "transformers", "diffusers")))
    if options.device == "cuda":
        print(torch.cuda.get_device_name())
    parts = {size: partial(compare, size, options.device, options.rounds) for size in options.sizes}
    parts["a photo from end to end"] = partial(from_end_to_end, options.device, options.rounds)
    parts |= {name: partial(compare_family, name, options.device, options.rounds, SECONDS) for name in options.families}
    started = time.monotonic()
    for name, part in parts.items():
        minutes = (time.monotonic() - started) / 60
        if minutes > LATEST:
            print(f"\n{name} is left out: {minutes:.0f} minutes have passed.")
        else:
            part()
            _let_go(options.device)


if __name__ == "__main__":
    main()
