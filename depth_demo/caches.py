"""Where the app keeps what it would have to make again: graphs, compiled code, converted weights."""

from __future__ import annotations

import os
from pathlib import Path

CACHE_VARIABLE = "DEPTH_DEMO_CACHE"


def cache_folder() -> Path:
    """Return the folder named by DEPTH_DEMO_CACHE, or `depth-demo` where the system keeps caches (XDG_CACHE_HOME)."""
    given = os.environ.get(CACHE_VARIABLE)
    return Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "depth-demo"
