"""What requirements.txt says."""

from __future__ import annotations

import re
from pathlib import Path

REQUIREMENTS = (Path(__file__).parents[2] / "requirements.txt").read_text("utf-8")


def bounds_of(package: str) -> str:
    """The bounds of a package, such as '>=6,<7'."""
    line = re.search(rf"^{package}([^\s#]+)", REQUIREMENTS, re.MULTILINE)
    assert line is not None
    return line[1]
