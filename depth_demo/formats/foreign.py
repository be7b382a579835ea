"""Read maps from HDF5 and OpenEXR, by their own libraries, in a process with bounds on memory and time.

Both libraries are optional. Their files may name any size, and may be packed a thousandfold.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from depth_demo.formats.arrays import read_npy
from depth_demo.formats.untrusted import MAX_PIXELS, harmless

MAX_BYTES = 200_000_000
WITHIN_S = 60.0
CHILD = Path(__file__).with_name("foreign_child.py")


@dataclass(frozen=True, slots=True)
class Library:
    """What reads a format.

    Attributes:
        format: What people call the files.
        module: The Python module.
        requirement: What to install.
    """

    format: str
    module: str
    requirement: str


HDF5 = Library("HDF5", "h5py", "h5py>=3.11,<4")
OPENEXR = Library("OpenEXR", "OpenEXR", "OpenEXR>=3.3,<4")


def read_foreign(library: Library, content: bytes) -> tuple[NDArray[np.generic], str]:
    """Return the (H, W) numbers of a file, and the name that it has for them.

    Of several maps the one is taken whose name speaks of disparity or depth. The name may hold anything: quote it.

    Args:
        library: What reads the file.
        content: The file.

    Raises:
        ValueError: If the library is missing, or it finds no map, or needs too much memory or time.
    """
    if len(content) > MAX_BYTES:
        raise ValueError(f"The {library.format} file is larger than the {MAX_BYTES / 1e6:.0f} MB that are accepted.")
    with tempfile.TemporaryDirectory() as folder:
        given, written = Path(folder, "given"), Path(folder, "written.npy")
        given.write_bytes(content)
        command = [sys.executable, "-I", str(CHILD), library.module, str(given), str(written), str(MAX_PIXELS)]
        try:
            run = subprocess.run(command, capture_output=True, timeout=WITHIN_S, check=False, cwd=folder)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise ValueError(f"The {library.format} file takes too long to read: save its map as NPY.") from error
        said = harmless(run.stdout.decode("utf-8", "replace").strip(), 120)
        if said == "no library":
            raise ValueError(f'{library.format} files need a library that is not here: pip install "{library.requirement}".')
        if run.returncode == 0:
            with written.open("rb") as stream:
                return read_npy(stream, written.stat().st_size), said
        if run.returncode == 2 and said:
            raise ValueError(f"The {library.format} file {said}.")
        raise ValueError(f"The {library.format} file is damaged, or needs too much memory: save its map as NPY.")
