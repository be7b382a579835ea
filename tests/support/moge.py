"""MoGe-2, written out from its description: the official names, what a file holds, and a slow forward pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.moge import Variant
from tests.support.plain_encoder import Encoder, random_weights, spread

SMALL = Variant("dinov2_vits14", 64, 12, 4, (5, 11), (64, 32, 24, 16, 8))
TINY = Variant("dinov2_vits14", 32, 4, 2, (1, 3), (32, 16, 16, 8, 8))


def smooth(conv: nn.Module, x: Tensor) -> Tensor:
    """A 3x3 convolution that sees the border repeated."""
    assert isinstance(conv, nn.Conv2d)
    return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), conv.weight, conv.bias)


class Stack(nn.Module):
    def __init__(self, inputs: Sequence[int], channels: Sequence[int], outputs: int = 0) -> None:
        super().__init__()
        self.input_blocks = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in zip(inputs, channels, strict=True))
        resamplers: dict[str, nn.Module] = {}
        for level in range(3):
            coarse, fine = channels[level : level + 2]
            layers = (nn.ConvTranspose2d(coarse, fine, 2, stride=2), nn.Conv2d(fine, fine, 3))
            resamplers[str(level)] = nn.ModuleDict({"0": layers[0], "1": layers[1]})
        resamplers["3"] = nn.ModuleDict({"1": nn.Conv2d(channels[3], channels[4], 3)})
        self.resamplers = nn.ModuleDict(resamplers)
        refining = {f"{level}": self.block(channels[level]) for level in (1, 2, 3)}
        self.res_blocks = nn.ModuleDict(refining)
        self.output_blocks = nn.ModuleDict({"4": nn.Conv2d(channels[4], outputs, 1)} if outputs else {})

    @staticmethod
    def block(width: int) -> nn.ModuleDict:
        layers = nn.ModuleDict({"2": nn.Conv2d(width, width, 3), "5": nn.Conv2d(width, width, 3)})
        return nn.ModuleDict({"0": nn.ModuleDict({"layers": layers})})

    def forward(self, added: Sequence[Tensor]) -> list[Tensor]:
        """Map five (B, inputs, h, w), from coarse to fine, to the five levels."""
        levels: list[Tensor] = []
        for level, extra in enumerate(added):
            x = self.input_blocks[level](extra)
            if level:
                resampler = self.resamplers[str(level - 1)]
                if level < 4:
                    larger = spread(resampler.get_submodule("0"), levels[-1])
                else:
                    larger = F.interpolate(levels[-1], scale_factor=2, mode="bilinear", align_corners=False)
                x = x + smooth(resampler.get_submodule("1"), larger)
            if level in (1, 2, 3):
                first, second = (self.get_submodule(f"res_blocks.{level}.0.layers.{name}") for name in "25")
                x = x + smooth(second, smooth(first, x.relu()).relu())
            levels.append(x)
        return levels


class Official(nn.Module):
    """Has the names of the official files."""

    def __init__(self, sizes: Variant) -> None:
        super().__init__()
        channels, width = sizes.channels, sizes.width
        backbone = Encoder(width, sizes.depth, sizes.heads, sizes.taps, last_epsilon=1e-6)
        backbone.mask_token = nn.Parameter(torch.zeros(1, width))
        projections = nn.ModuleList(nn.Conv2d(width, channels[0], 1) for _ in sizes.taps)
        self.encoder = nn.ModuleDict({"backbone": backbone, "output_projections": projections})
        for name in ("image_mean", "image_std"):
            self.encoder.register_buffer(name, torch.ones(1, 3, 1, 1))
        self.neck = Stack((channels[0] + 2, 2, 2, 2, 2), channels)
        self.points_head, self.normal_head = Stack(channels, channels, 3), Stack(channels, channels, 3)
        self.mask_head = Stack(channels, channels, 1)
        self.scale_head = nn.ModuleDict({"0": nn.Linear(width, width), "2": nn.Linear(width, width), "4": nn.Linear(width, 1)})

    def forward(self, image: Tensor) -> Tensor:
        """Map normalised (B, 3, H, W) to (B, 5, 16/14 H, 16/14 W)."""
        tapped = self.encoder["backbone"](image)
        projections = self.get_submodule("encoder.output_projections").children()
        x = torch.stack([project(level) for project, (level, _) in zip(projections, tapped, strict=True)]).sum(0)
        rows, columns = x.shape[2:]
        places = [places_on_plane(rows * 2**level, columns * 2**level, columns / rows) for level in range(5)]
        levels = self.neck([torch.cat((x, places[0].expand(len(x), -1, -1, -1)), dim=1), *places[1:]])
        answers = [head.output_blocks["4"](head(levels)[4]) for head in (self.points_head, self.mask_head)]
        scale = self.scale_head["2"](self.scale_head["0"](tapped[-1][1]).relu()).relu()
        scale = self.scale_head["4"](scale)[:, :, None, None]
        return torch.cat((*answers, scale.expand_as(answers[1])), dim=1)


def places_on_plane(rows: int, columns: int, aspect: float) -> Tensor:
    """(1, 2, rows, columns): centres of the pixels of a picture whose half diagonal is 1, to the right and down."""
    down, across = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    half_width, half_height = (side / (1 + aspect**2) ** 0.5 for side in (aspect, 1))
    x, y = ((2 * across + 1) / columns - 1) * half_width, ((2 * down + 1) / rows - 1) * half_height
    return torch.stack((x, y))[None].float()


def official_shapes(sizes: Variant) -> dict[str, Tensor]:
    """Every key of an official file with a tensor of its shape that takes no memory."""
    with torch.device("meta"):
        return Official(sizes).state_dict()


def random_state_dict(sizes: Variant, seed: int = 0) -> dict[str, Tensor]:
    return random_weights(official_shapes(sizes), seed)


def official_config(sizes: Variant) -> dict[str, object]:
    """What an official file states beside its weights."""

    def stack(inputs: Sequence[int], outputs: int | None) -> dict[str, object]:
        return {
            "dim_in": list(inputs),
            "dim_out": [None, None, None, None, outputs] if outputs else None,
            "dim_res_blocks": list(sizes.channels),
            "num_res_blocks": [0, 1, 1, 1, 0],
            "res_block_in_norm": "none",
            "res_block_hidden_norm": "none",
            "resamplers": ["conv_transpose", "conv_transpose", "conv_transpose", "bilinear"],
        }

    return {
        "encoder": {"backbone": sizes.backbone, "intermediate_layers": list(sizes.taps), "dim_out": sizes.channels[0]},
        "neck": stack((sizes.channels[0] + 2, 2, 2, 2, 2), None),
        **{
            name: stack(sizes.channels, 1 if name == "mask_head" else 3)
            for name in ("points_head", "normal_head", "mask_head")
        },
        "scale_head": {"dims": [sizes.width] * 3 + [1]},
        "remap_output": "exp",
        "num_tokens_range": [1200, 3600],
    }


def official_answer(state_dict: Mapping[str, Tensor], sizes: Variant, image: Tensor) -> Tensor:
    """Normalised (B, 3, H, W) to (B, 5, 16/14 H, 16/14 W)."""
    network = Official(sizes).eval()
    network.load_state_dict(state_dict, strict=True)
    with torch.inference_mode():
        return network(image)
