"""The app with traps in a process of its own, and a look at what it does."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import Served, started

SCRIPT = "tests/support/app_with_traps.py"
HANG_S = 60.0
LOOK_S = 0.02  # between two looks, so that whoever waits leaves the processor to the server
OFFLINE = {"HF_HUB_OFFLINE": "1"}


@contextmanager
def serving(folder: Path, hub: Mapping[str, str] = OFFLINE) -> Iterator[Served]:
    # Gradio's client notices that it was closed at the next heartbeat: every 0.25 s in end-to-end tests, and every 15 s else.
    with started([], SCRIPT, folder, {**hub, "GRADIO_IS_E2E_TEST": "1"}) as served:
        yield served


def health(server: Served) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"{server.url}/health", timeout=HANG_S) as page:
            return dict(json.load(page))
    except OSError as error:
        error.add_note(
            f"The server's exit code is {server.process.poll()}, and its log ends with: {server.log.read_text()[-3000:]}"
        )
        raise


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Look again and again, for a minute at most."""
    until = time.monotonic() + HANG_S
    while not condition():
        assert time.monotonic() < until, f"{what} did not come about in {HANG_S:.0f} s"
        time.sleep(LOOK_S)
