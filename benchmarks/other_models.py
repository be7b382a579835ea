"""Our whole path, from a photo to a map of its size, beside the bare forward pass of the library that brings the network.

    python -m benchmarks.other_models [--rounds 7] [--threads 1]

The networks have the published sizes and random weights; both rivals use the very same one. The photo is example 466.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import torch
from transformers import BitConfig, DPTConfig, DPTForDepthEstimation, Swinv2Config

from benchmarks.paired import describe_machine, interleave, print_table
from depth_demo.examples import list_examples
from depth_demo.formats.photos import load_photo
from depth_demo.monocular.estimator import TorchEstimator
from depth_demo.monocular.models import find_model
from depth_demo.monocular.preprocessing import to_pixels


def swin2_tiny() -> DPTConfig:
    """Return the sizes of Intel/dpt-swinv2-tiny-256."""
    stages = ["stage1", "stage2", "stage3", "stage4"]
    swin = Swinv2Config(
        embed_dim=96, depths=[2, 2, 6, 2], num_heads=[3, 6, 12, 24], image_size=256, window_size=16, out_features=stages
    )
    return DPTConfig(backbone_config=swin, neck_hidden_sizes=[96, 192, 384, 768], fusion_hidden_size=256)


def hybrid() -> DPTConfig:
    """Return the sizes of Intel/dpt-hybrid-midas."""
    bit = BitConfig(
        global_padding="same", layer_type="bottleneck", depths=[3, 4, 9], out_features=["stage1", "stage2", "stage3"],
        embedding_dynamic_padding=True,
    )  # fmt: skip
    return DPTConfig(
        is_hybrid=True, backbone_config=bit, backbone_featmap_shape=[1, 1024, 24, 24], neck_ignore_stages=[0, 1],
        readout_type="project", hidden_size=768, neck_hidden_sizes=[256, 512, 768, 768],
    )  # fmt: skip


def large() -> DPTConfig:
    """Return the sizes of Intel/dpt-large."""
    return DPTConfig(
        hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096,
        backbone_out_indices=[5, 11, 17, 23], neck_hidden_sizes=[256, 512, 1024, 1024],
    )  # fmt: skip


LIBRARY = "the library's forward pass"
SIZES: dict[str, Callable[[], DPTConfig]] = {"midas-swin2-tiny": swin2_tiny, "midas-hybrid": hybrid, "midas-large": large}


def compare(name: str, rounds: int) -> None:
    """Print how many times as fast our path is as the library's forward pass on pixels that are ready."""
    torch.manual_seed(0)
    network: Any = DPTForDepthEstimation(SIZES[name]()).eval()
    photo, spec = load_photo(list_examples()[0].left).pixels, find_model(name)
    pixels = torch.from_numpy(to_pixels(photo, spec.preprocessing))

    @torch.inference_mode()
    def bare() -> object:
        return network(pixels)

    class Answer(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, image: torch.Tensor) -> torch.Tensor:
            answer: torch.Tensor = self.network(image).predicted_depth
            return answer

    ours = TorchEstimator(spec, Answer(), "cpu")
    print(f"\n{spec.title}, {photo.shape[1]}x{photo.shape[0]} px, {rounds} rounds")
    timings = interleave({LIBRARY: bare, "our path": lambda: ours(photo)}, rounds)
    print_table(timings, LIBRARY)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=0, help="of torch (default: as it chooses)")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    print(describe_machine(("torch", "transformers")))
    for name in SIZES:
        compare(name, options.rounds)


if __name__ == "__main__":
    main()
