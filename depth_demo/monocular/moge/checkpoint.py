"""What an official file of MoGe-2 holds: the weights, and the sizes of the network that they are for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from depth_demo.monocular.moge.variants import Variant
from depth_demo.monocular.spec import MisfitError
from depth_demo.monocular.weights import is_state_dict, read_content

STACKS = ("neck", "points_head", "mask_head")
RESAMPLERS = ("conv_transpose", "conv_transpose", "conv_transpose", "bilinear")
REMAP = "exp"


def official_weights(checkpoint: Mapping[str, object] | str | Path, variant: Variant) -> Mapping[str, Tensor]:
    """Return the weights of a checkpoint under their official names.

    Args:
        checkpoint: What a file holds, or the file.
        variant: The sizes that a checkpoint must state, if it states any.

    Raises:
        MisfitError: If the checkpoint states other sizes.
        ValueError: If it holds something else, or the file is damaged.
        OSError: If the file cannot be read.
    """
    content = checkpoint if isinstance(checkpoint, Mapping) else read_content(Path(checkpoint))
    if isinstance(content, Mapping) and "model_config" in content:
        _check(content["model_config"], variant)
        content = content.get("model")
    if not is_state_dict(content):
        raise ValueError("The checkpoint does not hold the weights of a MoGe-2 model.")
    return content


def _check(config: object, variant: Variant) -> None:
    """Raise unless a config is that of a variant. Keys of the weights tell nothing of what is compared here."""
    wanted: dict[str, object] = {
        "encoder.backbone": variant.backbone,
        "encoder.intermediate_layers": list(variant.taps),
        "remap_output": REMAP,
        **{f"{stack}.resamplers": list(RESAMPLERS) for stack in STACKS},
    }
    for place, value in wanted.items():
        found = _at(config, place)
        if found != value:
            raise MisfitError(f"The checkpoint is of another network: its {place} is {found!r:.80}, not {value!r}.")


def _at(config: object, place: str) -> object:
    for key in place.split("."):
        config = config.get(key) if isinstance(config, Mapping) else None
    return list(config) if isinstance(config, tuple) else config
