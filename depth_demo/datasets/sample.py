"""Hold one pair of a data set: where its files are, and how they are read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from depth_demo.formats.cameras import load_calibration
from depth_demo.formats.containers import read_stored
from depth_demo.formats.masks import load_mask
from depth_demo.formats.photos import load_views
from depth_demo.formats.truth import TruthKind, load_ground_truth
from depth_demo.formats.untrusted import existing_file, quoted
from depth_demo.geometry import Calibration, Labels, Mask, StereoPair, size_text


@dataclass(frozen=True, slots=True)
class Sample:
    """A pair of a data set whose files are not read yet.

    Attributes:
        name: Tells it from the other samples of the data set.
        left, right: The views.
        truth: The truth of the left view, where there is one.
        kind, encoding, scale: How the truth is read, as `load_ground_truth` takes them.
        calibration: The file with the camera, where there is one.
        labels: A picture with an id for each pixel of the left view, and a JSON file with a name for each id.
        num_disparities: A search range that covers the scene [px], a multiple of 16, where the data set gives one.
        mask: The benchmark's mask of the pixels that both cameras see, where there is one, as `load_mask` takes it.
        left_out: Pictures whose pixels above 0 the benchmark does not count, in place of a mask.
        camera: The camera, where the data set has the same for all pairs and no file for it.
    """

    name: str
    left: Path
    right: Path
    truth: Path | None = None
    kind: TruthKind = "disparity"
    encoding: str | None = None
    scale: float | None = None
    calibration: Path | None = None
    labels: tuple[Path, Path] | None = None
    num_disparities: int | None = None
    mask: Path | None = None
    left_out: tuple[Path, ...] = ()
    camera: Calibration | None = None

    @property
    def has_mask(self) -> bool:
        """Whether the data set tells which pixels both cameras see."""
        return bool(self.mask or self.left_out)

    def load(self, *, masked: bool = False) -> StereoPair:
        """Read all files.

        Args:
            masked: Whether the pair says which pixels the benchmark's mask counts, where there is a mask.

        Raises:
            ValueError: If a file is missing or cannot be read, or the sizes differ.
        """
        for path in filter(None, (self.left, self.right, self.truth, self.calibration, self.mask)):
            if not path.is_file():
                raise ValueError(f"The data set has no file {quoted(path.name)} for this pair.")
        views = load_views(self.left, self.right)
        size = views[0].shape[0], views[0].shape[1]
        camera = load_calibration(self.calibration, size) if self.calibration else self.camera
        truth = load_ground_truth(self.truth, self.kind, self.scale, self.encoding).depth_map if self.truth else None
        counted = self._load_counted(size) if masked else None
        return StereoPair(*views, camera, truth, self.name, self.load_labels(), counted)

    def _load_counted(self, size: tuple[int, int]) -> Mask | None:
        if self.mask:
            return load_mask(self.mask, size).counted
        if not self.left_out:
            return None
        counted = np.ones(size, bool)
        for path in self.left_out:
            stored = read_stored(existing_file(path)).numbers
            flat = stored if stored.ndim == 2 else stored[..., 0]
            if flat.shape != size:
                raise ValueError(f"The mask {quoted(path.name)} is {size_text(flat)} pixels, and the views are another size.")
            counted &= flat == 0
        return counted

    def load_labels(self) -> Labels | None:
        """Read what each pixel of the left view shows; None where the data set does not say."""
        if self.labels is None:
            return None
        ids, names = self.labels
        with Image.open(ids) as picture:
            return Labels(
                np.asarray(picture, np.uint8), {int(i): name for i, name in json.loads(names.read_text("utf-8")).items()}
            )


def if_there(path: Path) -> Path | None:
    """Return the path of a file that is there, None for another."""
    return path if path.is_file() else None
