"""Pages that are started as fresh processes, and the Chromium that looks at them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
APP = ("app.py", "--port")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SOFTWARE_GL = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")


@dataclass(frozen=True, slots=True)
class Server:
    """A page's process, and the folder for its uploads and results."""

    url: str
    process_id: int
    folder: Path


@contextmanager
def served(command: tuple[str, ...], variables: Mapping[str, str] | None = None, root: Path = ROOT) -> Iterator[str]:
    """The URL of what this Python command, run in the checkout `root`, serves on the port given to it last; without a Hub."""
    with started(command, variables, root=root) as server:
        yield server.url


@contextmanager
def started(
    command: tuple[str, ...], variables: Mapping[str, str] | None = None, log: IO[str] | None = None, root: Path = ROOT
) -> Iterator[Server]:
    """As `served`; what it writes to its standard error goes to `log`, or is shown."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        own = {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_TEMP_DIR": folder, "HF_HUB_OFFLINE": "1"}
        environment = os.environ | own | dict(variables or {})
        server = subprocess.Popen(
            [sys.executable, *command, port], cwd=root, env=environment, stdout=subprocess.DEVNULL, stderr=log
        )
        try:
            while not _answers(url):
                if server.poll() is not None:
                    sys.exit(f"{' '.join(command)} ended with code {server.returncode}")
                time.sleep(0.01)
            yield Server(url, server.pid, Path(folder))
        finally:
            server.kill()
            server.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as page:
            return bool(page.status == 200)
    except OSError:
        return False
