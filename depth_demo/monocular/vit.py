"""The encoder of Depth Anything: a DINOv2 vision transformer (Oquab et al., 2023), named as in its checkpoints."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PATCH_SIZE = 14
TRAINED_GRID = 37  # patches per side at 518x518 pixels, the size the position embedding was trained at


class Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        batch, tokens, width = x.shape
        qkv = self.qkv(x).view(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, heads, N, width / heads)
        x = F.scaled_dot_product_attention(q, k, v)
        return self.proj(x.transpose(1, 2).reshape(batch, tokens, width))


class LayerScale(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma


class Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads)
        self.ls1 = LayerScale(width)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        mlp = {"fc1": nn.Linear(width, 4 * width), "gelu": nn.GELU(), "fc2": nn.Linear(4 * width, width)}
        self.mlp = nn.Sequential(OrderedDict(mlp))
        self.ls2 = LayerScale(width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.ls1(self.attn(self.norm1(x)))
        return x + self.ls2(self.mlp(self.norm2(x)))


class VisionTransformer(nn.Module):
    """Images in, out the tokens (`width` channels each) of the blocks whose indices are in `taps`."""

    def __init__(self, width: int, depth: int, heads: int, taps: Sequence[int]) -> None:
        super().__init__()
        self.taps = tuple(taps)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, TRAINED_GRID**2 + 1, width))
        self.patch_embed = nn.Sequential(OrderedDict(proj=nn.Conv2d(3, width, PATCH_SIZE, PATCH_SIZE)))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, image: Tensor) -> list[Tensor]:
        """(B, 3, H, W) normalised RGB to one (B, H/14 x W/14, width) per tap: normed, without the class token."""
        rows, columns = image.shape[2] // PATCH_SIZE, image.shape[3] // PATCH_SIZE
        x = self.patch_embed(image).flatten(2).transpose(1, 2)  # (B, rows x columns, width)
        x = torch.cat((self.cls_token.expand(len(x), -1, -1), x), dim=1)
        x = x + resample_position_embedding(self.pos_embed, rows, columns)
        tapped = []
        for index, block in enumerate(self.blocks[: max(self.taps) + 1]):
            x = block(x)
            if index in self.taps:
                tapped.append(self.norm(x)[:, 1:])
        return tapped


def resample_position_embedding(pos_embed: Tensor, rows: int, columns: int) -> Tensor:
    """The trained (1, 1 + 37 x 37, width) embedding for another grid: (1, 1 + rows x columns, width).

    The 0.1 and the scale factor (instead of a size) are DINOv2's; they shift the samples slightly, and the trained
    weights expect that.
    """
    if (rows, columns) == (TRAINED_GRID, TRAINED_GRID):
        return pos_embed
    class_position, grid = pos_embed[:, :1].float(), pos_embed[:, 1:].float()
    grid = grid.reshape(1, TRAINED_GRID, TRAINED_GRID, -1).permute(0, 3, 1, 2)  # (1, width, 37, 37)
    scale = ((rows + 0.1) / TRAINED_GRID, (columns + 0.1) / TRAINED_GRID)
    grid = F.interpolate(grid, scale_factor=scale, mode="bicubic", antialias=False)
    return torch.cat((class_position, grid.flatten(2).transpose(1, 2)), dim=1).to(pos_embed.dtype)
