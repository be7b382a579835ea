"""Open the folders of data sets. Each layout is one file here and one row of `DATASETS`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from depth_demo.datasets import bundled, cityscapes, columns, eth3d, folder, kitti, middlebury, sintel, vkitti
from depth_demo.datasets.sample import Sample
from depth_demo.formats.untrusted import quoted

__all__ = ["DATASETS", "Sample", "open_dataset", "recognise"]

SHOWN = 4  # names in a refusal

# Each returns the samples of a folder, none where the folder has another layout. They are asked in this order.
DATASETS: dict[str, Callable[[Path], Sequence[Sample]]] = {
    "csv": columns.find_samples,
    "kitti": kitti.find_samples,
    "cityscapes": cityscapes.find_samples,
    "sintel": sintel.find_samples,
    "vkitti": vkitti.find_samples,
    "eth3d": eth3d.find_samples,
    "middlebury": middlebury.find_samples,
    "bundled": bundled.find_samples,
    "folder": folder.find_samples,
}


def open_dataset(root: str | Path, name: str | None = None) -> Sequence[Sample]:
    """Return the samples of a data set, by name; no picture is decoded.

    Args:
        root: The folder that holds the data set, or a CSV file whose columns name the files of each pair.
        name: A key of `DATASETS`. None takes the first layout that fits.

    Raises:
        ValueError: If there is no such folder or layout, or no sample in it.
    """
    return recognise(root, name)[1]


def recognise(root: str | Path, name: str | None = None, what: str = "") -> tuple[str, Sequence[Sample]]:
    """Return the layout of a data set, which is a key of `DATASETS`, and its samples.

    Args:
        root: As for `open_dataset`.
        name: As for `open_dataset`.
        what: What a refusal calls it; "" takes its own name.

    Raises:
        ValueError: As `open_dataset`.
    """
    root = Path(root)
    if root.is_file() and name in {None, "csv"}:
        name = "csv"
    elif not root.is_dir():
        raise ValueError(f"There is no folder {quoted(root.name)}.")
    if name is not None and name not in DATASETS:
        raise ValueError(f"The layout must be {' or '.join(DATASETS)}, not {quoted(name)}.")
    layouts = DATASETS if name is None else [name]
    recognised = next(((layout, found) for layout in layouts if (found := DATASETS[layout](root))), None)
    if recognised is None:
        called = what or f"{'table' if root.is_file() else 'folder'} {quoted(root.name)}"
        inside = "" if root.is_file() else f" {_contents(root)}"
        raise ValueError(f"The {called} holds no pair in the layout {' or '.join(layouts)}.{inside}")
    return recognised


def _contents(root: Path) -> str:
    """Say in a sentence what a folder holds."""
    names = sorted(f"{path.name} (a folder)" if path.is_dir() else path.name for path in root.iterdir())
    if not names:
        return "It is empty."
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"It holds {', '.join(map(quoted, names[:SHOWN]))}{more}."
