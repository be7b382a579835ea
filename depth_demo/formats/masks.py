"""Read the mask of a benchmark: which pixels of the left view its figures count."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from depth_demo.formats.coded import Numbers
from depth_demo.formats.containers import Stored, read_stored
from depth_demo.formats.encodings import channel_spread
from depth_demo.formats.resizing import at_size
from depth_demo.formats.untrusted import existing_file
from depth_demo.geometry import LARGEST, Mask, size_text

ACCEPTED = (
    "0 and 1, 0 and 255, Middlebury's 0, 128 and 255, or a map in 16 bits or floating-point numbers whose pixels with a value "
    "count, such as KITTI's disp_noc"
)


@dataclass(frozen=True, slots=True, eq=False)
class MaskFile:
    """A mask from a file.

    Attributes:
        counted: (H, W) bool, read-only: the pixels that count.
        description: A few sentences that tell how the file was understood.
    """

    counted: Mask
    description: str


@dataclass(frozen=True, slots=True)
class _Levels:
    """Masks that hold nothing but these numbers, of which the last one counts."""

    numbers: tuple[int, ...]
    words: str

    def fits(self, stored: Numbers) -> bool:
        return bool(np.isin(stored, self.numbers).all())


_LEVELS = (
    _Levels((0, 1), "1 counts"),
    _Levels((0, 255), "255 counts"),
    _Levels((0, 128, 255), "255 (non-occluded) counts, 128 (occluded) and 0 (unknown) do not"),
)


def load_mask(path: str | Path | None, size: tuple[int, int]) -> MaskFile:
    """Read which pixels a benchmark counts, at the size of the left view.

    Args:
        path: A file in one of the formats of `containers`: levels as Middlebury's mask0nocc.png has them, truth values, or a
            map of disparity whose pixels with a value count.
        size: Height and width of the left view [px]. A mask of another size is brought to it by the nearest value.

    Raises:
        ValueError: If there is no file, it cannot be read, is no mask, has another shape, or counts no pixel.
    """
    if path is None:
        raise ValueError("No mask yet: choose a file first.")
    try:
        stored = read_stored(existing_file(path))
    except ValueError as error:
        raise ValueError(f"Mask of the benchmark: {error}") from error
    own, words = _counted(stored)
    counted = at_size(own, size, "mask")
    if not counted.any():
        raise ValueError(f"The mask counts no pixel: {words}.")
    counted.flags.writeable = False
    nearest = f" The mask is {size_text(own)} pixels: the nearest value is taken." if own.shape != size else ""
    return MaskFile(counted, f"{stored.form}, where {words}: {100 * counted.mean():.1f} % of the pixels.{nearest}")


def _counted(stored: Stored) -> tuple[Mask, str]:
    """Return what counts, at the mask's own size, and by which rule."""
    numbers = stored.numbers
    if numbers.ndim == 3:
        if channel_spread(numbers):
            raise ValueError(f"The mask is a colour picture. A mask holds {ACCEPTED}.")
        numbers = numbers[..., 0]
    if numbers.dtype == np.bool_:
        numbers = numbers.view(np.uint8)  # a file may hold other bytes than 0 and 1
    levels = next((row for row in _LEVELS if row.fits(numbers)), None)
    if levels is not None:
        return np.asarray(numbers == levels.numbers[-1]), levels.words
    if numbers.dtype.itemsize == 1:
        raise ValueError(f"The mask holds {len(np.unique(numbers))} different numbers in 8 bits. A mask holds {ACCEPTED}.")
    with np.errstate(over="ignore"):  # becomes infinite, which is no value
        values = numbers.astype(np.float32)
    known = (values > 0) & (values < LARGEST) & ~np.isin(values, stored.no_data)
    return known, "every pixel with a value above 0 counts"
