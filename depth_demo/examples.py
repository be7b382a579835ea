"""List the bundled examples: the scenes of `datasets.bundled`, with the words and the picture that the page shows.

The README.md of a scene begins with its title as a heading, then a sentence that says what to look for.
"""

from __future__ import annotations

import filecmp
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from depth_demo.datasets.bundled import find_samples
from depth_demo.datasets.sample import Sample
from depth_demo.formats.cameras import load_calibration
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
    """A bundled scene.

    Attributes:
        name: The folder's name.
        title: The heading of its README.
        look_for: One sentence that says what to look for.
        left, right, disparity: The views and the truth.
        preview: The left view, small enough to be shown before anybody asks for it.
        calibration: The camera.
        num_disparities: A search range that covers the scene [px], a multiple of 16.
        sample: The scene as a sample of a data set.
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
    sample: Sample

    @property
    def labels(self) -> Labels | None:
        """Read what each pixel of the left view shows; None where that is not known."""
        return self.sample.load_labels()

    def is_given(self, left: str | Path | None, right: str | Path | None, truth: str | Path | None = None) -> bool:
        """Return whether these files are this example's, or copies of them; the truth only counts where there is one."""
        pairs = [(left, self.left), (right, self.right), *([(truth, self.disparity)] if truth else [])]
        return all(given and Path(given).is_file() and filecmp.cmp(given, own, shallow=False) for given, own in pairs)

    def load(self) -> StereoPair:
        """Read the whole pair with its truth and labels.

        Raises:
            ValueError: If a file is missing or cannot be read.
        """
        return replace(self.sample.load(), name=self.title)


def list_examples(root: Path = ROOT) -> tuple[Example, ...]:
    """Return the examples of a folder by name, none where there is no such folder; only small text files are read.

    Raises:
        ValueError: If a README.md or calib.txt lacks what is needed; the message names it.
    """
    return tuple(map(_read, find_samples(root))) if root.is_dir() else ()


def find_example(
    left: str | Path | None, right: str | Path | None, truth: str | Path | None = None, root: Path = ROOT
) -> Example | None:
    """Return the example that these files are, or are copies of; None for any other pair."""
    if not left or not right:
        return None
    return next((example for example in list_examples(root) if example.is_given(left, right, truth)), None)


def _read(sample: Sample) -> Example:
    folder = sample.left.parent
    readme = (folder / "README.md").read_text("utf-8")
    words = re.match(r"# ([^\n]+)\n\s*([^#\s].*?[.!?])(?=\s)", readme, re.DOTALL)
    if words is None:
        raise ValueError(f"The README.md of example {sample.name} must be a heading, then what to look for as a sentence.")
    if sample.num_disparities is None:
        raise ValueError(f"The calib.txt of example {sample.name} has no line ndisp=.")
    return Example(
        name=sample.name,
        title=words[1].strip(),
        look_for=" ".join(words[2].split()),
        left=sample.left,
        right=sample.right,
        disparity=folder / "disparity.png",
        preview=folder / "preview.jpg",
        calibration=load_calibration(folder / "calib.txt"),
        num_disparities=sample.num_disparities,
        sample=sample,
    )
