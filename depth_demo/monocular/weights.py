"""From a file to weights, and from weights to a network: every name and every shape must fit."""

from __future__ import annotations

import pickle
import struct
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeGuard, TypeVar

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from depth_demo.monocular.memory import ran_out
from depth_demo.monocular.spec import MisfitError

N = TypeVar("N", bound=nn.Module)

# What safetensors and torch's unpickler raise on bytes that are not theirs, or not all there.
_DAMAGE = (
    safetensors.SafetensorError,
    pickle.UnpicklingError,
    struct.error,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


def read_state_dict(path: Path) -> Mapping[str, Tensor]:
    """Read the tensors of a `.safetensors` file, or of a pickle (`.pth`, `.bin`) without running any code in it.

    Raises:
        ValueError: If the file is damaged, cut short, or holds something other than named tensors.
        OSError: If it cannot be opened.
    """
    content = read_content(path)
    if not is_state_dict(content):
        raise ValueError(f"{path.name} does not hold a state dict of tensors.")
    return content


def is_state_dict(content: object) -> TypeGuard[Mapping[str, Tensor]]:
    """Whether something holds named tensors and nothing else."""
    return isinstance(content, Mapping) and all(isinstance(k, str) and isinstance(v, Tensor) for k, v in content.items())


def read_content(path: Path) -> object:
    """Read what a `.safetensors` file or a pickle holds, without running any code in it.

    Raises:
        ValueError: If the file is damaged or cut short.
        OSError: If it cannot be opened.
    """
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load_file(path)
        mapped = zipfile.is_zipfile(path)  # as torch writes files since 1.6
        content: object = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except _DAMAGE as error:
        if ran_out(error):
            raise  # the file may be whole
        raise ValueError(f"{path.name} is damaged, cut short, or not a checkpoint: delete it and try again.") from error
    return content


def fitting_weights(
    checkpoint: Mapping[str, Tensor] | str | Path, expected: Mapping[str, Tensor], ignored: Iterable[str]
) -> dict[str, Tensor]:
    """Return the weights of a checkpoint, every key and shape of which must be as expected.

    Args:
        checkpoint: A state dict, or a file of one.
        expected: A state dict. Only its names and shapes count.
        ignored: Keys that contain one of these are left out. They count neither as missing nor as unknown.

    Raises:
        MisfitError: If the checkpoint does not fit.
        OSError: If the file cannot be read.
    """

    def relevant(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {key: value for key, value in state_dict.items() if not any(part in key for part in ignored)}

    weights = relevant(checkpoint if isinstance(checkpoint, Mapping) else read_state_dict(Path(checkpoint)))
    wanted, found = ({key: tuple(value.shape) for key, value in some.items()} for some in (relevant(expected), weights))
    if wanted != found:
        raise MisfitError(f"The checkpoint does not fit: {_difference(wanted, found)}.")
    return weights


def give_weights(network: N, weights: Mapping[str, Tensor]) -> N:
    """Give a network that was built on the meta device its weights, and return it in evaluation mode.

    The network shares the memory of the weights.
    """
    network.load_state_dict(weights, strict=True, assign=True)
    return network.eval().requires_grad_(requires_grad=False)


def _difference(expected: Mapping[str, tuple[int, ...]], found: Mapping[str, tuple[int, ...]]) -> str:
    """How many weights are missing, unknown or of another shape, with one example each."""
    reshaped = {key for key in expected.keys() & found.keys() if expected[key] != found[key]}
    groups = {
        "missing": expected.keys() - found.keys(),
        "unknown": found.keys() - expected.keys(),
        "of another shape": reshaped,
    }
    return ", ".join(f"{len(keys)} weights are {what} ({min(keys)})" for what, keys in groups.items() if keys)
