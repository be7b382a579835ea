"""A network as an OpenVINO graph for every image size, traced once."""

from __future__ import annotations

import warnings

import openvino as ov
import torch
from torch import Tensor, nn

from depth_demo.monocular.models import ModelSpec


@torch.no_grad()
def trace(network: nn.Module, spec: ModelSpec) -> ov.Model:
    """Make the graph of a network on the CPU. Its inputs are the pixels and the model's `graph_inputs`."""
    example, other = _inputs(spec, 3, 4), _inputs(spec, 5, 6)  # any sides that differ
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sides are checked in Python, and the tracer says that it does not see that
        traced = torch.jit.trace(network, example, check_trace=False)  # type: ignore[no-untyped-call]
        graph = ov.convert_model(traced, example_input=example)
    shapes = (zip(one.shape, another.shape, strict=True) for one, another in zip(example, other, strict=True))
    graph.reshape({index: [one if one == another else -1 for one, another in shape] for index, shape in enumerate(shapes)})
    return graph


def _inputs(spec: ModelSpec, rows: int, columns: int) -> tuple[Tensor, ...]:
    height, width = rows * spec.preprocessing.step, columns * spec.preprocessing.step
    return torch.zeros(1, 3, height, width), *(torch.from_numpy(array) for array in spec.graph_inputs(height, width))
