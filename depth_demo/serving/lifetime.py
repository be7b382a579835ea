"""From the start of the server to its end: a folder of its own for visitors' files, and a clean way out."""

from __future__ import annotations

import atexit
import ctypes
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

FOLDER_VARIABLE = "GRADIO_TEMP_DIR"
EXIT_WITHIN_S = 8.0
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # of malloc.h
_OWN: list[str] = []  # the folder, if it is ours to delete


def own_folder() -> Path:
    """Where Gradio puts uploads and results: as GRADIO_TEMP_DIR says, or a private folder that goes with the process.

    Gradio's own choice is one folder for all its apps and all users of the machine. The path is without links, in the
    variable too, so that all paths below it can be compared.
    """
    if FOLDER_VARIABLE not in os.environ:
        own = tempfile.mkdtemp(prefix="depth-demo-")
        os.environ[FOLDER_VARIABLE] = own
        _OWN.append(own)
        atexit.register(shutil.rmtree, own, ignore_errors=True)
    folder = Path(os.environ[FOLDER_VARIABLE]).resolve()
    os.environ[FOLDER_VARIABLE] = str(folder)
    return folder


def keep_memory_together() -> None:
    """Let all threads take memory from one heap that keeps what is freed, where the C library can be told.

    By itself it gives each thread a heap with holes of its own, and asks the system for every large array anew: a
    comparison at 12 megapixels then spends a third of its time on 600,000 page faults. `give_memory_back` is the other half.
    """
    _c_library("mallopt", M_ARENA_MAX, 1)
    _c_library("mallopt", M_MMAP_THRESHOLD, 2**30)
    _c_library("mallopt", M_TRIM_THRESHOLD, 2**31 - 1)


def give_memory_back() -> None:
    """Return to the system what the C library keeps of freed memory: half of a busy server's, where it can be asked to."""
    _c_library("malloc_trim", 0)


def _c_library(function: str, *arguments: int) -> None:
    with suppress(OSError, AttributeError, TypeError):  # not the GNU library, or no library by that name
        getattr(ctypes.CDLL(None), function)(*arguments)


def end_on_signals(close: Callable[[], None]) -> None:
    """On SIGTERM and Ctrl-C the server closes and files are deleted. A computation is not waited for longer than it may be.

    A second signal ends the process at once.

    Args:
        close: Closes the server, which ends the main thread's wait.
    """

    def end(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
        signal.signal(signum, signal.SIG_DFL)
        late = threading.Timer(EXIT_WITHIN_S, _leave)  # threads that compute cannot be stopped
        late.daemon = True
        late.start()
        close()

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, end)


def _leave() -> None:
    if _OWN:
        shutil.rmtree(_OWN[0], ignore_errors=True)
    os._exit(0)
