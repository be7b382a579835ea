"""Depth Anything 3 for one photo, written out from its description: the official names, and a slow forward pass.

Nothing is folded, fused or reordered: attention is torch's own with all its probabilities, and a transposed convolution is a
product for each patch.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.depth_anything import Variant

TRAINED = 37  # patches per side
SMALL = Variant(64, 24, 4, (4, 11, 17, 23), 32, (32, 64, 128, 128))  # the depth and the taps of the real one
TINY = Variant(32, 4, 2, (0, 1, 2, 3), 16, (8, 16, 32, 32))


class Scale(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))


class Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = x.transpose(0, 1)  # (N, B, width)
        attended, _ = F.multi_head_attention_forward(
            query=x, key=x, value=x, embed_dim_to_check=x.shape[2], num_heads=self.heads,
            in_proj_weight=self.qkv.weight, in_proj_bias=self.qkv.bias, bias_k=None, bias_v=None, add_zero_attn=False,
            dropout_p=0.0, out_proj_weight=self.proj.weight, out_proj_bias=self.proj.bias, training=False, need_weights=True,
        )  # fmt: skip
        return attended.transpose(0, 1)


class EncoderBlock(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(width, 4 * width), "fc2": nn.Linear(4 * width, width)})
        self.ls1, self.ls2 = Scale(width), Scale(width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.ls1.gamma * self.attn(self.norm1(x))
        return x + self.ls2.gamma * self.mlp["fc2"](F.gelu(self.mlp["fc1"](self.norm2(x))))


class Encoder(nn.Module):
    def __init__(self, sizes: Variant) -> None:
        super().__init__()
        self.taps = sizes.taps
        self.cls_token = nn.Parameter(torch.zeros(1, 1, sizes.width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + TRAINED**2, sizes.width))
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(3, sizes.width, 14, stride=14)})
        self.blocks = nn.ModuleList(EncoderBlock(sizes.width, sizes.heads) for _ in range(sizes.depth))
        self.norm = nn.LayerNorm(sizes.width)  # with torch's own epsilon, unlike the blocks

    def forward(self, image: Tensor) -> list[Tensor]:
        """Map (B, 3, H, W) to four (B, width, H/14, W/14)."""
        patches = self.patch_embed["proj"](image)
        rows, columns = patches.shape[2:]
        grid = self.pos_embed[:, 1:].transpose(1, 2).reshape(1, -1, TRAINED, TRAINED)
        if (rows, columns) != (TRAINED, TRAINED):
            factors = ((rows + 0.1) / TRAINED, (columns + 0.1) / TRAINED)
            grid = F.interpolate(grid, scale_factor=factors, mode="bicubic")
        first = (self.cls_token + self.pos_embed[:, :1]).expand(len(image), -1, -1)
        x = torch.cat((first, (patches + grid).flatten(2).transpose(1, 2)), dim=1)
        levels = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self.taps:
                levels.append(self.norm(x)[:, 1:].transpose(1, 2).reshape(len(x), -1, rows, columns))
        return levels


def residual_unit(features: int) -> nn.ModuleDict:
    return nn.ModuleDict({name: nn.Conv2d(features, features, 3, padding=1) for name in ("conv1", "conv2")})


def refine(unit: nn.Module, x: Tensor) -> Tensor:
    return unit.get_submodule("conv2")(unit.get_submodule("conv1")(x.relu()).relu()) + x


def spread(layer: nn.Module, x: Tensor) -> Tensor:
    """What a transposed convolution whose kernel is its stride makes of a map: each pixel becomes a square."""
    assert isinstance(layer, nn.ConvTranspose2d)
    assert layer.bias is not None
    squares = torch.einsum("bihw,ioyx->bohywx", x, layer.weight)
    return squares.flatten(4, 5).flatten(2, 3) + layer.bias[:, None, None]


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
        backbone = nn.ModuleDict({"pretrained": Encoder(sizes)})
        self.model = nn.ModuleDict({"backbone": backbone, "head": Head(sizes)})

    def forward(self, image: Tensor) -> Tensor:
        levels = self.get_submodule("model.backbone.pretrained")(image)
        return self.get_submodule("model.head")(levels, *image.shape[2:])


def official_shapes(sizes: Variant) -> dict[str, Tensor]:
    """Every key of an official file, with a tensor of its shape that takes no memory."""
    with torch.device("meta"):
        return Official(sizes).state_dict()


def random_state_dict(sizes: Variant, seed: int = 0) -> dict[str, Tensor]:
    """An official-looking state dict in which nothing is zero or one: a part that is skipped or swapped shows."""
    generator = torch.Generator().manual_seed(seed)

    def weights(name: str, shape: torch.Size) -> Tensor:
        noise = torch.randn(shape, generator=generator)
        if name.endswith("gamma"):
            return 0.5 + 0.2 * noise
        if len(shape) == 1 or name.endswith(("pos_embed", "cls_token")):
            return 0.2 * noise + ("norm" in name and name.endswith("weight"))
        return noise / noise[0].numel() ** 0.5

    state_dict = {name: weights(name, value.shape) for name, value in official_shapes(sizes).items()}
    state_dict["model.head.scratch.sky_output_conv2.2.bias"] += 0.3  # about as much sky as ground
    return state_dict


def official_answer(state_dict: Mapping[str, Tensor], sizes: Variant, image: Tensor) -> Tensor:
    """(B, 3, H, W) to (B, 2, H, W)."""
    network = Official(sizes).eval()
    network.load_state_dict(state_dict, strict=True)
    with torch.inference_mode():
        return network(image)
