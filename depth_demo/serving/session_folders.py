"""Whole folders that belong to a session, such as an unpacked data set: they go with it, whatever they hold."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

FOLDERS = "folders"


class SessionFolders:
    """A folder for each session that asks for one. Threads may share it.

    Args:
        root: Where Gradio keeps files.
    """

    def __init__(self, root: Path) -> None:
        self._root = root / FOLDERS
        self._lock = threading.Lock()
        self._in_use: list[Path] = []  # once for each use

    def of(self, session: str) -> Path:
        """Return the folder of a session, which may have to be made. The session's name may hold anything: it is no path."""
        return self._root / hashlib.sha256(session.encode()).hexdigest()[:32]

    @contextmanager
    def in_use(self, folder: Path) -> Iterator[None]:
        """Keep a folder, and all that it lies in, even if its session ends meanwhile."""
        with self._lock:
            self._in_use.append(folder)
        try:
            yield
        finally:
            with self._lock:
                self._in_use.remove(folder)

    def beside(self, sessions: Iterable[str]) -> list[Path]:
        """Return the folders of all sessions but these."""
        if not self._root.is_dir():
            return []
        theirs = {self.of(session) for session in sessions}
        return [folder for folder in self._root.iterdir() if folder not in theirs]

    def delete(self, folders: Sequence[Path]) -> None:
        """Delete folders but those in use; whatever cannot be deleted stays until the next time."""
        for folder in folders:
            with self._lock:
                is_used = any(used.is_relative_to(folder) for used in self._in_use)
            if not is_used:
                shutil.rmtree(folder, ignore_errors=True)
