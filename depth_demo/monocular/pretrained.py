"""Models whose network is a library's: from files in one folder, every tensor of which must fit. The network is not touched.

The library itself fills missing tensors at random and only prints a table. It is imported when a model is loaded.
"""

from __future__ import annotations

import json
import logging
import pickle
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import safetensors
import torch
from huggingface_hub.errors import StrictDataclassError
from torch import Tensor

from depth_demo.monocular.memory import ran_out
from depth_demo.monocular.spec import MisfitError

# What the libraries raise on files that are not theirs, or not all there, and on settings that ask for other packages.
_DAMAGE = (
    safetensors.SafetensorError,
    StrictDataclassError,
    ArithmeticError,
    AttributeError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
)


def load_midas(*paths: Path, encoder: str) -> Any:  # noqa: ANN401 (a module of transformers)
    """Load a network of MiDaS: (1, 3, h, w) to relative inverse depth, (1, h, w).

    Args:
        paths: Of its files, in one folder.
        encoder: Its kind, as the library calls it: which sizes a network takes depends on that.

    Raises:
        MisfitError: As `load_pretrained`, or if its encoder is of another kind.
    """
    from transformers import DPTForDepthEstimation

    network = load_pretrained(DPTForDepthEstimation, folder_of(paths))
    found = getattr(network.config.backbone_config, "model_type", "vit")
    if found != encoder:
        raise MisfitError(f"Its encoder must be {encoder}, not {found}.")
    network.register_forward_hook(lambda _network, _inputs, output: output.predicted_depth)
    return network


def load_depth_pro(*paths: Path) -> Any:  # noqa: ANN401 (a module of transformers)
    """Load Depth Pro: (1, 3, 1536, 1536) to (1, 2, 1536, 1536), canonical inverse depth and the field of view [degrees].

    Args:
        paths: Of its files, in one folder.

    Raises:
        MisfitError: As `load_pretrained`.
    """
    from transformers import DepthProForDepthEstimation

    network = load_pretrained(DepthProForDepthEstimation, folder_of(paths))
    network.register_forward_hook(answer_of_depth_pro)
    return network


def answer_of_depth_pro(_network: object, _inputs: object, output: Any) -> Tensor:  # noqa: ANN401 (an answer of transformers)
    """Return canonical inverse depth and the field of view [degrees], (1, 2, h, w): a hook behind the library's network."""
    canonical = output.predicted_depth.float()
    return torch.stack((canonical, output.field_of_view.float().view(-1, 1, 1).expand_as(canonical)), dim=1)


def folder_of(paths: Sequence[Path], depth: int = 1) -> Path:
    """Return the folder that holds all files of a model.

    Args:
        paths: Of the files.
        depth: How many steps up it is from each.

    Raises:
        MisfitError: If the files lie in different folders, so that some may belong to another version.
    """
    folders = {path.parents[depth - 1] for path in paths}
    if len(folders) > 1:
        raise MisfitError("Its files lie in different folders: keep them together.")
    return folders.pop()


def load_pretrained(architecture: Any, folder: Path, **options: object) -> Any:  # noqa: ANN401 (a class of any library)
    """Load a network of transformers or diffusers in float32 from a folder, without asking the Hub.

    Args:
        architecture: Class with `from_pretrained`.
        folder: Holds its configuration and its weights.
        options: Further arguments of `from_pretrained`.

    Raises:
        MisfitError: If a tensor is missing or of another shape, or the file is damaged. The sentence names one.
    """
    with refused_if_damaged(), _quiet():
        network, found = architecture.from_pretrained(folder, **({"dtype": torch.float32} | _STRICT | options))
    for what in ("missing", "mismatched"):
        if keys := found.get(f"{what}_keys"):
            names = sorted(key if isinstance(key, str) else key[0] for key in keys)
            raise MisfitError(f"The checkpoint does not fit: {len(names)} weights are {_PLAIN[what]} ({names[0]}).")
    return network.eval().requires_grad_(requires_grad=False)


def read_settings(path: Path) -> dict[str, Any]:
    """Read a file of settings.

    Raises:
        MisfitError: If it is damaged, or holds something other than named values.
    """
    try:
        settings = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise MisfitError(f"{path.name} is damaged or cut short.") from error
    if not isinstance(settings, dict):
        raise MisfitError(f"{path.name} holds no settings.")
    return settings


@contextmanager
def refused_if_damaged() -> Iterator[None]:
    """Tell in a sentence that a library cannot make anything of a model's files.

    Raises:
        MisfitError: If it cannot.
    """
    try:
        yield
    except _DAMAGE as error:
        if ran_out(error) or isinstance(error, MisfitError):
            raise
        raise MisfitError("A file is damaged or cut short, or of another model.") from error


# Tensors of another shape are told by name if they are "ignored"; otherwise there is only a table.
_STRICT = {"local_files_only": True, "output_loading_info": True, "ignore_mismatched_sizes": True}
_PLAIN = {"missing": "missing", "mismatched": "of another shape"}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' tables and advice off the terminal: what matters is raised."""
    loggers = [logging.getLogger(name) for name in ("transformers", "diffusers")]
    libraries = [import_module(f"{logger.name}.utils.logging") for logger in loggers if logger.name in sys.modules]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    for library in libraries:
        library.disable_progress_bar()
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
