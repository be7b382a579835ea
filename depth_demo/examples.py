"""The bundled examples: folders with left.png, right.png, disparity.png (16 bits, value / 256), calib.txt, README.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from depth_demo.calibration_files import parse_calibration
from depth_demo.files import load_ground_truth, load_photo
from depth_demo.geometry import Calibration, StereoPair

ROOT = Path(__file__).parents[1] / "examples"


@dataclass(frozen=True, slots=True)
class Example:
    """Where the files of one bundled pair are.

    Attributes:
        name: The folder's name.
        title: The first heading of its README.
        left, right, disparity: The pictures and the truth.
        calibration: The camera.
        num_disparities: The range that covers the scene [px], a multiple of 16 (`ndisp` in calib.txt).
    """

    name: str
    title: str
    left: Path
    right: Path
    disparity: Path
    calibration: Calibration
    num_disparities: int

    def load(self) -> StereoPair:
        """The whole pair, decoded, with its truth."""
        truth = load_ground_truth(self.disparity, "disparity")
        left, right = load_photo(self.left), load_photo(self.right)
        return StereoPair(left.pixels, right.pixels, self.calibration, truth.depth_map, self.title)


def list_examples(root: Path = ROOT) -> tuple[Example, ...]:
    """Every bundled pair, by name; nothing but its small text files is read. None where only the package is installed."""
    if not root.is_dir():
        return ()
    return tuple(_read(folder) for folder in sorted(root.iterdir()) if (folder / "left.png").is_file())


def _read(folder: Path) -> Example:
    title = (folder / "README.md").read_text("utf-8").partition("\n")[0].removeprefix("# ").strip()
    text = (folder / "calib.txt").read_text("utf-8")
    disparities = re.search(r"^ndisp=(\d+)$", text, re.MULTILINE)
    if disparities is None:
        raise ValueError(f"The calib.txt of example {folder.name} has no line ndisp=.")
    return Example(
        name=folder.name,
        title=title,
        left=folder / "left.png",
        right=folder / "right.png",
        disparity=folder / "disparity.png",
        calibration=parse_calibration(text),
        num_disparities=int(disparities[1]),
    )
