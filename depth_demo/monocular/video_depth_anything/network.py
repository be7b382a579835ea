"""Video Depth Anything (Chen et al., "Video Depth Anything: Consistent depth estimation for super-long videos", CVPR 2025).

Encoder and head are those of V2. Four motion modules in the head, two before its fusion and two between its first steps,
let the frames of a clip see each other, so that all maps have one scale. Of the published program only the network is here: a
clip is one window, and needs no stitching.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depth_demo.monocular.answers import Tell
from depth_demo.monocular.depth_anything.dpt import DPTHead, upsample
from depth_demo.monocular.depth_anything.folding import fold, unfold
from depth_demo.monocular.depth_anything.network import whole_patches
from depth_demo.monocular.depth_anything.variants import PATCH_SIZE, Variant
from depth_demo.monocular.depth_anything.vit import VisionTransformer
from depth_demo.monocular.video_depth_anything.motion import MotionModule
from depth_demo.monocular.video_depth_anything.variants import MOST_FRAMES
from depth_demo.monocular.weights import fitting_weights, give_weights

# In the official files, and never used by the official forward pass.
IGNORED_KEYS = {
    "pretrained.mask_token": "only training masks patches",
    "head.scratch.refinenet4.resConfUnit1.": "the coarsest fusion has nothing to fuse with",
}
AFTER_LAST_NORM = tuple(f"head.projects.{level}" for level in range(4))
AT_ONCE = 4  # frames that pass through the parts in which they do not see each other
SEEN, RELATED = 0.8, 0.9  # shares of the time after which the encoder and the motion modules are done


class TemporalHead(DPTHead):
    """V2's head with motion modules: for the two coarse levels, and after the first two steps of the fusion."""

    def __init__(self, sizes: Variant) -> None:
        super().__init__(sizes.width, sizes.features, sizes.out_channels)
        widths = (*sizes.out_channels[2:], sizes.features, sizes.features)
        self.motion_modules = nn.ModuleList(MotionModule(width) for width in widths)

    def fuse_over_time(self, levels: Sequence[Tensor]) -> Tensor:
        """Fuse the two coarse ones of four maps, (T, channels, h, w) each, into (T, features, h, w) of the second's size."""
        coarse = [self.motion_modules[index - 2](levels[index]) for index in (2, 3)]
        levels = [*levels[:2], *(self.scratch.narrow(index, level) for index, level in zip((2, 3), coarse, strict=True))]
        x = self.motion_modules[2](self.scratch.step(3, levels[3], levels))
        return self.motion_modules[3](self.scratch.step(2, x, levels))

    def finish(self, x: Tensor, fine: Sequence[Tensor], size: Sequence[int]) -> Tensor:
        """Fuse what `fuse_over_time` made with the two fine maps, and return (B, H, W) of `size`."""
        levels = [self.scratch.narrow(index, level) for index, level in enumerate(fine)]
        x = self.scratch.step(0, self.scratch.step(1, x, levels), levels)
        return F.relu(self.scratch.output_conv2(upsample(self.scratch.output_conv1(x), size)))[:, 0]


class VideoDepthAnything(nn.Module):
    """The network: normalised RGB frames of one clip to relative inverse depth with one scale and shift."""

    def __init__(self, sizes: Variant) -> None:
        super().__init__()
        self.pretrained = VisionTransformer(sizes.width, sizes.depth, sizes.heads, sizes.taps)
        self.head = TemporalHead(sizes)

    def forward(self, frames: Tensor, tell: Tell | None = None) -> Tensor:
        """Map (T, 3, H, W), in the order of time, to (T, H, W). Both sides are multiples of 14.

        Args:
            frames: Up to 32.
            tell: Called with the share done, from 0 to 1, and what is being done. An exception raised there ends the run.

        Raises:
            ValueError: If there are more frames, or a side is no multiple of 14.
        """
        size, count = whole_patches(frames), len(frames)
        if count > MOST_FRAMES:
            raise ValueError(f"Video Depth Anything takes up to {MOST_FRAMES} frames at once, not {count}.")
        seen = []
        for start in range(0, count, AT_ONCE):
            _say(tell, SEEN * start / count, f"Seeing frame {start + 1} of {count}")
            seen.append(self._see(frames[start : start + AT_ONCE], size))
        levels = [torch.cat(parts) for parts in zip(*seen, strict=True)]
        _say(tell, SEEN, "Relating all frames to each other")
        x = self.head.fuse_over_time(levels)
        maps = []
        for start in range(0, count, AT_ONCE):
            _say(tell, RELATED + (1 - RELATED) * start / count, f"Drawing frame {start + 1} of {count}")
            part = slice(start, start + AT_ONCE)
            maps.append(self.head.finish(x[part], [level[part] for level in levels[:2]], size))
        return torch.cat(maps)

    def _see(self, frames: Tensor, size: Sequence[int]) -> list[Tensor]:
        rows, columns = (side // PATCH_SIZE for side in size)
        return self.head.reassemble(self.pretrained(frames), rows, columns)


def _say(tell: Tell | None, share: float, text: str) -> None:
    if tell is not None:
        tell(share, text)


def build_network(checkpoint: Mapping[str, Tensor] | str | Path, sizes: Variant) -> VideoDepthAnything:
    """Build a network of these sizes, as `load_network` does."""
    with torch.device("meta"):  # no memory and no random numbers for weights that are replaced at once
        network = VideoDepthAnything(sizes)
    official = fitting_weights(checkpoint, unfold(network.state_dict()), IGNORED_KEYS)
    return give_weights(network, fold(official, AFTER_LAST_NORM))
