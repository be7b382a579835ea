"""A pair in one small picture, and which pairs of a data set are kept as pictures: the best and the worst of each method."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from depth_demo.comparison.results import Comparison
from depth_demo.geometry import DepthMap, RgbImage
from depth_demo.render.maps import colors, lookup_table, value_range

F = TypeVar("F", np.uint8, np.float32)
TILE_PX = 300  # width of each of the four pictures of a strip
GAP_PX = 4
KEPT_PAIRS = 3  # best ones, and as many worst ones
STRIP_SAYS = "left view, truth, monocular, stereo"


def draw_strip(comparison: Comparison) -> bytes:
    """Draw the left view, the truth and both maps beside each other, in one scale of colours, as a JPEG."""
    limits, table = value_range(comparison.reference), lookup_table("Inferno")

    def drawn(depth_map: DepthMap, *, own: bool = False) -> RgbImage:
        small = _small(depth_map.values, cv2.INTER_NEAREST)
        return colors(small, value_range(depth_map) if own else limits, table)

    aligned = comparison.aligned
    tiles = [
        _small(comparison.views.left, cv2.INTER_AREA),
        drawn(comparison.reference),
        drawn(aligned or comparison.estimate.depth_map, own=aligned is None),
        drawn(comparison.matched.disparity),
    ]
    gap = np.full((len(tiles[0]), GAP_PX, 3), 255, np.uint8)
    strip = np.hstack([part for tile in tiles for part in (gap, tile)][1:])
    stream = BytesIO()
    Image.fromarray(strip).save(stream, "jpeg", quality=80)
    return stream.getvalue()


def _small(picture: NDArray[F], interpolation: int) -> NDArray[F]:
    height, width = picture.shape[:2]
    size = TILE_PX, max(round(height * TILE_PX / width), 1)
    return np.asarray(cv2.resize(picture, size, interpolation=interpolation), picture.dtype)


def file_stem(name: str) -> str:
    """Return a sample's name as every file system takes it; other names than the sample's own end in a checksum."""
    kept = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII).strip(".")[:80]
    return kept if kept == name else f"{kept}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


@dataclass(slots=True)
class Extremes:
    """The pictures of the best and the worst pairs so far, in a folder that holds no others.

    Attributes:
        folder: Where they are.
        ranked: For each method, its pairs of both ends: the share of wrong pixels [%], and the pair's name.
    """

    folder: Path
    ranked: dict[str, list[tuple[float, str]]] = field(default_factory=dict)

    def offer(self, name: str, wrong: Mapping[str, float], strip: bytes | None) -> None:
        """Keep a pair's picture if the pair is now among the best or the worst, and drop those that no longer are.

        Args:
            name: The sample's name.
            wrong: How much of the truth each method has wrong [%].
            strip: The picture; None for a pair of an earlier run, whose picture is there.

        Raises:
            OSError: If the picture cannot be written.
        """
        before = self.names()
        for method, share in wrong.items():
            rows = sorted([*self.ranked.get(method, []), (share, name)])
            both_ends = rows if len(rows) <= 2 * KEPT_PAIRS else [*rows[:KEPT_PAIRS], *rows[-KEPT_PAIRS:]]
            self.ranked[method] = both_ends
        kept = self.names()
        for dropped in before - kept:
            self.path(dropped).unlink(missing_ok=True)
        if strip is not None and name in kept:
            self.folder.mkdir(exist_ok=True)
            self.path(name).write_bytes(strip)

    def names(self) -> set[str]:
        return {name for rows in self.ranked.values() for _, name in rows}

    def path(self, name: str) -> Path:
        return self.folder / f"{file_stem(name)}.jpg"
