"""MoGe-2 (Wang et al., "MoGe-2: Accurate monocular geometry with metric scale and sharp details", 2025) as one network.

The encoder is that of Depth Anything, with other taps. A neck and one head for each answer go from coarse to fine. Names
follow the checkpoints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.depth_anything.folding import fold, unfold
from depth_demo.monocular.depth_anything.network import whole_patches
from depth_demo.monocular.depth_anything.variants import PATCH_SIZE
from depth_demo.monocular.depth_anything.vit import VisionTransformer
from depth_demo.monocular.moge.checkpoint import official_weights
from depth_demo.monocular.moge.variants import Variant
from depth_demo.monocular.weights import fitting_weights, give_weights

# In the official files, and of no use here.
IGNORED_KEYS = {
    "encoder.backbone.mask_token": "only training masks patches",
    "encoder.image_": "mean and standard deviation of colours: photos are normalised before",
    "normal_head.": "surface normals are shown nowhere",
}
OFFICIAL_NAMES = {"pretrained.": "encoder.backbone.", "output_projections.": "encoder.output_projections."}  # ours to theirs


def padded_conv3x3(inputs: int, outputs: int) -> nn.Conv2d:
    """Return a convolution that repeats the border."""
    return nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="replicate")


class ResidualBlock(nn.Module):
    """Two convolutions beside the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.ModuleDict({name: padded_conv3x3(channels, channels) for name in ("2", "5")})

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, channels, h, w) to the same shape."""
        return x + self.layers["5"](F.relu(self.layers["2"](F.relu(x))))


class ConvStack(nn.Module):
    """Five levels, each twice as large as the one before: something is added, refined, and enlarged for the next.

    Args:
        inputs: Channels of what is added to each level.
        channels: Of the levels.
        outputs: Channels of the last answer; 0 answers with all levels as they are.
    """

    def __init__(self, inputs: Sequence[int], channels: Sequence[int], outputs: int = 0) -> None:
        super().__init__()
        pairs = zip(inputs, channels, strict=True)
        self.input_blocks = nn.ModuleList(nn.Conv2d(there, here, 1) for there, here in pairs)
        middle = [nn.Sequential(ResidualBlock(width)) for width in channels[1:4]]
        self.res_blocks = nn.ModuleList((nn.Sequential(), *middle, nn.Sequential()))
        self.resamplers = nn.ModuleList()
        for coarse, fine in pairwise(channels[:4]):
            self.resamplers.append(nn.Sequential(nn.ConvTranspose2d(coarse, fine, 2, stride=2), padded_conv3x3(fine, fine)))
        doubled = nn.Upsample(scale_factor=2, mode="bilinear")
        self.resamplers.append(nn.Sequential(doubled, padded_conv3x3(channels[3], channels[4])))
        self.output_blocks = nn.ModuleDict({"4": nn.Conv2d(channels[-1], outputs, 1)} if outputs else {})

    def forward(self, added: Sequence[Tensor]) -> list[Tensor]:
        """Map five (B, inputs, h, w), from coarse to fine, to five levels, or to the last answer alone."""
        x = self.res_blocks[0](self.input_blocks[0](added[0]))
        levels = [x]
        for resample, enter, refine, there in zip(
            self.resamplers, self.input_blocks[1:], self.res_blocks[1:], added[1:], strict=True
        ):
            x = refine(resample(x) + enter(there))
            levels.append(x)
        return [self.output_blocks["4"](x)] if self.output_blocks else levels


class MoGe2(nn.Module):
    """The network: normalised RGB to points up to a shift, where they hold, and their scale."""

    def __init__(self, sizes: Variant) -> None:
        super().__init__()
        width, channels = sizes.width, sizes.channels
        self.pretrained = VisionTransformer(width, sizes.depth, sizes.heads, sizes.taps, with_class=True)
        self.output_projections = nn.ModuleList(nn.Conv2d(width, channels[0], 1) for _ in sizes.taps)
        self.neck = ConvStack((channels[0] + 2, 2, 2, 2, 2), channels)
        self.points_head = ConvStack(channels, channels, outputs=3)
        self.mask_head = ConvStack(channels, channels, outputs=1)
        self.scale_head = nn.Sequential(
            *(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1))
        )

    def forward(self, image: Tensor, *weights: Tensor) -> Tensor:
        """Map (B, 3, H, W) to (B, 5, 16/14 H, 16/14 W): x/z, y/z, log z, logit of "holds", log of the scale everywhere.

        Both sides are multiples of 14. `weights` are those of `VisionTransformer`.
        """
        height, width = whole_patches(image)
        rows, columns = height // PATCH_SIZE, width // PATCH_SIZE
        tokens = self.pretrained(image, *weights)
        with torch.autocast(image.device.type, enabled=False):  # 16 bits would show as steps in the map
            tokens = [level.float() for level in tokens]
            maps = (level[:, 1:].transpose(1, 2).reshape(len(image), -1, rows, columns) for level in tokens)
            x = torch.stack([project(level) for project, level in zip(self.output_projections, maps, strict=True)]).sum(0)
            places = [view_plane(rows << level, columns << level, width / height, x) for level in range(5)]
            levels = self.neck([torch.cat((x, places[0]), dim=1), *places[1:]])
            (points,), (holds,) = self.points_head(levels), self.mask_head(levels)
            scale = self.scale_head(tokens[-1][:, 0])[:, :, None, None].expand_as(holds)
            return torch.cat((points, holds, scale), dim=1)


def view_plane(rows: int, columns: int, aspect: float, like: Tensor) -> Tensor:
    """Return where pixels lie on the view plane, whose half diagonal is 1: (B, 2, rows, columns), to the right and down."""
    diagonal = (1 + aspect**2) ** 0.5
    across, down = (
        torch.linspace(-end, end, count, dtype=like.dtype, device=like.device)
        for count, end in (
            (columns, aspect / diagonal * (columns - 1) / columns),
            (rows, 1 / diagonal * (rows - 1) / rows),
        )
    )
    grid = torch.stack((across.expand(rows, -1), down[:, None].expand(-1, columns)))
    return grid.expand(len(like), -1, -1, -1)


def build_network(checkpoint: Mapping[str, object] | str | Path, sizes: Variant) -> MoGe2:
    """Build a network of these sizes, as `load_network` does."""
    with torch.device("meta"):  # no memory and no random numbers for weights that are replaced at once
        network = MoGe2(sizes)
    shapes = unfold(network.state_dict())
    ours = {_official(name): name for name in shapes}
    expected = {_official(name): value for name, value in shapes.items()}
    official = fitting_weights(official_weights(checkpoint, sizes), expected, IGNORED_KEYS)
    after_last_norm = (*(f"output_projections.{level}" for level in range(len(sizes.taps))), "scale_head.0")
    return give_weights(network, fold({ours[name]: value for name, value in official.items()}, after_last_norm))


def _official(name: str) -> str:
    for part, official in OFFICIAL_NAMES.items():
        if name.startswith(part):
            return official + name.removeprefix(part)
    return name
