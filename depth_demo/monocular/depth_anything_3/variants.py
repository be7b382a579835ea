"""The sizes of Depth Anything 3's networks for one photo. No torch here."""

from __future__ import annotations

from depth_demo.monocular.depth_anything.variants import VARIANTS as BEFORE

# One network with two sets of weights. Its sizes and taps are those of V2's Large.
VARIANTS = {"mono-large": BEFORE["vitl"], "metric-large": BEFORE["vitl"]}
