"""The bundled examples: folders with left.png, right.png, disparity.png (16 bits, value / 256), and three small files.

- calib.txt: a Middlebury calibration; its `ndisp` is the range that covers the scene.
- README.md: the title as its heading, then a paragraph whose first sentence says what to look for.
- preview.jpg: the left view, small enough to be shown before anybody asks for it.

A folder may also hold labels.png, what each pixel of the left view shows, by the ids of labels.json beside the folders.
"""

from __future__ import annotations

import filecmp
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import numpy as np
from PIL import Image

from depth_demo.formats.cameras import parse_calibration
from depth_demo.formats.photos import load_photo
from depth_demo.formats.truth import load_ground_truth
from depth_demo.geometry import Calibration, Labels, StereoPair

FIRST_FILE = "examples/466/left.png"


def examples_folder() -> Path:
    """Return the folder of the bundled examples: of the checkout, or where the installed package has put them."""
    in_checkout = Path(__file__).parents[1] / "examples"
    if in_checkout.is_dir():
        return in_checkout
    with suppress(PackageNotFoundError):
        installed = next((file for file in files("depth-demo") or () if str(file).endswith(FIRST_FILE)), None)
        if installed:
            return Path(str(installed.locate())).resolve().parents[1]
    return in_checkout


ROOT = examples_folder()


@dataclass(frozen=True, slots=True)
class Example:
    """Where the files of one pair are.

    Attributes:
        name: The folder's name.
        title: The heading of its README.
        look_for: One sentence: what to look for in it.
        left, right, disparity, preview: The pictures and the truth.
        calibration: The camera.
        num_disparities: The range that covers the scene [px], a multiple of 16.
    """

    name: str
    title: str
    look_for: str
    left: Path
    right: Path
    disparity: Path
    preview: Path
    calibration: Calibration
    num_disparities: int

    @property
    def labels(self) -> Labels | None:
        """What each pixel of the left view shows, where that is known."""
        return _labels_in(self.disparity.parent)

    def load(self) -> StereoPair:
        """The whole pair, decoded, with its truth."""
        truth = load_ground_truth(self.disparity, "disparity")
        left, right = load_photo(self.left), load_photo(self.right)
        return StereoPair(left.pixels, right.pixels, self.calibration, truth.depth_map, self.title, self.labels)


def list_examples(root: Path = ROOT) -> tuple[Example, ...]:
    """Every folder with a left.png, by name; only small text files are read. None where only the package is installed.

    Raises:
        ValueError: A README.md or calib.txt lacks what is needed; the message names it.
    """
    if not root.is_dir():
        return ()
    return tuple(_read(folder) for folder in sorted(root.iterdir()) if (folder / "left.png").is_file())


def find_example(
    left: str | Path | None, right: str | Path | None, truth: str | Path | None = None, root: Path = ROOT
) -> Example | None:
    """The example that these files are, or are copies of; None for any other pair."""
    if not left or not right:
        return None
    for example in list_examples(root):
        pairs = [(left, example.left), (right, example.right), *([(truth, example.disparity)] if truth else [])]
        if all(Path(given).is_file() and filecmp.cmp(given, own, shallow=False) for given, own in pairs):
            return example
    return None


def _labels_in(folder: Path) -> Labels | None:
    path = folder / "labels.png"
    if not path.is_file():
        return None
    names = json.loads((folder.parent / "labels.json").read_text("utf-8"))
    with Image.open(path) as picture:
        return Labels(np.asarray(picture, np.uint8), {int(label): name for label, name in names.items()})


def _read(folder: Path) -> Example:
    readme = (folder / "README.md").read_text("utf-8")
    words = re.match(r"# ([^\n]+)\n\s*([^#\s].*?[.!?])(?=\s)", readme, re.DOTALL)
    if words is None:
        raise ValueError(f"The README.md of example {folder.name} must be a heading, then what to look for as a sentence.")
    text = (folder / "calib.txt").read_text("utf-8")
    disparities = re.search(r"^ndisp=(\d+)$", text, re.MULTILINE)
    if disparities is None:
        raise ValueError(f"The calib.txt of example {folder.name} has no line ndisp=.")
    return Example(
        name=folder.name,
        title=words[1].strip(),
        look_for=" ".join(words[2].split()),
        left=folder / "left.png",
        right=folder / "right.png",
        disparity=folder / "disparity.png",
        preview=folder / "preview.jpg",
        calibration=parse_calibration(text),
        num_disparities=int(disparities[1]),
    )
