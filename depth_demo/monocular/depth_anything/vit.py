"""The encoder of Depth Anything: a DINOv2 vision transformer (Oquab et al., 2023), in the lean form that `folding` gives.

Names follow the checkpoints. Gains and biases of the layer norms, and the layer scales, are part of the linear layers.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.depth_anything import positions as grids
from depth_demo.monocular.depth_anything.positions import TRAINED_GRID
from depth_demo.monocular.depth_anything.variants import PATCH_SIZE

EPSILON = 1e-6  # of DINOv2's layer norms


def normalise(x: Tensor, epsilon: float = EPSILON) -> Tensor:
    """Apply a layer norm without gain and bias."""
    return F.layer_norm(x, x.shape[-1:], eps=epsilon)


class Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        batch, tokens, width = x.shape
        qkv = self.qkv(x).view(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind()  # each (B, heads, N, width / heads), a view
        x = F.scaled_dot_product_attention(q, k, v)
        return self.proj(x.transpose(1, 2).reshape(batch, tokens, width))


class Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attn: nn.Module = Attention(width, heads)
        mlp = {"fc1": nn.Linear(width, 4 * width), "gelu": nn.GELU(), "fc2": nn.Linear(4 * width, width)}
        self.mlp = nn.Sequential(OrderedDict(mlp))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(normalise(x))
        return x + self.mlp(normalise(x))


class VisionTransformer(nn.Module):
    """The encoder: images to the tokens (`width` channels each) of the blocks whose indices are in `taps`.

    Args:
        width, depth, heads: Channels of a token, number of blocks, heads of each attention.
        taps: Indices of the blocks whose tokens are given.
        last_epsilon: Of the layer norm on the tokens given.
        with_class: Whether the class token is given too, before the others.
    """

    def __init__(
        self,
        width: int,
        depth: int,
        heads: int,
        taps: Sequence[int],
        last_epsilon: float = EPSILON,
        *,
        with_class: bool = False,
    ) -> None:
        super().__init__()
        self.taps, self.last_epsilon = tuple(taps), last_epsilon
        self.first = 0 if with_class else 1  # of the tokens given
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + TRAINED_GRID**2, width))  # the first: what the class token starts as
        self.patch_embed = nn.Sequential(OrderedDict(proj=nn.Conv2d(3, width, PATCH_SIZE, PATCH_SIZE, bias=False)))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))

    def forward(self, image: Tensor, *weights: Tensor) -> list[Tensor]:
        """Map (B, 3, H, W) normalised RGB to one (B, H/14 x W/14, width) per tap, normed. The class token may precede them.

        An exported graph is given the two weights of `positions.graph_inputs`. Without them, they are computed here.
        """
        if weights:
            positions = weigh_positions(self.pos_embed, *weights)
        else:
            rows, columns = (int(side) // PATCH_SIZE for side in image.shape[2:])  # int: plain numbers for a tracer too
            positions = resample_position_embedding(self.pos_embed, rows, columns)
        x = self.patch_embed(image).flatten(2).transpose(1, 2) + positions[:, 1:]  # (B, rows x columns, width)
        x = torch.cat((positions[:, :1].expand(len(x), -1, -1), x), dim=1)
        tapped = []
        for index, block in enumerate(self.blocks[: max(self.taps) + 1]):
            x = block(x)
            if index in self.taps:
                tapped.append(normalise(x[:, self.first :], self.last_epsilon))
        return tapped


def resample_position_embedding(pos_embed: Tensor, rows: int, columns: int) -> Tensor:
    """Resample the trained (1, 1 + 37 x 37, width) embedding for another grid: (1, 1 + rows x columns, width)."""
    if (rows, columns) == (TRAINED_GRID, TRAINED_GRID):
        return pos_embed
    return weigh_positions(pos_embed, cubic_weights(rows, pos_embed.device), cubic_weights(columns, pos_embed.device))


def weigh_positions(pos_embed: Tensor, down: Tensor, across: Tensor) -> Tensor:
    """Resample the embedding with the weights of each axis: (rows, 37) and (columns, 37)."""
    with torch.autocast(pos_embed.device.type, enabled=False):
        grid = (down @ pos_embed[0, 1:].reshape(TRAINED_GRID, -1)).reshape(down.shape[0], TRAINED_GRID, -1)
        grid = across @ grid  # (rows, columns, width)
    return torch.cat((pos_embed[:, :1], grid.reshape(1, -1, pos_embed.shape[2])), dim=1)


@lru_cache(maxsize=16)
def cubic_weights(count: int, device: torch.device) -> Tensor:
    """Put `positions.cubic_weights` on a device. A trace that follows a forward pass of its size has them as constants."""
    with torch.inference_mode(mode=False):  # what is kept must be good for training too
        return torch.from_numpy(grids.cubic_weights(count)).to(device)
