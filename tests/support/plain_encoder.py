"""DINOv2's vision transformer, written out from its description: the official names, and a slow forward pass.

Nothing is folded, fused or reordered: attention is torch's own with all its probabilities, and a transposed convolution is a
product for each patch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TRAINED = 37  # patches per side


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
    def __init__(self, width: int, depth: int, heads: int, taps: Sequence[int], last_epsilon: float) -> None:
        super().__init__()
        self.taps = tuple(taps)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + TRAINED**2, width))
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(3, width, 14, stride=14)})
        self.blocks = nn.ModuleList(EncoderBlock(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=last_epsilon)

    def forward(self, image: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Map (B, 3, H, W) to a map, (B, width, H/14, W/14), and the class token, (B, width), for each tap."""
        patches = self.patch_embed["proj"](image)
        rows, columns = patches.shape[2:]
        grid = self.pos_embed[:, 1:].transpose(1, 2).reshape(1, -1, TRAINED, TRAINED)
        if (rows, columns) != (TRAINED, TRAINED):
            factors = ((rows + 0.1) / TRAINED, (columns + 0.1) / TRAINED)
            grid = F.interpolate(grid, scale_factor=factors, mode="bicubic")
        first = (self.cls_token + self.pos_embed[:, :1]).expand(len(image), -1, -1)
        x = torch.cat((first, (patches + grid).flatten(2).transpose(1, 2)), dim=1)
        tapped = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self.taps:
                tokens = self.norm(x)
                tapped.append((tokens[:, 1:].transpose(1, 2).reshape(len(x), -1, rows, columns), tokens[:, 0]))
        return tapped


def spread(layer: nn.Module, x: Tensor) -> Tensor:
    """What a transposed convolution whose kernel is its stride makes of a map: each pixel becomes a square."""
    assert isinstance(layer, nn.ConvTranspose2d)
    assert layer.bias is not None
    squares = torch.einsum("bihw,ioyx->bohywx", x, layer.weight)
    return squares.flatten(4, 5).flatten(2, 3) + layer.bias[:, None, None]


def random_weights(shapes: Mapping[str, Tensor], seed: int = 0) -> dict[str, Tensor]:
    """An official-looking state dict in which nothing is zero or one: a part that is skipped or swapped shows."""
    generator = torch.Generator().manual_seed(seed)

    def weights(name: str, shape: torch.Size) -> Tensor:
        noise = torch.randn(shape, generator=generator)
        if name.endswith("gamma"):
            return 0.5 + 0.2 * noise
        if len(shape) == 1 or name.endswith(("pos_embed", "_token")):
            return 0.2 * noise + ("norm" in name.split(".")[-2] and name.endswith("weight"))
        return noise / noise[0].numel() ** 0.5

    return {name: weights(name, value.shape) for name, value in shapes.items()}
