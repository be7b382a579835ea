"""From the start of the server to its end: a folder of its own for visitors' files, and a clean way out."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
import threading
from pathlib import Path
from types import FrameType

FOLDER_VARIABLE = "GRADIO_TEMP_DIR"
EXIT_WITHIN_S = 8.0


def own_folder() -> Path:
    """Where Gradio puts uploads and results: as GRADIO_TEMP_DIR says, or a private folder that goes with the process.

    Gradio's own choice is one folder for all its apps and all users of the machine.
    """
    if FOLDER_VARIABLE not in os.environ:
        folder = tempfile.mkdtemp(prefix="depth-demo-")
        os.environ[FOLDER_VARIABLE] = folder
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(os.environ[FOLDER_VARIABLE])


def end_on_termination() -> None:
    """On SIGTERM the server closes and files are deleted, as on Ctrl-C; a computation that goes on is not waited for."""

    def end(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        late = threading.Timer(EXIT_WITHIN_S, os._exit, [0])  # threads that compute cannot be stopped
        late.daemon = True
        late.start()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
