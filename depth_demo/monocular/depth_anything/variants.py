"""The sizes of Depth Anything's networks. No torch here: how long one takes is said before torch is imported."""

from __future__ import annotations

from dataclasses import dataclass, replace

PATCH_SIZE = 14  # px


@dataclass(frozen=True, slots=True)
class Variant:
    """The sizes of one network."""

    width: int
    depth: int
    heads: int
    taps: tuple[int, ...]
    features: int
    out_channels: tuple[int, int, int, int]


_V2 = {
    "vits": Variant(384, 12, 6, (2, 5, 8, 11), 64, (48, 96, 192, 384)),
    "vitb": Variant(768, 12, 12, (2, 5, 8, 11), 128, (96, 192, 384, 768)),
    "vitl": Variant(1024, 24, 16, (4, 11, 17, 23), 256, (256, 512, 1024, 1024)),
}
# V1 taps the last four blocks. Its files have the keys and shapes of V2's, so nothing but the name tells them apart.
_V1 = {f"{name}14": replace(v2, taps=tuple(range(v2.depth - 4, v2.depth))) for name, v2 in _V2.items()}
VARIANTS = _V2 | _V1
