"""Stereo pairs that carry a number: what comes back from a page tells whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic import warped_pair
from depth_demo.geometry import RgbImage

SIZES: dict[float, tuple[int, int]] = {0.3: (640, 480), 1: (1216, 832), 3: (2048, 1536), 12: (4000, 3000)}  # by megapixels
NUM_DISPARITIES = 48  # searched; the textures reach to 0.8 of 32, and shifts add up to 15
SHIFTS, WIDTHS = 16, 128  # how many of each there are to tell numbers apart
ROWS, COLUMNS = 5, 6  # cells of the code: a bit each
CODE = 0.35, 0.65  # share of height and of width between which it lies
DARKER = 0.37


@dataclass(frozen=True, slots=True)
class Marked:
    """A pair that shows `number` as dark and bright cells, and has a width and disparities that follow from its owner.

    Attributes:
        number: Below 2**30.
        truth: (H, W) float32, disparity in px.
    """

    number: int
    left: RgbImage
    right: RgbImage
    truth: NDArray[np.float32]


class Album:
    """Textures of every size, made once and kept in a folder, so that many processes can read them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for megapixels, (width, height) in SIZES.items():
            pair = warped_pair(height, width + SHIFTS, 32)
            truth = pair.ground_truth
            for name, values in (("left", pair.left), ("right", pair.right), ("truth", truth and truth.values)):
                np.save(self.folder / f"{name}_{megapixels:g}.npy", np.asarray(values))

    def marked(self, megapixels: float, owner: int, number: int) -> Marked:
        """The pair of that many megapixels for this owner."""
        width, shift = SIZES[megapixels][0] - owner % WIDTHS, owner % SHIFTS
        left, right, truth = (self._read(name, megapixels) for name in ("left", "right", "truth"))
        return Marked(
            number,
            stamped(left[:, :width], number),
            stamped(right[:, shift : shift + width], number),
            np.asarray(truth[:, :width], np.float32) + np.float32(shift),
        )

    def _read(self, name: str, megapixels: float) -> NDArray[np.generic]:
        return np.load(self.folder / f"{name}_{megapixels:g}.npy", mmap_mode="r")


def cells(height: int, width: int) -> list[tuple[slice, slice]]:
    """Where the bits of the code are in a picture of this size."""
    rows, columns = (
        np.linspace(low * side, high * side, count + 1).astype(int)
        for (low, high), side, count in ((CODE, height, ROWS), (CODE, width, COLUMNS))
    )
    return [
        (slice(rows[row], rows[row + 1]), slice(columns[column], columns[column + 1]))
        for row in range(ROWS)
        for column in range(COLUMNS)
    ]


def stamped(image: NDArray[np.generic], number: int) -> RgbImage:
    """With cells that are dark or bright, and keep a third of their texture."""
    result = np.array(image, np.uint8)
    for bit, cell in enumerate(cells(*image.shape[:2])):
        bright = 255 * (1 - DARKER) if number >> bit & 1 else 0
        result[cell] = DARKER * result[cell] + bright
    return result


def read_number(picture: RgbImage, shape: tuple[int, ...]) -> int:
    """Of the photo of `shape` that fills a picture's width, from its top; whatever lies below does not count."""
    width = picture.shape[1]
    photo = picture[: round(shape[0] * width / shape[1])]
    bits = [np.median(_middle(photo[cell])) > 127 for cell in cells(*photo.shape[:2])]
    return sum(1 << bit for bit, bright in enumerate(bits) if bright)


def _middle(cell: RgbImage) -> RgbImage:
    height, width = cell.shape[:2]
    return cell[height // 4 : height - height // 4, width // 4 : width - width // 4]


def write_image(path: Path, image: RgbImage) -> Path:
    cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 92])
    return path
