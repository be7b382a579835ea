"""Depth Anything 3 for one photo, written out from its description: the official names, and a slow forward pass."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.depth_anything import Variant
from tests.support.plain_encoder import Encoder, random_weights, spread

SMALL = Variant(64, 24, 4, (4, 11, 17, 23), 32, (32, 64, 128, 128))  # the depth and the taps of the real one
TINY = Variant(32, 4, 2, (0, 1, 2, 3), 16, (8, 16, 32, 32))


def residual_unit(features: int) -> nn.ModuleDict:
    return nn.ModuleDict({name: nn.Conv2d(features, features, 3, padding=1) for name in ("conv1", "conv2")})


def refine(unit: nn.Module, x: Tensor) -> Tensor:
    return unit.get_submodule("conv2")(unit.get_submodule("conv1")(x.relu()).relu()) + x


class Head(nn.Module):
    def __init__(self, sizes: Variant) -> None:
        super().__init__()
        features, (first, second, third, fourth) = sizes.features, sizes.out_channels
        self.projects = nn.ModuleList(nn.Conv2d(sizes.width, channels, 1) for channels in sizes.out_channels)
        layers = {
            "0": nn.ConvTranspose2d(first, first, 4, stride=4),
            "1": nn.ConvTranspose2d(second, second, 2, stride=2),
            "3": nn.Conv2d(fourth, fourth, 3, stride=2, padding=1),
        }
        self.resize_layers = nn.ModuleDict(layers)
        scratch: dict[str, nn.Module] = {}
        for level, channels in enumerate((first, second, third, fourth), start=1):
            scratch[f"layer{level}_rn"] = nn.Conv2d(channels, features, 3, padding=1, bias=False)
            units = ("resConfUnit1", "resConfUnit2") if level < 4 else ("resConfUnit2",)
            fusion: dict[str, nn.Module] = {unit: residual_unit(features) for unit in units}
            scratch[f"refinenet{level}"] = nn.ModuleDict(fusion | {"out_conv": nn.Conv2d(features, features, 1)})
        scratch["output_conv1"] = nn.Conv2d(features, features // 2, 3, padding=1)
        for end in ("output_conv2", "sky_output_conv2"):
            scratch[end] = nn.Sequential(nn.Conv2d(features // 2, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 1, 1))
        self.scratch = nn.ModuleDict(scratch)

    def forward(self, levels: list[Tensor], height: int, width: int) -> Tensor:
        """Map four (B, width, H/14, W/14) to (B, 2, H, W)."""
        first, second, third, fourth = (project(x) for project, x in zip(self.projects, levels, strict=True))
        maps = {
            1: spread(self.resize_layers["0"], first),
            2: spread(self.resize_layers["1"], second),
            3: third,
            4: self.resize_layers["3"](fourth),
        }
        maps = {level: self.scratch[f"layer{level}_rn"](x) for level, x in maps.items()}
        x = torch.zeros_like(maps[4])
        for level in (4, 3, 2, 1):
            fusion = self.scratch[f"refinenet{level}"]
            x = x + (refine(fusion.get_submodule("resConfUnit1"), maps[level]) if level < 4 else maps[4])
            x = refine(fusion.get_submodule("resConfUnit2"), x)
            rows, columns = maps[level - 1].shape[2:] if level > 1 else (2 * side for side in x.shape[2:])
            x = fusion.get_submodule("out_conv")(enlarged(x, rows, columns))
        x = enlarged(self.scratch["output_conv1"](x), height, width)
        depth, sky = (self.scratch[end](x) for end in ("output_conv2", "sky_output_conv2"))
        return torch.cat((depth.exp(), sky.relu()), dim=1)


def enlarged(x: Tensor, rows: int, columns: int) -> Tensor:
    return F.interpolate(x, (rows, columns), mode="bilinear", align_corners=True)


class Official(nn.Module):
    """Has the names of the official files."""

    def __init__(self, sizes: Variant) -> None:
        super().__init__()
        encoder = Encoder(sizes.width, sizes.depth, sizes.heads, sizes.taps, last_epsilon=1e-5)
        backbone = nn.ModuleDict({"pretrained": encoder})
        self.model = nn.ModuleDict({"backbone": backbone, "head": Head(sizes)})

    def forward(self, image: Tensor) -> Tensor:
        levels = [level for level, _ in self.get_submodule("model.backbone.pretrained")(image)]
        return self.get_submodule("model.head")(levels, *image.shape[2:])


def official_shapes(sizes: Variant) -> dict[str, Tensor]:
    """Every key of an official file, with a tensor of its shape that takes no memory."""
    with torch.device("meta"):
        return Official(sizes).state_dict()


def random_state_dict(sizes: Variant, seed: int = 0) -> dict[str, Tensor]:
    """An official-looking state dict with about as much sky as ground."""
    state_dict = random_weights(official_shapes(sizes), seed)
    state_dict["model.head.scratch.sky_output_conv2.2.bias"] += 0.3
    return state_dict


def official_answer(state_dict: Mapping[str, Tensor], sizes: Variant, image: Tensor) -> Tensor:
    """(B, 3, H, W) to (B, 2, H, W)."""
    network = Official(sizes).eval()
    network.load_state_dict(state_dict, strict=True)
    with torch.inference_mode():
        return network(image)
