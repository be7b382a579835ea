"""From the start of the server to its end: a folder of its own for visitors' files, and a clean way out."""

from __future__ import annotations

import atexit
import gc
import inspect
import logging
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO, Any

FOLDER_VARIABLE = "GRADIO_TEMP_DIR"
LOCK = ".held-by-depth-demo"
EXIT_WITHIN_S = 8.0
_OWN: list[str] = []  # the folder, if it is ours to delete
_HELD: dict[Path, IO[bytes]] = {}  # the locks of this process, by folder


@contextmanager
def quick_start() -> Iterator[None]:
    """Collect no garbage meanwhile, and never look through what is there afterwards. Import Gradio without its stubs.

    Looking for garbage again and again takes a fifth of the start; later it would hold up every visitor for 0.2 s.
    """
    gc.disable()
    try:
        _import_gradio()
        yield
    finally:
        gc.enable()
        gc.freeze()


def _import_gradio() -> None:
    """Import Gradio, which finds no source of its components meanwhile.

    Otherwise it reads and compares a stub for editors beside the source of each component, a third of its import.
    """
    getfile = inspect.getfile

    def without_components(named: Any) -> str:  # noqa: ANN401
        if str(getattr(named, "__module__", "")).startswith("gradio."):
            raise OSError("No stubs are wanted.")
        return getfile(named)

    inspect.getfile = without_components  # type: ignore[assignment]
    try:
        import gradio  # noqa: F401
    finally:
        inspect.getfile = getfile


def own_folder() -> Path:
    """Return where Gradio puts uploads and results: GRADIO_TEMP_DIR, or a private folder that goes with the process.

    Gradio's own choice is one folder for all its apps and all users of the machine. The path is without links, in the
    variable too, so that all paths below it can be compared.

    Raises:
        ValueError: If another process that lives keeps files there: each deletes what it does not know.
    """
    if FOLDER_VARIABLE not in os.environ:
        own = tempfile.mkdtemp(prefix="depth-demo-")
        os.environ[FOLDER_VARIABLE] = own
        _OWN.append(own)
        atexit.register(shutil.rmtree, own, ignore_errors=True)
    folder = Path(os.environ[FOLDER_VARIABLE]).resolve()
    os.environ[FOLDER_VARIABLE] = str(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if folder not in _HELD:
        _HELD[folder] = _lock(folder)
    return folder


def _lock(folder: Path) -> IO[bytes]:
    """Return an open file whose lock keeps other processes out, where the system has such locks.

    The kernel releases the lock when this process ends, however it ends. Its children do not hold the lock.
    """
    lock = (folder / LOCK).open("ab")
    try:
        import fcntl
    except ImportError:  # Windows
        return lock
    os.register_at_fork(after_in_child=lock.close)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise ValueError(
            f"Another Depth Demo keeps its files in {folder}, and each would delete the other's: "
            f"give this one a folder of its own by {FOLDER_VARIABLE}, or none."
        ) from None
    except OSError:  # a network file system without locks
        logging.getLogger(__name__).warning("%s cannot be locked: see that no other Depth Demo uses it.", folder)
    return lock


def end_on_signals(close: Callable[[], None]) -> None:
    """Close the server and delete files on SIGTERM and Ctrl-C. A computation is waited for only a few seconds.

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
    for child in multiprocessing.active_children():  # which would outlive a process that ends like this
        child.kill()
    if _OWN:
        shutil.rmtree(_OWN[0], ignore_errors=True)
    os._exit(0)
