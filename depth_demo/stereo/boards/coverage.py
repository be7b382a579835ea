"""How well the boards of all photos cover a camera's picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.cameras.documents import Size

CELLS = (8, 6)  # fields of the picture, across and down
_CORNER = 0.25  # of each side
_NAMES = ("upper left", "upper right", "lower left", "lower right")


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """Where a camera saw the board.

    Attributes:
        points: (N, 2) float32 column and row of all corners in all photos that counted [px].
        size: Height and width of the photos [px].
    """

    points: NDArray[np.float32]
    size: Size

    @property
    def share(self) -> float:
        """Share of the 8x6 fields of the picture that hold a corner, 0 to 1."""
        cells = np.floor(self.points / self.size[::-1] * CELLS).astype(int)
        inside = ((cells >= 0) & (cells < CELLS)).all(axis=1)
        return len({(int(x), int(y)) for x, y in cells[inside]}) / (CELLS[0] * CELLS[1])

    @property
    def missed(self) -> tuple[str, ...]:
        """The corners of the picture, a quarter of each side, in which no board was seen."""
        places = self.points / self.size[::-1]
        low, high = (places < _CORNER), (places > 1 - _CORNER)
        there = (low[:, 0] & low[:, 1], high[:, 0] & low[:, 1], low[:, 0] & high[:, 1], high[:, 0] & high[:, 1])
        return tuple(name for name, seen in zip(_NAMES, there, strict=True) if not seen.any())
