"""The networks of Depth Anything 3 for one photo: their sizes, and what they take. No torch here."""

from __future__ import annotations

from depth_demo.monocular.depth_anything.variants import VARIANTS as BEFORE
from depth_demo.monocular.input_size import Preprocessing

# One network with two sets of weights. Its sizes and taps are those of V2's Large.
VARIANTS = {"mono-large": BEFORE["vitl"], "metric-large": BEFORE["vitl"]}

# As published, the long side becomes 504 px, and photos are averaged when they are made smaller.
PREPROCESSING = Preprocessing(short_side=504, by_long_side=True, resampling="area", in_two_steps=True)
