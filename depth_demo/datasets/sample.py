"""Hold one pair of a data set: where its files are, and how they are read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from depth_demo.formats.cameras import load_calibration
from depth_demo.formats.photos import load_views
from depth_demo.formats.truth import TruthKind, load_ground_truth
from depth_demo.geometry import Labels, StereoPair


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

    def load(self) -> StereoPair:
        """Read all files.

        Raises:
            ValueError: If a file is missing or cannot be read, or the sizes differ.
        """
        views = load_views(self.left, self.right)
        camera = load_calibration(self.calibration, views[0].shape[:2]) if self.calibration else None
        truth = load_ground_truth(self.truth, self.kind, self.scale, self.encoding).depth_map if self.truth else None
        return StereoPair(*views, camera, truth, self.name, self.load_labels())

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
