"""The networks of Video Depth Anything: their sizes, and what they take. No torch here."""

from __future__ import annotations

from depth_demo.monocular.depth_anything.variants import VARIANTS as BEFORE
from depth_demo.monocular.input_size import Preprocessing

MOST_FRAMES = 32  # at once: positions in time are known for so many

# Encoder and head have the sizes of V2's.
VARIANTS = {"vits": BEFORE["vits"]}

# As published, frames up to 16:9 are seen at a short side of 518 px, and longer ones at the same long side.
PREPROCESSING = Preprocessing(longest=1.79)
