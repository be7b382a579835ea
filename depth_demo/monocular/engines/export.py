"""The network of Depth Anything as an OpenVINO graph for every image size, traced once."""

from __future__ import annotations

import warnings

import openvino as ov
import torch
from torch import Tensor, nn

from depth_demo.monocular.depth_anything.network import DepthAnything
from depth_demo.monocular.depth_anything.positions import TRAINED_GRID
from depth_demo.monocular.depth_anything.vit import PATCH_SIZE, weigh_positions


class Traceable(nn.Module):
    """(1, 3, H, W) and the weights of `positions.resampling_weights` to (1, H, W)."""

    def __init__(self, network: DepthAnything) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor, down: Tensor, across: Tensor) -> Tensor:
        return self.network(pixels, weigh_positions(self.network.pretrained.pos_embed, down, across))


@torch.no_grad()
def trace(network: DepthAnything) -> ov.Model:
    """The graph of a network on the CPU; its three inputs are those of `Traceable.forward`."""
    rows, columns = 3, 4  # any that differ
    image = torch.zeros(1, 3, rows * PATCH_SIZE, columns * PATCH_SIZE)
    example = (image, torch.zeros(rows, TRAINED_GRID), torch.zeros(columns, TRAINED_GRID))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sides are checked in Python, and the tracer says that it does not see that
        traced = torch.jit.trace(Traceable(network), example, check_trace=False)  # type: ignore[no-untyped-call]
        graph = ov.convert_model(traced, example_input=example)
    graph.reshape({0: [1, 3, -1, -1], 1: [-1, TRAINED_GRID], 2: [-1, TRAINED_GRID]})
    return graph
