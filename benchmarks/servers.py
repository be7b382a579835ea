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
from pathlib import Path

ROOT = Path(__file__).parents[1]
APP = ("app.py", "--port")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SOFTWARE_GL = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")


@contextmanager
def served(command: tuple[str, ...], variables: Mapping[str, str] | None = None) -> Iterator[str]:
    """The URL of what this Python command serves on the port that is given to it last; without a Hub."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        own = {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_TEMP_DIR": folder, "HF_HUB_OFFLINE": "1"}
        environment = os.environ | own | dict(variables or {})
        server = subprocess.Popen([sys.executable, *command, port], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            while not _answers(url):
                if server.poll() is not None:
                    sys.exit(f"{' '.join(command)} ended with code {server.returncode}")
                time.sleep(0.01)
            yield url
        finally:
            server.kill()
            server.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as page:
            return bool(page.status == 200)
    except OSError:
        return False
