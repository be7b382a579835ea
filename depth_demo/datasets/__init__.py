"""Open the folders of data sets. Each layout is one file here and one row of `DATASETS`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from depth_demo.datasets import bundled, cityscapes, columns, eth3d, folder, kitti, middlebury, sintel, vkitti
from depth_demo.datasets.sample import Sample
from depth_demo.formats.untrusted import quoted

__all__ = ["DATASETS", "Sample", "open_dataset"]

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
    root = Path(root)
    if root.is_file() and name in {None, "csv"}:
        name = "csv"
    elif not root.is_dir():
        raise ValueError(f"There is no folder {quoted(root.name)}.")
    if name is not None and name not in DATASETS:
        raise ValueError(f"The layout must be {' or '.join(DATASETS)}, not {quoted(name)}.")
    layouts = DATASETS if name is None else [name]
    samples = next((found for layout in layouts if (found := DATASETS[layout](root))), None)
    if samples is None:
        what = f"{'table' if root.is_file() else 'folder'} {quoted(root.name)}"
        raise ValueError(f"The {what} holds no pair in the layout {' or '.join(layouts)}.")
    return samples
