"""The process that `foreign` starts: MODULE FILE RESULT MAX_PIXELS. Prints the map's name; ends with 2 after a reason."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

MEMORY_BYTES, SECONDS = 4 * 2**30, 40
# By how likely a name is that of the map; of equals the first.
LIKELY = (
    r"^disparity",
    r"^disp",
    r"disp",
    r"^depth",
    r"depth",
    r"^Z$",
    r"\.Z$",
    r"^V$",
    r"\.V$",
    r"^Y$",
    r"^dataset$",
    r"^R$",
)


def limit() -> None:
    """Bound memory and time, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MEMORY_BYTES, MEMORY_BYTES))


def refuse(reason: str) -> None:
    """End with a reason, which goes on after "The file"."""
    print(reason)
    sys.exit(2)


def choose(names: list[str]) -> str:
    """Return the likeliest name."""
    if not names:
        refuse("holds no two-dimensional map of numbers")
    ranks = [next((i for i, pattern in enumerate(LIKELY) if re.search(pattern, name)), len(LIKELY)) for name in names]
    return names[ranks.index(min(ranks))]


def check_size(shape: tuple[int, ...], max_pixels: int) -> None:
    """Refuse a map that is too large."""
    pixels = 1
    for side in shape:
        pixels *= side
    if not 0 < pixels <= max_pixels:
        refuse(f"holds a map of {'x'.join(map(str, shape))}, and up to {max_pixels // 1_000_000} megapixels are accepted")


def read_h5py(path: str, max_pixels: int) -> tuple[str, Any]:
    """Return the name and the numbers of a dataset."""
    import h5py

    with h5py.File(path, "r") as file:
        found: dict[str, Any] = {}

        def note(name: str, item: Any) -> None:  # noqa: ANN401
            sides = [side for side in getattr(item, "shape", None) or () if side != 1]
            elsewhere = isinstance(item, h5py.Dataset) and (item.external or item.is_virtual)  # in other files
            if isinstance(item, h5py.Dataset) and len(sides) == 2 and item.dtype.kind in "uif" and not elsewhere:
                found[name] = item

        file.visititems(note)
        name = choose([*found])
        check_size(found[name].shape, max_pixels)
        return name, found[name][...]


def read_openexr(path: str, max_pixels: int) -> tuple[str, Any]:
    """Return the name and the numbers of a channel."""
    import OpenEXR

    with OpenEXR.File(path, header_only=True) as file:
        first, last = file.header()["dataWindow"]
        check_size((int(last[1] - first[1]) + 1, int(last[0] - first[0]) + 1), max_pixels)
    with OpenEXR.File(path, separate_channels=True) as file:
        channels: Mapping[str, Any] = file.channels()
        name = choose([each for each, channel in channels.items() if channel.pixels.ndim == 2])
        return name, channels[name].pixels


def main() -> None:
    """Read one file."""
    module, path, result, max_pixels = sys.argv[1:]
    limit()
    try:
        __import__(module)
    except ImportError:
        print("no library")
        sys.exit(2)
    import numpy as np

    name, numbers = (read_h5py if module == "h5py" else read_openexr)(path, int(max_pixels))
    np.save(result, numbers)
    print(name)


if __name__ == "__main__":
    main()
