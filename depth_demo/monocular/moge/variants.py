"""The networks of MoGe-2: their sizes, and what they take. No torch here."""

from __future__ import annotations

from dataclasses import dataclass

from depth_demo.monocular.input_size import Preprocessing

RATIO = 16 / 14  # of the answer's sides to the input's: each patch of 14 px becomes 16 px


@dataclass(frozen=True, slots=True)
class Variant:
    """The sizes of one network.

    Attributes:
        backbone: What the official file calls the encoder.
        width, depth, heads: Channels of a token, number of blocks, heads of each attention.
        taps: Indices of the blocks whose tokens are used.
        channels: Of the five levels, from coarse to fine.
    """

    backbone: str
    width: int
    depth: int
    heads: int
    taps: tuple[int, ...]
    channels: tuple[int, int, int, int, int]


VARIANTS = {"vits-normal": Variant("dinov2_vits14", 384, 12, 6, (5, 11), (384, 256, 128, 64, 32))}

# Up to 2:1 this is 1764 to 3528 patches, within the 1200 to 3600 of the official files.
PREPROCESSING = Preprocessing(short_side=588, resampling="area")
