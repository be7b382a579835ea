"""Depth Pro (Bochkovskii et al., ICLR 2025): metres from one photo, and its field of view. No torch."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthKind, DepthMap, FocalLength
from depth_demo.monocular.answers import MIN_DEPTH_M, Shot, stretch
from depth_demo.monocular.input_size import Preprocessing
from depth_demo.monocular.spec import LIBRARIES, ModelSpec, Source, files_of, per_pixel

FILES = "config.json", "model.safetensors"
SIDE = 1536  # px: the network cuts the photo into patches of its own, and takes no other size
FARTHEST_M = 1e4  # where the network says "infinitely far", the published code says so many metres
PARAMETERS = 952e6


def read_depth_pro(values: NDArray[np.float32], shot: Shot) -> DepthMap:
    """Turn the network's answer into metres: 1 / Z = canonical x width / focal length.

    Args:
        values: (2, h, w): canonical inverse depth, not negative, and the horizontal field of view [degrees].
        shot: The photo. Its focal length counts where it is known, else the network's own.

    Returns:
        (H, W) metric depth; NaN below a millimetre and where the network sees no end.

    Raises:
        ValueError: If the focal length is unknown and the network's field of view is none.
    """
    focal_length = shot.focal_length or _own(float(values[1, 0, 0]), shot.width)
    inverse_m = stretch(values[0], shot.height, shot.width) * np.float32(shot.width / focal_length.pixels)
    near_enough = inverse_m > 1 / FARTHEST_M
    depth = 1 / np.where(near_enough, inverse_m, np.float32(1))
    metres = np.where(near_enough & (depth > MIN_DEPTH_M), depth, np.float32(np.nan))
    remark = f"Its metres grow with the focal length: {focal_length.pixels:.0f} px, {focal_length.source}."
    return DepthMap(metres, DepthKind.METRIC_DEPTH, remark, focal_length)


def _own(degrees: float, width: int) -> FocalLength:
    if not 0 < degrees < 180:
        raise ValueError(f"Depth Pro finds no field of view in this photo ({degrees:.1f} degrees): give the focal length.")
    pixels = 0.5 * width / math.tan(math.radians(degrees) / 2)
    return FocalLength(pixels, f"estimated by Depth Pro, as a field of view of {degrees:.1f} degrees")


DEPTH_PRO = ModelSpec(
    name="depth-pro",
    title="Depth Pro",
    family="Depth Pro",
    licence="Apple AMLR, research only",
    kind=DepthKind.METRIC_DEPTH,
    files=files_of("apple/DepthPro-hf", *FILES),
    download_bytes=round(2 * PARAMETERS),
    memory_bytes=round(6.3 * PARAMETERS),
    loader="depth_demo.monocular.pretrained:load_depth_pro",
    preprocessing=Preprocessing(
        mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5), step=SIDE, short_side=SIDE, smallest=SIDE, largest=SIDE, square=True,
        resampling="linear",
    ),
    reading=read_depth_pro,
    takes_focal_length=True,
    cost=partial(per_pixel, multiply_adds=9.624e12 / SIDE**2),
    half_on_gpu=True,
    sources=(Source("Depth Pro: Bochkovskii et al., ICLR 2025", "https://arxiv.org/abs/2410.02073"),),
    needs=LIBRARIES,
    packages=("transformers",),
)  # fmt: skip
