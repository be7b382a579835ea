"""Two calibrated cameras before rectification, and the same for pictures of another size."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.cameras.documents import Size

Matrix = NDArray[np.float64]
_ALIKE = 0.01  # by how much the shapes of resized pictures may differ
_ASIDE = 0.6  # how far a principal point may lie from the centre, in halves of a side


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """One camera.

    Attributes:
        k: (3, 3) camera matrix [px].
        distortion: (N,) coefficients in OpenCV's order k1, k2, p1, p2, k3 ...; N is 0, 4, 5, 8, 12 or 14.
    """

    k: Matrix
    distortion: Matrix

    def scaled(self, factor: float) -> Lens:
        """The same camera for pictures resized by `factor`."""
        k = self.k.copy()
        k[:2] *= factor
        k[:2, 2] += (factor - 1) / 2  # 0 is the centre of the first pixel
        return replace(self, k=k)


@dataclass(frozen=True, slots=True, eq=False)
class StereoRig:
    """Two calibrated cameras: x_right = rotation x_left + translation.

    Attributes:
        left, right: The cameras.
        rotation: (3, 3).
        translation_m: (3,) [m].
        size: (height, width) of the pictures for which it holds [px]; None where the file does not say.
        description: How it was read, in sentences.
        right_size: (height, width) of the right camera's pictures [px], where it differs from `size`.
    """

    left: Lens
    right: Lens
    rotation: Matrix
    translation_m: Matrix
    size: Size | None
    description: str = ""
    right_size: Size | None = None

    @property
    def baseline_m(self) -> float:
        """Distance between the cameras [m]."""
        return float(np.linalg.norm(self.translation_m))

    def for_size(self, size: Size, right_size: Size | None = None) -> StereoRig:
        """Return the rig for pictures of this height and width.

        Args:
            size: Of the left pictures [px].
            right_size: Of the right ones; None where they have the left ones' size.

        Raises:
            ValueError: If it holds for pictures of another shape.
        """
        right_size = right_size or size
        same = size == right_size and self.right_size is None
        left, said = _for_size(self.left, self.size, size, "" if same else "left ")
        right, other = _for_size(self.right, self.right_size or self.size, right_size, "" if same else "right ")
        notes = [said] if same else [said, other]
        if self.size == size and (self.right_size or self.size) == right_size:
            return self
        return replace(
            self, left=left, right=right, size=size, description=" ".join(filter(None, (self.description, *notes))),
            right_size=None if right_size == size else right_size,
        )  # fmt: skip


def _for_size(lens: Lens, own: Size | None, size: Size, side: str) -> tuple[Lens, str]:
    """Return one camera for pictures of a size, and what to say; `side` is "left ", "right " or "" for both.

    Raises:
        ValueError: If it holds for pictures of another shape.
    """
    pictures = f"{size[1]}x{size[0]}"
    if own is None:
        column, row = lens.k[:2, 2]
        if abs(2 * column / size[1] - 1) > _ASIDE or abs(2 * row / size[0] - 1) > _ASIDE:
            raise ValueError(
                f"The calibration is made for another size of {side}pictures: its principal point is at column {column:.0f}, "
                f"row {row:.0f}, and these have {pictures} pixels."
            )
        return lens, ""
    if own == size:
        return lens, ""
    factor, sides = size[1] / own[1], f"{own[1]}x{own[0]}"
    if abs(size[0] / own[0] / factor - 1) > max(_ALIKE, 1.5 / min(size)):
        raise ValueError(
            f"The calibration holds for {side}pictures of {sides} pixels, but these have {pictures}, which is another shape. "
            "Give the pictures as they were calibrated."
        )
    camera = f"Its {side}camera holds" if side else "It holds"
    return lens.scaled(factor), f"{camera} for {sides} pixels and is scaled by {factor:.4g} to {pictures}."
