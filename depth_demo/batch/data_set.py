"""A data set as a visitor hands it in: a ZIP that is unpacked, or a folder that is named, and what was found there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from depth_demo.datasets import Sample, recognise
from depth_demo.formats.archives import BOUNDS, Bounds, unpack
from depth_demo.formats.untrusted import quoted, reason
from depth_demo.formats.writers import safe_name

MOST_WRAPPINGS = 2  # folders that hold nothing but another folder
NOT_OURS = ("__MACOSX", ".DS_Store", "Thumbs.db")  # what systems put beside the files


@dataclass(frozen=True, slots=True)
class DataSet:
    """What was found.

    Attributes:
        root: The folder, or the table, that holds it.
        name: What it is called.
        layout: A key of `datasets.DATASETS`.
        samples: Its pairs.
    """

    root: Path
    name: str
    layout: str
    samples: tuple[Sample, ...]

    def in_words(self) -> str:
        """Say in a sentence what was found."""
        count, with_truth = len(self.samples), sum(sample.truth is not None for sample in self.samples)
        pairs = f"{count:,} pair{'' if count == 1 else 's'}"
        known = "all" if with_truth == count else f"{with_truth:,}"
        return f"Found in {quoted(self.name)}: {pairs} in the layout {self.layout}, {known} with ground truth."


def unpack_data_set(archive: Path, place: Path, bounds: Bounds = BOUNDS) -> DataSet:
    """Unpack a ZIP into a folder of its own, unless that was done before, and return what it holds.

    Args:
        archive: The ZIP.
        place: Where the folder is made; it is the ZIP's own, and is not there after a refusal.
        bounds: What the ZIP may hold.

    Raises:
        ValueError: If it cannot be unpacked within the bounds, or holds no data set; the sentence says what was found.
    """
    folder = place / safe_name(archive.stem)
    if not folder.is_dir():
        unpack(archive, folder, bounds)
    try:
        return find_data_set(folder, what="ZIP")
    except ValueError:
        if _only_folder(place) != folder:
            raise
        with suppress(ValueError):  # the files of one pair, without a folder around them
            layout, samples = recognise(place)
            return DataSet(place, folder.name, layout, tuple(samples))
        raise


def find_data_set(root: Path, within: Path | None = None, what: str = "folder") -> DataSet:
    """Return the data set of a folder, or of the only folder in it; of a table, where any file may be read.

    Args:
        root: The folder, or a CSV file.
        within: Only files in this folder may be named; links that lead out of it do not count as within. None allows all.
        what: What a refusal calls the folder.

    Raises:
        ValueError: If there is none, it cannot be read, or it names a file outside.
    """
    try:
        return _found(root, within, what)
    except OSError as error:  # such as no permission
        raise ValueError(f"The {what} {quoted(root.name)} cannot be read here ({reason(error)}).") from error


def _found(root: Path, within: Path | None, what: str) -> DataSet:
    place = root
    for _ in range(MOST_WRAPPINGS):
        only = _only_folder(place)
        if only is None:
            break
        try:
            recognise(place)
        except ValueError:
            place = only
    layout, samples = recognise(place, what=f"{what} {quoted(root.name)}" if place.is_dir() else "")
    if within is not None:
        _refuse_outside(samples, within)
    return DataSet(place, root.name, layout, tuple(samples))


def _only_folder(place: Path) -> Path | None:
    """Return the folder in a folder where there is nothing else."""
    if not place.is_dir():
        return None
    inside = [path for path in place.iterdir() if path.name not in NOT_OURS]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else None


def _refuse_outside(samples: Sequence[Sample], within: Path) -> None:
    allowed = within.resolve()
    for sample in samples:
        for path in files_of(sample):
            if not path.resolve().is_relative_to(allowed):
                raise ValueError(f"The pair {quoted(sample.name)} names a file outside the folder that may be scored here.")


def files_of(sample: Sample) -> list[Path]:
    """Return all files of a pair."""
    one = (sample.left, sample.right, sample.truth, sample.calibration, sample.mask)
    return [*filter(None, one), *(sample.labels or ()), *sample.left_out]
