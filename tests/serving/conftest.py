"""The app as strangers find it: small uploads, no Hub, and ears for whatever it connects to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import served_app
from tests.support.stranger import Stranger

# Loaded by Python before anything else: writes down every address that the process connects to or asks names for.
EARS = """
import sys
def hear(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        host = arguments[1][0] if event == "socket.connect" and isinstance(arguments[1], tuple) else arguments[0]
        with open({log!r}, "a") as log:
            print(event, host, file=log)
sys.addaudithook(hear)
"""


@dataclass
class App:
    """A served app, what it was heard to connect to, and its folder of files."""

    url: str
    connections: Path
    files: Path


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Without weights or a Hub; uploads up to 1 MB."""
    folder = tmp_path_factory.mktemp("web")
    log = folder / "connections.txt"
    log.touch()
    (folder / "sitecustomize.py").write_text(EARS.format(log=str(log)))
    variables = {"HF_HUB_OFFLINE": "1", "HF_ENDPOINT": "http://127.0.0.1:9", "PYTHONPATH": str(folder)}
    with served_app(folder, variables, "--max-file-size", "1") as url:
        yield App(url, log, folder / "gradio")


@pytest.fixture
def stranger(app: App) -> Iterator[Stranger]:
    with Stranger(app.url) as stranger:
        yield stranger
