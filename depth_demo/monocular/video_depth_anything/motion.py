"""The motion modules of Video Depth Anything: transformers over time, in which each pixel sees itself in all frames.

The design is that of AnimateDiff (Guo et al., ICLR 2024). Names follow the checkpoints.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.video_depth_anything.variants import MOST_FRAMES

HEADS, GROUPS, EPSILON = 8, 32, 1e-6  # the last: of the group norm
ATTENTIONS = 2  # of each block
PIXELS_AT_ONCE = 4096  # they do not see each other: so many bound the memory


class Positions(nn.Module):
    """What tells the frames apart: one vector for each place in time, which the checkpoint holds."""

    pe: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("pe", torch.zeros(1, MOST_FRAMES, width))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.pe[:, : x.shape[1]]


class TemporalAttention(nn.Module):
    """Attention over time: (pixels, T, width) to the same."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.pos_encoder = Positions(width)
        for name in ("to_q", "to_k", "to_v"):
            self.add_module(name, nn.Linear(width, width, bias=False))
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(self, x: Tensor) -> Tensor:
        x = self.pos_encoder(x)
        q, k, v = (self.get_submodule(name)(x).unflatten(2, (HEADS, -1)).transpose(1, 2) for name in ("to_q", "to_k", "to_v"))
        attended = F.scaled_dot_product_attention(q, k, v)  # (pixels, heads, T, width / heads)
        return self.to_out[0](attended.transpose(1, 2).flatten(2))


class GatedGelu(nn.Module):
    """A linear layer, half of whose answers are the gates of the other half."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.proj = nn.Linear(width, 2 * inner)

    def forward(self, x: Tensor) -> Tensor:
        values, gate = self.proj(x).chunk(2, dim=-1)
        return values * F.gelu(gate)


class TemporalBlock(nn.Module):
    """(pixels, T, width) to the same."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.attention_blocks = nn.ModuleList(TemporalAttention(width) for _ in range(ATTENTIONS))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(ATTENTIONS))
        layers = {"0": GatedGelu(width, 4 * width), "2": nn.Linear(4 * width, width)}  # 1 is a dropout there
        self.ff = nn.ModuleDict({"net": nn.Sequential()})
        for name, layer in layers.items():
            self.ff["net"].add_module(name, layer)
        self.ff_norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        for attention, norm in zip(self.attention_blocks, self.norms, strict=True):
            x = x + attention(norm(x))
        return x + self.ff["net"](self.ff_norm(x))


class TemporalTransformer(nn.Module):
    """(T, channels, h, w), maps of all frames, to the same, each with what it takes from the others added."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, width, eps=EPSILON)
        self.proj_in = nn.Linear(width, width)
        self.transformer_blocks = nn.ModuleList([TemporalBlock(width)])
        self.proj_out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        tokens = self.norm(x).flatten(2).permute(2, 0, 1)  # (pixels, T, channels)
        parts = [self._through(part) for part in tokens.split(PIXELS_AT_ONCE)]
        return x + torch.cat(parts).permute(1, 2, 0).reshape(*x.shape[:2], height, width)

    def _through(self, tokens: Tensor) -> Tensor:
        tokens = self.proj_in(tokens)
        for block in self.transformer_blocks:
            tokens = block(tokens)
        return self.proj_out(tokens)


class MotionModule(nn.Module):
    """The module: maps of all frames, (T, channels, h, w), to the same, each pixel having seen itself in the other frames."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.temporal_transformer = TemporalTransformer(width)

    def forward(self, x: Tensor) -> Tensor:
        return self.temporal_transformer(x)
